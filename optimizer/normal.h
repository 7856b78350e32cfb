/* The normal equations A D A' of an interior point: factored again and again with other D, each
 * factor solved for several right sides. Sparse Cholesky by blocks of columns. Lives in the
 * plan role; memory from an arena. */
#ifndef KILNWATT_OPTIMIZER_NORMAL_H
#define KILNWATT_OPTIMIZER_NORMAL_H

#include "optimizer/cholmod_door.h"

struct normal;

/* Orders and analyses A A'; keeps a pointer to the arrays. ERR_NOMEM; ERR_LIMIT when the factor
 * would have more than fill_max entries. */
must_check enum err normal_open(const struct sparse *a, double fill_max, struct arena *arena,
                                struct normal **out);
/* Factorises A D A' + a tiny diagonal; d: cols values, > 0. A row that depends on others is
 * dropped: its unknown comes out as 0. ERR_NUMERIC where d is not finite or not positive. */
must_check enum err normal_factor(struct normal *k, const double *d);
/* Solves for one right side of the last factor; in and out: rows values, may be the same. */
void normal_solve(struct normal *k, const double *in, double *out);

#endif
