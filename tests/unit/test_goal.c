/* Goals: absorption first, blends, the trace of renewable energy and its proof, on problems
 * whose answer is known by hand and on the reference park's Sunday. */
#include "optimizer/checker.h"
#include "optimizer/goal.h"
#include "optimizer/rule.h"
#include "optimizer/tally.h"
#include "optimizer/trace.h"
#include "tests/support/park_problem.h"
#include "tests/support/tiny_problem.h"
#include "tests/unit/test_plant_near.h"
#include <math.h>
#include <string.h>

static struct problem p;
static struct plan plan, other;

static void must_hold(const struct plan *pl)
{
    struct checker_fault why = {""};
    if (checker_check(&p, pl, &why) != ERR_OK) {
        fail_msg("%s", why.text);
    }
}

static void solve(void)
{
    assert_int_equal(tiny_solve(&p, &plan), ERR_OK);
    must_hold(&plan);
}

/* 300 kW of sun in the first of four hours beside 100 kW of load; export is not permitted. */
static void sunny(void)
{
    struct problem_source s;
    double kw[4] = {300, 0, 0, 0};
    tiny_problem(&p, 4);
    problem_source_init(&s, "pv", 0);
    assert_int_equal(problem_series(&p, kw, &s.available_kw), ERR_OK);
    assert_int_equal(problem_add_source(&p, &s, NULL), ERR_OK);
}

/* A heat bus with a dump, a load and a heat pump of 200 kW. */
static void warm(double draw_kw, double dump_yuan_per_kwh)
{
    struct problem_load l;
    struct problem_converter c;
    assert_int_equal(problem_add_bus(&p, "heat", BUS_HEAT, NULL), ERR_OK);
    p.bus[1].dump = 1;
    p.bus[1].dump_yuan_per_kwh = dump_yuan_per_kwh;
    problem_load_init(&l, "water", 1);
    l.draw_kw = series_const(draw_kw);
    assert_int_equal(problem_add_load(&p, &l, NULL), ERR_OK);
    problem_converter_init(&c, "hp", 0);
    c.in_kw_max = series_const(200);
    c.out[0].bus = 1;
    c.out[0].gain = series_const(3);
    assert_int_equal(problem_add_converter(&p, &c, NULL), ERR_OK);
}

/* A battery of 100 kW, 90 % each way, empty at both ends, whose wear makes it not worth its
 * while.
 */
static void dear_battery(void)
{
    double kwh[4] = {200, 200, 200, 0};
    int b = tiny_battery(&p);
    assert_int_equal(problem_series(&p, kwh, &p.storage[b].energy_kwh_max), ERR_OK);
    p.storage[b].charge_pu = p.storage[b].discharge_pu = 0.9;
    p.storage[b].energy_start_kwh = p.storage[b].end_kwh_min = 0;
    p.storage[b].wear_yuan_per_kwh = 3;
}

/* By cost the battery rests and 200 kWh are curtailed. First of all absorbing, it takes its 100
 * kW: 100 kWh in, 90 kept, 81 out: 100 curtailed, 19 lost. The 81 kWh save 81 yuan in the dear
 * half and cost 243 of wear; the last kWh absorbed is charged 1/0.81 times, so it costs (3 - 1)
 * yuan. */
static void absorption_comes_before_cost(void **state)
{
    (void)state;
    sunny();
    dear_battery();
    solve();
    double cost = plan.objective_yuan;
    assert_int_equal(plan.absorbed.traced, 0);
    p.goal.first = GOAL_ABSORPTION;
    solve();
    assert_int_equal(plan.status, PLAN_PROVEN);
    assert_near(plan.absorbed.available_kwh, 300, 1e-6);
    assert_near(plan.absorbed.curtailed_kwh, 100, 0.05);
    assert_near(plan.absorbed.lost_kwh, 19, 0.05);
    assert_near(plan.absorbed.bound_kwh, 119, 0.1);
    assert_near(plan.objective_yuan, cost + 81 * 2, 0.2);
    assert_near(plan.absorbed.last_yuan_per_kwh, 2, 0.01);
}

/* Where cost alone absorbs all that can be absorbed, the last kWh costs nothing. */
static void what_pays_by_itself_costs_nothing(void **state)
{
    (void)state;
    sunny();
    dear_battery();
    p.storage[0].wear_yuan_per_kwh = 0.1;
    solve();
    double cost = plan.objective_yuan;
    p.goal.first = GOAL_ABSORPTION;
    solve();
    assert_near(plan.objective_yuan, cost, 1e-2);
    assert_near(plan.absorbed.last_yuan_per_kwh, 0, 1e-6);
}

/* A heat pump could take the sun and throw its heat away. That is no absorption: it serves its
 * load of 30 kW (10 kW electric) and rests. */
static void dumped_heat_is_not_absorbed(void **state)
{
    (void)state;
    sunny();
    warm(30, 0);
    p.goal.first = GOAL_ABSORPTION;
    solve();
    assert_near(plan_unabsorbed_kwh(&plan), 190, 0.05);
    assert_near(plan.absorbed.dumped_kwh, 0, 0.02);
    assert_near(plan.absorbed.curtailed_kwh, 190, 0.05);
}

/* A tank that loses half of its content each hour is no place for heat that nobody draws. */
static void a_leaking_store_is_not_absorption(void **state)
{
    (void)state;
    struct problem_storage s;
    sunny();
    warm(0, 0);
    problem_storage_init(&s, "tank", 1, 1);
    s.charge_kw_max = s.discharge_kw_max = series_const(600);
    s.energy_kwh_max = series_const(600);
    s.loss_pu_per_h = 0.5;
    assert_int_equal(problem_add_storage(&p, &s, NULL), ERR_OK);
    p.goal.first = GOAL_ABSORPTION;
    solve();
    assert_near(plan_unabsorbed_kwh(&plan), 200, 0.05);
}

/* The guard keeps 40 kW of import in the sunny hour: a wish that absorption does not break. */
static void no_wish_is_broken_to_absorb(void **state)
{
    (void)state;
    sunny();
    p.grid.import_kw_min = series_const(40);
    p.goal.first = GOAL_ABSORPTION;
    solve();
    assert_near(plan_unabsorbed_kwh(&plan), 240, 0.05);
    assert_int_equal(plan.breach_total, 0);
}

/* Night energy in a battery was never renewable: its losses do not count, and the battery works
 * as for cost. */
static void bought_energy_may_be_stored(void **state)
{
    (void)state;
    struct problem_source s;
    tiny_problem(&p, 4);
    dear_battery();
    p.storage[0].wear_yuan_per_kwh = 0;
    problem_source_init(&s, "pv", 0);
    s.available_kw = series_const(20); /* always less than the load */
    assert_int_equal(problem_add_source(&p, &s, NULL), ERR_OK);
    solve();
    double cost = plan.objective_yuan;
    p.goal.first = GOAL_ABSORPTION;
    solve();
    assert_near(plan_unabsorbed_kwh(&plan), 0, 0.05);
    assert_near(plan.objective_yuan, cost, 1e-2);
    assert_near(cost, 4 * 80 * 0.7 - 160 + 160 / 0.81 * 0.4, 1e-2);
}

/* Priced at 2.1 yuan a kWh the battery pays (it absorbs a kWh for 2), at 1.9 it does not. */
static void blends_weigh_absorption_against_cost(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        sunny();
        dear_battery();
        p.goal.unabsorbed_yuan_per_kwh = k ? 2.1 : 1.9;
        solve();
        double left = k ? 119 : 200;
        assert_int_equal(plan.status, PLAN_PROVEN);
        assert_near(plan_unabsorbed_kwh(&plan), left, 0.05);
        assert_near(plan.cost_yuan[COST_GOAL], left * p.goal.unabsorbed_yuan_per_kwh, 0.1);
    }
}

/* Grid at 0.4 yuan and 0.8 kg, a clean source at 0.5: a carbon price or a weight of more than
 * 0.125 yuan/kg turns it; only the price is money. */
static void carbon_is_priced_or_weighed(void **state)
{
    (void)state;
    const struct {
        double price, weight;
        bool clean;
    } rows[] = {
        {0,    0.1,  false},
        {0.1,  0,    false},
        {0,    0.15, true },
        {0.15, 0,    true },
        {0.07, 0.07, true }
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct problem_source s;
        tiny_problem(&p, 4);
        p.grid.import_yuan_per_kwh = series_const(0.4);
        p.grid.kgco2_per_kwh = series_const(0.8);
        problem_source_init(&s, "biogas", 0);
        s.available_kw = series_const(1000);
        s.yuan_per_kwh = series_const(0.5);
        assert_int_equal(problem_add_source(&p, &s, NULL), ERR_OK);
        p.co2_yuan_per_kg = rows[i].price;
        p.goal.carbon_yuan_per_kg = rows[i].weight;
        solve();
        double kg = rows[i].clean ? 0 : 320;
        assert_near(plan.cost_yuan[COST_CARBON], kg * rows[i].price, 1e-3);
        assert_near(plan.cost_yuan[COST_GOAL], kg * rows[i].weight, 1e-3);
        assert_near(plan.objective_yuan - plan.cost_yuan[COST_GOAL],
                    rows[i].clean ? 200 : 160 + kg * rows[i].price, 1e-2);
    }
}

/* The rules' plan is traced too, and nothing that the search proves says more than it. */
static void a_plan_of_the_rules_is_traced(void **state)
{
    (void)state;
    park_problem(&p, DAY_SPR_SUNDAY, true, 24);
    p.goal.first = GOAL_ABSORPTION;
    assert_int_equal(rule_plan(&p, &plan), ERR_OK);
    must_hold(&plan);
    assert_true(plan.absorbed.available_kwh > 25000);
    assert_true(plan_unabsorbed_kwh(&plan) > 0);
}

/* The published Sunday: 17,567 of 27,888 kWh curtailed where nothing is coordinated; all used
 * where the stores and the heat pump are. Losses of the battery and the brick store remain. */
static void sunday_is_absorbed(void **state)
{
    (void)state;
    struct problem_fault fault;
    struct solve_limits l = {.work = 60000, .gap_pu = 1e-3};
    park_problem(&p, DAY_SPR_SUNDAY, true, 24);
    assert_int_equal(solve_problem(&p, NULL, &l, &other, &fault), ERR_OK);
    p.goal.first = GOAL_ABSORPTION;
    assert_int_equal(solve_problem(&p, NULL, &l, &plan, &fault), ERR_OK);
    must_hold(&plan);
    printf("# unabsorbed %.1f kWh (%.1f curtailed, %.1f dumped, %.1f lost), at least %.1f; "
           "last kWh %.3f yuan; cost %.0f, by cost alone %.0f\n",
           plan_unabsorbed_kwh(&plan), plan.absorbed.curtailed_kwh, plan.absorbed.dumped_kwh,
           plan.absorbed.lost_kwh, plan.absorbed.bound_kwh, plan.absorbed.last_yuan_per_kwh,
           plan.objective_yuan, other.objective_yuan);
    assert_true(plan_absorption_proven(&plan));
    assert_true(plan.objective_yuan >= other.bound_yuan - 1);
}

/* On the small park's Sunday a battery that charges and discharges at once would burn what the
 * guard wants to be bought and make room for the sun: the model knows it, so that the first
 * plans stand and no second run with all exclusivities is needed. */
static void no_battery_burns_for_the_guard(void **state)
{
    (void)state;
    struct problem_fault fault;
    struct solve_limits l = {.work = 8000, .gap_pu = 1e-3};
    small_problem(&p, true, 24);
    p.goal.first = GOAL_ABSORPTION;
    assert_int_equal(solve_problem(&p, NULL, &l, &plan, &fault), ERR_OK);
    must_hold(&plan);
    printf("# unabsorbed %.1f kWh, at least %.1f\n", plan_unabsorbed_kwh(&plan),
           plan.absorbed.bound_kwh);
    assert_true(plan_unabsorbed_kwh(&plan) < 1601);
}

/* Every false claim about absorption is refused. */
static void false_claims_are_refused(void **state)
{
    (void)state;
    sunny();
    dear_battery();
    p.goal.first = GOAL_ABSORPTION;
    solve();
    for (int k = 0; k < 8; k++) {
        plan_copy(&other, &plan);
        struct plan_absorption *a = &other.absorbed;
        double *charge = plan_series(&other, a->charge_kw[0]);
        double *discharge = plan_series(&other, a->discharge_kw[0]);
        switch (k) {
        case 0:
            a->curtailed_kwh -= 10;
            break;
        case 1:
            a->lost_kwh -= 1;
            break;
        case 2: /* more than was charged at all */
            charge[0] += 50;
            break;
        case 3: /* what went into the battery met no draw */
            charge[0] -= 50;
            break;
        case 4: /* content from nowhere */
            memset(charge, 0, 4 * sizeof *charge);
            break;
        case 5:
            a->bound_kwh += 5;
            break;
        case 6: /* proven, with a bound that does not prove it */
            a->bound_kwh = 20;
            break;
        case 7:
            discharge[0] += 100;
            break;
        }
        struct plan_absorption claim = *a;
        if (k > 1 && k != 5 && k != 6) {
            tally_state(&other, &p);
            claim = other.absorbed;
        }
        other.absorbed = claim;
        assert_int_not_equal(checker_check(&p, &other, NULL), ERR_OK);
    }
    plan_copy(&other, &plan);
    other.absorbed.traced = 0;
    assert_int_not_equal(checker_check(&p, &other, NULL), ERR_OK);
}

/* Heat to power and back: the trace walks onwards only. */
static void a_trace_ends_where_it_would_return(void **state)
{
    (void)state;
    struct problem_converter c;
    struct trace tr;
    sunny();
    warm(0, 0);
    problem_converter_init(&c, "orc", 1);
    c.out[0].bus = 0;
    c.out[0].gain = series_const(0.1);
    assert_int_equal(problem_add_converter(&p, &c, NULL), ERR_OK);
    trace_init(&tr, &p);
    assert_int_equal(tr.buses, 2);
    assert_true(tr.converter[0] && !tr.converter[1]);
    p.converter[0].out[0].offset_kw = series_const(-1);
    trace_init(&tr, &p);
    assert_int_equal(tr.buses, 1);
    assert_true(!tr.converter[0]);
}

/* Marked sources count, unpriced gas on no electric bus does not. */
static void renewable_is_marked_or_free_power(void **state)
{
    (void)state;
    sunny();
    assert_true(problem_source_renewable(&p, 0));
    p.source[0].yuan_per_kwh = series_const(0.2);
    assert_true(!problem_source_renewable(&p, 0));
    p.source[0].renewable = 1;
    assert_true(problem_source_renewable(&p, 0));
    p.source[0].renewable = -1;
    p.source[0].yuan_per_kwh = series_const(0);
    assert_true(!problem_source_renewable(&p, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absorption_comes_before_cost),
        cmocka_unit_test(what_pays_by_itself_costs_nothing),
        cmocka_unit_test(dumped_heat_is_not_absorbed),
        cmocka_unit_test(a_leaking_store_is_not_absorption),
        cmocka_unit_test(no_wish_is_broken_to_absorb),
        cmocka_unit_test(bought_energy_may_be_stored),
        cmocka_unit_test(blends_weigh_absorption_against_cost),
        cmocka_unit_test(carbon_is_priced_or_weighed),
        cmocka_unit_test(a_plan_of_the_rules_is_traced),
        cmocka_unit_test(sunday_is_absorbed),
        cmocka_unit_test(no_battery_burns_for_the_guard),
        cmocka_unit_test(false_claims_are_refused),
        cmocka_unit_test(a_trace_ends_where_it_would_return),
        cmocka_unit_test(renewable_is_marked_or_free_power),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
