/* Published statistics of the weather that sim/weather.c generates. */
#include "sim/weather.h"
#include "tests/support/published.h"
#include <math.h>

static const char dazu[] = "Dazu, Chongqing, 1998-2017";

/* Light of many years of days, one after the other. */
enum { CLIMATE_YEARS = 2000 };
static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

static bool climate(struct weather *w)
{
    struct weather_climate c = weather_chongqing();
    return weather_init(w, &c, 1) == ERR_OK;
}

/* Sum of a month 1..12, or of the year for 0, kWh/m2. */
static double month_kwh(const double *a)
{
    struct weather w;
    double sum = 0;
    if (!climate(&w)) {
        return NAN;
    }
    for (int year = 0; year < CLIMATE_YEARS; year++) {
        for (int month = 1; month <= 12; month++) {
            for (int day = 0; day < month_days[month - 1]; day++) {
                double kwh = weather_next_day_kwh(&w, month);
                sum += a[0] == 0 || a[0] == month ? kwh : 0;
            }
        }
    }
    return sum / CLIMATE_YEARS;
}

/* Light above the air of each day of a year, kWh/m2. */
static void extra_kwh(double out[365])
{
    const double year_unix_s = 1735664400; /* 2025-01-01 00:00 of the sun at 105.6 E */
    for (int d = 0; d < 365; d++) {
        out[d] = 0;
        for (int i = 0; i < 96; i++) {
            struct sun s = sun_at(29.40, 105.59, year_unix_s + 86400.0 * d + 900 * (i + 0.5));
            out[d] += fmax(0, s.up) * s.extra_w_per_m2 * 900 / 3.6e6;
        }
    }
}

enum { CLEARNESS_LOW, CLEARNESS_HIGH, CLEARNESS_LAG1 };

/* Days below 0.25 or above 0.5 of the light above the air, per cent, or the correlation of a
 * day with the next around each day's own mean. */
static double clearness(const double *which)
{
    static const int years = CLIMATE_YEARS;
    double extra[365], mean[365] = {0}, low = 0, high = 0, with_next = 0, with_self = 0;
    struct weather w;
    extra_kwh(extra);
    for (int pass = 0; pass < 2; pass++) {
        double last = 0;
        if (!climate(&w)) {
            return NAN;
        }
        for (int i = 0; i < years * 365; i++) {
            int d = i % 365, month = 1;
            for (int left = d; left >= month_days[month - 1]; month++) {
                left -= month_days[month - 1];
            }
            double k = weather_next_day_kwh(&w, month) / extra[d];
            if (pass == 0) {
                mean[d] += k / years;
                low += k < 0.25;
                high += k > 0.5;
            } else {
                with_next += last * (k - mean[d]);
                with_self += (k - mean[d]) * (k - mean[d]);
                last = k - mean[d];
            }
        }
    }
    const double answer[] = {100 * low / (years * 365.0), 100 * high / (years * 365.0),
                             with_next / with_self};
    return answer[(int)which[0]];
}

static const struct published rows[] = {
    {"generated light of month 1",                      "kWh/m2", dazu, PUBLISHED_IS_PART(35,  0.02), month_kwh, {1}             },
    {"generated light of month 2",                      "kWh/m2", dazu, PUBLISHED_IS_PART(48,  0.02), month_kwh, {2}             },
    {"generated light of month 3",                      "kWh/m2", dazu, PUBLISHED_IS_PART(83,  0.02), month_kwh, {3}             },
    {"generated light of month 4",
     "kWh/m2",                                                    dazu,
     PUBLISHED_IS_PART(104,                                                                    0.02),
     month_kwh,                                                                                                  {4}             },
    {"generated light of month 5",
     "kWh/m2",                                                    dazu,
     PUBLISHED_IS_PART(116,                                                                    0.02),
     month_kwh,                                                                                                  {5}             },
    {"generated light of month 6",
     "kWh/m2",                                                    dazu,
     PUBLISHED_IS_PART(102,                                                                    0.02),
     month_kwh,                                                                                                  {6}             },
    {"generated light of month 7",
     "kWh/m2",                                                    dazu,
     PUBLISHED_IS_PART(136,                                                                    0.02),
     month_kwh,                                                                                                  {7}             },
    {"generated light of month 8",
     "kWh/m2",                                                    dazu,
     PUBLISHED_IS_PART(126,                                                                    0.02),
     month_kwh,                                                                                                  {8}             },
    {"generated light of month 9",                      "kWh/m2", dazu, PUBLISHED_IS_PART(84,  0.02), month_kwh, {9}             },
    {"generated light of month 10",
     "kWh/m2",                                                    dazu,
     PUBLISHED_IS_PART(54,                                                                     0.02),
     month_kwh,                                                                                                  {10}            },
    {"generated light of month 11",
     "kWh/m2",                                                    dazu,
     PUBLISHED_IS_PART(42,                                                                     0.02),
     month_kwh,                                                                                                  {11}            },
    {"generated light of month 12",
     "kWh/m2",                                                    dazu,
     PUBLISHED_IS_PART(32,                                                                     0.02),
     month_kwh,                                                                                                  {12}            },
    {"generated light of a year",                       "kWh/m2", dazu, PUBLISHED_IS_PART(963, 0.02), month_kwh, {0}             },
    {"generated days, overcast (clearness below 0.25)",
     "%",                                                         dazu,
     PUBLISHED_IS_NEAR(55,                                                                     5),
     clearness,                                                                                                  {CLEARNESS_LOW} },
    {"generated days, clear (clearness above 0.5)",
     "%",                                                         dazu,
     PUBLISHED_IS_NEAR(20,                                                                     5),
     clearness,                                                                                                  {CLEARNESS_HIGH}},
    {"generated days, correlation with the next",
     "pu",                                                        dazu,
     PUBLISHED_IS_IN(0.57,                                                                     0.59),
     clearness,                                                                                                  {CLEARNESS_LAG1}},
};

const struct published_table published_weather = {"weather generator", rows,
                                                  sizeof rows / sizeof rows[0]};
