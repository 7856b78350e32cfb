/* Pumps: rated point, affinity, tank's balance, float switch and orders. */
#include "sim/plant_pump.h"
#include "tests/unit/test_plant_near.h"

static struct plant_pump pump(double level_pu)
{
    struct plant_pump_params par = plant_pump_defaults(200, 40, 500);
    struct plant_pump p;
    assert_int_equal(plant_pump_init(&p, &par, level_pu), ERR_OK);
    return p;
}

static void run(struct plant_pump *p, const struct plant_pump_in *in, int s)
{
    for (int i = 0; i < s; i++) {
        plant_pump_step(p, in, 1);
    }
}

static void rated_point(void **state)
{
    (void)state;
    struct plant_pump p = pump(0.2);
    struct plant_pump_in in = {.speed_pu = 1};
    run(&p, &in, 60);
    assert_near(p.flow_m3_per_h, 200, 1e-9);
    assert_near(p.head_m, 40, 1e-9);
    assert_near(p.draw_kw, 200 / 3.6 * 9.80665 * 40 / 1000 / 0.68, 1e-9);
}

/* Without static head a slower pump moves s times the water for s^3 of the power. */
static void affinity(void **state)
{
    (void)state;
    struct plant_pump_params par = plant_pump_defaults(200, 40, 1e6);
    par.static_m = 0;
    struct plant_pump p;
    assert_int_equal(plant_pump_init(&p, &par, 0.2), ERR_OK);
    struct plant_pump_in in = {.speed_pu = 1};
    run(&p, &in, 60);
    double kw = p.draw_kw, flow = p.flow_m3_per_h;
    in.speed_pu = 0.6;
    run(&p, &in, 60);
    assert_near(p.flow_m3_per_h / flow, 0.6, 1e-9);
    assert_near(p.draw_kw / kw, 0.216, 1e-9);
    /* With static head there is a speed below which nothing comes. */
    par = plant_pump_defaults(200, 40, 500);
    assert_near(plant_pump_flow_m3_per_h(&par, sqrt(20 / 50.0) - 1e-6), 0, 0);
    assert_true(plant_pump_flow_m3_per_h(&par, sqrt(20 / 50.0) + 1e-3) > 0);
}

static void water_closes(void **state)
{
    (void)state;
    struct plant_pump p = pump(0.5);
    struct plant_pump_in in = {.speed_pu = 0.9};
    for (int i = 0; i < 200000; i++) {
        in.demand_m3_per_h = 120 * (1 + sin(i * 1e-4));
        in.order = (enum plant_pump_order)(i / 20000 % 3);
        plant_pump_step(&p, &in, 1);
        assert_within(p.level_pu, 0, 1);
    }
    assert_near(0.5 * 500 + p.pumped_m3 - p.served_m3 - p.over_m3, p.level_pu * 500, 1e-6);
    assert_near(p.over_m3, 0, 1e-9);
}

static void float_and_orders(void **state)
{
    (void)state;
    struct plant_pump p = pump(0.5);
    struct plant_pump_in in = {.speed_pu = 1};
    run(&p, &in, 10);
    assert_int_equal(p.state, PLANT_OFF);
    in.order = PLANT_PUMP_FORCE;
    run(&p, &in, 3 * 3600);
    assert_within(p.level_pu, 0.99, 1);
    in.order = PLANT_PUMP_HOLD;
    in.demand_m3_per_h = 100;
    run(&p, &in, 4 * 3600);
    assert_near(p.level_pu, 0.999 - 400 / 500.0, 0.01);
    assert_int_equal(p.state, PLANT_OFF);
    run(&p, &in, 2 * 3600); /* nearly dry: the low-level switch */
    assert_true(p.pumped_m3 > 250 + 5 && p.short_m3 <= 0);
    in.trip = true;
    run(&p, &in, 3600);
    assert_int_equal(p.state, PLANT_FAULT);
    assert_true(p.short_m3 > 0);
    p.par.shut_off_m = p.par.head_m;
    assert_int_equal(plant_pump_init(&p, &p.par, 0.5), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rated_point),
        cmocka_unit_test(affinity),
        cmocka_unit_test(water_closes),
        cmocka_unit_test(float_and_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
