/* Rounds over the whole matrix until nothing changes: activities of all rows column by column,
 * then each row is judged. Pure. */
#include "optimizer/presolve.h"
#include <math.h>
#include <string.h>

enum { ROUNDS_MAX = 20 };
/* Columns this close together, relative, are fixed; rows broken by less are not broken. */
static const double FIXED_PU = 1e-9;
static const double BROKEN_PU = 1e-6;

/* What the columns can make of a row. */
struct reach {
    double fixed;       /* sum over the fixed columns */
    double least, most; /* sums over the open ones, as far as finite */
    int least_inf, most_inf;
    int open, last; /* open columns; the coefficient of the last of them */
};

static void measure(const struct presolve *p, const struct matrix *m, struct reach *reach)
{
    memset(reach, 0, (size_t)m->rows * sizeof *reach);
    for (int i = 0; i < m->nz; i++) {
        struct reach *r = &reach[m->at_row[i]];
        double v = m->value[i], lo = p->lo[m->at_col[i]], hi = p->hi[m->at_col[i]];
        if (v == 0 || lo == hi) {
            r->fixed += v == 0 ? 0 : v * lo;
            continue;
        }
        double low = v > 0 ? lo : hi, high = v > 0 ? hi : lo;
        r->open++;
        r->last = i;
        r->least_inf += isinf(low) ? 1 : 0;
        r->most_inf += isinf(high) ? 1 : 0;
        r->least += isinf(low) ? 0 : v * low;
        r->most += isinf(high) ? 0 : v * high;
    }
}

/* lo..hi may cross by a rounding error only; then they meet. */
static enum err narrow(struct presolve *p, int c, double lo, double hi)
{
    lo = fmax(lo, p->lo[c]);
    hi = fmin(hi, p->hi[c]);
    double size = isfinite(lo) ? fmax(1, fabs(lo)) : 1;
    if (lo > hi + BROKEN_PU * size) {
        return ERR_INFEASIBLE;
    }
    if (hi - lo <= FIXED_PU * size) {
        lo = hi = fmin(fmax(lo, p->lo[c]), p->hi[c]);
    }
    p->lo[c] = lo;
    p->hi[c] = hi;
    return ERR_OK;
}

/* A row with one open column: its bounds. */
static enum err to_bound(struct presolve *p, const struct matrix *m, int row, struct reach r)
{
    double v = m->value[r.last];
    double a = (m->row_lo[row] - r.fixed) / v, b = (m->row_hi[row] - r.fixed) / v;
    int col = m->at_col[r.last];
    p->off[row] = true;
    p->bound[p->bounds++] = (struct presolve_bound){row, col, v, fmin(a, b), fmax(a, b)};
    return narrow(p, col, fmin(a, b), fmax(a, b));
}

/* One row: broken, a bound, or nothing. */
static enum err judge(struct presolve *p, const struct matrix *m, int row, struct reach r)
{
    double lo = m->row_lo[row] - r.fixed, hi = m->row_hi[row] - r.fixed;
    double least = r.least_inf ? -HUGE_VAL : r.least, most = r.most_inf ? HUGE_VAL : r.most;
    double give = BROKEN_PU * fmax(1, fabs(r.fixed));
    if (most < lo - give || least > hi + give) {
        return ERR_INFEASIBLE;
    }
    if (r.open == 1) {
        return to_bound(p, m, row, r);
    }
    p->off[row] = r.open == 0 || (least >= lo && most <= hi);
    return ERR_OK;
}

enum err presolve_run(const struct matrix *m, const double *lo, const double *hi,
                      struct arena *a, struct presolve *out)
{
    size_t rows = (size_t)m->rows + 1, cols = (size_t)m->cols + 1;
    struct presolve p = {.bounds = 0};
    p.lo = arena_take(a, cols, sizeof *p.lo);
    p.hi = arena_take(a, cols, sizeof *p.hi);
    p.off = arena_take(a, rows, sizeof *p.off);
    p.bound = arena_take(a, rows, sizeof *p.bound);
    struct reach *reach = arena_take(a, rows, sizeof *reach);
    if (!p.lo || !p.hi || !p.off || !p.bound || !reach) {
        return ERR_NOMEM;
    }
    enum err e = ERR_OK;
    for (int c = 0; c < m->cols && e == ERR_OK; c++) {
        p.lo[c] = lo[c];
        p.hi[c] = hi[c];
        e = narrow(&p, c, lo[c], hi[c]);
    }
    int before = -1;
    for (int k = 0; k < ROUNDS_MAX && p.bounds > before && e == ERR_OK; k++) {
        before = p.bounds;
        measure(&p, m, reach);
        for (int r = 0; r < m->rows && e == ERR_OK; r++) {
            e = p.off[r] ? ERR_OK : judge(&p, m, r, reach[r]);
        }
    }
    if (e == ERR_OK) {
        *out = p;
    }
    return e;
}

/* Last found, first undone: when a row's turn comes, what is left of its column's reduced cost
 * is the row's, if it was the row that set the bound. */
void presolve_duals(const struct presolve *p, const struct matrix *m, double *y)
{
    for (int k = p->bounds - 1; k >= 0; k--) {
        struct presolve_bound b = p->bound[k];
        double left = m->cost[b.col];
        for (int i = m->col_begin[b.col]; i < m->col_begin[b.col + 1]; i++) {
            left -= m->value[i] * y[m->at_row[i]];
        }
        bool held = left > 0 ? b.lo >= p->lo[b.col] : b.hi <= p->hi[b.col];
        y[b.row] = held ? left / b.value : 0;
    }
}
