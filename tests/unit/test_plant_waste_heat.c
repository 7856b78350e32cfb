/* Waste heat: follows its kiln with a lag, up to its rating. */
#include "sim/plant_waste_heat.h"
#include "tests/unit/test_plant_near.h"

static void follows(void **state)
{
    (void)state;
    struct plant_waste_params par = {
        .rated_heat_kw = 200, .follow_pu = 0.35, .lag_s = 600, .gas_degc_max = 220};
    struct plant_waste w;
    assert_int_equal(plant_waste_init(&w, &par), ERR_OK);
    struct plant_waste_in in = {.source_kw = 560, .open = true};
    for (int i = 0; i < 600; i++) {
        plant_waste_step(&w, &in, 1);
    }
    assert_near(w.heat_kw, 196 * (1 - exp(-1)), 1e-9);
    plant_waste_step(&w, &in, 36000);
    assert_near(w.heat_kw, 196, 1e-9);
    in.source_kw = 900;
    plant_waste_step(&w, &in, 36000);
    assert_near(w.heat_kw, 200, 1e-9);
    assert_near(w.degc, 220, 1e-9);
    in.open = false;
    plant_waste_step(&w, &in, 1);
    assert_near(w.heat_kw, 0, 0);
    par.follow_pu = 1.5;
    assert_int_equal(plant_waste_init(&w, &par), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(follows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
