/* The search pipeline. Owns two handles of the same matrix while it runs: `whole` for bound and
 * proof, `part` for everything with fixed columns, so that neither loses its basis to the
 * other. */
#include "optimizer/search.h"
#include "optimizer/checker.h"
#include "optimizer/dive.h"
#include "optimizer/glpk_door.h"
#include "optimizer/goal.h"
#include "optimizer/model.h"
#include "optimizer/relax.h"
#include "optimizer/tally.h"
#include <math.h>
#include <string.h>

enum { MEMORY_MIB = 400 };

/* Agreement asked between the model's objective and the recomputed one, relative. */
static const double OBJECTIVE_PU = 1e-6;
/* Share of the undecided columns that a dive fixes per round. */
static const double DIVE_PU = 0.2;
/* Less than this, relative to the objective, is not worth another step. */
static const double WORTH_PU = 2e-4;
/* Smallest rise of the bound, relative, that is noted while a tree is searched. */
static const double RISE_PU = 1e-5;
/* Share of the time kept for marginal values and for writing the answer. */
static const double TAIL_PU = 0.06;

struct run {
    struct search *s;
    struct model md;
    struct lp *whole, *part;
    double *x;       /* incumbent as columns */
    double *relaxed; /* solution of the relaxation, and its cost */
    double relaxed_yuan;
    double work_before; /* spent before the proof began */
    double *fresh;      /* latest solution */
    bool have_x;
    bool *fixed; /* scratch of the dive */
    int *order;
    struct plan *candidate;
};

static double spent_s(const struct search *s)
{
    return mono_s(mono_sub(clock_mono(&s->clock), s->begin));
}

static void trace(const struct search *s)
{
    if (s->limits->trace != NULL) {
        fprintf(s->limits->trace,
                "trace seconds=%.3f work=%.0f yuan=%.6f bound=%.6f refused=%u\n", spent_s(s),
                s->work, s->have ? s->best->objective_yuan : HUGE_VAL, s->bound, s->refused);
    }
}

static void refuse(struct search *s)
{
    s->refused++;
    trace(s);
}

static void raise_bound(struct search *s, double bound)
{
    if (bound > s->bound) {
        s->bound = bound;
        trace(s);
    }
}

bool search_offer(struct search *s, const struct plan *pl)
{
    struct checker_fault fault;
    if (s->have && pl->objective_yuan >= s->best->objective_yuan) {
        return false;
    }
    if (checker_check(s->p, pl, &fault) != ERR_OK) {
        refuse(s);
        return false;
    }
    plan_copy(s->best, pl);
    s->have = true;
    plan_copy(s->publish, pl);
    s->publish->bound_yuan = fmin(s->bound, pl->objective_yuan);
    s->publish->gap_pu = tally_gap_pu(pl->objective_yuan, s->publish->bound_yuan);
    if (s->asked) {
        goal_restate(s->publish, s->asked);
    }
    trace(s);
    return true;
}

void search_share(const struct search *s, double share, double *seconds, double *work)
{
    const struct solve_limits *l = s->limits;
    double most = l->seconds * (1 - TAIL_PU);
    *seconds = l->seconds > 0 ? fmax((most - spent_s(s)) * share, 1e-3) : 0;
    *work = l->work > 0 ? fmax((l->work - s->work) * share, 1) : 0;
}

bool search_done(const struct search *s)
{
    const struct solve_limits *l = s->limits;
    if ((l->seconds > 0 && spent_s(s) >= l->seconds * (1 - TAIL_PU)) ||
        (l->work > 0 && s->work >= l->work)) {
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
    if (off > OBJECTIVE_PU * fmax(1, fabs(objective)) &&
        r->candidate->objective_yuan > objective) {
        refuse(s);
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

/* Best powers for the decisions in `fresh`. */
static enum err polish_fresh(struct run *r)
{
    struct lp_result got = {.x = r->fresh};
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

/* The best powers for a plan's decisions: integers fixed, the rest by LP. A plan that jumps
 * over the contract is first asked to do without. */
static enum err polish(struct run *r, const struct plan *pl)
{
    enum err e = ERR_OK;
    bool jumps = true;
    for (int k = 0; k < 2 && jumps && e == ERR_OK && !search_done(r->s); k++) {
        memset(r->fresh, 0, (size_t)r->md.m.cols * sizeof *r->fresh);
        model_encode(&r->md, pl, r->fresh);
        jumps = r->md.jump >= 0 && r->fresh[r->md.jump] > 0.5;
        if (jumps && k == 0) {
            r->fresh[r->md.jump] = 0;
        }
        e = polish_fresh(r);
    }
    return e;
}

/* Depth-first search on `part` as its columns are fixed now. */
static enum err search_part(struct run *r, double share)
{
    struct search *s = r->s;
    double best = s->have ? s->best->objective_yuan : HUGE_VAL;
    struct lp_budget b = budget(s, share);
    struct lp_result got = {.x = r->fresh};
    enum err e = lp_relax(r->part, &b, &got);
    s->work += got.work;
    if (e != ERR_OK || got.answer != LP_OPTIMAL || got.objective >= best) {
        return e;
    }
    struct lp_search how = {.budget = budget(s, share),
                            .gap_pu = fmax(s->limits->gap_pu * 0.3, 1e-5),
                            .cutoff = best,
                            .deep = true};
    e = lp_search(r->part, &how, &got);
    s->work += got.work;
    if (e == ERR_OK && (got.answer == LP_OPTIMAL || got.answer == LP_FEASIBLE)) {
        take_solution(r, got.objective);
    }
    return e;
}

/* From a relaxation of `part` in `fresh`, costing `objective`, to an integer solution; a search
 * where the dive fails. Frees all columns. */
static enum err dive_from(struct run *r, double objective, const double *toward, double share)
{
    struct search *s = r->s;
    struct dive d = {.m = &r->md.m,
                     .toward = toward,
                     .cutoff = s->have ? s->best->objective_yuan : HUGE_VAL,
                     .budget = budget(s, share),
                     .round_pu = DIVE_PU,
                     .fixed = r->fixed,
                     .order = r->order};
    struct lp_result got = {.x = r->fresh, .objective = objective};
    enum err e = dive_run(r->part, &d, &got);
    s->work += got.work;
    if (e == ERR_OK && got.answer == LP_FEASIBLE) {
        take_solution(r, got.objective);
    } else if (e == ERR_OK && !search_done(s)) {
        e = search_part(r, share * 0.5);
    }
    free_all(r);
    return e;
}

/* A dive from the relaxation of the whole, perhaps towards the incumbent. */
static enum err dive(struct run *r, bool guided, double share)
{
    if (search_done(r->s) || (guided && !r->have_x)) {
        return ERR_OK;
    }
    memcpy(r->fresh, r->relaxed, (size_t)r->md.m.cols * sizeof *r->fresh);
    lp_basis_copy(r->part, r->whole);
    return dive_from(r, r->relaxed_yuan, guided ? r->x : NULL, share);
}

/* Which decisions a neighbourhood leaves open. */
enum group { GROUP_ORDERS, GROUP_JOBS, GROUP_CONVERTERS, GROUP_COUNT };

/* true if a column belongs to a group. */
static bool in_group(const struct model *md, int c, enum group g)
{
    const int begin[GROUP_COUNT] = {md->orders_begin, md->jobs_begin, md->converters_begin};
    const int end[GROUP_COUNT] = {md->jobs_begin, md->m.cols, md->orders_begin};
    return c >= begin[g] && c < end[g];
}

/* Fixes the incumbent's decisions outside a group and dives for the rest. */
static enum err reopen(struct run *r, enum group g)
{
    struct search *s = r->s;
    const struct matrix *m = &r->md.m;
    double best = s->best->objective_yuan;
    for (int c = 0; c < m->cols; c++) {
        if (m->integer[c] && !in_group(&r->md, c, g)) {
            lp_bound(r->part, c, round(r->x[c]), round(r->x[c]));
        }
    }
    struct lp_result got = {.x = r->fresh};
    struct lp_budget b = budget(s, 0.3);
    enum err e = lp_relax(r->part, &b, &got);
    s->work += got.work;
    bool worth =
        e == ERR_OK && got.answer == LP_OPTIMAL && got.objective < best - WORTH_PU * fabs(best);
    if (worth) {
        return dive_from(r, got.objective, NULL, 0.3);
    }
    free_all(r);
    return e;
}

/* Group after group as long as one of them pays. */
static enum err improve(struct run *r)
{
    enum err e = ERR_OK;
    int idle = 0;
    for (int k = 0; e == ERR_OK && idle < GROUP_COUNT && r->have_x; k++) {
        double before = r->s->best->objective_yuan;
        if (search_done(r->s)) {
            return ERR_OK;
        }
        e = reopen(r, (enum group)(k % GROUP_COUNT));
        idle = r->s->best->objective_yuan < before - WORTH_PU * fabs(before) ? 0 : idle + 1;
    }
    return e;
}

/* Relaxation-induced neighbourhood (Danna, Rothberg, Le Pape 2005): what incumbent and
 * relaxation agree on is fixed. */
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

/* What the proof finds on its way. */
static void hear(void *ctx, const struct lp_news *n)
{
    struct run *r = ctx;
    struct search *s = r->s;
    s->work = r->work_before + n->work;
    if (n->solved) {
        take_solution(r, n->objective);
    }
    double bound = fmin(n->bound, s->have ? s->best->objective_yuan : HUGE_VAL);
    if (bound > s->bound + RISE_PU * fmax(1, fabs(bound))) {
        raise_bound(s, bound);
    }
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
                            .start = r->have_x ? r->x : NULL,
                            .tell = hear,
                            .ctx = r};
    struct lp_result got = {.x = r->fresh};
    double before = s->bound;
    r->work_before = s->work;
    enum err e = lp_search(r->whole, &how, &got);
    s->work = r->work_before + got.work;
    if (e != ERR_OK) {
        return e;
    }
    if (got.answer == LP_OPTIMAL || got.answer == LP_FEASIBLE) {
        take_solution(r, got.objective);
    }
    if (got.answer == LP_INFEASIBLE && s->have) {
        s->bound = before; /* our incumbent says otherwise: numerics */
        return ERR_OK;
    }
    raise_bound(s, fmin(got.bound, s->have ? s->best->objective_yuan : HUGE_VAL));
    return ERR_OK;
}

static enum err relax(struct run *r)
{
    struct lp_result got = {.x = r->relaxed};
    struct lp_budget b = budget(r->s, 1);
    enum err e = relax_cold(r->whole, &r->md.m, &b, &got);
    r->s->work += got.work;
    raise_bound(r->s, got.bound - 1e-7 * fmax(1, fabs(got.bound)));
    if (e == ERR_OK && got.answer != LP_OPTIMAL) {
        return got.answer == LP_INFEASIBLE ? ERR_INFEASIBLE : ERR_LIMIT;
    }
    if (e == ERR_OK) {
        r->relaxed_yuan = got.objective;
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
    double tail_s = s->limits->seconds > 0 ? s->limits->seconds * TAIL_PU : 2;
    if (lp_relax(r->part, &(struct lp_budget){.seconds = tail_s}, &got) != ERR_OK ||
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
    if (r->md.traced.unabsorbed >= 0) {
        double dual = lp_row_dual(r->part, r->md.traced.unabsorbed) * MODEL_KW;
        double beyond = dual - s->p->goal.unabsorbed_yuan_per_kwh;
        s->best->absorbed.last_yuan_per_kwh = fmax(beyond, 0);
    }
}

static enum err pipeline(struct run *r, const struct plan *first)
{
    enum err e = relax(r);
    if (e == ERR_OK) {
        lp_basis_copy(r->part, r->whole);
    }
    /* last time's plan is nearly right; that of the rules only stands in where a dive fails */
    bool shifted = first && first->origin == PLAN_SHIFTED;
    e = e == ERR_OK && shifted ? polish(r, first) : e;
    e = e == ERR_OK ? dive(r, false, 0.5) : e;
    e = e == ERR_OK && first && !r->have_x ? polish(r, first) : e;
    e = e == ERR_OK ? improve(r) : e;
    e = e == ERR_OK ? dive(r, true, 0.4) : e;
    e = e == ERR_OK ? improve(r) : e;
    e = e == ERR_OK ? neighbourhood(r, 0.3) : e;
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
    r->fixed = arena_take(r->s->arena, n, sizeof(bool));
    r->order = arena_take(r->s->arena, n, sizeof(int));
    if (!r->order || !r->fixed || !r->x || !r->relaxed || !r->fresh || !r->candidate) {
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
