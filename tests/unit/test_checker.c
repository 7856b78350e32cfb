/* The checker: accepts what the rules plan, refuses each single lie. */
#include "optimizer/checker.h"
#include "optimizer/rule.h"
#include "optimizer/tally.h"
#include "tests/support/park_problem.h"
#include "tests/support/tiny_problem.h"
#include "tests/unit/test_plant_near.h"
#include <string.h>

static struct problem p, tiny;
static struct plan good, bad;

static int setup(void **state)
{
    (void)state;
    park_problem(&p, DAY_SUM_CLEAR, false, 24);
    return rule_plan(&p, &good) == ERR_OK ? 0 : -1;
}

static void rule_plan_is_accepted(void **state)
{
    (void)state;
    struct checker_fault why = {""};
    assert_int_equal(checker_check(&p, &good, &why), ERR_OK);
}

/* Adds `by` to step 20 of a series; states costs anew if `honest`. */
static enum err lie(int32_t at, double by, bool honest)
{
    struct checker_fault why;
    plan_copy(&bad, &good);
    plan_series(&bad, at)[20] += by;
    if (honest) {
        tally_state(&bad, &p);
    }
    return checker_check(&p, &bad, &why);
}

static void every_series_is_proved(void **state)
{
    (void)state;
    const int32_t at[] = {good.import_kw,
                          good.export_kw,
                          good.source_used_kw[0],
                          good.load_shed_kw[0],
                          good.storage_charge_kw[0],
                          good.storage_discharge_kw[0],
                          good.storage_energy_kwh[0],
                          good.converter_in_kw[0],
                          good.job_draw_kw[0],
                          good.bus_unserved_kw[0],
                          good.bus_surplus_kw[0]};
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        assert_int_not_equal(lie(at[i], 1, true), ERR_OK);
        assert_int_not_equal(lie(at[i], 1, false), ERR_OK);
        assert_int_not_equal(lie(at[i], -1e6, true), ERR_OK);
        assert_int_equal(lie(at[i], NAN, false), ERR_NUMERIC);
    }
}

static void states_must_be_whole(void **state)
{
    (void)state;
    assert_int_not_equal(lie(good.converter_on[0], 0.5, true), ERR_OK);
    assert_int_not_equal(lie(good.job_on[0], 0.5, true), ERR_OK);
}

static void stated_costs_are_recomputed(void **state)
{
    (void)state;
    struct checker_fault why;
    for (int c = 0; c < COST_COUNT; c++) {
        plan_copy(&bad, &good);
        bad.cost_yuan[c] -= 1;
        assert_int_not_equal(checker_check(&p, &bad, &why), ERR_OK);
        bad.objective_yuan -= 1;
        assert_int_not_equal(checker_check(&p, &bad, &why), ERR_OK);
    }
    plan_copy(&bad, &good);
    bad.bound_yuan = bad.objective_yuan + 100;
    assert_int_not_equal(checker_check(&p, &bad, &why), ERR_OK);
}

static void trickle_charge_is_refused(void **state)
{
    (void)state;
    struct checker_fault why = {""};
    tiny_problem(&tiny, 4);
    int b = tiny_battery(&tiny);
    tiny.storage[b].charge_kw_min = 60;
    tiny.storage[b].end_kwh_min = 0;
    assert_int_equal(rule_plan(&tiny, &bad), ERR_OK);
    for (int kw = 40; kw <= 80; kw += 40) {
        double *in = plan_series(&bad, bad.storage_charge_kw[b]);
        double *kwh = plan_series(&bad, bad.storage_energy_kwh[b]), before = 100;
        for (uint32_t t = 0; t < tiny.steps; t++) {
            in[t] = t ? 0 : kw;
            plan_series(&bad, bad.storage_discharge_kw[b])[t] = 0;
            plan_series(&bad, bad.import_kw)[t] = 100 + in[t];
            before = kwh[t] = before + in[t];
        }
        tally_state(&bad, &tiny);
        enum err e = checker_check(&tiny, &bad, &why);
        assert_int_equal(e, kw < 60 ? ERR_CONFLICT : ERR_OK);
        assert_true(kw >= 60 || strstr(why.text, "charges") != NULL);
    }
}

static void starts_must_be_allowed(void **state)
{
    (void)state;
    struct checker_fault why;
    for (uint32_t i = 0; i < p.order_count; i++) {
        plan_copy(&bad, &good);
        bad.order_start[i] = p.order[i].latest_step + 1;
        tally_state(&bad, &p);
        assert_int_not_equal(checker_check(&p, &bad, &why), ERR_OK);
    }
}

static void malformed_plans_are_refused_before_use(void **state)
{
    (void)state;
    struct checker_fault why;
    plan_copy(&bad, &good);
    bad.version++;
    assert_int_equal(checker_check(&p, &bad, &why), ERR_VERSION);
    plan_copy(&bad, &good);
    bad.import_kw = (int32_t)bad.pool_count;
    assert_int_equal(checker_check(&p, &bad, &why), ERR_RANGE);
    plan_copy(&bad, &good);
    bad.steps--;
    assert_int_not_equal(checker_check(&p, &bad, &why), ERR_OK);
    plan_copy(&bad, &good);
    bad.order_count--;
    assert_int_not_equal(checker_check(&p, &bad, &why), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule_plan_is_accepted),
        cmocka_unit_test(every_series_is_proved),
        cmocka_unit_test(states_must_be_whole),
        cmocka_unit_test(stated_costs_are_recomputed),
        cmocka_unit_test(trickle_charge_is_refused),
        cmocka_unit_test(starts_must_be_allowed),
        cmocka_unit_test(malformed_plans_are_refused_before_use),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
