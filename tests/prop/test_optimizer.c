/* Seeded random problems: our search finds the optimum that plain branch and bound on the whole
 * model finds, every plan passes the checker, and no corrupted plan does. A campaign asks for
 * more of them or for other ones, and for one test only (tests/support/random_problem.h). */
#include "optimizer/checker.h"
#include "optimizer/glpk_door.h"
#include "optimizer/goal.h"
#include "optimizer/model.h"
#include "optimizer/rule.h"
#include "optimizer/tally.h"
#include "tests/support/random_problem.h"
#include "tests/support/tiny_problem.h"
#include "tests/unit/test_plant_near.h"
#include <string.h>

enum { PROBLEMS = 200, LIES_PER_PLAN = 15 };
/* The hardest of 4,000 problems is proven with 93,000. */
static const struct solve_limits LONG_ENOUGH = {.work = 500000};

static struct problem p, level;
static struct plan plan, old, bad;
static struct model md;
static struct random_campaign run;

/* Optimum of the whole model, all exclusivity binaries in, by GLPK alone; NaN where
 * it proves none. */
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
    lp_close(k);
    arena_fini(&a);
    return got.answer == LP_OPTIMAL ? got.objective : NAN;
}

static int begin(void **state)
{
    (void)state;
    run.wrong = 0;
    return 0;
}

static void prove(int i, const struct plan *pl)
{
    struct checker_fault why = {""};
    bool good = checker_check(&p, pl, &why) == ERR_OK;
    random_demand(&run, i, good, why.text);
}

static bool is_near(double ours, double want)
{
    return fabs(ours - want) <= 2e-5 * fmax(1, fabs(want)) + 1e-3;
}

/* Rules and search on p, both proved. */
static void solve(int i)
{
    bool planned = rule_plan(&p, &old) == ERR_OK;
    random_demand(&run, i, planned, "no plan by rules");
    prove(i, &old);
    bool solved = solve_problem(&p, NULL, &LONG_ENOUGH, &plan, NULL) == ERR_OK;
    random_demand(&run, i, solved, "no plan");
    prove(i, &plan);
}

/* Compares p's optimum; how far off it is, NaN where there is none to compare with. */
static double compare(int i)
{
    char text[96];
    solve(i);
    double want = plain_optimum();
    snprintf(text, sizeof text, "%.6f (bound %.6f), plain optimum %.6f", plan.objective_yuan,
             plan.bound_yuan, want);
    bool good = is_near(plan.objective_yuan, want) && plan.bound_yuan <= want + 1e-3;
    random_demand(&run, i, good || isnan(want), text);
    bool dearer = plan.objective_yuan > old.objective_yuan + 1e-6;
    random_demand(&run, i, !dearer, "dearer than rules");
    return fabs(plan.objective_yuan - want);
}

static void optimum_is_the_plain_one(void **state)
{
    (void)state;
    double most = 0;
    int unknown = 0;
    for (int i = 0; i < run.problems; i++) {
        (void)random_draw(&run, i, "problem", &p);
        double off = compare(i);
        most = fmax(most, off);
        unknown += isnan(off);
    }
    print_message("%d problems, largest difference %.2g yuan, no plain optimum for %d\n",
                  run.problems, most, unknown);
    assert_int_equal(run.wrong, 0);
}

/* Problems whose optimum was once missed, by what was wrong. */
static void once_missed_is_found(void **state)
{
    static const int missed[] = {
        /* a dual on the row of the export's peak made export and peak one column */
        398, 483, 523, 677, 682, 781,
    };
    (void)state;
    struct random_campaign asked = run;
    run.first = 0;
    for (size_t k = 0; k < sizeof missed / sizeof missed[0]; k++) {
        (void)random_draw(&run, missed[k], "problem", &p);
        (void)compare(missed[k]);
    }
    asked.wrong = run.wrong;
    run = asked;
    assert_int_equal(run.wrong, 0);
}

/* With weights the optimum is still the plain one; absorption first leaves no more than the
 * plain optimum of the first level. */
static void goals_are_reached(void **state)
{
    (void)state;
    for (int i = 0; i < run.problems; i++) {
        char text[96];
        struct rng r = random_draw(&run, i, "problem", &p);
        p.goal.unabsorbed_yuan_per_kwh = random_pick(&r, 0, 2);
        p.goal.carbon_yuan_per_kg = random_pick(&r, 0, 1);
        solve(i);
        double want = plain_optimum();
        snprintf(text, sizeof text, "blend %.6f, plain optimum %.6f", plan.objective_yuan,
                 want);
        random_demand(&run, i, isnan(want) || is_near(plan.objective_yuan, want), text);
        p.goal.first = GOAL_ABSORPTION;
        enum err e = solve_problem(&p, NULL, &LONG_ENOUGH, &plan, NULL);
        random_demand(&run, i, e == ERR_OK, "no plan of two levels");
        prove(i, &plan);
        double left = plan_unabsorbed_kwh(&plan), bound = plan.absorbed.bound_kwh;
        goal_level_absorption(&level, &p);
        memcpy(&p, &level, problem_bytes(&level));
        want = plain_optimum() - p.goal.base_yuan;
        snprintf(text, sizeof text, "%.3f kWh left, plain optimum %.3f", left, want);
        random_demand(&run, i, isnan(want) || left <= want + 0.1, text);
        random_demand(&run, i, isnan(want) || bound <= want + 0.1,
                      "absorption's bound is false");
    }
    assert_int_equal(run.wrong, 0);
}

/* The same plan laid over a later and changed question is always a plan. */
static void old_plans_fit_new_questions(void **state)
{
    (void)state;
    for (int i = 0; i < run.problems; i++) {
        struct rng r = random_draw(&run, i, "problem", &p);
        random_demand(&run, i, rule_plan(&p, &old) == ERR_OK, "no plan by rules");
        rng_init(&r, random_seed(&run, i), "optimizer",
                 random_coin(&r, 0.5) ? "problem" : "later");
        random_problem(&p, &r);
        p.start_ms += (int64_t)(random_pick(&r, 0, 3) * 3600000);
        random_demand(&run, i, shift_plan(&p, &old, &plan) == ERR_OK, "no plan followed");
        prove(i, &plan);
    }
    assert_int_equal(run.wrong, 0);
}

/* Changes one number of a plan by more than the tolerance; costs stated anew half of the time.
 * Marginal values (the pool's last series, one per bus) are no promise and left alone. */
static void corrupt(struct rng *r, const struct plan *pl)
{
    uint32_t proved = pl->pool_count - pl->bus_count * pl->steps;
    uint32_t at = (uint32_t)(rng_uniform(r) * proved);
    plan_copy(&bad, pl);
    if (random_coin(r, 0.1)) {
        bad.cost_yuan[(int)(rng_uniform(r) * COST_COUNT)] += random_pick(r, 0.5, 50);
    } else if (random_coin(r, 0.1)) {
        bad.objective_yuan *= 1 + random_pick(r, 0.001, 0.1);
        bad.objective_yuan += 1;
    } else {
        bad.pool[at] += (random_coin(r, 0.5) ? 1 : -1) * random_pick(r, 0.1, 100);
        if (random_coin(r, 0.5)) {
            tally_state(&bad, &p);
        }
    }
}

static void corrupted_plans_are_refused(void **state)
{
    (void)state;
    int lies = 0;
    for (int i = 0; i < run.problems; i++) {
        struct rng r = random_draw(&run, i, "problem", &p);
        struct checker_fault why;
        random_demand(&run, i, rule_plan(&p, &old) == ERR_OK, "no plan by rules");
        for (int k = 0; k < LIES_PER_PLAN; k++) {
            corrupt(&r, &old);
            random_demand(&run, i, checker_check(&p, &bad, &why) != ERR_OK,
                          "a lie was believed");
            lies++;
        }
    }
    print_message("%d lies refused\n", lies - run.wrong);
    assert_int_equal(run.wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(optimum_is_the_plain_one, begin),
        cmocka_unit_test_setup(once_missed_is_found, begin),
        cmocka_unit_test_setup(goals_are_reached, begin),
        cmocka_unit_test_setup(old_plans_fit_new_questions, begin),
        cmocka_unit_test_setup(corrupted_plans_are_refused, begin),
    };
    run = random_campaign(PROBLEMS);
    cmocka_set_test_filter(run.only);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
