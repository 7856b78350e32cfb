/* Normal equations against their own residual, on random matrices of every shape; rows that
 * depend on others; panels against sums taken one by one. */
#include "optimizer/normal.h"
#include "optimizer/panel.h"
#include "sim/rng.h"
#include "tests/unit/test_plant_near.h"
#include <string.h>

enum { TRIALS = 60, ROWS_MAX = 90, COLS_MAX = 260, NZ_MAX = COLS_MAX * 12 };
static const double FILL_MAX = 1e6;

static struct arena arena;

/* A matrix with what a test needs beside it. */
struct sample {
    struct sparse a;
    int begin[COLS_MAX + 1], at_row[NZ_MAX];
    double value[NZ_MAX], d[COLS_MAX];
};

/* Columns of 1 to 12 different rows that stand near one another, as in a chain of stocks; one
 * in ten is long. The first column of each row is its own, so that A has full rank. */
static void make(struct sample *s, struct rng *g)
{
    int rows = 1 + (int)(rng_uniform(g) * (ROWS_MAX - 1)), nz = 0;
    int cols = rows + (int)(rng_uniform(g) * (COLS_MAX - rows));
    for (int c = 0; c < cols; c++) {
        int step = rng_uniform(g) < 0.1 ? 7 : 1, from = (int)(rng_uniform(g) * rows);
        int most = c < rows ? 1 : 1 + (int)(rng_uniform(g) * 11);
        from = c < rows ? c : from;
        for (int k = 0; k < most && from + k * step < rows; k++) {
            s->at_row[nz] = from + k * step;
            s->value[nz++] = rng_between(g, -2, 2) + (c < rows ? 3 : 0);
        }
        s->begin[c + 1] = nz;
        s->d[c] = exp2(rng_between(g, -20, 20));
    }
    s->a = (struct sparse){rows, cols, s->begin, s->at_row, s->value};
}

/* out = A D A' y. */
static void apply(const struct sample *s, const double *y, double *out)
{
    memset(out, 0, (size_t)s->a.rows * sizeof *out);
    for (int c = 0; c < s->a.cols; c++) {
        double sum = 0;
        for (int i = s->begin[c]; i < s->begin[c + 1]; i++) {
            sum += s->value[i] * y[s->at_row[i]];
        }
        for (int i = s->begin[c]; i < s->begin[c + 1]; i++) {
            out[s->at_row[i]] += s->value[i] * s->d[c] * sum;
        }
    }
}

static double largest(const double *v, int n)
{
    double most = 0;
    for (int i = 0; i < n; i++) {
        most = fmax(most, fabs(v[i]));
    }
    return most;
}

static void solutions_leave_no_residual(void **state)
{
    (void)state;
    static struct sample s;
    double right[ROWS_MAX], y[ROWS_MAX], got[ROWS_MAX];
    for (uint64_t seed = 1; seed <= TRIALS; seed++) {
        struct rng g;
        struct normal *k = NULL;
        rng_init(&g, seed, "normal", "test");
        make(&s, &g);
        assert_int_equal(normal_open(&s.a, FILL_MAX, &arena, &k), ERR_OK);
        for (int again = 0; again < 2; again++) { /* a second D on the same analysis */
            for (int r = 0; r < s.a.rows; r++) {
                right[r] = rng_between(&g, -1, 1);
            }
            for (int c = 0; c < s.a.cols; c++) {
                s.d[c] = exp2(rng_between(&g, -20, 20));
            }
            assert_int_equal(normal_factor(k, s.d), ERR_OK);
            normal_solve(k, right, y);
            apply(&s, y, got);
            for (int r = 0; r < s.a.rows; r++) {
                got[r] -= right[r];
            }
            if (largest(got, s.a.rows) > 1e-6) {
                fail_msg("seed %d: residual %g", (int)seed, largest(got, s.a.rows));
            }
            normal_solve(k, right, right); /* in place */
            assert_memory_equal(right, y, (size_t)s.a.rows * sizeof *y);
        }
    }
}

/* Three rows of which the third is the sum of the others. */
static void a_row_that_depends_is_dropped(void **state)
{
    (void)state;
    static const int begin[] = {0, 2, 4, 7}, at_row[] = {0, 2, 1, 2, 0, 1, 2};
    static const double value[] = {1, 1, 1, 1, 1, 1, 2}, d[] = {1, 2, 4};
    struct sparse a = {3, 3, begin, at_row, value};
    struct normal *k = NULL;
    /* A D A' of (1, 1, 0), which both (1, 1, 0) and (0, 0, 1) lead to */
    const double right[] = {1 + 8, 2 + 8, 1 + 2 + 16};
    double y[3];
    assert_int_equal(normal_open(&a, FILL_MAX, &arena, &k), ERR_OK);
    assert_int_equal(normal_factor(k, d), ERR_OK);
    normal_solve(k, right, y);
    assert_near(y[0] + y[2], 1, 1e-6);
    assert_near(y[1] + y[2], 1, 1e-6);
    assert_true(largest(y, 3) < 10);
}

static void an_empty_row_is_solved_all_the_same(void **state)
{
    (void)state;
    const int begin[] = {0, 1}, at_row[] = {0};
    const double value[] = {2}, d[] = {1};
    double right[] = {8, 0};
    struct sparse a = {2, 1, begin, at_row, value};
    struct normal *k = NULL;
    assert_int_equal(normal_open(&a, FILL_MAX, &arena, &k), ERR_OK);
    assert_int_equal(normal_factor(k, d), ERR_OK);
    normal_solve(k, right, right);
    assert_near(right[0], 2, 1e-9);
    assert_near(right[1], 0, 1e-9);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static struct sample s;
    struct rng g;
    struct normal *k = NULL;
    rng_init(&g, 1, "normal", "nonsense");
    make(&s, &g);
    assert_int_equal(normal_open(&s.a, 1, &arena, &k), ERR_LIMIT);
    assert_int_equal(normal_open(&s.a, FILL_MAX, &arena, &k), ERR_OK);
    const double bad[] = {0, -1, NAN, INFINITY};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        double kept = s.d[0];
        s.d[0] = bad[i];
        assert_int_equal(normal_factor(k, s.d), ERR_NUMERIC);
        s.d[0] = kept;
    }
    assert_int_equal(normal_factor(k, s.d), ERR_OK);
}

/* Every size up to beyond two vectors, every first row. */
static void products_are_sums_of_products(void **state)
{
    (void)state;
    enum { MOST = 11 };
    double x[MOST * MOST], out[MOST * MOST];
    struct rng g;
    rng_init(&g, 1, "panel", "test");
    for (int i = 0; i < MOST * MOST; i++) {
        x[i] = rng_between(&g, -1, 1);
    }
    for (int size = 0; size < MOST * MOST * MOST; size++) {
        struct panel p = {x, size % MOST + 1, size / MOST % MOST + 1};
        int first = size / MOST / MOST, n = p.rows - first;
        for (int cols = 1; cols <= n; cols++) {
            panel_product(&p, first, cols, out);
            for (int j = 0; j < cols; j++) {
                for (int i = j; i < n; i++) {
                    double sum = 0;
                    for (int k = 0; k < p.cols; k++) {
                        const double *c = &x[first + k * p.rows];
                        sum += c[i] * c[j];
                    }
                    assert_true(out[i + j * n] == sum);
                }
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(solutions_leave_no_residual),
        cmocka_unit_test(a_row_that_depends_is_dropped),
        cmocka_unit_test(an_empty_row_is_solved_all_the_same),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(products_are_sums_of_products),
    };
    arena_init(&arena, 256u << 20);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_fini(&arena);
    return failed;
}
