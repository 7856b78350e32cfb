/* The kiln's heat: closure, steady state against the analytic slab, forward against backward.
 */
#include "sim/plant_kiln_heat.h"
#include "tests/unit/test_plant_near.h"

static const struct plant_kiln_thermal par = {
    .lump_kj_per_k = 3000,
    .area_m2 = 60,
    .lining_m = 0.2,
    .lining_w_per_mk = 0.2,
    .lining_kg_per_m3 = 500,
    .lining_j_per_kgk = 1000,
    .leak_m2 = 0.01,
    .element_s = 120,
};

static void energy_closes(void **state)
{
    (void)state;
    struct plant_kiln_heat heat;
    plant_kiln_heat_init(&heat, 25);
    double begin = plant_kiln_heat_stored_kwh(&heat, &par), in_kwh = 0;
    for (int i = 0; i < 50000; i++) {
        double h_s = 1 + i % 3;
        struct plant_kiln_drive drive = {.draw_kw = i % 700 < 350 ? 300 : 60,
                                         .open_kw_per_k = i % 9000 < 200 ? 0.3 : 0,
                                         .ambient_degc = 25 + i % 10};
        plant_kiln_heat_step(&heat, &par, &drive, h_s);
        in_kwh += drive.draw_kw * h_s / 3600;
    }
    double lack = begin + in_kwh - heat.lost_kwh - plant_kiln_heat_stored_kwh(&heat, &par);
    assert_near(lack / in_kwh, 0, 1e-11);
    assert_true(heat.lump_degc > 800);
}

/* Held long at 60 kW: the lining's flow is that of the resistances in series, and everything
 * that goes in goes out. */
static void steady_state(void **state)
{
    (void)state;
    struct plant_kiln_heat heat;
    plant_kiln_heat_init(&heat, 25);
    struct plant_kiln_drive drive = {.draw_kw = 60, .ambient_degc = 25};
    for (int i = 0; i < 100000; i++) {
        plant_kiln_heat_step(&heat, &par, &drive, 60);
    }
    double t = heat.lump_degc + 273.15, a = 298.15;
    double mean = 0.5 * (heat.lump_degc + heat.slab_degc[0]) + 273.15;
    double film = 5 + 4 * 0.6 * 5.670374419e-8 * pow(mean, 3);
    double shell_w = 60 * (heat.lump_degc - 25) / (1 / film + 0.2 / 0.2 + 0.1);
    double leak_w = 0.01 * 5.670374419e-8 * (pow(t, 4) - pow(a, 4));
    assert_near((shell_w + leak_w) / 60000, 1, 1e-6);
    assert_within(heat.lump_degc, 800, 1300);
}

/* A quick change of the inner face enters the lining like a half-infinite wall:
 * q = k dT / sqrt(pi alpha t) for a step of the face. */
static void lining_soaks_like_the_wall(void **state)
{
    (void)state;
    struct plant_kiln_heat heat;
    plant_kiln_heat_init(&heat, 25);
    double got_kwh = 0, until_s = 4 * 3600, h_s = 10;
    for (int i = 0; i < (int)(until_s / h_s); i++) {
        got_kwh += plant_kiln_heat_follow(&heat, &par, 1000, 25, h_s) * h_s / 3600;
    }
    double alpha = 0.2 / (500 * 1000);
    double wall_kwh = 2 * 0.2 * 975 * sqrt(until_s / (M_PI * alpha)) * 60 / 3.6e6;
    double leak_kwh = 0.01 * 5.670374419e-8 * (pow(1273.15, 4) - pow(298.15, 4)) * 4 / 1000;
    assert_near((got_kwh - leak_kwh) / wall_kwh, 1, 0.05); /* 8 slabs and a film */
}

static void backward_is_forward(void **state)
{
    (void)state;
    struct plant_kiln_thermal quick = par;
    quick.element_s = 0;
    struct plant_kiln_heat there, back;
    plant_kiln_heat_init(&there, 25);
    back = there;
    for (int i = 0; i < 600; i++) {
        double before = there.lump_degc;
        struct plant_kiln_drive drive = {.draw_kw = 250, .ambient_degc = 25};
        plant_kiln_heat_step(&there, &quick, &drive, 30);
        double kw = plant_kiln_heat_follow(&back, &quick, there.lump_degc, 25, 30);
        kw += 3000 * (there.lump_degc - before) / 30;
        assert_near(kw, 250, 1e-6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(energy_closes),
        cmocka_unit_test(steady_state),
        cmocka_unit_test(lining_soaks_like_the_wall),
        cmocka_unit_test(backward_is_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
