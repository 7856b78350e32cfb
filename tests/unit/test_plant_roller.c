/* Roller kiln: balances, trim inside the band, own protection, closure. */
#include "sim/plant_roller.h"
#include "tests/unit/test_plant_near.h"

static struct plant_roller kiln(void)
{
    struct plant_roller_params par = plant_roller_defaults(900, 560, 300, 215);
    struct plant_roller r;
    assert_int_equal(plant_roller_init(&r, &par), ERR_OK);
    return r;
}

static const struct plant_roller_in steady = {
    .limit_pu = 1, .rate_kg_per_h = 215, .ambient_degc = 25};

static void run(struct plant_roller *r, const struct plant_roller_in *in, int s)
{
    for (int i = 0; i < s; i++) {
        plant_roller_step(r, in, 1);
    }
}

static void balances(void **state)
{
    (void)state;
    struct plant_roller r = kiln();
    struct plant_roller_in in = steady;
    run(&r, &in, 7200);
    assert_near(r.kw, -560, 0.1);
    assert_near(r.degc, 1240, 0.01);
    in.rate_kg_per_h = 0;
    run(&r, &in, 7200);
    assert_near(r.kw, -300, 0.1);
    assert_near(r.loss_kwh / (300 * 4), 1, 0.01); /* U A dT, whatever the load */
    assert_true(r.out_of_band_s < 1);
    in.rate_kg_per_h = 215;
    in.ambient_degc = 35; /* warmer: less to hold, less to heat */
    run(&r, &in, 7200);
    assert_near(r.kw, -560.0 * 1205 / 1215, 0.1);
}

static void trim(void **state)
{
    (void)state;
    struct plant_roller r = kiln();
    struct plant_roller_in in = steady;
    run(&r, &in, 3600);
    in.limit_pu = 0.92;
    run(&r, &in, 900);
    assert_near(r.kw, -0.92 * 560, 0.5);
    assert_int_equal(r.state, PLANT_LIMITED);
    assert_within(1240 - r.degc, 3, 4.5); /* 15 of the 20 minutes */
    in.limit_pu = 1;
    run(&r, &in, 3600);
    assert_near(r.degc, 1240, 0.2);
    assert_near(r.out_of_band_s, 0, 0);
}

static void protects_itself(void **state)
{
    (void)state;
    struct plant_roller r = kiln();
    struct plant_roller_in in = steady;
    in.limit_pu = 0.8;
    run(&r, &in, 6 * 3600);
    assert_true(r.low_degc_min > 1240 - 5.5);
    in.trip = true;
    run(&r, &in, 3600);
    assert_int_equal(r.state, PLANT_FAULT);
    assert_true(r.degc < 1200 && r.out_of_band_s > 3000);
    double lack = r.draw_kwh - r.loss_kwh - r.ware_kwh - r.c_kwh_per_k * (r.degc - 1240);
    assert_near(lack / r.draw_kwh, 0, 1e-9);
    r.par.keep_kw = 600;
    assert_int_equal(plant_roller_init(&r, &r.par), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(balances),
        cmocka_unit_test(trim),
        cmocka_unit_test(protects_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
