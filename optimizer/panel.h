/* Dense pieces of a sparse Cholesky factor, by column: the inner loops of normal.c. The same
 * bits on every processor: no fused operations, sums in one order. Pure. */
#ifndef KILNWATT_OPTIMIZER_PANEL_H
#define KILNWATT_OPTIMIZER_PANEL_H

/* Columns of equal length: value of row r and column c at x[r + c * rows]. */
struct panel {
    double *x;
    int rows, cols;
};

/* Lower part of the product of the panel's rows from `first` with the transpose of its rows
 * first..first + cols - 1: out[i + j * (rows - first)] for 0 <= j < cols, j <= i. What lies
 * above may be written too. */
void panel_product(const struct panel *p, int first, int cols, double *out);
/* Turns the panel, whose first `cols` rows are a symmetric matrix (lower part), into its
 * Cholesky factor and the rows below to match (Golub, Van Loan, Matrix Computations, 4.2). A
 * pivot not above least[column] is none: its row of the equations is dropped. */
void panel_factor(const struct panel *p, const double *least);
/* y = L^-1 y on the panel's own rows, then what they subtract from the rest: y has p->rows
 * values. */
void panel_forward(const struct panel *p, double *y);
/* The reverse: y's own rows = L'^-1 (own rows - rest' of the panel). */
void panel_backward(const struct panel *p, double *y);

#endif
