/* Capacitor bank: the power factor it reaches, no pumping, discharge, voltage, trip. */
#include "sim/plant_capbank.h"
#include "sim/rng.h"
#include "tests/unit/test_plant_near.h"

static struct plant_capbank bank(int steps, double step_kvar)
{
    struct plant_capbank_params par = plant_capbank_defaults(steps, step_kvar);
    struct plant_capbank c;
    assert_int_equal(plant_capbank_init(&c, &par), ERR_OK);
    return c;
}

static void run(struct plant_capbank *c, const struct plant_capbank_in *in, int s)
{
    for (int i = 0; i < s; i++) {
        plant_capbank_step(c, in, 1);
    }
}

static const struct plant_capbank_in mills = {
    .load_kw = 1000, .load_kvar = 880, .volt_pu = 1, .run = true}; /* cos phi 0.75 */

static void reaches_its_target(void **state)
{
    (void)state;
    struct plant_capbank c = bank(12, 50);
    run(&c, &mills, 200);
    assert_within(c.pf, 0.94, 0.97);
    int moves = c.moves;
    run(&c, &mills, 7200);
    assert_int_equal(c.moves, moves); /* at rest it rests */
    assert_near(plant_capbank_kvar_per_kw(0.75, 0.95) * 1000, c.on * 50, 50);
    assert_near(c.kw, -c.kvar * 0.0005, 1e-12);
}

static void too_small_a_bank(void **state)
{
    (void)state;
    struct plant_capbank c = bank(4, 50);
    run(&c, &mills, 600);
    assert_int_equal(c.on, 4);
    assert_near(c.pf, 1000.1 / hypot(1000.1, 680), 1e-9);
    struct plant_capbank_in light = mills;
    light.load_kw = 50;
    light.load_kvar = 20;
    run(&c, &light, 600); /* never leaves the bus over-compensated by more than its dead band */
    assert_true(light.load_kvar - c.kvar > -0.7 * 50 - 1e-9);
}

/* Whatever the load does, no step comes back before it is discharged. */
static void discharges_first(void **state)
{
    (void)state;
    struct plant_capbank c = bank(3, 100);
    struct rng r;
    rng_init(&r, 7, "capbank", "load");
    double since[3] = {1e9, 1e9, 1e9};
    bool was[3] = {false, false, false};
    struct plant_capbank_in in = mills;
    for (int s = 0; s < 200000; s++) {
        if (s % 45 == 0) {
            in.load_kvar = rng_between(&r, 0, 800);
        }
        plant_capbank_step(&c, &in, 1);
        for (int i = 0; i < 3; i++) {
            bool is = (i - c.first_on + 3) % 3 < c.on;
            assert_true(!(is && !was[i]) || since[i] >= 59);
            since[i] = is ? 0 : since[i] + 1;
            was[i] = is;
        }
    }
    assert_true(c.moves > 1000);
}

static void voltage_and_trip(void **state)
{
    (void)state;
    struct plant_capbank c = bank(12, 50);
    run(&c, &mills, 300);
    struct plant_capbank_in in = mills;
    double kvar = c.kvar;
    in.volt_pu = 0.98;
    plant_capbank_step(&c, &in, 1);
    assert_near(c.kvar, kvar * 0.98 * 0.98, 1e-9);
    in.trip = true;
    plant_capbank_step(&c, &in, 1);
    assert_int_equal(c.state, PLANT_FAULT);
    assert_near(c.kvar, 0, 0);
    c.par.in_pu = c.par.out_pu = 0.4; /* would pump */
    assert_int_equal(plant_capbank_init(&c, &c.par), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reaches_its_target),
        cmocka_unit_test(too_small_a_bank),
        cmocka_unit_test(discharges_first),
        cmocka_unit_test(voltage_and_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
