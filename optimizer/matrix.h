/* A mixed-integer programme as plain arrays: bounded columns and rows, coefficients by column.
 * Minimise offset + cost * x. Filled in two passes by the same code: the first only counts.
 * Lives in the plan role; its memory comes from an arena. */
#ifndef KILNWATT_OPTIMIZER_MATRIX_H
#define KILNWATT_OPTIMIZER_MATRIX_H

#include "controller/base/arena.h"

enum matrix_kind { MATRIX_REAL, MATRIX_INTEGER };

struct matrix {
    int cols, rows;
    int nz;        /* coefficients put so far; after matrix_finish(): merged */
    bool counting; /* first pass: nothing is stored */
    double offset;
    /* Columns. HUGE_VAL and -HUGE_VAL: no bound. */
    double *col_lo, *col_hi, *cost;
    unsigned char *integer;
    /* Rows: row_lo <= sum <= row_hi. */
    double *row_lo, *row_hi;
    /* Coefficients; triplets while filling, sorted by column after matrix_finish(). */
    int *at_row, *at_col;
    double *value;
    int *col_begin; /* cols + 1 entries, after matrix_finish() */
};

/* Starts the counting pass. */
void matrix_init(struct matrix *m);
/* Ends the counting pass: takes the memory and starts the filling pass. ERR_NOMEM. */
must_check enum err matrix_fill(struct matrix *m, struct arena *a);
/* Sorts by column and merges coefficients of the same place. ERR_NUMERIC when one is not
 * finite, ERR_NOMEM. */
must_check enum err matrix_finish(struct matrix *m, struct arena *a);

/* A new column or row; returns its index from 0. bounds: {lo, hi}. */
int matrix_col(struct matrix *m, const double bounds[2], double cost, enum matrix_kind kind);
int matrix_row(struct matrix *m, double lo, double hi);
/* Adds value at (row, col); 0 is left out. */
void matrix_put(struct matrix *m, int row, int col, double value);
/* Adds to both sides of a row, to a column's cost, to the constant. */
void matrix_shift(struct matrix *m, int row, double amount);
void matrix_constant(struct matrix *m, double cost);

#endif
