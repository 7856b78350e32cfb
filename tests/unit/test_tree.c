/* Small programme, tree and cuts against GLPK's own branch and cut, on random programmes with
 * chains of binaries, knapsacks and continuous columns. */
#include "optimizer/reduce.h"
#include "optimizer/tree.h"
#include "sim/rng.h"
#include "tests/unit/test_plant_near.h"
#include <string.h>

enum { TRIALS = 120, CHAINS = 3, LONG = 6, REALS = 4, MEMORY_MIB = 256 };
static const double TINY_GAP = 1e-9, BIG = 1e6;

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

/* Chains y[k] <= y[k+1] as firings have them, general integers, and steps in which what they
 * draw must be bought; what is missing costs much. The same stream in both passes. */
static void write(struct matrix *m, uint64_t seed)
{
    struct rng g;
    rng_init(&g, seed, "mip", "test");
    for (int i = 0; i < CHAINS; i++) {
        for (int k = 0; k < LONG; k++) {
            int c = matrix_col(m, (double[2]){0, 1}, rng_between(&g, -4, 4), MATRIX_INTEGER);
            int r = k ? matrix_row(m, -HUGE_VAL, 0) : -1;
            matrix_put(m, r, c - 1, k ? 1 : 0);
            matrix_put(m, r, c, k ? -1 : 0);
        }
    }
    int count = matrix_col(m, (double[2]){-1, 5}, rng_between(&g, -3, 3), MATRIX_INTEGER);
    for (int j = 0; j < REALS; j++) {
        int buy = matrix_col(m, (double[2]){0, 8}, rng_between(&g, 1, 5), MATRIX_REAL);
        int miss = matrix_col(m, (double[2]){0, HUGE_VAL}, 100, MATRIX_REAL);
        double need = rng_between(&g, 0, 6);
        int r = matrix_row(m, need, rng_uniform(&g) < 0.3 ? need : HUGE_VAL);
        matrix_put(m, r, buy, 1);
        matrix_put(m, r, miss, 1);
        matrix_put(m, r, count, rng_between(&g, 0, 2));
        for (int c = 0; c < CHAINS * LONG; c++) {
            double v = rng_between(&g, -3, 3);
            matrix_put(m, r, c, rng_uniform(&g) < 0.5 ? v : 0);
        }
        int most = matrix_row(m, -HUGE_VAL, 40);
        matrix_put(m, most, miss, 1);
        matrix_put(m, most, buy, -1);
    }
    int fixed = matrix_row(m, 1, 1); /* says that a chain has ended at 1 */
    matrix_put(m, fixed, LONG - 1, 1);
}

static void make(struct matrix *m, uint64_t seed, struct arena *a)
{
    matrix_init(m);
    write(m, seed);
    assert_int_equal(matrix_fill(m, a), ERR_OK);
    write(m, seed);
    assert_int_equal(matrix_finish(m, a), ERR_OK);
}

static double value_of(const struct matrix *m, const double *x)
{
    double sum = m->offset, act[64] = {0};
    for (int c = 0; c < m->cols; c++) {
        sum += m->cost[c] * x[c];
        assert_true(x[c] >= m->col_lo[c] - 1e-6 && x[c] <= m->col_hi[c] + 1e-6);
        assert_true(!m->integer[c] || x[c] == round(x[c]));
        for (int i = m->col_begin[c]; i < m->col_begin[c + 1]; i++) {
            act[m->at_row[i]] += m->value[i] * x[c];
        }
    }
    for (int r = 0; r < m->rows; r++) {
        assert_true(act[r] >= m->row_lo[r] - 1e-5 && act[r] <= m->row_hi[r] + 1e-5);
    }
    return sum;
}

/* GLPK's answer. */
static double oracle(const struct matrix *m)
{
    double x[64];
    struct lp *k = NULL;
    struct lp_result r = {.x = x};
    assert_int_equal(lp_open(m, MEMORY_MIB, &k), ERR_OK);
    assert_int_equal(lp_relax(k, &(struct lp_budget){0, 0}, &r), ERR_OK);
    struct lp_search how = {.gap_pu = 0, .cutoff = HUGE_VAL};
    assert_int_equal(lp_search(k, &how, &r), ERR_OK);
    lp_close(k);
    return r.answer == LP_OPTIMAL ? r.objective : HUGE_VAL;
}

struct heard {
    double bound;
    int solutions;
};

static void hear(void *ctx, const struct lp_news *n)
{
    struct heard *h = ctx;
    assert_true(n->bound >= h->bound - 1e-9);
    h->bound = n->bound;
    h->solutions += n->solved;
}

/* The tree's answer; rounds of cuts before it. t.sums: of the chains. */
static struct lp_result branch(const struct matrix *m, struct tree t, int rounds, double *x)
{
    struct lp *k = NULL;
    struct lp_result r = {.x = x};
    struct heard h = {.bound = -HUGE_VAL};
    int object[64], added = 0;
    for (int c = 0; c < m->cols; c++) {
        object[c] = c < CHAINS * LONG ? c / LONG : c;
    }
    t.m = m;
    t.object = object;
    t.objects = m->cols;
    t.tell = hear;
    t.ctx = &h;
    t.sum_row = m->rows;
    t.sum_hi = (const int[CHAINS]){LONG, LONG, LONG};
    assert_int_equal(lp_open(m, MEMORY_MIB, &k), ERR_OK);
    for (int i = 0; i < t.sums; i++) {
        int col[LONG];
        for (int j = 0; j < LONG; j++) {
            col[j] = i * LONG + j;
        }
        assert_int_equal(lp_sum(k, col, LONG), ERR_OK);
    }
    assert_int_equal(lp_relax(k, &t.budget, &r), ERR_OK);
    for (int i = 0; i < rounds && r.answer == LP_OPTIMAL; i++) {
        double before = r.objective;
        assert_int_equal(lp_cut(k, &added), ERR_OK);
        assert_int_equal(lp_again(k, &t.budget, HUGE_VAL, &r), ERR_OK);
        assert_true(r.objective >= before - 1e-6);
        assert_int_equal(lp_uncut(k, m->rows + t.sums), ERR_OK);
    }
    double relaxed = r.objective;
    assert_int_equal(tree_run(k, &t, &r), ERR_OK);
    assert_true(r.answer != LP_OPTIMAL || h.solutions > 0);
    /* all bounds are as before: the same relaxation again */
    struct lp_result again = {.x = NULL};
    assert_int_equal(lp_again(k, &t.budget, HUGE_VAL, &again), ERR_OK);
    assert_int_equal(again.answer, LP_OPTIMAL);
    assert_near(again.objective, relaxed, 1e-6 * fmax(1, fabs(relaxed)));
    lp_close(k);
    return r;
}

static void finds_and_proves_what_glpk_proves(void **state)
{
    int branched = 0;
    for (uint64_t seed = 1; seed <= TRIALS; seed++) {
        struct matrix m;
        double x[64];
        make(&m, seed, *state);
        double best = oracle(&m);
        assert_true(isfinite(best));
        for (int rounds = 0; rounds <= 3; rounds += 3) {
            struct lp_result r =
                branch(&m, (struct tree){.cutoff = HUGE_VAL, .gap_pu = 0}, rounds, x);
            assert_int_equal(r.answer, LP_OPTIMAL);
            assert_near(r.objective, best, 1e-6 * fmax(1, fabs(best)));
            assert_near(r.bound, best, 1e-6 * fmax(1, fabs(best)));
            assert_near(value_of(&m, x), best, 1e-5 * fmax(1, fabs(best)));
            branched += r.work > 2 * LP_NODE_WORK;
        }
    }
    assert_true(branched > TRIALS / 2);
}

/* A chain's sum is an integer wherever its columns are. */
static void sums_and_a_dive_change_no_answer(void **state)
{
    int fewer = 0, more = 0;
    for (uint64_t seed = 1; seed <= TRIALS; seed++) {
        struct matrix m;
        double x[64];
        make(&m, seed, *state);
        struct lp_result plain = branch(&m, (struct tree){.cutoff = HUGE_VAL}, 0, x);
        double best = oracle(&m), size = fmax(1, fabs(best));
        for (int rounds = 0; rounds <= 3; rounds += 3) {
            struct tree t = {.cutoff = HUGE_VAL, .sums = CHAINS, .dive = seed % 2};
            struct lp_result r = branch(&m, t, rounds, x);
            assert_int_equal(r.answer, LP_OPTIMAL);
            assert_near(r.objective, best, 1e-6 * size);
            assert_near(r.bound, best, 1e-6 * size);
            assert_near(value_of(&m, x), best, 1e-5 * size);
            fewer += r.work < plain.work;
            more += r.work > plain.work;
        }
        struct tree below = {.cutoff = best - 1e-4 * size, .sums = CHAINS, .dive = true};
        assert_int_equal(branch(&m, below, 0, x).answer, LP_INFEASIBLE);
    }
    assert_true(fewer > 0 && more > 0); /* it is another walk */
}

static void gap_cutoff_and_limits_are_kept(void **state)
{
    for (uint64_t seed = 1; seed <= TRIALS; seed++) {
        struct matrix m;
        double x[64];
        make(&m, seed, *state);
        double best = oracle(&m), size = fmax(1, fabs(best));
        struct lp_result r =
            branch(&m, (struct tree){.cutoff = HUGE_VAL, .gap_pu = 0.05}, 0, x);
        assert_int_equal(r.answer, LP_OPTIMAL);
        assert_true(r.objective <= best + 0.051 * fmax(size, fabs(r.objective)));
        assert_true(r.bound <= best + 1e-6 * size);
        assert_true(r.bound >= r.objective - 0.05 * fmax(1, fabs(r.objective)) - 1e-9);
        /* nothing below the optimum exists: proven, and no more is claimed */
        r = branch(&m, (struct tree){.cutoff = best - 1e-4 * size, .gap_pu = TINY_GAP}, 0, x);
        assert_int_equal(r.answer, LP_INFEASIBLE);
        assert_true(r.bound <= best + 1e-6 * size && r.bound >= best - 2e-4 * size);
        /* a cut-off above lets the optimum through */
        r = branch(&m, (struct tree){.cutoff = best + 1e-3 * size, .gap_pu = TINY_GAP}, 0, x);
        assert_int_equal(r.answer, LP_OPTIMAL);
        assert_near(r.objective, best, 1e-6 * size);
        /* one node: a bound, whatever else */
        r = branch(&m, (struct tree){.cutoff = HUGE_VAL, .nodes_max = 1}, 0, x);
        assert_true(r.bound <= best + 1e-6 * size && r.bound > best - BIG);
    }
}

/* Without facts the small programme has the same optimum; with those of a pair of columns that
 * are equal in it, too. */
static void small_programmes_keep_the_optimum(void **state)
{
    int smaller = 0;
    for (uint64_t seed = 1; seed <= TRIALS; seed++) {
        struct matrix m;
        struct reduce s;
        double x[64], ours[64], back[64];
        make(&m, seed, *state);
        struct lp_result r = branch(&m, (struct tree){.cutoff = HUGE_VAL}, 0, x);
        bool *tight = arena_take(*state, (size_t)m.rows + 1, sizeof *tight);
        for (int i = 0; i < m.nz; i++) {
            int row = m.at_row[i], c = m.at_col[i];
            bool chain = m.value[i] == -1 && m.row_hi[row] == 0 && c > 0 && c < CHAINS * LONG;
            tight[row] = tight[row] || (chain && x[c] == x[c - 1]);
        }
        for (int k = 0; k < 2; k++) {
            struct reduce_facts f = {m.col_lo, m.col_hi, k ? tight : NULL};
            assert_int_equal(reduce_run(&m, &f, *state, &s), ERR_OK);
            assert_true(s.m.cols < m.cols && s.m.rows < m.rows); /* the last row is a bound */
            reduce_small(&s, x, ours);
            assert_near(value_of(&s.m, ours), r.objective, 1e-6 * fmax(1, fabs(r.objective)));
            reduce_whole(&s, ours, back);
            for (int c = 0; c < m.cols; c++) {
                assert_near(back[c], x[c], 1e-9);
            }
            assert_near(oracle(&s.m), r.objective, 1e-6 * fmax(1, fabs(r.objective)));
        }
        smaller += s.m.cols < m.cols - LONG;
    }
    assert_true(smaller > TRIALS / 2);
}

static void contradictions_are_seen(void **state)
{
    struct matrix m;
    struct reduce s;
    make(&m, 1, *state);
    m.col_hi[LONG - 1] = 0; /* the last row wants 1 */
    struct reduce_facts f = {m.col_lo, m.col_hi, NULL};
    assert_int_equal(reduce_run(&m, &f, *state, &s), ERR_INFEASIBLE);
    m.col_lo[0] = 0.2; /* no integer between */
    m.col_hi[0] = 0.8;
    m.col_hi[LONG - 1] = 1;
    assert_int_equal(reduce_run(&m, &f, *state, &s), ERR_INFEASIBLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_and_proves_what_glpk_proves),
        cmocka_unit_test(sums_and_a_dive_change_no_answer),
        cmocka_unit_test(gap_cutoff_and_limits_are_kept),
        cmocka_unit_test(small_programmes_keep_the_optimum),
        cmocka_unit_test(contradictions_are_seen),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
