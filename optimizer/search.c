/* The search pipeline. Owns two handles of the same matrix while it runs: `whole` for bound and
 * proof, `part` for everything with fixed columns, so that neither loses its basis to the
 * other. */
#include "optimizer/checker.h"
#include "optimizer/goal.h"
#include "optimizer/relax.h"
#include "optimizer/search_run.h"
#include "optimizer/tally.h"
#include <math.h>
#include <string.h>

enum { MEMORY_MIB = 400 };
/* Up to so many rows the tree goes first: it closes sooner than a better plan is found. */
enum { TREE_FIRST_ROWS = 5000 };
/* Up to so many it finds its plans sooner than a neighbourhood of the dive's would. */
enum { TREE_ALONE_ROWS = 2000 };
/* Nodes times rows of a tree before heuristics are asked again; a new tree begins with the
 * better cut-off. */
static const double NODE_ROWS = 1.2e6;
/* Agreement asked between the model's objective and the recomputed one, relative. */
static const double OBJECTIVE_PU = 1e-6;
/* Nearer to the bound than this, relative, an incumbent is improved before the first tree. */
static const double NEAR_PU = 0.01;
/* What rounding cuts at the root raise the bound by, relative, as a rule: within this much of
 * the asked gap they go first. */
static const double CUTS_PU = 0.0025;
/* Smallest rise of the bound, relative, that is noted while a tree is searched. */
static const double RISE_PU = 1e-5;
/* Share of the time kept for marginal values and for writing the answer; simplex iterations per
 * row that they may take whatever the clock says. */
static const double TAIL_PU = 0.06, TAIL_PER_ROW = 2;

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
    return s->have &&
           tally_gap_pu(s->best->objective_yuan, s->bound) <= l->gap_pu + SEARCH_ROUND_PU;
}

struct lp_budget search_budget(const struct search *s, double share)
{
    struct lp_budget b;
    search_share(s, share, &b.seconds, &b.work);
    return b;
}

void search_take(struct run *r, double objective)
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

/* What the proof finds on its way. */
static void hear(void *ctx, const struct lp_news *n)
{
    struct run *r = ctx;
    struct search *s = r->s;
    s->work = r->work_before + n->work;
    if (n->solved) {
        search_take(r, n->objective);
    }
    double bound = fmin(n->bound, s->have ? s->best->objective_yuan : HUGE_VAL);
    if (bound > s->bound + RISE_PU * fmax(1, fabs(bound))) {
        raise_bound(s, bound);
    }
}

enum err search_proof(struct run *r, struct proof *how, struct lp_result *got)
{
    struct search *s = r->s;
    how->md = &r->md;
    how->whole = r->whole;
    how->relaxed = r->relaxed;
    how->relaxed_yuan = r->relaxed_yuan;
    how->bound = s->bound;
    how->cutoff = s->have ? s->best->objective_yuan : HUGE_VAL;
    how->ctx = r;
    *got = (struct lp_result){.x = r->fresh};
    r->work_before = s->work;
    enum err e = proof_run(how, got);
    s->work = r->work_before + got->work;
    return e;
}

/* Branch and cut on the whole model from the incumbent; nodes_max 0: for what is left of the
 * budget. */
static enum err prove(struct run *r, int nodes_max)
{
    struct search *s = r->s;
    if (search_done(s)) {
        return ERR_OK;
    }
    struct lp_result got;
    struct proof how = {.gap_pu = s->limits->gap_pu,
                        .nodes_max = nodes_max,
                        .budget = search_budget(s, 1),
                        .tell = hear};
    enum err e = search_proof(r, &how, &got);
    if (e == ERR_OK && s->have) {
        raise_bound(s, fmin(got.bound, s->have ? s->best->objective_yuan : HUGE_VAL));
    }
    return e;
}

static enum err relax(struct run *r)
{
    struct lp_result got = {.x = r->relaxed};
    struct lp_budget b = search_budget(r->s, 1);
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
    search_fix(r, r->have_x ? r->x : r->fresh);
    struct lp_budget tail = {s->limits->seconds * TAIL_PU, TAIL_PER_ROW * r->md.m.rows};
    if (lp_relax(r->part, &tail, &got) != ERR_OK || got.answer != LP_OPTIMAL) {
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

/* true if the incumbent lies near the bound: then a better one comes sooner than a better
 * bound. */
static bool near(const struct search *s)
{
    return s->have && tally_gap_pu(s->best->objective_yuan, s->bound) <= NEAR_PU;
}

/* true if cuts alone may prove the asked gap. */
static bool close_by(const struct search *s)
{
    return s->have && tally_gap_pu(s->best->objective_yuan, s->bound) <=
                          fmax(s->limits->gap_pu, 0) + CUTS_PU;
}

/* Between the first plan and the first tree of programmes whose nodes cost much. */
static enum err prepare_tree(struct run *r, bool tree_first)
{
    if (r->md.m.rows <= TREE_ALONE_ROWS) {
        return ERR_OK;
    }
    enum err e = tree_first && close_by(r->s) ? prove(r, 1) : ERR_OK;
    return e == ERR_OK ? search_neighbourhood(r) : e;
}

static enum err pipeline(struct run *r, const struct plan *first)
{
    bool tree_first = r->md.m.rows <= TREE_FIRST_ROWS;
    int nodes = (int)(NODE_ROWS / fmax(r->md.m.rows, 1)) + 1;
    enum err e = relax(r);
    if (e == ERR_OK) {
        lp_basis_copy(r->part, r->whole);
    }
    /* last time's plan is nearly right; that of the rules only stands in where a dive fails */
    e = e == ERR_OK && r->s->shifted ? search_polish(r, r->s->shifted) : e;
    /* on many rows a dive's re-solves lose their way */
    e = e == ERR_OK && !tree_first ? search_enforced(r) : e;
    bool dives = tree_first ? !near(r->s) : !r->have_x;
    e = e == ERR_OK && dives ? search_dive(r, false, 0.5) : e;
    e = e == ERR_OK && first && !r->have_x ? search_polish(r, first) : e;
    e = e == ERR_OK ? prepare_tree(r, tree_first) : e;
    e = e == ERR_OK && tree_first && !near(r->s) ? prove(r, nodes) : e;
    e = e == ERR_OK ? search_improve(r) : e;
    e = e == ERR_OK && !tree_first ? search_dive(r, true, 0.4) : e;
    e = e == ERR_OK && !tree_first ? search_improve(r) : e;
    e = e == ERR_OK && tree_first ? prove(r, nodes) : e;
    e = e == ERR_OK ? search_neighbourhood(r) : e;
    e = e == ERR_OK ? prove(r, 0) : e;
    e = e == ERR_OK ? search_keep(r) : e;
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
