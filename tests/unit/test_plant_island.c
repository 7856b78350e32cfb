/* Island: droop at rest, the first-order and second-order answers, shedding, loss of the bus.
 */
#include "sim/plant_island.h"
#include "tests/unit/test_plant_near.h"

static struct plant_island_params two_sets(void)
{
    struct plant_island_params par = plant_island_defaults();
    par.sources = 2;
    par.source[0] = plant_island_source_defaults(1000);
    par.source[1] = plant_island_source_defaults(500);
    par.source[1].droop_pu = 0.04;
    return par;
}

static struct plant_island begin(const struct plant_island_params *par,
                                 const struct plant_island_in *in)
{
    struct plant_island i;
    assert_int_equal(plant_island_init(&i, par), ERR_OK);
    plant_island_begin(&i, in);
    assert_true(i.alive);
    return i;
}

static void run(struct plant_island *i, const struct plant_island_in *in, double s)
{
    for (double t = 0; t < s; t += 0.01) {
        plant_island_step(i, in, 0.01);
    }
}

/* A step of load is shared by kVA over droop, and the frequency settles where they meet. */
static void droop_at_rest(void **state)
{
    (void)state;
    struct plant_island_params par = two_sets();
    struct plant_island_in in = {
        .load_kw = 600, .load_kvar = 300, .set_kw = {400,  200 },
                .on = {true, true}
    };
    struct plant_island i = begin(&par, &in);
    run(&i, &in, 1);
    assert_near(i.hz, 50, 1e-9);
    in.load_kw = 900;
    run(&i, &in, 30);
    double stiff = 1000 / 0.03 + 500 / 0.04; /* kW per pu */
    double fall_pu = 300 / (stiff + par.damping_pu * 900);
    assert_near(i.hz, 50 * (1 - fall_pu), 1e-6);
    assert_near(i.source_kw[0], 400 + fall_pu * 1000 / 0.03, 1e-3);
    assert_near(i.source_kw[1], 200 + fall_pu * 500 / 0.04, 1e-3);
    assert_near(i.volt_pu, 1 - 300 / (1500 / 0.03), 1e-12);
    assert_near(i.unserved_kwh, 0, 1e-9);
}

/* One set with lag T: 2H T s^2 + (2H + D T) s + D + 1/R; the nadir of the step answer is at the
 * first zero of its slope. */
static void nadir_of_the_second_order(void **state)
{
    (void)state;
    struct plant_island_params par = plant_island_defaults();
    par.sources = 1;
    par.source[0] = plant_island_source_defaults(1000);
    par.source[0].inertia_s = 3;
    par.hz_low = 40;
    struct plant_island_in in = {.load_kw = 400, .set_kw = {400}, .on = {true}};
    struct plant_island i = begin(&par, &in);
    in.load_kw = 600;
    run(&i, &in, 5);
    double h2 = 6, lag = 0.2, d = 0.6, stiff = 1 / 0.03, step = 0.2; /* on 1000 kVA */
    double a = h2 * lag, b = h2 + d * lag, c = d + stiff;
    double rest = step / c, wn = sqrt(c / a), zeta = b / (2 * sqrt(a * c));
    double wd = wn * sqrt(1 - zeta * zeta);
    double deepest = 0;
    for (double t = 0; t < 3; t += 1e-4) {
        /* step of (1 + T s)/(a s^2 + b s + c) */
        double e = exp(-zeta * wn * t);
        double sway = (lag * wn * wn - zeta * wn) / wd;
        deepest = fmax(deepest, rest * (1 - e * (cos(wd * t) - sway * sin(wd * t))));
    }
    assert_true(zeta < 1);
    assert_near((50 - i.hz_min) / (50 * deepest), 1, 0.005);
    assert_near(i.hz, 50 * (1 - rest), 1e-3);
}

static void sheds_and_survives(void **state)
{
    (void)state;
    struct plant_island_params par = two_sets();
    par.source[0].inertia_s = par.source[1].inertia_s = 3;
    par.sheds = 2;
    par.shed[0] = (struct plant_island_shed){49, 0.1, 0.3};
    par.shed[1] = (struct plant_island_shed){47.8, 0.1, 0.3};
    struct plant_island_in in = {
        .load_kw = 600, .set_kw = {400,  200 },
             .on = {true, true}
    };
    struct plant_island i = begin(&par, &in);
    in.on[0] = false; /* the greater set trips: 500 kVA are left for 600 kW */
    run(&i, &in, 10);
    assert_true(i.alive);
    assert_int_equal(i.shed, 1);
    assert_near(i.served_kw, 420, 1e-6);
    assert_within(i.hz, 49, 50);
    assert_within(i.unserved_kwh, 180 * 9 / 3600.0, 180 * 10.1 / 3600.0);
}

static void lost_without_help(void **state)
{
    (void)state;
    struct plant_island_params par = two_sets();
    struct plant_island_in in = {
        .load_kw = 1200, .set_kw = {800,  400 },
             .on = {true, true}
    };
    struct plant_island i = begin(&par, &in);
    in.on[0] = false;
    run(&i, &in, 5);
    assert_false(i.alive);
    assert_near(i.hz, 0, 0);
    assert_true(i.hz_min < 47.5 && i.unserved_kwh > 1200 * 3 / 3600.0);
    in.on[1] = false;
    assert_int_equal(plant_island_init(&i, &par), ERR_OK);
    plant_island_begin(&i, &in);
    assert_false(i.alive); /* nobody forms it */
    par.source[0].droop_pu = 0;
    assert_int_equal(plant_island_init(&i, &par), ERR_RANGE);
}

/* A battery that forms the grid and takes a surplus: it charges, the frequency rises. */
static void a_battery_takes_surplus(void **state)
{
    (void)state;
    struct plant_island_params par = plant_island_defaults();
    par.sources = 1;
    par.source[0] = plant_island_source_defaults(1250);
    par.source[0].kw_min = -1250;
    par.source[0].lag_s = 0.02;
    struct plant_island_in in = {.load_kw = 300, .set_kw = {300}, .on = {true}};
    struct plant_island i = begin(&par, &in);
    in.load_kw = -500; /* PV above the load */
    run(&i, &in, 5);
    assert_true(i.alive && i.hz > 50.5);
    assert_near(i.source_kw[0], -500 * (1 + (i.f_pu - 1)), 0.1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(droop_at_rest),           cmocka_unit_test(nadir_of_the_second_order),
        cmocka_unit_test(sheds_and_survives),      cmocka_unit_test(lost_without_help),
        cmocka_unit_test(a_battery_takes_surplus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
