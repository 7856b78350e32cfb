/* Evening out: the same energy and cost, the lowest peak, and never a plan that the checker
 * refuses. */
#include "optimizer/checker.h"
#include "optimizer/level.h"
#include "optimizer/rule.h"
#include "tests/support/tiny_problem.h"
#include "tests/unit/test_plant_near.h"
#include <math.h>

enum { STEPS = 8, DRAWS = 400 };

static struct problem p;
static struct plan plan, spare;

static struct series steps_of(const double *v)
{
    struct series s;
    assert_int_equal(problem_series(&p, v, &s), ERR_OK);
    return s;
}

static void must_be_good(void)
{
    struct checker_fault why = {""};
    if (checker_check(&p, &plan, &why) != ERR_OK) {
        fail_msg("%s", why.text);
    }
}

static const double *import_of(void)
{
    return plan_read(&plan, plan.import_kw);
}

/* 100 kWh into the battery in four cheap hours, 200 out of it in the next, 100 kept. */
static void equal_hours_share_the_charge(void **state)
{
    (void)state;
    tiny_problem(&p, STEPS);
    (void)tiny_battery(&p);
    assert_int_equal(tiny_solve(&p, &plan), ERR_OK);
    must_be_good();
    for (int t = 0; t < STEPS / 2; t++) {
        assert_near(import_of()[t], 125, 1e-3);
    }
}

static void charge_lies_where_the_load_is_low(void **state)
{
    (void)state;
    static const double load[STEPS] = {150, 60, 40, 150, 100, 100, 100, 100};
    tiny_problem(&p, STEPS);
    (void)tiny_battery(&p);
    p.load[0].draw_kw = steps_of(load);
    assert_int_equal(tiny_solve(&p, &plan), ERR_OK);
    must_be_good();
    assert_near(import_of()[0], 150, 1e-3);
    assert_near(import_of()[1], 100, 1e-3); /* 40 and 60 kWh: import of 100 in both */
    assert_near(import_of()[2], 100, 1e-3);
    assert_near(import_of()[3], 150, 1e-3);
}

static void discharge_takes_the_top_off(void **state)
{
    (void)state;
    static const double load[STEPS] = {100, 100, 100, 100, 90, 180, 120, 90};
    tiny_problem(&p, STEPS);
    int b = tiny_battery(&p);
    p.load[0].draw_kw = steps_of(load);
    p.storage[b].end_kwh_min = 0;
    p.storage[b].charge_kw_max = series_const(0); /* 100 kWh for the dear hours */
    assert_int_equal(tiny_solve(&p, &plan), ERR_OK);
    must_be_good();
    assert_near(import_of()[4], 90, 1e-3);
    assert_near(import_of()[5], 100, 1e-3); /* 80 + 20 kWh off to 100 */
    assert_near(import_of()[6], 100, 1e-3);
}

/* 90 kWh for a vehicle that stands there for three of the cheap hours. */
static void a_vehicle_charges_evenly(void **state)
{
    (void)state;
    struct problem_job j;
    int at = -1;
    tiny_problem(&p, STEPS);
    problem_job_init(&j, "vehicle", 0);
    j.from_step = 0;
    j.to_step = 3;
    j.energy_kwh = 90;
    j.draw_kw_max = series_const(100);
    assert_int_equal(problem_add_job(&p, &j, &at), ERR_OK);
    assert_int_equal(tiny_solve(&p, &plan), ERR_OK);
    must_be_good();
    for (int t = 0; t < 3; t++) {
        assert_near(plan_read(&plan, plan.job_draw_kw[at])[t], 30, 1e-3);
        assert_near(plan_read(&plan, plan.job_on[at])[t], 1, 0);
    }
}

/* Sun above the load is stored in its own hour, whatever is even. */
static void sun_is_kept_where_it_shines(void **state)
{
    (void)state;
    static const double sun[STEPS] = {0, 160, 0, 0, 0, 0, 0, 0};
    struct problem_source pv;
    tiny_problem(&p, STEPS);
    (void)tiny_battery(&p);
    problem_source_init(&pv, "pv", 0);
    pv.available_kw = steps_of(sun);
    assert_int_equal(problem_add_source(&p, &pv, NULL), ERR_OK);
    assert_int_equal(tiny_solve(&p, &plan), ERR_OK);
    must_be_good();
    assert_near(plan_read(&plan, plan.source_used_kw[0])[1], 160, 1e-3);
    assert_true(plan_read(&plan, plan.storage_charge_kw[0])[1] >= 60 - 1e-3);
    assert_near(import_of()[2], import_of()[3], 1e-3);
}

/* ---- Whatever the question ---- */

static void draw(struct rng *r)
{
    struct problem_source pv;
    tiny_problem(&p, STEPS);
    int b[2] = {tiny_battery(&p), -1};
    struct problem_storage more = p.storage[b[0]];
    problem_name(more.name, "second");
    more.charge_pu = more.discharge_pu = 0.95;
    assert_int_equal(problem_add_storage(&p, &more, &b[1]), ERR_OK);
    for (int i = 0; i < 2; i++) {
        p.storage[b[i]].loss_pu_per_h = rng_uniform(r) < 0.5 ? 0 : rng_between(r, 0, 0.02);
        p.storage[b[i]].energy_kwh_min = tiny_noise(&p, r, 0, 60);
    }
    struct problem_job j;
    problem_job_init(&j, "vehicle", 0);
    j.from_step = 1;
    j.to_step = STEPS - 1;
    j.energy_kwh = rng_between(r, 0, 200);
    j.draw_kw_max = tiny_noise(&p, r, 0, 100);
    assert_int_equal(problem_add_job(&p, &j, NULL), ERR_OK);
    problem_source_init(&pv, "pv", 0);
    pv.available_kw = tiny_noise(&p, r, -50, 250);
    for (uint32_t t = 0; t < p.steps; t++) {
        double *kw = &p.pool[pv.available_kw.at + (int)t];
        *kw = fmax(*kw, 0);
    }
    assert_int_equal(problem_add_source(&p, &pv, NULL), ERR_OK);
    p.load[0].draw_kw = tiny_noise(&p, r, 20, 300);
    p.grid.import_kw_min = series_const(rng_uniform(r) < 0.5 ? 0 : 20);
    p.grid.demand_average_steps = 1;
    p.grid.demand_counts = series_const(1);
    p.grid.demand_over_yuan_per_kw = rng_between(r, 0, 2);
    p.grid.demand_target_kw = rng_between(r, 50, 300);
}

static void a_good_plan_stays_good_and_no_dearer(void **state)
{
    (void)state;
    struct rng r;
    int changed = 0;
    rng_init(&r, 20250714, "park", "level");
    for (int i = 0; i < DRAWS; i++) {
        draw(&r);
        assert_int_equal(rule_plan(&p, &plan), ERR_OK);
        must_be_good();
        double yuan = plan.objective_yuan;
        double peak = 0, even = 0, end[2];
        for (uint32_t t = 0; t < p.steps; t++) {
            peak = fmax(peak, import_of()[t]);
        }
        for (int s = 0; s < 2; s++) {
            end[s] = plan_read(&plan, plan.storage_energy_kwh[s])[p.steps - 1];
        }
        changed += level_plan(&p, &plan, &spare);
        must_be_good();
        for (uint32_t t = 0; t < p.steps; t++) {
            even = fmax(even, import_of()[t]);
        }
        for (int s = 0; s < 2; s++) {
            assert_near(plan_read(&plan, plan.storage_energy_kwh[s])[p.steps - 1], end[s],
                        1e-6);
        }
        assert_true(plan.objective_yuan <= yuan + 1e-6);
        assert_true(even <= peak + 1e-6);
    }
    assert_true(changed > DRAWS / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_hours_share_the_charge),
        cmocka_unit_test(charge_lies_where_the_load_is_low),
        cmocka_unit_test(discharge_takes_the_top_off),
        cmocka_unit_test(a_vehicle_charges_evenly),
        cmocka_unit_test(sun_is_kept_where_it_shines),
        cmocka_unit_test(a_good_plan_stays_good_and_no_dearer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
