/* One run of the search: what its parts share. Private to search.c and search_part.c. */
#ifndef KILNWATT_OPTIMIZER_SEARCH_RUN_H
#define KILNWATT_OPTIMIZER_SEARCH_RUN_H

#include "optimizer/glpk_door.h"
#include "optimizer/model.h"
#include "optimizer/proof.h"
#include "optimizer/search.h"

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

struct lp_budget search_budget(const struct search *s, double share);
/* The solution in `fresh` becomes a plan, is checked, and is kept if it is the best. */
void search_take(struct run *r, double objective);
/* Fixes every integer column of `part` to a value, within its bounds; frees them all. */
void search_fix(struct run *r, const double *x);
/* A proof from what the run knows; `how` says the rest: gap, budget, nodes, what is held and
 * who is told (of r). */
must_check enum err search_proof(struct run *r, struct proof *how, struct lp_result *got);
/* The best powers for a plan's decisions: integers fixed, the rest by LP. A plan that jumps
 * over the contract is first asked to do without. */
must_check enum err search_polish(struct run *r, const struct plan *pl);
/* A dive from the relaxation of the whole within a share of the budget. */
must_check enum err search_dive(struct run *r, bool guided, double share);
/* Reopens the incumbent's decisions group after group as long as one of them pays. */
must_check enum err search_improve(struct run *r);
/* After an incumbent that moved firings against the plan in force: a small tree over all but
 * the firings, which are held where they were planned. Within the gap they may have moved for
 * nothing.
 */
must_check enum err search_keep(struct run *r);
/* Relaxation-enforced neighbourhood (Berthold 2014): what the relaxation decided is held; a
 * dive and a tree over the small programme that is left. Needs no incumbent. */
must_check enum err search_enforced(struct run *r);
/* Relaxation-induced neighbourhood (Danna, Rothberg, Le Pape 2005): what incumbent and
 * relaxation agree on is fixed; a tree over the small programme that is left. */
must_check enum err search_neighbourhood(struct run *r);

#endif
