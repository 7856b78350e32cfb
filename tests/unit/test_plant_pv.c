/* PV plant: published point values, four days of an official PVWatts run, and the control. */
#include "sim/plant_pv.h"
#include "tests/support/golden_plants.h"
#include "tests/unit/test_plant_near.h"

/* Hours of the PVWatts run for Golden, CO (39.74 N, 105.18 W, UTC-7; 4 kW DC, open rack, 20
 * degrees south, losses 14.08 %) that pvlib-python keeps as
 * tests/data/pvwatts_8760_rackmount.csv (BSD-3): 22 and 29 September, 4 and 5 October, clear
 * and cloudy. Day of the year from 0, hour from - to + 1, W/m2, degC, m/s, W. */
static const struct hour {
    int day, hour;
    double dni, dhi, degc, wind, poa, dc, ac;
} hours[] = {
    {264, 6,  543,  32,  6,  2, 119.283, 317.047, 290.47 },
    {264, 7,  816,  54,  10, 2, 380.687, 1225.47, 1176.05},
    {264, 8,  932,  64,  14, 2, 632.489, 2066.2,  1988.79},
    {264, 9,  984,  73,  17, 2, 840.681, 2677.8,  2575.91},
    {264, 10, 1006, 80,  18, 2, 983.272, 3066.67, 2947.4 },
    {264, 11, 867,  152, 19, 2, 996.192, 3083.56, 2963.5 },
    {264, 12, 701,  230, 20, 2, 923.162, 2869.33, 2759.05},
    {264, 13, 992,  78,  21, 2, 946.657, 2917.38, 2804.95},
    {264, 14, 641,  173, 21, 2, 669.288, 2125.37, 2045.75},
    {264, 15, 884,  64,  20, 2, 562.997, 1779.15, 1712.04},
    {264, 16, 303,  99,  17, 1, 205.84,  658.564, 624.296},
    {264, 17, 177,  27,  14, 0, 49.114,  139.464, 116.458},
    {271, 6,  0,    18,  7,  3, 17.052,  63.933,  42.356 },
    {271, 7,  0,    66,  8,  3, 62.88,   233.628, 208.765},
    {271, 8,  13,   161, 10, 2, 164.724, 597.892, 565.07 },
    {271, 9,  303,  273, 12, 1, 527.819, 1787.71, 1720.3 },
    {271, 10, 919,  93,  15, 1, 909.308, 2856.75, 2747.04},
    {271, 11, 948,  88,  17, 1, 980.251, 2999.22, 2883.07},
    {271, 12, 942,  88,  18, 2, 965.193, 3012.88, 2896.1 },
    {271, 13, 919,  86,  19, 2, 874.186, 2742.32, 2637.64},
    {271, 14, 876,  79,  18, 3, 714.171, 2309.3,  2222.57},
    {271, 15, 785,  71,  17, 3, 499.721, 1620.29, 1558.54},
    {271, 16, 616,  53,  14, 3, 253.475, 778.526, 741.3  },
    {271, 17, 158,  16,  11, 2, 35.754,  97.728,  75.518 },
    {276, 6,  111,  29,  7,  2, 48.835,  156.574, 133.237},
    {276, 7,  445,  84,  9,  1, 262.414, 872.463, 832.827},
    {276, 8,  67,   190, 12, 1, 233.53,  822.224, 783.887},
    {276, 9,  0,    125, 14, 2, 120.027, 429.658, 400.665},
    {276, 10, 13,   206, 17, 4, 212.414, 745.548, 709.148},
    {276, 11, 95,   352, 19, 5, 455.804, 1551.62, 1492.12},
    {276, 12, 243,  352, 20, 6, 599.347, 2010.29, 1934.94},
    {276, 13, 870,  97,  21, 7, 832.129, 2729.8,  2625.66},
    {276, 14, 501,  187, 20, 7, 560.512, 1874.81, 1804.35},
    {276, 15, 54,   158, 18, 6, 188.56,  655.573, 621.378},
    {276, 16, 37,   77,  15, 5, 88.379,  309.74,  283.316},
    {277, 6,  462,  23,  1,  0, 99.177,  267.458, 241.908},
    {277, 7,  800,  46,  3,  1, 353.753, 1158.01, 1110.54},
    {277, 8,  929,  57,  6,  2, 606.776, 2055.9,  1978.88},
    {277, 9,  987,  64,  8,  1, 811.66,  2650.9,  2550.15},
    {277, 10, 1015, 68,  10, 1, 951.284, 3022.71, 2905.47},
    {277, 11, 1022, 72,  11, 1, 1015.03, 3176.63, 3052.19},
    {277, 12, 1015, 73,  12, 2, 997.599, 3189.24, 3064.2 },
    {277, 13, 992,  71,  13, 2, 900.001, 2892.62, 2781.3 },
    {277, 14, 949,  65,  13, 3, 731.146, 2409.95, 2319.2 },
    {277, 15, 207,  161, 12, 4, 274.79,  955.483, 913.649},
    {277, 16, 0,    48,  8,  4, 45.721,  169.708, 146.114},
};
enum { HOURS = sizeof hours / sizeof hours[0] };

static void points(void **state)
{
    (void)state;
    assert_near(plant_pv_cell_degc(900, 20, 5), 35.203, 0.001);
    assert_near(plant_pv_dc(900, 30, 100, -0.003), 88.65, 1e-9);
    assert_near(plant_pv_inverter(90, 100, 0.95), 85.58556604752516, 1e-6);
    assert_near(plant_pv_inverter(130, 100, 0.95), 95, 1e-12); /* clipped */
    assert_near(plant_pv_inverter(0, 100, 0.95), 0, 0);
}

static void pvwatts_inverter(void **state)
{
    (void)state;
    for (int i = 0; i < HOURS; i++) {
        double ac = plant_pv_inverter(hours[i].dc, 4000 / 1.2 / 0.96, 0.96);
        assert_near(ac, hours[i].ac, 0.01);
    }
}

/* The whole chain from DNI, DHI, temperature and wind. PVWatts has a thermal mass that this
 * model leaves out: hours differ more than sums. */
static void pvwatts_chain(void **state)
{
    (void)state;
    struct plant_pv_params par = golden_pvwatts();
    struct plant_pv pv;
    assert_int_equal(plant_pv_init(&pv, &par), ERR_OK);
    double sum = 0, want = 0, poa = 0, want_poa = 0, wrong = 0;
    for (int i = 0; i < HOURS; i++) {
        const struct hour *o = &hours[i];
        double mid_s = 1546300800 + 86400.0 * o->day + 3600 * (o->hour + 0.5 + 7);
        struct plant_pv_in in = {.sun = sun_at(39.74, -105.18, mid_s), .run = true};
        in.irr.dni_w_per_m2 = o->dni;
        in.irr.dhi_w_per_m2 = o->dhi;
        in.irr.ghi_w_per_m2 = o->dni * fmax(0, in.sun.up) + o->dhi;
        in.ambient_degc = o->degc;
        in.wind_m_per_s = o->wind;
        plant_pv_step(&pv, &in, 1);
        sum += pv.available_kw;
        want += o->ac / 1000;
        poa += pv.poa_w_per_m2;
        want_poa += o->poa;
        wrong += fabs(pv.available_kw - o->ac / 1000);
    }
    assert_near(sum / want, 1, 0.02);
    assert_near(wrong / want, 0, 0.03);
    assert_near(poa / want_poa, 1, 0.03); /* theirs is behind the glass */
    print_message("PVWatts: energy %+.2f %%, hourly error %.2f %%\n", 100 * (sum / want - 1),
                  100 * wrong / want);
}

static struct plant_pv_in noon(void)
{
    struct plant_pv_in in = {.sun = sun_at(29.40, 105.59, 1750480200), .run = true};
    in.irr = sun_split(&in.sun, 900);
    in.ambient_degc = 30;
    in.wind_m_per_s = 2;
    return in;
}

static void control(void **state)
{
    (void)state;
    struct plant_pv_params par = plant_pv_defaults(2600, 2200);
    struct plant_pv pv;
    assert_int_equal(plant_pv_init(&pv, &par), ERR_OK);
    struct plant_pv_in in = noon();
    for (int i = 0; i < 60; i++) {
        plant_pv_step(&pv, &in, 1);
        assert_int_equal(pv.state, PLANT_STARTING);
        assert_near(pv.kw, 0, 0);
    }
    double last = 0;
    for (int i = 0; i < 20; i++) { /* starts up its ramp: 10 % a second */
        plant_pv_step(&pv, &in, 1);
        assert_true(pv.kw - last <= 220 + 1e-9);
        last = pv.kw;
    }
    assert_int_equal(pv.state, PLANT_ON);
    assert_near(pv.kw, pv.available_kw, 1e-9);
    assert_within(pv.kw, 1700, 2200);
    double free_kw = pv.available_kw;
    in.limit_on = true;
    in.limit_pu = 0.3;
    for (int i = 0; i < 7; i++) {
        plant_pv_step(&pv, &in, 1);
    }
    assert_near(pv.kw, 660, 1e-6);
    assert_near(pv.available_kw, free_kw, 1e-9); /* tells what it could give */
    assert_int_equal(pv.state, PLANT_LIMITED);
    in.limit_pu = 0;
    plant_pv_step(&pv, &in, 10);
    assert_near(pv.kw, 0, 0);
    in.trip = true;
    plant_pv_step(&pv, &in, 1);
    assert_int_equal(pv.state, PLANT_FAULT);
    assert_near(pv.available_kw, 0, 0);
}

static void night_gives_nothing(void **state)
{
    (void)state;
    struct plant_pv_params par = plant_pv_defaults(100, 80);
    struct plant_pv pv;
    assert_int_equal(plant_pv_init(&pv, &par), ERR_OK);
    struct plant_pv_in in = {
        .sun = {.up = -0.3, .extra_w_per_m2 = 1367},
          .run = true
    };
    plant_pv_step(&pv, &in, 1);
    assert_int_equal(pv.state, PLANT_OFF);
    assert_near(pv.kw, 0, 0);
    par.ac_kw = 0;
    assert_int_equal(plant_pv_init(&pv, &par), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points),
        cmocka_unit_test(pvwatts_inverter),
        cmocka_unit_test(pvwatts_chain),
        cmocka_unit_test(control),
        cmocka_unit_test(night_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
