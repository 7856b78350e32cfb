/* Tests of sim/world.c and sim/judge.c on the small park: the bus balances, draws repeat with
 * their seed, the reverse-power relay trips and comes back, injected events act, the referee
 * counts. */
#include "controller/base/civil.h"
#include "sim/body.h"
#include "sim/judge.h"
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
    struct judge judge;
    int pv, works, bess, pcc;
};

static void rig_open(struct rig *r, const char *start, uint64_t seed)
{
    wall_t at;
    memset(r, 0, sizeof *r);
    arena_init(&r->arena, 64u << 20);
    assert_int_equal(park_load(&r->arena, "etc/parks/small.yaml", &r->park, &r->errors),
                     ERR_OK);
    assert_int_equal(civil_zone_set(r->park->zone), ERR_OK);
    assert_int_equal(civil_parse(start, &at), ERR_OK);
    assert_int_equal(series_load(&r->arena, r->park->weather, &r->weather, &r->errors), ERR_OK);
    assert_int_equal(env_init(&r->env, &r->arena, r->park, seed, r->weather), ERR_OK);
    struct world_setup setup = {
        .park = r->park, .env = &r->env, .seed = seed, .dt_s = 0.1, .start = at};
    assert_int_equal(world_init(&r->world, &r->arena, &setup), ERR_OK);
    assert_int_equal(judge_init(&r->judge, &r->arena, r->world, NULL, seed), ERR_OK);
    r->pv = park_device(r->park, "pv1");
    r->works = park_device(r->park, "works");
    r->bess = park_device(r->park, "bess1");
    r->pcc = r->park->pcc;
}

static void rig_run(struct rig *r, double s)
{
    for (double end = world_elapsed_s(r->world) + s - 0.05; world_elapsed_s(r->world) < end;) {
        world_step(r->world);
        judge_step(&r->judge);
    }
}

static const char noon[] = "2025-07-14T12:00:00+08:00";

static void bus_balances(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, noon, 1);
    for (int i = 0; i < 3000; i++) {
        world_step(r.world);
        double sum = -world_loss_kw(r.world);
        for (int d = 0; d < r.park->devices; d++) {
            if (dict_kind(r.park->device[d].kind)->on_bus) {
                sum += world_get(r.world, d, P_KW);
            }
        }
        assert_true(fabs(sum + world_get(r.world, r.pcc, P_KW)) < 1e-9);
    }
    assert_true(world_get(r.world, r.pv, P_KW) > 10);
    arena_fini(&r.arena);
}

static void seed_decides(void **state)
{
    (void)state;
    uint64_t hash[3], seed[3] = {7, 7, 8};
    for (int i = 0; i < 3; i++) {
        struct rig r;
        rig_open(&r, noon, seed[i]);
        rig_run(&r, 120);
        hash[i] = r.judge.hash;
        arena_fini(&r.arena);
    }
    assert_true(hash[0] == hash[1]);
    assert_true(hash[0] != hash[2]);
}

/* All load gone at noon: the plant exports until the relay opens after 2 s; PV is back in 5
 * min. */
static void relay_opens(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, noon, 1);
    rig_run(&r, 120);
    double pv = world_get(r.world, r.pv, P_KW);
    assert_true(pv > 60);
    assert_int_equal(world_trip(r.world, r.works, INFINITY), 1);
    assert_int_equal(world_trip(r.world, r.works, INFINITY), 0);
    rig_run(&r, 1.5);
    assert_int_equal(world_relay_trips(r.world), 0);
    rig_run(&r, 1.5);
    assert_int_equal(world_relay_trips(r.world), 1);
    assert_true(world_get(r.world, r.pv, P_KW) == 0);
    assert_true(world_pcc_kw(r.world) > -1);
    assert_int_equal(r.judge.export.count, 1);
    assert_true(r.judge.export.longest_s > 1.8 && r.judge.export.longest_s < 2.5);
    double kwh = r.judge.export_kwh_worst;
    assert_true(fabs(kwh - r.judge.export_kwh) < 0.02 && kwh > 0.02);
    assert_int_equal(r.judge.breaches, 2); /* the relay, and the export itself */
    assert_int_equal(world_clear(r.world, r.works), 1);
    rig_run(&r, 420);
    assert_true(world_get(r.world, r.pv, P_KW) > 20);
    arena_fini(&r.arena);
}

static void load_step_acts(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, noon, 1);
    rig_run(&r, 10);
    double before = world_pcc_kw(r.world);
    assert_int_equal(world_load_step(r.world, r.works, 300), 1);
    assert_int_equal(world_load_step(r.world, r.works, 300), 0);
    assert_int_equal(world_load_step(r.world, r.pv, 300), 0);
    world_step(r.world);
    assert_true(world_pcc_kw(r.world) > before + 250);
    assert_int_equal(world_load_step(r.world, r.works, 0), 1);
    world_step(r.world);
    assert_true(fabs(world_pcc_kw(r.world) - before) < 50);
    arena_fini(&r.arena);
}

static void cloud_darkens(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, noon, 1);
    rig_run(&r, 120);
    double before = world_body(r.world, r.pv)->available_kw;
    assert_int_equal(world_cloud(r.world, 0.9, 30), 1);
    rig_run(&r, 20);
    assert_true(world_body(r.world, r.pv)->available_kw < 0.4 * before);
    rig_run(&r, 40);
    assert_true(world_body(r.world, r.pv)->available_kw > 0.4 * before);
    arena_fini(&r.arena);
    rig_open(&r, "2025-07-14T23:30:00+08:00", 1);
    rig_run(&r, 2);
    assert_int_equal(world_cloud(r.world, 0.9, 30), 0); /* no light to take away */
    arena_fini(&r.arena);
}

/* A battery of 200 kW reacts within 0.3 s of its command: what the fast steps are for. */
static void battery_is_fast(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, noon, 1);
    world_command(r.world, r.bess, BATTERY_RUN, 1);
    rig_run(&r, 30);
    world_command(r.world, r.bess, BATTERY_SET_KW, 150);
    rig_run(&r, 0.3);
    assert_true(world_get(r.world, r.bess, P_KW) > 135);
    world_command(r.world, r.bess, BATTERY_SET_KW, -150);
    rig_run(&r, 5);
    assert_int_equal(r.judge.battery[0].flips, 1);
    assert_int_equal(r.judge.battery[0].flips_10min_max, 1);
    assert_false(judge_safe(&r.judge, r.bess));
    world_command(r.world, r.bess, BATTERY_SET_KW, 0);
    rig_run(&r, 5);
    assert_true(judge_safe(&r.judge, r.bess));
    arena_fini(&r.arena);
}

/* Half an hour of the works: what the judge adds up is what the meter counts; the demand is the
 * greatest mean of 900 s. */
static void judge_counts(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "2025-07-14T20:00:00+08:00", 1);
    rig_run(&r, 1800);
    double meter = world_get(r.world, r.pcc, METER_IMPORT_KWH);
    assert_true(fabs(r.judge.import_kwh - meter) < 1e-6);
    double mean = r.judge.import_kwh * 2;
    assert_true(r.judge.peak_sliding_kw >= mean - 1e-6 && r.judge.peak_sliding_kw < 1.3 * mean);
    static char text[64 * 1024];
    size_t n = judge_json(&r.judge, text, sizeof text);
    assert_true(n > 500 && text[0] == '{' && text[n - 1] == '}');
    assert_string_equal("{}", (judge_json(&r.judge, text, 200), text));
    arena_fini(&r.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bus_balances),  cmocka_unit_test(seed_decides),
        cmocka_unit_test(relay_opens),   cmocka_unit_test(load_step_acts),
        cmocka_unit_test(cloud_darkens), cmocka_unit_test(battery_is_fast),
        cmocka_unit_test(judge_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
