/* Rows beside the matrix's: mixed-integer rounding cuts, sums. Bases as bytes. Part of the
 * door; malloc only here (foreign library). */
#include "optimizer/glpk_handle.h"
#include <math.h>
#include <stdlib.h>

/* A cut must be broken by this much (distance of the solution from it) and be this plain: few
 * columns, coefficients of similar size, so that rounding cannot make it wrong. */
static const double BROKEN_MIN = 1e-3, SPREAD_MAX = 1e5;
enum { COLUMNS_MAX = 400 };

struct row {
    int len, *index;
    double *value, lo, hi;
};

static bool worth(const struct lp *k, const struct row *c)
{
    double sum = 0, square = 0, small = HUGE_VAL, large = 0;
    for (int j = 1; j <= c->len; j++) {
        double v = fabs(c->value[j]);
        sum += c->value[j] * glp_get_col_prim(k->prob, c->index[j]);
        square += v * v;
        small = fmin(small, v);
        large = fmax(large, v);
    }
    double broken = fmax(c->lo - sum, sum - c->hi) / sqrt(fmax(square, 1e-300));
    return c->len > 0 && c->len <= COLUMNS_MAX && large <= SPREAD_MAX * small &&
           broken > BROKEN_MIN;
}

/* Adds a row, its own variable basic. */
static void add(struct lp *k, const struct row *c, int type)
{
    int r = glp_add_rows(k->prob, 1);
    glp_set_mat_row(k->prob, r, c->len, c->index, c->value);
    glp_set_row_bnds(k->prob, r, type, c->lo, c->hi);
    glp_set_row_stat(k->prob, r, GLP_BS);
    k->rows++;
}

/* Appends the rows of a pool that are worth it, their own variables basic. */
static int append(struct lp *k, glp_prob *pool, struct row *c)
{
    int added = 0;
    for (int i = 1; i <= glp_get_num_rows(pool); i++) {
        c->len = glp_get_mat_row(pool, i, c->index, c->value);
        c->lo = glp_get_row_lb(pool, i);
        c->hi = glp_get_row_ub(pool, i);
        if (worth(k, c)) {
            add(k, c, glp_get_row_type(pool, i));
            added++;
        }
    }
    return added;
}

enum err lp_cut(struct lp *k, int *added)
{
    struct row c = {.index = calloc((size_t)k->cols + 1, sizeof *c.index),
                    .value = calloc((size_t)k->cols + 1, sizeof *c.value)};
    enum err e = c.index && c.value ? ERR_OK : ERR_NOMEM;
    if (e == ERR_OK) {
        glp_prob *pool = glp_create_prob();
        glp_mir *mir = glp_mir_init(k->prob);
        glp_add_cols(pool, k->cols);
        glp_mir_gen(k->prob, mir, pool);
        glp_mir_free(mir);
        *added = append(k, pool, &c);
        glp_delete_prob(pool);
    }
    free(c.index);
    free(c.value);
    return e;
}

enum err lp_add(struct lp *k, int len, const int *col, const double *value, double hi)
{
    struct row c = {.len = len,
                    .index = calloc((size_t)len + 1, sizeof *c.index),
                    .value = calloc((size_t)len + 1, sizeof *c.value),
                    .lo = -HUGE_VAL,
                    .hi = hi};
    enum err e = c.index && c.value ? ERR_OK : ERR_NOMEM;
    for (int i = 0; i < len && e == ERR_OK; i++) {
        c.index[i + 1] = col[i] + 1;
        c.value[i + 1] = value[i];
    }
    if (e == ERR_OK) {
        add(k, &c, GLP_UP);
    }
    free(c.index);
    free(c.value);
    return e;
}

enum err lp_sum(struct lp *k, const int *col, int count)
{
    int *index = calloc((size_t)count + 1, sizeof *index);
    double *value = calloc((size_t)count + 1, sizeof *value);
    enum err e = index && value ? ERR_OK : ERR_NOMEM;
    for (int j = 0; j < count && e == ERR_OK; j++) {
        index[j + 1] = col[j] + 1;
        value[j + 1] = 1;
    }
    if (e == ERR_OK) {
        int r = glp_add_rows(k->prob, 1);
        glp_set_mat_row(k->prob, r, count, index, value);
        glp_set_row_bnds(k->prob, r, GLP_FR, 0, 0);
        glp_set_row_stat(k->prob, r, GLP_BS);
        k->rows++;
    }
    free(index);
    free(value);
    return e;
}

enum err lp_uncut(struct lp *k, int keep)
{
    int n = 0, *slack = calloc((size_t)k->rows + 1, sizeof *slack);
    if (!slack) {
        return ERR_NOMEM;
    }
    for (int r = keep + 1; r <= k->rows; r++) {
        if (glp_get_row_stat(k->prob, r) == GLP_BS) {
            slack[++n] = r;
        }
    }
    if (n > 0) {
        glp_del_rows(k->prob, n, slack);
    }
    k->rows -= n;
    free(slack);
    return ERR_OK;
}

size_t lp_basis_bytes(const struct lp *k)
{
    return (size_t)k->rows + (size_t)k->cols;
}

void lp_basis_save(const struct lp *k, unsigned char *to)
{
    for (int r = 1; r <= k->rows; r++) {
        *to++ = (unsigned char)glp_get_row_stat(k->prob, r);
    }
    for (int c = 1; c <= k->cols; c++) {
        *to++ = (unsigned char)glp_get_col_stat(k->prob, c);
    }
}

void lp_basis_restore(struct lp *k, const unsigned char *from)
{
    for (int r = 1; r <= k->rows; r++) {
        glp_set_row_stat(k->prob, r, *from++);
    }
    for (int c = 1; c <= k->cols; c++) {
        glp_set_col_stat(k->prob, c, *from++);
    }
}
