/* Weather generator: the days' statistics, a day's light, clouds of seconds, wind, seeds. */
#include "sim/plant_wind.h"
#include "sim/weather.h"
#include "tests/unit/test_plant_near.h"

static const double july_unix_s = 1751299200; /* 2025-06-30 16:00 UTC: 1 July in China */

static struct weather weather(uint64_t seed)
{
    struct weather_climate c = weather_chongqing();
    struct weather w;
    assert_int_equal(weather_init(&w, &c, seed), ERR_OK);
    return w;
}

static void quantiles_of_days(void **state)
{
    (void)state;
    struct weather w = weather(1);
    enum { DAYS = 200000 };
    const struct weather_month *q = &w.climate.month[6];
    int below10 = 0, below50 = 0, below90 = 0;
    double sum = 0;
    for (int i = 0; i < DAYS; i++) {
        double kwh = weather_next_day_kwh(&w, 7);
        below10 += kwh < q->p10;
        below50 += kwh < q->p50;
        below90 += kwh < q->p90;
        sum += kwh;
    }
    assert_near(below10 / (double)DAYS, 0.1, 0.005);
    assert_near(below50 / (double)DAYS, 0.5, 0.01);
    assert_near(below90 / (double)DAYS, 0.9, 0.005);
    assert_near(sum / DAYS * 31 / q->kwh_per_m2, 1, 0.01);
}

/* Thirty days: every day's light is what was drawn, and the index stays physical. */
static void a_day_has_its_own_light(void **state)
{
    (void)state;
    struct weather w = weather(2);
    for (int day = 1; day <= 30; day++) {
        double midnight = july_unix_s + 86400.0 * (day - 1), kwh = 0;
        weather_begin_day(&w, midnight, 7, day);
        for (int s = 5; s < 86400; s += 10) {
            struct weather_now now = weather_at(&w, midnight + s);
            assert_within(now.index, 0.0001, 1.2001);
            assert_within(now.degc, 5, 50);
            kwh += now.ghi_w_per_m2 * 10 / 3.6e6;
        }
        assert_near(kwh / w.day_kwh, 1, 0.002);
    }
}

/* On a half bright day light moves by more than half of the clear sky within five minutes, but
 * not within a second. */
static void clouds_make_ramps(void **state)
{
    (void)state;
    struct weather w = weather(3);
    double greatest = 0;
    for (int day = 1; day <= 20; day++) {
        double midnight = july_unix_s + 86400.0 * (day - 1);
        weather_begin_day(&w, midnight, 7, day);
        if (fabs(w.day_kwh - 4) > 1) {
            continue;
        }
        for (int minute = 600; minute < 900; minute++) {
            double low = 2, high = 0;
            for (int s = 0; s < 300; s += 10) {
                double k = weather_at(&w, midnight + 60.0 * minute + s).index;
                double next = weather_at(&w, midnight + 60.0 * minute + s + 1).index;
                assert_true(fabs(next - k) < 0.03);
                low = fmin(low, k);
                high = fmax(high, k);
            }
            greatest = fmax(greatest, high - low);
        }
    }
    assert_within(greatest, 0.5, 1.2);
}

/* Sixty years of hours: the turbine's energy is that of the Weibull integral. */
static void wind_is_weibull(void **state)
{
    (void)state;
    struct weather_climate c = weather_chongqing();
    c.gust_pu = 0;
    struct weather w;
    assert_int_equal(weather_init(&w, &c, 4), ERR_OK);
    enum { HOURS = 60 * 8760 };
    double got = 0, want = 0, mean = 0, k = c.wind_shape;
    for (int i = 0; i < HOURS; i++) {
        double v = weather_wind_m_per_s(&w, 3600);
        got += plant_wind_curve_pu(v);
        mean += v / HOURS;
    }
    double scale = c.wind_mean_m_per_s / tgamma(1 + 1 / k);
    for (double v = 0.005; v < 60; v += 0.01) {
        double density = k / scale * pow(v / scale, k - 1) * exp(-pow(v / scale, k));
        want += plant_wind_curve_pu(v) * density * 0.01;
    }
    assert_near(mean, c.wind_mean_m_per_s, 0.05);
    assert_near(got / HOURS / want, 1, 0.01);
}

static void seeds(void **state)
{
    (void)state;
    struct weather a = weather(5), b = weather(5), other = weather(6), calm = weather(5);
    bool differs = false;
    for (int day = 1; day <= 3; day++) {
        double midnight = july_unix_s + 86400.0 * (day - 1);
        weather_begin_day(&a, midnight, 7, day);
        weather_begin_day(&b, midnight, 7, day);
        weather_begin_day(&other, midnight, 7, day);
        weather_begin_day(&calm, midnight, 7, day);
        for (int s = 0; s < 86400; s += 60) {
            struct weather_now x = weather_at(&a, midnight + s),
                               y = weather_at(&b, midnight + s);
            assert_true(x.index == y.index && x.degc == y.degc);
            assert_true(weather_wind_m_per_s(&a, 60) == weather_wind_m_per_s(&b, 60));
            differs |= weather_at(&other, midnight + s).index != x.index;
            /* Nobody asked this one for its wind; its clouds are the same. */
            assert_true(weather_at(&calm, midnight + s).index == x.index);
        }
    }
    assert_true(differs);
}

static void senseless_climates(void **state)
{
    (void)state;
    struct weather_climate c = weather_chongqing();
    struct weather w;
    c.month[3].p50 = c.month[3].p10;
    assert_int_equal(weather_init(&w, &c, 1), ERR_RANGE);
    c = weather_chongqing();
    c.month[0].kwh_per_m2 = 300; /* no shape gives that */
    assert_int_equal(weather_init(&w, &c, 1), ERR_RANGE);
    c = weather_chongqing();
    c.light_lag1 = 1;
    assert_int_equal(weather_init(&w, &c, 1), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_of_days),
        cmocka_unit_test(a_day_has_its_own_light),
        cmocka_unit_test(clouds_make_ramps),
        cmocka_unit_test(wind_is_weibull),
        cmocka_unit_test(seeds),
        cmocka_unit_test(senseless_climates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
