/* Alarms: raised once, cleared, acknowledged, never lost silently. */
#include "controller/park/alarm.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const wall_t t1 = {1000};
static const wall_t t2 = {2000};

static bool set(struct alarms *a, bool on, enum severity s, const char *what, wall_t at)
{
    char text[32];
    snprintf(text, sizeof text, "text at %d", (int)at.ms);
    return alarm_set(a, on, &(struct alarm_kind){s, "bess1", what, text}, at);
}

static void test_raise_once(void **state)
{
    (void)state;
    static struct alarms a;
    memset(&a, 0, sizeof a);
    assert_false(set(&a, false, SEVERITY_ALARM, "hot", t1));
    assert_false(a.changed);
    assert_true(set(&a, true, SEVERITY_ALARM, "hot", t1));
    assert_true(a.changed);
    a.changed = false;
    assert_false(set(&a, true, SEVERITY_ALARM, "hot", t2));
    assert_false(a.changed);
    assert_int_equal(a.n, 1);
    assert_int_equal(a.alarm[0].since.ms, 1000);
    assert_string_equal(a.alarm[0].text, "text at 1000");
}

static void test_clear(void **state)
{
    (void)state;
    static struct alarms a;
    memset(&a, 0, sizeof a);
    /* a warning goes at once */
    assert_true(set(&a, true, SEVERITY_WARNING, "slow", t1));
    assert_true(set(&a, false, SEVERITY_WARNING, "slow", t2));
    assert_int_equal(a.n, 0);
    /* an alarm that nobody has seen stays to be seen */
    assert_true(set(&a, true, SEVERITY_ALARM, "hot", t1));
    assert_true(set(&a, false, SEVERITY_ALARM, "hot", t2));
    assert_int_equal(a.n, 1);
    assert_int_equal(a.alarm[0].severity, SEVERITY_INFO);
    assert_false(set(&a, false, SEVERITY_ALARM, "hot", t2));
    /* comes back: anew */
    assert_true(set(&a, true, SEVERITY_ALARM, "hot", t2));
    assert_int_equal(a.n, 1);
    assert_int_equal(a.alarm[0].since.ms, 2000);
    /* one that was seen goes at once */
    assert_int_equal(alarm_ack(&a, "bess1/hot"), 1);
    assert_true(set(&a, false, SEVERITY_ALARM, "hot", t2));
    assert_int_equal(a.n, 0);
}

static void test_ack(void **state)
{
    (void)state;
    static struct alarms a;
    memset(&a, 0, sizeof a);
    set(&a, true, SEVERITY_ALARM, "hot", t1);
    set(&a, true, SEVERITY_WARNING, "slow", t1);
    set(&a, true, SEVERITY_ALARM, "gone", t1);
    set(&a, false, SEVERITY_ALARM, "gone", t2);
    assert_int_equal(alarm_ack(&a, "bess1/cold"), 0);
    assert_int_equal(alarm_ack(&a, "bess1/slow"), 1);
    assert_int_equal(alarm_ack(&a, "bess1/slow"), 0); /* twice is once */
    assert_int_equal(a.n, 3);
    assert_int_equal(alarm_ack(&a, ""), 2);
    assert_int_equal(a.n, 2); /* the one that was over is gone */
    /* worse than before: to be seen again */
    assert_true(set(&a, true, SEVERITY_ALARM, "slow", t2));
    assert_int_equal(alarm_ack(&a, "bess1/slow"), 1);
}

static void test_full(void **state)
{
    (void)state;
    static struct alarms a;
    memset(&a, 0, sizeof a);
    for (int i = 0; i < ALARMS_MAX + 3; i++) {
        char what[16];
        snprintf(what, sizeof what, "w%d", i);
        assert_true(set(&a, true, SEVERITY_WARNING, what, t1) == (i < ALARMS_MAX));
    }
    assert_int_equal(a.n, ALARMS_MAX);
    assert_int_equal(a.dropped, 3);
    assert_true(set(&a, false, SEVERITY_WARNING, "w7", t2));
    assert_true(set(&a, true, SEVERITY_WARNING, "new", t2));
    assert_string_equal(a.alarm[ALARMS_MAX - 1].what, "new");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_raise_once),
        cmocka_unit_test(test_clear),
        cmocka_unit_test(test_ack),
        cmocka_unit_test(test_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
