/* Weather out of nothing but statistics and a seed: light, temperature and wind, day by day and
 * second by second. Runs in `kilnwatt sim` and in studies; state is the caller's.
 *
 * - a day's light: the month's quantiles (p10, p50, p90; lowest day 0.4 p10, highest a clear
 *   day by Haurwitz) with the shape between p50 and p90 that gives the month's mean; days hang
 *   together by a Gauss-Markov chain behind the quantiles, whose correlation is the one that
 *   gives the clearness its own (Mehler's formula: the n-th Hermite part of a function of the
 *   chain keeps r^n of its variance)
 * - a day's clouds: minutes are clear, broken or overcast (indices 1, 0.55, 0.22 of the clear
 *   sky), drawn anew every 8 min on average with the shares that give the day's mean,
 * first-order lag of 1.5 min, noise within each; scaled so that the day's light is exactly its
 * own
 * - temperature: month's mean (linear between mid-months), days with lag-1 correlation, wider
 *   swing on bright days, warmest at 15 h
 * - wind: hourly Gauss-Markov chain behind a Weibull distribution, gusts as first-order noise
 *
 * Streams are apart, so that clouds do not move the wind. Same seed and days, same weather. */
#ifndef KILNWATT_SIM_WEATHER_H
#define KILNWATT_SIM_WEATHER_H

#include "controller/base/err.h"
#include "controller/park/sun.h"
#include "sim/rng.h"

enum { WEATHER_MINUTES = 1440 };

struct weather_month {
    double kwh_per_m2;    /* of the month, horizontal */
    double p10, p50, p90; /* of its days, kWh/m2 */
    double degc;          /* mean */
};

struct weather_climate {
    double latitude_deg, longitude_deg;
    struct weather_month month[12];
    double light_lag1, degc_lag1;         /* [0, 1): correlations of a day with the next */
    double degc_sigma;                    /* of days around the month's mean, >= 0 */
    double wind_mean_m_per_s, wind_shape; /* > 0: Weibull */
    double wind_lag1_per_h, gust_pu;      /* [0, 1); [0, 0.5] */
};

struct weather {
    struct weather_climate climate;
    double clear_kwh[12]; /* highest day */
    double bend[12];      /* exponent between p50 and p90 */
    double chain_lag1;    /* of the normal behind the light */
    struct rng days, clouds, warmth, air, gusts;
    double light_z, warm_z, wind_z, next_wind_z, gust_z;
    double hour_s; /* into the wind's hour */
    /* of the day begun */
    double midnight_unix_s;
    double day_kwh, mean_degc, swing_k;
    float index[WEATHER_MINUTES + 1]; /* of the clear sky, at each minute */
};

/* What it is at one moment. */
struct weather_now {
    struct sun sun;
    double index, ghi_w_per_m2;
    double degc;
};

/* West Chongqing: light of Dazu 1998-2017 (month's sums and day quantiles modelled from
 * sunshine records), lag-1 of clearness 0.58. Assumed: monthly temperatures, wind of a hill
 * site with 5 m/s and Weibull shape 1.8. */
struct weather_climate weather_chongqing(void);
/* ERR_RANGE if quantiles do not rise or no shape gives a month's mean. */
must_check enum err weather_init(struct weather *w, const struct weather_climate *c,
                                 uint64_t seed);
/* The next day's light, kWh/m2 on the horizontal, for a month 1..12. */
double weather_next_day_kwh(struct weather *w, int month);
/* Draws a whole day: local midnight in UTC seconds, its date. Days are drawn in order. */
void weather_begin_day(struct weather *w, double midnight_unix_s, int month, int day);
/* A moment of the day begun; outside it the nearest minute counts. */
struct weather_now weather_at(const struct weather *w, double unix_s);
/* Wind, m/s, h_s > 0 after the last call; mean over the step. */
double weather_wind_m_per_s(struct weather *w, double h_s);

#endif
