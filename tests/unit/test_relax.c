/* The cold relaxation against GLPK's simplex alone, on random programmes of every kind and on
 * those that break methods; bounds that hold whatever the multipliers. */
#include "optimizer/crossover.h"
#include "optimizer/dual_bound.h"
#include "optimizer/ipm.h"
#include "optimizer/model.h"
#include "optimizer/relax.h"
#include "sim/rng.h"
#include "tests/support/park_problem.h"
#include "tests/unit/test_plant_near.h"
#include <string.h>

enum { TRIALS = 150, MEMORY_MIB = 256 };
static const struct lp_budget NONE = {0, 0};
/* As relax.c asks for a corner; on the park models rounding ends the method near 1e-8. */
static const struct ipm_limits LIMITS = {.iterations = 80, .accuracy = 3e-8};

static int setup(void **state)
{
    static struct arena arena;
    arena_init(&arena, 256u << 20);
    *state = &arena;
    return 0;
}

static int teardown(void **state)
{
    arena_fini(*state);
    return 0;
}

/* What a random programme is like. */
struct kind {
    int rows, cols;
    bool feasible;   /* made around a point */
    bool bounded;    /* made around multipliers, too */
    bool degenerate; /* small integers, many rows met at once */
    bool loose;      /* columns without any bound, too */
};

/* Two passes of this give the same programme: the stream starts anew. Rows 0 and 1 are empty.
 */
static void write(struct matrix *m, const struct kind *k, uint64_t seed)
{
    struct rng g;
    rng_init(&g, seed, "lp", "test");
    double act[64] = {0}, x[64];
    for (int c = 0; c < k->cols; c++) {
        double u = rng_uniform(&g), lo = floor(rng_between(&g, -3, 3)), wide = 1 + floor(4 * u);
        bool no_lo = rng_uniform(&g) < 0.15, no_hi = rng_uniform(&g) < 0.3;
        bool fixed = rng_uniform(&g) < 0.1;
        no_lo = no_lo && (k->loose || !no_hi);
        double hi = fixed ? lo : lo + wide;
        x[c] = k->degenerate ? (u < 0.7 ? lo : hi) : lo + (hi - lo) * rng_uniform(&g);
        /* a bounded one has no gain from going where it has no end */
        double cost = floor(rng_between(&g, -5, 6));
        cost = k->bounded && no_lo && no_hi && !fixed ? 0 : cost;
        cost = k->bounded && no_lo && !fixed ? fmin(cost, 0) : cost;
        cost = k->bounded && no_hi && !fixed ? fmax(cost, 0) : cost;
        double bounds[2] = {no_lo && !fixed ? -HUGE_VAL : lo, no_hi && !fixed ? HUGE_VAL : hi};
        matrix_col(m, bounds, cost, MATRIX_REAL);
    }
    for (int r = 2; r < k->rows; r++) {
        for (int c = 0; c < k->cols; c++) {
            double v = floor(rng_between(&g, -4, 5));
            v = k->degenerate ? v : v * rng_between(&g, 0.1, 10);
            if (rng_uniform(&g) < 4.0 / k->cols) {
                matrix_put(m, r, c, v);
                act[r] += v * x[c];
            }
        }
    }
    for (int r = 0; r < k->rows; r++) {
        double kind = rng_uniform(&g), slack = k->degenerate ? 0 : rng_between(&g, 0, 3);
        double at = k->feasible ? act[r] : rng_between(&g, -20, 20);
        double lo = kind < 0.3 || kind > 0.6 ? at - (kind < 0.3 ? 0 : slack) : -HUGE_VAL;
        double hi = kind < 0.6 || kind > 0.8 ? at + (kind < 0.3 ? 0 : slack) : HUGE_VAL;
        matrix_row(m, lo, hi);
    }
    matrix_constant(m, 17);
}

static struct matrix make(const struct kind *k, uint64_t seed, struct arena *a)
{
    struct matrix m;
    matrix_init(&m);
    write(&m, k, seed);
    assert_int_equal(matrix_fill(&m, a), ERR_OK);
    write(&m, k, seed);
    assert_int_equal(matrix_finish(&m, a), ERR_OK);
    return m;
}

static struct kind random_kind(uint64_t seed)
{
    struct rng g;
    rng_init(&g, seed, "kind", "test");
    struct kind k = {.rows = 3 + (int)(rng_uniform(&g) * 30)};
    k.cols = 1 + (int)(rng_uniform(&g) * 50);
    k.feasible = rng_uniform(&g) < 0.8;
    k.bounded = rng_uniform(&g) < 0.8;
    k.degenerate = rng_uniform(&g) < 0.4;
    k.loose = rng_uniform(&g) < 0.3;
    return k;
}

static struct lp_result solve(const struct matrix *m, bool cold, double *x)
{
    struct lp *k = NULL;
    struct lp_result r = {.x = x};
    assert_int_equal(lp_open(m, MEMORY_MIB, &k), ERR_OK);
    assert_int_equal(cold ? relax_interior(k, m, &NONE, &r) : lp_relax(k, &NONE, &r), ERR_OK);
    lp_close(k);
    return r;
}

static void random_programmes_end_as_by_simplex(void **state)
{
    int seen[LP_INFEASIBLE + 1] = {0};
    for (uint64_t seed = 1; seed <= TRIALS; seed++) {
        struct kind kind = random_kind(seed);
        struct matrix m = make(&kind, seed, *state);
        double *x = arena_take(*state, (size_t)m.cols, sizeof *x);
        struct lp_result old = solve(&m, false, x), new = solve(&m, true, x);
        if (old.answer != new.answer) {
            fail_msg("seed %d: answers %d and %d", (int)seed, (int)old.answer, (int)new.answer);
        }
        seen[old.answer]++;
        if (old.answer == LP_OPTIMAL) {
            double size = fmax(1, fabs(old.objective));
            assert_near(new.objective, old.objective, 1e-6 * size);
            assert_true(new.bound <= old.objective + 1e-9 * size);
        }
    }
    assert_true(seen[LP_OPTIMAL] > TRIALS / 3);
    assert_true(seen[LP_INFEASIBLE] > TRIALS / 20);
}

/* From x, y by crossover to a basis, and on by the primal simplex to `want`. */
static void finish_from(const struct matrix *m, double *x, const double *y, double want,
                        struct arena *a)
{
    struct lp *k = NULL;
    struct lp_result end = {.x = x};
    struct lp_basis basis = {arena_take(a, (size_t)m->rows, sizeof(enum lp_status)),
                             arena_take(a, (size_t)m->cols, sizeof(enum lp_status))};
    int basic = 0;
    assert_int_equal(crossover_run(m, x, y, a, &basis), ERR_OK);
    for (int r = 0; r < m->rows; r++) {
        basic += basis.row[r] == LP_BASIC ? 1 : 0;
    }
    for (int c = 0; c < m->cols; c++) {
        basic += basis.col[c] == LP_BASIC ? 1 : 0;
    }
    assert_int_equal(basic, m->rows);
    assert_int_equal(lp_open(m, MEMORY_MIB, &k), ERR_OK);
    lp_basis_load(k, &basis);
    assert_int_equal(lp_relax(k, &NONE, &end), ERR_OK);
    lp_close(k);
    assert_near(end.objective, want, 1e-6 * fmax(1, fabs(want)));
    assert_true(end.work < 3.0 * m->rows);
}

/* x, y of the matrix by the interior point alone; false where presolve leaves no row. */
static bool interior(const struct matrix *m, double *x, double *y, bool *converged,
                     struct arena *a)
{
    struct presolve pre;
    struct standard f;
    struct ipm *k = NULL;
    assert_int_equal(presolve_run(m, m->col_lo, m->col_hi, a, &pre), ERR_OK);
    assert_int_equal(standard_build(m, &pre, a, &f), ERR_OK);
    if (ipm_open(&f, a, &k) != ERR_OK) {
        assert_int_equal(f.rows, 0);
        return false;
    }
    struct ipm_answer got = {.x = arena_take(a, (size_t)f.cols, sizeof(double)),
                             .y = arena_take(a, (size_t)f.rows, sizeof(double))};
    assert_int_equal(ipm_run(k, f.cost, &LIMITS, &got), ERR_OK);
    standard_point(&f, m, got.x, x);
    standard_duals(&f, m, got.y, y);
    presolve_duals(&pre, m, y);
    *converged = got.converged;
    return true;
}

/* The interior point itself, not what GLPK makes of it. */
static void interior_point_bounds_and_basis(void **state)
{
    struct arena *a = *state;
    int converged = 0, tight = 0, tried = 0;
    for (uint64_t seed = 1; seed <= TRIALS; seed++) {
        struct kind kind = random_kind(seed);
        kind.feasible = kind.bounded = true;
        struct matrix m = make(&kind, seed, a);
        double *x = arena_take(a, (size_t)m.cols + 1, sizeof *x);
        double *y = arena_take(a, (size_t)m.rows + 1, sizeof *y);
        bool done = false;
        struct lp_result old = solve(&m, false, x);
        if (old.answer != LP_OPTIMAL || !interior(&m, x, y, &done, a)) {
            continue;
        }
        double size = fmax(1, fabs(old.objective)), bound = dual_bound(&m, y);
        assert_true(bound <= old.objective + 1e-9 * size);
        tried++;
        converged += done ? 1 : 0;
        /* a column without bounds allows no rounding error at all: often no bound */
        tight += kind.loose || bound >= old.objective - 1e-5 * size ? 1 : 0;
        finish_from(&m, x, y, old.objective, a);
    }
    assert_true(tried > TRIALS / 2);
    if (converged < 0.95 * tried || tight < 0.9 * tried) {
        fail_msg("of %d: %d converged, %d bounds within 1e-5", tried, converged, tight);
    }
}

/* Real models: same optimum, and the bound of the interior point alone is nearly it. */
static void park_models(void **state)
{
    static struct problem p;
    static struct model md;
    for (int d = 0; d < DAY_COUNT; d += 2) {
        bool done = false;
        park_problem(&p, (enum park_day)d, false, 24);
        assert_int_equal(model_build(&md, &p, false, *state), ERR_OK);
        double *x = arena_take(*state, (size_t)md.m.cols + 1, sizeof *x);
        double *y = arena_take(*state, (size_t)md.m.rows + 1, sizeof *y);
        struct lp_result old = solve(&md.m, false, x), new = solve(&md.m, true, x);
        assert_int_equal(old.answer, LP_OPTIMAL);
        assert_near(new.objective, old.objective, 1e-6 * fabs(old.objective));
        assert_near(old.bound, old.objective, 1e-8 * fabs(old.objective));
        assert_true(interior(&md.m, x, y, &done, *state));
        assert_true(done);
        double bound = dual_bound(&md.m, y);
        assert_true(bound <= old.objective * (1 + 1e-9));
        assert_true(bound >= old.objective * (1 - 1e-6));
    }
}

/* Multipliers from anywhere give a bound that holds, or none. */
static void any_multipliers_bound(void **state)
{
    int finite = 0;
    for (uint64_t seed = 1; seed <= TRIALS; seed++) {
        struct kind kind = random_kind(seed);
        kind.feasible = kind.bounded = true;
        struct matrix m = make(&kind, seed, *state);
        double *x = arena_take(*state, (size_t)m.cols, sizeof *x), y[64];
        struct lp_result old = solve(&m, false, x);
        struct rng g;
        rng_init(&g, seed, "y", "test");
        for (int r = 0; r < m.rows; r++) {
            y[r] = rng_between(&g, -3, 3);
        }
        double bound = dual_bound(&m, y);
        finite += isfinite(bound) ? 1 : 0;
        if (old.answer == LP_OPTIMAL) {
            assert_true(bound <= old.objective + 1e-9 * fmax(1, fabs(old.objective)));
        }
        y[0] = NAN;
        assert_true(dual_bound(&m, y) == -HUGE_VAL);
    }
    assert_true(finite > TRIALS / 4);
}

static void same_question_same_answer(void **state)
{
    struct kind kind = {32, 50, true, true, true, true};
    struct matrix m = make(&kind, 7, *state);
    double *x = arena_take(*state, 50, sizeof *x), *z = arena_take(*state, 50, sizeof *z);
    struct lp_result a = solve(&m, true, x), b = solve(&m, true, z);
    assert_int_equal(a.answer, b.answer);
    assert_memory_equal(&a.objective, &b.objective, sizeof a.objective);
    assert_memory_equal(&a.bound, &b.bound, sizeof a.bound);
    assert_memory_equal(x, z, 50 * sizeof *x);
}

/* A budget that is spent at once leaves no bound that does not hold. */
static void spent_budget(void **state)
{
    struct kind kind = {32, 50, true, true, false, false};
    struct matrix m = make(&kind, 3, *state);
    double *x = arena_take(*state, 50, sizeof *x);
    struct lp_result full = solve(&m, true, x), r = {.x = x};
    struct lp *k = NULL;
    assert_int_equal(lp_open(&m, MEMORY_MIB, &k), ERR_OK);
    assert_int_equal(relax_interior(k, &m, &(struct lp_budget){0, 1}, &r), ERR_OK);
    lp_close(k);
    assert_true(r.bound <= full.objective + 1e-9 * fmax(1, fabs(full.objective)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_programmes_end_as_by_simplex),
        cmocka_unit_test(interior_point_bounds_and_basis),
        cmocka_unit_test(park_models),
        cmocka_unit_test(any_multipliers_bound),
        cmocka_unit_test(same_question_same_answer),
        cmocka_unit_test(spent_budget),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
