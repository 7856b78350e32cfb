/* What the model's columns become in a plan. */
#include "controller/base/arena.h"
#include "optimizer/model.h"
#include "tests/support/tiny_problem.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { STEPS = 4, ARENA = 64 * 1024 * 1024 };

static struct problem p;
static struct model md;
static struct plan plan;
static struct arena arena;
static double *x;
static int bess;

/* A tiny park with sun and the tiny battery; asks what is absorbed if `traced`. */
static void setup(double charge_pu, bool traced)
{
    struct problem_source sun;
    tiny_problem(&p, STEPS);
    bess = tiny_battery(&p);
    p.storage[bess].charge_pu = charge_pu;
    problem_source_init(&sun, "pv", 0);
    sun.available_kw = series_const(80);
    assert_int_equal(problem_add_source(&p, &sun, NULL), ERR_OK);
    p.goal.unabsorbed_yuan_per_kwh = traced ? 0.3 : 0;
    arena_init(&arena, ARENA);
    assert_int_equal(model_build(&md, &p, false, &arena), ERR_OK);
    x = arena_take(&arena, (size_t)md.m.cols + 1, sizeof *x);
    assert_non_null(x);
    assert_int_equal(plan_init(&plan, &p, PLAN_MILP), ERR_OK);
}

/* Powers of the battery in a step, kW: in, out, and their renewable parts. */
static void put(int t, double in, double out)
{
    x[md.charge[bess] + t] = in * MODEL_KW;
    x[md.discharge[bess] + t] = out * MODEL_KW;
}

static void put_green(int t, double in, double out)
{
    x[md.traced.charge[bess] + t] = in * MODEL_KW;
    x[md.traced.discharge[bess] + t] = out * MODEL_KW;
}

static void expect(const double *v, int t, double kw)
{
    if (fabs(v[t] - kw) > 1e-6) {
        fail_msg("step %d: %g kW instead of %g", t, v[t], kw);
    }
}

static void a_store_without_losses_does_one_thing_at_a_time(void **state)
{
    (void)state;
    setup(1, false);
    put(0, 50, 30);
    put(1, 20, 60);
    put(2, 40, 40);
    put(3, 10, 0);
    model_answer(&md, x, &plan);
    const double *in = plan_read(&plan, plan.storage_charge_kw[bess]);
    const double *out = plan_read(&plan, plan.storage_discharge_kw[bess]);
    const double net[STEPS] = {20, -40, 0, 10};
    for (int t = 0; t < STEPS; t++) {
        expect(in, t, fmax(net[t], 0));
        expect(out, t, fmax(-net[t], 0));
    }
    arena_fini(&arena);
}

static void losses_are_shown_as_they_are(void **state)
{
    (void)state;
    setup(0.9, false);
    put(0, 50, 30);
    model_answer(&md, x, &plan);
    expect(plan_read(&plan, plan.storage_charge_kw[bess]), 0, 50);
    expect(plan_read(&plan, plan.storage_discharge_kw[bess]), 0, 30);
    arena_fini(&arena);
}

/* Step 0: green passes through. Step 1: green is taken out and grey put in, which netting would
 * hide. Step 2: as much green as grey comes in, grey goes out. */
static void netting_keeps_what_is_renewable(void **state)
{
    (void)state;
    setup(1, true);
    put(0, 50, 30);
    put_green(0, 40, 30);
    put(1, 30, 30);
    put_green(1, 0, 30);
    put(2, 40, 20);
    put_green(2, 20, 0);
    model_answer(&md, x, &plan);
    const double *in = plan_read(&plan, plan.storage_charge_kw[bess]);
    const double *out = plan_read(&plan, plan.storage_discharge_kw[bess]);
    const double *green_in = plan_read(&plan, plan.absorbed.charge_kw[bess]);
    const double *green_out = plan_read(&plan, plan.absorbed.discharge_kw[bess]);
    const double expected[3][4] = {
        {20, 0,  10, 0 },
        {30, 30, 0,  30},
        {20, 0,  20, 0 }
    };
    for (int t = 0; t < 3; t++) {
        expect(in, t, expected[t][0]);
        expect(out, t, expected[t][1]);
        expect(green_in, t, expected[t][2]);
        expect(green_out, t, expected[t][3]);
    }
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_without_losses_does_one_thing_at_a_time),
        cmocka_unit_test(losses_are_shown_as_they_are),
        cmocka_unit_test(netting_keeps_what_is_renewable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
