/* Dive and door: an integer solution near the relaxation, bounds respected, infeasibility seen.
 */
#include "optimizer/dive.h"
#include "optimizer/model.h"
#include "optimizer/search.h"
#include "tests/support/park_problem.h"
#include "tests/unit/test_plant_near.h"
#include <string.h>

static struct problem p;
static struct model md;
static struct arena arena;
static struct lp *k;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 256u << 20);
    park_problem(&p, DAY_SUM_CLEAR, false, 24);
    if (model_build(&md, &p, false, &arena) != ERR_OK) {
        return -1;
    }
    return lp_open(&md.m, 256, &k) == ERR_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    lp_close(k);
    arena_fini(&arena);
    return 0;
}

static void model_is_the_same_each_time(void **state)
{
    (void)state;
    struct model *again = arena_take(&arena, 1, sizeof *again);
    assert_int_equal(model_build(again, &p, false, &arena), ERR_OK);
    assert_int_equal(again->m.rows, md.m.rows);
    assert_int_equal(again->m.cols, md.m.cols);
    assert_int_equal(again->m.nz, md.m.nz);
    assert_memory_equal(again->m.value, md.m.value, (size_t)md.m.nz * sizeof(double));
    for (int i = 0; i < md.m.nz; i++) {
        assert_true(fabs(md.m.value[i]) < 1e6);
    }
}

static void dive_ends_near_the_relaxation(void **state)
{
    (void)state;
    size_t n = (size_t)md.m.cols;
    struct lp_budget none = {0, 0};
    struct dive d = {.m = &md.m, .cutoff = HUGE_VAL, .round_pu = 0.2};
    d.fixed = arena_take(&arena, n, sizeof *d.fixed);
    d.order = arena_take(&arena, n, sizeof *d.order);
    struct lp_result r = {.x = arena_take(&arena, n, sizeof(double))};
    assert_int_equal(lp_relax(k, &none, &r), ERR_OK);
    assert_int_equal(r.answer, LP_OPTIMAL);
    double bound = r.objective;
    assert_int_equal(dive_run(k, &d, &r), ERR_OK);
    assert_int_equal(r.answer, LP_FEASIBLE);
    assert_true(r.objective >= bound - 1e-6 && r.objective < bound * 1.05);
    for (int c = 0; c < md.m.cols; c++) {
        if (md.m.integer[c]) {
            assert_true(r.x[c] == round(r.x[c]));
            assert_true(r.x[c] >= md.m.col_lo[c] && r.x[c] <= md.m.col_hi[c]);
        }
    }
    /* a cut-off below the relaxation ends it without a solution, its bounds to be freed by us
     */
    d.cutoff = bound - 1;
    for (int c = 0; c < md.m.cols; c++) {
        lp_bound(k, c, md.m.col_lo[c], md.m.col_hi[c]);
    }
    assert_int_equal(lp_relax(k, &none, &r), ERR_OK);
    assert_near(r.objective, bound, 1e-6 * bound);
    assert_int_equal(dive_run(k, &d, &r), ERR_OK);
    assert_int_equal(r.answer, LP_NONE);
}

static void impossible_bounds_are_seen(void **state)
{
    (void)state;
    struct lp_budget none = {0, 0};
    struct lp_result r = {.x = arena_take(&arena, (size_t)md.m.cols, sizeof(double))};
    lp_bound(k, md.order[0].skip, 1, 1);
    lp_bound(k, md.order[0].first + md.order[0].count - 1, 1, 1);
    assert_int_equal(lp_relax(k, &none, &r), ERR_OK);
    assert_int_equal(r.answer, LP_INFEASIBLE);
    lp_bound(k, md.order[0].skip, 0, 1);
    lp_bound(k, md.order[0].first + md.order[0].count - 1, 0, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(model_is_the_same_each_time),
        cmocka_unit_test(dive_ends_near_the_relaxation),
        cmocka_unit_test(impossible_bounds_are_seen),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
