/* Gas boiler: command, thermostat, least load, gas. */
#include "sim/plant_gas_boiler.h"
#include "tests/unit/test_plant_near.h"

static struct plant_boiler boiler(void)
{
    struct plant_boiler_params par = plant_boiler_defaults(2000);
    struct plant_boiler b;
    assert_int_equal(plant_boiler_init(&b, &par), ERR_OK);
    return b;
}

static void commanded_heat(void **state)
{
    (void)state;
    struct plant_boiler b = boiler();
    struct plant_boiler_in in = {.run = true, .set_heat_kw = 1200, .tank_degc = 80};
    for (int i = 0; i < 60; i++) {
        plant_boiler_step(&b, &in, 1);
        assert_near(b.heat_kw, 0, 0); /* purging */
    }
    for (int i = 0; i < 100; i++) {
        plant_boiler_step(&b, &in, 1);
    }
    assert_near(b.heat_kw, 1200, 1e-9);
    assert_near(b.gas_m3_per_h, 1200 / 0.92 / 9.886, 1e-9);
    in.set_heat_kw = 300; /* below 20 %: off, after its least run */
    plant_boiler_step(&b, &in, 1);
    assert_true(b.heat_kw >= 400);
    plant_boiler_step(&b, &in, 180);
    plant_boiler_step(&b, &in, 1);
    assert_near(b.heat_kw, 0, 0);
    assert_int_equal(b.state, PLANT_OFF);
}

static void thermostat(void **state)
{
    (void)state;
    struct plant_boiler b = boiler();
    struct plant_boiler_in in = {.run = true, .tank_degc = 61};
    plant_boiler_step(&b, &in, 1);
    plant_boiler_step(&b, &in, 60);
    plant_boiler_step(&b, &in, 200);
    assert_near(b.heat_kw, 2000, 1e-9);
    in.tank_degc = 65; /* inside its hysteresis */
    plant_boiler_step(&b, &in, 60);
    assert_near(b.heat_kw, 2000, 1e-9);
    in.tank_degc = 69;
    plant_boiler_step(&b, &in, 1);
    assert_near(b.heat_kw, 0, 0);
    in.tank_degc = 60;
    in.run = false; /* blocked */
    plant_boiler_step(&b, &in, 600);
    assert_int_equal(b.state, PLANT_OFF);
    in.run = in.trip = true;
    plant_boiler_step(&b, &in, 1);
    assert_int_equal(b.state, PLANT_FAULT);
    assert_near(b.gas_m3 * 9.886 * 0.92, b.heat_kwh, 1e-9);
    b.par.min_pu = 1;
    assert_int_equal(plant_boiler_init(&b, &b.par), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commanded_heat),
        cmocka_unit_test(thermostat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
