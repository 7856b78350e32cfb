/* Our plans beside the published results of the reference park (park-context 3.5, 6.8): six
 * days in full coordination, and what each way of billing demand costs. Prints both tables and
 * fails where ours is dearer than published by more than 1 %. `make verify-plans` shows them.
 */
#include "optimizer/checker.h"
#include "optimizer/rule.h"
#include "optimizer/solve.h"
#include "optimizer/tally.h"
#include "tests/support/park_problem.h"
#include "tests/unit/test_plant_near.h"
#include <math.h>

static const double DEARER_PU = 0.01;
/* Far cheaper would say that the question is not the published one. */
static const double CHEAPER_PU = 0.06;
static const double CONTRACT_KW = 4200, YUAN_PER_KW = 40;

static struct problem p;
static struct plan plan, other;

/* Solves what p asks; the checker accepts the plan, and it is no dearer than the rules'. */
static void solve_day(void)
{
    struct solve_limits l = {.work = 9000, .gap_pu = 0.002};
    struct checker_fault why = {""};
    assert_int_equal(solve_problem(&p, NULL, &l, &plan, NULL), ERR_OK);
    if (checker_check(&p, &plan, &why) != ERR_OK) {
        fail_msg("%s", why.text);
    }
    assert_int_equal(rule_plan(&p, &other), ERR_OK);
    assert_true(plan.objective_yuan <= other.objective_yuan + 1e-6);
    assert_true(plan.gap_pu <= 0.02);
}

static bool is_met(double ours, double published)
{
    double off_pu = ours / published - 1;
    return off_pu <= DEARER_PU && off_pu >= -CHEAPER_PU;
}

/* Cost of energy, gas, wear, starts and running; the demand charge is not in the table. */
static void six_days_are_met(void **state)
{
    (void)state;
    int missed = 0;
    print_message("%-10s %10s %10s %8s %8s\n", "day", "published", "ours", "", "gap");
    for (int d = 0; d < DAY_COUNT; d++) {
        park_problem(&p, (enum park_day)d, true, 24);
        solve_day();
        double ours = plan.objective_yuan - plan.cost_yuan[COST_DEMAND];
        double published = park_day_full_yuan((enum park_day)d);
        print_message("%-10s %10.0f %10.0f %+6.1f %% %6.2f %%\n",
                      park_day_name((enum park_day)d), published, ours,
                      100 * (ours / published - 1), 100 * plan.gap_pu);
        assert_true(tally_demand_kw(&p, &plan) <= 1.05 * CONTRACT_KW + 0.01);
        assert_int_equal(plan.breach_count, 0);
        missed += !is_met(ours, published);
    }
    assert_int_equal(missed, 0);
}

/* A way of billing: free up to free_kw, then over yuan per kW and once a jump. */
struct billing {
    enum park_day day;
    const char *name;
    double free_kw, over_yuan_per_kw, jump_yuan;
    double published_yuan, published_kw; /* without demand charge; highest import */
};

static const double JUMP_YUAN = 0.05 * CONTRACT_KW * YUAN_PER_KW;
static const double FREE_KW = 1.05 * CONTRACT_KW, OVER = 2 * YUAN_PER_KW;

static double demand_yuan(const struct billing *b, double kw)
{
    double over = fmax(kw - b->free_kw, 0);
    return over * b->over_yuan_per_kw + (over > 0 ? b->jump_yuan : 0);
}

static void every_billing_is_met(void **state)
{
    (void)state;
    const struct billing rows[] = {
        {DAY_SUM_CLEAR, "energy only",             0,       0,                0,         32813, 8000},
        {DAY_SUM_CLEAR, "contract demand",         FREE_KW, OVER,             JUMP_YUAN, 32887, 4410},
        {DAY_WIN_CLOUD, "energy only",             0,       0,                0,         53771, 8000},
        {DAY_WIN_CLOUD, "contract demand",         FREE_KW, OVER,             JUMP_YUAN, 54254, 4410},
        {DAY_WIN_CLOUD, "actual demand from 0",    0,       YUAN_PER_KW,      0,         65088, 2168},
        {DAY_WIN_CLOUD, "actual demand, p/30",     0,       YUAN_PER_KW / 30, 0,         54342, 4184},
        {DAY_WIN_CLOUD, "actual demand over 3500", 3500,    YUAN_PER_KW,      0,         56146, 3500},
    };
    int missed = 0;
    print_message("%-10s %-24s %16s %16s %18s\n", "day", "billing", "published, kW", "ours, kW",
                  "with demand charge");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct billing *b = &rows[i];
        park_problem(&p, b->day, true, 24);
        p.grid.demand_so_far_kw = 0;
        p.grid.demand_target_kw = b->free_kw;
        p.grid.demand_over_yuan_per_kw = b->over_yuan_per_kw;
        p.grid.demand_jump_yuan = b->jump_yuan;
        solve_day();
        double kw = tally_demand_kw(&p, &plan), demand = plan.cost_yuan[COST_DEMAND];
        double published = b->published_yuan + demand_yuan(b, b->published_kw);
        assert_near(demand, demand_yuan(b, kw), 1e-3 * fmax(demand, 1));
        print_message("%-10s %-24s %9.0f %6.0f %9.0f %6.0f %+16.1f %%\n", park_day_name(b->day),
                      b->name, b->published_yuan, b->published_kw, plan.objective_yuan - demand,
                      kw, 100 * (plan.objective_yuan / published - 1));
        missed += !is_met(plan.objective_yuan, published);
    }
    assert_int_equal(missed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(six_days_are_met),
        cmocka_unit_test(every_billing_is_met),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
