/* The relaxation of a whole model from nothing: interior point, proven bound from its duals,
 * crossover, and the simplex method to finish. Lives in the plan role; owns an arena for the
 * time of the call. */
#ifndef KILNWATT_OPTIMIZER_RELAX_H
#define KILNWATT_OPTIMIZER_RELAX_H

#include "optimizer/glpk_door.h"

enum { RELAX_ITERATION_WORK = 30 }; /* one of the interior point, in simplex iterations */

/* As lp_relax() for a handle that holds m as it was loaded, with one difference: r->bound is
 * also set when the simplex method found no optimum in its budget. What the interior point
 * cannot do, lp_relax() does alone. */
must_check enum err relax_interior(struct lp *k, const struct matrix *m,
                                   const struct lp_budget *b, struct lp_result *r);
/* The same; few rows are first left to the simplex method alone while it makes way. */
must_check enum err relax_cold(struct lp *k, const struct matrix *m, const struct lp_budget *b,
                               struct lp_result *r);

#endif
