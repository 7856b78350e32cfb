/* Lagrangian bound: L(y) = offset + sum of y's side of each row + min over the box of reduced
 * cost * x. Valid for every y; the better the multipliers the closer. */
#include "optimizer/dual_bound.h"
#include <math.h>

enum { HOLD_ROUNDS = 20 };
/* Beyond what is needed, relative, so that rounding does not undo it. */
static const double MARGIN = 1e-11;

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
static double fitting(const struct matrix *m, int r, double y)
{
    return (y > 0 && isinf(m->row_lo[r])) || (y < 0 && isinf(m->row_hi[r])) ? 0 : y;
}

/* Moves one multiplier, the one that needs the least change, until column c no longer falls;
 * where no row allows that, drops those that push it. */
static void hold(const struct matrix *m, double *y, int c, double d)
{
    double *best = NULL, to = 0, least = HUGE_VAL;
    for (int i = m->col_begin[c]; i < m->col_begin[c + 1]; i++) {
        int r = m->at_row[i];
        double by = m->value[i] == 0 ? 0 : d / m->value[i];
        double moved = y[r] + by * (1 + 1e-6) + copysign(MARGIN * fmax(1, fabs(y[r])), by);
        if (by != 0 && fabs(by) < least && fitting(m, r, moved) == moved) {
            best = &y[r];
            to = moved;
            least = fabs(by);
        }
    }
    for (int i = m->col_begin[c]; i < m->col_begin[c + 1] && !best; i++) {
        double *v = &y[m->at_row[i]];
        *v = m->value[i] * *v * d < 0 ? 0 : *v;
    }
    if (best) {
        *best = to;
    }
}

/* Holds the endless columns whose cost alone does not. One may loosen another, so a few rounds.
 */
static void hold_costless(const struct matrix *m, double *y)
{
    int moved = 1;
    for (int k = 0; k < HOLD_ROUNDS && moved > 0; k++) {
        moved = 0;
        for (int c = 0; c < m->cols; c++) {
            bool costless = m->cost[c] == 0 || endless(m, c, m->cost[c]);
            double d = costless ? reduced_cost(m, y, c) : 0;
            if (endless(m, c, d)) {
                hold(m, y, c, d);
                moved++;
            }
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
            most = fmax(most, endless(m, c, cost) ? 1 : d / (d - cost) + MARGIN);
        }
    }
    return fmin(most, 1);
}

double dual_bound(const struct matrix *m, double *y)
{
    for (int r = 0; r < m->rows; r++) {
        y[r] = fitting(m, r, y[r]);
    }
    hold_costless(m, y);
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
