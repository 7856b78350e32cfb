/* The form in which the interior point works: minimise cost * x with A x = right and
 * lo <= x <= hi, scaled so that all coefficients are near 1. What presolve settled is left out;
 * every row that is no equation has a column of its own for its activity. Lives in the plan
 * role; memory from an arena. */
#ifndef KILNWATT_OPTIMIZER_STANDARD_H
#define KILNWATT_OPTIMIZER_STANDARD_H

#include "optimizer/presolve.h"

struct standard {
    int rows, cols;
    int *begin; /* cols + 1 */
    int *at_row;
    double *value;
    double *cost, *lo, *hi; /* HUGE_VAL, -HUGE_VAL: no bound */
    double *right;
    /* The way back. */
    int *col_of, *row_of;          /* per column (of a row's activity: -1) and row: matrix's */
    double *col_scale, *row_scale; /* x = col_scale * ours; y = row_scale / cost_scale * ours */
    double cost_scale;
    double *settled; /* matrix's columns that have none here: their value */
};

/* ERR_NOMEM; ERR_NUMERIC where a coefficient is
 * not finite; ERR_LIMIT where a column without rows has no end to its gain. */
must_check enum err standard_build(const struct matrix *m, const struct presolve *p,
                                   struct arena *a, struct standard *out);
/* A point and multipliers of the standard form as those of the matrix (m->cols, m->rows values;
 * y is 0 in rows left out). */
void standard_point(const struct standard *f, const struct matrix *m, const double *ours,
                    double *x);
void standard_duals(const struct standard *f, const struct matrix *m, const double *ours,
                    double *y);

#endif
