/* Kilns from nameplate and firing energy: the reference park's three and what cannot be. */
#include "sim/plant_kiln.h"
#include "tests/unit/test_plant_near.h"

static const struct plant_kiln_recipe shuttle = {
    8,
    {{300, 120, 30},
      {600, 120, 0},
      {950, 150, 20},
      {1050, 60, 20},
      {1280, 210, 0},
      {1280, 60, 0},
      {1000, 60, 0},
      {80, 480, 0}}
};
static const struct plant_kiln_recipe decal = {
    4, {{500, 90, 20}, {800, 90, 0}, {800, 30, 0}, {80, 240, 0}}
};
static const struct plant_kiln_recipe sintering = {
    5, {{600, 360, 0}, {1200, 240, 0}, {1600, 240, 0}, {1600, 180, 0}, {80, 540, 0}}
};

static struct plant_kiln fire(const struct plant_kiln_params *par,
                              const struct plant_kiln_recipe *recipe, double h_s)
{
    struct plant_kiln k;
    assert_int_equal(plant_kiln_init(&k, par, 25), ERR_OK);
    struct plant_kiln_in in = {.run = PLANT_KILN_RUN, .recipe = recipe, .ambient_degc = 25};
    for (int i = 0; k.firings == 0; i++) {
        plant_kiln_step(&k, &in, h_s);
        assert_true(i < 300000);
        assert_true(k.kw <= 0 && -k.kw <= par->rated_kw + 1e-9);
    }
    return k;
}

static void the_park_s_kilns(void **state)
{
    (void)state;
    const struct {
        const char *name;
        double rated_kw, energy_kwh, minutes;
        const struct plant_kiln_recipe *recipe;
    } kiln[] = {
        {"shuttle",   360, 2600, 1260, &shuttle  },
        {"decal",     120, 330,  450,  &decal    },
        {"sintering", 150, 1900, 1560, &sintering}
    };
    for (int i = 0; i < 3; i++) {
        struct plant_kiln_params par;
        assert_int_equal(
            plant_kiln_params_for(kiln[i].rated_kw, kiln[i].energy_kwh, kiln[i].recipe, &par),
            ERR_OK);
        struct plant_kiln k = fire(&par, kiln[i].recipe, 1);
        print_message("%s %.0f kWh, at most %.1f K off, %.0f min\n", kiln[i].name,
                      k.quality.energy_kwh, k.quality.deviation_k_max, k.quality.minutes);
        assert_near(k.quality.energy_kwh / kiln[i].energy_kwh, 1, 0.01);
        assert_within(k.quality.deviation_k_max, 0, 5);
        assert_near(k.quality.minutes, kiln[i].minutes, 2);
        assert_near(fire(&par, kiln[i].recipe, 10).quality.energy_kwh / k.quality.energy_kwh, 1,
                    1e-3);
    }
}

/* The reference park's own model of the shuttle kiln: 3.3 MJ/K. */
static void like_the_reference_shuttle(void **state)
{
    (void)state;
    struct plant_kiln_params par;
    assert_int_equal(plant_kiln_params_for(360, 2600, &shuttle, &par), ERR_OK);
    assert_near(par.thermal.lump_kj_per_k, 3300, 330);
    assert_within(par.thermal.area_m2, 20, 100);
}

static void other_sizes(void **state)
{
    (void)state;
    for (double scale = 0.1; scale < 20; scale *= 3) {
        struct plant_kiln_params par;
        assert_int_equal(plant_kiln_params_for(360 * scale, 2400 * scale, &shuttle, &par),
                         ERR_OK);
        assert_near(fire(&par, &shuttle, 5).quality.energy_kwh / (2400 * scale), 1, 0.01);
    }
}

static void what_cannot_be(void **state)
{
    (void)state;
    struct plant_kiln_params par = {.rated_kw = -1};
    assert_int_equal(plant_kiln_params_for(100, 5000, &decal, &par), ERR_INFEASIBLE);
    assert_int_equal(plant_kiln_params_for(0, 330, &decal, &par), ERR_RANGE);
    assert_int_equal(plant_kiln_params_for(120, -1, &decal, &par), ERR_RANGE);
    struct plant_kiln_recipe cold = {1, {{20, 60, 0}}};
    assert_int_equal(plant_kiln_params_for(120, 330, &cold, &par), ERR_RANGE);
    cold.segment[0].minutes = 0;
    assert_int_equal(plant_kiln_params_for(120, 330, &cold, &par), ERR_RANGE);
    assert_near(par.rated_kw, -1, 0); /* untouched */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_park_s_kilns),
        cmocka_unit_test(like_the_reference_shuttle),
        cmocka_unit_test(other_sizes),
        cmocka_unit_test(what_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
