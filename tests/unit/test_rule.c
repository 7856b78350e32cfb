/* Rules without a plan: tariff bands, thermostats, orders as soon as their windows open. */
#include "controller/base/civil.h"
#include "controller/dispatch/rule.h"
#include "tests/support/bench_park.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct bench b;
static struct rule_facts f;

static void setup(void)
{
    bench_open(&b, "etc/parks/ceramics.yaml", "2025-07-15T09:00:00+08:00");
    bench_run(&b, 2);
    orders_init(&b.core.orders, b.park);
    orders_expand(&b.core.orders, b.wall);
    f = (struct rule_facts){.park = b.park,
                            .image = &b.core.frozen,
                            .orders = &b.core.orders,
                            .wall = b.wall,
                            .price = 0.76,
                            .price_min = 0.38,
                            .price_max = 1.33,
                            .rest_kw = 3000,
                            .import_kw_max = 4000,
                            .guard_kw = 40};
}

/* What the rule wants of a device. */
static struct unit *want(const char *name)
{
    int d = bench_device(&b, name);
    rule_want(&b.core.unit[d], d, &f);
    return &b.core.unit[d];
}

static void tank(double soc, enum quality q)
{
    b.core.frozen.reading[park_point(b.park, b.park->tank, TANK_SOC_PU)] =
        (struct reading){soc, q, b.now};
}

static void test_battery(void **state)
{
    (void)state;
    setup();
    f.net_kw = 3000;
    assert_true(want("bess1")->want_kw == 0);
    f.price = 0.40;
    assert_true(want("bess1")->want_kw == -600); /* 90 % of the ceiling less the rest */
    f.net_kw = 1000;
    assert_true(want("bess1")->want_kw == -625);
    f.net_kw = 4500;
    assert_true(want("bess1")->want_kw == 0);
    f.price = 1.33;
    assert_true(want("bess1")->want_kw == 1250);
    f.net_kw = 240;
    assert_true(want("bess1")->want_kw == 200); /* down to the guard */
    f.net_kw = -500;
    assert_true(want("bess1")->want_kw == 0);
    f.batteries_kw = 2500; /* two of them share it */
    f.net_kw = 240;
    assert_true(want("bess1")->want_kw == 100);
    f.price = f.price_min = f.price_max; /* one price all day: no reason to cycle */
    f.rest_kw = 3000;
    assert_true(want("bess1")->want_kw == 0);
    bench_close(&b);
}

static void test_heat(void **state)
{
    (void)state;
    setup();
    struct unit *hp = want("hp1");
    hp->on = false;
    tank(0.6, QUALITY_GOOD);
    assert_false(want("hp1")->want_on);
    hp->on = true; /* hysteresis */
    assert_true(want("hp1")->want_on && hp->want_kw == -400);
    tank(0.86, QUALITY_GOOD);
    assert_false(want("hp1")->want_on);
    assert_true(hp->want_kw == 0);
    hp->on = false;
    tank(0.49, QUALITY_GOOD);
    assert_true(want("hp1")->want_on);
    tank(0.9, QUALITY_STALE); /* nobody freezes for a lost sensor */
    assert_true(want("hp1")->want_on);
    assert_true(want("gas_boiler")->want_heat_kw == 2000);
    tank(0.3, QUALITY_GOOD);
    want("gas_boiler")->on = false;
    assert_true(want("gas_boiler")->want_heat_kw == 0);
    bench_close(&b);
}

static void test_storage_boiler_and_chp(void **state)
{
    (void)state;
    setup();
    tank(0.6, QUALITY_GOOD);
    assert_true(want("ets")->want_kw == 0);
    f.price = 0.38;
    assert_true(want("ets")->want_kw == -600);
    assert_true(want("ets")->want_heat_kw == 0);
    assert_false(want("chp")->want_on);
    f.price = 1.33;
    assert_true(want("chp")->want_on && want("chp")->want_kw == 1000);
    tank(0.9, QUALITY_GOOD); /* no use for its heat */
    want("chp")->on = false;
    assert_false(want("chp")->want_on);
    tank(0.3, QUALITY_GOOD);
    want("ets")->on = false;
    assert_true(want("ets")->want_kw == 0 && want("ets")->want_heat_kw == 1500);
    bench_close(&b);
}

static void test_mills_and_free_running(void **state)
{
    (void)state;
    setup();
    assert_true(want("mill1")->want_on && want("mill1")->want_kw == -160);
    orders_open(&b.core.orders, bench_device(&b, "mill1"), f.wall)->m.done_kwh = 1600;
    assert_false(want("mill1")->want_on);
    assert_true(want("pv_a")->want_kw == 2200);
    assert_true(want("k1")->want_kw == -560);
    assert_true(want("ev1")->want_kw == -120);
    bench_close(&b);
}

static int planned(const char *prefix)
{
    int k = 0;
    for (int i = 0; i < b.core.orders.n; i++) {
        const struct order_run *r = &b.core.orders.run[i];
        k += strncmp(r->m.id, prefix, strlen(prefix)) == 0 && r->m.planned.ms != 0;
    }
    return k;
}

/* Firings start one after the other into the room that the ceiling leaves, and in any case
 * before their window closes. */
static void test_firings(void **state)
{
    (void)state;
    setup();
    f.rest_kw = 4000 - 800; /* glost until 10:00, 360 kW each */
    rule_orders(&f);
    assert_int_equal(planned("glost"), 2);
    assert_int_equal(planned("decal_k7_b"), 0); /* its window opens at 14:30 */
    f.rest_kw = 4000;
    rule_orders(&f);
    assert_int_equal(planned("glost"), 0);
    assert_int_equal(civil_parse("2025-07-15T09:46:00+08:00", &f.wall), ERR_OK);
    rule_orders(&f);
    assert_int_equal(planned("glost"), 4); /* last call */
    assert_int_equal(planned("decal"), 0);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_battery),
        cmocka_unit_test(test_heat),
        cmocka_unit_test(test_storage_boiler_and_chp),
        cmocka_unit_test(test_mills_and_free_running),
        cmocka_unit_test(test_firings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
