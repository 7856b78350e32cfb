/* CHOLMOD and COLAMD behind plain arrays. Owns their workspace; malloc only here (foreign
 * library). */
#include "optimizer/cholmod_door.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <suitesparse/cholmod.h>
#include <suitesparse/colamd.h>

/* Added to the diagonal: first try, factor from try to try, last. */
static const double SHIFT = 1e-12, SHIFT_GROWS = 100, SHIFT_MAX = 1e-5;

struct normal {
    cholmod_common common;
    cholmod_sparse scaled; /* A sqrt(D), in the pattern of the caller's A */
    const double *value;
    cholmod_factor *factor;
    cholmod_dense *solution, *work_y, *work_e;
    double shift;
};

static void begin_common(cholmod_common *c)
{
    cholmod_start(c);
    c->supernodal = CHOLMOD_SIMPLICIAL;
    c->nmethods = 1;
    c->method[0].ordering = CHOLMOD_AMD;
    c->postorder = 1;
    c->print = 0;
}

enum err normal_open(const struct sparse *a, double fill_max, struct normal **out)
{
    struct normal *k = calloc(1, sizeof *k);
    size_t nz = (size_t)a->begin[a->cols];
    double *scaled = calloc(nz + 1, sizeof *scaled);
    if (!k || !scaled) {
        free(scaled);
        free(k);
        return ERR_NOMEM;
    }
    begin_common(&k->common);
    k->value = a->value;
    k->shift = SHIFT;
    /* CHOLMOD does not write to the pattern, though its types do not say so. */
    k->scaled = (cholmod_sparse){.nrow = (size_t)a->rows,
                                 .ncol = (size_t)a->cols,
                                 .nzmax = nz,
                                 .p = (void *)(size_t)a->begin,
                                 .i = (void *)(size_t)a->at_row,
                                 .x = scaled,
                                 .itype = CHOLMOD_INT,
                                 .xtype = CHOLMOD_REAL,
                                 .dtype = CHOLMOD_DOUBLE,
                                 .packed = 1};
    k->factor = cholmod_analyze(&k->scaled, &k->common);
    enum err e = k->factor ? ERR_OK : ERR_NOMEM;
    if (e == ERR_OK && k->common.lnz > fill_max) {
        e = ERR_LIMIT;
    }
    if (e != ERR_OK) {
        normal_close(k);
        return e;
    }
    *out = k;
    return ERR_OK;
}

void normal_close(struct normal *k)
{
    if (!k) {
        return;
    }
    cholmod_free_factor(&k->factor, &k->common);
    cholmod_free_dense(&k->solution, &k->common);
    cholmod_free_dense(&k->work_y, &k->common);
    cholmod_free_dense(&k->work_e, &k->common);
    cholmod_finish(&k->common);
    free(k->scaled.x);
    free(k);
}

enum err normal_factor(struct normal *k, const double *d)
{
    const int *begin = k->scaled.p;
    double *x = k->scaled.x;
    for (size_t c = 0; c < k->scaled.ncol; c++) {
        if (!(d[c] > 0 && isfinite(d[c]))) {
            return ERR_NUMERIC;
        }
        double root = sqrt(d[c]);
        for (int i = begin[c]; i < begin[c + 1]; i++) {
            x[i] = k->value[i] * root;
        }
    }
    for (; k->shift <= SHIFT_MAX; k->shift *= SHIFT_GROWS) {
        double beta[2] = {k->shift, 0};
        if (!cholmod_factorize_p(&k->scaled, beta, NULL, 0, k->factor, &k->common)) {
            return k->common.status == CHOLMOD_OUT_OF_MEMORY ? ERR_NOMEM : ERR_NUMERIC;
        }
        if (k->common.status == CHOLMOD_OK && k->factor->minor == k->factor->n) {
            return ERR_OK;
        }
    }
    return ERR_NUMERIC;
}

enum err normal_solve(struct normal *k, const double *in, double *out)
{
    size_t n = k->scaled.nrow;
    cholmod_dense right = {.nrow = n,
                           .ncol = 1,
                           .nzmax = n,
                           .d = n,
                           .x = (void *)(size_t)in,
                           .xtype = CHOLMOD_REAL,
                           .dtype = CHOLMOD_DOUBLE};
    if (!cholmod_solve2(CHOLMOD_A, k->factor, &right, NULL, &k->solution, NULL, &k->work_y,
                        &k->work_e, &k->common)) {
        return ERR_NUMERIC;
    }
    memcpy(out, k->solution->x, n * sizeof *out);
    return ERR_OK;
}

enum err sparse_col_order(const struct sparse *a, int *order)
{
    int nz = a->begin[a->cols], stats[COLAMD_STATS];
    size_t room = colamd_recommended(nz, a->rows, a->cols);
    int *rows = calloc(room + 1, sizeof *rows);
    int *begin = calloc((size_t)a->cols + 1, sizeof *begin);
    enum err e = rows && begin && room > 0 ? ERR_OK : ERR_NOMEM;
    if (e == ERR_OK) {
        memcpy(rows, a->at_row, (size_t)nz * sizeof *rows);
        memcpy(begin, a->begin, ((size_t)a->cols + 1) * sizeof *begin);
        e = colamd(a->rows, a->cols, (int)room, rows, begin, NULL, stats) ? ERR_OK
                                                                          : ERR_NUMERIC;
    }
    if (e == ERR_OK) {
        memcpy(order, begin, (size_t)a->cols * sizeof *order);
    }
    free(rows);
    free(begin);
    return e;
}
