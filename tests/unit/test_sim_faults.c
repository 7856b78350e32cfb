/* Tests of sim/faults.c: every name, every refusal, and the counts. */
#include "sim/faults.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void sets_and_clears(void **state)
{
    (void)state;
    struct arena a;
    struct faults f;
    arena_init(&a, 1 << 16);
    assert_int_equal(faults_init(&f, &a, 3), ERR_OK);
    const char *all[] = {"silent", "drip",     "refuse",     "reset",
                         "freeze", "late:700", "exception:4"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        assert_int_equal(faults_set(&f, 1, all[i]), ERR_OK);
        assert_int_equal(faults_set(&f, 1, all[i]), ERR_STATE); /* nothing would change */
    }
    assert_int_equal(f.of[1].late_ms, 700);
    assert_int_equal(f.of[1].exception, 4);
    assert_false(f.of[0].silent || f.of[2].silent);
    assert_int_equal(faults_clear(&f, 1), 7);
    assert_int_equal(faults_clear(&f, 1), 0);
    arena_fini(&a);
}

static void refuses(void **state)
{
    (void)state;
    struct arena a;
    struct faults f;
    arena_init(&a, 1 << 16);
    assert_int_equal(faults_init(&f, &a, 1), ERR_OK);
    const struct {
        const char *text;
        enum err e;
    } rows[] = {
        {"silence",      ERR_UNKNOWN_KEY},
        {"",             ERR_UNKNOWN_KEY},
        {"late",         ERR_UNKNOWN_KEY},
        {"late:",        ERR_UNKNOWN_KEY},
        {"late:5x",      ERR_UNKNOWN_KEY},
        {"late:0",       ERR_RANGE      },
        {"late:60001",   ERR_RANGE      },
        {"exception:12", ERR_RANGE      },
        {"silent:1",     ERR_UNKNOWN_KEY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(faults_set(&f, 0, rows[i].text), rows[i].e);
        assert_int_equal(faults_clear(&f, 0), 0);
    }
    arena_fini(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_and_clears),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
