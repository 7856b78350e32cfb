/* Building: steady states, balance over time, step length, setpoints and limits. */
#include "sim/plant_building.h"
#include "tests/unit/test_plant_near.h"

static struct plant_building hall(double mass_degc)
{
    struct plant_building_params par = plant_building_defaults(2000, 2);
    struct plant_building b;
    assert_int_equal(plant_building_init(&b, &par, mass_degc), ERR_OK);
    return b;
}

static void run(struct plant_building *b, const struct plant_building_in *in, double s,
                double h_s)
{
    for (double t = 0; t < s; t += h_s) {
        plant_building_step(b, in, h_s);
    }
}

/* Everything that goes in at rest goes out through the three ways to the outside. */
static void steady_losses(void **state)
{
    (void)state;
    struct plant_building b = hall(20);
    struct plant_building_in in = {
        .outdoor_degc = 0, .inner_kw = 10, .heat_kw_max = 1e6, .cool_kw_max = 1e6};
    run(&b, &in, 60 * 86400, 3600);
    double out_kw = b.em_kw_per_k * (b.mean_degc - 0) + b.w_kw_per_k * (b.surface_degc - 0) +
                    b.ve_kw_per_k * (b.air_degc - 0);
    /* The standard counts the gains that leave straight through the glass as lost. */
    double glass_kw = 1000 * b.w_kw_per_k / (9.1 * b.par.inside_m2) * 0.5 * in.inner_kw;
    assert_near(b.supply_kw + in.inner_kw - glass_kw, out_kw, 1e-6 * out_kw);
    assert_near(b.air_degc, 20, 1e-9);
    assert_within(b.supply_kw, 20, 60);
}

/* Left alone it follows the outside with the time constant of its mass. */
static void cools_with_its_time_constant(void **state)
{
    (void)state;
    struct plant_building b = hall(22);
    struct plant_building_in in = {.outdoor_degc = 2};
    double tau_h = b.mass_kwh_per_k / (b.h3_kw_per_k + b.em_kw_per_k);
    run(&b, &in, tau_h * 3600, 60);
    assert_near((b.mass_degc - 2) / 20, exp(-1), 1e-3);
    assert_within(tau_h, 20, 100);
    assert_true(b.cold_s > 0);
}

static void step_length_does_not_matter(void **state)
{
    (void)state;
    const double h_s[] = {60, 600, 3600};
    double heat_kwh[3];
    for (int i = 0; i < 3; i++) {
        struct plant_building b = hall(20);
        struct plant_building_in in = {.heat_kw_max = 200, .cool_kw_max = 200};
        for (double t = 0; t < 10 * 86400; t += h_s[i]) {
            double mid = t + h_s[i] / 2;
            in.outdoor_degc = 3 - 6 * cos(mid / 86400 * 2 * M_PI);
            in.sun_kw = fmax(0, -20 * cos(mid / 86400 * 2 * M_PI));
            plant_building_step(&b, &in, h_s[i]);
        }
        heat_kwh[i] = b.heat_kwh;
    }
    assert_near(heat_kwh[1] / heat_kwh[0], 1, 0.002);
    assert_near(heat_kwh[2] / heat_kwh[0], 1, 0.01);
}

static void setpoints_and_limits(void **state)
{
    (void)state;
    struct plant_building b = hall(24);
    struct plant_building_in in = {
        .outdoor_degc = 36, .sun_kw = 40, .heat_kw_max = 500, .cool_kw_max = 500};
    run(&b, &in, 86400, 600);
    assert_near(b.air_degc, 26, 1e-9);
    assert_true(b.supply_kw < 0 && b.need_kw == b.supply_kw);
    in.cool_kw_max = -b.supply_kw / 2;
    run(&b, &in, 86400, 600);
    assert_near(b.supply_kw, -in.cool_kw_max, 1e-12);
    assert_true(b.air_degc > 26.5 && b.hot_s > 0 && b.need_kw < b.supply_kw);
    b.par.window_w_per_k = 0;
    assert_int_equal(plant_building_init(&b, &b.par, 20), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steady_losses),
        cmocka_unit_test(cools_with_its_time_constant),
        cmocka_unit_test(step_length_does_not_matter),
        cmocka_unit_test(setpoints_and_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
