/* Tests of sim/assertion.c: each operator holds and fails on made-up runs, tolerance and
 * settling time act as written in the header, and what was never looked at fails. */
#include "sim/assertion.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { RUN_S = 60 };

/* A run of a minute that is 0, but `high` in the seconds that end in from < t <= to. */
struct pulse {
    double high, from_s, to_s;
};

static struct assertion run(struct assertion a, struct pulse p)
{
    a.until_s = a.until_s > 0 ? a.until_s : RUN_S;
    assertion_begin(&a);
    for (int t = 1; t <= RUN_S; t++) {
        assertion_second(&a, t, t > p.from_s && t <= p.to_s ? p.high : 0);
    }
    assertion_end(&a, RUN_S);
    return a;
}

static bool ok(struct assertion a, struct pulse p)
{
    return run(a, p).ok;
}

static void always_never(void **state)
{
    (void)state;
    struct assertion a = {.op = ASSERT_ALWAYS, .cmp = CMP_LE, .limit = 5};
    assert_false(ok(a, (struct pulse){6, 10, 11}));
    assert_true(ok(a, (struct pulse){5, 10, 20}));
    a.tolerance = 1;
    assert_true(ok(a, (struct pulse){6, 10, 20}));
    a.settle_s = 3;
    assert_true(ok(a, (struct pulse){7, 10, 13}));
    assert_false(ok(a, (struct pulse){7, 10, 14}));
    a.from_s = 14; /* begins when it is over */
    assert_true(ok(a, (struct pulse){7, 10, 14}));
    struct assertion b = run(a, (struct pulse){9, 20, 40});
    assert_true(!b.ok && b.at_s == 24 && b.worst == 9);
    struct assertion n = {.op = ASSERT_NEVER, .cmp = CMP_GT, .limit = 5, .tolerance = 1};
    assert_true(ok(n, (struct pulse){6, 10, 20}));
    assert_false(ok(n, (struct pulse){6.1, 10, 11}));
    n.settle_s = 2;
    assert_true(ok(n, (struct pulse){9, 10, 12}));
    assert_false(ok(n, (struct pulse){9, 10, 13}));
}

static void wanted(void **state)
{
    (void)state;
    struct assertion e = {.op = ASSERT_EVENTUALLY, .cmp = CMP_GE, .limit = 5, .settle_s = 4};
    assert_true(ok(e, (struct pulse){5, 10, 14}));
    assert_false(ok(e, (struct pulse){5, 10, 13}));
    assert_false(ok(e, (struct pulse){4.9, 10, 20}));
    e.tolerance = 0.1;
    assert_true(ok(e, (struct pulse){4.9, 10, 20}));
    struct assertion w = {
        .op = ASSERT_WITHIN, .cmp = CMP_GE, .limit = 5, .from_s = 10, .time_s = 5};
    assert_true(ok(w, (struct pulse){5, 15, 20}));
    assert_false(ok(w, (struct pulse){5, 16, 30}));
    struct assertion b = {.op = ASSERT_BEFORE, .cmp = CMP_GE, .limit = 5, .time_s = 30};
    assert_true(ok(b, (struct pulse){5, 29, 31}));
    assert_false(ok(b, (struct pulse){5, 31, 60}));
    struct assertion f = {.op = ASSERT_FOR, .cmp = CMP_GE, .limit = 5, .time_s = 20};
    assert_true(ok(f, (struct pulse){5, 10, 30}));
    assert_false(ok(f, (struct pulse){5, 10, 29}));
}

static void counted(void **state)
{
    (void)state;
    static const double wave[] = {0,   6, 4.5, 6, 0,
                                  5.4, 0, 7,   7, 0}; /* two above 5.5, one near */
    struct assertion a = {.op = ASSERT_COUNT, .cmp = CMP_GT, .limit = 5, .tolerance = 0.6};
    a.until_s = 100;
    a.count_min = a.count_max = 2;
    assertion_begin(&a);
    for (int i = 0; i < 10; i++) {
        assertion_second(&a, i + 1, wave[i]);
    }
    assertion_end(&a, 10);
    assert_int_equal(a.count, 2);
    assert_true(a.ok);
    struct assertion s = {
        .op = ASSERT_COUNT, .cmp = CMP_EQUAL, .limit = 2, .settle_s = 3, .count_max = 0};
    assert_true(ok(s, (struct pulse){2, 10, 12}));
    assert_false(ok(s, (struct pulse){2, 10, 13}));
}

static void compared(void **state)
{
    (void)state;
    static const struct {
        enum compare cmp;
        bool below, at, above;
    } rows[] = {
        {CMP_LE,    true,  true,  false},
        {CMP_LT,    true,  false, false},
        {CMP_GE,    false, true,  true },
        {CMP_GT,    false, false, true },
        {CMP_EQUAL, false, true,  false},
        {CMP_OTHER, true,  false, true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(compare_holds(rows[i].cmp, 1, 2), rows[i].below);
        assert_int_equal(compare_holds(rows[i].cmp, 2, 2), rows[i].at);
        assert_int_equal(compare_holds(rows[i].cmp, 3, 2), rows[i].above);
        assert_false(compare_holds(rows[i].cmp, NAN, 2));
    }
    assert_int_equal(compare_named("=="), CMP_EQUAL);
    assert_int_equal(compare_named("="), CMP_COUNT);
}

/* A test that cannot fail is a defect: without one second in its window it does fail. */
static void unseen(void **state)
{
    (void)state;
    struct assertion a = {.op = ASSERT_ALWAYS, .cmp = CMP_GE, .limit = 0};
    a.from_s = 70;
    a.until_s = 80;
    assert_false(ok(a, (struct pulse){0, 0, 0}));
    a = (struct assertion){.op = ASSERT_ALWAYS, .cmp = CMP_GE, .limit = 0, .until_s = 60};
    assertion_begin(&a);
    assertion_second(&a, 1, NAN);
    assertion_end(&a, 60);
    assert_false(a.ok);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(always_never), cmocka_unit_test(wanted), cmocka_unit_test(counted),
        cmocka_unit_test(compared),     cmocka_unit_test(unseen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
