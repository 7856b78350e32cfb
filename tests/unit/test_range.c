/* Nameplate ranges and each guard alone. That guards only narrow is proved in prop/test_guards.
 */
#include "controller/dispatch/range.h"
#include "tests/support/bench_park.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct bench b;
static struct range_facts facts;

static void setup(void)
{
    bench_open(&b, "etc/parks/ceramics.yaml", "2025-07-15T09:00:00+08:00");
    bench_run(&b, 5);
    facts = (struct range_facts){.image = &b.core.frozen,
                                 .now = b.now,
                                 .pcc_known = true,
                                 .pv_blind_kw = 530,
                                 .pv_rated_kw = 5300};
}

static struct unit *unit(const char *name)
{
    return &b.core.unit[bench_device(&b, name)];
}

static void see(const char *name, int row, double value, enum quality q)
{
    int point = park_point(b.park, bench_device(&b, name), row);
    b.core.frozen.reading[point] = (struct reading){value, q, b.now};
}

/* The range of a device under the facts; true if it is [lo, hi]. */
static bool range_is(const char *name, double lo, double hi)
{
    struct unit *u = unit(name);
    range_set(u, bench_device(&b, name), &facts);
    if (fabs(u->lo_kw - lo) > 0.01 || fabs(u->hi_kw - hi) > 0.01) {
        print_message("%s: [%g, %g], not [%g, %g]\n", name, u->lo_kw, u->hi_kw, lo, hi);
        return false;
    }
    return true;
}

static void test_nameplate(void **state)
{
    (void)state;
    setup();
    assert_true(range_is("bess1", -1250, 1250));
    assert_true(range_is("pv_a", 0, 2200));
    assert_true(range_is("wt1", 0, 250));
    assert_true(range_is("k1", -560, -560 * 0.92));
    assert_true(range_is("ets", -2000, 0));
    assert_true(range_is("ev1", -120, 0));
    assert_true(range_is("hp1", -400, 0));
    /* rigid, and what is not ours now: it stays where it is */
    double k3 = unit("k3")->now_kw;
    assert_true(range_is("k3", k3, k3));
    unit("pv_a")->steered = false;
    unit("pv_a")->now_kw = 777;
    assert_true(range_is("pv_a", 777, 777));
    bench_close(&b);
}

static void test_soc(void **state)
{
    (void)state;
    setup();
    see("bess1", BATTERY_SOC_PU, 0.1, QUALITY_GOOD);
    assert_true(range_is("bess1", -1250, 0));
    see("bess1", BATTERY_SOC_PU, 0.05, QUALITY_GOOD); /* below the band: never further */
    assert_true(range_is("bess1", -1250, 0));
    see("bess1", BATTERY_SOC_PU, 0.11, QUALITY_GOOD);
    assert_true(range_is("bess1", -1250, 625));
    see("bess1", BATTERY_SOC_PU, 0.895, QUALITY_GOOD);
    assert_true(range_is("bess1", -312.5, 1250));
    see("bess1", BATTERY_SOC_PU, 0.93, QUALITY_GOOD);
    assert_true(range_is("bess1", 0, 1250));
    see("bess1", BATTERY_SOC_PU, 0.5, QUALITY_STALE);
    assert_true(range_is("bess1", 0, 0));
    bench_close(&b);
}

static void test_core_full(void **state)
{
    (void)state;
    setup();
    see("ets", SB_SOC_PU, 0.985, QUALITY_GOOD);
    assert_true(range_is("ets", -2000, 0));
    see("ets", SB_SOC_PU, 0.99, QUALITY_GOOD);
    assert_true(range_is("ets", 0, 0));
    see("ets", SB_SOC_PU, 0.5, QUALITY_BAD);
    assert_true(range_is("ets", 0, 0));
    bench_close(&b);
}

static void test_chp(void **state)
{
    (void)state;
    setup();
    see("chp", CHP_STATE, RUN_ON, QUALITY_GOOD);
    assert_true(range_is("chp", 500, 1000));
    see("chp", CHP_STATE, RUN_STARTING, QUALITY_GOOD);
    unit("chp")->now_kw = 120;
    assert_true(range_is("chp", 120, 120));
    see("chp", CHP_STATE, RUN_ON, QUALITY_STALE);
    assert_true(range_is("chp", 120, 120));
    bench_close(&b);
}

static void test_minimum_times(void **state)
{
    (void)state;
    setup();
    struct unit *hp = unit("hp1");
    hp->on = true;
    hp->on_changed = mono_sub(b.now, MONO_S(19 * 60));
    assert_true(range_is("hp1", -400, -120));
    hp->on_changed = mono_sub(b.now, MONO_S(20 * 60));
    assert_true(range_is("hp1", -400, 0));
    struct unit *mill = unit("mill1");
    mill->on = true;
    mill->on_changed = mono_sub(b.now, MONO_S(599));
    assert_true(range_is("mill1", -160, -160));
    mill->on_changed = b.now;
    facts.now = mono_add(b.now, MONO_S(3599)); /* its least run is an hour */
    assert_true(range_is("mill1", -160, -160));
    facts.now = mono_add(b.now, MONO_S(3600));
    assert_true(range_is("mill1", -160, 0));
    facts.now = b.now;
    mill->on = false;
    assert_true(range_is("mill1", 0, 0));
    mill->on_changed = mono_sub(b.now, MONO_S(601));
    assert_true(range_is("mill1", -160, 0));
    bench_close(&b);
}

static void test_trim(void **state)
{
    (void)state;
    setup();
    struct unit *k = unit("k1");
    const double since_s[] = {100, 899, 901, 1799, 1801};
    const double hi[] = {-515.2, -515.2, -560, -560, -515.2};
    for (int i = 0; i < 5; i++) {
        facts.now = mono_add(b.now, MONO_S(2000)); /* the bench starts at 1000 s */
        k->trimmed = mono_sub(facts.now, MONO_S(since_s[i]));
        assert_true(range_is("k1", -560, hi[i]));
    }
    bench_close(&b);
}

static void test_turns(void **state)
{
    (void)state;
    setup();
    struct unit *u = unit("bess1");
    for (int i = 0; i < 10 && u->turns < UNIT_TURNS_MAX - 1; i++) {
        u->cmd_kw = i % 2 == 0 ? 100 : -100;
        unit_note_turn(u, b.now);
        u->cmd_kw = 3; /* idling is no direction */
        unit_note_turn(u, b.now);
    }
    assert_int_equal(u->turns, UNIT_TURNS_MAX - 1);
    assert_int_equal(u->direction, -1);
    facts.now = mono_add(b.now, MONO_S(UNIT_REST_S + 1));
    assert_true(range_is("bess1", -1250, 0)); /* the last one is kept to charge again */
    facts.now = mono_add(b.now, MONO_S(UNIT_TURNS_S + 1));
    assert_true(range_is("bess1", -1250, 1250));
    u->cmd_kw = 100;
    unit_note_turn(u, facts.now);
    assert_true(range_is("bess1", -1250, 1250)); /* what discharges may always charge */
    u->cmd_kw = -100;
    unit_note_turn(u, facts.now);
    assert_true(range_is("bess1", -1250, 0)); /* what charges rests before it discharges */
    facts.now = mono_add(facts.now, MONO_S(UNIT_REST_S + 1));
    assert_true(range_is("bess1", -1250, 1250));
    bench_close(&b);
}

static void test_blind(void **state)
{
    (void)state;
    setup();
    facts.pcc_known = false;
    assert_true(range_is("bess1", 0, 0));
    assert_true(range_is("pv_a", 0, 220));
    assert_true(range_is("wt1", 0, 25));
    assert_true(range_is("ets", -2000, 0)); /* what draws cannot export */
    facts.pv_blind_kw = 1e6;
    assert_true(range_is("pv_a", 0, 2200));
    bench_close(&b);
}

static void test_names(void **state)
{
    (void)state;
    for (int i = 0; i < range_guards(); i++) {
        assert_true(strlen(range_guard_name(i)) > 0);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(range_guard_name(i), range_guard_name(j));
        }
    }
    assert_true(range_guards() >= 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nameplate), cmocka_unit_test(test_soc),
        cmocka_unit_test(test_core_full), cmocka_unit_test(test_chp),
        cmocka_unit_test(test_trim),      cmocka_unit_test(test_minimum_times),
        cmocka_unit_test(test_turns),     cmocka_unit_test(test_blind),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
