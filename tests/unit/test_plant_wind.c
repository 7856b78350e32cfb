/* Wind turbine: curve, energy of a Weibull year, lag, storm and limit. */
#include "sim/plant_wind.h"
#include "tests/unit/test_plant_near.h"

static void curve_is_the_table(void **state)
{
    (void)state;
    const double kw[] = {5, 25, 60, 110, 180, 275, 400, 555, 671, 750, 790, 810, 810};
    for (int v = 3; v <= 15; v++) {
        assert_near(810 * plant_wind_curve_pu(v), kw[v - 3], 1e-9);
    }
    assert_near(810 * plant_wind_curve_pu(6.5), 145, 1e-9);
    assert_near(plant_wind_curve_pu(0), 0, 0);
    assert_near(plant_wind_curve_pu(-1), 0, 0);
}

static struct plant_wind turbine(void)
{
    struct plant_wind w;
    struct plant_wind_params par = plant_wind_defaults(250);
    assert_int_equal(plant_wind_init(&w, &par), ERR_OK);
    return w;
}

/* A year whose hours are drawn at the quantiles of a Weibull distribution: mean power of the
 * model against the integral over the density. */
static void weibull_year(void **state)
{
    (void)state;
    const double k = 1.8, c = 5.5;
    struct plant_wind w = turbine();
    for (int i = 0; i < 8760; i++) {
        double v = c * pow(-log(1 - (i + 0.5) / 8760), 1 / k);
        struct plant_wind_in in = {.wind_m_per_s = v, .run = true};
        plant_wind_step(&w, &in, 3600);
    }
    double integral = 0, dv = 0.001;
    for (double v = dv / 2; v < 25; v += dv) {
        double density = k / c * pow(v / c, k - 1) * exp(-pow(v / c, k));
        integral += 250 * plant_wind_curve_pu(v) * density * dv;
    }
    assert_near(w.yield_kwh / (8760 * integral), 1, 0.01);
}

static void lag_and_density(void **state)
{
    (void)state;
    struct plant_wind w = turbine();
    struct plant_wind_in in = {.wind_m_per_s = 14, .run = true};
    for (int i = 0; i < 6; i++) {
        plant_wind_step(&w, &in, 1);
    }
    assert_near(w.kw, 250 * (1 - exp(-1)), 1e-9); /* one time constant */
    in.wind_m_per_s = 6;
    in.density_kg_per_m3 = 1.225 * 0.9;
    plant_wind_step(&w, &in, 600);
    assert_near(w.kw, 250 * plant_wind_curve_pu(6 * cbrt(0.9)), 1e-9);
}

static void storm_and_limit(void **state)
{
    (void)state;
    struct plant_wind w = turbine();
    struct plant_wind_in in = {.wind_m_per_s = 20, .run = true};
    plant_wind_step(&w, &in, 100);
    assert_near(w.kw, 250, 1e-3);
    in.wind_m_per_s = 25.5;
    plant_wind_step(&w, &in, 100);
    assert_near(w.kw, 0, 1e-3);
    in.wind_m_per_s = 23; /* not back yet */
    plant_wind_step(&w, &in, 100);
    assert_int_equal(w.state, PLANT_OFF);
    in.wind_m_per_s = 21;
    plant_wind_step(&w, &in, 100);
    assert_near(w.kw, 250, 1e-3);
    in.limit_on = true;
    in.limit_pu = 0.4;
    plant_wind_step(&w, &in, 1);
    assert_near(w.kw, 225, 1e-3);
    plant_wind_step(&w, &in, 10);
    assert_near(w.kw, 100, 1e-9);
    assert_near(w.available_kw, 250, 1e-3);
    assert_int_equal(w.state, PLANT_LIMITED);
    in.trip = true;
    plant_wind_step(&w, &in, 1);
    assert_near(w.kw, 0, 0);
    assert_int_equal(w.state, PLANT_FAULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curve_is_the_table),
        cmocka_unit_test(weibull_year),
        cmocka_unit_test(lag_and_density),
        cmocka_unit_test(storm_and_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
