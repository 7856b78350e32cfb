/* A proven bound from any multipliers, however inexact: the Lagrangian of the rows, minimised
 * over the box of the columns. Lives in the plan role; pure. */
#ifndef KILNWATT_OPTIMIZER_DUAL_BOUND_H
#define KILNWATT_OPTIMIZER_DUAL_BOUND_H

#include "optimizer/matrix.h"

/* Lower bound on offset + cost * x of a finished matrix. y: m->rows multipliers (yuan per unit
 * of the row); corrected in place where they would leave a column without end to fall for ever.
 * -HUGE_VAL when they cannot be corrected or are not finite. (Geoffrion 1974; Neumaier,
 * Shcherbina 2004) */
double dual_bound(const struct matrix *m, double *y);

#endif
