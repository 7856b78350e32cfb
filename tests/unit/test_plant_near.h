/* For the tests of the plant models: a comparison with a tolerance that says what it saw. */
#ifndef KILNWATT_TESTS_UNIT_TEST_PLANT_NEAR_H
#define KILNWATT_TESTS_UNIT_TEST_PLANT_NEAR_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* |is - want| <= tolerance, or the test fails with both numbers. */
#define assert_near(is, want, tolerance) near_or_fail(is, want, tolerance, #is, __LINE__)
/* lo <= is <= hi. */
#define assert_within(is, lo, hi) \
    near_or_fail(is, 0.5 * ((lo) + (hi)), 0.5 * ((hi) - (lo)), #is, __LINE__)

static inline void near_or_fail(double is, double want, double tolerance, const char *what,
                                int line)
{
    if (!(fabs(is - want) <= tolerance)) {
        fail_msg("line %d: %s is %.9g, not %.9g +- %.3g", line, what, is, want, tolerance);
    }
}

#endif
