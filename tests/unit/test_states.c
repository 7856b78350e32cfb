/* Machines with states: the day of a kiln as a word of one letter per hour (c cold, H heats,
 * h holds, B busy, k cools), accepted or refused; facts, plans, words in and out. */
#include "controller/cli/plan_page.h"
#include "controller/cli/plan_table.h"
#include "optimizer/checker.h"
#include "optimizer/model.h"
#include "optimizer/plan_json.h"
#include "optimizer/problem_json.h"
#include "optimizer/rule.h"
#include "optimizer/states.h"
#include "tests/support/tiny_problem.h"
#include "tests/unit/test_plant_near.h"
#include <stdlib.h>
#include <string.h>

static const char LETTERS[] = "cHhBk"; /* by enum machine_state */
enum { HOURS = 10 };

static struct problem p, back;
static struct plan plan, other;
static struct model md;

static int kiln(uint32_t hours)
{
    tiny_problem(&p, hours);
    return tiny_kiln(&p);
}

/* What the checker says to a day in whole hours, with the firing at `start`. */
static enum err judge(const char *day, int start)
{
    const struct problem_machine *m = &p.machine[0];
    const double kw[] = {m->cold_kw, m->heat_kw, m->hold_kw, 0, m->cool_kw};
    struct checker_fault why = {""};
    assert_int_equal(plan_init(&plan, &p, PLAN_MILP), ERR_OK);
    for (uint32_t t = 0; t < p.steps; t++) {
        int s = (int)(strchr(LETTERS, day[t]) - LETTERS);
        plan_series(&plan, plan.machine_state[0])[t] = s;
        plan_series(&plan, plan.machine_draw_kw[0])[t] = kw[s];
    }
    plan.order_start[0] = start;
    tiny_balance(&p, &plan);
    enum err e = checker_check(&p, &plan, &why);
    assert_true(e == ERR_OK || strncmp(why.text, "kiln", 4) == 0);
    return e;
}

static void days_that_can_be(void **state)
{
    (void)state;
    kiln(HOURS);
    assert_int_equal(judge("cccccccccc", PLAN_NONE), ERR_OK);
    assert_int_equal(judge("ccHHBBkccc", 4), ERR_OK);
    assert_int_equal(judge("HHhhBBhhkc", 4), ERR_OK);
    assert_int_equal(judge("HHkHHBBhhh", 5), ERR_OK);
    assert_int_equal(judge("ccccccHHBB", 8), ERR_OK);
    assert_int_equal(judge("cccccccccH", PLAN_NONE), ERR_OK);
}

static void days_that_cannot_be(void **state)
{
    (void)state;
    const struct {
        const char *day;
        int start;
    } lies[] = {
        {"ccccBBkccc", 4        }, /* fires cold */
        {"cccHBBkccc", 4        }, /* half heated */
        {"cHHHBBkccc", 4        }, /* heated for too long */
        {"ccHHBBcccc", 4        }, /* does not cool */
        {"ccHHBBkkcc", 4        }, /* cools for too long */
        {"ccHHBBkhhh", 4        }, /* hot again from nothing */
        {"ccHHBBHHkc", 4        }, /* heats what is hot */
        {"ccHHhBkccc", 4        }, /* holds while it fires */
        {"ccHHBBBkcc", 4        }, /* busy with nothing */
        {"ccHHccHHcc", PLAN_NONE}, /* cold at once */
        {"ckcccccccc", PLAN_NONE}, /* cools what is cold */
    };
    kiln(HOURS);
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        if (judge(lies[i].day, lies[i].start) == ERR_OK) {
            fail_msg("%s was believed", lies[i].day);
        }
    }
}

static void forbidden_moves_are_refused(void **state)
{
    (void)state;
    kiln(HOURS);
    p.machine[0].heat_fires = 1;
    assert_int_equal(judge("ccHHBBhkcc", 4), ERR_OK);
    assert_int_not_equal(judge("cHHhBBkccc", 4), ERR_OK);
    assert_int_not_equal(judge("cHHkcccccc", PLAN_NONE), ERR_OK);
    p.machine[0].heat_fires = 0;
    p.machine[0].fire_cools = 1;
    assert_int_equal(judge("cHHhBBkccc", 4), ERR_OK);
    assert_int_not_equal(judge("ccHHBBhkcc", 4), ERR_OK);
    assert_int_not_equal(judge("cHHkcccccc", PLAN_NONE), ERR_OK);
}

static void times_of_the_machine_are_kept(void **state)
{
    (void)state;
    kiln(HOURS);
    p.machine[0].cold_by_s = 7 * 3600;
    assert_int_equal(judge("ccHHBBkccc", 4), ERR_OK);
    assert_int_not_equal(judge("cccHHBBkcc", 5), ERR_OK);
    assert_int_not_equal(judge("ccHHBBkHHk", 4), ERR_OK);
    p.machine[0].free_from_s = 2 * 3600;
    assert_int_equal(judge("ccHHBBkccc", 4), ERR_OK);
    p.machine[0].free_from_s = 2 * 3600 + 60;
    assert_int_not_equal(judge("ccHHBBkccc", 4), ERR_OK);
}

static void numbers_of_a_state_are_proved(void **state)
{
    (void)state;
    struct checker_fault why;
    kiln(HOURS);
    for (uint32_t t = 0; t < p.steps; t++) {
        assert_int_equal(judge("ccHHBBkccc", 4), ERR_OK);
        plan_series(&plan, plan.machine_draw_kw[0])[t] -= 1;
        tiny_balance(&p, &plan);
        assert_int_not_equal(checker_check(&p, &plan, &why), ERR_OK);
        for (int lie = 0; lie < 3; lie++) {
            assert_int_equal(judge("ccHHBBkccc", 4), ERR_OK);
            plan_series(&plan, plan.machine_state[0])[t] = (double[]){0.5, -1, 5}[lie];
            assert_int_not_equal(checker_check(&p, &plan, &why), ERR_OK);
        }
    }
    assert_int_equal(judge("ccHHBBkccc", 4), ERR_OK);
    plan.machine_state[0] = plan.machine_draw_kw[0] = PLAN_NONE;
    assert_int_not_equal(checker_check(&p, &plan, &why), ERR_OK);
    assert_int_equal(judge("ccHHBBkccc", 4), ERR_OK);
    plan.machine_draw_kw[0] = PLAN_NONE;
    assert_int_equal(checker_check(&p, &plan, &why), ERR_RANGE);
    assert_int_equal(judge("ccHHBBkccc", 4), ERR_OK);
    p.machine[0].heat_s = p.machine[0].cool_s = 0;
    assert_int_not_equal(checker_check(&p, &plan, &why), ERR_OK);
}

static void what_is_under_way_is_a_fact(void **state)
{
    (void)state;
    int o = kiln(HOURS);
    struct problem_machine *m = &p.machine[0];
    m->heat_fires = m->fire_cools = 1;
    m->state_now = MACHINE_HEATING;
    m->since_s = 3600;
    assert_int_equal(judge("HBBkcccccc", 1), ERR_OK);
    assert_int_equal(judge("HhBBkccccc", 2), ERR_OK); /* it was not our decision */
    assert_int_equal(judge("Hkcccccccc", PLAN_NONE), ERR_OK);
    assert_int_not_equal(judge("HHBBkccccc", 2), ERR_OK);
    assert_int_not_equal(judge("cHHBBkcccc", 3), ERR_OK);
    m->state_now = MACHINE_COOLING;
    m->since_s = 0;
    assert_int_equal(judge("kHHBBkcccc", 3), ERR_OK);
    assert_int_not_equal(judge("HHBBkccccc", 2), ERR_OK);
    m->state_now = MACHINE_HOLDING;
    assert_int_equal(judge("hBBkcccccc", 1), ERR_OK);
    assert_int_equal(judge("kccccccccc", PLAN_NONE), ERR_OK);
    assert_int_not_equal(judge("hkcccccccc", PLAN_NONE), ERR_OK);
    m->cold_by_s = 1;
    assert_int_equal(judge("kccccccccc", PLAN_NONE), ERR_OK); /* not sooner than it can be */
    p.order[o].started = 1;
    p.order[o].started_s = 3600;
    assert_int_equal(judge("Bkcccccccc", PLAN_NONE), ERR_OK);
    assert_int_not_equal(judge("Bhkccccccc", PLAN_NONE), ERR_OK);
    assert_int_not_equal(judge("kccccccccc", PLAN_NONE), ERR_OK);
}

/* Whatever ends within a step leaves the rest of it to what follows. */
static void parts_of_a_step_are_counted(void **state)
{
    (void)state;
    kiln(4);
    p.machine[0].heat_s = 5400;
    p.machine[0].cool_s = 900;
    p.recipe[0].after_s = 1800;
    assert_near(states_draw_kw(&p, 0, MACHINE_HEATING, 0, 0), 90, 1e-9);
    assert_near(states_draw_kw(&p, 0, MACHINE_HEATING, 3600, 1), 60, 1e-9);
    assert_near(states_draw_kw(&p, 0, MACHINE_COOLING, 0, 0), 0.25 * 5 + 0.75, 1e-9);
    assert_near(problem_order_draw_kw(&p, 0, 0, 1), 200, 1e-9);
    assert_near(problem_order_draw_kw(&p, 0, 0, 2), 15, 1e-9);
    assert_near(problem_order_draw_kw(&p, 0, 0, 3), 0, 1e-9);
    assert_int_equal(states_order_end(&p, 0, 0), 3);
    assert_int_equal(states_heat_step(&p, 0, 0, 3), 1);
    assert_int_equal(states_heat_step(&p, 0, 2, 3), -1);
}

static void word_is(const char *want)
{
    char got[PROBLEM_STEPS_MAX + 1] = "";
    for (uint32_t t = 0; t < p.steps; t++) {
        got[t] = LETTERS[(int)plan_read(&plan, plan.machine_state[0])[t]];
    }
    assert_string_equal(got, want);
}

static void solve(void)
{
    struct checker_fault why = {""};
    assert_int_equal(tiny_solve(&p, &plan), ERR_OK);
    if (checker_check(&p, &plan, &why) != ERR_OK) {
        fail_msg("%s", why.text);
    }
    assert_int_equal(plan.status, PLAN_PROVEN);
}

/* A deadline for cold that what is under way makes impossible is met as soon as it can be. */
static void a_late_deadline_is_no_contradiction(void **state)
{
    (void)state;
    const struct {
        enum machine_state now;
        double since_s;
        uint32_t started;
        const char *day;
    } rows[] = {
        {MACHINE_COLD,    0,    0, "cccccccccc"},
        {MACHINE_HOLDING, 0,    0, "kccccccccc"},
        {MACHINE_COOLING, 0,    0, "kccccccccc"},
        {MACHINE_HEATING, 3600, 0, "Hkcccccccc"},
        {MACHINE_HEATING, 7200, 0, "kccccccccc"},
        {MACHINE_COLD,    0,    1, "BBkccccccc"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        kiln(HOURS);
        p.machine[0].cold_by_s = 1;
        p.machine[0].state_now = rows[i].now;
        p.machine[0].since_s = rows[i].since_s;
        p.order[0].started = rows[i].started;
        solve();
        word_is(rows[i].day);
    }
}

/* A kiln stays hot for the second firing where that is cheaper than to heat again. */
static void holds_or_cools_by_price(void **state)
{
    (void)state;
    kiln(HOURS);
    tiny_again(&p, 0, "second");
    p.machine[0].cold_by_s = 9 * 3600;
    p.order[0].earliest_step = p.order[0].latest_step = 2;
    p.order[1].earliest_step = p.order[1].latest_step = 6;
    p.grid.import_yuan_per_kwh = series_const(1);
    p.machine[0].hold_kw = 80;
    solve();
    word_is("HHBBhhBBkc"); /* no time to cool and heat */
    p.order[1].earliest_step = p.order[1].latest_step = 7;
    p.machine[0].cold_by_s = 0;
    p.machine[0].hold_kw = 70;
    solve();
    word_is("HHBBkHHBBk");
}

static void equal_firings_share_their_columns(void **state)
{
    (void)state;
    struct arena a;
    kiln(HOURS);
    tiny_again(&p, 0, "second");
    tiny_again(&p, 0, "third");
    p.order[2].skip_yuan = 77;
    arena_init(&a, 16u << 20);
    assert_int_equal(model_build(&md, &p, false, &a), ERR_OK);
    assert_int_equal(md.order[0].members, 2);
    assert_int_equal(md.order[1].lead, 0);
    assert_int_equal(md.order[1].first, -1);
    assert_int_equal(md.order[2].members, 1);
    arena_fini(&a);
    p.order[2].latest_step = 0;
    solve();
    assert_true(plan.order_start[0] >= 2 && plan.order_start[1] >= plan.order_start[0] + 2);
    assert_int_equal(plan.order_start[2], PLAN_NONE);
}

/* The heating counts in a group limit where the machine is a member. */
static void states_count_in_a_limit(void **state)
{
    (void)state;
    struct problem_limit l = {
        .draw_kw_max = series_const(50), .member_count = 1, .member[0] = {MEMBER_MACHINE, 0}
    };
    kiln(HOURS);
    problem_name(l.name, "feeder");
    assert_int_equal(problem_add_limit(&p, &l, NULL), ERR_OK);
    p.order[0].skip_yuan = 1e6;
    solve();
    assert_int_equal(plan.breach_count, 1);
    assert_int_equal(plan.breach[0].kind, BREACH_LIMIT);
    assert_near(plan.breach[0].kw_max, 40, 1e-3);
}

/* An old plan's firing keeps its hour; the kiln is hot in time. */
static void an_old_plan_is_followed(void **state)
{
    (void)state;
    struct checker_fault why;
    kiln(HOURS);
    solve();
    int start = plan.order_start[0];
    assert_true(start > 0);
    p.start_ms += 3600000;
    assert_int_equal(shift_plan(&p, &plan, &other), ERR_OK);
    assert_int_equal(checker_check(&p, &other, &why), ERR_OK);
    assert_int_equal(other.order_start[0] == start - 1, start - 1 >= 2);
}

static void written_states_come_back(void **state)
{
    (void)state;
    struct problem_fault bad = {""};
    kiln(HOURS);
    p.machine[0].state_now = MACHINE_HOLDING;
    p.machine[0].cold_by_s = 7200;
    p.machine[0].fire_cools = 1;
    json_t *json = problem_json(&p);
    if (problem_from_json(&back, json, &bad) != ERR_OK) {
        fail_msg("%s", bad.text);
    }
    assert_memory_equal(&back.machine[0], &p.machine[0], sizeof p.machine[0]);
    json_t *row = json_array_get(json_object_get(json, "machines"), 0);
    json_object_set_new(row, "state_now", json_string("warm"));
    assert_int_not_equal(problem_from_json(&back, json, &bad), ERR_OK);
    assert_non_null(strstr(bad.text, "cold, heating, holding, busy, cooling"));
    json_object_set_new(row, "state_now", json_string("busy"));
    assert_int_not_equal(problem_from_json(&back, json, &bad), ERR_OK);
    json_object_set_new(row, "state_now", json_string("cold"));
    json_object_set_new(row, "cool_s", json_integer(0));
    assert_int_not_equal(problem_from_json(&back, json, &bad), ERR_OK);
    assert_non_null(strstr(bad.text, "cool_s"));
    json_object_set_new(row, "cool_s", json_integer(60));
    assert_int_equal(problem_from_json(&back, json, &bad), ERR_OK);
    json_object_del(row, "bus");
    assert_int_not_equal(problem_from_json(&back, json, &bad), ERR_OK);
    json_decref(json);
}

/* Inflow minus outflow of a bus of the page, summed over its steps, kW. */
static double off_balance(const json_t *flows)
{
    double off = 0;
    for (size_t i = 0; i < json_array_size(flows); i++) {
        const json_t *f = json_array_get(flows, i), *kw = json_object_get(f, "kw");
        for (size_t t = 0; t < json_array_size(kw); t++) {
            double v = json_number_value(json_array_get(kw, t));
            off += json_is_true(json_object_get(f, "up")) ? v : -v;
        }
    }
    return off;
}

static void states_are_shown(void **state)
{
    (void)state;
    char *text = NULL;
    size_t n = 0;
    kiln(HOURS);
    assert_int_equal(judge("ccHHBBhkcc", 4), ERR_OK);
    json_t *json = plan_json(&plan);
    const json_t *dev = json_object_get(json_object_get(json, "devices"), "kiln");
    const json_t *words = json_object_get(dev, "state"), *kw = json_object_get(dev, "state_kw");
    assert_string_equal(json_string_value(json_array_get(words, 2)), "heating");
    assert_string_equal(json_string_value(json_array_get(words, 6)), "holding");
    assert_near(json_number_value(json_array_get(kw, 2)), -90, 1e-9);
    json_decref(json);
    FILE *to = open_memstream(&text, &n);
    plan_table(to, &p, &plan);
    assert_int_equal(fclose(to), 0);
    assert_non_null(strstr(text, "      190        0        0      100 ")); /* heats */
    assert_non_null(strstr(text, "       90        0        0\n"));
    free(text);
    json = plan_page_question(&p, &plan);
    const json_t *bus = json_array_get(json_object_get(json, "buses"), 0);
    assert_near(off_balance(json_object_get(bus, "flows")), 0, 1e-6);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_that_can_be),
        cmocka_unit_test(days_that_cannot_be),
        cmocka_unit_test(forbidden_moves_are_refused),
        cmocka_unit_test(times_of_the_machine_are_kept),
        cmocka_unit_test(numbers_of_a_state_are_proved),
        cmocka_unit_test(what_is_under_way_is_a_fact),
        cmocka_unit_test(a_late_deadline_is_no_contradiction),
        cmocka_unit_test(parts_of_a_step_are_counted),
        cmocka_unit_test(holds_or_cools_by_price),
        cmocka_unit_test(equal_firings_share_their_columns),
        cmocka_unit_test(states_count_in_a_limit),
        cmocka_unit_test(an_old_plan_is_followed),
        cmocka_unit_test(states_are_shown),
        cmocka_unit_test(written_states_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
