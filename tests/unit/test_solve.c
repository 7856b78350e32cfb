/* The whole solve on problems whose answer is known. Budgets are work, so that every machine
 * gets the same plans; the reference park's days: tests/golden/test_reference_tables.c. */
#include "optimizer/checker.h"
#include "optimizer/rule.h"
#include "optimizer/solve.h"
#include "optimizer/tally.h"
#include "sim/rng.h"
#include "tests/support/park_problem.h"
#include "tests/support/tiny_problem.h"
#include "tests/unit/test_plant_near.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct problem p;
static struct plan plan, other;

/* Solves and demands what holds for every plan: the checker accepts it, no dearer than rules.
 */
static void solve_tiny(void)
{
    struct checker_fault why = {""};
    assert_int_equal(tiny_solve(&p, &plan), ERR_OK);
    if (checker_check(&p, &plan, &why) != ERR_OK) {
        fail_msg("%s", why.text);
    }
    assert_int_equal(rule_plan(&p, &other), ERR_OK);
    assert_true(plan.objective_yuan <= other.objective_yuan + 1e-6);
    assert_true(plan.bound_yuan <= plan.objective_yuan + 1e-6);
}

static const struct plan_breach *breach(enum breach_kind k)
{
    for (uint32_t i = 0; i < plan.breach_count; i++) {
        if (plan.breach[i].kind == (int)k) {
            return &plan.breach[i];
        }
    }
    return NULL;
}

static void battery_moves_energy_to_the_dear_half(void **state)
{
    (void)state;
    tiny_problem(&p, 8);
    tiny_battery(&p);
    solve_tiny();
    /* 100 kWh more in at 0.4, 200 out at 1.0, 100 back in before the end: at 1.0 */
    assert_near(plan.objective_yuan, tiny_yuan(&p) + 100 * 0.4 - 200 + 100, 1e-4);
    assert_int_equal(plan.status, PLAN_PROVEN);
}

static void soc_outside_its_band_is_a_fact_not_an_error(void **state)
{
    (void)state;
    for (int high = 0; high < 2; high++) {
        tiny_problem(&p, 8);
        int b = tiny_battery(&p);
        p.storage[b].energy_kwh_min = series_const(50);
        p.storage[b].energy_kwh_max = series_const(150);
        p.storage[b].energy_start_kwh = high ? 190 : 5;
        solve_tiny();
        const double *kwh = plan_read(&plan, plan.storage_energy_kwh[b]);
        assert_true(kwh[1] >= 50 - 0.01 && kwh[1] <= 150 + 0.01);
    }
}

static void firing_goes_where_power_is_cheap(void **state)
{
    (void)state;
    tiny_problem(&p, 10);
    int o = tiny_order(&p, 200, 3);
    p.order[o].earliest_step = 1;
    solve_tiny();
    assert_in_range(plan.order_start[o], 1, 2);
    assert_near(plan.objective_yuan, tiny_yuan(&p) + 600 * 0.4, 1e-4);
}

static void impossible_due_time_is_listed(void **state)
{
    (void)state;
    tiny_problem(&p, 10);
    int o = tiny_order(&p, 200, 4);
    p.order[o].due_s = 3600;
    p.order[o].late_yuan_per_h = 10;
    solve_tiny();
    assert_int_equal(plan.order_start[o], 0);
    assert_non_null(breach(BREACH_LATE));
    assert_near(plan.cost_yuan[COST_LATE], 30, 1e-6);
}

static void zero_length_windows_leave_their_wish_open(void **state)
{
    (void)state;
    struct problem_job j;
    tiny_problem(&p, 6);
    problem_job_init(&j, "charge", 0);
    j.from_step = j.to_step = 3;
    j.energy_kwh = 20;
    j.draw_kw_max = series_const(50);
    assert_int_equal(problem_add_job(&p, &j, NULL), ERR_OK);
    int o = tiny_order(&p, 50, 1);
    p.order[o].start_ok = series_const(0);
    solve_tiny();
    assert_non_null(breach(BREACH_SHORT));
    assert_non_null(breach(BREACH_SKIPPED));
    assert_int_equal(plan.order_start[o], PLAN_NONE);
}

/* A first step cut short makes a minimum run of one hour end within the step after it. */
static void rest_below_a_minimum_run_is_still_drawn(void **state)
{
    (void)state;
    struct problem_job j;
    tiny_problem(&p, 6);
    p.step_s[0] = 1700;
    problem_job_init(&j, "mill", 0);
    j.to_step = 3;
    j.energy_kwh = 2;
    j.draw_kw_max = series_const(40);
    j.draw_kw_min = 40;
    j.min_run_s = 3600;
    assert_int_equal(problem_add_job(&p, &j, NULL), ERR_OK);
    solve_tiny();
    assert_int_equal(rule_plan(&p, &plan), ERR_OK);
    assert_int_equal(checker_check(&p, &plan, NULL), ERR_OK);
}

static void nan_is_refused_by_name(void **state)
{
    (void)state;
    struct solve_limits l = {.work = 100};
    struct problem_fault fault;
    tiny_problem(&p, 4);
    p.load[0].draw_kw = series_const(NAN);
    assert_int_equal(solve_problem(&p, NULL, &l, &plan, &fault), ERR_NUMERIC);
    assert_non_null(strstr(fault.text, "works"));
    assert_non_null(strstr(fault.text, "draw_kw"));
}

static void cap_of_demand_response_is_kept_by_the_battery(void **state)
{
    (void)state;
    tiny_problem(&p, 8);
    tiny_battery(&p);
    struct problem_cap c = {.from_step = 2, .to_step = 4, .kw = 60};
    problem_name(c.name, "dr");
    assert_int_equal(problem_add_cap(&p, &c, NULL), ERR_OK);
    solve_tiny();
    const double *in = plan_read(&plan, plan.import_kw);
    assert_true(in[2] <= 60.01 && in[3] <= 60.01);
    assert_null(breach(BREACH_CAP));
}

static void cap_that_cannot_be_kept_is_listed(void **state)
{
    (void)state;
    tiny_problem(&p, 4);
    struct problem_cap c = {.from_step = 1, .to_step = 2, .kw = 60};
    problem_name(c.name, "dr");
    assert_int_equal(problem_add_cap(&p, &c, NULL), ERR_OK);
    solve_tiny();
    assert_non_null(breach(BREACH_CAP));
    assert_near(breach(BREACH_CAP)->kw_max, 40, 0.01);
}

/* A firing of 200 kW over a free demand of 250 kW: over the cliff by 50 only if it pays. */
static void contract_cliff_is_avoided_or_paid_with_its_jump(void **state)
{
    (void)state;
    for (int forced = 0; forced < 2; forced++) {
        tiny_problem(&p, 6);
        p.grid.demand_target_kw = 250;
        p.grid.demand_over_yuan_per_kw = 80;
        p.grid.demand_jump_yuan = 500;
        p.order[tiny_order(&p, 200, 1)].skip_yuan = 1e5;
        if (!forced) {
            int b = tiny_battery(&p);
            p.storage[b].end_kwh_min = 0;
        }
        solve_tiny();
        double top = tally_demand_kw(&p, &plan);
        assert_true(forced ? top > 299 : top <= 250.01);
        assert_near(plan.cost_yuan[COST_DEMAND], forced ? 80 * 50 + 500 : 0, 0.5);
    }
}

static void month_that_has_jumped_pays_no_second_jump(void **state)
{
    (void)state;
    tiny_problem(&p, 6);
    p.grid.demand_target_kw = 250;
    p.grid.demand_so_far_kw = 280;
    p.grid.demand_over_yuan_per_kw = 80;
    p.grid.demand_jump_yuan = 500;
    tiny_order(&p, 200, 1);
    solve_tiny();
    assert_near(plan.cost_yuan[COST_DEMAND], 80 * 20, 0.5);
}

static void outage_is_a_hole_or_lived_through_from_the_battery(void **state)
{
    (void)state;
    for (int with = 0; with < 2; with++) {
        double most[6] = {1000, 1000, 0, 1000, 1000, 1000};
        tiny_problem(&p, 6);
        assert_int_equal(problem_series(&p, most, &p.grid.import_kw_max), ERR_OK);
        if (with) {
            tiny_battery(&p);
        }
        solve_tiny();
        assert_true((breach(BREACH_UNSERVED) != NULL) == (with == 0));
    }
}

static void flat_prices_leave_the_battery_alone(void **state)
{
    (void)state;
    tiny_problem(&p, 8);
    int b = tiny_battery(&p);
    p.grid.import_yuan_per_kwh = series_const(0.5);
    p.storage[b].wear_yuan_per_kwh = 0.1;
    solve_tiny();
    assert_near(plan.cost_yuan[COST_WEAR], 0, 1e-6);
    assert_near(plan.objective_yuan, tiny_yuan(&p), 1e-4);
}

/* 150 kWh more at 0.4 yuan/kWh, with 70 to 100 kW or not at all: 80 and 70, not 100 and 50. */
static void vehicle_charges_at_its_minimum_or_not_at_all(void **state)
{
    (void)state;
    tiny_problem(&p, 8);
    int b = tiny_battery(&p);
    p.storage[b].charge_kw_min = 70;
    p.storage[b].discharge_kw_max = series_const(0);
    p.storage[b].energy_start_kwh = 50;
    p.storage[b].end_kwh_min = 200;
    solve_tiny();
    const double *in = plan_read(&plan, plan.storage_charge_kw[b]);
    for (uint32_t t = 0; t < p.steps; t++) {
        assert_true(in[t] < 0.01 || (in[t] >= 69.99 && in[t] <= 100.01));
    }
    assert_near(plan.objective_yuan, tiny_yuan(&p) + 150 * 0.4, 1e-4);
}

/* 100, 400, 400 and 100 kW of free sun over a load of 100; the battery takes 200 kWh out of the
 * two high hours and so the peak down from 300 to 200 kW. */
static void priced_export_peak_is_shaved(void **state)
{
    (void)state;
    double sun[4] = {100, 400, 400, 100};
    struct problem_source s;
    tiny_problem(&p, 4);
    int b = tiny_battery(&p);
    p.storage[b].energy_start_kwh = p.storage[b].end_kwh_min = 0;
    p.grid.export_kw_max = series_const(1000);
    p.grid.export_peak_yuan_per_kw = 0.5;
    problem_source_init(&s, "pv", 0);
    s.fixed = 1;
    assert_int_equal(problem_series(&p, sun, &s.available_kw), ERR_OK);
    assert_int_equal(problem_add_source(&p, &s, NULL), ERR_OK);
    solve_tiny();
    assert_near(plan.cost_yuan[COST_DEMAND], 200 * 0.5, 1e-4);
    assert_near(plan_read(&plan, plan.export_kw)[1], 200, 0.01);
    assert_near(plan_read(&plan, plan.export_kw)[2], 200, 0.01);
}

static void negative_prices_do_not_burn_energy_in_the_battery(void **state)
{
    (void)state;
    tiny_problem(&p, 6);
    int b = tiny_battery(&p);
    p.grid.import_yuan_per_kwh = series_const(-0.3);
    p.storage[b].charge_pu = p.storage[b].discharge_pu = 0.8;
    solve_tiny();
    const double *in = plan_read(&plan, plan.storage_charge_kw[b]);
    const double *out = plan_read(&plan, plan.storage_discharge_kw[b]);
    for (uint32_t t = 0; t < p.steps; t++) {
        assert_true(fmin(in[t], out[t]) < 0.01);
    }
}

static void started_firing_runs_on_and_holds_its_machine(void **state)
{
    (void)state;
    tiny_problem(&p, 8);
    int a = tiny_order(&p, 200, 4);
    p.order[a].started = 1;
    p.order[a].started_s = 3600;
    struct problem_order next = p.order[a];
    next.started = 0;
    next.started_s = 0;
    problem_name(next.name, "next");
    int b = 0;
    assert_int_equal(problem_add_order(&p, &next, &b), ERR_OK);
    solve_tiny();
    assert_true(plan.order_start[b] == PLAN_NONE || plan.order_start[b] >= 3);
    assert_near(plan_read(&plan, plan.import_kw)[0], 300, 0.01);
}

static void busy_machine_waits(void **state)
{
    (void)state;
    tiny_problem(&p, 8);
    int o = tiny_order(&p, 200, 2);
    p.machine[0].free_from_s = 3 * 3600 + 60;
    solve_tiny();
    assert_true(plan.order_start[o] >= 4);
}

static int boiler(double since_s, uint32_t on)
{
    struct problem_converter c;
    struct problem_load l;
    int heat = 0, i = 0;
    assert_int_equal(problem_add_bus(&p, "heat", BUS_HEAT, &heat), ERR_OK);
    p.bus[heat].dump = 1;
    p.bus[heat].dump_yuan_per_kwh = 0.01;
    p.bus[heat].unserved_yuan_per_kwh = 0.05; /* cheaper than to heat: rather off */
    problem_load_init(&l, "hall", heat);
    l.draw_kw = series_const(40);
    assert_int_equal(problem_add_load(&p, &l, NULL), ERR_OK);
    problem_converter_init(&c, "boiler", 0);
    c.in_kw_max = series_const(50);
    c.in_kw_min = series_const(20);
    c.out[0].bus = heat;
    c.out[0].gain = series_const(1);
    c.min_up_s = 4 * 3600;
    c.min_down_s = 3 * 3600;
    c.since_s = since_s;
    c.on_now = on;
    c.in_start_kw = on ? 30 : 0;
    assert_int_equal(problem_add_converter(&p, &c, &i), ERR_OK);
    return i;
}

static void minimum_times_carry_over_from_before(void **state)
{
    (void)state;
    tiny_problem(&p, 8);
    int c = boiler(3600, 1);
    solve_tiny();
    const double *on = plan_read(&plan, plan.converter_on[c]);
    assert_true(on[0] == 1 && on[1] == 1 && on[2] == 1 && on[3] == 0);
    tiny_problem(&p, 8);
    c = boiler(3600, 0);
    p.bus[p.converter[c].out[0].bus].unserved_yuan_per_kwh = 20; /* now it should run */
    solve_tiny();
    on = plan_read(&plan, plan.converter_on[c]);
    assert_true(on[0] == 0 && on[1] == 0 && on[2] == 1);
}

/* Running on at its minimum costs 20 kW for 8 h less what the heat saves: 20 * (5.6 - 8 * 0.05)
 * = 104 yuan. */
static void stop_is_paid_or_put_off(void **state)
{
    (void)state;
    for (int dear = 0; dear < 2; dear++) {
        tiny_problem(&p, 8);
        int c = boiler(86400, 1);
        p.converter[c].stop_yuan = dear ? 110 : 100;
        solve_tiny();
        const double *on = plan_read(&plan, plan.converter_on[c]);
        for (uint32_t t = 0; t < p.steps; t++) {
            assert_true(on[t] == dear);
        }
        assert_near(plan.cost_yuan[COST_START], dear ? 0 : 100, 1e-6);
    }
}

static void no_budget_still_gives_the_rule_plan(void **state)
{
    (void)state;
    struct solve_limits l = {.work = 1};
    struct checker_fault why;
    park_problem(&p, DAY_WIN_CLOUD, false, 24);
    assert_int_equal(solve_problem(&p, NULL, &l, &plan, NULL), ERR_OK);
    assert_int_equal(checker_check(&p, &plan, &why), ERR_OK);
    assert_int_equal(plan.origin, PLAN_RULE);
}

static void same_work_same_plan(void **state)
{
    (void)state;
    struct solve_limits l = {.work = 3000};
    small_problem(&p, false, 24);
    assert_int_equal(solve_problem(&p, NULL, &l, &plan, NULL), ERR_OK);
    assert_int_equal(solve_problem(&p, NULL, &l, &other, NULL), ERR_OK);
    assert_memory_equal(&plan.objective_yuan, &other.objective_yuan, sizeof(double));
    assert_memory_equal(plan.pool, other.pool, plan.pool_count * sizeof(double));
}

/* Line after line the plan gets cheaper or the bound higher, up to what the answer states. */
static void trace_tells_every_improvement(void **state)
{
    (void)state;
    char *text = NULL, *at = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);
    struct solve_limits l = {.work = 3000, .trace = to};
    double yuan = HUGE_VAL, bound = -HUGE_VAL;
    int lines = 0;
    assert_non_null(to);
    small_problem(&p, false, 24);
    assert_int_equal(solve_problem(&p, NULL, &l, &plan, NULL), ERR_OK);
    assert_int_equal(fclose(to), 0);
    for (char *line = strtok_r(text, "\n", &at); line; line = strtok_r(NULL, "\n", &at)) {
        double s, work, y, b;
        unsigned refused;
        assert_int_equal(sscanf(line,
                                "trace seconds=%lf work=%lf yuan=%lf bound=%lf refused=%u", &s,
                                &work, &y, &b, &refused),
                         5);
        assert_true(y < yuan || b > bound);
        assert_true(y <= yuan && b >= bound && work <= plan.work && refused == 0);
        yuan = y;
        bound = b;
        lines++;
    }
    assert_true(lines >= 3);
    assert_near(yuan, plan.objective_yuan, 1e-5);
    assert_near(fmin(bound, yuan), plan.bound_yuan, 1e-5);
    free(text);
}

/* The old plan left the battery idle; now 60 kW more are drawn in one hour, and in another the
 * load is gone where nothing may be exported and 5 kW are to be imported: followed, the battery
 * keeps the contract and the guard. */
static void a_followed_plan_is_balanced(void **state)
{
    (void)state;
    double kw[] = {100, 160, 100, 0, 100, 100};
    struct checker_fault why;
    tiny_problem(&p, 6);
    int b = tiny_battery(&p);
    assert_int_equal(rule_plan(&p, &other), ERR_OK);
    for (int t = 0; t < 6; t++) {
        plan_series(&other, other.storage_charge_kw[b])[t] = 0;
        plan_series(&other, other.storage_discharge_kw[b])[t] = 0;
    }
    p.grid.demand_counts = series_const(1);
    p.grid.demand_target_kw = 120;
    p.grid.demand_jump_yuan = 500;
    p.grid.import_kw_min = series_const(5);
    assert_int_equal(problem_series(&p, kw, &p.load[0].draw_kw), ERR_OK);
    assert_int_equal(shift_plan(&p, &other, &plan), ERR_OK);
    assert_int_equal(checker_check(&p, &plan, &why), ERR_OK);
    const double *import = plan_read(&plan, plan.import_kw);
    const double expected[] = {100, 120, 100, 5, 100, 100};
    for (int t = 0; t < 6; t++) {
        assert_near(import[t], expected[t], 1e-6);
    }
    assert_near(plan.cost_yuan[COST_DEMAND], 0, 1e-9);
}

/* The old plan heated for 50 kW, now 80 are drawn: followed, the tank gives until it is empty,
 * then the boiler gives more than the old plan said. */
static void a_followed_plan_keeps_warm(void **state)
{
    (void)state;
    struct problem_load heat;
    struct problem_storage tank;
    struct problem_converter boiler;
    struct checker_fault why;
    tiny_problem(&p, 6);
    assert_int_equal(problem_add_bus(&p, "hot_water", BUS_HEAT, NULL), ERR_OK);
    problem_load_init(&heat, "heat", 1);
    heat.draw_kw = series_const(50);
    assert_int_equal(problem_add_load(&p, &heat, NULL), ERR_OK);
    problem_storage_init(&tank, "tank", 1, 1);
    tank.charge_kw_max = tank.discharge_kw_max = tank.energy_kwh_max = series_const(100);
    tank.energy_start_kwh = 60;
    assert_int_equal(problem_add_storage(&p, &tank, NULL), ERR_OK);
    problem_converter_init(&boiler, "boiler", 0);
    boiler.out[0].bus = 1;
    boiler.out[0].gain = series_const(1);
    boiler.in_kw_max = series_const(200);
    assert_int_equal(problem_add_converter(&p, &boiler, NULL), ERR_OK);
    assert_int_equal(rule_plan(&p, &other), ERR_OK);
    for (int t = 0; t < 6; t++) {
        plan_series(&other, other.converter_in_kw[0])[t] = 50;
    }
    p.load[1].draw_kw = series_const(80);
    assert_int_equal(shift_plan(&p, &other, &plan), ERR_OK);
    assert_int_equal(checker_check(&p, &plan, &why), ERR_OK);
    const double *in = plan_read(&plan, plan.converter_in_kw[0]);
    for (int t = 0; t < 6; t++) {
        assert_near(in[t], t < 2 ? 50 : 80, 1e-6);
    }
    assert_int_equal(plan.breach_count, 0);
}

/* The park as it is controlled, then the next question with the last plan in hand. */
static void previous_plan_helps_the_next_question(void **state)
{
    (void)state;
    struct solve_limits l = {.work = 6000, .gap_pu = 0.005};
    struct checker_fault why;
    park_problem(&p, DAY_SUM_CLEAR, false, 24);
    assert_int_equal(solve_problem(&p, NULL, &l, &plan, NULL), ERR_OK);
    assert_int_equal(checker_check(&p, &plan, &why), ERR_OK);
    print_message("gap %.2f %%, work %.0f\n", 100 * plan.gap_pu, plan.work);
    assert_true(plan.gap_pu < 0.02);
    l.work = 1;
    assert_int_equal(solve_problem(&p, &plan, &l, &other, NULL), ERR_OK);
    assert_int_equal(other.origin, PLAN_SHIFTED);
    assert_true(other.objective_yuan < plan.objective_yuan * 1.01);
}

/* Multiplies a series by 1 + sigma times a normal number; a constant stays. */
static void err_by(struct rng *r, struct series s, double sigma)
{
    double by = s.at < 0 ? 1 : fmax(1 + sigma * rng_normal(r), 0);
    for (uint32_t t = 0; t < p.steps && s.at >= 0; t++) {
        p.pool[s.at + (int)t] *= by;
    }
}

/* A forecast has changed after a plan; the next one, sought to a gap that is worth much more
 * than the price of a change, may move firings only where a plan that moves none is dearer. */
static void no_firing_moves_for_nothing(void **state)
{
    (void)state;
    static struct plan kept;
    struct solve_limits l = {.work = 20000, .gap_pu = 0.002};
    struct rng r;
    rng_init(&r, 2, "flip", "x");
    park_problem(&p, DAY_SUM_MED, false, 24);
    assert_int_equal(solve_problem(&p, NULL, &l, &other, NULL), ERR_OK);
    for (uint32_t i = 0; i < p.source_count; i++) {
        err_by(&r, p.source[i].available_kw, 0.1);
    }
    for (uint32_t i = 0; i < p.load_count; i++) {
        err_by(&r, p.load[i].draw_kw, 0.02);
    }
    for (uint32_t i = 0; i < p.order_count; i++) {
        p.order[i].planned_step = other.order_start[i];
        p.order[i].change_yuan = 5;
    }
    assert_int_equal(solve_problem(&p, &other, &l, &plan, NULL), ERR_OK);
    for (uint32_t i = 0; i < p.order_count; i++) {
        p.order[i].earliest_step = p.order[i].latest_step = p.order[i].planned_step;
    }
    assert_int_equal(solve_problem(&p, &other, &l, &kept, NULL), ERR_OK);
    bool same = memcmp(plan.order_start, other.order_start, sizeof plan.order_start) == 0;
    if (!same && kept.objective_yuan < plan.objective_yuan) {
        fail_msg("moved for %.2f yuan", plan.objective_yuan - kept.objective_yuan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(battery_moves_energy_to_the_dear_half),
        cmocka_unit_test(soc_outside_its_band_is_a_fact_not_an_error),
        cmocka_unit_test(firing_goes_where_power_is_cheap),
        cmocka_unit_test(impossible_due_time_is_listed),
        cmocka_unit_test(zero_length_windows_leave_their_wish_open),
        cmocka_unit_test(rest_below_a_minimum_run_is_still_drawn),
        cmocka_unit_test(nan_is_refused_by_name),
        cmocka_unit_test(cap_of_demand_response_is_kept_by_the_battery),
        cmocka_unit_test(cap_that_cannot_be_kept_is_listed),
        cmocka_unit_test(contract_cliff_is_avoided_or_paid_with_its_jump),
        cmocka_unit_test(month_that_has_jumped_pays_no_second_jump),
        cmocka_unit_test(outage_is_a_hole_or_lived_through_from_the_battery),
        cmocka_unit_test(flat_prices_leave_the_battery_alone),
        cmocka_unit_test(vehicle_charges_at_its_minimum_or_not_at_all),
        cmocka_unit_test(priced_export_peak_is_shaved),
        cmocka_unit_test(negative_prices_do_not_burn_energy_in_the_battery),
        cmocka_unit_test(started_firing_runs_on_and_holds_its_machine),
        cmocka_unit_test(busy_machine_waits),
        cmocka_unit_test(minimum_times_carry_over_from_before),
        cmocka_unit_test(stop_is_paid_or_put_off),
        cmocka_unit_test(no_budget_still_gives_the_rule_plan),
        cmocka_unit_test(same_work_same_plan),
        cmocka_unit_test(trace_tells_every_improvement),
        cmocka_unit_test(previous_plan_helps_the_next_question),
        cmocka_unit_test(a_followed_plan_is_balanced),
        cmocka_unit_test(a_followed_plan_keeps_warm),
        cmocka_unit_test(no_firing_moves_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
