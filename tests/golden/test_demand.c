/* The published table of how the demand charge enters the optimizer (park-context 3.5: two days
 * of the bench model under six ways of charging demand): our bill, energy and charge together,
 * is at most 1 % over each row's. Budgets are work, so every machine gets the same plans. */
#include "optimizer/checker.h"
#include "optimizer/solve.h"
#include "optimizer/tally.h"
#include "tests/support/park_problem.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static struct problem p;
static struct plan plan;

/* Contract 4,200 kW at 40 yuan: 4,410 kW free, 80 yuan beyond and 8,400 once. */
static const struct {
    const char *model;
    enum park_day day;
    double free_kw, over_yuan_per_kw, jump_yuan;
    double published_yuan, published_kw; /* without the demand charge; peak */
} rows[] = {
    {"energy only",               DAY_SUM_CLEAR, 0,    0,         0,    32813, 8000},
    {"contract demand",           DAY_SUM_CLEAR, 4410, 80,        8400, 32887, 4410},
    {"energy only",               DAY_WIN_CLOUD, 0,    0,         0,    53771, 8000},
    {"contract demand",           DAY_WIN_CLOUD, 4410, 80,        8400, 54254, 4410},
    {"actual, full price from 0", DAY_WIN_CLOUD, 0,    40,        0,    65088, 2168},
    {"actual, a thirtieth a day", DAY_WIN_CLOUD, 0,    40.0 / 30, 0,    54342, 4184},
    {"actual, free up to 3,500",  DAY_WIN_CLOUD, 3500, 40,        0,    56146, 3500},
};

static void bills_are_those_of_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct solve_limits l = {.work = 60000, .gap_pu = 1e-3};
        struct problem_fault fault;
        struct checker_fault why = {""};
        park_problem(&p, rows[i].day, true, 24);
        p.grid.demand_so_far_kw = 0;
        p.grid.demand_target_kw = rows[i].free_kw;
        p.grid.demand_over_yuan_per_kw = rows[i].over_yuan_per_kw;
        p.grid.demand_jump_yuan = rows[i].jump_yuan;
        assert_int_equal(solve_problem(&p, NULL, &l, &plan, &fault), ERR_OK);
        assert_int_equal(checker_check(&p, &plan, &why), ERR_OK);
        double over =
            fmax(rows[i].published_kw - rows[i].free_kw, 0) * rows[i].over_yuan_per_kw;
        double published = rows[i].published_yuan + over, kw = tally_demand_kw(&p, &plan);
        printf("# %-9s %-26s %9.0f yuan at %5.0f kW, published %9.0f at %5.0f: %+.2f %%\n",
               park_day_name(rows[i].day), rows[i].model, plan.objective_yuan, kw, published,
               rows[i].published_kw, 100 * (plan.objective_yuan / published - 1));
        assert_true(plan.objective_yuan <= 1.01 * published);
        assert_int_equal(plan.breach_total, rows[i].free_kw > 0 ? 0 : plan.breach_total);
    }
}

/* What the month pays for a day planned without demand: the cliff of the contract. */
static void ignoring_demand_costs_the_published_penalty(void **state)
{
    (void)state;
    struct solve_limits l = {.work = 60000, .gap_pu = 1e-3};
    struct problem_fault fault;
    struct tally y;
    park_problem(&p, DAY_WIN_CLOUD, true, 24);
    p.grid.demand_over_yuan_per_kw = p.grid.demand_jump_yuan = 0;
    assert_int_equal(solve_problem(&p, NULL, &l, &plan, &fault), ERR_OK);
    p.grid.demand_over_yuan_per_kw = 80;
    p.grid.demand_jump_yuan = 8400;
    tally_plan(&y, &p, &plan);
    double kw = tally_demand_kw(&p, &plan);
    printf("# a plan without demand draws %.0f kW and owes %.0f yuan (published 295,600 at "
           "8,000)\n",
           kw, y.yuan[COST_DEMAND]);
    assert_true(fabs(y.yuan[COST_DEMAND] - ((kw - 4410) * 80 + 8400)) < 1e-6);
    assert_true(fabs((8000.0 - 4410) * 80 + 8400 - 295600) < 1e-9);
    assert_true(kw > 6000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bills_are_those_of_the_table),
        cmocka_unit_test(ignoring_demand_costs_the_published_penalty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
