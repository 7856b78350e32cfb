/* Tests of sim/judge_orders.c on the reference park's decal kilns: a firing in its window is
 * the order's, one outside is a breach, so is a pause in a segment that forbids it; a firing
 * nobody starts is missed. */
#include "controller/base/civil.h"
#include "sim/body.h"
#include "sim/judge.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct rig {
    struct arena arena;
    struct doc_errors errors;
    struct park *park;
    struct env env;
    struct world *world;
    struct judge judge;
};

static void run_until(struct rig *r, const char *time)
{
    wall_t at;
    assert_int_equal(civil_parse(time, &at), ERR_OK);
    while (world_wall(r->world).ms < at.ms) {
        world_step(r->world);
        judge_step(&r->judge);
    }
}

static void rig_open(struct rig *r, const char *start)
{
    wall_t at;
    memset(r, 0, sizeof *r);
    arena_init(&r->arena, 64u << 20);
    assert_int_equal(park_load(&r->arena, "etc/parks/ceramics.yaml", &r->park, &r->errors),
                     ERR_OK);
    assert_int_equal(civil_zone_set(r->park->zone), ERR_OK);
    assert_int_equal(civil_parse(start, &at), ERR_OK);
    assert_int_equal(env_init(&r->env, &r->arena, r->park, 1, NULL), ERR_OK);
    struct world_setup setup = {
        .park = r->park, .env = &r->env, .seed = 1, .dt_s = 1, .start = at};
    assert_int_equal(world_init(&r->world, &r->arena, &setup), ERR_OK);
    assert_int_equal(judge_init(&r->judge, &r->arena, r->world, NULL, 1), ERR_OK);
}

static void command(const struct rig *r, const char *kiln, double program, double run)
{
    int d = park_device(r->park, kiln);
    if (program > 0) {
        world_command(r->world, d, KILN_PROGRAM, program);
    }
    world_command(r->world, d, KILN_RUN, run);
}

static const struct judge_order *order(const struct rig *r, const char *id)
{
    for (int i = 0; i < r->park->orders; i++) {
        if (strcmp(r->park->order[i].id, id) == 0) {
            return &r->judge.order[i];
        }
    }
    fail();
    return NULL;
}

static int breaches(const struct rig *r, const char *name, const char *device)
{
    int n = 0;
    for (int i = 0; i < r->judge.listed; i++) {
        const struct judge_breach *b = &r->judge.breach[i];
        n += strcmp(b->name, name) == 0 && b->device && strcmp(b->device, device) == 0;
    }
    return n;
}

static void firings(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "2025-07-14T06:59:00+08:00");
    run_until(&r, "2025-07-14T07:05:00+08:00");
    command(&r, "k7", 2, 1);
    command(&r, "k9", 2, 1);
    command(&r, "k10", 2, 2);                   /* a stopped programmer cannot hold */
    run_until(&r, "2025-07-14T09:10:00+08:00"); /* k9 in its second segment */
    assert_true(world_get(r.world, park_device(r.park, "k9"), KILN_SEGMENT) == 2);
    assert_true(world_get(r.world, park_device(r.park, "k10"), KILN_STATE) == KILN_STOPPED);
    command(&r, "k9", 0, 2);
    run_until(&r, "2025-07-14T09:15:00+08:00");
    command(&r, "k9", 0, 1);
    run_until(&r, "2025-07-14T11:30:00+08:00");
    command(&r, "k8", 2, 1);
    run_until(&r, "2025-07-14T18:31:00+08:00");
    assert_int_equal(order(&r, "decal_k7_a")->done, 1);
    assert_int_equal(order(&r, "decal_k7_a")->missed, 0);
    assert_int_equal(order(&r, "decal_k10_a")->missed, 1);
    assert_int_equal(breaches(&r, "firing_window", "k7"), 0);
    assert_int_equal(breaches(&r, "firing_window", "k8"), 1);
    assert_int_equal(breaches(&r, "kiln_pause", "k9"), 1);
    assert_int_equal(breaches(&r, "kiln_pause", "k7"), 0);
    assert_int_equal(r.judge.broken[5], 2); /* INV-05 */
    const struct judge_firing *f = &r.judge.firing[0];
    assert_true(f->in_window && !f->paused_wrong && f->end.ms > f->start.ms);
    assert_true(f->energy_kwh > 0.9 * 330 && f->energy_kwh < 1.1 * 330);
    arena_fini(&r.arena);
}

/* Vehicles that get their power leave with what they wanted; those held back do not. */
static void charging(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "2025-07-14T07:30:00+08:00");
    world_command(r.world, park_device(r.park, "ev1"), CHARGER_LIMIT_KW, 120);
    world_command(r.world, park_device(r.park, "ev2"), CHARGER_LIMIT_KW, 5);
    run_until(&r, "2025-07-14T17:31:00+08:00");
    const struct judge_order *served = order(&r, "charge_ev1"), *held = order(&r, "charge_ev2");
    assert_int_equal(served->done + served->late, 1);
    assert_int_equal(served->done, 1); /* also when the vehicle wants 5 % less than the order */
    assert_true(served->served_kwh > 0.93 * 250);
    assert_int_equal(held->late, 1);
    assert_true(held->served_kwh < 60);
    struct body_charger_truth t;
    body_charger_truth(world_body(r.world, park_device(r.park, "ev2")), &t);
    assert_int_equal(t.left, 1);
    assert_int_equal(t.satisfied, 0);
    assert_true(t.short_kwh > 150);
    arena_fini(&r.arena);
}

/* Two parks, one of which fires: before and after the latest start it is ahead by what the
 * firing has drawn. */
static void work_ahead_of_time_counts(void **state)
{
    (void)state;
    struct rig fires, waits;
    rig_open(&fires, "2025-07-14T06:59:00+08:00");
    rig_open(&waits, "2025-07-14T06:59:00+08:00");
    run_until(&fires, "2025-07-14T08:00:00+08:00");
    command(&fires, "k7", 2, 1);
    static const char *const looks[] = {"2025-07-14T09:00:00+08:00",
                                        "2025-07-14T11:01:00+08:00"};
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
        run_until(&fires, looks[i]);
        run_until(&waits, looks[i]);
        double had = fires.judge.firing[0].energy_kwh;
        assert_true(had > 10 && fires.judge.firing[0].end.ms == 0);
        double ahead = judge_work_kwh(&fires.judge) - judge_work_kwh(&waits.judge);
        assert_true(fabs(ahead - had) < 1e-6);
    }
    /* by now four decal firings are owed, and the glost ones whose latest start was 10:00 */
    assert_true(judge_work_kwh(&waits.judge) < -(4 * 300 + 4 * 2500));
    arena_fini(&fires.arena);
    arena_fini(&waits.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(firings),
        cmocka_unit_test(charging),
        cmocka_unit_test(work_ahead_of_time_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
