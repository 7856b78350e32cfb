/* Facts from the root, the small programme, its relaxation with cuts, the tree. */
#include "optimizer/proof.h"
#include "controller/base/clock.h"
#include "optimizer/crossover.h"
#include "optimizer/reduce.h"
#include "optimizer/window.h"
#include <math.h>
#include <string.h>

enum { ARENA_MAX = 160 * 1024 * 1024, MEMORY_MIB = 400, CUT_ROUNDS = 10 };
/* Smaller programmes close sooner without cuts: their nodes cost less than a round. */
enum { CUT_ROWS_MIN = 2000 };
/* How sure reduced costs are, relative to the cut-off; what counts as being at a bound. */
static const double SURE_PU = 1e-8, AT_BOUND = 1e-7;
/* A round of cuts that raises the bound by less than this of all rounds is the last. */
static const double ROUND_PU = 0.02;
/* What a cut over a window gives way for rounding, relative. */
static const double CUT_SLACK_PU = 1e-9;

struct work {
    const struct proof *p;
    struct lp_result *out;
    struct arena arena;
    struct reduce small;
    struct lp *lp;
    double *lo, *hi, *x, *y, *y_small;
    bool *tight;
    int *object_whole, *object, objects;
    int *order; /* scratch */
    int sums, sum_hi[PROBLEM_CONVERTERS_MAX];
    double spent, relaxed_yuan; /* of the small programme */
    struct window window;
    double *at, *row; /* a point of the whole; a cut's coefficients in the small programme */
    int *row_col;
    struct lp_basis basis;
    struct clock clock;
    mono_t begin;
};

/* Solutions from here on are not looked for. */
static double enough(const struct proof *p)
{
    return tree_enough(p->cutoff, p->gap_pu);
}

static struct lp_budget left(const struct work *w)
{
    struct lp_budget b = w->p->budget;
    double s = mono_s(mono_sub(clock_mono(&w->clock), w->begin));
    b.seconds = b.seconds > 0 ? fmax(b.seconds - s, 1e-3) : 0;
    b.work = b.work > 0 ? fmax(b.work - w->spent, 1) : 0;
    return b;
}

static enum err take(struct work *w)
{
    size_t cols = (size_t)w->p->md->m.cols + 1, rows = (size_t)w->p->md->m.rows + 1;
    double **of_cols[] = {&w->lo, &w->hi, &w->x, &w->at, &w->row},
           **of_rows[] = {&w->y, &w->y_small};
    bool all = true;
    for (size_t i = 0; i < sizeof of_cols / sizeof of_cols[0]; i++) {
        *of_cols[i] = arena_take(&w->arena, cols, sizeof(double));
        all = all && *of_cols[i];
    }
    for (size_t i = 0; i < sizeof of_rows / sizeof of_rows[0]; i++) {
        *of_rows[i] = arena_take(&w->arena, rows, sizeof(double));
        all = all && *of_rows[i];
    }
    w->row_col = arena_take(&w->arena, cols, sizeof *w->row_col);
    w->object = arena_take(&w->arena, cols, sizeof *w->object);
    w->order = arena_take(&w->arena, cols, sizeof *w->order);
    w->object_whole = arena_take(&w->arena, cols, sizeof *w->object_whole);
    w->basis.col = arena_take(&w->arena, cols, sizeof *w->basis.col);
    w->basis.row = arena_take(&w->arena, rows, sizeof *w->basis.row);
    w->tight = arena_take(&w->arena, rows, sizeof *w->tight);
    return all && w->row_col && w->order && w->object && w->object_whole && w->basis.col &&
                   w->basis.row && w->tight
               ? ERR_OK
               : ERR_NOMEM;
}

/* What reduced costs forbid to a solution below enough(): bounds of integer columns, and a
 * difference of two of them, whose row's dual is the price of one step. */
static void facts(struct work *w)
{
    const struct proof *p = w->p;
    const struct matrix *m = &p->md->m;
    double room = enough(p) - p->relaxed_yuan + SURE_PU * fmax(1, fabs(p->cutoff));
    memcpy(w->lo, m->col_lo, (size_t)m->cols * sizeof *w->lo);
    memcpy(w->hi, m->col_hi, (size_t)m->cols * sizeof *w->hi);
    for (int c = 0; c < m->cols && isfinite(room); c++) {
        double d = lp_col_dual(p->whole, c), steps = floor(room / fabs(d));
        if (m->integer[c] && d > 0 && p->relaxed[c] < m->col_lo[c] + AT_BOUND) {
            w->hi[c] = fmin(w->hi[c], m->col_lo[c] + steps);
        } else if (m->integer[c] && d < 0 && p->relaxed[c] > m->col_hi[c] - AT_BOUND) {
            w->lo[c] = fmax(w->lo[c], m->col_hi[c] - steps);
        }
    }
    for (int c = 0; c < m->cols && p->held; c++) {
        if (p->held[c]) {
            w->lo[c] = w->hi[c] = round(p->at[c]);
        }
    }
    for (int r = 0; r < m->rows; r++) {
        w->y[r] = lp_row_dual(p->whole, r);
        w->tight[r] = isfinite(room) && m->row_hi[r] == 0 && w->y[r] < -room;
    }
}

/* How often a unit starts is an integer in one of the best solutions, where starting costs. The
 * relaxation may keep a unit half on all day for half a start, and forbidding or forcing a
 * single step of it changes little. */
static enum err add_sums(struct work *w)
{
    const struct model *md = w->p->md;
    int *col = w->order;
    enum err e = ERR_OK;
    for (uint32_t i = 0; i < md->p->converter_count && e == ERR_OK; i++) {
        const struct problem_converter *c = &md->p->converter[i];
        int n = 0;
        bool each_once = true;
        for (uint32_t t = 0; md->on[i] >= 0 && c->start_yuan > 0 && t < md->p->steps; t++) {
            int at = w->small.col[md->start[i] + (int)t];
            each_once = each_once && (at < 0 || n == 0 || at > col[n - 1]);
            col[n] = at;
            n += at >= 0;
        }
        if (n > 0 && each_once) {
            e = lp_sum(w->lp, col, n);
            w->sum_hi[w->sums++] = n;
        }
    }
    return e;
}

/* The relaxation of the small programme, from the corner where that of the whole ended; of a
 * neighbourhood from its solution, which has all that is held. */
static enum err relax(struct work *w, struct lp_result *got)
{
    reduce_duals(&w->small, w->y, w->y_small);
    reduce_small(&w->small, w->p->held ? w->p->at : w->p->relaxed, w->x);
    if (crossover_run(&w->small.m, w->x, w->y_small, &w->arena, &w->basis) == ERR_OK) {
        lp_basis_load(w->lp, &w->basis);
    }
    enum err e = add_sums(w);
    if (e != ERR_OK) {
        return e;
    }
    struct lp_budget b = left(w);
    e = lp_relax(w->lp, &b, got);
    w->spent += got->work;
    w->relaxed_yuan = got->objective;
    return e;
}

/* A cut of the whole as a row of the small programme. */
static enum err put_cut(struct work *w, const struct window_cut *c)
{
    double hi = c->hi;
    int len = 0;
    memset(w->row, 0, (size_t)w->small.m.cols * sizeof *w->row);
    for (int i = 0; i < c->len; i++) {
        int to = w->small.col[c->col[i]];
        hi -= to < 0 ? c->value[i] * w->small.value[c->col[i]] : 0;
        w->row[to < 0 ? 0 : to] += to < 0 ? 0 : c->value[i];
    }
    for (int k = 0; k < w->small.m.cols; k++) {
        double v = w->row[k];
        if (v != 0) {
            w->row_col[len] = k;
            w->row[len++] = v;
        }
    }
    return lp_add(w->lp, len, w->row_col, w->row, hi + CUT_SLACK_PU * fmax(1, fabs(hi)));
}

/* Cuts over windows that the solution in x breaks. */
static enum err cut_windows(struct work *w, int *added)
{
    struct window_cut c[WINDOW_CUTS_MAX];
    reduce_whole(&w->small, w->x, w->at);
    enum err e = window_find(&w->window, w->at, c, added);
    for (int i = 0; i < *added && e == ERR_OK; i++) {
        e = put_cut(w, &c[i]);
    }
    return e;
}

/* Rounds of cuts while they pay. */
static enum err cut(struct work *w)
{
    double was = w->relaxed_yuan;
    enum err e = window_open(&w->window, w->p->md, w->lo, w->hi, &w->arena);
    bool pays = true;
    for (int i = 0; i < CUT_ROUNDS && pays && e == ERR_OK; i++) {
        int added = 0, windows = 0;
        struct lp_budget b = left(w);
        struct lp_result got = {.x = w->x};
        e = lp_cut(w->lp, &added);
        e = e == ERR_OK ? cut_windows(w, &windows) : e;
        if (e != ERR_OK || added + windows == 0) {
            return e;
        }
        enum err solved = lp_again(w->lp, &b, enough(w->p), &got);
        w->spent += got.work;
        pays = solved == ERR_OK && got.answer == LP_OPTIMAL;
        e = pays ? lp_uncut(w->lp, w->small.m.rows + w->sums) : ERR_OK;
        pays = pays && got.objective - was > ROUND_PU * (got.objective - w->relaxed_yuan);
        was = got.objective;
    }
    return e;
}

/* Objects of the small programme's columns. */
static void name_objects(struct work *w)
{
    const struct matrix *m = &w->p->md->m;
    w->objects = model_objects(w->p->md, w->object_whole);
    for (int c = m->cols - 1; c >= 0; c--) {
        if (w->small.col[c] >= 0) {
            w->object[w->small.col[c]] = w->object_whole[c];
        }
    }
}

static void hear(void *ctx, const struct lp_news *n)
{
    struct work *w = ctx;
    struct lp_news more = *n;
    more.work += w->spent;
    more.bound = fmax(fmin(more.bound, enough(w->p)), w->p->bound);
    if (n->solved) {
        reduce_whole(&w->small, w->x, w->out->x);
    }
    w->p->tell(w->p->ctx, &more);
}

static enum err branch(struct work *w)
{
    const struct proof *p = w->p;
    name_objects(w);
    struct tree t = {.m = &w->small.m,
                     .object = w->object,
                     .objects = w->objects,
                     .sums = w->sums,
                     .sum_row = w->small.m.rows,
                     .sum_hi = w->sum_hi,
                     .budget = left(w),
                     .gap_pu = p->gap_pu,
                     .cutoff = p->cutoff,
                     .nodes_max = p->nodes_max,
                     .dive = p->dive,
                     .tell = hear,
                     .ctx = w};
    struct lp_result got = {.x = w->x};
    enum err e = tree_run(w->lp, &t, &got);
    w->spent += got.work;
    w->out->answer = got.answer;
    w->out->objective = got.objective;
    w->out->bound = fmax(fmin(got.bound, enough(p)), p->bound);
    if (e == ERR_OK && (got.answer == LP_OPTIMAL || got.answer == LP_FEASIBLE)) {
        reduce_whole(&w->small, w->x, w->out->x);
    }
    return e;
}

static enum err run(struct work *w)
{
    enum err e = take(w);
    if (e != ERR_OK) {
        return e;
    }
    facts(w);
    struct reduce_facts f = {w->lo, w->hi, w->tight};
    struct lp_result got = {.x = w->x, .answer = LP_INFEASIBLE};
    e = reduce_run(&w->p->md->m, &f, &w->arena, &w->small);
    if (e != ERR_INFEASIBLE) {
        e = e == ERR_OK ? lp_open(&w->small.m, MEMORY_MIB, &w->lp) : e;
        e = e == ERR_OK ? relax(w, &got) : e;
    } else {
        e = ERR_OK;
    }
    if (e == ERR_OK && got.answer == LP_INFEASIBLE) {
        w->out->answer = LP_INFEASIBLE;
        w->out->bound = fmax(enough(w->p), w->p->bound);
    }
    if (e != ERR_OK || got.answer != LP_OPTIMAL) {
        return e;
    }
    e = w->small.m.rows >= CUT_ROWS_MIN && !w->p->dive ? cut(w) : ERR_OK;
    return e == ERR_OK ? branch(w) : e;
}

enum err proof_run(const struct proof *p, struct lp_result *r)
{
    struct work w = {.p = p, .out = r};
    clock_init_live(&w.clock);
    w.begin = clock_mono(&w.clock);
    arena_init(&w.arena, ARENA_MAX);
    r->answer = LP_NONE;
    r->bound = p->bound;
    enum err e = run(&w);
    r->work = w.spent;
    lp_close(w.lp);
    arena_fini(&w.arena);
    return e;
}
