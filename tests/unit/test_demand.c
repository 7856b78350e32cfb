/* The sliding 15-min window against a plain list of seconds kept by the test. */
#include "controller/dispatch/demand.h"
#include "sim/rng.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { WINDOW_S = 900 };

/* Feeds kw each second from from_s + 1 to to_s. */
static void feed(struct demand *d, int from_s, int to_s, double kw)
{
    for (int s = from_s + 1; s <= to_s; s++) {
        demand_add(d, MONO_S(s), kw);
    }
}

static void started(struct demand *d, int at_s)
{
    demand_init(d);
    demand_add(d, MONO_S(at_s), 0);
}

static void test_mean(void **state)
{
    (void)state;
    struct demand d;
    started(&d, 1000);
    feed(&d, 1000, 1450, 600);
    assert_true(fabs(demand_mean_kw(&d) - 300) < 1);
    feed(&d, 1450, 1900, 600);
    assert_true(fabs(demand_mean_kw(&d) - 600) < 7); /* the slot under way is not full */
    feed(&d, 1900, 2350, 0);
    assert_true(fabs(demand_mean_kw(&d) - 300) < 7);
    feed(&d, 2350, 2800, -500); /* export does not pay back import */
    assert_true(fabs(demand_mean_kw(&d)) < 1e-9);
}

/* A hole takes the value after it; a clock that stands or goes back counts nothing. */
static void test_gaps(void **state)
{
    (void)state;
    struct demand d;
    started(&d, 1000);
    demand_add(&d, MONO_S(1450), 400);
    assert_true(fabs(demand_mean_kw(&d) - 200) < 5);
    struct demand before = d;
    demand_add(&d, MONO_S(1450), 9000);
    demand_add(&d, MONO_S(1200), 9000);
    assert_memory_equal(&before, &d, sizeof d);
    demand_add(&d, MONO_S(90000), 100); /* longer than the window: all of it */
    assert_true(fabs(demand_mean_kw(&d) - 100) < 2);
}

static void test_restore(void **state)
{
    (void)state;
    struct demand kept;
    struct demand d;
    started(&kept, 1000);
    feed(&kept, 1000, 1900, 500);
    demand_init(&d);
    demand_restore(&d, &kept, MONO_S(1930));
    assert_memory_equal(&kept, &d, sizeof d);
    demand_add(&d, MONO_S(1930), 500);
    assert_true(fabs(demand_mean_kw(&d) - 500) < 6);
    demand_init(&d);
    demand_restore(&d, &kept, MONO_S(2801)); /* too old */
    assert_false(d.started);
    demand_restore(&d, &kept, MONO_S(1800)); /* from the future: another boot */
    assert_false(d.started);
    kept.head = DEMAND_SLOTS;
    demand_restore(&d, &kept, MONO_S(1930)); /* damaged */
    assert_false(d.started);
}

/* Greatest mean over any 15 min that end in slots after now, from the seconds themselves. */
static double worst_kw(const double *kw, int from_s, int to_s)
{
    double worst = 0;
    for (int end = from_s; end <= to_s; end++) {
        double sum = 0;
        for (int s = end - WINDOW_S; s < end; s++) {
            sum += s >= 0 ? kw[s] : 0;
        }
        worst = fmax(worst, sum / WINDOW_S);
    }
    return worst;
}

/* Drawing exactly what is permitted keeps every coming window at or under the target, and two
 * per cent more break one. Random history, any phase of the slot. */
static void test_permitted(void **state)
{
    (void)state;
    struct rng rng;
    rng_init(&rng, 20250715, "test", "power");
    for (int round = 0; round < 60; round++) {
        static double kw[4000];
        struct demand d;
        int now = 1800 + (int)rng_between(&rng, 0, 60);
        double base = rng_between(&rng, 0, 900);
        started(&d, 0);
        for (int s = 0; s < now; s++) {
            kw[s] = s % 100 == 0 ? base + rng_between(&rng, 0, 400) : s > 0 ? kw[s - 1] : base;
            demand_add(&d, MONO_S(s + 1), kw[s]);
        }
        double target = 1.02 * worst_kw(kw, now, now) + rng_between(&rng, 0, 300);
        double permitted = demand_permitted_kw(&d, target);
        for (int s = now; s < now + WINDOW_S; s++) {
            kw[s] = permitted;
        }
        double slack = 10.0 / WINDOW_S * (1300 + permitted); /* a slot of phase */
        assert_true(worst_kw(kw, now, now + WINDOW_S) <= target + slack);
        struct demand more = d;
        double most = 0;
        for (int s = now; s < now + WINDOW_S + DEMAND_SLOT_S; s++) {
            demand_add(&d, MONO_S(s + 1), permitted);
            demand_add(&more, MONO_S(s + 1), 1.02 * permitted + 1);
            assert_true(s >= now + WINDOW_S || demand_mean_kw(&d) <= target + 1e-6);
            most = fmax(most, demand_mean_kw(&more));
        }
        assert_true(most > target);
    }
}

static void test_permitted_ends(void **state)
{
    (void)state;
    struct demand d;
    demand_init(&d);
    assert_true(fabs(demand_permitted_kw(&d, 500) - 500) < 1e-9); /* nothing is known */
    started(&d, 0);
    feed(&d, 0, 1800, 500);
    assert_true(fabs(demand_permitted_kw(&d, 500) - 500) < 1);
    assert_true(demand_permitted_kw(&d, 400) == 0); /* it is broken already */
    feed(&d, 1800, 2250, 0);
    /* half the window is empty: twice the target would just do for the rest of it, but the
     * window that starts now may only hold the target itself */
    assert_true(fabs(demand_permitted_kw(&d, 500) - 500) < 6);
}

/* A constant draw at the target never has to be cut, whatever the phase. */
static void test_steady(void **state)
{
    (void)state;
    struct demand d;
    started(&d, 3);
    for (int s = 4; s < 4000; s++) {
        demand_add(&d, MONO_S(s), 990);
        assert_true(demand_permitted_kw(&d, 1000) >= 995);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mean),           cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_restore),        cmocka_unit_test(test_permitted),
        cmocka_unit_test(test_permitted_ends), cmocka_unit_test(test_steady),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
