/* Branch and bound on a handle of the GLPK door: every node a warm dual simplex, reduced costs
 * tighten its bounds, branching by pseudo-costs per object (a firing, a unit) that short trial
 * solves begin. Lives in the plan role; owns an arena for the time of the call.
 * (Achterberg, Koch, Martin: Branching rules revisited, 2005) */
#ifndef KILNWATT_OPTIMIZER_TREE_H
#define KILNWATT_OPTIMIZER_TREE_H

#include "optimizer/glpk_door.h"

struct tree {               /* integer columns: bounds within 16 bits */
    const struct matrix *m; /* what the handle holds; it may hold more rows */
    const int *object;      /* per column: decisions that move together share a number >= 0 */
    int objects;            /* numbers are below this */
    /* Sums that are integers in one of the best solutions, as rows of the handle (lp_sum()):
     * sums of them from row sum_row on, each of at most sum_hi[i]. Branched on like columns,
     * while any of these is none. */
    int sums, sum_row;
    const int *sum_hi;
    struct lp_budget budget;
    double gap_pu; /* asked */
    double cutoff; /* cost of the best solution known; HUGE_VAL: none */
    int nodes_max; /* 0: none */
    bool dive;     /* from the root first: a plan soon */
    void (*tell)(void *ctx,
                 const struct lp_news *n); /* or NULL; a solution is in the result's x */
    void *ctx;
};

/* Cost from which on a solution is not worth having when one of cost `best` is known and a gap
 * is asked: branches end there. HUGE_VAL where best is. */
double tree_enough(double best, double gap_pu);

/* The handle's columns have m's bounds and its basis is that of the relaxation, solved; at the
 * end the bounds are the same. r as from lp_search(); r->bound holds whatever ended it. */
must_check enum err tree_run(struct lp *k, const struct tree *t, struct lp_result *r);

#endif
