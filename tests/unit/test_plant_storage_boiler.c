/* Electric storage boiler: day cycle, closure, contactor times, cut-outs. */
#include "sim/plant_storage_boiler.h"
#include "sim/rng.h"
#include "tests/unit/test_plant_near.h"
#include <stdlib.h>

static struct plant_sb boiler(double soc_pu)
{
    struct plant_sb_params par = plant_sb_defaults(2000, 1500, 10000);
    struct plant_sb b;
    assert_int_equal(plant_sb_init(&b, &par, soc_pu), ERR_OK);
    return b;
}

static double lack(const struct plant_sb *b, double begin_kwh)
{
    return begin_kwh + b->draw_kwh - b->heat_kwh - b->loss_kwh - b->stored_kwh;
}

/* 8 h of charging an empty core, 16 h of discharge; both against the exact solution of
 * dE/dt = p - 0.005 E. */
static void day_cycle(void **state)
{
    (void)state;
    struct plant_sb b = boiler(0);
    struct plant_sb_in in = {.set_draw_kw = 1200, .water_degc = 80};
    for (int i = 0; i < 2880; i++) {
        plant_sb_step(&b, &in, 10);
    }
    double top = 1200 * 0.98 * (1 - exp(-0.005 * 8)) / 0.005;
    assert_near(b.stored_kwh / top, 1, 0.002); /* the contactors took 12 s */
    top = b.stored_kwh;
    in.set_draw_kw = 0;
    in.set_heat_kw = 520;
    for (int i = 0; i < 5760; i++) {
        plant_sb_step(&b, &in, 10);
    }
    assert_near(b.heat_kwh, 520 * 16, 5);
    double left = top * exp(-0.005 * 16) - 520 * (1 - exp(-0.005 * 16)) / 0.005;
    assert_near(b.stored_kwh, left, 10);
    assert_near(b.core_degc, 100 + 650 * b.stored_kwh / 10000, 1e-9);
    assert_near(lack(&b, 0) / b.draw_kwh, 0, 1e-9);
}

static void contactors(void **state)
{
    (void)state;
    struct plant_sb b = boiler(0.3);
    struct rng r;
    rng_init(&r, 5, "eb", "commands");
    struct plant_sb_in in = {.water_degc = 80, .set_heat_kw = 900};
    double begin = b.stored_kwh;
    double held[10];
    bool closed[10] = {false};
    for (int i = 0; i < 10; i++) {
        held[i] = 1e9;
    }
    for (int s = 0; s < 86400; s++) {
        in.set_draw_kw = s % 17 == 0 ? 2200 * rng_uniform(&r) : in.set_draw_kw;
        int on = b.on;
        plant_sb_step(&b, &in, 1);
        assert_true(b.on >= 0 && b.on <= 10);
        assert_true(b.full || abs(b.on - on) <= 1); /* staggered */
        for (int i = 0; i < 10; i++) {
            bool is = (i - b.first_on + 10) % 10 < b.on;
            assert_true(is == closed[i] || held[i] >= 60 || b.full);
            held[i] = is == closed[i] ? held[i] + 1 : 1;
            closed[i] = is;
        }
        if (b.full) {
            break; /* the cut-out opens without asking for times; tested below */
        }
    }
    assert_true(b.moves > 100);
    assert_near(lack(&b, begin) / (b.draw_kwh + b.heat_kwh), 0, 1e-9);
}

static void never_more_than_asked(void **state)
{
    (void)state;
    struct plant_sb b = boiler(0.3);
    struct plant_sb_in in = {.set_draw_kw = 799, .water_degc = 80};
    for (int i = 0; i < 100; i++) {
        plant_sb_step(&b, &in, 1);
    }
    assert_near(b.kw, -600, 1e-9);
    in.set_draw_kw = 800;
    plant_sb_step(&b, &in, 60);
    assert_near(b.kw, -800, 1e-9);
    in.set_draw_kw = 0;
    plant_sb_step(&b, &in, 1);
    assert_near(b.kw, -600, 1e-9); /* one contactor per 2 s, the oldest first */
    plant_sb_step(&b, &in, 600);
    assert_near(b.kw, 0, 0);
}

static void cutouts_and_fan(void **state)
{
    (void)state;
    struct plant_sb b = boiler(0.999);
    struct plant_sb_in in = {.set_draw_kw = 2000, .water_degc = 80};
    for (int i = 0; i < 360; i++) {
        plant_sb_step(&b, &in, 1);
        assert_true(b.soc_pu < 1.001);
    }
    assert_near(b.kw, 0, 0);
    assert_int_equal(b.state, PLANT_LIMITED);
    b = boiler(0.05);
    in.set_draw_kw = 0;
    in.set_heat_kw = 1500;
    for (int i = 0; i < 60; i++) {
        plant_sb_step(&b, &in, 1);
    }
    /* core at 132.5 degC less a little: the fan has half its lift */
    assert_near(b.heat_kw, 1500 * (b.core_degc - 80) / 100, 5);
    for (int i = 0; i < 6000; i++) {
        plant_sb_step(&b, &in, 10);
    }
    assert_near(b.soc_pu, 0, 1e-3);
    assert_true(b.stored_kwh >= 0);
    in.trip = true;
    plant_sb_step(&b, &in, 1);
    assert_int_equal(b.state, PLANT_FAULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(day_cycle),
        cmocka_unit_test(contactors),
        cmocka_unit_test(never_more_than_asked),
        cmocka_unit_test(cutouts_and_fan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
