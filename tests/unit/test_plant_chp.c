/* Gas CHP: data-sheet points, states and their times, ramp, gas. */
#include "sim/plant_chp.h"
#include "tests/unit/test_plant_near.h"

static void j208(void **state)
{
    (void)state;
    struct plant_chp_params par = plant_chp_defaults(330, 393.2, 330.0 / 851);
    const double kw[] = {330, 247, 163}, fuel[] = {851, 657, 463};
    const double eta[] = {0.387, 0.376, 0.353};
    /* jacket + oil + intercooler + a fifth of the fuel */
    const double heat[] = {223 + 170.2, 169 + 131.4, 118 + 92.6};
    for (int i = 0; i < 3; i++) {
        assert_near(plant_chp_fuel_kw(&par, kw[i]) / fuel[i], 1, 1e-9);
        assert_near(kw[i] / plant_chp_fuel_kw(&par, kw[i]), eta[i], 0.002);
        assert_near(plant_chp_heat_kw(&par, kw[i]) / heat[i], 1, 1e-3);
    }
    assert_near(plant_chp_fuel_kw(&par, 0), 0, 0);
    struct plant_chp_params park = plant_chp_defaults(1000, 1024, 0.41);
    assert_near(plant_chp_fuel_kw(&park, 1000), 2439.02, 0.01);
    assert_near(plant_chp_heat_kw(&park, 1000), 1024, 1e-9);
    assert_within(500 / plant_chp_fuel_kw(&park, 500), 0.37, 0.38); /* 0.41 * 35.3 / 38.8 */
}

static void another_data_sheet(void **state)
{
    (void)state;
    struct plant_chp_params par = plant_chp_defaults(1500, 1500, 0.424);
    const double load[] = {0.5, 0.75, 1}, eta[] = {0.390, 0.413, 0.424}; /* Jenbacher J420 */
    par.fuel = plant_chp_curve_of_eta(3, load, eta);
    struct plant_chp c;
    assert_int_equal(plant_chp_init(&c, &par), ERR_OK);
    for (int i = 0; i < 3; i++) {
        assert_near(load[i] * 1500 / plant_chp_fuel_kw(&par, load[i] * 1500), eta[i], 1e-12);
    }
    par.fuel.load_pu[1] = 0.4; /* out of order */
    assert_int_equal(plant_chp_init(&c, &par), ERR_RANGE);
}

static struct plant_chp engine(void)
{
    struct plant_chp_params par = plant_chp_defaults(1000, 1024, 0.41);
    struct plant_chp c;
    assert_int_equal(plant_chp_init(&c, &par), ERR_OK);
    return c;
}

static void a_day_s_run(void **state)
{
    (void)state;
    struct plant_chp c = engine();
    struct plant_chp_in in = {.run = true, .set_kw = 1000};
    int t = 0;
    for (; c.kw <= 0; t++) {
        plant_chp_step(&c, &in, 1);
    }
    assert_within(t, 600, 603);
    for (int i = 0; c.kw < 999.999; i++, t++) {
        double before = c.kw;
        plant_chp_step(&c, &in, 1);
        assert_true(c.kw - before <= 1000 * 0.2 / 60 + 1e-9);
    }
    assert_within(t, 900, 905); /* five minutes from nothing at 20 %/min */
    plant_chp_step(&c, &in, 3600);
    assert_near(c.gas_m3_per_h, 2439.02 / 9.886, 0.01);
    assert_near(c.heat_kw, 1024, 0.01);
    in.set_kw = 100; /* below the least load */
    plant_chp_step(&c, &in, 600);
    assert_near(c.kw, 500, 1e-9);
    assert_int_equal(c.state, PLANT_LIMITED);
}

/* Half a day to full power, worse at part load, wood by weight. */
static void biomass(void **state)
{
    (void)state;
    struct plant_chp_params par = plant_chp_biomass(600, 1700);
    struct plant_chp c;
    assert_int_equal(plant_chp_init(&c, &par), ERR_OK);
    struct plant_chp_in in = {.run = true, .set_kw = 600};
    int s = 0;
    for (; c.kw < 599.99; s++) {
        plant_chp_step(&c, &in, 1);
        assert_true(s < 86400);
    }
    assert_near(s, 4 * 3600 + 60 / 0.03, 5);
    assert_near(c.load_kw / c.fuel_kw, 0.22, 1e-6);
    assert_near(c.gas_m3_per_h, 600 / 0.22 / 3.4, 0.01);
    in.set_kw = 0; /* it stays lit at its least load */
    for (int i = 0; i < 7200; i++) {
        plant_chp_step(&c, &in, 1);
    }
    assert_near(c.kw, 180, 1e-9);
    assert_within(c.load_kw / c.fuel_kw, 0.18, 0.22);
    par.fuel_kwh_per_m3 = 0;
    assert_int_equal(plant_chp_init(&c, &par), ERR_RANGE);
}

static void least_times(void **state)
{
    (void)state;
    struct plant_chp c = engine();
    struct plant_chp_in in = {.run = true, .set_kw = 800};
    for (int i = 0; i < 900; i++) {
        plant_chp_step(&c, &in, 1);
    }
    in.run = false;
    int up = 0;
    for (; c.synchronised; up++) {
        plant_chp_step(&c, &in, 1);
        assert_true(up < 10000);
    }
    assert_near(up + 300, 7200, 3); /* it ran 300 s before the command */
    assert_int_equal(c.state, PLANT_STOPPING);
    in.run = true;
    int down = 0;
    for (; c.state != PLANT_STARTING; down++) {
        plant_chp_step(&c, &in, 1);
        assert_true(down < 10000);
    }
    assert_within(down, 3600, 3600 + 185); /* off 1 h, after 3 min of cooling down */
    assert_int_equal(c.starts, 2);
    assert_within(c.hours_h, 2.0, 2.01);
}

static void unloads_before_it_leaves(void **state)
{
    (void)state;
    struct plant_chp c = engine();
    struct plant_chp_in in = {.run = true, .set_kw = 1000};
    for (int i = 0; i < 600 + 7200 + 60; i++) {
        plant_chp_step(&c, &in, 1);
    }
    in.run = false;
    double least = 1000;
    int t = 0;
    for (; c.synchronised; t++) {
        least = c.kw;
        plant_chp_step(&c, &in, 1);
    }
    assert_within(least, 500, 504);
    assert_within(t, 150, 152); /* 500 kW at 200 kW/min */
    in.run = true;
    in.trip = true;
    plant_chp_step(&c, &in, 1);
    assert_int_equal(c.state, PLANT_FAULT);
    assert_near(c.kw, 0, 0);
    c.par.eta_pu = 0.9;
    assert_int_equal(plant_chp_init(&c, &c.par), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(j208),        cmocka_unit_test(another_data_sheet),
        cmocka_unit_test(a_day_s_run), cmocka_unit_test(least_times),
        cmocka_unit_test(biomass),     cmocka_unit_test(unloads_before_it_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
