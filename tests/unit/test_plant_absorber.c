/* Absorption chiller: rated point, part load by wish, heat and waters, start and trip. */
#include "sim/plant_absorber.h"
#include "tests/unit/test_plant_near.h"

static struct plant_absorber machine(void)
{
    struct plant_absorber_params par = plant_absorber_defaults(500);
    struct plant_absorber c;
    assert_int_equal(plant_absorber_init(&c, &par), ERR_OK);
    return c;
}

static const struct plant_absorber_in summer = {.cold_kw = 500,
                                                .heat_kw = 1000,
                                                .hot_degc = 85,
                                                .cool_degc = 30,
                                                .chill_degc = 15,
                                                .run = true};

static void hours(struct plant_absorber *c, const struct plant_absorber_in *in, int h)
{
    for (int i = 0; i < h * 3600; i++) {
        plant_absorber_step(c, in, 1);
    }
}

static void rated_after_its_start(void **state)
{
    (void)state;
    struct plant_absorber c = machine();
    for (int i = 0; i < 1200; i++) {
        plant_absorber_step(&c, &summer, 1);
        assert_near(c.cold_kw, 0, 0);
    }
    assert_true(c.heat_kw > 0 && c.kw < 0);
    hours(&c, &summer, 2);
    assert_near(c.cold_kw, 500, 0.01);
    assert_within(c.cop, 0.65, 0.8); /* single effect */
    assert_near(c.reject_kw, c.cold_kw + c.heat_kw, 1e-9);
    assert_int_equal(c.starts, 1);
}

/* The least of wish, heat and waters counts, and heat goes with cold. */
static void part_load(void **state)
{
    (void)state;
    struct plant_absorber c = machine();
    struct plant_absorber_in in = summer;
    in.cold_kw = 250;
    hours(&c, &in, 3);
    assert_near(c.cold_kw, 250, 0.01);
    double heat_kw = c.heat_kw;
    in.cold_kw = 500;
    in.heat_kw = heat_kw;
    hours(&c, &in, 3);
    assert_near(c.cold_kw, 250, 0.01);
    in.heat_kw = 1000;
    in.cool_degc = 34; /* a hot day */
    hours(&c, &in, 3);
    double k = plant_absorber_difference_k(&c.par, 85, 34, 15);
    assert_near(c.cold_kw, fmin(500, plant_absorber_cold_kw(&c.par, k)), 0.05);
    in.hot_degc = 58; /* too cold to drive it */
    hours(&c, &in, 3);
    assert_int_equal(c.state, PLANT_OFF);
    assert_near(c.cold_kw, 0, 1e-6);
}

static void stops_and_trips(void **state)
{
    (void)state;
    struct plant_absorber c = machine();
    struct plant_absorber_in in = summer;
    hours(&c, &in, 2);
    in.cold_kw = 90; /* below its least load */
    plant_absorber_step(&c, &in, 1);
    assert_int_equal(c.state, PLANT_OFF);
    assert_near(c.heat_kw, 0, 0);
    in = summer;
    in.trip = true;
    plant_absorber_step(&c, &in, 1);
    assert_int_equal(c.state, PLANT_FAULT);
    assert_near(c.kw, 0, 0);
    c.par.cold_kw_per_k = 0;
    assert_int_equal(plant_absorber_init(&c, &c.par), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rated_after_its_start),
        cmocka_unit_test(part_load),
        cmocka_unit_test(stops_and_trips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
