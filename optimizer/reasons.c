/* Counterfactual solves. Owns nothing beyond its caller's arena. */
#include "optimizer/reasons.h"
#include "optimizer/guard.h"
#include <math.h>
#include <string.h>

/* A pinned question is an LP but for a few binaries: solved to this gap, a difference of ten
 * yuan in fifty thousand is exact to a thousandth. */
static const struct solve_limits PINNED = {.work = 200000, .gap_pu = 2e-7};
static const struct solve_limits FREE = {.work = 20000, .gap_pu = 2e-7};

/* Decides between plans of one cost. */
static const double ALONE_YUAN_PER_KWH = 1e-3;

/* ---- The changed question ---- */

/* A copy of a series with another one's values in steps [from, to). */
static enum err splice(struct problem *q, struct series *s, const struct what_if *w,
                       const double *values)
{
    double v[PROBLEM_STEPS_MAX] = {0};
    for (uint32_t t = 0; t < q->steps; t++) {
        bool in = (int)t >= w->from_step && (int)t < w->to_step;
        v[t] = in ? values[t] : series_get(q, *s, t);
    }
    return problem_series(q, v, s);
}

static enum err fill(struct problem *q, struct series *s, const struct what_if *w, double value)
{
    double v[PROBLEM_STEPS_MAX] = {0};
    for (uint32_t t = 0; t < q->steps; t++) {
        v[t] = value;
    }
    return splice(q, s, w, v);
}

static enum err change_order(struct problem *q, const struct problem *p,
                             const struct what_if *w)
{
    (void)p;
    struct problem_order *o = &q->order[w->index];
    o->earliest_step = o->latest_step = w->from_step;
    return ERR_OK;
}

/* Room in the first steps of the window for its energy, none after them. */
static enum err change_job(struct problem *q, const struct problem *p, const struct what_if *w)
{
    const struct problem_job *j = &p->job[w->index];
    double v[PROBLEM_STEPS_MAX] = {0}, kwh = 0;
    for (uint32_t t = 0; t < p->steps; t++) {
        bool in = (int)t >= j->from_step && (int)t < j->to_step;
        v[t] = in && kwh < j->energy_kwh - 1e-6 ? series_get(p, j->draw_kw_max, t) : 0;
        kwh += v[t] * problem_hours(p, t);
    }
    return problem_series(q, v, &q->job[w->index].draw_kw_max);
}

static enum err change_off(struct problem *q, const struct problem *p, const struct what_if *w)
{
    (void)p;
    struct problem_converter *c = &q->converter[w->index];
    enum err e = fill(q, &c->must_run, w, 0);
    return e == ERR_OK ? fill(q, &c->in_kw_max, w, 0) : e;
}

static enum err change_on(struct problem *q, const struct problem *p, const struct what_if *w)
{
    double most[PROBLEM_STEPS_MAX] = {0};
    struct problem_converter *c = &q->converter[w->index];
    for (uint32_t t = 0; t < p->steps; t++) {
        most[t] = series_get(p, p->converter[w->index].in_kw_max, t);
    }
    enum err e = fill(q, &c->must_run, w, 1);
    return e == ERR_OK ? splice(q, &c->in_kw_max, w, most) : e;
}

static enum err change_rest(struct problem *q, const struct problem *p, const struct what_if *w)
{
    (void)p;
    enum err e = fill(q, &q->storage[w->index].charge_kw_max, w, 0);
    return e == ERR_OK ? fill(q, &q->storage[w->index].discharge_kw_max, w, 0) : e;
}

static enum err change_source(struct problem *q, const struct problem *p,
                              const struct what_if *w)
{
    (void)p;
    return fill(q, &q->source[w->index].available_kw, w, 0);
}

static const struct {
    const char *name;
    enum facts_kind about;
    enum err (*change)(struct problem *q, const struct problem *p, const struct what_if *w);
} kinds[WHAT_IF_KIND_COUNT] = {
    [WHAT_IF_ORDER_AT] = {"order_at",      FACTS_ORDER,     change_order },
    [WHAT_IF_JOB_AT_ONCE] = {"job_at_once",   FACTS_JOB,       change_job   },
    [WHAT_IF_CONVERTER_OFF] = {"converter_off", FACTS_CONVERTER, change_off   },
    [WHAT_IF_CONVERTER_ON] = {"converter_on",  FACTS_CONVERTER, change_on    },
    [WHAT_IF_STORAGE_REST] = {"storage_rest",  FACTS_STORAGE,   change_rest  },
    [WHAT_IF_SOURCE_ABSENT] = {"source_absent", FACTS_SOURCE,    change_source},
};

const char *what_if_name(enum what_if_kind k)
{
    return k < WHAT_IF_KIND_COUNT ? kinds[k].name : "";
}

enum facts_kind what_if_about(enum what_if_kind k)
{
    return kinds[k].about;
}

enum err reasons_change(struct problem *q, const struct problem *p, const struct what_if *w)
{
    bool known = w->kind >= 0 && w->kind < WHAT_IF_KIND_COUNT && w->index >= 0 &&
                 (uint32_t)w->index < facts_count(p, kinds[w->kind].about);
    return known ? kinds[w->kind].change(q, p, w) : ERR_RANGE;
}

/* A limit that is 0 wherever a state is off. */
static enum err mask(struct problem *q, struct series *s, const double *on)
{
    double v[PROBLEM_STEPS_MAX] = {0};
    for (uint32_t t = 0; t < q->steps; t++) {
        v[t] = on[t] > 0.5 ? series_get(q, *s, t) : 0;
    }
    return problem_series(q, v, s);
}

enum err reasons_pin(struct problem *q, const struct plan *pl)
{
    enum err e = ERR_OK;
    for (uint32_t i = 0; i < q->order_count; i++) {
        struct problem_order *o = &q->order[i];
        if (!o->started && pl->order_start[i] == PLAN_NONE) {
            o->start_ok = series_const(0);
        } else if (!o->started) {
            o->earliest_step = o->latest_step = pl->order_start[i];
        }
    }
    for (uint32_t i = 0; i < q->converter_count && e == ERR_OK; i++) {
        struct problem_converter *c = &q->converter[i];
        if (problem_converter_has_state(q, i)) {
            const double *on = plan_read(pl, pl->converter_on[i]);
            e = mask(q, &c->in_kw_max, on);
            e = e == ERR_OK ? problem_series(q, on, &c->must_run) : e;
        }
    }
    for (uint32_t i = 0; i < q->job_count && e == ERR_OK; i++) {
        if (problem_job_has_state(q, i)) {
            e = mask(q, &q->job[i].draw_kw_max, plan_read(pl, pl->job_on[i]));
        }
    }
    return e;
}

/* ---- Asking ---- */

static enum err solve(const struct problem *q, const struct solve_limits *l, struct plan *out)
{
    struct problem_fault fault;
    return guard_solve(&(struct guard_question){q, NULL, l}, out, &fault, NULL);
}

enum err reasons_open(struct reasons *r, const struct problem *p, const struct plan *pl,
                      struct arena *a)
{
    *r = (struct reasons){.p = p,
                          .pl = pl,
                          .pinned = arena_take(a, 1, sizeof *p),
                          .changed = arena_take(a, 1, sizeof *p),
                          .base = arena_take(a, 1, sizeof *pl),
                          .with = arena_take(a, 1, sizeof *pl)};
    if (!r->pinned || !r->changed || !r->base || !r->with) {
        return ERR_NOMEM;
    }
    memcpy(r->pinned, p, problem_bytes(p));
    enum err e = reasons_pin(r->pinned, pl);
    e = e == ERR_OK ? solve(r->pinned, &PINNED, r->base) : e;
    return e == ERR_OK && r->base->status != PLAN_PROVEN ? ERR_LIMIT : e;
}

/* Changes `from` and solves it; answered only when the optimum is proven. */
static enum err ask(struct reasons *r, const struct problem *from, const struct plan *base,
                    struct what_if *w)
{
    memcpy(r->changed, from, problem_bytes(from));
    enum err e = reasons_change(r->changed, r->p, w);
    e = e == ERR_OK ? solve(r->changed, from == r->p ? &FREE : &PINNED, r->with) : e;
    if (e == ERR_OK && r->with->status == PLAN_PROVEN) {
        w->answered = 1;
        w->rest_free = from == r->p;
        w->yuan = r->with->objective_yuan - base->objective_yuan;
        for (int c = 0; c < COST_COUNT; c++) {
            w->cost_yuan[c] = r->with->cost_yuan[c] - base->cost_yuan[c];
        }
    }
    return e;
}

enum err reasons_ask(struct reasons *r, struct what_if *w)
{
    enum err e = ERR_OK;
    w->answered = 0;
    if (r->pl->status == PLAN_PROVEN) {
        e = ask(r, r->p, r->pl, w);
    }
    return e == ERR_OK && !w->answered ? ask(r, r->pinned, r->base, w) : e;
}

enum err reasons_cost_alone(struct reasons *r, double *yuan, double *unabsorbed_kwh)
{
    const struct solve_limits l = {.work = FREE.work, .gap_pu = 1e-4};
    memcpy(r->changed, r->p, problem_bytes(r->p));
    r->changed->goal.first = GOAL_COST;
    r->changed->goal.unabsorbed_yuan_per_kwh += ALONE_YUAN_PER_KWH;
    enum err e = solve(r->changed, &l, r->with);
    if (e == ERR_OK && r->with->gap_pu > 1e-3) {
        e = ERR_LIMIT;
    }
    if (e == ERR_OK) {
        *unabsorbed_kwh = plan_unabsorbed_kwh(r->with);
        *yuan = r->with->objective_yuan - *unabsorbed_kwh * ALONE_YUAN_PER_KWH;
    }
    return e;
}
