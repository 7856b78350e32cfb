/* The door to SuiteSparse: the only file that includes its headers. Sparse Cholesky of the
 * normal equations A D A' of an interior point, and a column order for sparse LU. Simplicial
 * throughout: no BLAS, no threads, the same bits every time. Runs in the plan role and in the
 * command line's child. */
#ifndef KILNWATT_OPTIMIZER_CHOLMOD_DOOR_H
#define KILNWATT_OPTIMIZER_CHOLMOD_DOOR_H

#include "controller/base/err.h"

/* A matrix by column: begin has cols + 1 entries; rows of a column in any order. */
struct sparse {
    int rows, cols;
    const int *begin, *at_row;
    const double *value; /* may be NULL where only the pattern counts */
};

struct normal;

/* Orders and analyses A A'; keeps a pointer to the arrays. ERR_NOMEM; ERR_LIMIT when the factor
 * would have more than fill_max entries. */
must_check enum err normal_open(const struct sparse *a, double fill_max, struct normal **out);
void normal_close(struct normal *k);
/* Factorises A D A' + a tiny diagonal; d: cols values, > 0. ERR_NUMERIC when not positive
 * definite in spite of it. */
must_check enum err normal_factor(struct normal *k, const double *d);
/* Solves for one right side of the last factor; in and out: rows values, may be the same.
 * ERR_NUMERIC. */
must_check enum err normal_solve(struct normal *k, const double *in, double *out);

/* An order of the columns in which LU with row exchanges fills little (COLAMD). order: cols
 * values. ERR_NOMEM. */
must_check enum err sparse_col_order(const struct sparse *a, int *order);

#endif
