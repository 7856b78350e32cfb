/* Few rows: the simplex method at once, it is done before a factor pays. Else the interior
 * point on costs with a little noise, which breaks ties, so that it ends at a corner and not in
 * the middle of a face. Its duals give a bound on the true costs, and the simplex method goes
 * on from there on those. */
#include "optimizer/relax.h"
#include "controller/base/clock.h"
#include "optimizer/crossover.h"
#include "optimizer/dual_bound.h"
#include "optimizer/ipm.h"
#include <math.h>
#include <stdint.h>

enum { ARENA_MAX = 256 * 1024 * 1024, ITERATIONS_MAX = 80 };
/* Up to so many rows, and iterations per row, the simplex method is asked first. */
enum { SIMPLEX_ROWS_MAX = 2000, SIMPLEX_PER_ROW = 3 };
/* Accuracy at which a corner is told from a face. */
static const double CORNER_PU = 3e-8;
/* Noise on the costs, relative to their mean size. */
static const double NOISE_PU = 1e-4;

/* What the interior point works on and leaves. */
struct interior {
    const struct matrix *m;
    struct presolve pre;
    struct standard f;
    struct ipm *ipm;
    struct ipm_answer ours; /* in standard form */
    double *x, *y, *noisy;
    struct lp_basis basis;
    double bound, work;
    struct clock clock;
    mono_t begin;
};

/* What of b the interior point has not spent. */
static struct lp_budget left_of(const struct interior *k, const struct lp_budget *b)
{
    double spent = mono_s(mono_sub(clock_mono(&k->clock), k->begin));
    return (struct lp_budget){b->seconds > 0 ? fmax(b->seconds - spent, 1e-3) : 0,
                              b->work > 0 ? fmax(b->work - k->work, 1) : 0};
}

static enum err open_interior(struct interior *k, struct arena *a)
{
    const struct matrix *m = k->m;
    enum err e = presolve_run(m, m->col_lo, m->col_hi, a, &k->pre);
    e = e == ERR_OK ? standard_build(m, &k->pre, a, &k->f) : e;
    if (e != ERR_OK) {
        return e;
    }
    k->x = arena_take(a, (size_t)m->cols + 1, sizeof *k->x);
    k->y = arena_take(a, (size_t)m->rows + 1, sizeof *k->y);
    k->basis.col = arena_take(a, (size_t)m->cols + 1, sizeof *k->basis.col);
    k->basis.row = arena_take(a, (size_t)m->rows + 1, sizeof *k->basis.row);
    k->noisy = arena_take(a, (size_t)k->f.cols + 1, sizeof *k->noisy);
    k->ours.x = arena_take(a, (size_t)k->f.cols + 1, sizeof *k->ours.x);
    k->ours.y = arena_take(a, (size_t)k->f.rows + 1, sizeof *k->ours.y);
    bool all =
        k->x && k->y && k->basis.col && k->basis.row && k->noisy && k->ours.x && k->ours.y;
    return all ? ipm_open(&k->f, a, &k->ipm) : ERR_NOMEM;
}

/* One run within what is left of b; x and y become those of the matrix. */
static enum err run(struct interior *k, const double *cost, double accuracy,
                    const struct lp_budget *b)
{
    struct lp_budget left = left_of(k, b);
    struct ipm_limits limits = {left.seconds, ITERATIONS_MAX, accuracy};
    if (b->work > 0) {
        limits.iterations = (int)fmin(left.work / RELAX_ITERATION_WORK, ITERATIONS_MAX);
    }
    enum err e = ipm_run(k->ipm, cost, &limits, &k->ours);
    k->work += (double)k->ours.iterations * RELAX_ITERATION_WORK;
    if (e == ERR_OK) {
        standard_point(&k->f, k->m, k->ours.x, k->x);
        standard_duals(&k->f, k->m, k->ours.y, k->y);
        presolve_duals(&k->pre, k->m, k->y);
    }
    return e;
}

/* 0..1, the same for the same column every time (SplitMix64's finaliser, Steele et al. 2014).
 */
static double noise(uint64_t c)
{
    uint64_t z = (c + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

/* Corner, bound and basis. The bound stays when the rest fails. */
static enum err bound_and_basis(struct interior *k, const struct lp_budget *b, struct arena *a)
{
    enum err e = open_interior(k, a);
    for (int c = 0; c < k->f.cols && e == ERR_OK; c++) {
        double tie = NOISE_PU * (0.5 + noise((uint64_t)c));
        k->noisy[c] = k->f.cost[c] + (k->f.col_of[c] >= 0 ? tie : 0);
    }
    e = e == ERR_OK ? run(k, k->noisy, CORNER_PU, b) : e;
    if (e != ERR_OK) {
        return e;
    }
    k->bound = dual_bound(k->m, k->y);
    e = k->ours.converged ? crossover_run(k->m, k->x, k->y, a, &k->basis) : ERR_LIMIT;
    return e;
}

enum err relax_interior(struct lp *k, const struct matrix *m, const struct lp_budget *b,
                        struct lp_result *r)
{
    struct arena arena;
    struct interior in = {.m = m, .bound = -HUGE_VAL};
    clock_init_live(&in.clock);
    in.begin = clock_mono(&in.clock);
    arena_init(&arena, ARENA_MAX);
    /* Whatever kept it from a basis: GLPK is asked all the same. */
    enum err e = bound_and_basis(&in, b, &arena);
    if (e == ERR_OK) {
        lp_basis_load(k, &in.basis);
    }
    arena_fini(&arena);
    struct lp_budget left = left_of(&in, b);
    e = lp_relax(k, &left, r);
    r->work += in.work;
    r->bound = fmax(r->bound, in.bound);
    return e;
}

enum err relax_cold(struct lp *k, const struct matrix *m, const struct lp_budget *b,
                    struct lp_result *r)
{
    double most = SIMPLEX_PER_ROW * m->rows, work = 0;
    struct clock clock;
    clock_init_live(&clock);
    mono_t begin = clock_mono(&clock);
    if (m->rows <= SIMPLEX_ROWS_MAX) {
        struct lp_budget own = {b->seconds, b->work > 0 ? fmin(b->work, most) : most};
        enum err e = lp_relax(k, &own, r);
        work = r->work;
        if (e == ERR_OK && (r->answer == LP_OPTIMAL || r->answer == LP_INFEASIBLE)) {
            return e;
        }
    }
    double s = b->seconds - mono_s(mono_sub(clock_mono(&clock), begin));
    struct lp_budget left = {b->seconds > 0 ? fmax(s, 1e-3) : 0,
                             b->work > 0 ? fmax(b->work - work, 1) : 0};
    enum err e = relax_interior(k, m, &left, r);
    r->work += work;
    return e;
}
