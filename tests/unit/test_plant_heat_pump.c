/* Heat pump: certified points, lift curve, timers under random commands, part load. */
#include "sim/plant_heat_pump.h"
#include "sim/rng.h"
#include "tests/unit/test_plant_near.h"

/* Keymark certificates, average climate (hplib database, CC BY 4.0): PHNIX PASRW015-BP-PS-D. */
static const struct plant_hp_map phnix = {
    .rows = 4,
    .row = {{-7, 2, {34, 52}, {3.18, 2.25}},
            {2, 2, {30, 42}, {4.69, 3.44}},
            {7, 2, {27, 36}, {6.42, 4.37}},
            {12, 2, {24, 30}, {8.82, 6.36}}},
};

static void certified_points_are_exact(void **state)
{
    (void)state;
    for (int i = 0; i < phnix.rows; i++) {
        for (int k = 0; k < 2; k++) {
            double cop =
                plant_hp_cop(&phnix, phnix.row[i].source_degc, phnix.row[i].sink_degc[k]);
            assert_near(cop / phnix.row[i].cop[k], 1, 1e-9);
        }
    }
    assert_near(plant_hp_cop(&phnix, -7, 43), 0.5 * (3.18 + 2.25), 1e-9);
    /* The rated point A7/W35, 4.97, is not in the table; A7/W55, 2.94, lies outside it. */
    assert_near(plant_hp_cop(&phnix, 7, 35) / 4.97, 1, 0.1);
    assert_near(plant_hp_cop(&phnix, 7, 55) / 2.94, 1, 0.1);
}

static void falls_with_lift(void **state)
{
    (void)state;
    struct plant_hp_params par = plant_hp_defaults(400);
    assert_near(plant_hp_cop(&par.map, 50, 80), 4.0, 1e-9);
    assert_near(plant_hp_cop(&par.map, 45, 88), 3.2, 1e-9);
    assert_near(plant_hp_cop(&par.map, 20, 85), 2.2, 1e-9);
    const struct plant_hp_map *maps[] = {&par.map, &phnix};
    for (int m = 0; m < 2; m++) {
        for (int source = -20; source <= 30; source += 5) {
            double last = 1e9;
            for (double sink = source + 5; sink < 95; sink += 0.5) {
                double cop = plant_hp_cop(maps[m], source, sink);
                assert_true(cop <= last + 1e-9 && cop >= 1);
                last = cop;
            }
        }
    }
}

static void no_command_breaks_the_timers(void **state)
{
    (void)state;
    struct plant_hp_params par = plant_hp_defaults(400);
    struct plant_hp hp;
    assert_int_equal(plant_hp_init(&hp, &par), ERR_OK);
    struct rng r;
    rng_init(&r, 3, "hp1", "commands");
    struct plant_hp_in in = {.source_degc = 45, .sink_degc = 85, .return_degc = 70};
    double on_s = 0, off_s = 1e9;
    bool was = false;
    for (int i = 0; i < 30 * 86400; i++) {
        if (i % 40 == 0) {
            in.run = rng_uniform(&r) < 0.5;
            in.limit_kw = 500 * rng_uniform(&r);
        }
        plant_hp_step(&hp, &in, 1);
        bool is = hp.draw_kw > 0;
        if (is && !was) {
            assert_true(off_s >= par.off_s_min);
            on_s = 0;
        } else if (!is && was) {
            assert_true(on_s >= par.run_s_min);
            off_s = 0;
        }
        assert_true(!is || (hp.draw_kw >= 120 - 1e-9 && hp.draw_kw <= 400 + 1e-9));
        on_s += 1;
        off_s += 1;
        was = is;
    }
    assert_true(hp.starts > 100);
    assert_near(hp.heat_kwh / hp.draw_kwh, 4 - 0.8 * 10 / 13, 1e-3); /* lift 40 K */
}

static void limit_ramp_and_cutout(void **state)
{
    (void)state;
    struct plant_hp_params par = plant_hp_defaults(400);
    par.cc = 0.9;
    struct plant_hp hp;
    assert_int_equal(plant_hp_init(&hp, &par), ERR_OK);
    struct plant_hp_in in = {
        .run = true, .limit_kw = 400, .source_degc = 45, .sink_degc = 88, .return_degc = 70};
    plant_hp_step(&hp, &in, 1);
    assert_int_equal(hp.state, PLANT_STARTING);
    plant_hp_step(&hp, &in, 60);
    assert_int_equal(hp.state, PLANT_ON);
    for (int i = 0; i < 36; i++) { /* 120 kW to 400 kW at 8 kW/s */
        plant_hp_step(&hp, &in, 1);
    }
    assert_near(hp.kw, -400, 1e-9);
    plant_hp_step(&hp, &in, 600);
    assert_near(hp.heat_kw, 1280, 0.1);
    in.limit_kw = 200;
    plant_hp_step(&hp, &in, 600);
    plant_hp_step(&hp, &in, 600);
    assert_near(hp.kw, -200, 1e-9);
    assert_near(hp.cop, 3.2 * 0.5 / (0.9 * 0.5 + 0.1), 1e-9);
    assert_int_equal(hp.state, PLANT_LIMITED);
    in.return_degc = 93; /* its own protection goes before the least run time */
    plant_hp_step(&hp, &in, 1);
    assert_int_equal(hp.state, PLANT_OFF);
    par.map.lift_k[1] = 20;
    assert_int_equal(plant_hp_init(&hp, &par), ERR_RANGE);
}

static void hot_machine(void **state)
{
    (void)state;
    struct plant_hp_params par = plant_hp_hot(500, 125);
    assert_within(plant_hp_cop(&par.map, 90, 120), 5.7, 6.5);
    assert_within(plant_hp_cop(&par.map, 50, 120), 2.2, 2.8);
    struct plant_hp hp;
    assert_int_equal(plant_hp_init(&hp, &par), ERR_OK);
    struct plant_hp_in in = {
        .run = true, .limit_kw = 500, .source_degc = 70, .sink_degc = 120, .return_degc = 110};
    for (int i = 0; i < 1200; i++) {
        plant_hp_step(&hp, &in, 1);
    }
    assert_near(hp.heat_kw, 500 * 0.45 * 393.15 / 50, 0.01);
    par.map.lifts = 1; /* two forms at once */
    assert_int_equal(plant_hp_init(&hp, &par), ERR_RANGE);
}

static void defrosts(void **state)
{
    (void)state;
    struct plant_hp_params par = plant_hp_defaults(100);
    par.defrost_every_s = 3600;
    par.defrost_s = 300;
    par.defrost_pu = 0.6;
    struct plant_hp hp;
    assert_int_equal(plant_hp_init(&hp, &par), ERR_OK);
    struct plant_hp_in in = {
        .run = true, .limit_kw = 100, .source_degc = 1, .sink_degc = 45, .return_degc = 40};
    double dry_kwh = 0;
    for (int wet = 0; wet < 2; wet++) {
        in.frost = wet > 0;
        double from_kwh = hp.heat_kwh;
        int melting = 0;
        for (int i = 0; i < 10 * 3900; i++) {
            plant_hp_step(&hp, &in, 1);
            melting += hp.flow_heat_kw <= 0 && hp.state == PLANT_ON;
            assert_true(melting == 0 || hp.draw_kw >= 30);
        }
        assert_near(melting, wet ? 10 * 300 : 0, 305);
        if (wet == 0) {
            dry_kwh = hp.heat_kwh - from_kwh;
        } else {
            assert_within((hp.heat_kwh - from_kwh) / dry_kwh, 0.88, 0.95);
        }
    }
    struct plant_hp_map icy = {.quality_pu = 0.5, .icing_degc = 2, .icing_pu = 0.8};
    assert_near(plant_hp_cop(&icy, 1.9, 40) / plant_hp_cop(&icy, 2, 40), 0.8, 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certified_points_are_exact),
        cmocka_unit_test(falls_with_lift),
        cmocka_unit_test(no_command_breaks_the_timers),
        cmocka_unit_test(limit_ramp_and_cutout),
        cmocka_unit_test(hot_machine),
        cmocka_unit_test(defrosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
