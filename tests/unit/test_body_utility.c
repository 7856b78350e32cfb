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
    struct arena arena;
    struct doc_errors errors;
    struct park *park;
    struct series_file *weather;
    struct env env;
    struct world *world;
    int cold, air, orc, fans;
};

static void rig_open(struct rig *r, const char *start)
{
    wall_t at;
    memset(r, 0, sizeof *r);
    arena_init(&r->arena, 64u << 20);
    assert_int_equal(
        park_load(&r->arena, "tests/data/utilities_park.yaml", &r->park, &r->errors), ERR_OK);
    assert_int_equal(civil_zone_set(r->park->zone), ERR_OK);
    assert_int_equal(civil_parse(start, &at), ERR_OK);
    assert_int_equal(series_load(&r->arena, r->park->weather, &r->weather, &r->errors), ERR_OK);
    assert_int_equal(env_init(&r->env, r->park, 1, r->weather), ERR_OK);
    struct world_setup setup = {
        .park = r->park, .env = &r->env, .seed = 1, .dt_s = 1, .start = at};
    assert_int_equal(world_init(&r->world, &r->arena, &setup), ERR_OK);
    r->cold = park_device(r->park, "cold");
    r->air = park_device(r->park, "air");
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

/* Every row of the three kinds is served, none can be written, all are within their range. */
static void rows_are_read_only(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "2025-07-14T12:00:00+08:00");
    const int device[] = {r.cold, r.air, r.orc};
    run(&r, 7200);
    for (int i = 0; i < 3; i++) {
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
        cmocka_unit_test(rows_are_read_only),
        cmocka_unit_test(chiller_follows_schedule),
        cmocka_unit_test(compressor_keeps_pressure),
        cmocka_unit_test(orc_follows_kiln),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
