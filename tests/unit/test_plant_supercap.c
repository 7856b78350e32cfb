/* Supercapacitor bank: closure, efficiency against the constant-current formula, ends. */
#include "sim/plant_supercap.h"
#include "tests/unit/test_plant_near.h"

/* 500 cells of 3000 F, 0.29 mOhm, 2.7 V in a row, four rows. */
static struct plant_supercap bank(double soc_pu)
{
    struct plant_supercap_params par = plant_supercap_bank(3000, 0.29e-3, 2.7, 500, 4);
    struct plant_supercap c;
    assert_int_equal(plant_supercap_init(&c, &par, soc_pu), ERR_OK);
    return c;
}

static void energy_closes(void **state)
{
    (void)state;
    struct plant_supercap c = bank(0.5);
    c.par.leak_a = 0.02;
    double begin = plant_supercap_kwh(&c.par, c.volt);
    struct plant_supercap_in in = {.run = true};
    for (int i = 0; i < 100000; i++) {
        in.set_kw = 400 * sin(i * 0.11) + 150 * sin(i * 0.013);
        plant_supercap_step(&c, &in, i % 3 ? 1 : 0.1);
        assert_within(c.volt, 0, c.par.volt_max * (1 + 1e-12));
        assert_true(c.loss_kw >= -1e-9);
    }
    double lack = begin + c.charge_kwh - c.discharge_kwh - c.loss_kwh -
                  plant_supercap_kwh(&c.par, c.volt);
    assert_near(lack / (c.charge_kwh + c.discharge_kwh), 0, 1e-9);
}

/* Small steps at constant power: terminal energy over stored energy is the mean of 1 - R I/V.
 */
static void discharge_loses_in_the_resistance(void **state)
{
    (void)state;
    struct plant_supercap c = bank(1);
    c.par.eta_pu = 1;
    struct plant_supercap_in in = {.run = true, .set_kw = 500};
    double lost_kwh = 0, from_kwh = plant_supercap_kwh(&c.par, c.volt);
    while (c.soc_pu > 0.2) {
        double amp = (c.volt - sqrt(c.volt * c.volt - 4 * c.par.ohm * 500e3)) / (2 * c.par.ohm);
        lost_kwh += c.par.ohm * amp * amp * 0.01 / 3.6e6;
        plant_supercap_step(&c, &in, 0.01);
    }
    double out_kwh = from_kwh - plant_supercap_kwh(&c.par, c.volt);
    assert_near((out_kwh - c.discharge_kwh) / lost_kwh, 1, 1e-3);
    assert_within(c.discharge_kwh / out_kwh, 0.9, 0.99);
}

static void ends_hold_in_long_steps(void **state)
{
    (void)state;
    struct plant_supercap c = bank(0.9);
    struct plant_supercap_in in = {.run = true, .set_kw = -1000};
    plant_supercap_step(&c, &in, 600);
    assert_int_equal(c.state, PLANT_LIMITED);
    assert_true(c.soc_pu > 0.9 && c.soc_pu <= 1);
    for (int i = 0; i < 600; i++) {
        plant_supercap_step(&c, &in, 1);
    }
    assert_near(c.soc_pu, 1, 1e-6);
    in.set_kw = 300;
    for (int i = 0; i < 600; i++) {
        plant_supercap_step(&c, &in, 1);
    }
    assert_near(c.soc_pu, 0, 1e-6);
    assert_near(c.kw, 0, 1e-3);
    in.trip = true;
    plant_supercap_step(&c, &in, 1);
    assert_int_equal(c.state, PLANT_FAULT);
    c.par.ohm = 0;
    assert_int_equal(plant_supercap_init(&c, &c.par, 0.5), ERR_RANGE);
}

/* V^2/4R is the most, and asking for more gives no more. */
static void matched_power(void **state)
{
    (void)state;
    struct plant_supercap c = bank(1);
    c.par.eta_pu = 1;
    c.par.rated_kw = 1e6;
    double most_kw = plant_supercap_kw_max(&c, 1e-3);
    assert_near(most_kw, c.volt * c.volt / (4 * c.par.ohm) / 1000, 0.01 * most_kw);
    struct plant_supercap_in in = {.run = true, .set_kw = 2 * most_kw};
    plant_supercap_step(&c, &in, 1e-3);
    assert_near(c.kw, most_kw, 1e-6 * most_kw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(energy_closes),
        cmocka_unit_test(discharge_loses_in_the_resistance),
        cmocka_unit_test(ends_hold_in_long_steps),
        cmocka_unit_test(matched_power),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
