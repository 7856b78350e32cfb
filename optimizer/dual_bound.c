/* Lagrangian bound: L(y) = offset + sum of y's side of each row + min over the box of reduced
 * cost * x. Valid for every y; the better the multipliers the closer. */
#include "optimizer/dual_bound.h"
#include <math.h>

static double reduced_cost(const struct matrix *m, const double *y, int c)
{
    double d = m->cost[c];
    for (int i = m->col_begin[c]; i < m->col_begin[c + 1]; i++) {
        d -= m->value[i] * y[m->at_row[i]];
    }
    return d;
}

/* true if the column runs away from its Lagrangian's minimum for ever. */
static bool endless(const struct matrix *m, int c, double d)
{
    return (d < 0 && isinf(m->col_hi[c])) || (d > 0 && isinf(m->col_lo[c]));
}

/* A multiplier may only pull towards a side that its row has. */
static void fit_rows(const struct matrix *m, double *y)
{
    for (int r = 0; r < m->rows; r++) {
        bool lacks = (y[r] > 0 && isinf(m->row_lo[r])) || (y[r] < 0 && isinf(m->row_hi[r]));
        y[r] = lacks ? 0 : y[r];
    }
}

/* Drops the multipliers that push an endless column without cost. */
static void free_costless(const struct matrix *m, double *y)
{
    for (int c = 0; c < m->cols; c++) {
        double d = m->cost[c] == 0 ? reduced_cost(m, y, c) : 0;
        if (!endless(m, c, d)) {
            continue;
        }
        for (int i = m->col_begin[c]; i < m->col_begin[c + 1]; i++) {
            int r = m->at_row[i];
            y[r] = m->value[i] * y[r] * d < 0 ? 0 : y[r];
        }
    }
}

/* How far all multipliers must shrink until no endless column falls: y = 0 leaves each its
 * cost. 1 when nothing helps. */
static double shrink_pu(const struct matrix *m, const double *y)
{
    double most = 0;
    for (int c = 0; c < m->cols; c++) {
        double d = reduced_cost(m, y, c), cost = m->cost[c];
        if (endless(m, c, d)) {
            most = fmax(most, endless(m, c, cost) ? 1 : d / (d - cost) * (1 + 1e-12) + 1e-15);
        }
    }
    return fmin(most, 1);
}

double dual_bound(const struct matrix *m, double *y)
{
    fit_rows(m, y);
    free_costless(m, y);
    double keep = 1 - shrink_pu(m, y), sum = m->offset;
    for (int r = 0; r < m->rows; r++) {
        y[r] *= keep;
        sum += y[r] == 0 ? 0 : y[r] * (y[r] > 0 ? m->row_lo[r] : m->row_hi[r]);
    }
    for (int c = 0; c < m->cols; c++) {
        double d = reduced_cost(m, y, c);
        if (endless(m, c, d)) {
            return -HUGE_VAL;
        }
        sum += d == 0 ? 0 : d * (d > 0 ? m->col_lo[c] : m->col_hi[c]);
    }
    return isfinite(sum) ? sum : -HUGE_VAL;
}
