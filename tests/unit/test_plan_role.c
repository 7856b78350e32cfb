/* The plan role's answers: malformed frames are refused, a question that nobody could answer is
 * kept so that it can be asked again. */
#include "optimizer/plan_role.h"
#include "optimizer/problem_json.h"
#include "tests/support/tiny_problem.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct {
    struct plan_request head;
    struct problem p;
} ask;
static struct plan_result result;
static struct plan plan;

static size_t question(void)
{
    memset(&ask.head, 0, sizeof ask.head);
    tiny_problem(&ask.p, 4);
    ask.head.problem_bytes = (uint32_t)problem_bytes(&ask.p);
    ask.head.seconds = 2;
    ask.head.gap_pu = 0.001;
    return sizeof ask.head + ask.head.problem_bytes;
}

static void whole_frame_is_answered(void **state)
{
    (void)state;
    plan_role_answer(&ask, question(), &result, &plan);
    assert_int_equal(result.err, ERR_OK);
    assert_int_equal(plan.steps, 4);
    assert_int_equal(result.plan_bytes, plan_bytes(&plan));
}

static void torn_frames_are_refused(void **state)
{
    (void)state;
    size_t len = question();
    for (size_t cut = 0; cut < len; cut += 101) {
        plan_role_answer(&ask, cut, &result, &plan);
        assert_int_equal(result.err, ERR_PROTOCOL);
    }
    ask.head.gap_pu = 2;
    plan_role_answer(&ask, len, &result, &plan);
    assert_int_equal(result.err, ERR_PROTOCOL);
}

static void refused_question_is_kept(void **state)
{
    (void)state;
    static struct problem again;
    struct problem_fault fault = {""};
    char dir[] = "/tmp/plan_role_XXXXXX", path[64];
    assert_non_null(mkdtemp(dir));
    (void)question();
    assert_true(plan_role_keep(dir, &ask));
    (void)snprintf(path, sizeof path, "%s/refused_question.json", dir);
    assert_int_equal(problem_json_load(&again, path, &fault), ERR_OK);
    assert_int_equal(problem_bytes(&again), problem_bytes(&ask.p));
    assert_memory_equal(&again, &ask.p, problem_bytes(&again));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
    assert_false(plan_role_keep(dir, &ask));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_frame_is_answered),
        cmocka_unit_test(torn_frames_are_refused),
        cmocka_unit_test(refused_question_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
