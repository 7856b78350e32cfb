/* The last clamp: range, rate, wear. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/clamp.h"
#include <math.h>

static void range(void **state)
{
    struct clamp c;
    (void)state;
    assert_int_equal(clamp_init(&c, 5, 1, 0, 0), ERR_RANGE);
    assert_int_equal(clamp_init(&c, NAN, 1, 0, 0), ERR_RANGE);
    assert_int_equal(clamp_init(&c, -200, 200, 0, 0), ERR_OK);
    assert_int_equal(clamp_accept(&c, 200), ERR_OK);
    assert_int_equal(clamp_accept(&c, 200.0001), ERR_OK); /* rounding */
    assert_int_equal(clamp_accept(&c, 201), ERR_RANGE);
    assert_int_equal(clamp_accept(&c, NAN), ERR_NUMERIC);
    struct clamp_out out = {0, false};
    assert_int_equal(clamp_step(&c, 200.0001, MONO_S(0), false, &out), ERR_OK);
    assert_true(out.value == 200 && out.whole);
}

static void rate(void **state)
{
    struct clamp c;
    struct clamp_out out = {0, false};
    int steps = 0;
    (void)state;
    assert_int_equal(clamp_init(&c, 0.5, 1, 0.01, 0), ERR_OK);
    clamp_seen(&c, 1, MONO_S(0));
    for (double t = 1000; !out.whole; t += 1) { /* a long silence saves nothing up */
        double before = c.last;
        assert_int_equal(clamp_step(&c, 0.9, MONO_S(t), false, &out), ERR_OK);
        assert_true(before - out.value <= 0.0100001);
        clamp_written(&c, out.value, MONO_S(t));
        steps++;
    }
    assert_true(fabs(out.value - 0.9) < 1e-12);
    assert_true(steps == 10 || steps == 11);
}

static void wear(void **state)
{
    struct clamp c;
    struct clamp_out out = {0, false};
    (void)state;
    assert_int_equal(clamp_init(&c, 0, 1, 0, 3), ERR_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(clamp_step(&c, i % 2, MONO_S(i), false, &out), ERR_OK);
        clamp_written(&c, out.value, MONO_S(i));
    }
    assert_int_equal(clamp_step(&c, 1, MONO_S(10), false, &out), ERR_LIMIT);
    assert_int_equal(clamp_step(&c, 0, MONO_S(10), true, &out), ERR_OK); /* a revert may */
    assert_int_equal(clamp_step(&c, 1, MONO_S(86401), false, &out), ERR_OK);
}

/* Whatever is wanted, what comes out is inside the range. */
static void never_outside(void **state)
{
    struct clamp c;
    uint32_t x = 7;
    (void)state;
    assert_int_equal(clamp_init(&c, -3, 8, 2, 0), ERR_OK);
    for (int i = 0; i < 100000; i++) {
        struct clamp_out out = {0, false};
        x = x * 1664525u + 1013904223u;
        double want = (double)x / 4294967296.0 * 60 - 30;
        assert_int_equal(clamp_step(&c, want, MONO_S(i * 0.3), false, &out), ERR_OK);
        assert_true(out.value >= -3 && out.value <= 8);
        clamp_written(&c, out.value, MONO_S(i * 0.3));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(range), cmocka_unit_test(rate),
                                       cmocka_unit_test(wear), cmocka_unit_test(never_outside)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
