/* Utilities as bodies in a park: chiller, compressor, ORC deliver what follows from the
 * schedule or the followed kiln, their power is on the bus, trips act, what is rated is kept.
 */
#include "controller/base/civil.h"
#include "sim/body.h"
#include "sim/plant_compressor.h"
#include "sim/world.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct rig {
    struct world *world;
    struct park *park;
    int cold, air, water, orc, fans;
    struct env env;
    struct arena arena;
};

static void rig_open(struct rig *r, const char *start)
{
    static const char file[] = "tests/data/utilities_park.yaml";
    struct doc_errors errors = {.count = 0};
    struct series_file *weather;
    struct world_setup setup = {.env = &r->env, .seed = 1, .dt_s = 1};
    memset(r, 0, sizeof *r);
    arena_init(&r->arena, 64u << 20);
    assert_int_equal(park_load(&r->arena, file, &r->park, &errors), ERR_OK);
    setup.park = r->park;
    assert_int_equal(civil_zone_set(r->park->zone), ERR_OK);
    assert_int_equal(civil_parse(start, &setup.start), ERR_OK);
    assert_int_equal(series_load(&r->arena, r->park->weather, &weather, &errors), ERR_OK);
    assert_int_equal(env_init(&r->env, &r->arena, r->park, 1, weather), ERR_OK);
    assert_int_equal(world_init(&r->world, &r->arena, &setup), ERR_OK);
    r->cold = park_device(r->park, "cold");
    r->air = park_device(r->park, "air");
    r->water = park_device(r->park, "water");
    r->orc = park_device(r->park, "orc1");
    r->fans = park_device(r->park, "fans");
}

static double get(const struct rig *r, int device, int row)
{
    return world_get(r->world, device, row);
}

static void run(struct rig *r, int s)
{
    for (int i = 0; i < s; i++) {
        world_step(r->world);
    }
}

/* Every row of these kinds is served, none can be written, all are within their range. */
static void rows_are_read_only(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "2025-07-14T12:00:00+08:00");
    const int device[] = {r.cold, r.air, r.water, r.orc};
    run(&r, 7200);
    for (int i = 0; i < 4; i++) {
        const struct kind_def *k = dict_kind(r.park->device[device[i]].kind);
        assert_true(k->on_bus);
        for (int row = 0; row < k->points; row++) {
            double lo, hi, v = get(&r, device[i], row);
            park_point_range(r.park, park_point(r.park, device[i], row), &lo, &hi);
            assert_false(k->point[row].writable);
            assert_true(v >= lo && v <= hi);
        }
    }
    arena_fini(&r.arena);
}

/* Cold as the schedule wants it, for a power that the temperatures of the hour decide. */
static void chiller_follows_schedule(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "2025-07-14T12:00:00+08:00");
    run(&r, 3600);
    double cold = get(&r, r.cold, CHILLER_COLD_KWH), draw = get(&r, r.cold, CHILLER_DRAW_KWH);
    run(&r, 3600);
    cold = get(&r, r.cold, CHILLER_COLD_KWH) - cold;
    draw = get(&r, r.cold, CHILLER_DRAW_KWH) - draw;
    assert_true(fabs(cold - 5.5 * 100) < 30); /* 100 kW in the schedule */
    assert_true(cold / draw > 4.5 && cold / draw < 8);
    assert_int_equal((int)get(&r, r.cold, CHILLER_STATE), RUN_ON);
    assert_true(get(&r, r.cold, CHILLER_CONDENSER_DEGC) >= 20);
    /* a trip stops it, and it comes back after its least time off and its start */
    assert_int_equal(world_trip(r.world, r.cold, 60), 1);
    run(&r, 2);
    assert_int_equal((int)get(&r, r.cold, CHILLER_STATE), RUN_FAULT);
    assert_true(get(&r, r.cold, P_KW) == 0 && get(&r, r.cold, CHILLER_COLD_KW) == 0);
    run(&r, 300);
    assert_true(get(&r, r.cold, CHILLER_COLD_KW) == 0);
    run(&r, 420);
    assert_true(get(&r, r.cold, CHILLER_COLD_KW) > 300);
    arena_fini(&r.arena);
}

/* The receiver stays in its band; the mean power is what the schedule says and idling costs. */
static void compressor_keeps_pressure(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "2025-07-14T12:00:00+08:00");
    double lo = INFINITY, hi = 0, most = 0;
    run(&r, 600);
    double draw = get(&r, r.air, COMPRESSOR_DRAW_KWH), air = 0;
    for (int i = 0; i < 3 * 3600; i++) {
        world_step(r.world);
        lo = fmin(lo, get(&r, r.air, COMPRESSOR_BAR));
        hi = fmax(hi, get(&r, r.air, COMPRESSOR_BAR));
        most = fmax(most, -get(&r, r.air, P_KW));
        air += get(&r, r.air, COMPRESSOR_AIR_M3_PER_H) / 3600;
    }
    draw = get(&r, r.air, COMPRESSOR_DRAW_KWH) - draw;
    assert_true(lo > 6.6 && hi < 7.7);
    assert_true(most > 85 && most < 91); /* its nameplate, 90 kW */
    assert_true(draw > 0.95 * 3 * 60 && draw < 1.3 * 3 * 60);
    assert_true(draw / air > plant_compressor_kwh_per_m3(7, 1) / 0.72 &&
                draw / air < 1.3 * plant_compressor_kwh_per_m3(7.5, 1) / 0.72);
    assert_int_equal(world_trip(r.world, r.air, 600), 1);
    run(&r, 590);
    assert_true(get(&r, r.air, COMPRESSOR_BAR) < 6);
    assert_true(get(&r, r.air, P_KW) == 0);
    arena_fini(&r.arena);
}

/* The float switch keeps the level in its band; energy is what the water at the rated point
 * costs. */
static void pump_keeps_level(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "2025-07-14T08:00:00+08:00");
    double lo = 1, hi = 0, most = 0, first = get(&r, r.water, PUMP_LEVEL_PU), pumped = 0;
    for (int i = 0; i < 8 * 3600; i++) {
        world_step(r.world);
        lo = fmin(lo, get(&r, r.water, PUMP_LEVEL_PU));
        hi = fmax(hi, get(&r, r.water, PUMP_LEVEL_PU));
        most = fmax(most, -get(&r, r.water, P_KW));
        pumped += get(&r, r.water, PUMP_FLOW_M3_PER_H) / 3600;
    }
    /* 0.68 of the energy lifts the water by 50 m */
    double kwh_per_m3 = 9.80665 * 50 / 0.68 / 3600, draw = get(&r, r.water, PUMP_DRAW_KWH);
    double left = (get(&r, r.water, PUMP_LEVEL_PU) - first) * 150;
    assert_true(lo > 0.28 && lo < 0.32 && hi > 0.88 && hi < 0.92);
    assert_true(fabs(most - 45) < 0.5);
    assert_true(fabs(draw / pumped / kwh_per_m3 - 1) < 0.02);
    assert_true(fabs((pumped - left) * kwh_per_m3 - 8 * 20) < 0.05 * 8 * 20);
    assert_int_equal(world_trip(r.world, r.water, 60), 1);
    run(&r, 30);
    assert_true(get(&r, r.water, P_KW) == 0 && get(&r, r.water, PUMP_STATE) == RUN_FAULT);
    arena_fini(&r.arena);
}

/* It warms up for 20 minutes on the kiln's heat, then gives a share of it; without the kiln it
 * draws for itself. */
static void orc_follows_kiln(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "2025-07-14T12:00:00+08:00");
    run(&r, 60);
    assert_true(get(&r, r.orc, P_KW) == -1);
    run(&r, 7140);
    double fans = -get(&r, r.fans, P_KW), heat = get(&r, r.orc, ORC_HEAT_KW);
    double kw = get(&r, r.orc, P_KW);
    assert_int_equal((int)get(&r, r.orc, ORC_STATE), RUN_ON);
    assert_true(fans > 100 && fabs(heat - fmin(6.5 * fans, 100 / 0.095)) < 0.02 * heat);
    assert_true(kw / heat > 0.085 && kw / heat < 0.11);
    assert_true(get(&r, r.orc, ORC_YIELD_KWH) > 60);
    assert_int_equal(world_trip(r.world, r.fans, 3 * 3600), 1);
    run(&r, 3600);
    assert_int_equal((int)get(&r, r.orc, ORC_STATE), RUN_OFF);
    assert_true(get(&r, r.orc, P_KW) == -1);
    arena_fini(&r.arena);
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
