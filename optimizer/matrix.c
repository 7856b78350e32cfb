/* The sparse matrix: two passes, then sorted by column with equal places merged. Pure. */
#include "optimizer/matrix.h"
#include <math.h>
#include <string.h>

void matrix_init(struct matrix *m)
{
    memset(m, 0, sizeof *m);
    m->counting = true;
}

enum err matrix_fill(struct matrix *m, struct arena *a)
{
    size_t c = (size_t)m->cols + 1, r = (size_t)m->rows + 1, z = (size_t)m->nz + 1;
    struct matrix n = {.counting = false};
    n.col_lo = arena_take(a, c, sizeof(double));
    n.col_hi = arena_take(a, c, sizeof(double));
    n.cost = arena_take(a, c, sizeof(double));
    n.integer = arena_take(a, c, 1);
    n.row_lo = arena_take(a, r, sizeof(double));
    n.row_hi = arena_take(a, r, sizeof(double));
    n.at_row = arena_take(a, z, sizeof(int));
    n.at_col = arena_take(a, z, sizeof(int));
    n.value = arena_take(a, z, sizeof(double));
    n.col_begin = arena_take(a, c, sizeof(int));
    if (!n.col_lo || !n.col_hi || !n.cost || !n.integer || !n.row_lo || !n.row_hi ||
        !n.at_row || !n.at_col || !n.value || !n.col_begin) {
        return ERR_NOMEM;
    }
    *m = n;
    return ERR_OK;
}

/* Coefficients in the order of their columns; stable. Fills col_begin. */
static enum err sort_by_col(struct matrix *m, struct arena *a)
{
    int *row = arena_take(a, (size_t)m->nz + 1, sizeof(int));
    int *col = arena_take(a, (size_t)m->nz + 1, sizeof(int));
    double *value = arena_take(a, (size_t)m->nz + 1, sizeof(double));
    int *next = arena_take(a, (size_t)m->cols + 1, sizeof(int));
    if (!row || !col || !value || !next) {
        return ERR_NOMEM;
    }
    for (int i = 0; i < m->nz; i++) {
        m->col_begin[m->at_col[i] + 1]++;
    }
    for (int c = 0; c < m->cols; c++) {
        m->col_begin[c + 1] += m->col_begin[c];
        next[c] = m->col_begin[c];
    }
    for (int i = 0; i < m->nz; i++) {
        int to = next[m->at_col[i]]++;
        row[to] = m->at_row[i];
        col[to] = m->at_col[i];
        value[to] = m->value[i];
    }
    m->at_row = row;
    m->at_col = col;
    m->value = value;
    return ERR_OK;
}

enum err matrix_finish(struct matrix *m, struct arena *a)
{
    int *seen = arena_take(a, (size_t)m->rows + 1, sizeof(int));
    enum err e = seen ? sort_by_col(m, a) : ERR_NOMEM;
    if (e != ERR_OK) {
        return e;
    }
    int out = 0;
    for (int c = 0; c < m->cols; c++) {
        int begin = m->col_begin[c], end = m->col_begin[c + 1];
        m->col_begin[c] = out;
        for (int i = begin; i < end; i++) {
            if (!isfinite(m->value[i])) {
                return ERR_NUMERIC;
            }
            int r = m->at_row[i], old = seen[r] - 1;
            if (old >= m->col_begin[c] && old < out && m->at_col[old] == c) {
                m->value[old] += m->value[i];
                continue;
            }
            m->at_row[out] = r;
            m->at_col[out] = c;
            m->value[out] = m->value[i];
            seen[r] = ++out;
        }
        if (!isfinite(m->cost[c]) || isnan(m->col_lo[c]) || isnan(m->col_hi[c])) {
            return ERR_NUMERIC;
        }
    }
    m->col_begin[m->cols] = out;
    m->nz = out;
    return ERR_OK;
}

int matrix_col(struct matrix *m, const double bounds[2], double cost, enum matrix_kind kind)
{
    if (!m->counting) {
        m->col_lo[m->cols] = bounds[0];
        m->col_hi[m->cols] = bounds[1];
        m->cost[m->cols] = cost;
        m->integer[m->cols] = kind == MATRIX_INTEGER;
    }
    return m->cols++;
}

int matrix_row(struct matrix *m, double lo, double hi)
{
    if (!m->counting) {
        m->row_lo[m->rows] = lo;
        m->row_hi[m->rows] = hi;
    }
    return m->rows++;
}

void matrix_put(struct matrix *m, int row, int col, double value)
{
    if (value == 0) {
        return;
    }
    if (!m->counting) {
        m->at_row[m->nz] = row;
        m->at_col[m->nz] = col;
        m->value[m->nz] = value;
    }
    m->nz++;
}

void matrix_shift(struct matrix *m, int row, double amount)
{
    if (!m->counting) {
        m->row_lo[row] += amount;
        m->row_hi[row] += amount;
    }
}

void matrix_constant(struct matrix *m, double cost)
{
    if (!m->counting) {
        m->offset += cost;
    }
}
