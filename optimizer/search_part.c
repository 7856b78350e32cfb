/* The search's heuristics: everything that works on `part`, the handle with fixed columns. */
#include "optimizer/dive.h"
#include "optimizer/search_run.h"
#include <math.h>
#include <string.h>

/* Share of the undecided columns that a dive fixes per round. */
static const double DIVE_PU = 0.2;
/* Less than this, relative to the objective, is not worth another step. */
static const double WORTH_PU = 2e-4;
/* Nearer than this, incumbent and relaxation agree. Nodes of a neighbourhood's tree; its share
 * of what is left. */
static const double AGREED = 1e-4, NEIGHBOUR_PU = 0.3;
/* By so much, relative, a plan that moves no firing must be cheaper to take the place of one
 * that does. */
static const double KEPT_PU = 2e-5;
enum { KEPT_NODES = 40 };
/* What that may take of what is left: nothing comes after it. */
static const double KEEP_PU = 0.8;
/* Nearer to an integer than this, the relaxation has decided a column. */
static const double DECIDED = 1e-6, ENFORCED_PU = 0.6;
enum { NEIGHBOUR_NODES = 600, ENFORCED_NODES = 4000 };

static void free_all(struct run *r)
{
    for (int c = 0; c < r->md.m.cols; c++) {
        if (r->md.m.integer[c]) {
            lp_bound(r->part, c, r->md.m.col_lo[c], r->md.m.col_hi[c]);
        }
    }
}

void search_fix(struct run *r, const double *x)
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
    search_fix(r, r->fresh);
    struct lp_budget b = search_budget(r->s, 0.5);
    enum err e = lp_relax(r->part, &b, &got);
    r->s->work += got.work;
    free_all(r);
    if (e == ERR_OK && got.answer == LP_OPTIMAL) {
        search_take(r, got.objective);
    }
    return e;
}

enum err search_polish(struct run *r, const struct plan *pl)
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
    struct lp_budget b = search_budget(s, share);
    struct lp_result got = {.x = r->fresh};
    enum err e = lp_relax(r->part, &b, &got);
    s->work += got.work;
    if (e != ERR_OK || got.answer != LP_OPTIMAL || got.objective >= best) {
        return e;
    }
    struct lp_search how = {.budget = search_budget(s, share),
                            .gap_pu = fmax(s->limits->gap_pu * 0.3, 1e-5),
                            .cutoff = best,
                            .deep = true};
    e = lp_search(r->part, &how, &got);
    s->work += got.work;
    if (e == ERR_OK && (got.answer == LP_OPTIMAL || got.answer == LP_FEASIBLE)) {
        search_take(r, got.objective);
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
                     .budget = search_budget(s, share),
                     .round_pu = DIVE_PU,
                     .fixed = r->fixed,
                     .order = r->order};
    struct lp_result got = {.x = r->fresh, .objective = objective};
    enum err e = dive_run(r->part, &d, &got);
    s->work += got.work;
    if (e == ERR_OK && got.answer == LP_FEASIBLE) {
        search_take(r, got.objective);
    } else if (e == ERR_OK && !search_done(s)) {
        e = search_part(r, share * 0.5);
    }
    free_all(r);
    return e;
}

enum err search_dive(struct run *r, bool guided, double share)
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
    struct lp_budget b = search_budget(s, 0.3);
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

enum err search_improve(struct run *r)
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

static void hear(void *ctx, const struct lp_news *n)
{
    struct run *r = ctx;
    r->s->work = r->work_before + n->work;
    if (n->solved) {
        search_take(r, n->objective);
    }
}

/* The relaxation in `fresh`, but with all firings where they were planned or, where they were
 * not, where the incumbent has them; marks their columns. false: none was moved. */
static bool encode_kept(struct run *r)
{
    const struct problem *p = r->s->p;
    bool moved = false;
    plan_copy(r->candidate, r->s->best);
    for (uint32_t i = 0; i < p->order_count; i++) {
        const struct problem_order *o = &p->order[i];
        int32_t *start = &r->candidate->order_start[i];
        if (!o->started && o->planned_step >= 0 && *start != o->planned_step) {
            *start = o->planned_step;
            moved = true;
        }
    }
    memset(r->fresh, 0, (size_t)r->md.m.cols * sizeof *r->fresh);
    model_encode(&r->md, r->candidate, r->fresh);
    for (int c = 0; c < r->md.m.cols; c++) {
        r->fixed[c] = r->md.m.integer[c] && in_group(&r->md, c, GROUP_ORDERS);
        r->fresh[c] = r->fixed[c] ? r->fresh[c] : r->relaxed[c];
    }
    return moved;
}

enum err search_keep(struct run *r)
{
    if (!r->s->have || !encode_kept(r)) {
        return ERR_OK;
    }
    struct lp_result got;
    struct proof how = {.at = r->fresh,
                        .held = r->fixed,
                        .gap_pu = KEPT_PU,
                        .nodes_max = KEPT_NODES,
                        .budget = search_budget(r->s, KEEP_PU),
                        .tell = hear};
    return search_proof(r, &how, &got);
}

enum err search_enforced(struct run *r)
{
    if (search_done(r->s)) {
        return ERR_OK;
    }
    for (int c = 0; c < r->md.m.cols; c++) {
        double off = fabs(r->relaxed[c] - round(r->relaxed[c]));
        r->fixed[c] = r->md.m.integer[c] && off < DECIDED;
    }
    struct lp_result got;
    struct proof how = {.at = r->relaxed,
                        .held = r->fixed,
                        .gap_pu = WORTH_PU,
                        .nodes_max = ENFORCED_NODES,
                        .dive = true,
                        .budget = search_budget(r->s, ENFORCED_PU),
                        .tell = hear};
    return search_proof(r, &how, &got);
}

enum err search_neighbourhood(struct run *r)
{
    struct search *s = r->s;
    if (!r->have_x || search_done(s)) {
        return ERR_OK;
    }
    for (int c = 0; c < r->md.m.cols; c++) {
        r->fixed[c] = r->md.m.integer[c] && fabs(r->x[c] - r->relaxed[c]) < AGREED;
    }
    struct lp_result got;
    struct proof how = {.at = r->x,
                        .held = r->fixed,
                        .gap_pu = WORTH_PU,
                        .nodes_max = NEIGHBOUR_NODES,
                        .budget = search_budget(s, NEIGHBOUR_PU),
                        .tell = hear};
    return search_proof(r, &how, &got);
}
