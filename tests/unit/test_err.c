/* Tests of controller/base/err: the table is complete, and must() ends the process. */
#include "controller/base/err.h"
#include "controller/base/role.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_every_code_has_its_row(void **state)
{
    (void)state;
    for (int i = 0; i < ERR_COUNT; i++) {
        assert_non_null(err_text((enum err)i));
        assert_non_null(err_name((enum err)i));
        assert_true(strlen(err_text((enum err)i)) > 5);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(err_name((enum err)i), err_name((enum err)j));
        }
    }
    assert_string_equal(err_name(ERR_RANGE), "range");
    assert_string_equal(err_name(ERR_UNKNOWN_KEY), "unknown_key");
}

static void test_outside_the_table(void **state)
{
    (void)state;
    assert_string_equal(err_name((enum err)ERR_COUNT), "unknown");
    assert_string_equal(err_name((enum err) - 1), "unknown");
    assert_false(err_retryable((enum err)999));
}

static void test_retryable(void **state)
{
    (void)state;
    assert_true(err_retryable(ERR_TIMEOUT));
    assert_true(err_retryable(ERR_FULL));
    assert_false(err_retryable(ERR_OK));
    assert_false(err_retryable(ERR_SYNTAX));
}

static void test_must(void **state)
{
    (void)state;
    must(1 + 1 == 2);
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(STDERR_FILENO);
        (void)signal(SIGABRT, SIG_DFL);
        must(1 + 1 == 3);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void test_role_names(void **state)
{
    (void)state;
    for (int i = 0; i < ROLE_COUNT; i++) {
        assert_int_equal(role_from_name(role_name((enum role)i)), i);
    }
    assert_int_equal(role_from_name("nobody"), ROLE_COUNT);
    assert_int_equal(role_from_name(NULL), ROLE_COUNT);
    assert_string_equal(role_name(ROLE_COUNT), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_has_its_row),
        cmocka_unit_test(test_outside_the_table),
        cmocka_unit_test(test_retryable),
        cmocka_unit_test(test_must),
        cmocka_unit_test(test_role_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
