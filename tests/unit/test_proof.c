/* The proof over a whole model and over a neighbourhood of a solution: what is held stays, what
 * is found is cheaper, no bound of the whole exceeds anything found. */
#include "optimizer/dive.h"
#include "optimizer/proof.h"
#include "sim/rng.h"
#include "tests/support/park_problem.h"
#include "tests/unit/test_plant_near.h"
#include <string.h>

enum { MEMORY_MIB = 256, NODES = 60, TRIALS = 6 };
static const struct lp_budget NONE = {0, 0};

static struct problem p;
static struct model md;
static struct arena arena;
static struct lp *whole;
static double relaxed_yuan, at_yuan; /* of the relaxation; of a dive's solution */
static double *relaxed, *at, *found;
static bool *held;

static double *take(void)
{
    return arena_take(&arena, (size_t)md.m.cols + 1, sizeof(double));
}

static int dive(void)
{
    struct lp *part = NULL;
    size_t n = (size_t)md.m.cols + 1;
    struct dive d = {.m = &md.m, .cutoff = HUGE_VAL, .round_pu = 0.5};
    struct lp_result r = {.x = at};
    d.fixed = arena_take(&arena, n, sizeof *d.fixed);
    d.order = arena_take(&arena, n, sizeof *d.order);
    int bad = lp_open(&md.m, MEMORY_MIB, &part) != ERR_OK ||
              lp_relax(part, &NONE, &r) != ERR_OK || dive_run(part, &d, &r) != ERR_OK ||
              r.answer != LP_FEASIBLE;
    lp_close(part);
    at_yuan = r.objective;
    return bad ? -1 : 0;
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 256u << 20);
    small_problem(&p, false, 24);
    if (model_build(&md, &p, false, &arena) != ERR_OK ||
        lp_open(&md.m, MEMORY_MIB, &whole) != ERR_OK) {
        return -1;
    }
    relaxed = take();
    at = take();
    found = take();
    held = arena_take(&arena, (size_t)md.m.cols + 1, sizeof *held);
    struct lp_result r = {.x = relaxed};
    if (lp_relax(whole, &NONE, &r) != ERR_OK || r.answer != LP_OPTIMAL) {
        return -1;
    }
    relaxed_yuan = r.objective;
    return dive();
}

static int teardown(void **state)
{
    (void)state;
    lp_close(whole);
    arena_fini(&arena);
    return 0;
}

/* What was told. */
struct heard {
    int solutions;
    double best; /* cost of the best */
};

static void hear(void *ctx, const struct lp_news *n)
{
    struct heard *h = ctx;
    if (!n->solved) {
        return;
    }
    assert_true(n->objective < h->best);
    h->best = n->objective;
    h->solutions++;
    for (int c = 0; c < md.m.cols; c++) {
        if (md.m.integer[c]) {
            assert_true(found[c] == round(found[c]));
            assert_true(!held[c] || found[c] == round(at[c]));
        }
    }
}

static struct lp_result prove(struct heard *h, bool neighbourhood)
{
    struct lp_result r = {.x = found};
    struct proof how = {.md = &md,
                        .whole = whole,
                        .relaxed = relaxed,
                        .relaxed_yuan = relaxed_yuan,
                        .bound = relaxed_yuan,
                        .at = neighbourhood ? at : NULL,
                        .held = neighbourhood ? held : NULL,
                        .cutoff = at_yuan,
                        .gap_pu = 1e-6,
                        .nodes_max = NODES,
                        .tell = hear,
                        .ctx = h};
    h->best = at_yuan;
    assert_int_equal(proof_run(&how, &r), ERR_OK);
    return r;
}

static void held_columns_stay_and_bounds_hold(void **state)
{
    (void)state;
    struct heard near = {0}, all = {0};
    double best = at_yuan;
    int solutions = 0;
    for (uint64_t seed = 1; seed <= TRIALS; seed++) {
        struct rng g;
        rng_init(&g, seed, "held", "test");
        double share = (double)(seed - 1) / TRIALS;
        for (int c = 0; c < md.m.cols; c++) {
            held[c] = md.m.integer[c] && rng_uniform(&g) < share;
        }
        near = (struct heard){0};
        prove(&near, true);
        best = fmin(best, near.best);
        solutions += near.solutions;
    }
    assert_true(solutions > 0); /* else nothing was tested */
    memset(held, 0, (size_t)md.m.cols * sizeof *held);
    struct lp_result r = prove(&all, false);
    assert_true(r.bound >= relaxed_yuan);
    assert_true(r.bound <= fmin(best, all.best) + 1e-6 * fabs(best));
}

static void nothing_is_found_where_all_is_held(void **state)
{
    (void)state;
    struct heard h = {0};
    for (int c = 0; c < md.m.cols; c++) {
        held[c] = md.m.integer[c];
    }
    prove(&h, true);
    assert_int_equal(h.solutions, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(held_columns_stay_and_bounds_hold),
        cmocka_unit_test(nothing_is_found_where_all_is_held),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
