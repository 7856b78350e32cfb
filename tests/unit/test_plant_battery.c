/* Battery: round trip, closure, answer time, limits, states. */
#include "sim/plant_battery.h"
#include "tests/unit/test_plant_near.h"

static struct plant_battery battery(double round_trip_pu, double soc_pu)
{
    struct plant_battery b;
    struct plant_battery_params par = plant_battery_defaults(1250, 2508);
    par.round_trip_pu = round_trip_pu;
    par.self_discharge_pu_per_day = 0;
    assert_int_equal(plant_battery_init(&b, &par, soc_pu), ERR_OK);
    return b;
}

static const struct plant_battery_in idle = {.run = true, .ambient_degc = 25};

/* Rated power from 20 to 80 % and back to where it was. */
static double round_trip(double pu)
{
    struct plant_battery b = battery(pu, 0.2);
    struct plant_battery_in in = idle;
    plant_battery_step(&b, &in, 20);
    double begin_kwh = b.stored_kwh;
    in.set_kw = -1250;
    while (b.soc_pu < 0.8) {
        plant_battery_step(&b, &in, 1);
    }
    in.set_kw = 1250;
    while (b.stored_kwh > begin_kwh) {
        plant_battery_step(&b, &in, 1);
    }
    return b.discharge_kwh / b.charge_kwh;
}

static void round_trips(void **state)
{
    (void)state;
    assert_near(round_trip(0.96 * 0.96 * 0.975), 0.8986, 0.001);
    assert_near(round_trip(0.88), 0.88, 0.001);
    print_message("round trip %.4f\n", round_trip(0.96 * 0.96 * 0.975));
}

static void energy_closes(void **state)
{
    (void)state;
    struct plant_battery b = battery(0.8986, 0.5);
    struct plant_battery_in in = idle;
    double begin_kwh = b.stored_kwh, loss_kwh = 0, through_kwh = 0;
    for (int i = 0; i < 86400; i++) {
        in.set_kw = 1250 * sin(i * 2e-3);
        plant_battery_step(&b, &in, 1);
        loss_kwh += b.loss_kw / 3600;
        through_kwh += fabs(b.kw) / 3600;
        assert_within(b.soc_pu, 0, 1);
    }
    double lack = begin_kwh + b.charge_kwh - b.discharge_kwh - loss_kwh - b.stored_kwh;
    assert_near(lack / through_kwh, 0, 1e-9);
}

static void answers_in_300_ms(void **state)
{
    (void)state;
    struct plant_battery b = battery(0.8986, 0.5);
    struct plant_battery_in in = idle;
    plant_battery_step(&b, &in, 20);
    in.set_kw = 1250;
    double at_s = 0;
    while (b.kw < 0.9 * 1250) {
        plant_battery_step(&b, &in, 0.01);
        at_s += 0.01;
    }
    assert_within(at_s, 0.15, 0.3);
    plant_battery_step(&b, &in, 1);
    assert_near(b.kw, 1250, 0.1);
}

static void tapers_at_its_ends(void **state)
{
    (void)state;
    struct plant_battery b = battery(0.8986, 0.97);
    struct plant_battery_in in = idle;
    plant_battery_step(&b, &in, 20);
    in.set_kw = -1250;
    plant_battery_step(&b, &in, 1);
    assert_near(b.kw, -1250 * 0.03 / 0.05, 5);
    assert_int_equal(b.state, PLANT_LIMITED);
    for (int i = 0; i < 600; i++) { /* long steps do not overshoot */
        plant_battery_step(&b, &in, 60);
        assert_within(b.soc_pu, 0, 1);
    }
    assert_near(b.soc_pu, 1, 1e-6);
    in.set_kw = 1250;
    for (int i = 0; i < 600; i++) {
        plant_battery_step(&b, &in, 60);
    }
    assert_within(b.soc_pu, 0, 0.01);
    assert_within(b.kw, 0, 20);
    b = battery(0.8986, 0.9);
    in.set_kw = 0;
    plant_battery_step(&b, &in, 20);
    in.set_kw = -1250;
    plant_battery_step(&b, &in, 3600); /* at full power it would end at 1.39 */
    assert_near(b.soc_pu, 1, 1e-9);
    assert_near(b.charge_kwh, 0.1 * 2508 / sqrt(0.8986), 0.1);
}

static void states_and_reactive(void **state)
{
    (void)state;
    struct plant_battery_params par = plant_battery_defaults(1000, 2000);
    par.aux_kw = 3;
    struct plant_battery b;
    assert_int_equal(plant_battery_init(&b, &par, 0.5), ERR_OK);
    struct plant_battery_in in = {.ambient_degc = 25, .set_kw = 1000, .set_kvar = 900};
    plant_battery_step(&b, &in, 1);
    assert_int_equal(b.state, PLANT_OFF);
    assert_near(b.kw, -3, 1e-12);
    in.run = true;
    for (int i = 0; i < 10; i++) {
        plant_battery_step(&b, &in, 1);
        assert_int_equal(b.state, PLANT_STARTING);
    }
    plant_battery_step(&b, &in, 1);
    plant_battery_step(&b, &in, 1);
    assert_int_equal(b.state, PLANT_ON);
    assert_near(b.kw, 997, 0.1);
    assert_near(hypot(b.pcs_kw, b.kvar), 1100, 1e-6); /* P first, Q fills the circle */
    in.run = false;
    plant_battery_step(&b, &in, 1);
    plant_battery_step(&b, &in, 1);
    assert_int_equal(b.state, PLANT_OFF);
    in.run = in.trip = true;
    plant_battery_step(&b, &in, 1);
    assert_int_equal(b.state, PLANT_FAULT);
    assert_near(b.kw, -3, 1e-12);
    assert_int_equal(plant_battery_init(&b, &par, 1.1), ERR_RANGE);
    par.kva = 900;
    assert_int_equal(plant_battery_init(&b, &par, 0.5), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),         cmocka_unit_test(energy_closes),
        cmocka_unit_test(answers_in_300_ms),   cmocka_unit_test(tapers_at_its_ends),
        cmocka_unit_test(states_and_reactive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
