/* The door to SuiteSparse: the only file that includes its headers. Orders and symbolic
 * analysis for sparse Cholesky of normal equations, and a column order for sparse LU. Numbers
 * are left to normal.c. Runs in the plan role and in the command line's child. */
#ifndef KILNWATT_OPTIMIZER_CHOLMOD_DOOR_H
#define KILNWATT_OPTIMIZER_CHOLMOD_DOOR_H

#include "controller/base/arena.h"

/* A matrix by column: begin has cols + 1 entries; rows of a column in any order. */
struct sparse {
    int rows, cols;
    const int *begin, *at_row;
    const double *value; /* may be NULL where only the pattern counts */
};

/* The factor L of a symmetric matrix by blocks of neighbouring columns that share their rows
 * (supernodes). All arrays are the arena's. */
struct blocks {
    int rows, count;
    int *order;     /* rows values: the matrix's row that stands at each place */
    int *first;     /* count + 1: first column of each block */
    int *row_begin; /* count + 1: its rows in at_row, its own columns first, then ascending */
    int *at_row;
    int *value_begin; /* count + 1: its values; by column, one value per row of the block */
};

/* Orders A A' and finds the blocks of its factor. ERR_NOMEM; ERR_LIMIT when the factor would
 * have more than fill_max entries. */
must_check enum err sparse_blocks(const struct sparse *a, double fill_max, struct arena *arena,
                                  struct blocks *out);

/* An order of the columns in which LU with row exchanges fills little (COLAMD). order: cols
 * values. ERR_NOMEM. */
must_check enum err sparse_col_order(const struct sparse *a, int *order);

#endif
