/* Batch kiln: published firings, step independence, programmer, holds, trips, quality. */
#include "sim/plant_kiln.h"
#include "tests/support/golden_plants.h"
#include "tests/unit/test_plant_near.h"

static struct plant_kiln fire(const struct plant_kiln_params *par,
                              const struct plant_kiln_recipe *recipe, double h_s)
{
    struct plant_kiln k;
    assert_int_equal(plant_kiln_init(&k, par, 25), ERR_OK);
    struct plant_kiln_in in = {.run = PLANT_KILN_RUN, .recipe = recipe, .ambient_degc = 25};
    for (int i = 0; k.firings == 0; i++) {
        plant_kiln_step(&k, &in, h_s);
        assert_true(i < 300000);
    }
    return k;
}

static void published_firings(void **state)
{
    (void)state;
    struct plant_kiln_params par = golden_small_kiln();
    struct plant_kiln_recipe cone06 = {1, {{999, 630, 0}}}, cone9 = {1, {{1260, 498, 0}}};
    struct plant_kiln a = fire(&par, &cone06, 1), b = fire(&par, &cone9, 1);
    assert_within(a.quality.energy_kwh, 26, 29);
    assert_within(b.quality.energy_kwh, 34, 36);
    assert_near(a.quality.deviation_k_max, 0, 1);
    par = golden_seven_foot_kiln();
    struct plant_kiln_recipe cone6 = {1, {{1222, 534, 0}}};
    struct plant_kiln c = fire(&par, &cone6, 1);
    double duty = c.quality.energy_kwh / (11.52 * c.quality.minutes / 60);
    assert_near(duty, 0.65, 0.07);
    print_message("2.6 ft3 %.1f and %.1f kWh; 7 ft3 %.1f kWh, duty %.2f\n",
                  a.quality.energy_kwh, b.quality.energy_kwh, c.quality.energy_kwh, duty);
}

static void energy_does_not_depend_on_the_step(void **state)
{
    (void)state;
    struct plant_kiln_params par = golden_small_kiln();
    struct plant_kiln_recipe cone06 = {1, {{999, 630, 0}}};
    double one = fire(&par, &cone06, 1).quality.energy_kwh;
    assert_near(fire(&par, &cone06, 10).quality.energy_kwh / one, 1, 1e-3);
    assert_near(fire(&par, &cone06, 60).quality.energy_kwh / one, 1, 1e-3);
    assert_near(fire(&par, &cone06, 0.2).quality.energy_kwh / one, 1, 1e-3);
}

static const struct plant_kiln_recipe short_one = {
    4, {{300, 60, 10}, {600, 60, 0}, {600, 30, 0}, {100, 120, 0}}
};

static void run(struct plant_kiln *k, struct plant_kiln_in *in, int s)
{
    for (int i = 0; i < s; i++) {
        plant_kiln_step(k, in, 1);
    }
}

static void holds(void **state)
{
    (void)state;
    struct plant_kiln_params par = golden_small_kiln();
    struct plant_kiln k;
    assert_int_equal(plant_kiln_init(&k, &par, 20), ERR_OK);
    struct plant_kiln_in in = {.run = PLANT_KILN_RUN, .recipe = &short_one, .ambient_degc = 20};
    run(&k, &in, 1800);
    assert_int_equal(k.state, PLANT_KILN_RUNNING);
    assert_int_equal(k.segment, 1);
    assert_near(k.target_degc, 160, 0.5);
    in.run = PLANT_KILN_HOLD;
    run(&k, &in, 540);
    assert_int_equal(k.state, PLANT_KILN_HOLDING);
    assert_near(k.degc, 160, 1);
    assert_near(k.segment_min, 30, 0.05);
    assert_near(k.quality.pause_min_max, 9, 0.05);
    assert_false(k.quality.paused_wrong);
    in.run = PLANT_KILN_RUN;
    run(&k, &in, 1860);
    assert_int_equal(k.segment, 2);
    in.run = PLANT_KILN_HOLD; /* not allowed in the second segment */
    run(&k, &in, 10);
    assert_true(k.quality.paused_wrong);
    in.run = PLANT_KILN_STOP;
    run(&k, &in, 10);
    assert_int_equal(k.state, PLANT_KILN_STOPPED);
    assert_int_equal(k.firings, 0);
    assert_near(k.kw, 0, 0);
}

static void cooling_may_be_paused(void **state)
{
    (void)state;
    struct plant_kiln_params par = golden_small_kiln();
    par.thermal.cool_kw_per_k = 0.01;
    struct plant_kiln k;
    assert_int_equal(plant_kiln_init(&k, &par, 20), ERR_OK);
    struct plant_kiln_in in = {.run = PLANT_KILN_RUN, .recipe = &short_one, .ambient_degc = 20};
    run(&k, &in, 155 * 60);
    assert_int_equal(k.segment, 4);
    assert_near(k.degc, k.target_degc, 5); /* damper */
    assert_near(k.kw, 0, 0);
    in.run = PLANT_KILN_HOLD;
    run(&k, &in, 600);
    assert_int_equal(k.state, PLANT_KILN_HOLDING);
    assert_false(k.quality.paused_wrong);
    in.run = PLANT_KILN_RUN;
    run(&k, &in, 3 * 3600);
    assert_int_equal(k.firings, 1);
}

static void hold_back_waits_for_a_weak_kiln(void **state)
{
    (void)state;
    struct plant_kiln_params par = golden_small_kiln();
    par.rated_kw = 2.2;
    struct plant_kiln k = fire(&par, &short_one, 1);
    assert_true(k.quality.held_back_min > 10);
    assert_near(k.quality.deviation_k_max, par.band_k, 0.5);
    assert_near(k.quality.minutes, 270 + k.quality.held_back_min, 1);
    assert_within(k.quality.peak_degc, 596, 604);
    assert_within(k.quality.soak_min, 20, 60);
}

static void trip_in_the_firing(void **state)
{
    (void)state;
    struct plant_kiln_params par = golden_small_kiln();
    struct plant_kiln k;
    assert_int_equal(plant_kiln_init(&k, &par, 25), ERR_OK);
    struct plant_kiln_in in = {.run = PLANT_KILN_RUN, .recipe = &short_one, .ambient_degc = 25};
    run(&k, &in, 5400);
    in.trip = true;
    double before = k.degc;
    run(&k, &in, 120);
    assert_int_equal(k.state, PLANT_KILN_FAULT);
    assert_near(k.kw, 0, 0);
    assert_true(k.degc < before - 5);
    in.trip = false;
    run(&k, &in, 600);
    assert_int_equal(k.state, PLANT_KILN_RUNNING);
    assert_near(k.degc, k.target_degc, 5);
    assert_near(k.quality.tripped_min, 2, 0.02);
    assert_false(k.quality.paused_wrong); /* nobody asked for it */
}

static void a_hot_kiln_joins_part_way(void **state)
{
    (void)state;
    struct plant_kiln_params par = golden_small_kiln();
    struct plant_kiln k;
    assert_int_equal(plant_kiln_init(&k, &par, 25), ERR_OK);
    struct plant_kiln_in in = {.run = PLANT_KILN_RUN, .recipe = &short_one, .ambient_degc = 25};
    run(&k, &in, 3000);
    in.run = PLANT_KILN_STOP;
    run(&k, &in, 60);
    double hot = k.degc;
    in.run = PLANT_KILN_RUN;
    run(&k, &in, 1);
    assert_true(hot > 200);
    assert_near(k.target_degc, hot, 1);
    assert_near(k.segment_min, 60 * (hot - 25) / 275, 0.1);
}

static void ends_and_waits_for_a_new_edge(void **state)
{
    (void)state;
    struct plant_kiln_params par = golden_small_kiln();
    struct plant_kiln_recipe soak_only = {
        2, {{200, 30, 0}, {200, 5, 0}}
    };
    struct plant_kiln k = fire(&par, &soak_only, 1);
    struct plant_kiln_in in = {.run = PLANT_KILN_RUN, .recipe = &soak_only, .ambient_degc = 25};
    run(&k, &in, 600);
    assert_int_equal(k.firings, 1);
    assert_int_equal(k.state, PLANT_KILN_STOPPED);
    in.run = PLANT_KILN_STOP;
    run(&k, &in, 1);
    in.recipe = NULL; /* no programme loaded */
    in.run = PLANT_KILN_RUN;
    run(&k, &in, 1);
    assert_int_equal(k.state, PLANT_KILN_STOPPED);
    soak_only.segments = 0;
    assert_int_equal(plant_kiln_recipe_check(&soak_only), ERR_RANGE);
    par.thermal.area_m2 = 0;
    assert_int_equal(plant_kiln_init(&k, &par, 25), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_firings),
        cmocka_unit_test(energy_does_not_depend_on_the_step),
        cmocka_unit_test(holds),
        cmocka_unit_test(cooling_may_be_paused),
        cmocka_unit_test(hold_back_waits_for_a_weak_kiln),
        cmocka_unit_test(trip_in_the_firing),
        cmocka_unit_test(a_hot_kiln_joins_part_way),
        cmocka_unit_test(ends_and_waits_for_a_new_edge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
