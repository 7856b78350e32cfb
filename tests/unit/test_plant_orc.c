/* Organic Rankine cycle: design point, off design, start, balance. */
#include "sim/plant_orc.h"
#include "tests/unit/test_plant_near.h"

static struct plant_orc machine(void)
{
    struct plant_orc_params par = plant_orc_defaults(243, 120, 30);
    struct plant_orc o;
    assert_int_equal(plant_orc_init(&o, &par), ERR_OK);
    return o;
}

static const struct plant_orc_in design = {
    .heat_kw = 243 / 0.095, .source_degc = 120, .sink_degc = 30, .run = true};

static void run(struct plant_orc *o, const struct plant_orc_in *in, int s)
{
    for (int i = 0; i < s; i++) {
        plant_orc_step(o, in, 1);
    }
}

static void design_point_after_the_start(void **state)
{
    (void)state;
    struct plant_orc o = machine();
    run(&o, &design, 1200);
    assert_int_equal(o.state, PLANT_STARTING);
    assert_near(o.kw, -2.43, 1e-9);
    assert_near(o.bypass_kw, design.heat_kw, 1e-9);
    run(&o, &design, 3600);
    assert_near(o.kw, 243, 1e-6);
    assert_near(o.heat_kw, o.kw + o.reject_kw, 1e-9);
    assert_int_equal(o.starts, 1);
}

static void off_design(void **state)
{
    (void)state;
    struct plant_orc_params par = plant_orc_defaults(243, 120, 30);
    double heat = plant_orc_rated_heat_kw(&par), last = 0;
    for (double q = 0.3; q <= 1.0001; q += 0.1) { /* less heat, less efficiency */
        double eta = plant_orc_eta_pu(&par, q * heat, 120, 30);
        assert_true(eta > last);
        last = eta;
    }
    assert_near(plant_orc_eta_pu(&par, 0.29 * heat, 120, 30), 0, 0);
    double hot = plant_orc_eta_pu(&par, heat, 140, 30),
           warm = plant_orc_eta_pu(&par, heat, 100, 30);
    double winter = plant_orc_eta_pu(&par, heat, 120, 10);
    assert_true(hot > 0.095 && warm < 0.095 && winter > 0.105);
    assert_near(plant_orc_eta_pu(&par, heat, 20, 30), 0, 0);
}

static void surplus_goes_by(void **state)
{
    (void)state;
    struct plant_orc o = machine();
    struct plant_orc_in in = design;
    in.heat_kw = 4000;
    in.source_degc = 150;
    run(&o, &in, 6000);
    assert_near(o.heat_kw + o.bypass_kw, 4000, 1e-9);
    assert_near(o.kw, 1.1 * 243, 0.1);
    in.heat_kw = 500; /* below the least load */
    run(&o, &in, 1);
    assert_int_equal(o.state, PLANT_OFF);
    assert_near(o.bypass_kw, 500, 0);
    in.heat_kw = 2000;
    run(&o, &in, 10);
    in.trip = true;
    run(&o, &in, 1);
    assert_int_equal(o.state, PLANT_FAULT);
    o.par.eta_pu = 0.3; /* more than Carnot's */
    assert_int_equal(plant_orc_init(&o, &o.par), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(design_point_after_the_start),
        cmocka_unit_test(off_design),
        cmocka_unit_test(surplus_goes_by),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
