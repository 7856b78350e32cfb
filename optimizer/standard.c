/* From the matrix to the standard form and back. Scaling by the largest entries of rows and
 * columns in turn (Ruiz 2001), powers of two so that nothing is rounded. Pure. */
#include "optimizer/standard.h"
#include <math.h>
#include <string.h>

enum { SCALE_ROUNDS = 5 };

static bool is_equation(const struct matrix *m, int row)
{
    return m->row_lo[row] == m->row_hi[row];
}

static enum err take(struct standard *f, const struct matrix *m, struct arena *a)
{
    size_t n = (size_t)m->cols + (size_t)m->rows + 1, r = (size_t)m->rows + 1;
    size_t nz = (size_t)m->nz + r;
    f->begin = arena_take(a, n + 1, sizeof *f->begin);
    f->at_row = arena_take(a, nz, sizeof *f->at_row);
    f->value = arena_take(a, nz, sizeof *f->value);
    f->cost = arena_take(a, n, sizeof *f->cost);
    f->lo = arena_take(a, n, sizeof *f->lo);
    f->hi = arena_take(a, n, sizeof *f->hi);
    f->right = arena_take(a, r, sizeof *f->right);
    f->col_of = arena_take(a, n, sizeof *f->col_of);
    f->row_of = arena_take(a, r, sizeof *f->row_of);
    f->col_scale = arena_take(a, n, sizeof *f->col_scale);
    f->row_scale = arena_take(a, r, sizeof *f->row_scale);
    f->settled = arena_take(a, n, sizeof *f->settled);
    return f->begin && f->at_row && f->value && f->cost && f->lo && f->hi && f->right &&
                   f->col_of && f->row_of && f->col_scale && f->row_scale && f->settled
               ? ERR_OK
               : ERR_NOMEM;
}

/* Value of a column that no row holds: where it is cheapest. */
static double cheapest(double cost, double lo, double hi)
{
    if (cost != 0) {
        return cost > 0 ? lo : hi;
    }
    return fmin(fmax(0, lo), hi);
}

/* Appends a column; its coefficients follow. */
static void append(struct standard *f, int col_of, double cost, const double bounds[2])
{
    f->col_of[f->cols] = col_of;
    f->cost[f->cols] = cost;
    f->lo[f->cols] = bounds[0];
    f->hi[f->cols] = bounds[1];
    f->cols++;
}

/* Columns of the matrix that are open, with what of them stands in rows that are on; the others
 * settle, and their part goes to the right side. place: new index of each row, or -1. */
static enum err put_cols(struct standard *f, const struct matrix *m, const struct presolve *p,
                         const int *place)
{
    int nz = 0;
    for (int c = 0; c < m->cols; c++) {
        int before = nz;
        bool fixed = p->lo[c] == p->hi[c];
        for (int i = m->col_begin[c]; i < m->col_begin[c + 1]; i++) {
            int row = place[m->at_row[i]];
            if (row >= 0 && fixed) {
                f->right[row] -= m->value[i] * p->lo[c];
            } else if (row >= 0) {
                f->at_row[nz] = row;
                f->value[nz++] = m->value[i];
            }
        }
        if (nz > before) {
            append(f, c, m->cost[c], (double[2]){p->lo[c], p->hi[c]});
            f->begin[f->cols] = nz;
            continue;
        }
        f->settled[c] = fixed ? p->lo[c] : cheapest(m->cost[c], p->lo[c], p->hi[c]);
        if (!isfinite(f->settled[c])) {
            return ERR_LIMIT;
        }
    }
    return ERR_OK;
}

/* The activities of rows that are no equations; right sides of those that are. */
static void put_rows(struct standard *f, const struct matrix *m)
{
    int nz = f->begin[f->cols];
    for (int r = 0; r < f->rows; r++) {
        int row = f->row_of[r];
        if (is_equation(m, row)) {
            f->right[r] += m->row_lo[row];
            continue;
        }
        append(f, -1, 0, (double[2]){m->row_lo[row], m->row_hi[row]});
        f->at_row[nz] = r;
        f->value[nz++] = -1;
        f->begin[f->cols] = nz;
    }
}

/* The power of two next to 1 / sqrt(largest). */
static double step_of(double largest)
{
    return largest > 0 ? exp2(-round(0.5 * log2(largest))) : 1;
}

/* One round: all rows, then all columns. most: scratch, one per row. */
static void scale_round(struct standard *f, double *most)
{
    memset(most, 0, (size_t)f->rows * sizeof *most);
    for (int i = 0; i < f->begin[f->cols]; i++) {
        most[f->at_row[i]] = fmax(most[f->at_row[i]], fabs(f->value[i]));
    }
    for (int r = 0; r < f->rows; r++) {
        most[r] = step_of(most[r]);
        f->row_scale[r] *= most[r];
    }
    for (int c = 0; c < f->cols; c++) {
        double largest = 0;
        for (int i = f->begin[c]; i < f->begin[c + 1]; i++) {
            f->value[i] *= most[f->at_row[i]];
            largest = fmax(largest, fabs(f->value[i]));
        }
        double s = step_of(largest);
        f->col_scale[c] *= s;
        for (int i = f->begin[c]; i < f->begin[c + 1]; i++) {
            f->value[i] *= s;
        }
    }
}

/* Costs come to a geometric mean of 1. */
static void scale_cost(struct standard *f)
{
    double sum = 0;
    int n = 0;
    for (int c = 0; c < f->cols; c++) {
        f->cost[c] *= f->col_scale[c];
        sum += f->cost[c] != 0 ? log2(fabs(f->cost[c])) : 0;
        n += f->cost[c] != 0 ? 1 : 0;
    }
    f->cost_scale = n > 0 ? exp2(-round(sum / n)) : 1;
    for (int c = 0; c < f->cols; c++) {
        f->cost[c] *= f->cost_scale;
    }
}

static void scale(struct standard *f, double *most)
{
    for (int c = 0; c < f->cols; c++) {
        f->col_scale[c] = 1;
    }
    for (int r = 0; r < f->rows; r++) {
        f->row_scale[r] = 1;
    }
    for (int k = 0; k < SCALE_ROUNDS; k++) {
        scale_round(f, most);
    }
    scale_cost(f);
    for (int c = 0; c < f->cols; c++) {
        f->lo[c] /= f->col_scale[c];
        f->hi[c] /= f->col_scale[c];
    }
    for (int r = 0; r < f->rows; r++) {
        f->right[r] *= f->row_scale[r];
    }
}

static bool all_finite(const struct standard *f)
{
    double sum = 0; /* 0 * x is NaN where x is not finite */
    for (int i = 0; i < f->begin[f->cols]; i++) {
        sum += 0 * f->value[i];
    }
    for (int c = 0; c < f->cols; c++) {
        sum += 0 * f->cost[c];
    }
    for (int r = 0; r < f->rows; r++) {
        sum += 0 * f->right[r];
    }
    return isfinite(sum);
}

enum err standard_build(const struct matrix *m, const struct presolve *p, struct arena *a,
                        struct standard *out)
{
    struct standard f = {.rows = 0};
    int *place = arena_take(a, (size_t)m->rows + 1, sizeof *place);
    double *most = arena_take(a, (size_t)m->rows + 1, sizeof *most);
    enum err e = place && most ? take(&f, m, a) : ERR_NOMEM;
    if (e != ERR_OK) {
        return e;
    }
    for (int r = 0; r < m->rows; r++) {
        place[r] = p->off[r] ? -1 : f.rows;
        if (!p->off[r]) {
            f.row_of[f.rows++] = r;
        }
    }
    e = put_cols(&f, m, p, place);
    if (e != ERR_OK) {
        return e;
    }
    put_rows(&f, m);
    scale(&f, most);
    if (!all_finite(&f)) {
        return ERR_NUMERIC;
    }
    *out = f;
    return ERR_OK;
}

void standard_point(const struct standard *f, const struct matrix *m, const double *ours,
                    double *x)
{
    memcpy(x, f->settled, (size_t)m->cols * sizeof *x);
    for (int c = 0; c < f->cols && f->col_of[c] >= 0; c++) {
        x[f->col_of[c]] = f->col_scale[c] * ours[c];
    }
}

void standard_duals(const struct standard *f, const struct matrix *m, const double *ours,
                    double *y)
{
    memset(y, 0, (size_t)m->rows * sizeof *y);
    for (int r = 0; r < f->rows; r++) {
        y[f->row_of[r]] = f->row_scale[r] / f->cost_scale * ours[r];
    }
}
