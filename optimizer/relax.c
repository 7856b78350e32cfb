/* Ties in the costs are broken by a little noise, so that the interior point ends at a corner
 * and not in the middle of a face; bound and simplex use the true costs. */
#include "optimizer/relax.h"
#include "controller/base/clock.h"
#include "optimizer/crossover.h"
#include "optimizer/dual_bound.h"
#include "optimizer/ipm.h"
#include <math.h>
#include <stdint.h>

enum { ARENA_MAX = 128 * 1024 * 1024, ITERATIONS_MAX = 80 };
static const double ACCURACY = 1e-7;
/* Noise on the costs, relative to their mean size. */
static const double NOISE_PU = 1e-5;

/* What the interior point leaves. */
struct corner {
    double bound;
    double work;
    bool basis; /* one was loaded */
};

/* 0..1, the same for the same column every time (SplitMix64's finaliser, Steele et al. 2014).
 */
static double noise(uint64_t c)
{
    uint64_t z = (c + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static void perturbed(const struct matrix *m, double *cost)
{
    double sum = 0;
    int n = 0;
    for (int c = 0; c < m->cols; c++) {
        sum += fabs(m->cost[c]);
        n += m->cost[c] != 0 ? 1 : 0;
    }
    for (int c = 0; c < m->cols; c++) {
        cost[c] = m->cost[c] + NOISE_PU * sum / fmax(n, 1) * (0.5 + noise((uint64_t)c));
    }
}

/* Point and multipliers of the matrix; x, y: its cols and rows. */
static enum err interior(const struct matrix *m, const struct ipm_limits *limits,
                         struct arena *a, struct ipm_answer *out)
{
    struct presolve pre;
    struct standard f;
    struct ipm_answer ours = {.converged = false};
    double *cost = arena_take(a, (size_t)m->cols + 1, sizeof *cost);
    enum err e = cost ? presolve_run(m, m->col_lo, m->col_hi, a, &pre) : ERR_NOMEM;
    if (e == ERR_OK) {
        perturbed(m, cost);
        e = standard_build(m, &pre, cost, a, &f);
    }
    if (e != ERR_OK) {
        return e;
    }
    ours.x = arena_take(a, (size_t)f.cols + 1, sizeof *ours.x);
    ours.y = arena_take(a, (size_t)f.rows + 1, sizeof *ours.y);
    e = ours.x && ours.y ? ipm_solve(&f, limits, a, &ours) : ERR_NOMEM;
    if (e == ERR_OK) {
        standard_point(&f, m, ours.x, out->x);
        standard_duals(&f, m, ours.y, out->y);
        presolve_duals(&pre, m, out->y);
        out->converged = ours.converged;
        out->iterations = ours.iterations;
    }
    return e;
}

/* Interior point, bound and basis of m into k. */
static enum err to_corner(struct lp *k, const struct matrix *m, const struct lp_budget *b,
                          struct corner *out)
{
    struct arena a;
    struct ipm_answer got = {.converged = false};
    struct lp_basis basis;
    struct ipm_limits limits = {b->seconds, ITERATIONS_MAX, ACCURACY};
    if (b->work > 0) {
        limits.iterations = (int)fmin(b->work / RELAX_ITERATION_WORK, ITERATIONS_MAX);
    }
    arena_init(&a, ARENA_MAX);
    got.x = arena_take(&a, (size_t)m->cols + 1, sizeof *got.x);
    got.y = arena_take(&a, (size_t)m->rows + 1, sizeof *got.y);
    basis.col = arena_take(&a, (size_t)m->cols + 1, sizeof *basis.col);
    basis.row = arena_take(&a, (size_t)m->rows + 1, sizeof *basis.row);
    enum err e = got.x && got.y && basis.col && basis.row ? ERR_OK : ERR_NOMEM;
    e = e == ERR_OK ? interior(m, &limits, &a, &got) : e;
    if (e == ERR_OK) {
        out->work = (double)got.iterations * RELAX_ITERATION_WORK;
        out->bound = dual_bound(m, got.y);
        e = got.converged ? crossover_run(m, got.x, got.y, &a, &basis) : ERR_LIMIT;
    }
    if (e == ERR_OK) {
        lp_basis_load(k, &basis);
        out->basis = true;
    }
    arena_fini(&a);
    return e;
}

enum err relax_cold(struct lp *k, const struct matrix *m, const struct lp_budget *b,
                    struct lp_result *r)
{
    struct clock clock;
    struct corner corner = {.bound = -HUGE_VAL};
    clock_init_live(&clock);
    mono_t begin = clock_mono(&clock);
    enum err e = to_corner(k, m, b, &corner);
    double spent = mono_s(mono_sub(clock_mono(&clock), begin));
    struct lp_budget left = {b->seconds > 0 ? fmax(b->seconds - spent, 1e-3) : 0,
                             b->work > 0 ? fmax(b->work - corner.work, 1) : 0};
    e = lp_relax(k, &left, r);
    r->work += corner.work;
    r->bound = fmax(r->bound, corner.bound);
    return e;
}
