/* Compressor: specific work, receiver's balance, band, unloaded power, riding on the store. */
#include "sim/plant_compressor.h"
#include "tests/unit/test_plant_near.h"

static struct plant_compressor compressor(void)
{
    struct plant_compressor_params par = plant_compressor_defaults(1000);
    struct plant_compressor c;
    assert_int_equal(plant_compressor_init(&c, &par), ERR_OK);
    return c;
}

static void run(struct plant_compressor *c, const struct plant_compressor_in *in, int s)
{
    for (int i = 0; i < s; i++) {
        plant_compressor_step(c, in, 1);
    }
}

static void specific_power(void **state)
{
    (void)state;
    double work = plant_compressor_kwh_per_m3(7, 1);
    assert_within(work / 0.72, 0.10, 0.12); /* usual packages */
    assert_true(plant_compressor_kwh_per_m3(7, 2) < work);
    /* Towards many stages it is the isothermal work p ln r. */
    double isothermal = 101325 * log(8.01325 / 1.01325) / 3.6e6;
    assert_near(plant_compressor_kwh_per_m3(7, 1000) / isothermal, 1, 1e-3);
}

static void cycles_in_its_band(void **state)
{
    (void)state;
    struct plant_compressor c = compressor();
    struct plant_compressor_in in = {.demand_m3_per_h = 500, .run = true};
    double before_m3 = c.bar * c.par.receiver_m3 / 1.01325, made_m3 = 0;
    for (int i = 0; i < 4 * 3600; i++) {
        plant_compressor_step(&c, &in, 1);
        made_m3 += c.loaded ? 1000 / 3600.0 : 0;
        assert_within(c.bar, 6.75, 7.55);
    }
    double after_m3 = c.bar * c.par.receiver_m3 / 1.01325;
    assert_near(before_m3 + made_m3 - c.air_m3, after_m3, 1e-6);
    assert_near(c.air_m3, 2000, 1e-6);
    assert_near(c.short_m3, 0, 1e-9);
    /* Half loaded costs far more than half. */
    double full_kw = 1000 * plant_compressor_kwh_per_m3(7, 1) / 0.72;
    assert_within(c.draw_kwh / 4 / full_kw, 0.65, 0.85);
    assert_int_equal(c.starts, 1);
}

static void idles_and_stops(void **state)
{
    (void)state;
    struct plant_compressor c = compressor();
    struct plant_compressor_in in = {.demand_m3_per_h = 800, .run = true};
    run(&c, &in, 600);
    in.demand_m3_per_h = 0;
    run(&c, &in, 400); /* fills up, unloads, blows down */
    double full_kw = 1000 * plant_compressor_kwh_per_m3(7, 1) / 0.72;
    assert_near(c.draw_kw, 0.3 * full_kw, 1e-9);
    assert_int_equal(c.state, PLANT_LIMITED);
    run(&c, &in, 600);
    assert_int_equal(c.state, PLANT_OFF);
    assert_near(c.kw, 0, 0);
}

/* Filled beforehand, the receiver carries the demand for a while without power. */
static void rides_on_the_store(void **state)
{
    (void)state;
    struct plant_compressor c = compressor();
    struct plant_compressor_in in = {.demand_m3_per_h = 300, .lift_bar = 1, .run = true};
    run(&c, &in, 1200);
    while (!(c.bar > 8.45)) {
        plant_compressor_step(&c, &in, 1);
    }
    in.run = false;
    double held_m3 = (c.bar - 5.5) * c.par.receiver_m3 / 1.01325;
    int s = 0;
    for (; c.short_m3_per_h <= 0; s++) {
        plant_compressor_step(&c, &in, 1);
        assert_near(c.draw_kw, 0, 0);
        assert_true(s < 10000);
    }
    assert_near(s, held_m3 / 300 * 3600, 2);
    in.trip = true;
    run(&c, &in, 1);
    assert_int_equal(c.state, PLANT_FAULT);
    c.par.bar_on = c.par.bar_off;
    assert_int_equal(plant_compressor_init(&c, &c.par), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(specific_power),
        cmocka_unit_test(cycles_in_its_band),
        cmocka_unit_test(idles_and_stops),
        cmocka_unit_test(rides_on_the_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
