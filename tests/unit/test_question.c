/* The question to the planner: valid, true to the park as it stands, and it says what the
 * dispatcher will later look for. */
#include "controller/base/civil.h"
#include "controller/dispatch/question.h"
#include "tests/support/bench_park.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct bench b;
static struct problem p;

static void setup(const char *park, const char *when)
{
    bench_open(&b, park, when);
    bench_run(&b, 60);
}

/* Asks and checks the answer with the optimizer's own rules. */
static void ask(double hours)
{
    struct problem_fault fault;
    memset(&fault, 0, sizeof fault);
    assert_int_equal(core_question(&b.core, hours, &p), ERR_OK);
    if (problem_validate(&p, &fault) != ERR_OK) {
        fail_msg("%s", fault.text);
    }
}

static int storage(const char *name)
{
    for (uint32_t i = 0; i < p.storage_count; i++) {
        if (strcmp(p.storage[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static int converter(const char *name)
{
    for (uint32_t i = 0; i < p.converter_count; i++) {
        if (strcmp(p.converter[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static int order(const char *name)
{
    for (uint32_t i = 0; i < p.order_count; i++) {
        if (strcmp(p.order[i].name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static void test_steps(void **state)
{
    (void)state;
    setup("etc/parks/small.yaml", "2025-07-15T09:03:20+08:00");
    ask(30);
    assert_int_equal(p.steps, 120);
    assert_true(fabs(p.step_s[0] - (900 - 200 - 60)) < 1.5); /* to the next quarter */
    assert_true(p.step_s[1] == 900);
    assert_int_equal(p.start_ms, b.core.wall.ms);
    bench_run(&b, 600 - 60); /* 09:13:20: too short for a step of its own */
    ask(30);
    assert_true(fabs(p.step_s[0] - 1000) < 1.5);
    ask(1000);
    assert_int_equal(p.steps, PROBLEM_STEPS_MAX);
    bench_close(&b);
}

static void test_small(void **state)
{
    (void)state;
    setup("etc/parks/small.yaml", "2025-07-15T09:00:00+08:00");
    ask(24);
    assert_true(series_get(&p, p.grid.import_kw_max, 0) == 630);
    assert_true(series_get(&p, p.grid.export_kw_max, 0) == 0);
    assert_true(series_get(&p, p.grid.import_kw_min, 0) == 5);
    assert_true(p.grid.demand_over_yuan_per_kw == 0); /* billed by capacity */
    double flat = series_get(&p, p.grid.import_yuan_per_kwh, 0);
    double sharp = series_get(&p, p.grid.import_yuan_per_kwh, 14); /* 12:30 in July */
    assert_true(fabs(flat - 0.7623) < 0.001 && fabs(sharp - 1.3308) < 0.001);
    assert_true(fabs(p.beyond_yuan_per_kwh - 0.3792) < 0.001);
    int k = storage("bess1");
    assert_true(k >= 0);
    assert_true(fabs(p.storage[k].energy_start_kwh - 215) < 2);
    assert_true(fabs(series_get(&p, p.storage[k].energy_kwh_min, 0) - 43) < 1e-9);
    assert_true(fabs(p.storage[k].charge_pu * p.storage[k].discharge_pu - 0.88) < 1e-9);
    assert_true(fabs(series_get(&p, p.load[0].draw_kw, 2) - 420) < 1);
    assert_true(fabs(series_get(&p, p.load[0].draw_kw, 60) - 120) < 1);
    bench_close(&b);
}

/* What is not ours is planned around: its present power goes on for an hour. */
static void test_manual_and_silent(void **state)
{
    (void)state;
    setup("etc/parks/small.yaml", "2025-07-15T09:00:00+08:00");
    char why[MSG_TEXT];
    int bess = bench_device(&b, "bess1");
    struct msg_command m = {.type = COMMAND_SET,
                            .point = (uint32_t)park_point(b.park, bess, BATTERY_SET_KW),
                            .value = -80};
    assert_int_equal(core_command(&b.core, &m, b.wall, why), ERR_OK);
    bench_run(&b, 30);
    ask(24);
    assert_int_equal(storage("bess1"), -1);
    assert_true(fabs(series_get(&p, p.load[0].draw_kw, 1) - 500) < 2);
    assert_true(fabs(series_get(&p, p.load[0].draw_kw, 10) - 420) < 2);
    bench_link(&b, bench_device(&b, "hp1"), false);
    bench_run(&b, 10);
    ask(24);
    assert_int_equal(converter("hp1"), -1);
    bench_close(&b);
}

static double heat_kw(uint32_t t)
{
    for (uint32_t i = 0; i < p.load_count; i++) {
        if (strcmp(p.load[i].name, "heat") == 0) {
            return series_get(&p, p.load[i].draw_kw, t);
        }
    }
    return NAN;
}

/* A heat pump in manual gives for an hour what it gives now: by its reading, which here says
 * first nothing, then 170 kW. */
static void test_manual_heat(void **state)
{
    (void)state;
    setup("etc/parks/ceramics.yaml", "2025-07-15T09:00:00+08:00");
    char why[MSG_TEXT];
    int hp = bench_device(&b, "hp1");
    struct msg_command m = {.type = COMMAND_SET,
                            .point = (uint32_t)park_point(b.park, hp, HP_LIMIT_KW),
                            .value = 60};
    assert_int_equal(core_command(&b.core, &m, b.wall, why), ERR_OK);
    bench_run(&b, 5);
    ask(24);
    double near_kw = heat_kw(1), far_kw = heat_kw(10);
    b.row[hp][HP_HEAT_KW] = 170;
    bench_run(&b, 1);
    ask(24);
    assert_int_equal(converter("hp1"), -1);
    assert_true(fabs(near_kw - heat_kw(1) - 170) < 3); /* the forecast moves, too */
    assert_true(fabs(far_kw - heat_kw(10)) < 3);
    bench_close(&b);
}

/* A kiln is to be free again at the order's due time: the profile ends so much sooner as it
 * cools, and an order that cannot make it is priced by the hour. */
static void test_due(void **state)
{
    (void)state;
    setup("etc/parks/ceramics.yaml", "2025-07-15T05:00:00+08:00");
    ask(30);
    int k = order("decal_k7_a@2025-07-15"); /* due 18:30 */
    assert_true(k >= 0);
    const struct problem_recipe *c = &p.recipe[p.order[k].recipe];
    double free_s = p.order[k].due_s + c->after_s;
    assert_true(fabs(free_s - (13.5 * 3600 - 60)) < 2);
    assert_true(p.order[k].late_yuan_per_h == 40);
    /* 11:00 and 7.5 h of work make it just so, half an hour less does not */
    assert_true(problem_order_late_h(&p, (uint32_t)k, p.order[k].latest_step) < 0.01);
    for (int i = 0; i < b.core.orders.n; i++) {
        struct order_run *r = &b.core.orders.run[i];
        r->m.due = wall_add_s(r->m.due, -1800);
    }
    ask(30);
    assert_true(fabs(problem_order_late_h(&p, (uint32_t)k, p.order[k].latest_step) - 0.5) <
                0.01);
    for (int i = 0; i < b.core.orders.n; i++) { /* passed: the sooner, the better */
        b.core.orders.run[i].m.due = wall_add_s(b.wall, -3600);
    }
    ask(30);
    double early_h = problem_order_late_h(&p, (uint32_t)k, p.order[k].earliest_step);
    double late_h = problem_order_late_h(&p, (uint32_t)k, p.order[k].latest_step);
    assert_true(early_h > 0 && fabs(late_h - early_h - 4) < 0.01);
    bench_close(&b);
}

static void test_ceramics(void **state)
{
    (void)state;
    setup("etc/parks/ceramics.yaml", "2025-07-15T05:00:00+08:00");
    ask(30);
    assert_true(storage("tank") >= 0 && storage("ets") >= 0 && converter("chp") >= 0);
    assert_true(series_get(&p, p.grid.demand_counts, 0) == 1);
    assert_true(fabs(p.grid.demand_target_kw - 4410 * 0.98) < 1e-6);
    assert_int_equal(p.converter[converter("chp")].min_up_s, 7200);
    int k = order("decal_k7_a@2025-07-15");
    assert_true(k >= 0);
    assert_int_equal(p.order[k].earliest_step, 8);        /* 07:00 */
    assert_int_equal(p.order[k].latest_step, 24);         /* 11:00 */
    assert_int_equal(order("decal_k7_b@2025-07-16"), -1); /* past the horizon */
    assert_true(p.job_count > 4);
    /* every name in the question is found again by the dispatcher */
    for (uint32_t j = 0; j < p.job_count; j++) {
        assert_non_null(strchr(p.job[j].name, '@'));
    }
    bench_close(&b);
}

/* Billed by the actual maximum without a target: on the 15th at 05:01 the month has 17 days
 * less five hours; a plan of 30 h pays its share of 40 yuan. On the last day it pays all. */
static void test_demand_is_spread(void **state)
{
    (void)state;
    const struct {
        const char *when;
        double left_h;
    } rows[] = {
        {"2025-07-15T05:00:00+08:00", 17 * 24 - 5},
        {"2025-07-31T05:00:00+08:00", 0          }
    };
    for (int i = 0; i < 2; i++) {
        setup("etc/parks/ceramics.yaml", rows[i].when);
        b.tariff->mode = DEMAND_ACTUAL;
        bench_restart(&b);
        b.core.restored = true;
        b.bill.month_peak_kw = 2500;
        bench_run(&b, 10);
        ask(30);
        double share = rows[i].left_h > 0 ? 30 / rows[i].left_h : 1;
        assert_true(fabs(p.grid.demand_over_yuan_per_kw - 40 * share) < 0.02);
        assert_true(p.grid.demand_target_kw == 0 && p.grid.demand_jump_yuan == 0);
        assert_true(problem_demand_free_kw(&p) == 2500);
        bench_close(&b);
    }
}

/* With a target for the month the full price is due above it, and the governor holds it. */
static void test_demand_target(void **state)
{
    (void)state;
    setup("etc/parks/ceramics.yaml", "2025-07-15T05:00:00+08:00");
    b.tariff->mode = DEMAND_ACTUAL;
    b.tariff->target_kw = 4000;
    bench_restart(&b);
    b.core.restored = true;
    bench_run(&b, 10);
    ask(30);
    assert_true(p.grid.demand_over_yuan_per_kw == 40);
    assert_true(fabs(problem_demand_free_kw(&p) - 4000 * 0.98) < 1e-6);
    assert_true(b.core.limits.import_kw_max < 4000);
    bench_close(&b);
}

/* July has been at 5,000 kW, over its contract: what is left of it does not count any more, the
 * first hours of August are held to the contract. */
static void test_month_turns(void **state)
{
    (void)state;
    setup("etc/parks/ceramics.yaml", "2025-07-31T20:00:00+08:00");
    b.bill.month_peak_kw = 5000;
    bench_run(&b, 10);
    ask(30);
    assert_true(fabs(problem_demand_free_kw(&p) - 4410 * 0.98) < 1e-6);
    assert_true(fabs(problem_demand_jump_yuan(&p) - 8400) < 1e-6);
    for (uint32_t t = 0; t < p.steps; t++) {
        bool august = p.start_ms + llround(problem_begin_s(&p, t) * 1000) >= 1753977600000;
        assert_true(series_get(&p, p.grid.demand_counts, t) == (august ? 1 : 0));
    }
    bench_close(&b);
    setup("etc/parks/ceramics.yaml", "2025-07-31T20:00:00+08:00");
    b.bill.month_peak_kw = 4000; /* within it: one rule for both months */
    bench_run(&b, 10);
    ask(30);
    assert_true(series_get(&p, p.grid.demand_counts, 0) == 1);
    bench_close(&b);
}

/* The park's objective is the question's; the examples say nothing and get cost. */
static void test_objective(void **state)
{
    (void)state;
    setup("etc/parks/small.yaml", "2025-07-15T09:00:00+08:00");
    ask(24);
    assert_int_equal(p.goal.first, GOAL_COST);
    assert_false(problem_traces(&p));
    b.park->absorption_first = 1;
    b.park->carbon_weight_yuan_per_kg = 0.2;
    b.park->unabsorbed_weight_yuan_per_kwh = 0.3;
    ask(24);
    assert_int_equal(p.goal.first, GOAL_ABSORPTION);
    assert_true(problem_traces(&p));
    assert_true(p.goal.unabsorbed_yuan_per_kwh == 0.3);
    assert_true(fabs(problem_co2_yuan_per_kg(&p) - p.co2_yuan_per_kg - 0.2) < 1e-12);
    bench_close(&b);
}

static void test_started_firing(void **state)
{
    (void)state;
    setup("etc/parks/ceramics.yaml", "2025-07-15T07:30:00+08:00");
    int k7 = bench_device(&b, "k7");
    assert_true(b.row[k7][KILN_RUN] == KILN_RUNNING); /* by rule */
    b.row[k7][KILN_STATE] = KILN_RUNNING;
    b.free_kw[k7] = 80;
    bench_run(&b, 1800);
    ask(24);
    int k = order("decal_k7_a@2025-07-15");
    assert_true(k >= 0);
    assert_int_equal(p.order[k].started, 1);
    assert_true(p.order[k].started_s > 1700 && p.order[k].started_s < 1900);
    /* a kiln that is hot is free later */
    bench_rows(&b, KIND_KILN, KILN_DEGC, 390);
    bench_run(&b, 10);
    ask(24);
    bool found = false;
    for (uint32_t m = 0; m < p.machine_count; m++) {
        if (strcmp(p.machine[m].name, "k11") == 0) {
            found = true;
            assert_true(fabs(p.machine[m].free_from_s - 4 * 3600) < 60);
        }
    }
    assert_true(found);
    bench_close(&b);
}

static void test_caps(void **state)
{
    (void)state;
    setup("etc/parks/ceramics.yaml", "2025-07-15T09:00:00+08:00");
    struct msg_dr_event e = {.direction = DR_LIMIT, .kw = 2000};
    struct msg_dr_event *out = NULL;
    char why[MSG_TEXT];
    assert_int_equal(civil_parse("2025-07-15T11:00:00+08:00", &e.start), ERR_OK);
    assert_int_equal(civil_parse("2025-07-15T12:00:00+08:00", &e.end), ERR_OK);
    assert_int_equal(core_dr_trigger(&b.core, &e, b.wall, &out, why), ERR_OK);
    ask(24);
    assert_int_equal(p.cap_count, 0); /* not durable yet */
    dr_committed(&b.core.dr, out->id);
    ask(24);
    assert_true(p.cap_count >= 1);
    assert_int_equal(p.cap[0].from_step, 8);
    assert_int_equal(p.cap[0].to_step, 12);
    assert_true(p.cap[0].kw == 2000);
    for (uint32_t i = 1; i < p.cap_count; i++) { /* the recovery */
        assert_true(p.cap[i].kw > 2000 && p.cap[i].from_step >= 12 && p.cap[i].to_step <= 13);
    }
    bench_close(&b);
}

/* What draws and gives whatever we plan is in the question's rigid load, each once. */
static void test_utilities(void **state)
{
    (void)state;
    setup("tests/data/utilities_park.yaml", "2025-07-15T10:00:00+08:00");
    const struct forecast *f = &b.core.forecast;
    f->mean_kw[bench_device(&b, "orc1")] = 90;
    ask(12);
    assert_int_equal(p.load_count, 1);
    assert_int_equal(p.source_count, 1); /* the sun; nobody could curtail the ORC */
    static const char *const draws[] = {"works", "fans", "cold", "air", "water"};
    wall_t at = b.core.wall;
    for (uint32_t t = 0; t < 20; t++) {
        double kw = -90;
        for (size_t i = 0; i < sizeof draws / sizeof *draws; i++) {
            kw += forecast_kw(f, bench_device(&b, draws[i]), b.core.wall, at, p.step_s[t]);
        }
        assert_true(kw > 250 && fabs(series_get(&p, p.load[0].draw_kw, t) - kw) < 1e-6);
        at = wall_add_s(at, p.step_s[t]);
    }
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_small),
        cmocka_unit_test(test_ceramics),
        cmocka_unit_test(test_demand_is_spread),
        cmocka_unit_test(test_demand_target),
        cmocka_unit_test(test_objective),
        cmocka_unit_test(test_month_turns),
        cmocka_unit_test(test_manual_and_silent),
        cmocka_unit_test(test_started_firing),
        cmocka_unit_test(test_caps),
        cmocka_unit_test(test_due),
        cmocka_unit_test(test_manual_heat),
        cmocka_unit_test(test_utilities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
