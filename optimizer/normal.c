/* Left-looking over the blocks: each is filled with its part of A D A', takes what the blocks
 * before it subtract, and is factored as a dense panel (Ng, Peyton, Block sparse Cholesky
 * algorithms, SIAM J. Sci. Comput. 14, 1993). A block waits in the list of the next one that it
 * changes. Where a product of two coefficients goes is found out once. */
#include "optimizer/normal.h"
#include "optimizer/panel.h"
#include <math.h>
#include <string.h>

/* Added to the diagonal; a pivot below this share of its diagonal is rounding. */
static const double SHIFT = 1e-12, PIVOT_PU = 1e-14;

struct normal {
    struct sparse a;
    struct blocks f;
    double *x;                /* the factor */
    int *place;               /* per row of A: where it stands */
    int *block_of;            /* per place: its block */
    int *into;                /* per product of a column's coefficients: where in x */
    int *local;               /* scratch: place -> row in the present block */
    int *waiting, *next, *at; /* per block: list of those that wait, the list's links, the
                                 first row not yet used */
    double *product, *least, *y, *own;
};

static struct panel panel_of(const struct normal *k, int b)
{
    const struct blocks *f = &k->f;
    return (struct panel){k->x + f->value_begin[b], f->row_begin[b + 1] - f->row_begin[b],
                          f->first[b + 1] - f->first[b]};
}

/* Where the value of row `row` of column `col`, both places, row >= col, stands in x. */
static int index_in(const struct normal *k, int row, int col)
{
    const struct blocks *f = &k->f;
    int b = k->block_of[col], from = f->row_begin[b], to = f->row_begin[b + 1], begin = from;
    while (from < to) { /* rows ascend */
        int middle = from + (to - from) / 2;
        from = f->at_row[middle] < row ? middle + 1 : from;
        to = f->at_row[middle] < row ? to : middle;
    }
    int rows = f->row_begin[b + 1] - begin;
    return f->value_begin[b] + from - begin + (col - f->first[b]) * rows;
}

static void find_places(struct normal *k)
{
    const struct sparse *a = &k->a;
    int n = 0;
    for (int c = 0; c < a->cols; c++) {
        for (int i = a->begin[c]; i < a->begin[c + 1]; i++) {
            for (int j = a->begin[c]; j <= i; j++) {
                int p = k->place[a->at_row[i]], q = k->place[a->at_row[j]];
                k->into[n++] = p > q ? index_in(k, p, q) : index_in(k, q, p);
            }
        }
    }
}

/* How many products of two coefficients of a column there are. */
static size_t products(const struct sparse *a)
{
    size_t n = 0;
    for (int c = 0; c < a->cols; c++) {
        size_t here = (size_t)(a->begin[c + 1] - a->begin[c]);
        n += here * (here + 1) / 2;
    }
    return n;
}

/* Values that one block may subtract from another at once, at most. */
static size_t largest_product(const struct blocks *f)
{
    int widest = 0, most = 0;
    for (int b = 0; b < f->count; b++) {
        int cols = f->first[b + 1] - f->first[b];
        int rest = f->row_begin[b + 1] - f->row_begin[b] - cols;
        widest = cols > widest ? cols : widest;
        most = rest > most ? rest : most;
    }
    return (size_t)most * (size_t)(most < widest ? most : widest);
}

static enum err take(struct normal *k, struct arena *a)
{
    size_t n = (size_t)k->f.rows + 1, b = (size_t)k->f.count + 1;
    double **values[] = {&k->least, &k->y, &k->own};
    int **of_places[] = {&k->place, &k->block_of, &k->local};
    int **of_blocks[] = {&k->waiting, &k->next, &k->at};
    bool all = true;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        *values[i] = arena_take(a, n, sizeof(double));
        *of_places[i] = arena_take(a, n, sizeof(int));
        *of_blocks[i] = arena_take(a, b, sizeof(int));
        all = all && *values[i] && *of_places[i] && *of_blocks[i];
    }
    k->x = arena_take(a, (size_t)k->f.value_begin[k->f.count] + 1, sizeof *k->x);
    k->into = arena_take(a, products(&k->a) + 1, sizeof *k->into);
    k->product = arena_take(a, largest_product(&k->f) + 1, sizeof *k->product);
    return all && k->x && k->into && k->product ? ERR_OK : ERR_NOMEM;
}

enum err normal_open(const struct sparse *a, double fill_max, struct arena *arena,
                     struct normal **out)
{
    struct normal *k = arena_take(arena, 1, sizeof *k);
    if (!k) {
        return ERR_NOMEM;
    }
    k->a = *a;
    enum err e = sparse_blocks(a, fill_max, arena, &k->f);
    e = e == ERR_OK ? take(k, arena) : e;
    if (e != ERR_OK) {
        return e;
    }
    for (int i = 0; i < k->f.rows; i++) {
        k->place[k->f.order[i]] = i;
    }
    for (int b = 0; b < k->f.count; b++) {
        for (int c = k->f.first[b]; c < k->f.first[b + 1]; c++) {
            k->block_of[c] = b;
        }
    }
    find_places(k);
    *out = k;
    return ERR_OK;
}

/* A D A' into the factor's places; least pivots from its diagonal. */
static enum err fill(struct normal *k, const double *d)
{
    const struct sparse *a = &k->a;
    const int *into = k->into;
    memset(k->x, 0, (size_t)k->f.value_begin[k->f.count] * sizeof *k->x);
    for (int c = 0; c < a->cols; c++) {
        if (!(d[c] > 0 && isfinite(d[c]))) {
            return ERR_NUMERIC;
        }
        for (int i = a->begin[c]; i < a->begin[c + 1]; i++) {
            double v = a->value[i] * d[c];
            for (int j = a->begin[c]; j <= i; j++) {
                k->x[*into++] += v * a->value[j];
            }
        }
    }
    for (int b = 0; b < k->f.count; b++) {
        struct panel p = panel_of(k, b);
        for (int j = 0; j < p.cols; j++) {
            double *diagonal = &p.x[j + (ptrdiff_t)j * p.rows];
            *diagonal += SHIFT;
            k->least[k->f.first[b] + j] = PIVOT_PU * *diagonal;
        }
    }
    return ERR_OK;
}

/* Block b, used up to its row `at`, goes to the list of the block that it changes next. */
static void wait_for_next(struct normal *k, int b, int at)
{
    int row = k->f.row_begin[b] + at;
    k->at[b] = at;
    if (row < k->f.row_begin[b + 1]) {
        int to = k->block_of[k->f.at_row[row]];
        k->next[b] = k->waiting[to];
        k->waiting[to] = b;
    }
}

/* What block `from` subtracts from block `to`, whose places are in `local`. */
static void subtract(struct normal *k, int from, int to)
{
    const struct blocks *f = &k->f;
    struct panel p = panel_of(k, from), own = panel_of(k, to);
    const int *row = &f->at_row[f->row_begin[from] + k->at[from]];
    int n = p.rows - k->at[from], cols = 0;
    while (cols < n && row[cols] < f->first[to + 1]) {
        cols++;
    }
    panel_product(&p, k->at[from], cols, k->product);
    for (int j = 0; j < cols; j++) {
        double *x = own.x + (ptrdiff_t)(row[j] - f->first[to]) * own.rows;
        const double *product = k->product + (ptrdiff_t)j * n;
        for (int i = j; i < n; i++) {
            x[k->local[row[i]]] -= product[i];
        }
    }
    wait_for_next(k, from, k->at[from] + cols);
}

enum err normal_factor(struct normal *k, const double *d)
{
    const struct blocks *f = &k->f;
    enum err e = fill(k, d);
    for (int b = 0; b < f->count; b++) {
        k->waiting[b] = -1;
    }
    for (int b = 0; b < f->count && e == ERR_OK; b++) {
        struct panel p = panel_of(k, b);
        for (int i = 0; i < p.rows; i++) {
            k->local[f->at_row[f->row_begin[b] + i]] = i;
        }
        for (int from = k->waiting[b]; from >= 0;) {
            int then = k->next[from];
            subtract(k, from, b);
            from = then;
        }
        panel_factor(&p, &k->least[f->first[b]]);
        wait_for_next(k, b, p.cols);
    }
    return e;
}

/* A block's part of y to and from `own`. */
static void gather(const struct normal *k, int b, int rows)
{
    for (int i = 0; i < rows; i++) {
        k->own[i] = k->y[k->f.at_row[k->f.row_begin[b] + i]];
    }
}

static void scatter(const struct normal *k, int b, int rows)
{
    for (int i = 0; i < rows; i++) {
        k->y[k->f.at_row[k->f.row_begin[b] + i]] = k->own[i];
    }
}

void normal_solve(struct normal *k, const double *in, double *out)
{
    for (int i = 0; i < k->f.rows; i++) {
        k->y[i] = in[k->f.order[i]];
    }
    for (int b = 0; b < k->f.count; b++) {
        struct panel p = panel_of(k, b);
        gather(k, b, p.rows);
        panel_forward(&p, k->own);
        scatter(k, b, p.rows);
    }
    for (int b = k->f.count - 1; b >= 0; b--) {
        struct panel p = panel_of(k, b);
        gather(k, b, p.rows);
        panel_backward(&p, k->own);
        scatter(k, b, p.cols);
    }
    for (int i = 0; i < k->f.rows; i++) {
        out[k->f.order[i]] = k->y[i];
    }
}
