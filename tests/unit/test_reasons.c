/* Counterfactuals whose price is known by hand; tests/golden/test_explain.py prices those of
 * the reference day again. */
#include "optimizer/binding.h"
#include "optimizer/order_bar.h"
#include "optimizer/reasons.h"
#include "tests/support/park_problem.h"
#include "tests/support/tiny_problem.h"
#include "tests/unit/test_plant_near.h"
#include <math.h>
#include <string.h>

enum { ARENA = 64 << 20, LIST_MAX = 256 };

static struct problem p, changed;
static struct plan plan, other;
static struct what_if list[LIST_MAX];
static struct binding bindings[LIST_MAX];

/* Price of one change of `plan`; the answer must be there. */
static struct what_if price_of(struct what_if w)
{
    struct arena a;
    struct reasons r;
    arena_init(&a, ARENA);
    assert_int_equal(reasons_open(&r, &p, &plan, &a), ERR_OK);
    assert_int_equal(reasons_ask(&r, &w), ERR_OK);
    assert_true(w.answered);
    arena_fini(&a);
    double sum = 0;
    for (int c = 0; c < COST_COUNT; c++) {
        sum += w.cost_yuan[c];
    }
    assert_near(sum, w.yuan, 1e-6);
    return w;
}

static void a_later_start_costs_its_dear_hours(void **state)
{
    (void)state;
    tiny_problem(&p, 10);
    int o = tiny_order(&p, 200, 3);
    assert_int_equal(tiny_solve(&p, &plan), ERR_OK);
    for (int start = 3; start < 6; start++) {
        struct what_if w =
            price_of((struct what_if){WHAT_IF_ORDER_AT, o, start, start + 1, 0, 0, 0, {0}});
        assert_true(w.rest_free);
        assert_near(w.yuan, (start - 2) * 200 * 0.6, 1e-3);
        assert_near(w.cost_yuan[COST_ENERGY], w.yuan, 1e-3);
    }
}

static void a_battery_at_rest_loses_its_gain(void **state)
{
    (void)state;
    tiny_problem(&p, 8);
    int b = tiny_battery(&p);
    assert_int_equal(tiny_solve(&p, &plan), ERR_OK);
    struct what_if w = price_of((struct what_if){WHAT_IF_STORAGE_REST, b, 0, 8, 0, 0, 0, {0}});
    assert_near(w.yuan, 60, 1e-3);
}

static void a_source_is_worth_what_it_saves(void **state)
{
    (void)state;
    struct problem_source s;
    tiny_problem(&p, 4);
    problem_source_init(&s, "pv", 0);
    s.available_kw = series_const(30);
    assert_int_equal(problem_add_source(&p, &s, NULL), ERR_OK);
    assert_int_equal(tiny_solve(&p, &plan), ERR_OK);
    struct what_if w = price_of((struct what_if){WHAT_IF_SOURCE_ABSENT, 0, 0, 4, 0, 0, 0, {0}});
    assert_near(w.yuan, 30 * 2 * (0.4 + 1.0), 1e-3);
}

/* After a plan that is not proven the rest stays: the other firing does not make room. */
static void the_rest_stays_after_an_unproven_plan(void **state)
{
    (void)state;
    tiny_problem(&p, 10);
    int o = tiny_order(&p, 200, 3);
    assert_int_equal(tiny_solve(&p, &plan), ERR_OK);
    plan.status = PLAN_FEASIBLE;
    struct what_if w = price_of((struct what_if){WHAT_IF_ORDER_AT, o, 4, 5, 0, 0, 0, {0}});
    assert_false(w.rest_free);
    assert_near(w.yuan, 2 * 200 * 0.6, 1e-3);
}

static void a_pinned_question_has_the_plans_price(void **state)
{
    (void)state;
    struct solve_limits l = {.work = 20000, .gap_pu = 0.002};
    struct solve_limits exact = {.work = 200000, .gap_pu = 2e-7};
    struct problem_fault fault;
    small_problem(&p, false, 24);
    assert_int_equal(solve_problem(&p, NULL, &l, &plan, &fault), ERR_OK);
    memcpy(&changed, &p, problem_bytes(&p));
    assert_int_equal(reasons_pin(&changed, &plan), ERR_OK);
    assert_int_equal(solve_problem(&changed, NULL, &exact, &other, &fault), ERR_OK);
    assert_near(other.objective_yuan, plan.objective_yuan, 0.01);
    assert_int_equal(reasons_change(&changed, &p, &(struct what_if){.kind = -1}), ERR_RANGE);
}

static const struct binding *bound(enum binding_kind k, int n)
{
    for (int i = 0; i < n; i++) {
        if (bindings[i].kind == (int)k) {
            return &bindings[i];
        }
    }
    return NULL;
}

static void every_asset_of_the_small_park_is_asked_about(void **state)
{
    (void)state;
    struct solve_limits l = {.work = 20000, .gap_pu = 0.002};
    struct problem_fault fault;
    bool seen[FACTS_KIND_COUNT] = {false};
    small_problem(&p, false, 24);
    assert_int_equal(solve_problem(&p, NULL, &l, &plan, &fault), ERR_OK);
    int n = reasons_list(&p, &plan, list, LIST_MAX);
    for (int i = 0; i < n; i++) {
        enum facts_kind about = what_if_about((enum what_if_kind)list[i].kind);
        seen[about] = true;
        assert_in_range(list[i].index, 0, facts_count(&p, about) - 1);
        assert_true(list[i].from_step < list[i].to_step);
    }
    assert_true(seen[FACTS_CONVERTER] && seen[FACTS_STORAGE] && seen[FACTS_SOURCE]);
    assert_int_equal(reasons_list(&p, &plan, list, 1), 1);
}

/* Charging at 0.4 and discharging at 1.0 earns the difference, less what is gone at the end. */
static void facts_of_a_battery_add_up(void **state)
{
    (void)state;
    struct facts f;
    tiny_problem(&p, 8);
    int b = tiny_battery(&p);
    p.storage[b].terminal_yuan_per_kwh = 0.4;
    p.storage[b].end_kwh_min = 0;
    assert_int_equal(tiny_solve(&p, &plan), ERR_OK);
    facts_of(&p, &plan, FACTS_STORAGE, (uint32_t)b, &f);
    assert_near(f.in_kwh, 100, 1e-3);
    assert_near(f.out_kwh, 200, 1e-3);
    double yuan = 200 * f.out_yuan_per_kwh - 100 * f.in_yuan_per_kwh - 100 * 0.4;
    assert_near(f.earns_yuan, yuan, 1e-6);
    assert_string_equal(facts_asset(&p, FACTS_STORAGE, (uint32_t)b), "bess");
}

static void limits_are_named_with_their_worth(void **state)
{
    (void)state;
    tiny_problem(&p, 8);
    int b = tiny_battery(&p), o = tiny_order(&p, 50, 2);
    p.storage[b].end_kwh_min = 0;
    p.order[o].earliest_step = 1;
    p.order[o].latest_step = 1;
    assert_int_equal(tiny_solve(&p, &plan), ERR_OK);
    int n = binding_list(&p, &plan, bindings, LIST_MAX);
    assert_non_null(bound(BINDING_FULL, n));
    assert_non_null(bound(BINDING_EMPTY, n));
    assert_string_equal(bound(BINDING_EMPTY, n)->asset, p.storage[b].name);
    assert_non_null(bound(BINDING_EARLIEST, n));
    assert_non_null(bound(BINDING_LATEST, n));
    assert_null(bound(BINDING_IMPORT, n));
    assert_int_equal(binding_list(&p, &plan, bindings, 1), 1);
    assert_int_equal(order_bar_at(&p, &plan, (uint32_t)o, 3), BAR_WINDOW);
}

static void a_tight_import_limit_is_worth_the_gap_to_the_hole(void **state)
{
    (void)state;
    tiny_problem(&p, 4);
    p.grid.import_kw_max = series_const(90);
    p.bus[0].unserved_yuan_per_kwh = 5;
    assert_int_equal(tiny_solve(&p, &plan), ERR_OK);
    int n = binding_list(&p, &plan, bindings, LIST_MAX);
    const struct binding *i = bound(BINDING_IMPORT, n);
    assert_non_null(i);
    assert_int_equal(i->from_step, 0);
    assert_int_equal(i->to_step, 4);
    assert_near(i->yuan_per_kw, 4 * 5 - 2 * 0.4 - 2 * 1.0, 1e-6);
}

static void a_busy_machine_bars_a_start(void **state)
{
    (void)state;
    tiny_problem(&p, 10);
    int a = tiny_order(&p, 100, 3), b = 0;
    struct problem_order second;
    problem_order_init(&second, "second", p.order[a].machine, p.order[a].recipe);
    second.latest_step = 9;
    assert_int_equal(problem_add_order(&p, &second, &b), ERR_OK);
    assert_int_equal(tiny_solve(&p, &plan), ERR_OK);
    int late = plan.order_start[a] < plan.order_start[b] ? b : a;
    int early = late == a ? b : a;
    assert_int_equal(order_bar_at(&p, &plan, (uint32_t)late, plan.order_start[early] + 1),
                     BAR_MACHINE);
    assert_int_equal(order_bar_at(&p, &plan, (uint32_t)late, plan.order_start[late]), BAR_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_later_start_costs_its_dear_hours),
        cmocka_unit_test(a_battery_at_rest_loses_its_gain),
        cmocka_unit_test(a_source_is_worth_what_it_saves),
        cmocka_unit_test(the_rest_stays_after_an_unproven_plan),
        cmocka_unit_test(a_pinned_question_has_the_plans_price),
        cmocka_unit_test(every_asset_of_the_small_park_is_asked_about),
        cmocka_unit_test(facts_of_a_battery_add_up),
        cmocka_unit_test(limits_are_named_with_their_worth),
        cmocka_unit_test(a_tight_import_limit_is_worth_the_gap_to_the_hole),
        cmocka_unit_test(a_busy_machine_bars_a_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
