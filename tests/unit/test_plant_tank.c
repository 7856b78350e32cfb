/* Hot-water tank: analytic cool-down, closure, ends. */
#include "sim/plant_tank.h"
#include "tests/unit/test_plant_near.h"

static struct plant_tank tank(const struct plant_tank_params *par, double soc_pu)
{
    struct plant_tank t;
    assert_int_equal(plant_tank_init(&t, par, soc_pu), ERR_OK);
    return t;
}

static void reference_size(void **state)
{
    (void)state;
    struct plant_tank_params par = plant_tank_defaults(200, 90, 60, 0.004);
    struct plant_tank t = tank(&par, 0.5);
    assert_near(t.full_kwh, 6980, 180); /* the park file says about 6.98 MWh at 1 kg/l */
    assert_near(t.mean_degc, 75, 1e-9);
    assert_near(t.top_degc, 90, 1e-9);
    assert_near(t.bottom_degc, 60, 1e-9);
}

static void cools_like_the_exponential(void **state)
{
    (void)state;
    struct plant_tank_params par = plant_tank_defaults(200, 90, 60, 0.004);
    const double steps_s[] = {1, 10, 900};
    const struct plant_tank_in still = {0, 0};
    for (int k = 0; k < 3; k++) {
        struct plant_tank t = tank(&par, 1);
        for (int i = 0; i < (int)(86400 / steps_s[k]); i++) {
            plant_tank_step(&t, &still, steps_s[k]);
        }
        assert_near(t.soc_pu, exp(-0.004 * 24), 1e-9);
    }
}

/* A fully mixed tank at 90 degC loses U A (90 - Ta); the zones must lose the same when all hot.
 */
static void zone_losses_are_the_shell_s(void **state)
{
    (void)state;
    const double u = 0.4, d = 5, ambient = 20;
    double height = 200 / (M_PI * d * d / 4);
    struct plant_tank_params par = plant_tank_defaults(200, 90, 60, 0);
    plant_tank_losses(&par, d, u, ambient);
    struct plant_tank t = tank(&par, 1);
    const struct plant_tank_in still = {0, 0};
    plant_tank_step(&t, &still, 1);
    double wall_kw = u * M_PI * d * height * (90 - ambient) / 1000;
    double ends_kw = u * M_PI * d * d / 4 * ((90 - ambient) + (60 - ambient)) / 1000;
    assert_near(t.loss_kw, wall_kw + ends_kw, 1e-3);
}

static void energy_closes_and_ends_hold(void **state)
{
    (void)state;
    struct plant_tank_params par = plant_tank_defaults(50, 90, 60, 0.01);
    par.end_loss_kw = 2;
    struct plant_tank t = tank(&par, 0.5);
    double begin = t.stored_kwh, through = 0;
    for (int i = 0; i < 20000; i++) {
        struct plant_tank_in in = {.heat_kw = 1500 * (1 + sin(i * 1e-3)),
                                   .demand_kw = 1500 * (1 + cos(i * 1.7e-3))};
        plant_tank_step(&t, &in, 10);
        through += in.heat_kw / 360;
        assert_within(t.soc_pu, 0, 1.02 + 1e-12);
        assert_true(t.loss_kw >= -1e-9 && t.unserved_kw >= 0 && t.refused_kw >= 0);
    }
    double lack = begin + t.in_kwh - t.served_kwh - t.loss_kwh - t.stored_kwh;
    assert_near(lack / through, 0, 1e-9);
    assert_true(t.unserved_kwh > 0 && t.refused_kwh > 0);
}

static void empty_and_full(void **state)
{
    (void)state;
    struct plant_tank_params par = plant_tank_defaults(10, 90, 60, 0.004);
    struct plant_tank t = tank(&par, 0);
    struct plant_tank_in in = {.heat_kw = 100, .demand_kw = 300};
    plant_tank_step(&t, &in, 60);
    assert_near(t.unserved_kw, 200, 0.01);
    assert_near(t.served_kw, 100, 0.01);
    assert_near(t.top_degc, 60, 1e-9);
    t = tank(&par, 1);
    in.demand_kw = 0;
    for (int i = 0; i < 600; i++) {
        plant_tank_step(&t, &in, 60);
    }
    assert_near(t.soc_pu, 1.02, 1e-12);
    assert_near(t.refused_kw, 100 - t.loss_kw, 1e-6);
    par.degc_min = 95;
    assert_int_equal(plant_tank_init(&t, &par, 0.5), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_size),
        cmocka_unit_test(cools_like_the_exponential),
        cmocka_unit_test(zone_losses_are_the_shell_s),
        cmocka_unit_test(energy_closes_and_ends_hold),
        cmocka_unit_test(empty_and_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
