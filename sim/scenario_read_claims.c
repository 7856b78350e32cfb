/* What a scenario demands: assertions and alarms. Runs before a scenario does and in `kilnwatt
 * check`. */
#include "controller/park/read.h"
#include "sim/scenario.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

struct claim_raw {
    const struct doc *op[ASSERT_OPS];
    const struct doc *tolerance, *settle, *from, *until, *when, *time;
    int min, max;
};
#define AT(m) offsetof(struct claim_raw, m)
#define NODE(key, m, about) \
    { \
        key, FIELD_NODE, AT(m), 0, 0, 0, false, 0, "-", NULL, about \
    }
static const struct field claim_keys[] = {
    NODE("always", op[ASSERT_ALWAYS], "condition that holds all the time"),
    NODE("never", op[ASSERT_NEVER], "condition that must not hold"),
    NODE("eventually", op[ASSERT_EVENTUALLY], "condition that holds at some time"),
    NODE("within", op[ASSERT_WITHIN], "condition that holds `time` after `from` at the latest"),
    NODE("for", op[ASSERT_FOR], "condition that holds for `time` without a break"),
    NODE("before", op[ASSERT_BEFORE], "condition that holds before the moment `time`"),
    NODE("count", op[ASSERT_COUNT], "condition that begins to hold `min` to `max` times"),
    NODE("tolerance", tolerance, "in the value's unit, in favour of the run"),
    NODE("settle", settle, "how long it may be broken, or must hold"),
    NODE("from", from, "first moment; the start by default"),
    NODE("until", until, "last moment; the end by default"),
    NODE("when", when, "condition while which it is looked at"),
    NODE("time", time, "duration of within and for, moment of before"),
    {"min", FIELD_INT, AT(min), 0, 0, 1e6, false, 0,   "-", NULL, "count: least"   },
    {"max", FIELD_INT, AT(max), 0, 0, 1e6, false, 1e6, "-", NULL, "count: greatest"},
};
#undef AT
#undef NODE

/* "pcc.kw <= 630" */
struct condition {
    struct truth what;
    enum compare cmp;
    double limit;
};

static bool split(const char *text, char *name, char *cmp, double *limit)
{
    int used = 0;
    int n = sscanf(text, "%63s %2s %lf %n", name, cmp, limit, &used);
    return n == 3 && text[used] == '\0' && isfinite(*limit);
}

static bool read_condition(const struct scenario_reader *r, const struct doc *node,
                           struct condition *out)
{
    char name[SCENARIO_WORD], cmp[3];
    if (node->kind != DOC_SCALAR || !split(node->text, name, cmp, &out->limit)) {
        doc_complain(r->errors, node,
                     "'%s' is no condition; 'pcc.kw <= 630' with spaces would be right",
                     node->kind == DOC_SCALAR ? node->text : "a list or map");
        return false;
    }
    out->cmp = compare_named(cmp);
    if (out->cmp == CMP_COUNT) {
        doc_complain(r->errors, node, "'%s' compares nothing; <= >= < > == != would be right",
                     cmp);
        return false;
    }
    if (truth_find(r->park, name, &out->what) != ERR_OK) {
        doc_complain(r->errors, node,
                     "the park has no point '%s'; DEVICE.POINT, or park. and one of: %s", name,
                     truth_names());
        return false;
    }
    bool equal = out->cmp == CMP_EQUAL || out->cmp == CMP_OTHER;
    if (equal && !truth_whole(r->park, out->what)) {
        doc_complain(r->errors, node,
                     "%s is a measured number, which never equals another; <= or >= would be "
                     "right",
                     name);
        return false;
    }
    return true;
}

/* Tolerance and settling time: mandatory where the value is a measured number. */
static bool read_slack(const struct scenario_reader *r, const struct doc *map,
                       const struct claim_raw *raw, struct scenario_assertion *c)
{
    bool whole = truth_whole(r->park, c->what);
    if (!whole && (raw->tolerance == NULL || raw->settle == NULL)) {
        doc_complain(r->errors, map,
                     "%s is a measured number: tolerance (in %s) and settle must be given; "
                     "tolerance: 1, settle: 5s or the like would be right",
                     c->text, truth_unit(r->park, c->what));
        return false;
    }
    if (raw->tolerance &&
        doc_number(raw->tolerance, 0, 1e6, &c->a.tolerance, r->errors) != ERR_OK) {
        return false;
    }
    return scenario_read_for(r, raw->settle, 0, &c->a.settle_s);
}

static bool read_time(const struct scenario_reader *r, const struct doc *map,
                      const struct claim_raw *raw, struct assertion *a)
{
    bool needed = a->op == ASSERT_WITHIN || a->op == ASSERT_FOR || a->op == ASSERT_BEFORE;
    if (needed != (raw->time != NULL)) {
        doc_complain(r->errors, raw->time ? raw->time : map,
                     needed ? "%s needs time: how long, or for `before` which moment"
                            : "%s has no time; from, until and settle would be right",
                     assertion_op_name(a->op));
        return false;
    }
    if (raw->time == NULL) {
        return true;
    }
    return a->op == ASSERT_BEFORE ? scenario_read_at(r, raw->time, 0, &a->time_s)
                                  : scenario_read_for(r, raw->time, 0, &a->time_s);
}

static bool read_window(const struct scenario_reader *r, const struct claim_raw *raw,
                        struct assertion *a)
{
    if (!scenario_read_at(r, raw->from, 0, &a->from_s) ||
        !scenario_read_at(r, raw->until, r->s->span.end_s, &a->until_s)) {
        return false;
    }
    if (a->until_s <= a->from_s) {
        doc_complain(r->errors, raw->until ? raw->until : raw->from,
                     "ends before it begins; `until` after `from` would be right");
        return false;
    }
    return true;
}

static bool read_when(const struct scenario_reader *r, const struct doc *node,
                      struct scenario_assertion *c)
{
    struct condition when = {0};
    if (node == NULL) {
        return true;
    }
    if (!read_condition(r, node, &when)) {
        return false;
    }
    c->guarded = true;
    c->when = when.what;
    c->when_cmp = when.cmp;
    c->when_limit = when.limit;
    return true;
}

/* The one operator of a row; ASSERT_OPS after a complaint. */
static enum assertion_op only_op(const struct scenario_reader *r, const struct doc *map,
                                 const struct claim_raw *raw)
{
    int found = ASSERT_OPS, n = 0;
    for (int i = 0; i < ASSERT_OPS; i++) {
        if (raw->op[i]) {
            found = i;
            n++;
        }
    }
    if (n == 1) {
        return (enum assertion_op)found;
    }
    doc_complain(r->errors, map,
                 "has %d operators; one of always never eventually within for before count "
                 "would be right",
                 n);
    return ASSERT_OPS;
}

static void read_assertion(struct scenario_reader *r, const struct doc *map)
{
    struct claim_raw raw;
    struct condition cond;
    struct scenario_assertion *c = &r->s->assertion[r->s->assertions];
    if (doc_fill(map, claim_keys, ROWS(claim_keys), &raw, r->errors) != ERR_OK) {
        return;
    }
    *c = (struct scenario_assertion){.node = map};
    c->a.op = only_op(r, map, &raw);
    if (c->a.op == ASSERT_OPS || !read_condition(r, raw.op[c->a.op], &cond)) {
        return;
    }
    c->what = cond.what;
    c->a.cmp = cond.cmp;
    c->a.limit = cond.limit;
    c->a.count_min = raw.min;
    c->a.count_max = raw.max;
    (void)snprintf(c->text, sizeof c->text, "%s %s%s%s", assertion_op_name(c->a.op),
                   raw.op[c->a.op]->text, raw.time ? " " : "",
                   raw.time && raw.time->kind == DOC_SCALAR ? raw.time->text : "");
    if (read_slack(r, map, &raw, c) && read_time(r, map, &raw, &c->a) &&
        read_window(r, &raw, &c->a) && read_when(r, raw.when, c)) {
        assertion_begin(&c->a);
        r->s->assertions++;
    }
}

void scenario_read_assertions(struct scenario_reader *r, const struct doc *list)
{
    if (!read_has_rows(list, SCENARIO_ROWS_MAX, r->errors)) {
        return;
    }
    for (const struct doc *d = list->first; d != NULL; d = d->next) {
        read_assertion(r, d);
    }
}

/* ---- Alarms ---- */

struct alarm_raw {
    char alarm[SCENARIO_WORD];
    const struct doc *from, *within, *over;
};
#define AT(m) offsetof(struct alarm_raw, m)
static const struct field alarm_keys[] = {
    {"alarm",  FIELD_TEXT, AT(alarm),  SCENARIO_WORD, 0, 0, true,  0, "-", NULL,
     "SOURCE/WHAT, as in pcc/unknown"                                                                        },
    {"from",   FIELD_NODE, AT(from),   0,             0, 0, true,  0, "-", NULL, "when its cause begins"     },
    {"within", FIELD_NODE, AT(within), 0,             0, 0, true,  0, "-", NULL, "it stands so long after"   },
    {"over",   FIELD_NODE, AT(over),   0,             0, 0, false, 0, "-", NULL, "moment by which it is over"},
};
#undef AT

static void read_alarm(struct scenario_reader *r, const struct doc *map)
{
    struct alarm_raw raw;
    struct scenario_alarm a = {.node = map, .raised_s = NAN, .cleared_s = NAN};
    if (doc_fill(map, alarm_keys, ROWS(alarm_keys), &raw, r->errors) != ERR_OK ||
        !scenario_read_at(r, raw.from, 0, &a.from_s) ||
        !scenario_read_for(r, raw.within, 0, &a.within_s) ||
        !scenario_read_at(r, raw.over, INFINITY, &a.over_s)) {
        return;
    }
    if (strchr(raw.alarm, '/') == NULL) {
        doc_complain(r->errors, doc_get(map, "alarm"),
                     "'%s' names no alarm; SOURCE/WHAT, as in pcc/unknown, would be right",
                     raw.alarm);
        return;
    }
    memcpy(a.id, raw.alarm, sizeof a.id);
    r->s->alarm[r->s->alarms++] = a;
}

void scenario_read_alarms(struct scenario_reader *r, const struct doc *list)
{
    if (list == NULL || !read_has_rows(list, SCENARIO_ROWS_MAX, r->errors)) {
        return;
    }
    for (const struct doc *d = list->first; d != NULL; d = d->next) {
        read_alarm(r, d);
    }
}
