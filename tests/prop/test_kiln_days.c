/* Kilns with states, on random problems so small that every day that a kiln can have is tried:
 * the cheapest that the checker accepts is what the search proves. */
#include "optimizer/checker.h"
#include "optimizer/rule.h"
#include "optimizer/states.h"
#include "sim/rng.h"
#include "tests/support/tiny_problem.h"
#include "tests/unit/test_plant_near.h"
#include <math.h>

enum { SMALL = 6, TRIALS = 40 };
static const uint64_t SEED = 20251128;

static struct problem p;
static struct plan plan, other;

static double pick(struct rng *r, double lo, double hi)
{
    return rng_between(r, lo, hi);
}

static void random_kiln(struct rng *r)
{
    double price[SMALL];
    tiny_problem(&p, SMALL);
    tiny_kiln(&p);
    tiny_again(&p, 0, "second");
    p.recipe[0].step_s = pick(r, 1200, 3600);
    for (uint32_t t = 0; t < SMALL; t++) {
        p.step_s[t] = rng_uniform(r) < 0.3 ? 1800 : 3600;
        price[t] = pick(r, -0.2, 1.5);
    }
    assert_int_equal(problem_series(&p, price, &p.grid.import_yuan_per_kwh), ERR_OK);
    p.order[0].skip_yuan = pick(r, 50, 400);
    p.order[1].skip_yuan = rng_uniform(r) < 0.5 ? p.order[0].skip_yuan : pick(r, 50, 400);
    p.order[1].earliest_step = rng_uniform(r) < 0.5 ? 1 : 0;
    struct problem_machine *m = &p.machine[0];
    m->heat_s = pick(r, 900, 5400);
    m->cool_s = pick(r, 900, 5400);
    m->hold_kw = rng_uniform(r) < 0.4 ? 0 : pick(r, 0, 80);
    m->cool_kw = pick(r, 0, 60);
    m->heat_fires = rng_uniform(r) < 0.5;
    m->fire_cools = rng_uniform(r) < 0.5;
    m->gap_s = rng_uniform(r) < 0.3 ? 3000 : 0;
    m->free_from_s = rng_uniform(r) < 0.3 ? 3600 : 0;
    m->cold_by_s = rng_uniform(r) < 0.3 ? pick(r, 0, 6) * 3600 : 0;
    int now = (int)pick(r, 0, 4);
    m->state_now = now < MACHINE_BUSY ? now : MACHINE_COOLING;
    m->since_s = pick(r, 0, 3600);
    p.order[0].started = rng_uniform(r) < 0.2;
    p.order[0].started_s = pick(r, 0, 1800);
}

/* The cheapest of all days with these starts; the checker says which can be. */
static double cheapest_day(const int start[2])
{
    static const int idle[] = {MACHINE_COLD, MACHINE_HEATING, MACHINE_HOLDING, MACHINE_COOLING};
    double best = HUGE_VAL, want[SMALL];
    assert_int_equal(plan_init(&plan, &p, PLAN_MILP), ERR_OK);
    double *is = plan_series(&plan, plan.machine_state[0]);
    plan.order_start[0] = start[0];
    plan.order_start[1] = start[1];
    for (int code = 0; code < 1 << (2 * SMALL); code++) {
        for (uint32_t t = 0; t < SMALL; t++) {
            want[t] = is[t] = idle[code >> (2 * t) & 3];
        }
        states_complete(&p, &plan, 0);
        bool twin = false; /* the same day under another code */
        for (uint32_t t = 0; t < SMALL; t++) {
            twin = twin || (is[t] == MACHINE_BUSY ? want[t] != 0 : is[t] != want[t]);
        }
        if (twin) {
            continue;
        }
        tiny_balance(&p, &plan);
        if (plan.objective_yuan < best && checker_check(&p, &plan, NULL) == ERR_OK) {
            best = plan.objective_yuan;
        }
    }
    return best;
}

static double cheapest(void)
{
    double best = HUGE_VAL;
    for (int a = p.order[0].started ? SMALL - 1 : 0; a <= SMALL; a++) {
        for (int b = 0; b <= SMALL; b++) {
            int s[2] = {a < SMALL && !p.order[0].started ? a : PLAN_NONE,
                        b < SMALL ? b : PLAN_NONE};
            bool can = (s[0] < 0 || problem_order_may_start(&p, 0, (uint32_t)s[0])) &&
                       (s[1] < 0 || problem_order_may_start(&p, 1, (uint32_t)s[1]));
            best = can ? fmin(best, cheapest_day(s)) : best;
        }
    }
    return best;
}

static void optimum_is_the_cheapest_of_all_days(void **state)
{
    (void)state;
    for (int i = 0; i < TRIALS; i++) {
        struct rng r;
        struct problem_fault bad = {""};
        struct checker_fault why = {""};
        rng_init(&r, SEED + (uint64_t)i, "states", "problem");
        random_kiln(&r);
        if (problem_validate(&p, &bad) != ERR_OK) {
            fail_msg("generator: %s", bad.text);
        }
        assert_int_equal(rule_plan(&p, &other), ERR_OK);
        if (checker_check(&p, &other, &why) != ERR_OK) {
            fail_msg("problem %d, rules: %s", i, why.text);
        }
        assert_int_equal(tiny_solve(&p, &other), ERR_OK);
        double want = cheapest();
        if (fabs(other.objective_yuan - want) > 1e-5 * fmax(1, fabs(want)) ||
            other.bound_yuan > want + 1e-4) {
            fail_msg("problem %d: %.6f (bound %.6f), cheapest %.6f", i, other.objective_yuan,
                     other.bound_yuan, want);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optimum_is_the_cheapest_of_all_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
