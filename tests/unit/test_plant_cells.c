/* Cells: temperature at rest, air conditioning, rates over temperature, ageing behind a
 * battery. */
#include "sim/plant_battery.h"
#include "tests/unit/test_plant_near.h"

static struct plant_cells cells(struct plant_cells_params par)
{
    struct plant_cells c;
    assert_int_equal(plant_cells_init(&c, &par, 50, 0.5), ERR_OK);
    return c;
}

static void run(struct plant_cells *c, const struct plant_cells_in *in, int minutes)
{
    for (int i = 0; i < minutes; i++) {
        plant_cells_step(c, in, 60);
    }
}

static void warms_with_its_losses(void **state)
{
    (void)state;
    struct plant_cells c = cells(plant_cells_defaults());
    struct plant_cells_in in = {.loss_kw = 50, .ambient_degc = 25, .soc_pu = 0.5};
    run(&c, &in, 120);
    assert_near(c.degc, 25 + 10 * (1 - exp(-1)), 1e-6);
    run(&c, &in, 3000);
    assert_near(c.degc, 35, 1e-6);
    assert_true(isinf(plant_cells_charge_c(&c)));
    assert_near(plant_cells_health_pu(&c), 1, 0);
}

/* In a hard winter and a hot summer the container stays in its band, for power. */
static void air_conditioning_keeps_the_band(void **state)
{
    (void)state;
    const double outside[] = {-5, 42};
    for (int i = 0; i < 2; i++) {
        struct plant_cells_params par = plant_cells_container(2500);
        struct plant_cells c = cells(par);
        struct plant_cells_in in = {
            .loss_kw = i == 0 ? 0 : 40, .ambient_degc = outside[i], .soc_pu = 0.5};
        double work_kwh = 0, low = 99, high = -99;
        run(&c, &in, 600);
        for (int m = 0; m < 2880; m++) {
            plant_cells_step(&c, &in, 60);
            work_kwh += c.hvac_kw / 60;
            low = fmin(low, c.degc);
            high = fmax(high, c.degc);
        }
        assert_true(i == 0 ? low > 17.5 : high < 30.5);
        assert_within(work_kwh, 100, 2400);
        assert_true(c.hvac == (i == 0 ? 1 : -1) || c.hvac == 0);
    }
}

static void rates(void **state)
{
    (void)state;
    struct plant_cells_params par = plant_cells_container(1000);
    struct plant_cells c = cells(par);
    const double degc[] = {-30, -10, 0, 10, 17.5, 25, 45, 50, 60};
    const double in[] = {0, 0, 0, 0.16, 0.405, 0.65, 0.65, 0.325, 0};
    const double out[] = {0, 0.5, 1, 1, 1, 1, 1, 2 / 3.0, 0};
    for (int i = 0; i < 9; i++) {
        c.degc = degc[i];
        assert_near(plant_cells_charge_c(&c), in[i], 1e-9);
        assert_near(plant_cells_discharge_c(&c), out[i], 1e-9);
    }
    par.high_degc = par.low_degc + 1;
    assert_int_equal(plant_cells_init(&c, &par, 50, 0.5), ERR_RANGE);
}

static void a_cold_battery_takes_less(void **state)
{
    (void)state;
    struct plant_battery_params par = plant_battery_defaults(1000, 2000);
    par.cells.limits = true;
    struct plant_battery b;
    assert_int_equal(plant_battery_init(&b, &par, 0.5), ERR_OK);
    struct plant_battery_in in = {.run = true, .ambient_degc = 10};
    for (int i = 0; i < 48 * 60; i++) {
        plant_battery_step(&b, &in, 60);
    }
    in.set_kw = -1000;
    plant_battery_step(&b, &in, 1);
    plant_battery_step(&b, &in, 1);
    assert_near(b.kw, -0.16 * 2000, 1);
    assert_int_equal(b.state, PLANT_LIMITED);
    in.set_kw = 1000;
    plant_battery_step(&b, &in, 1);
    plant_battery_step(&b, &in, 1);
    assert_near(b.kw, 1000, 1);
}

/* A year of one cycle a day: capacity falls as the cells' law says, energy still closes. */
static void a_battery_ages(void **state)
{
    (void)state;
    struct plant_battery_params par = plant_battery_defaults(1000, 2000);
    par.cells.ages = true;
    par.self_discharge_pu_per_day = 0;
    struct plant_battery b;
    assert_int_equal(plant_battery_init(&b, &par, 0.5), ERR_OK);
    double begin_kwh = b.stored_kwh, loss_kwh = 0;
    for (int i = 0; i < 365 * 288; i++) {
        int hour = i % 288 / 12;
        struct plant_battery_in in = {.run = true, .ambient_degc = 25};
        in.set_kw = hour >= 2 && hour < 5 ? -800 : hour >= 18 && hour < 21 ? 800 : 0;
        plant_battery_step(&b, &in, 300);
        loss_kwh += b.loss_kw / 12;
        assert_within(b.soc_pu, 0, 1);
    }
    double lack = begin_kwh + b.charge_kwh - b.discharge_kwh - loss_kwh - b.stored_kwh;
    assert_near(lack / b.charge_kwh, 0, 1e-9);
    assert_within(b.soh_pu, 0.955, 0.97); /* 4.0 points by the law at SOC 50 % and 0.9 deep */
    assert_within(b.cells.ageing.full_cycles, 320, 365);
}

/* The converter follows a profile's ramp to 5 %: 0.1 pu/s is 10 s for full power. */
static void converter_keeps_its_ramp(void **state)
{
    (void)state;
    struct plant_battery_params par = plant_battery_defaults(1000, 2000);
    par.slew_pu_per_s = 0.1;
    struct plant_battery b;
    assert_int_equal(plant_battery_init(&b, &par, 0.5), ERR_OK);
    struct plant_battery_in in = {.run = true, .ambient_degc = 25};
    plant_battery_step(&b, &in, 20);
    in.set_kw = 1000;
    int steps = 0;
    for (; b.kw < 999; steps++) {
        double before = b.kw;
        plant_battery_step(&b, &in, 0.1);
        assert_true(b.kw - before <= 10 * (1 + 1e-9));
    }
    assert_near(steps * 0.1, 10, 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(warms_with_its_losses),
        cmocka_unit_test(air_conditioning_keeps_the_band),
        cmocka_unit_test(rates),
        cmocka_unit_test(a_cold_battery_takes_less),
        cmocka_unit_test(a_battery_ages),
        cmocka_unit_test(converter_keeps_its_ramp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
