/* Grid connection: transformer losses, counters, sliding demand. */
#include "sim/plant_grid.h"
#include "tests/unit/test_plant_near.h"

static void transformer(void **state)
{
    (void)state;
    struct plant_trafo_params par = plant_trafo_defaults(1600);
    struct plant_trafo t;
    assert_int_equal(plant_trafo_init(&t, &par, 25), ERR_OK);
    struct plant_trafo_in in = {.kw = 1280, .kvar = -960, .ambient_degc = 25};
    plant_trafo_step(&t, &in, 1);
    assert_near(t.load_pu, 1, 1e-12);
    assert_near(t.loss_kw, 13, 1e-12);
    assert_near(t.kw, -13, 1e-12);
    plant_trafo_step(&t, &in, 5400);
    assert_near(t.degc, 25 + 80 * (1 - exp(-5401.0 / 5400)), 1e-9);
    in.kw = 0;
    in.kvar = 800;
    plant_trafo_step(&t, &in, 1);
    assert_near(t.loss_kw, 2 + 11 * 0.25, 1e-12);
    par.kva = 0;
    assert_int_equal(plant_trafo_init(&t, &par, 25), ERR_RANGE);
}

static void counters_never_net(void **state)
{
    (void)state;
    struct plant_meter m = {0};
    for (int i = 0; i < 3600; i++) {
        struct plant_meter_in in = {.kw = i % 2 ? 100 : -40};
        plant_meter_step(&m, &in, 1);
    }
    assert_near(m.import_kwh, 50, 1e-9);
    assert_near(m.export_kwh, 20, 1e-9);
}

/* Against the plain definition, for steps that divide the minute and steps that do not. */
static void sliding_demand(void **state)
{
    (void)state;
    const double steps_s[] = {0.1, 1, 7, 60, 100};
    for (int k = 0; k < 5; k++) {
        struct plant_meter m = {0};
        double h = steps_s[k], most = 0;
        double minute[200] = {0};
        for (double t = 0; t < 7200 - 1e-6; t += h) {
            double kw = 1000 + 800 * sin(t / 700);
            struct plant_meter_in in = {.kw = kw};
            plant_meter_step(&m, &in, h);
            for (double a = t; a < t + h - 1e-6;) { /* the step's share of each minute */
                int i = (int)floor(a / 60 + 1e-7);
                double b = fmin(t + h, 60.0 * (i + 1));
                minute[i] += kw * (b - a) / 60;
                a = b;
            }
        }
        for (int i = 14; i < 120; i++) {
            double sum = 0;
            for (int j = 0; j < 15; j++) {
                sum += minute[i - j];
            }
            most = fmax(most, sum / 15);
        }
        assert_near(m.demand_kw_max, most, 0.01);
        plant_meter_reset_demand(&m);
        assert_near(m.demand_kw_max, 0, 0);
    }
}

static void first_window(void **state)
{
    (void)state;
    struct plant_meter m = {0};
    struct plant_meter_in in = {.kw = 600};
    plant_meter_step(&m, &in, 59);
    assert_near(m.demand_kw, 0, 0);
    plant_meter_step(&m, &in, 1);
    assert_near(m.demand_kw, 600, 1e-9);
    plant_meter_step(&m, &in, 13 * 60);
    assert_near(m.demand_kw_max, 0, 0); /* no whole window yet */
    in.kw = -600;                       /* export does not lower the demand below zero */
    plant_meter_step(&m, &in, 60);
    assert_near(m.demand_kw_max, 600.0 * 14 / 15, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transformer),
        cmocka_unit_test(counters_never_net),
        cmocka_unit_test(sliding_demand),
        cmocka_unit_test(first_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
