/* From a point near an optimum to a basis near it, for the simplex method to finish. Lives in
 * the plan role; memory from an arena. */
#ifndef KILNWATT_OPTIMIZER_CROSSOVER_H
#define KILNWATT_OPTIMIZER_CROSSOVER_H

#include "optimizer/glpk_door.h"

/* x: m->cols values, y: m->rows multipliers, of a finished matrix. out's arrays are the
 * caller's. The basis has m->rows members and is not singular but for rounding.
 * ERR_NOMEM, ERR_NUMERIC. */
must_check enum err crossover_run(const struct matrix *m, const double *x, const double *y,
                                  struct arena *a, struct lp_basis *out);

#endif
