/* CHOLMOD and COLAMD behind plain arrays. Owns their workspace for the time of a call; malloc
 * only here (foreign library). */
#include "optimizer/cholmod_door.h"
#include <stdlib.h>
#include <string.h>
#include <suitesparse/cholmod.h>
#include <suitesparse/colamd.h>

static void begin_common(cholmod_common *c)
{
    cholmod_start(c);
    c->supernodal = CHOLMOD_SUPERNODAL;
    c->nmethods = 1;
    c->method[0].ordering = CHOLMOD_AMD;
    c->postorder = 1;
    c->print = 0;
}

static enum err copy(const int *from, size_t n, struct arena *a, int **out)
{
    *out = arena_take(a, n + 1, sizeof **out);
    if (!*out) {
        return ERR_NOMEM;
    }
    memcpy(*out, from, n * sizeof **out);
    return ERR_OK;
}

static enum err copy_blocks(const cholmod_factor *f, struct arena *a, struct blocks *out)
{
    size_t n = f->nsuper + 1;
    out->rows = (int)f->n;
    out->count = (int)f->nsuper;
    enum err e = copy(f->Perm, f->n, a, &out->order);
    e = e == ERR_OK ? copy(f->super, n, a, &out->first) : e;
    e = e == ERR_OK ? copy(f->pi, n, a, &out->row_begin) : e;
    e = e == ERR_OK ? copy(f->px, n, a, &out->value_begin) : e;
    return e == ERR_OK ? copy(f->s, f->ssize, a, &out->at_row) : e;
}

enum err sparse_blocks(const struct sparse *a, double fill_max, struct arena *arena,
                       struct blocks *out)
{
    cholmod_common common;
    /* CHOLMOD does not write to the pattern, though its types do not say so. */
    cholmod_sparse pattern = {.nrow = (size_t)a->rows,
                              .ncol = (size_t)a->cols,
                              .nzmax = (size_t)a->begin[a->cols],
                              .p = (void *)(size_t)a->begin,
                              .i = (void *)(size_t)a->at_row,
                              .itype = CHOLMOD_INT,
                              .xtype = CHOLMOD_PATTERN,
                              .dtype = CHOLMOD_DOUBLE,
                              .packed = 1};
    begin_common(&common);
    cholmod_factor *f = cholmod_analyze(&pattern, &common);
    enum err e = f ? ERR_OK : ERR_NOMEM;
    if (e == ERR_OK && (common.lnz > fill_max || (double)f->xsize > 2 * fill_max)) {
        e = ERR_LIMIT;
    }
    e = e == ERR_OK ? copy_blocks(f, arena, out) : e;
    cholmod_free_factor(&f, &common);
    cholmod_finish(&common);
    return e;
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
