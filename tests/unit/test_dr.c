/* Demand response: what is accepted, the states, the caps. */
#include "controller/dr/dr.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { HOUR_MS = 3600000 };
static const int64_t t0 = 1752541200000;
static char why[MSG_TEXT];

static struct dr_facts facts(double after_s)
{
    return (struct dr_facts){
        .now = {t0 + (int64_t)(after_s * 1000)}, .baseline_kw = 3000, .import_limit_kw = 4200};
}

static struct msg_dr_event ask(const char *id, enum dr_direction d, double kw)
{
    struct msg_dr_event e = {.direction = d, .kw = kw, .end = {t0 + HOUR_MS}};
    snprintf(e.id, sizeof e.id, "%s", id);
    return e;
}

/* Adds one and makes it durable. */
static struct msg_dr_event *commit(struct dr *r, const struct msg_dr_event *e)
{
    struct msg_dr_event *out = NULL;
    struct dr_facts f = facts(0);
    assert_int_equal(dr_add(r, e, &f, &out, why), ERR_OK);
    assert_int_equal(out->state, DR_RECEIVED);
    dr_committed(r, out->id);
    assert_int_equal(out->state, DR_COMMITTED);
    return out;
}

static double cap(struct dr *r, double after_s)
{
    struct dr_facts f = facts(after_s);
    dr_advance(r, &f, NULL);
    return dr_cap_kw(r, &f);
}

static void test_life(void **state)
{
    (void)state;
    static struct dr r;
    dr_init(&r);
    struct msg_dr_event e = ask("a", DR_SHAVE, 500);
    e.start.ms = t0 + 600000;
    struct msg_dr_event *x = commit(&r, &e);
    int changed[DR_EVENTS_MAX];
    struct dr_facts f = facts(599);
    assert_int_equal(dr_advance(&r, &f, changed), 0);
    assert_true(isinf(dr_cap_kw(&r, &f)));
    f = facts(600);
    f.baseline_kw = 2800;
    assert_int_equal(dr_advance(&r, &f, changed), 1);
    assert_int_equal(changed[0], 0);
    assert_int_equal(x->state, DR_ACTIVE);
    assert_true(x->baseline_kw == 2800 && dr_cap_kw(&r, &f) == 2300);
    assert_true(cap(&r, 1800) == 2300); /* frozen: facts say 3000 by now */
    assert_true(cap(&r, 3600) == 2300);
    assert_int_equal(x->state, DR_RECOVERY);
    assert_true(fabs(cap(&r, 3900) - (2300 + 4200) / 2.0) < 1e-6);
    assert_true(isinf(cap(&r, 4200)));
    assert_int_equal(x->state, DR_COMPLETED);
    f = facts(9999);
    assert_int_equal(dr_advance(&r, &f, changed), 0);
}

/* An event that is not durable yet does nothing. */
static void test_not_durable(void **state)
{
    (void)state;
    static struct dr r;
    dr_init(&r);
    struct msg_dr_event e = ask("a", DR_LIMIT, 1000);
    struct msg_dr_event *out = NULL;
    struct dr_facts f = facts(0);
    assert_int_equal(dr_add(&r, &e, &f, &out, why), ERR_OK);
    assert_true(isinf(cap(&r, 10)));
    assert_true(isinf(dr_cap_at_kw(&r, &f, (wall_t){t0 + 60000})));
    dr_forget(&r, "a");
    assert_int_equal(r.n, 0);
    commit(&r, &e);
    dr_forget(&r, "a"); /* too late to forget */
    assert_int_equal(r.n, 1);
}

static void test_duplicates(void **state)
{
    (void)state;
    static struct dr r;
    dr_init(&r);
    struct msg_dr_event e = ask("a", DR_SHAVE, 500);
    e.start.ms = t0 - 5000; /* sent five seconds late */
    struct msg_dr_event *x = commit(&r, &e);
    struct msg_dr_event *out = NULL;
    struct dr_facts f = facts(20);
    assert_int_equal(dr_add(&r, &e, &f, &out, why), ERR_OK); /* resent, word for word */
    assert_ptr_equal(out, x);
    e.start.ms = 0;
    assert_int_equal(dr_add(&r, &e, &f, &out, why), ERR_OK);
    assert_int_equal(r.n, 1);
    e.kw = 600;
    assert_int_equal(dr_add(&r, &e, &f, &out, why), ERR_CONFLICT);
    assert_non_null(strstr(why, "other content"));
    e.kw = 500;
    e.start.ms = t0 + 60000;
    assert_int_equal(dr_add(&r, &e, &f, &out, why), ERR_CONFLICT);
    e.start.ms = 0;
    e.direction = DR_LIMIT;
    assert_int_equal(dr_add(&r, &e, &f, &out, why), ERR_CONFLICT);
    /* without an id each one is new and has a name of its own */
    e = ask("", DR_SHAVE, 100);
    assert_int_equal(dr_add(&r, &e, &f, &x, why), ERR_OK);
    assert_int_equal(dr_add(&r, &e, &f, &out, why), ERR_OK);
    assert_string_not_equal(x->id, out->id);
    assert_int_equal(r.n, 3);
}

static void refuse(struct msg_dr_event e, enum err want, const char *word)
{
    static struct dr r;
    dr_init(&r);
    struct msg_dr_event *out = NULL;
    struct dr_facts f = facts(0);
    why[0] = '\0';
    assert_int_equal(dr_add(&r, &e, &f, &out, why), want);
    assert_int_equal(r.n, 0);
    assert_null(out);
    assert_non_null(strstr(why, word));
}

static void test_refused(void **state)
{
    (void)state;
    struct msg_dr_event e = ask("a", DR_SHAVE, 500);
    e.direction = DR_DIRECTION_COUNT;
    refuse(e, ERR_RANGE, "direction");
    refuse(ask("a", DR_SHAVE, 0), ERR_RANGE, "kw");
    refuse(ask("a", DR_SHAVE, 4300), ERR_RANGE, "4200");
    refuse(ask("a", DR_LIMIT, -1), ERR_RANGE, "kw");
    refuse(ask("a", DR_SHAVE, NAN), ERR_RANGE, "kw");
    refuse(ask("a", DR_SHAVE, 3100), ERR_INFEASIBLE, "3000");
    e = ask("a", DR_SHAVE, 500);
    e.end.ms = t0;
    refuse(e, ERR_RANGE, "end");
    e.start.ms = t0 + 600000;
    e.end.ms = t0 + 500000;
    refuse(e, ERR_RANGE, "end");
    e.end.ms = e.start.ms + 25 * HOUR_MS;
    refuse(e, ERR_RANGE, "24 h");
    e.start.ms = t0 + 15 * 24 * (int64_t)HOUR_MS;
    e.end.ms = e.start.ms + HOUR_MS;
    refuse(e, ERR_RANGE, "14 days");
}

/* Later ones are not measured against today's power; a blind park cannot promise anything. */
static void test_capability(void **state)
{
    (void)state;
    static struct dr r;
    dr_init(&r);
    struct msg_dr_event *out = NULL;
    struct msg_dr_event e = ask("a", DR_SHAVE, 3100);
    e.start.ms = t0 + 60000;
    commit(&r, &e);
    assert_true(cap(&r, 60) == 0); /* all that there was */
    assert_non_null(strstr(r.event[0].reason, "less than the cut"));
    struct dr_facts f = facts(0);
    f.baseline_kw = NAN;
    e = ask("b", DR_SHAVE, 10);
    assert_int_equal(dr_add(&r, &e, &f, &out, why), ERR_INFEASIBLE);
    e = ask("c", DR_LIMIT, 10);
    assert_int_equal(dr_add(&r, &e, &f, &out, why), ERR_OK);
}

/* No baseline at the start: the cap is 0, never open. */
static void test_no_baseline(void **state)
{
    (void)state;
    static struct dr r;
    dr_init(&r);
    struct msg_dr_event e = ask("a", DR_SHAVE, 500);
    e.start.ms = t0 + 60000;
    commit(&r, &e);
    struct dr_facts f = facts(60);
    f.baseline_kw = NAN;
    assert_true(isinf(dr_cap_at_kw(&r, &f, f.now)));
    assert_int_equal(dr_advance(&r, &f, NULL), 1);
    assert_true(dr_cap_kw(&r, &f) == 0);
    assert_non_null(strstr(r.event[0].reason, "unknown"));
}

static void test_cancel(void **state)
{
    (void)state;
    static struct dr r;
    dr_init(&r);
    assert_int_equal(dr_cancel(&r, "a", "", (wall_t){t0}), ERR_NOT_FOUND);
    struct msg_dr_event e = ask("a", DR_LIMIT, 2000);
    struct msg_dr_event *x = commit(&r, &e);
    assert_int_equal(dr_cancel(&r, "a", "grid is fine", (wall_t){t0}), ERR_OK);
    assert_int_equal(x->state, DR_CANCELLED);
    assert_string_equal(x->reason, "grid is fine");
    assert_int_equal(dr_cancel(&r, "a", "", (wall_t){t0}), ERR_STATE);
    e = ask("b", DR_LIMIT, 2000);
    x = commit(&r, &e);
    assert_true(cap(&r, 10) == 2000);
    assert_int_equal(dr_cancel(&r, "b", "", (wall_t){t0 + 100000}), ERR_OK);
    assert_int_equal(x->state, DR_RECOVERY); /* never back in one step */
    assert_true(cap(&r, 100) == 2000);
    double before = 2000;
    for (int s = 110; s < 700; s += 10) {
        double now = cap(&r, s);
        assert_true(now > before && now - before <= 2200.0 / 60 + 1e-6);
        before = now;
    }
    assert_int_equal(dr_cancel(&r, "b", "", (wall_t){t0 + 690000}), ERR_STATE);
    assert_true(isinf(cap(&r, 700)));
}

static void test_most_restrictive(void **state)
{
    (void)state;
    static struct dr r;
    dr_init(&r);
    struct msg_dr_event e = ask("a", DR_LIMIT, 2600);
    commit(&r, &e);
    e = ask("b", DR_SHAVE, 500); /* 2500 */
    e.start.ms = t0 + 600000;
    e.end.ms = t0 + 1200000;
    commit(&r, &e);
    e = ask("c", DR_LIMIT, 2400);
    e.start.ms = t0 + 900000;
    e.end.ms = t0 + 1000000;
    commit(&r, &e);
    struct dr_facts f = facts(0);
    const double at_s[] = {100, 700, 950, 1100, 1300, 1900};
    const double want_kw[] = {2600, 2500, 2400, 2500, 2600, 2600};
    for (int i = 0; i < 6; i++) {
        /* the planner sees the same cap beforehand */
        wall_t at = {t0 + (int64_t)(at_s[i] * 1000)};
        assert_true(fabs(dr_cap_at_kw(&r, &f, at) - want_kw[i]) < 1e-6);
    }
    for (int s = 0; s < 2000; s++) {
        double now = cap(&r, s);
        for (int i = 0; i < 6; i++) {
            assert_true(s != (int)at_s[i] || fabs(now - want_kw[i]) < 1e-6);
        }
    }
}

static void test_restore(void **state)
{
    (void)state;
    static struct dr r;
    dr_init(&r);
    struct msg_dr_event e = ask("a", DR_SHAVE, 500);
    commit(&r, &e);
    assert_true(cap(&r, 10) == 2500);
    struct msg_dr_event kept = r.event[0];
    dr_init(&r);
    dr_restore(&r, &kept);
    dr_restore(&r, &kept); /* twice is once */
    assert_int_equal(r.n, 1);
    struct dr_facts f = facts(60);
    f.baseline_kw = 1000; /* the frozen one counts */
    dr_advance(&r, &f, NULL);
    assert_true(dr_cap_kw(&r, &f) == 2500);
    kept.state = DR_RECEIVED; /* stored, the answer was lost */
    snprintf(kept.id, sizeof kept.id, "b");
    dr_restore(&r, &kept);
    assert_int_equal(dr_find(&r, "b")->state, DR_COMMITTED);
    kept.state = DR_STATE_COUNT;
    snprintf(kept.id, sizeof kept.id, "c");
    dr_restore(&r, &kept);
    assert_null(dr_find(&r, "c"));
    /* its whole window passed while we were away */
    dr_find(&r, "b")->end.ms = t0 + 50000;
    dr_advance(&r, &f, NULL);
    assert_int_equal(dr_find(&r, "b")->state, DR_COMPLETED);
    assert_non_null(strstr(dr_find(&r, "b")->reason, "down"));
}

static void test_full(void **state)
{
    (void)state;
    static struct dr r;
    dr_init(&r);
    struct msg_dr_event e = ask("", DR_LIMIT, 3000);
    for (int i = 0; i < DR_EVENTS_MAX; i++) {
        commit(&r, &e);
    }
    struct msg_dr_event *out = NULL;
    struct dr_facts f = facts(0);
    assert_int_equal(dr_add(&r, &e, &f, &out, why), ERR_FULL);
    char gone[MSG_NAME];
    snprintf(gone, sizeof gone, "%s", r.event[5].id);
    assert_int_equal(dr_cancel(&r, gone, "", f.now), ERR_OK);
    commit(&r, &e); /* what is over makes way */
    assert_null(dr_find(&r, gone));
    assert_int_equal(r.n, DR_EVENTS_MAX);
}

static void test_deliver(void **state)
{
    (void)state;
    static struct dr r;
    dr_init(&r);
    struct msg_dr_event e = ask("a", DR_SHAVE, 500);
    struct msg_dr_event *x = commit(&r, &e);
    for (int s = 1; s <= 100; s++) {
        struct dr_facts f = facts(s);
        dr_advance(&r, &f, NULL);
        dr_deliver(&r, &f, s <= 50 ? 3000 : 2400);
    }
    assert_true(fabs(x->delivered_kw - 300) < 1);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(dr_state_name(DR_RECOVERY), "recovery");
    assert_string_equal(dr_state_name(DR_STATE_COUNT), "unknown");
    assert_string_equal(dr_direction_name(DR_SHAVE), "shave");
    assert_string_equal(dr_direction_name(DR_DIRECTION_COUNT), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life),       cmocka_unit_test(test_not_durable),
        cmocka_unit_test(test_duplicates), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_capability), cmocka_unit_test(test_no_baseline),
        cmocka_unit_test(test_cancel),     cmocka_unit_test(test_most_restrictive),
        cmocka_unit_test(test_restore),    cmocka_unit_test(test_full),
        cmocka_unit_test(test_deliver),    cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
