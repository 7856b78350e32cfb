/* Problems and plans as JSON: what is written comes back, what is wrong is named. */
#include "optimizer/plan_json.h"
#include "optimizer/problem_json.h"
#include "optimizer/rule.h"
#include "tests/support/park_problem.h"
#include "tests/unit/test_plant_near.h"
#include <string.h>

static struct problem p, back;
static struct plan a, b;

static void round_trip_keeps_every_plan(void **state)
{
    (void)state;
    struct problem_fault fault = {""};
    for (int d = 0; d < DAY_COUNT; d++) {
        park_problem(&p, (enum park_day)d, d % 2 == 0, 24);
        json_t *json = problem_json(&p);
        assert_non_null(json);
        if (problem_from_json(&back, json, &fault) != ERR_OK) {
            fail_msg("%s", fault.text);
        }
        json_decref(json);
        assert_int_equal(rule_plan(&p, &a), ERR_OK);
        assert_int_equal(rule_plan(&back, &b), ERR_OK);
        assert_near(b.objective_yuan, a.objective_yuan, 1e-9 * a.objective_yuan);
        assert_memory_equal(a.pool, b.pool, a.pool_count * sizeof(double));
    }
}

/* Reads `text` in place of the first member of `table`. */
static enum err read_with(const char *table, const char *key, json_t *value,
                          struct problem_fault *fault)
{
    park_problem(&p, DAY_SUM_CLEAR, true, 24);
    json_t *json = problem_json(&p);
    json_t *row = json_array_get(json_object_get(json, table), 0);
    json_object_set_new(table[0] ? row : json, key, value);
    enum err e = problem_from_json(&back, json, fault);
    json_decref(json);
    return e;
}

static void faults_name_table_and_key(void **state)
{
    (void)state;
    struct problem_fault fault;
    assert_int_not_equal(read_with("storages", "charge_pu", json_real(1.5), &fault), ERR_OK);
    assert_non_null(strstr(fault.text, "storages"));
    assert_non_null(strstr(fault.text, "charge_pu"));
    assert_int_not_equal(read_with("orders", "machine", json_string("k99"), &fault), ERR_OK);
    assert_non_null(strstr(fault.text, "k99"));
    assert_int_not_equal(read_with("loads", "drow_kw", json_real(1), &fault), ERR_OK);
    assert_non_null(strstr(fault.text, "drow_kw"));
    assert_int_not_equal(read_with("loads", "draw_kw", json_string("x"), &fault), ERR_OK);
    assert_non_null(strstr(fault.text, "draw_kw"));
    assert_int_not_equal(read_with("", "version", json_integer(2), &fault), ERR_OK);
    assert_int_not_equal(read_with("", "colour", json_integer(2), &fault), ERR_OK);
    assert_int_not_equal(read_with("", "step_s", json_integer(2), &fault), ERR_OK);
}

static void files_that_are_not_there_or_not_json(void **state)
{
    (void)state;
    struct problem_fault fault;
    assert_int_not_equal(problem_json_load(&back, "/nonexistent/x.json", &fault), ERR_OK);
    assert_int_not_equal(problem_json_load(&back, "/dev/null", &fault), ERR_OK);
}

static void plan_has_the_promised_keys(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "status", "origin",  "objective_yuan", "bound_yuan", "gap_pu",
        "work",   "seconds", "steps",          "grid",       "devices",
        "buses",  "orders",  "cost",           "breaches",   "why"};
    park_problem(&p, DAY_SUM_CLEAR, false, 24);
    assert_int_equal(rule_plan(&p, &a), ERR_OK);
    json_t *json = plan_json(&a);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        assert_non_null(json_object_get(json, keys[i]));
    }
    assert_true(json_is_null(json_object_get(json, "bound_yuan"))); /* rules prove nothing */
    assert_int_equal(json_array_size(json_object_get(json, "steps")), 96);
    json_t *grid = json_object_get(json, "grid");
    json_t *in = json_object_get(grid, "import_kw");
    assert_int_equal(json_array_size(in), 96);
    assert_near(json_number_value(json_array_get(in, 5)), plan_read(&a, a.import_kw)[5], 1e-9);
    json_t *bess = json_object_get(json_object_get(json, "devices"), "bess");
    assert_non_null(json_object_get(bess, "soc_pu"));
    assert_int_equal(json_array_size(json_object_get(json, "orders")), p.order_count);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip_keeps_every_plan),
        cmocka_unit_test(faults_name_table_and_key),
        cmocka_unit_test(files_that_are_not_there_or_not_json),
        cmocka_unit_test(plan_has_the_promised_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
