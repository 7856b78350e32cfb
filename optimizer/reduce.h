/* A programme without what is settled: fixed columns, columns that are always equal, rows that
 * say nothing. What branch and cut works on. Lives in the plan role; pure, memory from an
 * arena.
 */
#ifndef KILNWATT_OPTIMIZER_REDUCE_H
#define KILNWATT_OPTIMIZER_REDUCE_H

#include "optimizer/matrix.h"

struct reduce {
    const struct matrix *of;
    struct matrix m;
    int *col;      /* of's columns: ours, or -1: settled at its value */
    double *value; /* of's columns: value of the settled ones */
    int *row;      /* of's rows: ours, or -1 */
};

/* What is known of the solutions that count. */
struct reduce_facts {
    const double *lo, *hi; /* bounds of of's columns */
    const bool *tight;     /* of's rows that hold with equality at the bound they have; or NULL.
                              Only those "one integer column less another at most 0" are used:
                              they make the two columns one. */
};

/* Integer columns' bounds are rounded inwards. ERR_INFEASIBLE when no solution fits the facts,
 * ERR_NOMEM, ERR_NUMERIC. out points to m. */
must_check enum err reduce_run(const struct matrix *m, const struct reduce_facts *facts,
                               struct arena *a, struct reduce *out);
/* A solution of the small programme as one of the whole; both by columns. */
void reduce_whole(const struct reduce *r, const double *ours, double *x);
/* A solution of the whole as one of the small programme. */
void reduce_small(const struct reduce *r, const double *x, double *ours);
/* Multipliers of the whole's rows as those of the small programme's. */
void reduce_duals(const struct reduce *r, const double *y, double *ours);

#endif
