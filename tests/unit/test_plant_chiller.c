/* Chiller: reference point, part load, temperatures, limit, timers. */
#include "sim/plant_chiller.h"
#include "tests/unit/test_plant_near.h"

static struct plant_chiller chiller(void)
{
    struct plant_chiller_params par = plant_chiller_defaults(800);
    struct plant_chiller c;
    assert_int_equal(plant_chiller_init(&c, &par), ERR_OK);
    return c;
}

static const struct plant_chiller_in full = {
    .cold_kw = 800, .limit_kw = 1e6, .water_degc = 6.67, .condenser_degc = 29.4, .run = true};

static void run(struct plant_chiller *c, const struct plant_chiller_in *in, int s)
{
    for (int i = 0; i < s; i++) {
        plant_chiller_step(c, in, 1);
    }
}

static void reference_point(void **state)
{
    (void)state;
    struct plant_chiller c = chiller();
    run(&c, &full, 600);
    assert_near(c.cold_kw, 800, 8);
    assert_near(c.cop, 5.5, 0.05);
    assert_near(c.reject_kw, c.cold_kw + c.draw_kw, 1e-9);
    assert_near(c.kw, -c.draw_kw, 0);
}

static void cooler_condenser_costs_less(void **state)
{
    (void)state;
    struct plant_chiller_params par = plant_chiller_defaults(800);
    double last = 0;
    for (double y = 24; y <= 35; y += 1) {
        double kw = plant_chiller_power_kw(&par, 500, 7, y);
        assert_true(kw > last);
        last = kw;
    }
    last = 0;
    for (double cold = 5; cold <= 780; cold += 5) { /* more cold, more power, no jump */
        double kw = plant_chiller_power_kw(&par, cold, 7, 30);
        assert_true(kw > last && kw < last + 5);
        last = kw;
    }
    assert_true(plant_chiller_power_kw(&par, 40, 7, 30) / 40 >
                1.05 * plant_chiller_power_kw(&par, 160, 7, 30) / 160);
}

static void keeps_its_limit(void **state)
{
    (void)state;
    struct plant_chiller c = chiller();
    struct plant_chiller_in in = full;
    in.limit_kw = 80;
    run(&c, &in, 900);
    assert_int_equal(c.state, PLANT_LIMITED);
    assert_near(c.draw_kw, 80, 0.01);
    assert_within(c.cold_kw, 300, 700);
}

static void timers(void **state)
{
    (void)state;
    struct plant_chiller c = chiller();
    struct plant_chiller_in in = full;
    run(&c, &in, 200);
    in.run = false;
    int on = 200;
    for (; c.state != PLANT_OFF; on++) {
        plant_chiller_step(&c, &in, 1);
        assert_true(on < 5000);
    }
    assert_near(on, 120 + 600, 3);
    in.run = true;
    int off = 0;
    for (; c.state != PLANT_STARTING; off++) {
        plant_chiller_step(&c, &in, 1);
        assert_true(off < 5000);
    }
    assert_near(off, 300, 2);
    assert_int_equal(c.starts, 2);
    in.trip = true;
    run(&c, &in, 1);
    assert_int_equal(c.state, PLANT_FAULT);
    assert_near(c.cold_kw, 0, 0);
    c.par.cop = 0.5;
    assert_int_equal(plant_chiller_init(&c, &c.par), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_point),
        cmocka_unit_test(cooler_condenser_costs_less),
        cmocka_unit_test(keeps_its_limit),
        cmocka_unit_test(timers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
