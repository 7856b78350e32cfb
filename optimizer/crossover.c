/* The further a column is from its bounds and the less it costs to move it, the more it belongs
 * into the basis (Bixby, Saltzman 1994). Candidates are taken tier by tier, within a tier in an
 * order that keeps LU sparse; the activities of rows fill up what is missing. */
#include "optimizer/crossover.h"
#include "optimizer/cholmod_door.h"
#include "optimizer/pivot.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A row this far from its bounds, also relative to its dual, is basic by itself; a column
 * nearer than NEAR to a bound is at it. */
static const double ROW_INSIDE = 1e-5, ROW_INSIDE_PER_DUAL = 1e-4, NEAR = 1e-7;
/* Least distance per reduced cost of each tier. */
static const double TIER[] = {1, 1e-3, 0};
enum { TIERS = sizeof TIER / sizeof TIER[0] };

struct candidate {
    double rank;
    int col;
};

struct crossover {
    const struct matrix *m;
    struct arena *arena;
    struct lp_basis *out;
    bool *row_in; /* rows that are basic by their own activity */
    struct candidate *candidate;
    int candidates;
    int *begin, *at_row, *order; /* scratch: a tier's pattern */
};

static enum lp_status at_bound(double v, double lo, double hi)
{
    if (lo == hi) {
        return LP_FIXED;
    }
    if (isinf(lo) && isinf(hi)) {
        return LP_LOOSE;
    }
    return v - lo <= hi - v ? LP_AT_LO : LP_AT_HI;
}

static void judge_rows(struct crossover *k, const double *x, const double *y, double *activity)
{
    const struct matrix *m = k->m;
    for (int i = 0; i < m->nz; i++) {
        activity[m->at_row[i]] += m->value[i] * x[m->at_col[i]];
    }
    for (int r = 0; r < m->rows; r++) {
        double inside = fmin(activity[r] - m->row_lo[r], m->row_hi[r] - activity[r]);
        k->row_in[r] = inside > ROW_INSIDE && inside > ROW_INSIDE_PER_DUAL * fabs(y[r]);
        k->out->row[r] =
            k->row_in[r] ? LP_BASIC : at_bound(activity[r], m->row_lo[r], m->row_hi[r]);
    }
}

static void judge_cols(struct crossover *k, const double *x, const double *y)
{
    const struct matrix *m = k->m;
    for (int c = 0; c < m->cols; c++) {
        double inside = fmin(x[c] - m->col_lo[c], m->col_hi[c] - x[c]), d = m->cost[c];
        for (int i = m->col_begin[c]; i < m->col_begin[c + 1]; i++) {
            d -= m->value[i] * y[m->at_row[i]];
        }
        k->out->col[c] = at_bound(x[c], m->col_lo[c], m->col_hi[c]);
        if (inside > NEAR && m->col_begin[c + 1] > m->col_begin[c]) {
            k->candidate[k->candidates++] = (struct candidate){inside / (1e-6 + fabs(d)), c};
        }
    }
}

/* Best first; the column's number decides between equals. */
static int by_rank(const void *a, const void *b)
{
    const struct candidate *p = a, *q = b;
    if (p->rank != q->rank) {
        return p->rank > q->rank ? -1 : 1;
    }
    return (p->col > q->col) - (p->col < q->col);
}

/* Order of candidates from..to for LU. */
static enum err order_tier(struct crossover *k, int from, int to)
{
    const struct matrix *m = k->m;
    int nz = 0;
    k->begin[0] = 0;
    for (int j = from; j < to; j++) {
        int c = k->candidate[j].col;
        for (int i = m->col_begin[c]; i < m->col_begin[c + 1]; i++) {
            if (!k->row_in[m->at_row[i]]) {
                k->at_row[nz++] = m->at_row[i];
            }
        }
        k->begin[j - from + 1] = nz;
    }
    struct sparse tier = {m->rows, to - from, k->begin, k->at_row, NULL};
    return sparse_col_order(&tier, k->order);
}

static enum err take_candidates(struct crossover *k, struct pivot *pivot)
{
    int from = 0;
    enum err e = ERR_OK;
    for (int t = 0; t < TIERS && e == ERR_OK; t++) {
        int to = from;
        while (to < k->candidates && k->candidate[to].rank >= TIER[t]) {
            to++;
        }
        e = to > from ? order_tier(k, from, to) : ERR_OK;
        for (int j = 0; j < to - from && e == ERR_OK; j++) {
            int c = k->candidate[from + k->order[j]].col;
            bool taken = false;
            e = pivot_add(pivot, c, &taken);
            k->out->col[c] = taken ? LP_BASIC : k->out->col[c];
        }
        from = to;
    }
    return e;
}

enum err crossover_run(const struct matrix *m, const double *x, const double *y,
                       struct arena *a, struct lp_basis *out)
{
    size_t cols = (size_t)m->cols + 1, rows = (size_t)m->rows + 1;
    struct pivot pivot;
    struct crossover k = {.m = m, .arena = a, .out = out};
    double *activity = arena_take(a, rows, sizeof *activity);
    k.row_in = arena_take(a, rows, sizeof *k.row_in);
    k.candidate = arena_take(a, cols, sizeof *k.candidate);
    k.begin = arena_take(a, cols, sizeof *k.begin);
    k.order = arena_take(a, cols, sizeof *k.order);
    k.at_row = arena_take(a, (size_t)m->nz + 1, sizeof *k.at_row);
    if (!activity || !k.row_in || !k.candidate || !k.begin || !k.order || !k.at_row) {
        return ERR_NOMEM;
    }
    judge_rows(&k, x, y, activity);
    judge_cols(&k, x, y);
    qsort(k.candidate, (size_t)k.candidates, sizeof *k.candidate, by_rank);
    enum err e = pivot_init(&pivot, m, k.row_in, a);
    e = e == ERR_OK ? take_candidates(&k, &pivot) : e;
    for (int r = 0; r < m->rows && e == ERR_OK; r++) {
        if (pivot.place[r] < 0) {
            out->row[r] = LP_BASIC;
        }
    }
    return e;
}
