/* What a linear programme says plainly: rows with one open column are bounds, rows that no
 * choice within the bounds can break say nothing. Lives in the plan role; pure, memory from an
 * arena. */
#ifndef KILNWATT_OPTIMIZER_PRESOLVE_H
#define KILNWATT_OPTIMIZER_PRESOLVE_H

#include "optimizer/matrix.h"

/* A row that became bounds lo, hi of the only column open in it; its coefficient there. */
struct presolve_bound {
    int row, col;
    double value, lo, hi;
};

struct presolve {
    double *lo, *hi; /* columns: tightened bounds; equal: fixed */
    bool *off;       /* rows that hold whatever the columns do within lo and hi */
    struct presolve_bound *bound;
    int bounds; /* in the order in which they were found */
};

/* Narrows the bounds lo, hi (m->cols values each) of a finished matrix's columns.
 * ERR_INFEASIBLE when no point can exist, ERR_NOMEM. */
must_check enum err presolve_run(const struct matrix *m, const double *lo, const double *hi,
                                 struct arena *a, struct presolve *out);
/* Gives the rows that became bounds their duals, so that y (m->rows values; 0 where off) suits
 * the bounds that presolve_run() was given: what its bounds earned, the rows earn. */
void presolve_duals(const struct presolve *p, const struct matrix *m, double *y);

#endif
