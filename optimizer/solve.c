/* From question to checked plan. Owns an arena for the time of the call. */
#include "optimizer/solve.h"
#include "optimizer/checker.h"
#include "optimizer/glpk_door.h"
#include "optimizer/goal.h"
#include "optimizer/level.h"
#include "optimizer/model.h"
#include "optimizer/rule.h"
#include "optimizer/search.h"
#include "optimizer/tally.h"
#include <math.h>
#include <string.h>

enum { ARENA_MAX = 512 * 1024 * 1024 };
static const double SECONDS_OTHERWISE = 10;

/* Share of the budget for the first of two levels, and the gap that it stops at: of what is
 * available, so that cost begins where the last watts are argued about. */
static const double LEVEL_SHARE = 0.45, LEVEL_GAP_PU = 5e-6;

/* Bound, gap, status, effort of the final plan. */
static void stamp(struct search *s, bool levels)
{
    struct plan *pl = s->best;
    double gap_asked = fmax(s->limits->gap_pu, 0) + SEARCH_ROUND_PU;
    pl->bound_yuan = fmin(s->bound, pl->objective_yuan);
    pl->gap_pu = tally_gap_pu(pl->objective_yuan, pl->bound_yuan);
    pl->work = s->work;
    pl->seconds = mono_s(mono_sub(clock_mono(&s->clock), s->begin));
    pl->status = pl->gap_pu <= PLAN_PROVEN_GAP_PU ? PLAN_PROVEN
                 : pl->gap_pu <= gap_asked        ? PLAN_WITHIN_GAP
                                                  : PLAN_FEASIBLE;
    if (levels && !plan_absorption_proven(pl)) {
        pl->status = PLAN_FEASIBLE;
    }
}

/* The even one of the plans that cost as much as the best, or the best itself. */
static void even_out(struct search *s)
{
    struct plan *even = arena_take(s->arena, 1, sizeof *even);
    struct plan *spare = arena_take(s->arena, 1, sizeof *spare);
    if (!even || !spare) {
        return;
    }
    plan_copy(even, s->best);
    if (level_plan(s->p, even, spare) > 0 && checker_check(s->p, even, NULL) == ERR_OK) {
        plan_copy(s->best, even);
    }
}

/* The incumbents that need no solver. */
static enum err offer_known(struct search *s, const struct plan *previous)
{
    struct plan *pl = arena_take(s->arena, 1, sizeof *pl);
    if (!pl) {
        return ERR_NOMEM;
    }
    enum err e = rule_plan(s->p, pl);
    if (e != ERR_OK) {
        return e;
    }
    search_offer(s, pl);
    if (previous && previous->version == PLAN_VERSION &&
        shift_plan(s->p, previous, pl) == ERR_OK) {
        search_offer(s, pl);
        s->shifted = pl;
    }
    return ERR_OK;
}

static enum err run(struct search *s, const struct plan *previous)
{
    enum err e = offer_known(s, previous);
    if (e != ERR_OK || s->limits->policy == PLAN_POLICY_RULE) {
        return e;
    }
    s->refused = 0;
    e = search_run(s, false);
    if (s->refused > 0 && !search_done(s)) {
        e = search_run(s, true);
    }
    return s->have ? ERR_OK : e;
}

/* The level that asks for absorption alone; *best gets its plan, stated for s->p, with the
 * bound on what is left. Its model is gone before the next one's is built. */
static enum err run_first_level(struct search *s, const struct plan *previous,
                                struct plan *best)
{
    struct solve_limits l = *s->limits;
    struct arena arena;
    arena_init(&arena, ARENA_MAX);
    struct problem *q = arena_take(&arena, 1, sizeof *q);
    struct search first = *s;
    first.arena = &arena;
    first.asked = s->p;
    first.best = best;
    first.limits = &l;
    l.seconds *= LEVEL_SHARE;
    l.work *= LEVEL_SHARE;
    l.gap_pu = LEVEL_GAP_PU;
    enum err e = q ? ERR_OK : ERR_NOMEM;
    if (e == ERR_OK) {
        goal_level_absorption(q, s->p);
        first.p = q;
        e = run(&first, previous);
    }
    if (e == ERR_OK && first.have) {
        best->absorbed.bound_kwh = goal_bound_kwh(q, best, first.bound);
        goal_restate(best, s->p);
    } else if (e == ERR_OK) {
        e = ERR_INFEASIBLE;
    }
    s->work = first.work;
    arena_fini(&arena);
    return e;
}

/* Absorption first, then cost among the plans that absorb as much. */
static enum err run_levels(struct search *s, const struct plan *previous)
{
    struct plan *first = arena_take(s->arena, 1, sizeof *first);
    struct problem *q = arena_take(s->arena, 1, sizeof *q);
    enum err e = first && q ? run_first_level(s, previous, first) : ERR_NOMEM;
    if (e != ERR_OK) {
        return e;
    }
    double bound_kwh = first->absorbed.bound_kwh;
    goal_level_cost(q, s->p, first);
    s->p = q;
    if (!search_offer(s, first)) {
        return ERR_CONFLICT;
    }
    e = run(s, previous);
    s->best->absorbed.bound_kwh = fmax(fmin(bound_kwh, plan_unabsorbed_kwh(s->best)), 0);
    return e;
}

enum err solve_problem(const struct problem *p, const struct plan *previous,
                       const struct solve_limits *limits, struct plan *out,
                       struct problem_fault *fault)
{
    struct solve_limits l = *limits;
    struct arena arena;
    enum err e = problem_validate(p, fault);
    if (e != ERR_OK) {
        return e;
    }
    if (l.seconds <= 0 && l.work <= 0) {
        l.seconds = SECONDS_OTHERWISE;
    }
    arena_init(&arena, ARENA_MAX);
    struct search s = {
        .p = p, .limits = &l, .arena = &arena, .bound = -HUGE_VAL, .publish = out};
    clock_init_live(&s.clock);
    s.begin = clock_mono(&s.clock);
    s.best = arena_take(&arena, 1, sizeof *s.best);
    bool levels = p->goal.first == GOAL_ABSORPTION && l.policy == PLAN_POLICY_MILP;
    e = !s.best ? ERR_NOMEM : levels ? run_levels(&s, previous) : run(&s, previous);
    if (e == ERR_OK && s.have) {
        if (l.policy == PLAN_POLICY_MILP) {
            even_out(&s);
        }
        stamp(&s, levels);
        plan_copy(out, s.best);
    } else if (e == ERR_OK) {
        e = ERR_INFEASIBLE;
    }
    arena_fini(&arena);
    return e;
}

/* Builds the model of a problem and hands it to a writer. */
static enum err export(const struct problem *p, const char *path,
                       enum err (*write)(struct lp *k, const char *path)) {
    struct arena arena; struct lp *lp = NULL; arena_init(&arena, ARENA_MAX);
    struct model *md = arena_take(&arena, 1, sizeof *md);
    enum err e = md ? model_build(md, p, false, &arena) : ERR_NOMEM;
    e = e == ERR_OK ? lp_open(&md->m, 0x7fffffff, &lp) : e;
    e = e == ERR_OK ? write(lp, path) : e;
    lp_close(lp);
    arena_fini(&arena);
    return e;
}

enum err solve_export_mps(const struct problem *p, const char *path)
{
    return export(p, path, lp_write_mps);
}

enum err solve_export_lp(const struct problem *p, const char *path)
{
    return export(p, path, lp_write_lp);
}
