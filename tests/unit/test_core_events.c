/* The pure core over hours: demand response, maximum demand, plans and their age, firings,
 * restart. Judged by the plant's truth. */
#include "controller/base/civil.h"
#include "sim/rng.h"
#include "tests/support/bench_park.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct bench b;
static const char *const ceramics = "etc/parks/ceramics.yaml";
static const char *const flat_hour = "2025-07-15T09:00:00+08:00";

/* The meter's own view: means of 15 min that slide by the second. */
struct meter {
    double kw[900];
    int n;
    double worst_kw;
};

/* Runs a second and lets the meter see its mean. */
static void second(struct meter *m)
{
    double sum = 0;
    for (int i = 0; i < 5; i++) {
        bench_step(&b);
        sum += fmax(b.pcc_kw, 0) / 5;
    }
    m->kw[m->n++ % 900] = sum;
    if (m->n >= 900) {
        double mean = 0;
        for (int i = 0; i < 900; i++) {
            mean += m->kw[i] / 900;
        }
        m->worst_kw = fmax(m->worst_kw, mean);
    }
}

static struct msg_dr_event *shave(double kw, double minutes)
{
    struct msg_dr_event ask = {.direction = DR_SHAVE, .kw = kw};
    struct msg_dr_event *e = NULL;
    char why[MSG_TEXT] = "";
    ask.end = wall_add_s(b.wall, minutes * 60);
    assert_int_equal(core_dr_trigger(&b.core, &ask, b.wall, &e, why), ERR_OK);
    dr_committed(&b.core.dr, e->id);
    return e;
}

static void test_shave(void **state)
{
    (void)state;
    static struct meter m;
    memset(&m, 0, sizeof m);
    bench_open(&b, ceramics, flat_hour);
    for (int s = 0; s < 1000; s++) {
        second(&m);
    }
    double before = b.pcc_kw;
    assert_true(before > 2500);
    struct msg_dr_event *e = shave(500, 20);
    double reached_s = INFINITY;
    for (int s = 1; s <= 20 * 60; s++) {
        second(&m);
        double mean = m.kw[(m.n - 1) % 900];
        if (isinf(reached_s) && mean <= e->baseline_kw - 475) {
            reached_s = s;
        }
        assert_true(s < 60 || mean <= e->baseline_kw - 475);
        assert_true(s < 60 || mean >= e->baseline_kw - 500 - 160); /* not far below either */
    }
    print_message("500 kW after %.0f s, delivered %.0f\n", reached_s, e->delivered_kw);
    assert_true(reached_s <= 30); /* with battery */
    assert_true(fabs(e->baseline_kw - before) < 200);
    assert_true(e->delivered_kw > 475 && e->delivered_kw < 700);
    second(&m);
    second(&m);
    assert_int_equal(e->state, DR_RECOVERY);
    /* what was put off does not come back all at once */
    double last = b.pcc_kw;
    for (int s = 1; s <= 1800; s++) {
        second(&m);
        assert_true(b.pcc_kw < last + 300);
        last = b.pcc_kw;
    }
    assert_int_equal(e->state, DR_COMPLETED);
    assert_true(m.worst_kw <= b.core.demand_target_kw * 1.01);
    bench_close(&b);
}

/* The battery is empty: the shave comes from the other means. */
static void test_shave_without_battery(void **state)
{
    (void)state;
    static struct meter m;
    memset(&m, 0, sizeof m);
    bench_open(&b, ceramics, flat_hour);
    bench_rows(&b, KIND_BATTERY, BATTERY_SOC_PU, 0.1);
    bench_offer(&b, KIND_CHARGER, 600);
    for (int s = 0; s < 1000; s++) {
        second(&m);
    }
    assert_true(bench_sum_kw(&b, KIND_CHARGER) < -550);
    struct msg_dr_event *e = shave(500, 10);
    for (int s = 1; s <= 10 * 60; s++) {
        second(&m);
        assert_true(s < 60 || m.kw[(m.n - 1) % 900] <= e->baseline_kw - 475);
    }
    assert_true(bench_sum_kw(&b, KIND_CHARGER) > -300);
    bench_close(&b);
}

/* A kill in the middle of an event: the new core says nothing before its states are back, then
 * holds the same cap. */
static void test_restart(void **state)
{
    (void)state;
    static struct meter m;
    memset(&m, 0, sizeof m);
    bench_open(&b, ceramics, flat_hour);
    for (int s = 0; s < 1000; s++) {
        second(&m);
    }
    const struct msg_dr_event *e = shave(500, 30);
    bench_run(&b, 120);
    struct msg_dr_event kept = *e;
    static struct demand demand;
    static struct bill bill;
    demand = b.core.demand;
    bill = b.bill;
    static struct orders orders;
    orders = b.core.orders;
    bench_restart(&b);
    orders_expand(&b.core.orders, b.wall);
    dr_restore(&b.core.dr, &kept);
    for (int i = 0; i < orders.n; i++) {
        orders_restore(&b.core.orders, &orders.run[i].m);
    }
    demand_restore(&b.core.demand, &demand, b.now);
    assert_int_equal(bill_restore(&b.bill, &bill, sizeof bill), ERR_OK);
    bench_step(&b);
    assert_int_equal(b.outs, 0);
    b.core.restored = true;
    for (int s = 0; s < 600; s++) {
        second(&m);
        assert_true(s < 5 || b.pcc_kw <= kept.cap_kw + 25);
    }
    assert_int_equal(b.core.dr.event[0].state, DR_ACTIVE);
    assert_true(b.core.dr.event[0].cap_kw == kept.cap_kw);
    assert_true(fabs(demand_mean_kw(&b.core.demand) - demand_mean_kw(&demand)) < 500);
    assert_int_equal(b.core.mode, MODE_LIMITED);
    bench_close(&b);
}

/* Four hours of random spikes on a base just under the target. */
static void test_demand(void **state)
{
    (void)state;
    static struct meter m;
    memset(&m, 0, sizeof m);
    struct rng rng;
    rng_init(&rng, 4711, "test", "power");
    bench_open(&b, ceramics, flat_hour);
    bench_rows(&b, KIND_MILL, MILL_RUN, 0);
    bench_offer(&b, KIND_CHARGER, 600);
    int line = bench_device(&b, "line1");
    double base = b.free_kw[line];
    double target = b.core.demand_target_kw;
    assert_true(target > 4000 && target < 5000);
    double unheld_kw = 0;
    double action_s = 0;
    bench_run(&b, 1); /* firings start by rule: put them off */
    for (int s = 0; s < 4 * 3600; s++) {
        if (s % 60 == 0) {
            bool spike = rng_uniform(&rng) < 1.0 / 3;
            b.free_kw[line] = fmin(
                base + (spike ? 300 + rng_between(&rng, 0, 1500) : rng_between(&rng, 0, 200)),
                1190);
            b.free_kw[bench_device(&b, "line2")] = spike ? 950 : 500;
        }
        second(&m);
        unheld_kw = fmax(unheld_kw, b.pcc_kw + bench_sum_kw(&b, KIND_BATTERY));
        action_s += b.pcc_kw > target * 1.05;
    }
    print_message("target %.0f, worst mean %.0f, without battery up to %.0f\n", target,
                  m.worst_kw, unheld_kw);
    assert_true(m.worst_kw <= target * 1.01);
    assert_true(unheld_kw > target * 1.05); /* there was something to hold */
    assert_true(m.worst_kw > target * 0.8);
    assert_true(action_s < 60);
    bench_close(&b);
}

/* A plan with `kw` of discharge of the first battery in each step. */
static void make_plan(struct plan *pl, double kw)
{
    static struct problem p;
    assert_int_equal(core_question(&b.core, 12, &p), ERR_OK);
    assert_int_equal(plan_init(pl, &p, PLAN_MILP), ERR_OK);
    int k = plan_find_storage(pl, "bess1");
    assert_true(k >= 0);
    for (uint32_t t = 0; t < pl->steps; t++) {
        plan_series(pl, pl->storage_discharge_kw[k])[t] = kw;
    }
}

static void test_plan_and_its_age(void **state)
{
    (void)state;
    static struct plan pl;
    struct msg_status s;
    bench_open(&b, ceramics, flat_hour);
    b.core.policy = POLICY_PLAN;
    bench_run(&b, 60);
    int bess = bench_device(&b, "bess1");
    assert_int_equal(b.core.fallback, FALLBACK_RULE);
    core_status(&b.core, b.wall, &s);
    assert_string_equal(s.reason, "no plan yet");
    make_plan(&pl, 321);
    core_plan(&b.core, &pl, b.now, b.wall);
    for (int s_on = 0; s_on < 20; s_on++) { /* walked, not jumped */
        double before_kw = b.kw[bess];
        bench_run(&b, 1);
        assert_true(fabs(b.kw[bess] - before_kw) < 0.07 * b.park->device[bess].rating.rated_kw);
    }
    assert_int_equal(b.core.fallback, FALLBACK_PLAN);
    assert_true(fabs(b.kw[bess] - 321) < 2);
    core_plan_failed(&b.core, "no answer");
    bench_run(&b, 60);
    assert_int_equal(b.core.fallback, FALLBACK_SHIFTED);
    assert_true(fabs(b.kw[bess] - 321) < 2);
    core_status(&b.core, b.wall, &s);
    assert_string_equal(s.reason, "planner did not answer");
    bench_run(&b, 1800 - 85);
    assert_int_equal(b.core.fallback, FALLBACK_SHIFTED);
    bench_run(&b, 20);
    assert_int_equal(b.core.fallback, FALLBACK_RULE); /* older than 30 min */
    assert_true(fabs(b.kw[bess]) < 2);
    make_plan(&pl, 100);
    core_plan(&b.core, &pl, b.now, b.wall);
    bench_run(&b, 20);
    assert_int_equal(b.core.fallback, FALLBACK_PLAN);
    assert_true(fabs(b.kw[bess] - 100) < 2);
    bench_close(&b);
}

/* The limits hold whatever a plan says. */
static void test_bad_plan(void **state)
{
    (void)state;
    static struct plan pl;
    bench_open(&b, "etc/parks/small.yaml", flat_hour);
    b.core.policy = POLICY_PLAN;
    bench_offer(&b, KIND_PV, 300);
    bench_run(&b, 60);
    make_plan(&pl, 200);
    core_plan(&b.core, &pl, b.now, b.wall);
    for (int i = 0; i < 600; i++) {
        bench_step(&b);
        assert_true(i < 10 || b.pcc_kw >= 0);
    }
    assert_true(b.kw[bench_device(&b, "bess1")] > 50);
    bench_close(&b);
}

/* A peak that the month has seen is the target until the month ends, then the contract again.
 */
static void test_month_change(void **state)
{
    (void)state;
    bench_open(&b, ceramics, "2025-07-31T23:55:00+08:00");
    bench_run(&b, 60);
    b.bill.month_peak_kw = 5000;
    bench_run(&b, 60);
    assert_true(b.core.limits.import_kw_max > 4800 && b.core.limits.import_kw_max < 5000);
    bench_run(&b, 1200);
    assert_true(b.bill.month_peak_kw < 4500);
    assert_true(b.core.limits.import_kw_max > 4200 && b.core.limits.import_kw_max < 4410);
    bench_close(&b);
}

/* Billed by the actual maximum: no target that could be held from the first minute on. */
static void test_actual_demand(void **state)
{
    (void)state;
    bench_open(&b, ceramics, flat_hour);
    b.tariff->mode = DEMAND_ACTUAL;
    bench_restart(&b);
    b.core.restored = true;
    bench_run(&b, 120);
    assert_true(b.core.demand_target_kw == 0);
    assert_true(b.core.limits.import_kw_max > 7900);
    assert_true(fabs(bench_sum_kw(&b, KIND_BATTERY)) < 1);
    assert_true(core_dr_facts(&b.core, b.wall).import_limit_kw == 8000);
    bench_close(&b);
}

static void test_firing(void **state)
{
    (void)state;
    bench_open(&b, ceramics, "2025-07-15T06:59:50+08:00");
    int k7 = bench_device(&b, "k7");
    bench_link(&b, bench_device(&b, "k8"), false);
    double program = NAN;
    wall_t started = {0};
    for (int i = 0; i < 200 && started.ms == 0; i++) {
        bench_step(&b);
        if (bench_said(&b, k7, KILN_RUN) == KILN_RUNNING) {
            started = b.wall;
            program = bench_said(&b, k7, KILN_PROGRAM);
        }
        assert_true(isnan(bench_said(&b, bench_device(&b, "k8"), KILN_RUN)));
    }
    wall_t seven;
    assert_int_equal(civil_parse("2025-07-15T07:00:00+08:00", &seven), ERR_OK);
    assert_true(started.ms >= seven.ms && started.ms < seven.ms + 30000);
    assert_true(program == 2); /* decal: the second recipe of the file */
    bench_run(&b, 2);
    assert_true(b.row[k7][KILN_RUN] == KILN_RUNNING && b.row[k7][KILN_PROGRAM] == 2);
    b.row[k7][KILN_STATE] = KILN_RUNNING;
    b.free_kw[k7] = 100;
    int again = 0;
    for (int i = 0; i < 3000; i++) {
        bench_step(&b);
        again += isfinite(bench_said(&b, k7, KILN_RUN));
    }
    assert_int_equal(again, 0);           /* a firing under way is not touched */
    b.row[k7][KILN_STATE] = KILN_STOPPED; /* by hand, after ten minutes */
    bench_run(&b, 3);
    int failed = 0;
    for (int i = 0; i < b.core.orders.n; i++) {
        const struct msg_order *m = &b.core.orders.run[i].m;
        failed += m->device == k7 && m->state == ORDER_FAILED;
    }
    assert_int_equal(failed, 1);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shave),
        cmocka_unit_test(test_shave_without_battery),
        cmocka_unit_test(test_restart),
        cmocka_unit_test(test_demand),
        cmocka_unit_test(test_plan_and_its_age),
        cmocka_unit_test(test_bad_plan),
        cmocka_unit_test(test_month_change),
        cmocka_unit_test(test_actual_demand),
        cmocka_unit_test(test_firing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
