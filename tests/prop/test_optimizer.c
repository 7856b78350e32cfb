/* Seeded random problems: our search finds the optimum that plain branch and bound on the whole
 * model finds, every plan passes the checker, and no corrupted plan does. */
#include "optimizer/checker.h"
#include "optimizer/glpk_door.h"
#include "optimizer/goal.h"
#include "optimizer/model.h"
#include "optimizer/rule.h"
#include "optimizer/tally.h"
#include "sim/rng.h"
#include "tests/support/tiny_problem.h"
#include "tests/unit/test_plant_near.h"
#include <string.h>

enum { PROBLEMS = 200, LIES_PER_PLAN = 15, STEPS = 6 };
static const uint64_t SEED = 20250714;

static struct problem p, level;
static struct plan plan, old, bad;
static struct model md;

static double pick(struct rng *r, double lo, double hi)
{
    return rng_between(r, lo, hi);
}

static bool coin(struct rng *r, double pu)
{
    return rng_uniform(r) < pu;
}

static void add_storage(struct rng *r)
{
    int b = tiny_battery(&p);
    p.storage[b].charge_pu = pick(r, 0.85, 1);
    p.storage[b].discharge_pu = pick(r, 0.85, 1);
    p.storage[b].wear_yuan_per_kwh = coin(r, 0.5) ? 0.05 : 0;
    p.storage[b].energy_start_kwh = pick(r, 0, 220);
    p.storage[b].energy_kwh_min = series_const(coin(r, 0.5) ? 20 : 0);
    p.storage[b].charge_kw_min = coin(r, 0.3) ? pick(r, 10, 60) : 0;
    p.storage[b].loss_pu_per_h = coin(r, 0.3) ? 0.01 : 0;
}

static void add_converter(struct rng *r)
{
    struct problem_converter c;
    struct problem_load l;
    int heat = 0;
    assert_int_equal(problem_add_bus(&p, "heat", BUS_HEAT, &heat), ERR_OK);
    p.bus[heat].dump = coin(r, 0.7);
    p.bus[heat].dump_yuan_per_kwh = 0.05;
    p.bus[heat].unserved_yuan_per_kwh = 0.6;
    problem_load_init(&l, "hall", heat);
    l.draw_kw = tiny_noise(&p, r, 0, 120);
    assert_int_equal(problem_add_load(&p, &l, NULL), ERR_OK);
    problem_converter_init(&c, "hp", 0);
    c.in_kw_max = series_const(50);
    c.in_kw_min = series_const(coin(r, 0.7) ? 15 : 0);
    c.out[0].bus = heat;
    c.out[0].gain = series_const(pick(r, 1, 3));
    c.min_up_s = coin(r, 0.5) ? 7200 : 0;
    c.min_down_s = coin(r, 0.5) ? 7200 : 0;
    c.start_yuan = coin(r, 0.5) ? pick(r, 0, 20) : 0;
    c.stop_yuan = coin(r, 0.5) ? pick(r, 0, 20) : 0;
    c.on_now = coin(r, 0.5);
    c.in_start_kw = c.on_now ? 20 : 0;
    c.since_s = pick(r, 0, 7200);
    c.ramp_up_kw_per_h = coin(r, 0.3) ? 20 : 0;
    c.levels = coin(r, 0.2) ? 4 : 0;
    c.in_kw_min = c.levels > 0 ? series_const(0) : c.in_kw_min;
    assert_int_equal(problem_add_converter(&p, &c, NULL), ERR_OK);
}

static void add_work(struct rng *r)
{
    struct problem_job j;
    if (coin(r, 0.7)) {
        int o = tiny_order(&p, pick(r, 20, 200), 2);
        struct problem_order next = p.order[o];
        p.order[o].due_s = coin(r, 0.5) ? pick(r, 1, 6) * 3600 : 0;
        p.order[o].late_yuan_per_h = 10;
        p.order[o].start_ok = coin(r, 0.3) ? tiny_noise(&p, r, 0, 1) : series_const(1);
        problem_name(next.name, "next");
        if (coin(r, 0.5)) {
            assert_int_equal(problem_add_order(&p, &next, NULL), ERR_OK);
        }
    }
    if (coin(r, 0.7)) {
        problem_job_init(&j, "mill", 0);
        j.from_step = coin(r, 0.5) ? 1 : 0;
        j.to_step = STEPS;
        j.energy_kwh = pick(r, 0, 250);
        j.draw_kw_max = series_const(60);
        j.draw_kw_min = coin(r, 0.5) ? 60 : coin(r, 0.5) ? 20 : 0;
        j.min_run_s = coin(r, 0.5) ? 7200 : 0;
        j.pauses_max = coin(r, 0.5) ? 1 : -1;
        assert_int_equal(problem_add_job(&p, &j, NULL), ERR_OK);
    }
}

/* Makes a kiln one with states, now and then with a day that has begun. */
static void add_states(struct rng *r)
{
    static const int now[] = {MACHINE_COLD, MACHINE_HEATING, MACHINE_HOLDING, MACHINE_COOLING};
    if (p.machine_count == 0 || coin(r, 0.5)) {
        return;
    }
    struct problem_machine *m = &p.machine[0];
    m->heat_s = pick(r, 600, 7200);
    m->cool_s = pick(r, 600, 5400);
    m->cold_kw = coin(r, 0.3) ? pick(r, 0, 3) : 0;
    m->heat_kw = pick(r, 0, 150);
    m->hold_kw = pick(r, 0, 60);
    m->cool_kw = pick(r, 0, 10);
    m->gap_s = coin(r, 0.3) ? pick(r, 0, 7200) : 0;
    m->free_from_s = coin(r, 0.3) ? pick(r, 0, 7200) : 0;
    m->cold_by_s = coin(r, 0.3) ? pick(r, 0, STEPS * 3600) : 0;
    m->heat_fires = coin(r, 0.4);
    m->fire_cools = coin(r, 0.4);
    m->state_now = now[(int)pick(r, 0, 4)];
    m->since_s = pick(r, 0, 5400);
    p.order[0].started = coin(r, 0.2);
    p.order[0].started_s = pick(r, 0, 3000);
}

static void add_contract(struct rng *r)
{
    struct problem_source pv;
    problem_source_init(&pv, "pv", 0);
    pv.available_kw = tiny_noise(&p, r, 0, 250);
    pv.curtail_yuan_per_kwh = 0.01;
    assert_int_equal(problem_add_source(&p, &pv, NULL), ERR_OK);
    p.grid.import_yuan_per_kwh = tiny_noise(&p, r, coin(r, 0.2) ? -0.3 : 0.2, 1.3);
    p.grid.import_kw_max = coin(r, 0.2) ? tiny_noise(&p, r, 0, 500) : p.grid.import_kw_max;
    p.grid.export_kw_max = series_const(coin(r, 0.5) ? 200 : 0);
    p.grid.export_yuan_per_kwh = series_const(pick(r, 0, 0.5));
    p.grid.export_peak_yuan_per_kw = coin(r, 0.3) ? pick(r, 0, 1) : 0;
    p.grid.import_kw_min = series_const(coin(r, 0.3) ? 20 : 0);
    if (coin(r, 0.5)) {
        p.grid.demand_target_kw = pick(r, 80, 250);
        p.grid.demand_over_yuan_per_kw = pick(r, 0, 5);
        p.grid.demand_jump_yuan = coin(r, 0.5) ? pick(r, 0, 100) : 0;
        p.grid.demand_average_steps = coin(r, 0.3) ? 2 : 1;
    }
    if (coin(r, 0.3)) {
        struct problem_cap c = {.from_step = 2, .to_step = 4, .kw = pick(r, -50, 120)};
        c.floor = coin(r, 0.3);
        assert_int_equal(problem_add_cap(&p, &c, NULL), ERR_OK);
    }
}

static void random_problem(struct rng *r)
{
    struct problem_fault f;
    tiny_problem(&p, STEPS);
    add_contract(r);
    if (coin(r, 0.8)) {
        add_storage(r);
    }
    if (coin(r, 0.6)) {
        add_converter(r);
    }
    add_work(r);
    add_states(r);
    if (problem_validate(&p, &f) != ERR_OK) {
        fail_msg("generator: %s", f.text);
    }
}

/* Optimum of the whole model, all exclusivity binaries in, by GLPK alone. */
static double plain_optimum(void)
{
    struct arena a;
    struct lp *k = NULL;
    struct lp_search how = {.cutoff = HUGE_VAL};
    struct lp_budget none = {0, 0};
    arena_init(&a, 64u << 20);
    assert_int_equal(model_build(&md, &p, true, &a), ERR_OK);
    double *x = arena_take(&a, (size_t)md.m.cols, sizeof *x);
    struct lp_result got = {.x = x};
    assert_int_equal(lp_open(&md.m, 256, &k), ERR_OK);
    assert_int_equal(lp_relax(k, &none, &got), ERR_OK);
    assert_int_equal(lp_search(k, &how, &got), ERR_OK);
    assert_int_equal(got.answer, LP_OPTIMAL);
    lp_close(k);
    arena_fini(&a);
    return got.objective;
}

static void prove(int i, const struct plan *pl)
{
    struct checker_fault why = {""};
    if (checker_check(&p, pl, &why) != ERR_OK) {
        fail_msg("seed %lu problem %d: %s", SEED, i, why.text);
    }
}

static void optimum_is_the_plain_one(void **state)
{
    (void)state;
    double most = 0;
    for (int i = 0; i < PROBLEMS; i++) {
        struct rng r;
        rng_init(&r, SEED + (uint64_t)i, "optimizer", "problem");
        random_problem(&r);
        assert_int_equal(rule_plan(&p, &old), ERR_OK);
        prove(i, &old);
        assert_int_equal(tiny_solve(&p, &plan), ERR_OK);
        prove(i, &plan);
        double want = plain_optimum(), off = plan.objective_yuan - want;
        most = fmax(most, fabs(off));
        if (fabs(off) > 2e-5 * fmax(1, fabs(want)) + 1e-3 || plan.bound_yuan > want + 1e-3) {
            fail_msg("seed %lu problem %d: %.6f (bound %.6f), plain optimum %.6f", SEED, i,
                     plan.objective_yuan, plan.bound_yuan, want);
        }
        assert_true(plan.objective_yuan <= old.objective_yuan + 1e-6);
    }
    print_message("%d problems, largest difference %.2g yuan\n", PROBLEMS, most);
}

/* With weights the optimum is still the plain one; absorption first leaves no more than the
 * plain optimum of the first level. */
static void goals_are_reached(void **state)
{
    (void)state;
    for (int i = 0; i < PROBLEMS; i++) {
        struct rng r;
        rng_init(&r, SEED + (uint64_t)i, "optimizer", "problem");
        random_problem(&r);
        p.goal.unabsorbed_yuan_per_kwh = pick(&r, 0, 2);
        p.goal.carbon_yuan_per_kg = pick(&r, 0, 1);
        assert_int_equal(rule_plan(&p, &old), ERR_OK);
        prove(i, &old);
        assert_int_equal(tiny_solve(&p, &plan), ERR_OK);
        prove(i, &plan);
        double want = plain_optimum(), off = plan.objective_yuan - want;
        if (fabs(off) > 2e-5 * fmax(1, fabs(want)) + 1e-3) {
            fail_msg("seed %lu problem %d: blend %.6f, plain optimum %.6f", SEED, i,
                     plan.objective_yuan, want);
        }
        p.goal.first = GOAL_ABSORPTION;
        assert_int_equal(tiny_solve(&p, &plan), ERR_OK);
        prove(i, &plan);
        double left = plan_unabsorbed_kwh(&plan);
        goal_level_absorption(&level, &p);
        memcpy(&p, &level, problem_bytes(&level));
        want = plain_optimum() - p.goal.base_yuan;
        if (left > want + 0.1) {
            fail_msg("seed %lu problem %d: %.3f kWh left, plain optimum %.3f", SEED, i, left,
                     want);
        }
    }
}

/* The same plan laid over a later and changed question is always a plan. */
static void old_plans_fit_new_questions(void **state)
{
    (void)state;
    for (int i = 0; i < PROBLEMS; i++) {
        struct rng r;
        rng_init(&r, SEED + (uint64_t)i, "optimizer", "problem");
        random_problem(&r);
        assert_int_equal(rule_plan(&p, &old), ERR_OK);
        rng_init(&r, SEED + (uint64_t)i, "optimizer", coin(&r, 0.5) ? "problem" : "later");
        random_problem(&r);
        p.start_ms += (int64_t)(pick(&r, 0, 3) * 3600000);
        assert_int_equal(shift_plan(&p, &old, &plan), ERR_OK);
        prove(i, &plan);
    }
}

/* Changes one number of a plan by more than the tolerance; costs stated anew half of the time.
 * Marginal values (the pool's last series, one per bus) are no promise and left alone. */
static void corrupt(struct rng *r, const struct plan *pl)
{
    uint32_t proved = pl->pool_count - pl->bus_count * pl->steps;
    uint32_t at = (uint32_t)(rng_uniform(r) * proved);
    plan_copy(&bad, pl);
    if (coin(r, 0.1)) {
        bad.cost_yuan[(int)(rng_uniform(r) * COST_COUNT)] += pick(r, 0.5, 50);
    } else if (coin(r, 0.1)) {
        bad.objective_yuan *= 1 + pick(r, 0.001, 0.1);
        bad.objective_yuan += 1;
    } else {
        bad.pool[at] += (coin(r, 0.5) ? 1 : -1) * pick(r, 0.1, 100);
        if (coin(r, 0.5)) {
            tally_state(&bad, &p);
        }
    }
}

static void corrupted_plans_are_refused(void **state)
{
    (void)state;
    int lies = 0;
    for (int i = 0; i < PROBLEMS; i++) {
        struct rng r;
        struct checker_fault why;
        rng_init(&r, SEED + (uint64_t)i, "optimizer", "problem");
        random_problem(&r);
        assert_int_equal(rule_plan(&p, &old), ERR_OK);
        for (int k = 0; k < LIES_PER_PLAN; k++) {
            corrupt(&r, &old);
            if (checker_check(&p, &bad, &why) == ERR_OK) {
                fail_msg("seed %lu problem %d: lie %d was believed", SEED, i, k);
            }
            lies++;
        }
    }
    print_message("%d lies refused\n", lies);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optimum_is_the_plain_one),
        cmocka_unit_test(goals_are_reached),
        cmocka_unit_test(old_plans_fit_new_questions),
        cmocka_unit_test(corrupted_plans_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
