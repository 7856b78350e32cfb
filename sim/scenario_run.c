/* The run of a scenario. */
#include "sim/scenario_run.h"
#include "controller/park/park_load.h"
#include "sim/judge_wire.h"
#include "sim/scenario_own.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ARENA_MAX = 512 * 1024 * 1024, JSON_MAX = 4 * 1024 * 1024, WHY_LEN = 400 };

/* ---- Verdicts ---- */

void scenario_say(struct scenario_run *r, const struct scenario_verdict *v, const char *fmt,
                  ...)
{
    char why[WHY_LEN], at[16];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    json_t *o = json_object();
    (void)json_object_set_new(o, "kind", json_string(v->kind));
    (void)json_object_set_new(o, "text", json_string(v->text));
    (void)json_object_set_new(o, "line", json_integer(v->node ? v->node->line : 0));
    (void)json_object_set_new(o, "ok", json_boolean(v->ok));
    if (isfinite(v->at_s)) {
        scenario_clock(r->s->span.start, v->at_s, at, sizeof at);
        (void)json_object_set_new(o, "at", json_string(at));
    }
    if (isfinite(v->value)) {
        (void)json_put_number(o, "value", v->value);
        (void)json_object_set_new(o, "unit", json_string(v->unit ? v->unit : "-"));
    }
    (void)json_object_set_new(o, "why", json_string(why));
    (void)json_array_append_new(r->checks, o);
    r->broken = r->broken || !v->ok;
}

void scenario_fail(struct scenario_run *r, struct scenario_verdict v, const char *why)
{
    v.ok = false;
    v.value = NAN;
    scenario_say(r, &v, "%s", why);
}

/* ---- What is looked at ---- */

static void assertion(const struct scenario_run *r, struct scenario_assertion *c, double t_s)
{
    const struct judge *j = &r->view->set->judge;
    double value = truth_value(j, c->what);
    if (c->guarded && !compare_holds(c->when_cmp, truth_value(j, c->when), c->when_limit)) {
        value = NAN;
    }
    assertion_second(&c->a, t_s, value);
}

static void assertion_verdict(struct scenario_run *r, struct scenario_assertion *c)
{
    struct assertion *a = &c->a;
    assertion_end(a, r->s->span.end_s);
    bool counts = a->op == ASSERT_COUNT;
    struct scenario_verdict v = {.kind = "assertion",
                                 .text = c->text,
                                 .node = c->node,
                                 .ok = a->ok,
                                 .at_s = a->ok       ? a->at_s
                                         : a->looked ? a->worst_s
                                                     : NAN,
                                 .value = counts ? a->count : a->worst,
                                 .unit = counts ? "times"
                                                : truth_unit(r->view->set->park, c->what)};
    if (a->looked == 0) {
        scenario_say(r, &v, "was never looked at: no second in its window, or no value");
    } else if (a->ok) {
        scenario_say(r, &v, "%s", "");
    } else if (counts) {
        scenario_say(r, &v, "%d times, %d to %d would be right", a->count, a->count_min,
                     a->count_max);
    } else {
        scenario_say(r, &v, "%g %s%s", a->worst, v.unit,
                     a->op == ASSERT_ALWAYS || a->op == ASSERT_NEVER ? " is wrong"
                                                                     : " is the nearest");
    }
}

static bool allowed(const struct scenario *s, const char *breach)
{
    bool any = false;
    for (int i = 0; i < s->allowed; i++) {
        any = any || strcmp(s->allow[i], breach) == 0;
    }
    return any;
}

static bool same_breach(const struct judge_breach *a, const struct judge_breach *b)
{
    const char *x = a->device ? a->device : "", *y = b->device ? b->device : "";
    return strcmp(a->name, b->name) == 0 && strcmp(x, y) == 0;
}

/* Breaches like this one from here on; 0 if one has come before it. */
static int times(const struct judge *j, int i)
{
    int n = 0;
    for (int k = 0; k < j->listed; k++) {
        if (same_breach(&j->breach[k], &j->breach[i])) {
            if (k < i) {
                return 0;
            }
            n++;
        }
    }
    return n;
}

/* The first of each kind and device, and how often. */
static void referee_verdict(struct scenario_run *r)
{
    struct judge *j = &r->view->set->judge;
    int told = 0;
    judge_end(j);
    for (int i = 0; i < j->listed; i++) {
        const struct judge_breach *b = &j->breach[i];
        int n = allowed(r->s, b->name) ? 0 : times(j, i);
        if (n == 0) {
            continue;
        }
        struct scenario_verdict v = {.kind = "referee",
                                     .text = b->name,
                                     .at_s = wall_diff_s(r->s->span.start, b->at),
                                     .value = b->value};
        scenario_say(r, &v, "%s %s, %d times, first for %.1f s, limit %g",
                     judge_invariant(b->name), b->device ? b->device : "the park", n, b->for_s,
                     b->limit);
        told++;
    }
    if (told == 0) {
        struct scenario_verdict v = {
            .kind = "referee", .text = "no breach", .ok = true, .at_s = NAN, .value = NAN};
        scenario_say(r, &v, "%s", "");
    }
}

/* ---- The study's watcher ---- */

static int loaded(void *arg, struct setup *set, struct arena *a)
{
    struct scenario_run *r = arg;
    r->arena = a;
    struct park_reader orders = {.arena = a, .park = set->park, .errors = &set->errors};
    return r->s->order == NULL || park_load_orders(&orders, r->s->order) == ERR_OK ? 0 : 3;
}

/* Points that this plant does not have are found before anything runs. */
static int built(void *arg, const struct study_view *v)
{
    struct scenario_run *r = arg;
    int status = 0;
    r->view = v;
    for (int i = 0; i < r->s->assertions; i++) {
        const struct scenario_assertion *c = &r->s->assertion[i];
        const struct truth of[] = {c->what, c->guarded ? c->when : c->what};
        for (int k = 0; k < 2; k++) {
            if (of[k].device >= 0 && isnan(truth_value(&v->set->judge, of[k]))) {
                fprintf(stderr, "%s:%d:%d: %s: the simulated %s has no such point\n",
                        r->s->file, c->node->line, c->node->col, c->text,
                        v->set->park->device[of[k].device].name);
                return 1;
            }
        }
    }
    return status;
}

/* Since the scenario's start; below 0 while it warms up. */
static double elapsed_s(const struct scenario_run *r, const struct study_view *v)
{
    return world_elapsed_s(v->set->world) - r->s->warm_s;
}

/* What happened while it warmed up is nobody's fault: the referee begins with the scenario. */
static bool judge_anew(const struct scenario_run *r, struct setup *set)
{
    const struct setup_ask *ask = &r->s->ask;
    struct judge *j = &set->judge;
    return judge_init(j, r->arena, set->world, set->tariff, ask->seed) == ERR_OK &&
           judge_wire_init(j, r->arena, set->profile) == ERR_OK;
}

static void before(void *arg, const struct study_view *v)
{
    struct scenario_run *r = arg;
    double t_s = elapsed_s(r, v);
    r->view = v;
    if (fabs(t_s) < 0.5 && !judge_anew(r, v->set)) {
        scenario_fail(r,
                      (struct scenario_verdict){
                          .kind = "referee", .text = "start", .node = NULL, .at_s = t_s},
                      "out of memory");
    }
    if (t_s < -0.5) {
        return;
    }
    scenario_acts(r, t_s);
    scenario_campaign(r, t_s);
}

static void after(void *arg, const struct study_view *v)
{
    struct scenario_run *r = arg;
    double t_s = elapsed_s(r, v);
    r->view = v;
    if (t_s < 0.5) {
        return;
    }
    for (int i = 0; i < r->s->assertions; i++) {
        assertion(r, &r->s->assertion[i], t_s);
    }
    if (v->core) {
        scenario_alarms(r, t_s);
    }
    if (t_s < r->s->span.end_s - 0.5) {
        return;
    }
    for (int i = 0; i < r->s->assertions; i++) {
        assertion_verdict(r, &r->s->assertion[i]);
    }
    scenario_alarms_end(r);
    scenario_campaign_end(r);
    referee_verdict(r);
}

/* ---- */

static json_t *outcome(const struct scenario_run *r, const char *told)
{
    struct json_ask ask = {.where = "scenario"};
    json_t *figures = NULL, *o = json_object();
    (void)json_object_set_new(o, "file", json_string(r->s->file));
    (void)json_object_set_new(o, "scenario", json_string(r->s->title));
    (void)json_object_set_new(o, "ok", json_boolean(!r->broken));
    (void)json_put_number(o, "seconds", r->s->span.end_s);
    if (json_read(&ask, told, strlen(told), JSON_MAX, &figures) == ERR_OK) {
        (void)json_object_set(o, "hash", json_object_get(figures, "hash"));
        json_decref(figures);
    }
    (void)json_object_set_new(o, "checks", r->checks);
    return o;
}

static int run(struct scenario *s, struct arena *a, json_t **out)
{
    struct scenario_run *r = arena_take(a, 1, sizeof *r);
    char *told = arena_take(a, JSON_MAX, 1);
    struct study_outcome figures;
    if (r == NULL || told == NULL) {
        return 3;
    }
    *r = (struct scenario_run){.s = s, .checks = json_array()};
    struct study_watch watch = {r, loaded, built, before, after};
    struct study study = {.ask = s->ask,
                          .policy = s->policy,
                          .seconds = s->warm_s + s->span.end_s,
                          .work = s->work,
                          .watch = &watch};
    int status = study_run(&study, told, JSON_MAX, &figures);
    if (status != 0) {
        json_decref(r->checks);
        return status;
    }
    *out = outcome(r, told);
    return r->broken ? 1 : 0;
}

int scenario_run(const char *file, json_t **out)
{
    struct arena a;
    struct doc_errors errors = {0};
    struct scenario *s = NULL;
    *out = NULL;
    arena_init(&a, ARENA_MAX);
    enum err e = scenario_read(&a, file, &s, &errors);
    for (int i = 0; i < errors.count && i < DOC_ERRORS_MAX; i++) {
        fprintf(stderr, "%s\n", errors.text[i]);
    }
    int status = e == ERR_OK ? run(s, &a, out) : errors.count ? 1 : 3;
    arena_fini(&a);
    return status;
}
