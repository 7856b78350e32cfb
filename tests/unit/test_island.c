/* A park that loses its grid: with a storage that forms one it goes on by droop, sun follows
 * the frequency, the meter shows an open switch; without one, or when the island is lost, it is
 * dark; both end when the grid is back. */
#include "sim/body.h"
#include "sim/setup.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SITE "tests/data/site_park.yaml"

struct rig {
    struct arena arena;
    struct setup set;
};

static void rig_open(struct rig *r, const char *park, const char *start)
{
    const struct setup_ask ask = {.who = "test",
                                  .park = park,
                                  .devices = "etc/devices",
                                  .start = start,
                                  .seed = 1,
                                  .dt_s = 0.1};
    memset(r, 0, sizeof *r);
    arena_init(&r->arena, 128u << 20);
    assert_int_equal(setup_load(&r->set, &r->arena, &ask), 0);
    assert_int_equal(setup_build(&r->set, &r->arena, &ask), ERR_OK);
}

static double get(const struct rig *r, const char *device, int row)
{
    return world_get(r->set.world, park_device(r->set.park, device), row);
}

static void set(struct rig *r, const char *device, int row, double value)
{
    assert_int_equal(device_set(&r->set.devices, park_device(r->set.park, device), row, value),
                     ERR_OK);
}

static void run(struct rig *r, double s)
{
    double until_s = world_elapsed_s(r->set.world) + s - 1e-9;
    while (world_elapsed_s(r->set.world) < until_s) {
        setup_step(&r->set);
    }
}

static void outage(struct rig *r, bool on)
{
    char why[FAULT_WHY_LEN] = "";
    int pcc = r->set.park->pcc;
    int n = on ? faults_inject(&r->set.faults, pcc, "grid_outage", INFINITY, why)
               : faults_clear(&r->set.faults, pcc, "grid_outage", why);
    assert_true(n > 0);
}

/* Sum of all on the bus that do not hold it. */
static double load_kw(const struct rig *r)
{
    double kw = 0;
    for (int d = 0; d < r->set.park->devices; d++) {
        const struct body *b = world_body(r->set.world, d);
        kw -= b->on_bus && isnan(b->forming_kw) ? b->kw : 0;
    }
    return kw;
}

/* At night the battery alone carries the works: its droop says the frequency, 3 % at its rated
 * 200 kW; 10 s after the grid is back the switch closes and it obeys again. */
static void battery_carries_the_park(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, SITE, "2025-01-14T22:00:00+08:00");
    set(&r, "bess1", BATTERY_RUN, 1);
    run(&r, 30);
    double before_kw = -get(&r, "works", P_KW);
    outage(&r, true);
    run(&r, 20);
    double carried_kw = load_kw(&r), kw = get(&r, "bess1", P_KW);
    double hz = get(&r, "pcc", METER_HZ);
    assert_true(-get(&r, "works", P_KW) > 0.8 * before_kw);
    assert_true(carried_kw > 100 && fabs(kw - carried_kw) < 0.03 * carried_kw);
    assert_true(fabs(hz - 50 * (1 - 0.03 * kw / 200)) < 0.02);
    assert_true(get(&r, "pcc", P_KW) == 0 && get(&r, "pcc", METER_V) > 200);
    set(&r, "bess1", BATTERY_SET_KW, -50); /* it has other things to do */
    run(&r, 2);
    assert_true(get(&r, "bess1", P_KW) > 100);
    outage(&r, false);
    run(&r, 5);
    assert_true(get(&r, "pcc", P_KW) == 0);
    run(&r, 10);
    assert_true(get(&r, "pcc", P_KW) > 100 && fabs(get(&r, "pcc", METER_HZ) - 50) < 0.1);
    set(&r, "bess1", BATTERY_SET_KW, -50);
    run(&r, 2);
    assert_true(fabs(get(&r, "bess1", P_KW) + 50) < 2);
    arena_fini(&r.arena);
}

/* At noon the sun gives more than is taken: the battery charges, its droop raises the
 * frequency, and that takes the sun back. Once it is full nothing can hold it: it is lost. */
static void sun_follows_the_frequency(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, SITE, "2025-07-14T12:00:00+08:00");
    int works = park_device(r.set.park, "works"), office = park_device(r.set.park, "office");
    set(&r, "bess1", BATTERY_RUN, 1);
    run(&r, 400);
    double free_kw = get(&r, "pv1", P_KW);
    assert_int_equal(world_load_step(r.set.world, works, -340), 1);
    assert_int_equal(world_trip(r.set.world, office, INFINITY), 1);
    outage(&r, true);
    run(&r, 60);
    double hz = get(&r, "pcc", METER_HZ), pv_kw = get(&r, "pv1", P_KW);
    double store_kw = get(&r, "bess1", P_KW);
    assert_true(free_kw > 120 && pv_kw < 0.95 * free_kw);
    assert_true(fabs(pv_kw - 300 * (1 - (hz - 50.2) / 1.2)) < 15);
    assert_true(store_kw < -60 && fabs(hz - 50 * (1 - 0.03 * store_kw / 200)) < 0.05);
    outage(&r, false);
    run(&r, 30);
    assert_true(get(&r, "pv1", P_KW) >= 0 && get(&r, "pcc", METER_V) > 200);
    arena_fini(&r.arena);
}

/* More than the battery can carry: the frequency falls out of its band and all is dark, until
 * the grid is back. */
static void overload_loses_it(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, SITE, "2025-01-14T10:00:00+08:00");
    int works = park_device(r.set.park, "works");
    set(&r, "bess1", BATTERY_RUN, 1);
    assert_int_equal(world_load_step(r.set.world, works, 150), 1);
    run(&r, 30);
    outage(&r, true);
    run(&r, 10);
    assert_true(get(&r, "works", P_KW) == 0 && get(&r, "bess1", P_KW) == 0);
    assert_true(get(&r, "pcc", METER_V) == 0 && get(&r, "pcc", METER_HZ) == 0);
    outage(&r, false);
    run(&r, 5);
    assert_true(get(&r, "works", P_KW) < -300 && get(&r, "pcc", P_KW) > 200);
    arena_fini(&r.arena);
}

/* A battery that is off, or that no key says can do it, holds nothing. */
static void nobody_forms_it(void **state)
{
    (void)state;
    static const char *const park[] = {SITE, "etc/parks/small.yaml"};
    for (int i = 0; i < 2; i++) {
        struct rig r;
        rig_open(&r, park[i], "2025-07-14T22:00:00+08:00");
        set(&r, "bess1", BATTERY_RUN, i);
        run(&r, 30);
        outage(&r, true);
        run(&r, 2);
        assert_true(get(&r, "works", P_KW) == 0 && get(&r, "pcc", METER_V) == 0);
        outage(&r, false);
        run(&r, 2);
        assert_true(get(&r, "works", P_KW) < -50 && get(&r, "pcc", METER_V) > 200);
        arena_fini(&r.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(battery_carries_the_park),
        cmocka_unit_test(sun_follows_the_frequency),
        cmocka_unit_test(overload_loses_it),
        cmocka_unit_test(nobody_forms_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
