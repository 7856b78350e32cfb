/* Assertions in time. Pure. */
#include "sim/assertion.h"
#include <math.h>
#include <string.h>

static const double step_s = 1;

static const char *const ops[ASSERT_OPS] = {"always", "never",  "eventually", "within",
                                            "for",    "before", "count"};
static const char *const compares[CMP_COUNT] = {"<=", ">=", "<", ">", "==", "!="};

static int index_of(const char *word, const char *const *list, int n)
{
    int i = 0;
    while (i < n && strcmp(list[i], word) != 0) {
        i++;
    }
    return i;
}

enum assertion_op assertion_op_named(const char *word)
{
    return (enum assertion_op)index_of(word, ops, ASSERT_OPS);
}

const char *assertion_op_name(enum assertion_op op)
{
    return ops[op];
}

enum compare compare_named(const char *word)
{
    return (enum compare)index_of(word, compares, CMP_COUNT);
}

/* How far the value is on the right side of the limit; below 0: on the wrong one. */
static double room(enum compare cmp, double value, double limit)
{
    static const double sign[CMP_COUNT] = {
        [CMP_LE] = -1, [CMP_LT] = -1, [CMP_GE] = 1, [CMP_GT] = 1};
    if (cmp == CMP_EQUAL || cmp == CMP_OTHER) {
        bool same = fabs(value - limit) < 0.5;
        return same == (cmp == CMP_EQUAL) ? 1 : -1;
    }
    return sign[cmp] * (value - limit);
}

static double inside(const struct assertion *a, double value)
{
    return room(a->cmp, value, a->limit);
}

/* The condition with so much added in its favour; < and > do not hold at the limit itself. */
static bool holds(const struct assertion *a, double value, double favour)
{
    double r = inside(a, value) + favour;
    bool strict = a->cmp == CMP_LT || a->cmp == CMP_GT;
    return strict ? r > 0 : r >= 0;
}

bool compare_holds(enum compare c, double value, double limit)
{
    struct assertion a = {.cmp = c, .limit = limit};
    return !isnan(value) && holds(&a, value, 0);
}

/* What a run of seconds is made of. */
static bool runs(const struct assertion *a, double value)
{
    switch (a->op) {
    case ASSERT_ALWAYS:
        return !holds(a, value, a->tolerance);
    case ASSERT_NEVER:
        return holds(a, value, -a->tolerance);
    case ASSERT_COUNT: /* hysteresis: it ends on the other side */
        return holds(a, value, a->run_s > 0 ? a->tolerance : -a->tolerance);
    case ASSERT_EVENTUALLY:
    case ASSERT_WITHIN:
    case ASSERT_FOR:
    case ASSERT_BEFORE:
    case ASSERT_OPS:
        break;
    }
    return holds(a, value, a->tolerance);
}

static void decide(struct assertion *a, bool ok, double t_s)
{
    if (!a->decided) {
        a->decided = true;
        a->ok = ok;
        a->at_s = t_s;
    }
}

static bool wants_it(const struct assertion *a)
{
    return a->op == ASSERT_EVENTUALLY || a->op == ASSERT_WITHIN || a->op == ASSERT_BEFORE;
}

/* Last moment at which what is wanted may begin. */
static double deadline_s(const struct assertion *a)
{
    return a->op == ASSERT_WITHIN   ? a->from_s + a->time_s
           : a->op == ASSERT_BEFORE ? a->time_s
                                    : a->until_s;
}

/* Keeps the value that says most: furthest on the wrong side for what must hold or must not,
 * nearest to the right side for what is wanted. */
static void remember(struct assertion *a, double t_s, double value)
{
    double now = inside(a, value), then = inside(a, a->worst);
    bool greatest = a->op != ASSERT_ALWAYS;
    if (a->looked == 0 || (greatest ? now > then : now < then)) {
        a->worst = value;
        a->worst_s = t_s;
    }
}

static void judge_run(struct assertion *a, double t_s)
{
    double least_s = fmax(a->settle_s, step_s) - step_s / 2;
    if (a->op == ASSERT_FOR) {
        a->best_s = fmax(a->best_s, a->run_s);
        if (a->run_s > a->time_s - step_s / 2) {
            decide(a, true, t_s);
        }
    } else if (wants_it(a)) {
        if (a->run_s > least_s && a->run_at <= deadline_s(a) + step_s / 2) {
            decide(a, true, t_s);
        }
    } else if (a->op == ASSERT_COUNT) {
        if (a->run_s > least_s && !a->counted) {
            a->counted = true;
            a->count++;
        }
    } else if (a->run_s > a->settle_s + step_s / 2) {
        decide(a, false, t_s);
    }
}

void assertion_begin(struct assertion *a)
{
    a->looked = a->count = 0;
    a->run_s = a->run_at = a->best_s = a->at_s = a->worst_s = 0;
    a->counted = a->decided = a->ok = false;
    a->worst = NAN;
}

void assertion_second(struct assertion *a, double t_s, double value)
{
    bool looked = t_s > a->from_s && t_s <= a->until_s + step_s / 2 && !isnan(value);
    if (!looked || !runs(a, value)) {
        a->run_s = 0;
        a->counted = false;
    } else {
        a->run_at = a->run_s > 0 ? a->run_at : t_s - step_s;
        a->run_s += step_s;
    }
    if (!looked || (a->decided && wants_it(a))) {
        return;
    }
    remember(a, t_s, value);
    a->looked++;
    if (a->run_s > 0) {
        judge_run(a, t_s);
    }
}

void assertion_end(struct assertion *a, double t_s)
{
    if (a->looked == 0) {
        a->decided = false;
        decide(a, false, t_s);
    } else if (a->op == ASSERT_COUNT) {
        decide(a, a->count >= a->count_min && a->count <= a->count_max, t_s);
    } else {
        decide(a, a->op == ASSERT_ALWAYS || a->op == ASSERT_NEVER, t_s);
    }
}
