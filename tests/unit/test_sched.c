/* Tests of controller/base/sched: what a process gets, and that what it starts does not. */
#include "controller/base/sched.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GRANTED = 1, NOT_PERMITTED = 2 };

static int policy(void)
{
    return sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
}

/* Exit status of a child that runs fn. */
static int in_child(int (*fn)(void))
{
    pid_t pid = fork();
    if (pid == 0) {
        _exit(fn());
    }
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int ask_policy(void)
{
    return policy();
}

static int claim_control(void)
{
    struct rlimit spin;
    if (!sched_claim(URGENCY_CONTROL)) {
        return policy() == SCHED_OTHER ? NOT_PERMITTED : 0;
    }
    bool bounded =
        getrlimit(RLIMIT_RTTIME, &spin) == 0 && spin.rlim_cur == SCHED_SPIN_S * 1000000;
    return policy() == SCHED_RR && bounded && in_child(ask_policy) == SCHED_OTHER ? GRANTED : 0;
}

static int claim_background(void)
{
    return sched_claim(URGENCY_BACKGROUND) && policy() == SCHED_BATCH &&
                   getpriority(PRIO_PROCESS, 0) == 10
               ? GRANTED
               : 0;
}

static void test_sched_control(void **state)
{
    (void)state;
    assert_in_range(in_child(claim_control), GRANTED, NOT_PERMITTED); /* by the machine */
}

static void test_sched_background(void **state)
{
    (void)state;
    assert_int_equal(in_child(claim_background), GRANTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sched_control),
        cmocka_unit_test(test_sched_background),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
