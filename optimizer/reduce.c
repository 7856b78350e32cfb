/* Presolve and rounding in turn until nothing changes, then the rest is written as a matrix of
 * its own. Equal columns are a union: the first one stands for all. Pure. */
#include "optimizer/reduce.h"
#include "optimizer/presolve.h"
#include <math.h>
#include <string.h>

enum { ROUNDS_MAX = 8 };
/* A bound of an integer column is rounded inwards when it is further than this from an integer.
 */
static const double INTEGRAL = 1e-6;

struct work {
    struct reduce *out;
    struct presolve pre;
    double *lo, *hi;
    int *same; /* union of columns: towards the first one */
    int *fill; /* open columns per row */
};

static int first_of(const int *same, int c)
{
    while (same[c] != c) {
        c = same[c];
    }
    return c;
}

/* Rows "a - b <= 0" of integer columns that are tight join a and b. Between real ones the room
 * that a dual leaves is no whole step: they may still differ a little. */
static void join(struct work *w, const bool *tight, struct arena *a)
{
    const struct matrix *m = w->out->of;
    struct {
        int count, plus, minus;
    } *pair = arena_take(a, (size_t)m->rows + 1, sizeof *pair);
    for (int i = 0; i < m->nz && pair; i++) {
        int r = m->at_row[i];
        pair[r].count++;
        pair[r].plus = m->value[i] == 1 ? m->at_col[i] + 1 : pair[r].plus;
        pair[r].minus = m->value[i] == -1 ? m->at_col[i] + 1 : pair[r].minus;
    }
    for (int r = 0; r < m->rows && pair; r++) {
        bool fits = tight[r] && pair[r].count == 2 && pair[r].plus && pair[r].minus &&
                    m->row_hi[r] == 0;
        int p = fits ? first_of(w->same, pair[r].plus - 1) : 0;
        int q = fits ? first_of(w->same, pair[r].minus - 1) : 0;
        if (p != q && m->integer[p] && m->integer[q]) {
            w->same[p > q ? p : q] = p > q ? q : p;
        }
    }
}

/* Equal columns share their bounds; integer ones have integer bounds. false: contradiction. */
static bool share_bounds(struct work *w, bool *moved)
{
    const struct matrix *m = w->out->of;
    *moved = false;
    for (int c = 0; c < m->cols; c++) {
        if (m->integer[c]) {
            double lo = ceil(w->lo[c] - INTEGRAL), hi = floor(w->hi[c] + INTEGRAL);
            *moved = *moved || lo != w->lo[c] || hi != w->hi[c];
            w->lo[c] = lo;
            w->hi[c] = hi;
        }
        int f = first_of(w->same, c);
        w->lo[f] = fmax(w->lo[f], w->lo[c]);
        w->hi[f] = fmin(w->hi[f], w->hi[c]);
    }
    for (int c = 0; c < m->cols; c++) {
        int f = first_of(w->same, c);
        *moved = *moved || w->lo[c] != w->lo[f] || w->hi[c] != w->hi[f];
        w->lo[c] = w->lo[f];
        w->hi[c] = w->hi[f];
        if (w->lo[c] > w->hi[c]) {
            return false;
        }
    }
    return true;
}

static enum err settle(struct work *w, struct arena *a)
{
    const struct matrix *m = w->out->of;
    bool moved = true;
    enum err e = share_bounds(w, &moved) ? ERR_OK : ERR_INFEASIBLE;
    moved = true;
    for (int k = 0; k < ROUNDS_MAX && moved && e == ERR_OK; k++) {
        e = presolve_run(m, w->lo, w->hi, a, &w->pre);
        if (e == ERR_OK) {
            memcpy(w->lo, w->pre.lo, (size_t)m->cols * sizeof *w->lo);
            memcpy(w->hi, w->pre.hi, (size_t)m->cols * sizeof *w->hi);
            e = share_bounds(w, &moved) ? ERR_OK : ERR_INFEASIBLE;
        }
    }
    /* the last rounding may have opened rows that were found to say nothing: they still do,
     * bounds only narrow */
    return e;
}

/* Numbers the columns and rows that stay. */
static void number(struct work *w)
{
    struct reduce *o = w->out;
    const struct matrix *m = o->of;
    int cols = 0, rows = 0;
    for (int c = 0; c < m->cols; c++) {
        int f = first_of(w->same, c);
        bool settled = w->lo[f] == w->hi[f];
        o->value[c] = settled ? w->lo[f] : 0;
        o->col[c] = settled ? -1 : f == c ? cols++ : o->col[f];
    }
    for (int i = 0; i < m->nz; i++) {
        w->fill[m->at_row[i]] += o->col[m->at_col[i]] >= 0;
    }
    for (int r = 0; r < m->rows; r++) {
        o->row[r] = w->pre.off[r] || w->fill[r] == 0 ? -1 : rows++;
    }
}

/* One pass of writing: see matrix.h. */
static void write(const struct work *w)
{
    struct reduce *o = w->out;
    const struct matrix *of = o->of;
    matrix_constant(&o->m, of->offset);
    for (int c = 0; c < of->cols; c++) {
        if (o->col[c] < 0) {
            matrix_constant(&o->m, of->cost[c] * o->value[c]);
        } else if (first_of(w->same, c) == c) {
            matrix_col(&o->m, (double[2]){w->lo[c], w->hi[c]}, 0,
                       of->integer[c] ? MATRIX_INTEGER : MATRIX_REAL);
        }
    }
    for (int r = 0; r < of->rows; r++) {
        if (o->row[r] >= 0) {
            matrix_row(&o->m, of->row_lo[r], of->row_hi[r]);
        }
    }
    for (int c = 0; c < of->cols; c++) {
        if (o->col[c] >= 0 && !o->m.counting) {
            o->m.cost[o->col[c]] += of->cost[c];
        }
        for (int i = of->col_begin[c]; i < of->col_begin[c + 1]; i++) {
            int r = o->row[of->at_row[i]];
            if (r >= 0 && o->col[c] < 0) {
                matrix_shift(&o->m, r, -of->value[i] * o->value[c]);
            } else if (r >= 0) {
                matrix_put(&o->m, r, o->col[c], of->value[i]);
            }
        }
    }
}

enum err reduce_run(const struct matrix *m, const struct reduce_facts *facts, struct arena *a,
                    struct reduce *out)
{
    size_t cols = (size_t)m->cols + 1, rows = (size_t)m->rows + 1;
    struct work w = {.out = out};
    *out = (struct reduce){.of = m};
    out->col = arena_take(a, cols, sizeof *out->col);
    out->value = arena_take(a, cols, sizeof *out->value);
    out->row = arena_take(a, rows, sizeof *out->row);
    w.lo = arena_take(a, cols, sizeof *w.lo);
    w.hi = arena_take(a, cols, sizeof *w.hi);
    w.same = arena_take(a, cols, sizeof *w.same);
    w.fill = arena_take(a, rows, sizeof *w.fill);
    if (!out->col || !out->value || !out->row || !w.lo || !w.hi || !w.same || !w.fill) {
        return ERR_NOMEM;
    }
    memcpy(w.lo, facts->lo, (size_t)m->cols * sizeof *w.lo);
    memcpy(w.hi, facts->hi, (size_t)m->cols * sizeof *w.hi);
    for (int c = 0; c < m->cols; c++) {
        w.same[c] = c;
    }
    if (facts->tight) {
        join(&w, facts->tight, a);
    }
    enum err e = settle(&w, a);
    if (e != ERR_OK) {
        return e;
    }
    number(&w);
    matrix_init(&out->m);
    write(&w);
    e = matrix_fill(&out->m, a);
    if (e != ERR_OK) {
        return e;
    }
    write(&w);
    return matrix_finish(&out->m, a);
}

void reduce_whole(const struct reduce *r, const double *ours, double *x)
{
    for (int c = 0; c < r->of->cols; c++) {
        x[c] = r->col[c] < 0 ? r->value[c] : ours[r->col[c]];
    }
}

void reduce_small(const struct reduce *r, const double *x, double *ours)
{
    for (int c = 0; c < r->of->cols; c++) {
        if (r->col[c] >= 0) {
            ours[r->col[c]] = x[c];
        }
    }
}

void reduce_duals(const struct reduce *r, const double *y, double *ours)
{
    for (int i = 0; i < r->of->rows; i++) {
        if (r->row[i] >= 0) {
            ours[r->row[i]] = y[i];
        }
    }
}
