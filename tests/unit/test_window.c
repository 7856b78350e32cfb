/* Cuts over windows: each is broken by the relaxation that it was found at and by no integer
 * solution, and where a store is filled by one run it closes the gap. */
#include "optimizer/glpk_door.h"
#include "optimizer/window.h"
#include "tests/support/tiny_problem.h"
#include "tests/unit/test_plant_near.h"
#include <string.h>

enum { PROBLEMS = 400, STEPS = 8, MEMORY_MIB = 256, CUTS_EXPECTED = 300 };
static const uint64_t SEED = 20260301;
static const struct lp_budget NONE = {0, 0};

static struct problem p;
static struct model md;

static int add_tank(int heat, double kwh, double start_kwh)
{
    int b = tiny_battery(&p);
    struct problem_storage *s = &p.storage[b];
    s->bus_in = s->bus_out = heat;
    s->charge_kw_max = s->discharge_kw_max = series_const(kwh);
    s->energy_kwh_min = series_const(0);
    s->energy_kwh_max = series_const(kwh);
    s->energy_start_kwh = start_kwh;
    s->exclusive = false;
    return b;
}

/* A unit from electricity to heat. */
static struct problem_converter *add_unit(int heat, const char *name, double kw, double gain)
{
    struct problem_converter c;
    int i = 0;
    problem_converter_init(&c, name, 0);
    c.in_kw_max = series_const(kw);
    c.out[0].bus = heat;
    c.out[0].gain = series_const(gain);
    assert_int_equal(problem_add_converter(&p, &c, &i), ERR_OK);
    return &p.converter[i];
}

static void random_unit(struct rng *r, int heat, const char *name)
{
    struct problem_converter *c =
        add_unit(heat, name, rng_between(r, 20, 80), rng_between(r, 1, 3));
    double gain = series_get(&p, c->out[0].gain, 0),
           least = rng_uniform(r) < 0.7 ? rng_between(r, 5, 20) : 0;
    c->in_kw_min = series_const(least);
    c->in_kw_max = rng_uniform(r) < 0.3 ? tiny_noise(&p, r, 20, 80) : c->in_kw_max;
    c->out[0].offset_kw =
        series_const(rng_uniform(r) < 0.4 ? rng_between(r, -gain * least, 20) : 0);
    c->start_yuan = rng_between(r, 1, 60);
    c->stop_yuan = rng_uniform(r) < 0.3 ? rng_between(r, 0, 20) : 0;
    c->min_up_s = rng_uniform(r) < 0.5 ? 7200 : 0;
    c->min_down_s = rng_uniform(r) < 0.5 ? 7200 : 0;
    c->on_now = rng_uniform(r) < 0.4;
    c->in_start_kw = c->on_now ? 20 : 0;
    c->since_s = rng_between(r, 0, 7200);
}

/* One or two units, a tank, a firing with waste heat, on some days a leak and a dump. */
static void random_problem(struct rng *r)
{
    struct problem_fault f;
    struct problem_load l;
    int heat = 0;
    tiny_problem(&p, STEPS);
    assert_int_equal(problem_add_bus(&p, "heat", BUS_HEAT, &heat), ERR_OK);
    p.bus[heat].dump = rng_uniform(r) < 0.7;
    p.bus[heat].dump_yuan_per_kwh = 0.05;
    p.bus[heat].unserved_yuan_per_kwh = rng_between(r, 0.4, 1.5);
    problem_load_init(&l, "hall", heat);
    l.draw_kw = tiny_noise(&p, r, 0, 100);
    assert_int_equal(problem_add_load(&p, &l, NULL), ERR_OK);
    p.grid.import_yuan_per_kwh = tiny_noise(&p, r, 0.2, 1.3);
    double kwh = rng_between(r, 50, 400);
    int b = add_tank(heat, kwh, kwh * rng_between(r, 0, 1));
    p.storage[b].charge_pu = rng_uniform(r) < 0.3 ? 0.95 : 1;
    p.storage[b].discharge_pu = rng_uniform(r) < 0.3 ? 0.9 : 1;
    p.storage[b].loss_pu_per_h = rng_uniform(r) < 0.5 ? 0.02 : 0;
    p.storage[b].terminal_yuan_per_kwh = rng_between(r, 0, 0.6);
    random_unit(r, heat, "one");
    if (rng_uniform(r) < 0.6) {
        random_unit(r, heat, "two");
    }
    int o = rng_uniform(r) < 0.5 ? tiny_order(&p, 60, 2) : -1;
    if (o >= 0) {
        struct problem_recipe *c = &p.recipe[p.order[o].recipe];
        c->give_bus = heat;
        c->give_at = c->draw_at;
    }
    if (problem_validate(&p, &f) != ERR_OK) {
        fail_msg("generator: %s", f.text);
    }
}

/* A model with its relaxation and the cuts found at it. */
struct found {
    struct arena arena;
    struct lp *lp;
    double *x, yuan;
    struct window_cut cut[WINDOW_CUTS_MAX];
    int cuts;
};

static void find(struct found *f)
{
    struct window w;
    arena_init(&f->arena, 64u << 20);
    assert_int_equal(model_build(&md, &p, false, &f->arena), ERR_OK);
    f->x = arena_take(&f->arena, (size_t)md.m.cols, sizeof *f->x);
    struct lp_result got = {.x = f->x};
    assert_int_equal(lp_open(&md.m, MEMORY_MIB, &f->lp), ERR_OK);
    assert_int_equal(lp_relax(f->lp, &NONE, &got), ERR_OK);
    assert_int_equal(got.answer, LP_OPTIMAL);
    f->yuan = got.objective;
    assert_int_equal(window_open(&w, &md, md.m.col_lo, md.m.col_hi, &f->arena), ERR_OK);
    assert_int_equal(window_find(&w, f->x, f->cut, &f->cuts), ERR_OK);
}

static void drop(struct found *f)
{
    lp_close(f->lp);
    arena_fini(&f->arena);
}

/* Optimum of the whole model by GLPK alone. */
static double optimum(double *x)
{
    struct lp *k = NULL;
    struct lp_search how = {.cutoff = HUGE_VAL};
    struct lp_result got = {.x = x};
    assert_int_equal(lp_open(&md.m, MEMORY_MIB, &k), ERR_OK);
    assert_int_equal(lp_relax(k, &NONE, &got), ERR_OK);
    assert_int_equal(lp_search(k, &how, &got), ERR_OK);
    assert_int_equal(got.answer, LP_OPTIMAL);
    lp_close(k);
    return got.objective;
}

static double side(const struct window_cut *c, const double *x)
{
    double sum = 0;
    for (int i = 0; i < c->len; i++) {
        sum += c->value[i] * x[c->col[i]];
    }
    return sum;
}

/* The most that a cut's left side can be in an integer solution. */
static double most(const struct window_cut *c, double *x)
{
    memset(md.m.cost, 0, (size_t)md.m.cols * sizeof *md.m.cost);
    md.m.offset = 0;
    for (int i = 0; i < c->len; i++) {
        md.m.cost[c->col[i]] = -c->value[i];
    }
    return -optimum(x);
}

static void no_integer_solution_breaks_a_cut(void **state)
{
    (void)state;
    int cuts = 0;
    double nearest = -HUGE_VAL;
    for (int i = 0; i < PROBLEMS; i++) {
        struct rng r;
        struct found f;
        rng_init(&r, SEED + (uint64_t)i, "window", "problem");
        random_problem(&r);
        find(&f);
        double *x = arena_take(&f.arena, (size_t)md.m.cols, sizeof *x);
        for (int k = 0; k < f.cuts; k++, cuts++) {
            double reached = most(&f.cut[k], x) - f.cut[k].hi;
            nearest = fmax(nearest, reached);
            if (side(&f.cut[k], f.x) <= f.cut[k].hi || reached > 1e-6) {
                fail_msg("seed %lu problem %d cut %d: %g of %g at the relaxation, "
                         "an integer solution %g above",
                         SEED, i, k, side(&f.cut[k], f.x), f.cut[k].hi, reached);
            }
        }
        drop(&f);
    }
    print_message("%d cuts, nearest integer solution %.2g from one\n", cuts, -nearest);
    assert_true(cuts > CUTS_EXPECTED);
    assert_true(nearest > -1e-6); /* they touch: none could be tighter everywhere */
}

/* 100 kW for four hours may fill a tank with room for 200 kWh: the relaxation starts half of
 * the unit, four hours long. Half of the start's 50 yuan is what it hides. */
static void a_run_that_fills_a_store_is_started_as_a_whole(void **state)
{
    (void)state;
    struct found f;
    int heat = 0;
    tiny_problem(&p, 4);
    p.grid.import_yuan_per_kwh = series_const(0.4);
    assert_int_equal(problem_add_bus(&p, "heat", BUS_HEAT, &heat), ERR_OK);
    int b = add_tank(heat, 200, 0);
    p.storage[b].terminal_yuan_per_kwh = 1;
    add_unit(heat, "hp", 100, 1)->start_yuan = 50;
    find(&f);
    double *x = arena_take(&f.arena, (size_t)md.m.cols, sizeof *x), want = optimum(x);
    assert_true(fabs(want - f.yuan - 25) < 1e-6);
    assert_true(f.cuts > 0);
    for (int k = 0; k < f.cuts; k++) {
        const struct window_cut *c = &f.cut[k];
        assert_int_equal(lp_add(f.lp, c->len, c->col, c->value, c->hi), ERR_OK);
    }
    struct lp_result got = {.x = f.x};
    assert_int_equal(lp_again(f.lp, &NONE, HUGE_VAL, &got), ERR_OK);
    assert_int_equal(got.answer, LP_OPTIMAL);
    assert_true(fabs(got.objective - want) < 1e-6);
    drop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_integer_solution_breaks_a_cut),
        cmocka_unit_test(a_run_that_fills_a_store_is_started_as_a_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
