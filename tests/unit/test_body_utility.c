/* Utilities as bodies in a park: chiller, compressor, ORC deliver what follows from the
 * schedule or the followed kiln, their power is on the bus, trips act, what is rated is kept.
 */
#include "sim/plant_compressor.h"
#include "tests/support/world_rig.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define UTILITIES "tests/data/utilities_park.yaml"
#define NOON "2025-07-14T12:00:00+08:00"

/* Every row of these kinds is served, none can be written, all are within their range. */
static void rows_are_read_only(void **state)
{
    (void)state;
    static const char *const device[] = {"cold", "air", "water", "orc1"};
    struct world_rig r;
    world_rig_open(&r, UTILITIES, NOON, 1);
    world_rig_run(&r, 7200);
    for (int i = 0; i < 4; i++) {
        assert_true(world_body(r.world, park_device(r.park, device[i]))->on_bus);
        world_rig_rows(&r, device[i], false);
    }
    world_rig_close(&r);
}

/* Cold as the schedule wants it, for a power that the temperatures of the hour decide. */
static void chiller_follows_schedule(void **state)
{
    (void)state;
    struct world_rig r;
    world_rig_open(&r, UTILITIES, NOON, 1);
    world_rig_run(&r, 3600);
    double cold = world_rig_get(&r, "cold", CHILLER_COLD_KWH),
           draw = world_rig_get(&r, "cold", CHILLER_DRAW_KWH);
    world_rig_run(&r, 3600);
    cold = world_rig_get(&r, "cold", CHILLER_COLD_KWH) - cold;
    draw = world_rig_get(&r, "cold", CHILLER_DRAW_KWH) - draw;
    assert_true(fabs(cold - 5.5 * 100) < 30); /* 100 kW in the schedule */
    assert_true(cold / draw > 4.5 && cold / draw < 8);
    assert_int_equal((int)world_rig_get(&r, "cold", CHILLER_STATE), RUN_ON);
    assert_true(world_rig_get(&r, "cold", CHILLER_CONDENSER_DEGC) >= 20);
    /* a trip stops it, and it comes back after its least time off and its start */
    assert_int_equal(world_trip(r.world, park_device(r.park, "cold"), 60), 1);
    world_rig_run(&r, 2);
    assert_int_equal((int)world_rig_get(&r, "cold", CHILLER_STATE), RUN_FAULT);
    assert_true(world_rig_get(&r, "cold", P_KW) == 0 &&
                world_rig_get(&r, "cold", CHILLER_COLD_KW) == 0);
    world_rig_run(&r, 300);
    assert_true(world_rig_get(&r, "cold", CHILLER_COLD_KW) == 0);
    world_rig_run(&r, 420);
    assert_true(world_rig_get(&r, "cold", CHILLER_COLD_KW) > 300);
    world_rig_close(&r);
}

/* The receiver stays in its band; the mean power is what the schedule says and idling costs. */
static void compressor_keeps_pressure(void **state)
{
    (void)state;
    struct world_rig r;
    world_rig_open(&r, UTILITIES, NOON, 1);
    double lo = INFINITY, hi = 0, most = 0;
    world_rig_run(&r, 600);
    double draw = world_rig_get(&r, "air", COMPRESSOR_DRAW_KWH), air = 0;
    for (int i = 0; i < 3 * 3600; i++) {
        world_step(r.world);
        lo = fmin(lo, world_rig_get(&r, "air", COMPRESSOR_BAR));
        hi = fmax(hi, world_rig_get(&r, "air", COMPRESSOR_BAR));
        most = fmax(most, -world_rig_get(&r, "air", P_KW));
        air += world_rig_get(&r, "air", COMPRESSOR_AIR_M3_PER_H) / 3600;
    }
    draw = world_rig_get(&r, "air", COMPRESSOR_DRAW_KWH) - draw;
    assert_true(lo > 6.6 && hi < 7.7);
    assert_true(most > 85 && most < 91); /* its nameplate, 90 kW */
    assert_true(draw > 0.95 * 3 * 60 && draw < 1.3 * 3 * 60);
    assert_true(draw / air > plant_compressor_kwh_per_m3(7, 1) / 0.72 &&
                draw / air < 1.3 * plant_compressor_kwh_per_m3(7.5, 1) / 0.72);
    assert_int_equal(world_trip(r.world, park_device(r.park, "air"), 600), 1);
    world_rig_run(&r, 590);
    assert_true(world_rig_get(&r, "air", COMPRESSOR_BAR) < 6);
    assert_true(world_rig_get(&r, "air", P_KW) == 0);
    world_rig_close(&r);
}

/* The float switch keeps the level in its band; energy is what the water at the rated point
 * costs. */
static void pump_keeps_level(void **state)
{
    (void)state;
    struct world_rig r;
    world_rig_open(&r, UTILITIES, "2025-07-14T08:00:00+08:00", 1);
    double lo = 1, hi = 0, most = 0, first = world_rig_get(&r, "water", PUMP_LEVEL_PU),
           pumped = 0;
    for (int i = 0; i < 8 * 3600; i++) {
        world_step(r.world);
        lo = fmin(lo, world_rig_get(&r, "water", PUMP_LEVEL_PU));
        hi = fmax(hi, world_rig_get(&r, "water", PUMP_LEVEL_PU));
        most = fmax(most, -world_rig_get(&r, "water", P_KW));
        pumped += world_rig_get(&r, "water", PUMP_FLOW_M3_PER_H) / 3600;
    }
    /* 0.68 of the energy lifts the water by 50 m */
    double kwh_per_m3 = 9.80665 * 50 / 0.68 / 3600,
           draw = world_rig_get(&r, "water", PUMP_DRAW_KWH);
    double left = (world_rig_get(&r, "water", PUMP_LEVEL_PU) - first) * 150;
    assert_true(lo > 0.28 && lo < 0.32 && hi > 0.88 && hi < 0.92);
    assert_true(fabs(most - 45) < 0.5);
    assert_true(fabs(draw / pumped / kwh_per_m3 - 1) < 0.02);
    assert_true(fabs((pumped - left) * kwh_per_m3 - 8 * 20) < 0.05 * 8 * 20);
    assert_int_equal(world_trip(r.world, park_device(r.park, "water"), 60), 1);
    world_rig_run(&r, 30);
    assert_true(world_rig_get(&r, "water", P_KW) == 0 &&
                world_rig_get(&r, "water", PUMP_STATE) == RUN_FAULT);
    world_rig_close(&r);
}

/* It warms up for 20 minutes on the kiln's heat, then gives a share of it; without the kiln it
 * draws for itself. */
static void orc_follows_kiln(void **state)
{
    (void)state;
    struct world_rig r;
    world_rig_open(&r, UTILITIES, NOON, 1);
    world_rig_run(&r, 60);
    assert_true(world_rig_get(&r, "orc1", P_KW) == -1);
    world_rig_run(&r, 7140);
    double fans = -world_rig_get(&r, "fans", P_KW),
           heat = world_rig_get(&r, "orc1", ORC_HEAT_KW);
    double kw = world_rig_get(&r, "orc1", P_KW);
    assert_int_equal((int)world_rig_get(&r, "orc1", ORC_STATE), RUN_ON);
    assert_true(fans > 100 && fabs(heat - fmin(6.5 * fans, 100 / 0.095)) < 0.02 * heat);
    assert_true(kw / heat > 0.085 && kw / heat < 0.11);
    assert_true(world_rig_get(&r, "orc1", ORC_YIELD_KWH) > 60);
    assert_int_equal(world_trip(r.world, park_device(r.park, "fans"), 3 * 3600), 1);
    world_rig_run(&r, 3600);
    assert_int_equal((int)world_rig_get(&r, "orc1", ORC_STATE), RUN_OFF);
    assert_true(world_rig_get(&r, "orc1", P_KW) == -1);
    world_rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_read_only),        cmocka_unit_test(chiller_follows_schedule),
        cmocka_unit_test(compressor_keeps_pressure), cmocka_unit_test(pump_keeps_level),
        cmocka_unit_test(orc_follows_kiln),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
