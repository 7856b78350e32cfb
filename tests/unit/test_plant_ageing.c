/* Ageing of cells: the power laws, changing conditions, half cycles found in a state of charge.
 */
#include "sim/plant_ageing.h"
#include "tests/unit/test_plant_near.h"
#include <stdbool.h>

static struct plant_ageing cells(double soc_pu)
{
    struct plant_ageing a;
    plant_ageing_init(&a, soc_pu);
    return a;
}

static void any_steps_give_the_power_law(void **state)
{
    (void)state;
    struct plant_ageing daily = cells(0.5), once = cells(0.5);
    for (int i = 0; i < 3650; i++) {
        plant_ageing_rest(&daily, 1, 0.5, 25);
        plant_ageing_cycle(&daily, 1, 0.9, 0.5, 25);
    }
    plant_ageing_rest(&once, 3650, 0.5, 25);
    plant_ageing_cycle(&once, 3650, 0.9, 0.5, 25);
    assert_near(daily.time_pu / once.time_pu, 1, 1e-9);
    assert_near(daily.cycle_pu / once.cycle_pu, 1, 1e-9);
    assert_near(daily.full_cycles, 3650, 1e-6);
    assert_near(plant_ageing_health_pu(&once), 0.7675, 0.0005);
}

static void warm_full_fast_and_deep_age_more(void **state)
{
    (void)state;
    const double rest[][2] = {
        {0.5, 25},
        {0.5, 35},
        {0.9, 35}
    };
    const double use[][2] = {
        {0.8, 0.3},
        {1,   0.3},
        {1,   0.6}
    };
    double last_rest = 0, last_use = 0;
    for (int i = 0; i < 3; i++) {
        struct plant_ageing a = cells(0.5);
        plant_ageing_rest(&a, 365, rest[i][0], rest[i][1]);
        plant_ageing_cycle(&a, 365, use[i][0], use[i][1], 25);
        assert_true(a.time_pu > last_rest && a.cycle_pu > last_use);
        last_rest = a.time_pu;
        last_use = a.cycle_pu;
    }
}

/* A year of a cycle a day from 5 to 95 % and back, 0.5 C in and out, with ripple on it. */
static void finds_the_cycles(void **state)
{
    (void)state;
    struct plant_ageing a = cells(0.05), want = cells(0.05);
    double soc = 0.05;
    for (int day = 0; day < 365; day++) {
        for (int minute = 0; minute < 1440; minute++) {
            bool up = minute < 108, down = minute >= 720 && minute < 828;
            soc += (up ? 0.9 : down ? -0.9 : 0) / 108;
            double ripple = up || down ? 0.002 * (minute % 2) : 0;
            plant_ageing_step(&a, soc + ripple, 25, 60);
        }
    }
    plant_ageing_cycle(&want, 0.9 * 365, 0.9, 0.5, 25);
    assert_near(a.full_cycles, 0.9 * 364.5, 1); /* the last half is still open */
    assert_near(a.cycle_pu / want.cycle_pu, 1, 0.01);
    plant_ageing_rest(&want, 365, 0.5, 25);
    assert_near(a.time_pu / want.time_pu, 1, 0.1); /* it rests at 95 % and 5 % in turn */
}

static void standing_still_is_no_cycle(void **state)
{
    (void)state;
    struct plant_ageing a = cells(0.6);
    double soc = 0.6;
    for (int i = 0; i < 30 * 24; i++) {
        soc -= 0.001 / 24; /* self-discharge */
        plant_ageing_step(&a, soc, 20, 3600);
    }
    assert_near(a.full_cycles, 0, 0);
    assert_near(a.cycle_pu, 0, 0);
    assert_true(a.time_pu > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_steps_give_the_power_law),
        cmocka_unit_test(warm_full_fast_and_deep_age_more),
        cmocka_unit_test(finds_the_cycles),
        cmocka_unit_test(standing_still_is_no_cycle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
