/* The forecast: sky, loads, persistence; what it learns and what it does without a station. */
#include "controller/base/civil.h"
#include "controller/forecast/forecast.h"
#include "tests/support/bench_park.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct bench b;
static struct forecast f;
static struct image im;

static wall_t at(const char *text)
{
    wall_t t;
    assert_int_equal(civil_parse(text, &t), ERR_OK);
    return t;
}

static void setup(const char *park, const char *when)
{
    bench_open(&b, park, when);
    assert_int_equal(image_init(&im, &b.arena, b.park), ERR_OK);
    assert_int_equal(forecast_init(&f, &b.arena, b.park, NULL), ERR_OK);
}

static void see(const char *name, int row, double value)
{
    im.reading[park_point(b.park, bench_device(&b, name), row)] =
        (struct reading){value, QUALITY_GOOD, im.frozen_at};
}

/* Lets it look once a second. */
static void learn(double seconds)
{
    for (int i = 0; i < (int)seconds; i++) {
        im.frozen_at = mono_add(im.frozen_at, MONO_S(1));
        b.wall = wall_add_s(b.wall, 1);
        forecast_learn(&f, &im, b.wall);
    }
}

static double kw(const char *name, wall_t when)
{
    return forecast_kw(&f, bench_device(&b, name), b.wall, when, 900);
}

static void test_night_and_day(void **state)
{
    (void)state;
    setup("etc/parks/ceramics.yaml", "2025-07-15T09:00:00+08:00");
    double day = 0;
    double best = 0;
    int best_h = 0;
    for (int h = 0; h < 24; h++) {
        double x = kw("pv_a", wall_add_s(civil_midnight(b.wall, 0), h * 3600.0));
        assert_true(x >= 0 && x <= 2200);
        assert_true((h > 4 && h < 21) || x < 1e-9);
        day += x;
        best_h = x > best ? h : best_h;
        best = fmax(best, x);
    }
    assert_true(best > 600 && best_h >= 10 && best_h <= 15);
    assert_true(day > 5000 && day < 20000);
    bench_close(&b);
}

/* No weather station (the small park): the guess stands, nothing becomes NaN. */
static void test_no_station(void **state)
{
    (void)state;
    setup("etc/parks/small.yaml", "2025-07-15T09:00:00+08:00");
    wall_t noon = at("2025-07-15T13:00:00+08:00");
    double before = kw("pv1", noon);
    assert_true(before > 50 && before < 400);
    see("pv1", P_KW, 330);
    learn(3600);
    double after = kw("pv1", b.wall);
    assert_true(isfinite(after) && after >= 0 && after <= 400);
    /* the panels tell what the sky is like: a bright morning is seen without a station */
    assert_true(kw("pv1", noon) > 1.2 * before);
    bench_close(&b);
}

static void test_learns_sky(void **state)
{
    (void)state;
    setup("etc/parks/ceramics.yaml", "2025-07-15T11:00:00+08:00");
    double before = kw("pv_a", wall_add_s(b.wall, 1800));
    see("weather", WEATHER_GHI, 60);
    learn(7200);
    double dull = kw("pv_a", b.wall);
    assert_true(dull < 0.5 * before);
    double tomorrow = kw("pv_a", wall_add_s(b.wall, 86400));
    assert_true(tomorrow > 2 * dull); /* clouds go */
    /* a limited inverter teaches nothing about its gain */
    see("weather", WEATHER_GHI, 700);
    double gain = f.gain[bench_device(&b, "pv_a")];
    see("pv_a", PV_LIMIT_PU, 0.1);
    see("pv_a", P_KW, 219);
    learn(1800);
    assert_true(f.gain[bench_device(&b, "pv_a")] == gain);
    see("pv_a", PV_LIMIT_PU, 1);
    learn(1800);
    assert_true(f.gain[bench_device(&b, "pv_a")] < 0.9 * gain);
    bench_close(&b);
}

static void test_loads(void **state)
{
    (void)state;
    setup("etc/parks/small.yaml", "2025-07-15T09:00:00+08:00");
    wall_t night = at("2025-07-15T23:00:00+08:00");
    assert_true(kw("works", b.wall) == 420 && kw("works", night) == 120);
    assert_true(kw("works", at("2025-07-20T12:00:00+08:00")) == 60); /* Sunday */
    see("works", P_KW, -500);
    learn(3600);
    assert_true(fabs(kw("works", b.wall) - 500) < 5);
    double later = kw("works", wall_add_s(b.wall, 7200));
    assert_true(fabs(later - (420 + 80 * exp(-1))) < 2); /* fades with 2 h */
    assert_true(fabs(kw("works", night) - 120) < 1);
    see("works", P_KW, -10);
    learn(3600);
    assert_true(kw("works", night) >= 0);
    /* a hole in the readings teaches nothing */
    double bias = f.bias_kw[bench_device(&b, "works")];
    im.frozen_at = mono_add(im.frozen_at, MONO_S(600));
    forecast_learn(&f, &im, b.wall);
    assert_true(f.bias_kw[bench_device(&b, "works")] == bias);
    bench_close(&b);
}

static void test_heat_and_persistence(void **state)
{
    (void)state;
    setup("etc/parks/ceramics.yaml", "2025-07-15T09:00:00+08:00");
    assert_true(forecast_heat_kw(&f, b.wall, b.wall, 900) == 1900);
    see("tank", TANK_DEMAND_KW, 1700);
    see("wt1", P_KW, 200);
    see("wh1", WASTE_HEAT_KW, 100);
    see("k1", P_KW, -300);
    learn(4 * 3600);
    assert_true(fabs(forecast_heat_kw(&f, b.wall, b.wall, 900) - 1700) < 1);
    assert_true(fabs(kw("wt1", wall_add_s(b.wall, 36000)) - 200) < 5);
    assert_true(fabs(kw("wh1", b.wall) - 100) < 10);
    assert_true(fabs(kw("k1", b.wall) - 300) < 10);
    bench_close(&b);
}

static void test_given(void **state)
{
    (void)state;
    setup("etc/parks/small.yaml", "2025-07-15T00:00:00+08:00");
    char name[3][SERIES_NAME_LEN] = {"pv1.available_kw", "load.works_kw", "heat.hot_water_kw"};
    double value[48 * 3];
    struct series_file given = {.columns = 3,
                                .rows = 48,
                                .step_ms = 1800000,
                                .begin = b.wall,
                                .offset_s = 28800,
                                .name = name,
                                .value = value};
    for (int r = 0; r < 48; r++) {
        value[r * 3] = r == 20 ? -5 : 7 * r;
        value[r * 3 + 1] = 100 + r;
        value[r * 3 + 2] = r < 10 ? NAN : 33;
    }
    f.given = &given;
    wall_t nine = wall_add_s(b.wall, 9 * 3600);
    assert_true(fabs(kw("pv1", nine) - 126) < 1e-9);
    assert_true(fabs(kw("works", nine) - 118) < 1e-9);
    assert_true(kw("pv1", wall_add_s(b.wall, 36000)) == 0); /* not negative */
    assert_true(forecast_heat_kw(&f, b.wall, nine, 900) == 33);
    assert_true(forecast_heat_kw(&f, b.wall, b.wall, 900) == 0); /* a hole: the schedule */
    assert_true(kw("works", wall_add_s(b.wall, 86400 + 9 * 3600)) == 420); /* beyond it */
    bench_close(&b);
}

/* Utilities that nobody commands: by their schedule as loads, an ORC as it was within the hour.
 */
static void test_utilities(void **state)
{
    (void)state;
    setup("tests/data/utilities_park.yaml", "2025-07-15T10:00:00+08:00");
    wall_t soon = wall_add_s(b.wall, 1800), night = at("2025-07-15T22:00:00+08:00");
    assert_true(kw("cold", soon) == 100 && kw("cold", night) == 40);
    assert_true(kw("air", soon) == 60 && kw("water", soon) == 20 && kw("orc1", soon) == 0);
    see("cold", P_KW, -80);
    see("air", P_KW, -60);
    see("orc1", P_KW, 90);
    learn(7200);
    assert_true(kw("cold", b.wall) < 82 && kw("cold", night) > 35);
    assert_true(fabs(kw("air", b.wall) - 60) < 1e-6);
    assert_true(kw("orc1", night) > 75 && kw("orc1", night) < 90);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_night_and_day),
        cmocka_unit_test(test_no_station),
        cmocka_unit_test(test_learns_sky),
        cmocka_unit_test(test_loads),
        cmocka_unit_test(test_utilities),
        cmocka_unit_test(test_given),
        cmocka_unit_test(test_heat_and_persistence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
