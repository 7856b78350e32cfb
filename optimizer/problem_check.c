/* Validation of a problem before anything computes with it: every number by the field tables,
 * then what fields must be to each other. Input, not our bug: every refusal is one clear
 * sentence. Pure. */
#include "optimizer/problem_fields.h"
#include "optimizer/states.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct check {
    const struct problem *p;
    struct problem_fault *fault;
    const char *table; /* "sources" */
    const char *name;  /* of the element, "" where it has none */
    uint32_t index;
};

static enum err refuse(const struct check *c, enum err e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static enum err refuse(const struct check *c, enum err e, const char *fmt, ...)
{
    if (!c->fault) {
        return e;
    }
    char *out = c->fault->text;
    int n = snprintf(out, PROBLEM_FAULT_LEN, "%s[%u] %.*s: ", c->table, c->index,
                     PROBLEM_NAME_LEN - 1, c->name);
    if (n > 0 && n < PROBLEM_FAULT_LEN) {
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(out + n, (size_t)(PROBLEM_FAULT_LEN - n), fmt, ap);
        va_end(ap);
    }
    return e;
}

static enum err check_number(const struct check *c, const struct pfield *f, double x, int step)
{
    char at[24] = "";
    if (step >= 0) {
        snprintf(at, sizeof at, "[%d]", step);
    }
    if (!isfinite(x)) {
        return refuse(c, ERR_NUMERIC, "%s%s is %g, must be a finite number", f->key, at, x);
    }
    if (x < f->min || x > f->max) {
        return refuse(c, ERR_RANGE, "%s%s is %g, must be %g to %g", f->key, at, x, f->min,
                      f->max);
    }
    return ERR_OK;
}

/* n values in the pool from `at` on. */
static enum err check_pool(const struct check *c, const struct pfield *f, int32_t at,
                           uint32_t n)
{
    if (at < 0 || (uint64_t)(uint32_t)at + n > c->p->pool_count) {
        return refuse(c, ERR_RANGE, "%s lies outside the pool (%d + %u of %u)", f->key, at, n,
                      c->p->pool_count);
    }
    enum err e = ERR_OK;
    for (uint32_t i = 0; i < n && e == ERR_OK; i++) {
        e = check_number(c, f, c->p->pool[(uint32_t)at + i], (int)i);
    }
    return e;
}

static enum err check_index(const struct check *c, const struct pfield *f, int32_t i,
                            const int64_t bounds[2])
{
    if (i < bounds[0] || i >= bounds[1]) {
        return refuse(c, ERR_RANGE, "%s points to %d, must be %d to %d", f->key, i,
                      (int)bounds[0], (int)bounds[1] - 1);
    }
    return ERR_OK;
}

static enum err check_members(const struct check *c, const struct problem_limit *l)
{
    const struct problem *p = c->p;
    const uint32_t counts[MEMBER_KIND_COUNT] = {p->storage_count, p->converter_count,
                                                p->order_count,   p->job_count,
                                                p->load_count,    p->machine_count};
    if (l->member_count > PROBLEM_MEMBERS_MAX) {
        return refuse(c, ERR_RANGE, "%u members, at most %d", l->member_count,
                      PROBLEM_MEMBERS_MAX);
    }
    for (uint32_t i = 0; i < l->member_count; i++) {
        int32_t k = l->member[i].kind, x = l->member[i].index;
        if (k < 0 || k >= MEMBER_KIND_COUNT || x < 0 || (uint32_t)x >= counts[k]) {
            return refuse(c, ERR_RANGE, "member %u does not exist (kind %d, index %d)", i, k,
                          x);
        }
    }
    return ERR_OK;
}

/* Length of the recipe's profiles when the element is a recipe. */
static enum err check_profile(const struct check *c, const struct pfield *f, const void *x)
{
    const struct problem_recipe *r = x;
    int32_t at = *(const int32_t *)(const void *)((const char *)x + f->offset);
    if (f->type == PF_PROFILE_OR_NO && at < 0) {
        return ERR_OK;
    }
    return check_pool(c, f, at, r->cells);
}

static enum err check_field(const struct check *c, const struct pfield *f, const void *x)
{
    const void *at = (const char *)x + f->offset;
    const struct problem *p = c->p;
    switch (f->type) {
    case PF_NAME:
        return ((const char *)at)[PROBLEM_NAME_LEN - 1] == 0
                   ? ERR_OK
                   : refuse(c, ERR_RANGE, "%s has no end", f->key);
    case PF_NUMBER:
        return check_number(c, f, *(const double *)at, -1);
    case PF_INT:
        return check_number(c, f, *(const int32_t *)at, -1);
    case PF_COUNT:
    case PF_FLAG:
        return check_number(c, f, *(const uint32_t *)at, -1);
    case PF_SERIES: {
        const struct series *s = at;
        return s->at < 0 ? check_number(c, f, s->value, -1) : check_pool(c, f, s->at, p->steps);
    }
    case PF_FIRST:
    case PF_BUS_KIND:
    case PF_STATE:
        return check_index(c, f, *(const int32_t *)at,
                           (int64_t[2]){0, problem_words(f->type).count});
    case PF_BUS:
        return check_index(c, f, *(const int32_t *)at, (int64_t[2]){0, p->bus_count});
    case PF_BUS_OR_NO:
        return check_index(c, f, *(const int32_t *)at, (int64_t[2]){-1, p->bus_count});
    case PF_MACHINE:
        return check_index(c, f, *(const int32_t *)at, (int64_t[2]){0, p->machine_count});
    case PF_RECIPE:
        return check_index(c, f, *(const int32_t *)at, (int64_t[2]){0, p->recipe_count});
    case PF_STORAGE:
        return check_index(c, f, *(const int32_t *)at, (int64_t[2]){0, p->storage_count});
    case PF_PROFILE:
    case PF_PROFILE_OR_NO:
        return check_profile(c, f, x);
    case PF_MEMBERS:
        return check_members(c, x);
    }
    return ERR_TYPE;
}

static enum err check_window(const struct check *c, const int32_t w[2])
{
    if (w[0] > w[1]) {
        return refuse(c, ERR_CONFLICT, "window from step %d to %d runs backwards", w[0], w[1]);
    }
    if (w[0] < 0 || w[1] > (int32_t)c->p->steps) {
        return refuse(c, ERR_RANGE, "window from step %d to %d, must lie in 0 to %u", w[0],
                      w[1], c->p->steps);
    }
    return ERR_OK;
}

/* lo <= hi in every step. */
static enum err check_order_of(const struct check *c, struct series lo, struct series hi,
                               const char *what)
{
    for (uint32_t t = 0; t < c->p->steps; t++) {
        double a = series_get(c->p, lo, t), b = series_get(c->p, hi, t);
        if (a > b) {
            return refuse(c, ERR_CONFLICT, "%s: minimum %g over maximum %g in step %u", what, a,
                          b, t);
        }
    }
    return ERR_OK;
}

static enum err cross_storage(struct check *c, uint32_t i)
{
    const struct problem_storage *s = &c->p->storage[i];
    return check_order_of(c, s->energy_kwh_min, s->energy_kwh_max, "energy band");
}

static enum err cross_converter(struct check *c, uint32_t i)
{
    const struct problem_converter *v = &c->p->converter[i];
    for (uint32_t t = 0; t < c->p->steps; t++) {
        double lo = series_get(c->p, v->in_kw_min, t), hi = series_get(c->p, v->in_kw_max, t);
        if (hi > 0 && lo > hi) {
            return refuse(c, ERR_CONFLICT, "in_kw_min %g over in_kw_max %g in step %u", lo, hi,
                          t);
        }
        for (int k = 0; k < PROBLEM_OUTPUTS; k++) {
            double g = series_get(c->p, v->out[k].gain, t);
            double b = series_get(c->p, v->out[k].offset_kw, t);
            if (v->out[k].bus >= 0 && hi > 0 && g * lo + b < -1e-9) {
                return refuse(c, ERR_CONFLICT, "output %d is %g kW at minimum load in step %u",
                              k + 1, g * lo + b, t);
            }
        }
    }
    return ERR_OK;
}

/* Shortest heating and cooling: so long that none of them ends where it begins. */
static const double STATE_S_MIN = 1;

/* With states all of them: both times and a bus. */
static enum err cross_machine(struct check *c, uint32_t i)
{
    const struct problem_machine *m = &c->p->machine[i];
    bool states = m->heat_s > 0 || m->cool_s > 0;
    if (states && (m->heat_s < STATE_S_MIN || m->cool_s < STATE_S_MIN)) {
        return refuse(c, ERR_CONFLICT,
                      "heat_s is %g and cool_s is %g, must both be at least %g, or both 0",
                      m->heat_s, m->cool_s, STATE_S_MIN);
    }
    if (states && m->bus < 0) {
        return refuse(c, ERR_CONFLICT, "heat_s without bus");
    }
    if (m->state_now == MACHINE_BUSY) {
        return refuse(c, ERR_CONFLICT, "state_now cannot be busy: a started order says so");
    }
    return ERR_OK;
}

static enum err cross_order(struct check *c, uint32_t i)
{
    const struct problem_order *o = &c->p->order[i];
    if (states_has(c->p, o->machine) &&
        c->p->recipe[o->recipe].draw_bus != c->p->machine[o->machine].bus) {
        return refuse(c, ERR_CONFLICT, "recipe draws from another bus than its machine");
    }
    if (o->started) {
        return ERR_OK;
    }
    return check_window(c, (int32_t[2]){o->earliest_step, o->latest_step});
}

static enum err cross_recipe(struct check *c, uint32_t i)
{
    const struct problem_recipe *r = &c->p->recipe[i];
    if (r->give_bus >= 0 && r->give_at < 0) {
        return refuse(c, ERR_CONFLICT, "give_bus without give_kw");
    }
    return ERR_OK;
}

static enum err cross_job(struct check *c, uint32_t i)
{
    return check_window(c, (int32_t[2]){c->p->job[i].from_step, c->p->job[i].to_step});
}

static enum err cross_cap(struct check *c, uint32_t i)
{
    return check_window(c, (int32_t[2]){c->p->cap[i].from_step, c->p->cap[i].to_step});
}

static enum err cross_reduction(struct check *c, uint32_t i)
{
    return check_window(c,
                        (int32_t[2]){c->p->reduction[i].from_step, c->p->reduction[i].to_step});
}

static enum err cross_target(struct check *c, uint32_t i)
{
    int32_t s = c->p->target[i].step;
    return s < (int32_t)c->p->steps ? ERR_OK
                                    : refuse(c, ERR_RANGE, "step %d after the last", s);
}

static const struct {
    const char *table;
    enum err (*cross)(struct check *c, uint32_t i);
} CROSS[] = {
    {"storages",   cross_storage  },
    {"converters", cross_converter},
    {"machines",   cross_machine  },
    {"orders",     cross_order    },
    {"recipes",    cross_recipe   },
    {"jobs",       cross_job      },
    {"caps",       cross_cap      },
    {"reductions", cross_reduction},
    {"targets",    cross_target   },
};

/* First field of an element when it is its name, "" otherwise. */
static const char *element_name(const struct ptable *t, const void *x)
{
    const char *name = x;
    return t->field[0].type == PF_NAME && name[PROBLEM_NAME_LEN - 1] == 0 ? name : "";
}

static enum err check_table(struct check *c, const struct ptable *t)
{
    const char *base = (const char *)c->p;
    uint32_t n = *(const uint32_t *)(const void *)(base + t->count);
    c->table = t->key;
    for (c->index = 0; c->index < n; c->index++) {
        const void *x = base + t->array + c->index * t->size;
        c->name = element_name(t, x);
        for (int f = 0; f < t->field_count; f++) {
            enum err e = check_field(c, &t->field[f], x);
            if (e != ERR_OK) {
                return e;
            }
        }
        for (size_t k = 0; k < sizeof CROSS / sizeof CROSS[0]; k++) {
            enum err e = strcmp(CROSS[k].table, t->key) ? ERR_OK : CROSS[k].cross(c, c->index);
            if (e != ERR_OK) {
                return e;
            }
        }
    }
    return ERR_OK;
}

static enum err check_head(struct check *c)
{
    const struct problem *p = c->p;
    c->table = "problem";
    c->name = "";
    if (p->version != PROBLEM_VERSION) {
        return refuse(c, ERR_VERSION, "version %u, must be %d", p->version, PROBLEM_VERSION);
    }
    if (p->steps < 1 || p->steps > PROBLEM_STEPS_MAX || p->pool_count > PROBLEM_POOL_MAX) {
        return refuse(c, ERR_RANGE, "%u steps and %u pool values, at most %d and %d", p->steps,
                      p->pool_count, PROBLEM_STEPS_MAX, PROBLEM_POOL_MAX);
    }
    for (int i = 0; i < PROBLEM_TABLE_COUNT; i++) {
        const struct ptable *t = &PROBLEM_TABLES[i];
        uint32_t n = *(const uint32_t *)(const void *)((const char *)p + t->count);
        if (n > t->max) {
            return refuse(c, ERR_RANGE, "%u %s, at most %u", n, t->key, t->max);
        }
    }
    static const struct pfield step = {"step_s", PF_NUMBER, 0, 1, 86400};
    enum err e = ERR_OK;
    for (uint32_t t = 0; t < p->steps && e == ERR_OK; t++) {
        e = check_number(c, &step, p->step_s[t], (int)t);
    }
    for (int i = 0; i < PROBLEM_HEAD_FIELD_COUNT && e == ERR_OK; i++) {
        e = check_field(c, &PROBLEM_HEAD_FIELDS[i], p);
    }
    return e;
}

enum err problem_validate(const struct problem *p, struct problem_fault *fault)
{
    struct check c = {.p = p, .fault = fault, .table = "problem", .name = ""};
    if (fault) {
        fault->text[0] = 0;
    }
    enum err e = check_head(&c);
    for (int i = 0; i < PROBLEM_TABLE_COUNT && e == ERR_OK; i++) {
        e = check_table(&c, &PROBLEM_TABLES[i]);
    }
    c.index = 0;
    c.name = "";
    c.table = "objective";
    for (int i = 0; i < PROBLEM_GOAL_FIELD_COUNT && e == ERR_OK; i++) {
        e = check_field(&c, &PROBLEM_GOAL_FIELDS[i], &p->goal);
    }
    if (e == ERR_OK && !(isfinite(p->goal.base_yuan) && isfinite(p->goal.unabsorbed_kwh_max))) {
        e = refuse(&c, ERR_NUMERIC, "base %g, limit %g, must be finite", p->goal.base_yuan,
                   p->goal.unabsorbed_kwh_max);
    }
    c.table = "grid";
    for (int i = 0; p->grid.present && i < PROBLEM_GRID_FIELD_COUNT && e == ERR_OK; i++) {
        e = check_field(&c, &PROBLEM_GRID_FIELDS[i], &p->grid);
    }
    return e;
}
