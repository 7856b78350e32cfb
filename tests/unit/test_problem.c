/* Problem and plan as structs: bounds, defaults, what is refused, what arrives over the wire.
 */
#include "optimizer/plan.h"
#include "tests/support/tiny_problem.h"
#include "tests/unit/test_plant_near.h"
#include <string.h>

static struct problem p;
static struct plan plan;

static void steps_out_of_bounds_are_refused(void **state)
{
    (void)state;
    assert_int_equal(problem_init(&p, 0, 900, 0), ERR_RANGE);
    assert_int_equal(problem_init(&p, PROBLEM_STEPS_MAX + 1, 900, 0), ERR_RANGE);
    assert_int_equal(problem_init(&p, 4, 0, 0), ERR_RANGE);
    assert_int_equal(problem_init(&p, 4, NAN, 0), ERR_RANGE);
    assert_int_equal(problem_init(&p, PROBLEM_STEPS_MAX, 900, 0), ERR_OK);
}

static void tables_end_at_their_bound(void **state)
{
    (void)state;
    tiny_problem(&p, 4);
    enum err e = ERR_OK;
    int n = 1;
    for (; e == ERR_OK; n++) {
        e = problem_add_bus(&p, "b", BUS_OTHER, NULL);
    }
    assert_int_equal(e, ERR_FULL);
    assert_int_equal(n - 1, PROBLEM_BUSES_MAX);
    assert_int_equal(p.bus_count, PROBLEM_BUSES_MAX);
}

static void contradictions_are_refused(void **state)
{
    (void)state;
    struct problem_fault f;
    tiny_problem(&p, 6);
    int b = tiny_battery(&p);
    p.storage[b].energy_kwh_min = series_const(300);
    assert_int_equal(problem_validate(&p, &f), ERR_CONFLICT);
    assert_non_null(strstr(f.text, "bess"));
    tiny_problem(&p, 6);
    b = tiny_battery(&p);
    p.storage[b].bus_in = 7;
    assert_int_equal(problem_validate(&p, &f), ERR_RANGE);
    tiny_problem(&p, 6);
    p.grid.import_yuan_per_kwh.at = (int32_t)p.pool_count - 2;
    assert_int_equal(problem_validate(&p, &f), ERR_RANGE);
    tiny_problem(&p, 6);
    p.grid.import_kw_max = series_const(-1);
    assert_int_equal(problem_validate(&p, &f), ERR_RANGE);
    tiny_problem(&p, 6);
    p.pool[0] = INFINITY;
    assert_int_equal(problem_validate(&p, &f), ERR_NUMERIC);
}

static void profile_is_laid_over_uneven_steps(void **state)
{
    (void)state;
    tiny_problem(&p, 6);
    p.step_s[0] = 1800; /* half an hour: the firing's hours straddle the steps */
    int o = tiny_order(&p, 200, 2);
    assert_near(problem_order_draw_kw(&p, (uint32_t)o, 0, 0), 200, 1e-9);
    assert_near(problem_order_draw_kw(&p, (uint32_t)o, 0, 2), 100, 1e-9);
    assert_near(problem_order_draw_kw(&p, (uint32_t)o, 0, 3), 0, 1e-9);
    assert_near(problem_order_beyond_kwh(&p, (uint32_t)o, 5), 200, 1e-9);
}

static void damaged_frames_are_refused(void **state)
{
    (void)state;
    tiny_problem(&p, 6);
    size_t n = problem_bytes(&p);
    assert_int_equal(problem_received(&p, n), ERR_OK);
    assert_int_equal(problem_received(&p, n - 8), ERR_RANGE);
    assert_int_equal(problem_received(&p, 12), ERR_RANGE);
    p.version = 9;
    assert_int_equal(problem_received(&p, n), ERR_VERSION);
    tiny_problem(&p, 6);
    assert_int_equal(plan_init(&plan, &p, PLAN_RULE), ERR_OK);
    n = plan_bytes(&plan);
    assert_int_equal(plan_received(&plan, n), ERR_OK);
    assert_int_equal(plan_received(&plan, n + 8), ERR_RANGE);
    plan.load_shed_kw[0] = -5;
    assert_int_equal(plan_received(&plan, n), ERR_RANGE);
    assert_int_equal(plan_init(&plan, &p, PLAN_RULE), ERR_OK);
    memset(plan.bus_name[0], 'x', PROBLEM_NAME_LEN);
    assert_int_equal(plan_received(&plan, n), ERR_RANGE);
}

static void steps_are_found_by_time(void **state)
{
    (void)state;
    tiny_problem(&p, 6);
    assert_int_equal(plan_init(&plan, &p, PLAN_RULE), ERR_OK);
    assert_int_equal(plan_step_at(&plan, p.start_ms - 1), -1);
    assert_int_equal(plan_step_at(&plan, p.start_ms), 0);
    assert_int_equal(plan_step_at(&plan, p.start_ms + 3600000 - 1), 0);
    assert_int_equal(plan_step_at(&plan, p.start_ms + 3600000), 1);
    assert_int_equal(plan_step_at(&plan, p.start_ms + 6 * 3600000), -1);
}

static void holes_cost_ten_times_a_wish(void **state)
{
    (void)state;
    tiny_problem(&p, 6);
    double wish = problem_penalty_yuan_per_kwh(&p);
    assert_near(wish, 10, 1e-9);
    assert_near(problem_unserved_yuan_per_kwh(&p, 0), 100, 1e-9);
    p.bus[0].unserved_yuan_per_kwh = 3;
    assert_near(problem_unserved_yuan_per_kwh(&p, 0), 3, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_out_of_bounds_are_refused),
        cmocka_unit_test(tables_end_at_their_bound),
        cmocka_unit_test(contradictions_are_refused),
        cmocka_unit_test(profile_is_laid_over_uneven_steps),
        cmocka_unit_test(damaged_frames_are_refused),
        cmocka_unit_test(steps_are_found_by_time),
        cmocka_unit_test(holes_cost_ten_times_a_wish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
