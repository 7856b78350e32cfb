/* Diving: from the relaxation to an integer solution by fixing the most decided columns round
 * by round and re-solving warm (e.g. Berthold, Primal Heuristics for Mixed Integer Programs,
 * 2006). Lives in the plan role; works on a handle of the GLPK door. */
#ifndef KILNWATT_OPTIMIZER_DIVE_H
#define KILNWATT_OPTIMIZER_DIVE_H

#include "optimizer/glpk_door.h"

struct dive {
    const struct matrix *m;
    double cutoff;           /* give up when the relaxation costs this; HUGE_VAL: never */
    struct lp_budget budget; /* of the whole dive */
    double round_pu;         /* share of the undecided columns fixed per round, 0 < x <= 1 */
    bool *fixed;             /* scratch, cols values */
    int *order;              /* scratch, cols values: fixed columns, first ones first */
    int fixed_count;
};

/* r->x and r->objective: in, a solution of the handle's relaxation under its present bounds;
 * out, the integer solution when r->answer is LP_FEASIBLE. LP_NONE: the dive failed; the
 * columns that it fixed first are still fixed, a neighbourhood for a search. The caller frees
 * the bounds in any case. ERR_NUMERIC when GLPK gives up. */
must_check enum err dive_run(struct lp *k, struct dive *d, struct lp_result *r);

#endif
