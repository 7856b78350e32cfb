/* Counterfactuals whose price is known by hand, and on the reference park against changed
 * questions that are written here anew. */
#include "optimizer/binding.h"
#include "optimizer/reasons.h"
#include "tests/support/park_problem.h"
#include "tests/support/tiny_problem.h"
#include "tests/unit/test_plant_near.h"
#include <math.h>
#include <string.h>

enum { ARENA = 64 << 20, LIST_MAX = 256, ASKED = 10 };

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
    assert_int_equal(binding_order_bar(&p, &plan, (uint32_t)o, 3), BAR_WINDOW);
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
    assert_int_equal(binding_order_bar(&p, &plan, (uint32_t)late, plan.order_start[early] + 1),
                     BAR_MACHINE);
    assert_int_equal(binding_order_bar(&p, &plan, (uint32_t)late, plan.order_start[late]),
                     BAR_NONE);
}

/* ---- Ten of the reference day, priced again by questions written by hand ---- */

/* Everything decided in the plan is fixed, written without reasons_pin(). */
static void fix_by_hand(struct problem *q)
{
    double most[PROBLEM_STEPS_MAX], must_on[PROBLEM_STEPS_MAX];
    memcpy(q, &p, problem_bytes(&p));
    for (uint32_t i = 0; i < q->order_count; i++) {
        assert_int_not_equal(plan.order_start[i], PLAN_NONE);
        q->order[i].earliest_step = q->order[i].latest_step = plan.order_start[i];
    }
    for (uint32_t i = 0; i < q->converter_count; i++) {
        const double *on = plan_read(&plan, plan.converter_on[i]);
        for (uint32_t t = 0; t < q->steps && problem_converter_has_state(q, i); t++) {
            must_on[t] = on[t];
            most[t] = on[t] > 0 ? p.converter[i].in_kw_max.value : 0;
        }
        if (problem_converter_has_state(q, i)) {
            assert_int_equal(problem_series(q, most, &q->converter[i].in_kw_max), ERR_OK);
            assert_int_equal(problem_series(q, must_on, &q->converter[i].must_run), ERR_OK);
        }
    }
    for (uint32_t i = 0; i < q->job_count; i++) {
        const double *on = plan_read(&plan, plan.job_on[i]);
        for (uint32_t t = 0; t < q->steps; t++) {
            most[t] = on[t] > 0 ? p.job[i].draw_kw_max.value : 0;
        }
        if (problem_job_has_state(q, i)) {
            assert_int_equal(problem_series(q, most, &q->job[i].draw_kw_max), ERR_OK);
        }
    }
}

static void change_by_hand(struct problem *q, const struct what_if *w)
{
    double v[PROBLEM_STEPS_MAX], kwh = 0;
    struct problem_storage *s = &q->storage[w->index];
    for (uint32_t t = 0; t < q->steps; t++) {
        bool in = (int)t >= w->from_step && (int)t < w->to_step;
        v[t] = in ? 0 : 1;
    }
    switch ((enum what_if_kind)w->kind) {
    case WHAT_IF_ORDER_AT:
        q->order[w->index].earliest_step = q->order[w->index].latest_step = w->from_step;
        break;
    case WHAT_IF_JOB_AT_ONCE:
        for (uint32_t t = 0; t < q->steps; t++) {
            bool in = (int)t >= q->job[w->index].from_step && (int)t < q->job[w->index].to_step;
            v[t] = in && kwh + 1e-6 < q->job[w->index].energy_kwh
                       ? p.job[w->index].draw_kw_max.value
                       : 0;
            kwh += v[t] * problem_hours(q, t);
        }
        assert_int_equal(problem_series(q, v, &q->job[w->index].draw_kw_max), ERR_OK);
        break;
    case WHAT_IF_CONVERTER_OFF:
        assert_int_equal(w->to_step, q->steps);
        for (uint32_t t = 0; t < q->steps; t++) {
            v[t] *= series_get(q, q->converter[w->index].in_kw_max, t);
        }
        q->converter[w->index].must_run = series_const(0);
        assert_int_equal(problem_series(q, v, &q->converter[w->index].in_kw_max), ERR_OK);
        break;
    case WHAT_IF_STORAGE_REST:
        for (uint32_t t = 0; t < q->steps; t++) {
            v[t] *= p.storage[w->index].charge_kw_max.value;
        }
        assert_int_equal(problem_series(q, v, &s->charge_kw_max), ERR_OK);
        for (uint32_t t = 0; t < q->steps; t++) {
            v[t] = v[t] > 0 ? p.storage[w->index].discharge_kw_max.value : 0;
        }
        assert_int_equal(problem_series(q, v, &s->discharge_kw_max), ERR_OK);
        break;
    case WHAT_IF_SOURCE_ABSENT:
        q->source[w->index].available_kw = series_const(0);
        break;
    case WHAT_IF_CONVERTER_ON:
    case WHAT_IF_KIND_COUNT:
        fail_msg("not asked here");
    }
}

static double exact_yuan(const struct problem *q)
{
    struct solve_limits l = {.work = 200000, .gap_pu = 2e-7};
    struct problem_fault fault;
    assert_int_equal(solve_problem(q, NULL, &l, &other, &fault), ERR_OK);
    assert_int_equal(other.status, PLAN_PROVEN);
    return other.objective_yuan;
}

static void ten_of_the_reference_day_agree(void **state)
{
    (void)state;
    struct solve_limits l = {.work = 8000, .gap_pu = 0.01};
    struct problem_fault fault;
    struct arena a;
    struct reasons r;
    park_problem(&p, DAY_SUM_CLEAR, false, 24);
    assert_int_equal(solve_problem(&p, NULL, &l, &plan, &fault), ERR_OK);
    plan.status = PLAN_FEASIBLE;
    int n = reasons_list(&p, &plan, list, LIST_MAX), asked = 0;
    assert_true(n > 2 * ASKED);
    arena_init(&a, ARENA);
    assert_int_equal(reasons_open(&r, &p, &plan, &a), ERR_OK);
    fix_by_hand(&changed);
    double base = exact_yuan(&changed);
    for (int k = 0; k < n && asked < ASKED; k += n / (ASKED + 1)) {
        struct what_if *w = &list[k];
        if (w->kind == WHAT_IF_CONVERTER_ON) {
            continue;
        }
        assert_int_equal(reasons_ask(&r, w), ERR_OK);
        assert_true(w->answered);
        fix_by_hand(&changed);
        change_by_hand(&changed, w);
        double yuan = exact_yuan(&changed) - base;
        print_message("# %s %s step %d: %.2f, again %.2f yuan\n",
                      what_if_name((enum what_if_kind)w->kind), what_if_asset(&p, w),
                      w->from_step, w->yuan, yuan);
        assert_near(w->yuan, yuan, fmax(0.05, 0.01 * fabs(yuan)));
        asked++;
    }
    assert_int_equal(asked, ASKED);
    arena_fini(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_later_start_costs_its_dear_hours),
        cmocka_unit_test(a_battery_at_rest_loses_its_gain),
        cmocka_unit_test(a_source_is_worth_what_it_saves),
        cmocka_unit_test(the_rest_stays_after_an_unproven_plan),
        cmocka_unit_test(a_pinned_question_has_the_plans_price),
        cmocka_unit_test(limits_are_named_with_their_worth),
        cmocka_unit_test(a_tight_import_limit_is_worth_the_gap_to_the_hole),
        cmocka_unit_test(a_busy_machine_bars_a_start),
        cmocka_unit_test(ten_of_the_reference_day_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
