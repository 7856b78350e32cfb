/* The search pipeline. Owns two handles of the same matrix while it runs: `whole` for bound and proof,
 * `part` for everything with fixed columns, so that neither loses its basis to the other. */
#include "optimizer/search.h"
#include "optimizer/checker.h"
#include "optimizer/glpk_door.h"
#include "optimizer/model.h"
#include "optimizer/tally.h"
#include <math.h>
#include <string.h>

enum { MEMORY_MIB = 400 };

/* Agreement asked between the model's objective and the recomputed one, relative. */
static const double OBJECTIVE_PU = 1e-6;

struct run {
    struct search *s;
    struct model md;
    struct lp *whole, *part;
    double *x;       /* incumbent as columns */
    double *relaxed; /* solution of the relaxation */
    double *fresh;   /* latest solution */
    bool have_x;
    struct plan *candidate;
};

bool search_offer(struct search *s, const struct plan *pl)
{
    struct checker_fault fault;
    if (s->have && pl->objective_yuan >= s->best->objective_yuan) {
        return false;
    }
    if (checker_check(s->p, pl, &fault) != ERR_OK) {
        s->refused++;
        return false;
    }
    plan_copy(s->best, pl);
    s->have = true;
    return true;
}

void search_share(const struct search *s, double share, double *seconds, double *work)
{
    const struct solve_limits *l = s->limits;
    double spent = mono_s(mono_sub(clock_mono(&s->clock), s->begin));
    *seconds = l->seconds > 0 ? fmax((l->seconds - spent) * share, 1e-3) : 0;
    *work = l->work > 0 ? fmax((l->work - s->work) * share, 1) : 0;
}

bool search_done(const struct search *s)
{
    const struct solve_limits *l = s->limits;
    double spent = mono_s(mono_sub(clock_mono(&s->clock), s->begin));
    if ((l->seconds > 0 && spent >= l->seconds) || (l->work > 0 && s->work >= l->work)) {
        return true;
    }
    return s->have && tally_gap_pu(s->best->objective_yuan, s->bound) <= fmax(l->gap_pu, 1e-9);
}

static struct lp_budget budget(const struct search *s, double share)
{
    struct lp_budget b;
    search_share(s, share, &b.seconds, &b.work);
    return b;
}

/* A solution of the model becomes a plan, is checked, and is kept if it is the best. */
static void take_solution(struct run *r, double objective)
{
    struct search *s = r->s;
    if (plan_init(r->candidate, s->p, PLAN_MILP) != ERR_OK) {
        return;
    }
    model_answer(&r->md, r->fresh, r->candidate);
    tally_state(r->candidate, s->p);
    double off = fabs(r->candidate->objective_yuan - objective);
    if (off > OBJECTIVE_PU * fmax(1, fabs(objective)) && r->candidate->objective_yuan > objective) {
        s->refused++;
        return;
    }
    if (search_offer(s, r->candidate)) {
        memcpy(r->x, r->fresh, (size_t)r->md.m.cols * sizeof *r->x);
        r->have_x = true;
    }
}

static void free_all(struct run *r)
{
    for (int c = 0; c < r->md.m.cols; c++) {
        if (r->md.m.integer[c]) {
            lp_bound(r->part, c, r->md.m.col_lo[c], r->md.m.col_hi[c]);
        }
    }
}

/* Fixes every integer column of `part` to a value, within its bounds. */
static void fix_all(struct run *r, const double *x)
{
    for (int c = 0; c < r->md.m.cols; c++) {
        if (r->md.m.integer[c]) {
            double v = fmin(fmax(round(x[c]), r->md.m.col_lo[c]), r->md.m.col_hi[c]);
            lp_bound(r->part, c, v, v);
        }
    }
}

/* The best powers for a plan's decisions: integers fixed, the rest by LP. */
static enum err polish(struct run *r, const struct plan *pl)
{
    struct lp_result got = {.x = r->fresh};
    memset(r->fresh, 0, (size_t)r->md.m.cols * sizeof *r->fresh);
    model_encode(&r->md, pl, r->fresh);
    fix_all(r, r->fresh);
    struct lp_budget b = budget(r->s, 0.5);
    enum err e = lp_relax(r->part, &b, &got);
    r->s->work += got.work;
    free_all(r);
    if (e == ERR_OK && got.answer == LP_OPTIMAL) {
        take_solution(r, got.objective);
    }
    return e;
}

/* Branch and cut on `part` as its columns are fixed now. */
static enum err search_part(struct run *r, double share)
{
    double best = r->s->have ? r->s->best->objective_yuan : HUGE_VAL;
    struct lp_search how = {.budget = budget(r->s, share),
                            .gap_pu = fmax(r->s->limits->gap_pu * 0.3, 1e-5),
                            .cutoff = best,
                            .presolve = true};
    struct lp_result got = {.x = r->fresh};
    enum err e = lp_search(r->part, &how, &got);
    r->s->work += got.work;
    if (e == ERR_OK && (got.answer == LP_OPTIMAL || got.answer == LP_FEASIBLE)) {
        take_solution(r, got.objective);
    }
    return e;
}

/* Order starts from the relaxation: the first admissible start at which an order's cumulated weight
 * reaches the threshold is fixed, all else stays open. */
static enum err round_orders(struct run *r, double threshold, double share)
{
    const struct model *md = &r->md;
    if (md->p->order_count == 0 || search_done(r->s)) {
        return ERR_OK;
    }
    for (uint32_t i = 0; i < md->p->order_count; i++) {
        const struct model_order *o = &md->order[i];
        for (int k = 0; k < o->count; k++) {
            double v = r->relaxed[o->first + k] >= threshold;
            lp_bound(r->part, o->first + k, v, v);
        }
    }
    enum err e = search_part(r, share);
    free_all(r);
    return e;
}

/* Relaxation-induced neighbourhood (Danna, Rothberg, Le Pape 2005): what incumbent and relaxation
 * agree on is fixed. */
static enum err neighbourhood(struct run *r, double share)
{
    if (!r->have_x || search_done(r->s)) {
        return ERR_OK;
    }
    for (int c = 0; c < r->md.m.cols; c++) {
        if (r->md.m.integer[c] && fabs(r->x[c] - r->relaxed[c]) < 1e-4) {
            double v = round(r->x[c]);
            lp_bound(r->part, c, v, v);
        }
    }
    enum err e = search_part(r, share);
    free_all(r);
    return e;
}

/* Branch and cut on the whole model from the incumbent, for what is left of the budget. */
static enum err prove(struct run *r)
{
    struct search *s = r->s;
    if (search_done(s)) {
        return ERR_OK;
    }
    struct lp_search how = {.budget = budget(s, 1),
                            .gap_pu = s->limits->gap_pu,
                            .cutoff = s->have ? s->best->objective_yuan : HUGE_VAL,
                            .start = r->have_x ? r->x : NULL};
    struct lp_result got = {.x = r->fresh};
    enum err e = lp_search(r->whole, &how, &got);
    s->work += got.work;
    if (e != ERR_OK) {
        return e;
    }
    if (got.answer == LP_OPTIMAL || got.answer == LP_FEASIBLE) {
        take_solution(r, got.objective);
    }
    if (got.answer == LP_INFEASIBLE && s->have) {
        return ERR_OK; /* our incumbent says otherwise: numerics; the relaxation's bound stays */
    }
    s->bound = fmax(s->bound, fmin(got.bound, s->have ? s->best->objective_yuan : HUGE_VAL));
    return ERR_OK;
}

static enum err relax(struct run *r)
{
    struct lp_result got = {.x = r->relaxed};
    struct lp_budget b = budget(r->s, 1);
    enum err e = lp_relax(r->whole, &b, &got);
    r->s->work += got.work;
    if (e == ERR_OK && got.answer != LP_OPTIMAL) {
        return got.answer == LP_INFEASIBLE ? ERR_INFEASIBLE : ERR_LIMIT;
    }
    if (e == ERR_OK) {
        r->s->bound = fmax(r->s->bound, got.bound - 1e-7 * fmax(1, fabs(got.bound)));
    }
    return e;
}

/* Marginal values: duals of the balances with the best plan's decisions fixed. The row's sum is
 * inflow minus outflow, so one more kWh drawn costs its dual. */
static void marginal_values(struct run *r)
{
    struct search *s = r->s;
    struct lp_result got = {.x = r->fresh};
    if (!r->have_x) {
        memset(r->fresh, 0, (size_t)r->md.m.cols * sizeof *r->fresh);
        model_encode(&r->md, s->best, r->fresh);
    }
    fix_all(r, r->have_x ? r->x : r->fresh);
    if (lp_relax(r->part, &(struct lp_budget){.seconds = 2}, &got) != ERR_OK ||
        got.answer != LP_OPTIMAL) {
        return;
    }
    for (uint32_t b = 0; b < s->p->bus_count; b++) {
        double *value = plan_series(s->best, s->best->bus_value_yuan_per_kwh[b]);
        for (uint32_t t = 0; t < s->p->steps; t++) {
            double dual = lp_row_dual(r->part, r->md.balance[b] + (int)t);
            value[t] = dual * MODEL_KW / problem_hours(s->p, t);
        }
    }
}

static enum err pipeline(struct run *r, const struct plan *first)
{
    enum err e = relax(r);
    if (e == ERR_OK && first && !search_done(r->s)) {
        e = polish(r, first);
    }
    e = e == ERR_OK ? round_orders(r, 0.5, 0.15) : e;
    e = e == ERR_OK ? neighbourhood(r, 0.15) : e;
    e = e == ERR_OK ? prove(r) : e;
    if (r->s->have) {
        marginal_values(r);
    }
    return e;
}

static enum err open_run(struct run *r, bool exclusive_all)
{
    enum err e = model_build(&r->md, r->s->p, exclusive_all, r->s->arena);
    if (e != ERR_OK) {
        return e;
    }
    size_t n = (size_t)r->md.m.cols + 1;
    r->x = arena_take(r->s->arena, n, sizeof(double));
    r->relaxed = arena_take(r->s->arena, n, sizeof(double));
    r->fresh = arena_take(r->s->arena, n, sizeof(double));
    r->candidate = arena_take(r->s->arena, 1, sizeof(struct plan));
    if (!r->x || !r->relaxed || !r->fresh || !r->candidate) {
        return ERR_NOMEM;
    }
    e = lp_open(&r->md.m, MEMORY_MIB, &r->whole);
    return e == ERR_OK ? lp_open(&r->md.m, MEMORY_MIB, &r->part) : e;
}

enum err search_run(struct search *s, bool exclusive_all)
{
    struct run *r = arena_take(s->arena, 1, sizeof *r);
    if (!r) {
        return ERR_NOMEM;
    }
    r->s = s;
    enum err e = open_run(r, exclusive_all);
    if (e == ERR_OK) {
        e = pipeline(r, s->have ? s->best : NULL);
    }
    lp_close(r->part);
    lp_close(r->whole);
    return e;
}
