/* The search: from a first checked plan to a proven gap. Fix and polish what is known, relax,
 * round, fix and optimise, branch and cut with the incumbent. Lives in the plan role; uses the
 * GLPK door. */
#ifndef KILNWATT_OPTIMIZER_SEARCH_H
#define KILNWATT_OPTIMIZER_SEARCH_H

#include "controller/base/arena.h"
#include "controller/base/clock.h"
#include "optimizer/solve.h"

/* A proof ends at exactly the asked gap: this much more is rounding. */
static const double SEARCH_ROUND_PU = 1e-9;

struct search {
    const struct problem *p;
    const struct solve_limits *limits;
    struct arena *arena;
    struct plan *best; /* caller's: the best checked plan so far, with bound and gap */
    const struct problem *asked; /* what plans are published for, where p is a level of it */
    struct plan *publish; /* every new best is copied here at once, for whoever outlives us */
    bool have;            /* best holds one */
    const struct plan *shifted; /* last time's plan laid over this question, or NULL: its
                                   decisions are good even where its powers are not */
    struct clock clock;
    mono_t begin;
    double work, bound; /* spent; proven */
    uint32_t
        refused; /* solutions of the model that the checker refused: our bug, or numerics */
};

/* Takes a plan as incumbent if it is better and the checker accepts it. */
bool search_offer(struct search *s, const struct plan *pl);
/* true when the gap is proven or the budget is spent. */
bool search_done(const struct search *s);
/* Seconds and work that are left; share (0..1] of them. */
void search_share(const struct search *s, double share, double *seconds, double *work);
/* Builds the model and searches. Errors leave the incumbent as it is. exclusive_all: see
 * model.h. */
must_check enum err search_run(struct search *s, bool exclusive_all);

#endif
