/* Weather out of statistics and a seed: see weather.h. Pure. */
#include "sim/weather.h"
#include <math.h>

static const double redraw_min = 8, lag_min = 1.5;
static const double state_index[] = {0.22, 0.55, 1}, state_noise[] = {0.15, 0.25, 0.02};
static const double index_max = 1.2; /* light from cloud edges */

struct weather_climate weather_chongqing(void)
{
    return (struct weather_climate){
        .latitude_deg = 29.40,
        .longitude_deg = 105.59,
        .month = {{35, 0.28, 0.85, 2.69, 8},
                  {48, 0.58, 1.26, 3.59, 10},
                  {83, 0.97, 2.17, 5.01, 14},
                  {104, 1.34, 3.31, 6.00, 19},
                  {116, 1.43, 3.39, 6.49, 23},
                  {102, 1.25, 2.67, 6.30, 25},
                  {136, 1.68, 4.70, 6.58, 29},
                  {126, 1.47, 4.46, 6.26, 29},
                  {84, 0.89, 2.11, 5.35, 24},
                  {54, 0.44, 1.22, 4.05, 19},
                  {42, 0.38, 0.99, 3.10, 14},
                  {32, 0.27, 0.78, 2.50, 9}},
        .light_lag1 = 0.58,
        .degc_lag1 = 0.7,
        .degc_sigma = 2.5,
        .wind_mean_m_per_s = 5,
        .wind_shape = 1.8,
        .wind_lag1_per_h = 0.9,
        .gust_pu = 0.12,
    };
}

static int month_days(int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1];
}

/* Clear sky of a day that begins at a UTC second, kWh/m2. */
static double clear_kwh(const struct weather_climate *c, double midnight_unix_s)
{
    double sum = 0;
    for (int i = 0; i < 144; i++) {
        double s = midnight_unix_s + 600 * (i + 0.5);
        sum += sun_haurwitz_w_per_m2(sun_at(c->latitude_deg, c->longitude_deg, s).up);
    }
    return sum / 6000;
}

static bool climate_good(const struct weather_climate *c)
{
    bool good = fabs(c->latitude_deg) <= 90 && c->light_lag1 >= 0 && c->light_lag1 <= 0.9 &&
                c->degc_lag1 >= 0 && c->degc_lag1 <= 0.9 && c->degc_sigma >= 0 &&
                c->wind_mean_m_per_s > 0 && c->wind_shape > 0 && c->wind_lag1_per_h >= 0 &&
                c->wind_lag1_per_h < 1 && c->gust_pu >= 0 && c->gust_pu <= 0.5;
    for (int m = 0; m < 12 && good; m++) {
        const struct weather_month *q = &c->month[m];
        good = q->p10 > 0 && q->p50 > q->p10 && q->p90 > q->p50 && isfinite(q->degc);
    }
    return good;
}

/* Mean of a day in [p50, p90] is p50 + (p90 - p50)/(bend + 1); 0 if no bend gives the month. */
static double bend_of(const struct weather_month *q, double days, double highest)
{
    double rest = 0.1 * 0.5 * (0.4 * q->p10 + q->p10) + 0.4 * 0.5 * (q->p10 + q->p50) +
                  0.1 * 0.5 * (q->p90 + highest);
    double above = (q->kwh_per_m2 / days - rest) / 0.4 - q->p50;
    return above > 0 ? (q->p90 - q->p50) / above - 1 : 0;
}

/* Gauss-Markov: a normal with lag-1 correlation r. */
static double chain(struct rng *r, double z, double lag1)
{
    return lag1 * z + sqrt(1 - lag1 * lag1) * rng_normal(r);
}

static double normal_share(double z)
{
    return 0.5 * erfc(-z * M_SQRT1_2);
}

static double quantile_kwh(const struct weather *w, int month, double u)
{
    const struct weather_month *q = &w->climate.month[month - 1];
    if (u < 0.1) {
        return q->p10 * (0.4 + 0.6 * u / 0.1);
    }
    if (u < 0.5) {
        return q->p10 + (q->p50 - q->p10) * (u - 0.1) / 0.4;
    }
    if (u < 0.9) {
        return q->p50 + (q->p90 - q->p50) * pow((u - 0.5) / 0.4, w->bend[month - 1]);
    }
    return q->p90 + (w->clear_kwh[month - 1] - q->p90) * (u - 0.9) / 0.1;
}

enum { HERMITE = 12 };

/* Variance of a month's clearness in each Hermite part of the normal behind it. */
static void hermite_parts(const struct weather *w, int month, double part[HERMITE])
{
    const double step = 0.01;
    double sum[HERMITE] = {0}, factorial = 1;
    for (int i = -600; i <= 600; i++) {
        double z = i * step;
        double weight = exp(-0.5 * z * z) / sqrt(2 * M_PI) * step;
        double k = quantile_kwh(w, month, normal_share(z)) / w->clear_kwh[month - 1];
        double last = 0, he = 1;
        for (int n = 0; n < HERMITE; n++) {
            sum[n] += weight * k * he;
            double next = z * he - n * last;
            last = he;
            he = next;
        }
    }
    for (int n = 0; n < HERMITE; n++) {
        factorial *= n > 0 ? n : 1;
        part[n] += sum[n] * sum[n] / factorial;
    }
}

/* Correlation of the chain that gives the clearness of all months together `wanted`. */
static double chain_lag1(const struct weather *w, double wanted)
{
    double part[HERMITE] = {0}, all = 0, low = 0, high = 0.999;
    for (int month = 1; month <= 12; month++) {
        hermite_parts(w, month, part);
    }
    for (int n = 1; n < HERMITE; n++) {
        all += part[n];
    }
    for (int i = 0; i < 40; i++) {
        double r = 0.5 * (low + high), power = 1, kept = 0;
        for (int n = 1; n < HERMITE; n++) {
            power *= r;
            kept += part[n] * power;
        }
        *(kept < wanted * all ? &low : &high) = r;
    }
    return low;
}

/* Highest day and bend of each month. ERR_RANGE if no bend gives a month's mean. */
static enum err months_init(struct weather *w)
{
    const double year_unix_s = 1735689600; /* 2025 */
    const struct weather_climate *c = &w->climate;
    double day_of_year = 0;
    for (int m = 0; m < 12; m++) {
        const struct weather_month *q = &c->month[m];
        double days = month_days(m + 1), middle = day_of_year + floor(days / 2);
        double midnight_s = year_unix_s + 86400 * middle - 240 * c->longitude_deg;
        w->clear_kwh[m] = clear_kwh(c, midnight_s);
        w->bend[m] = bend_of(q, days, w->clear_kwh[m]);
        if (!(w->bend[m] > 0 && w->clear_kwh[m] > q->p90)) {
            return ERR_RANGE;
        }
        day_of_year += days;
    }
    return ERR_OK;
}

enum err weather_init(struct weather *w, const struct weather_climate *c, uint64_t seed)
{
    struct weather next = {.climate = *c};
    if (!climate_good(c) || months_init(&next) != ERR_OK) {
        return ERR_RANGE;
    }
    next.chain_lag1 = chain_lag1(&next, c->light_lag1);
    rng_init(&next.days, seed, "weather", "days");
    rng_init(&next.clouds, seed, "weather", "clouds");
    rng_init(&next.warmth, seed, "weather", "warmth");
    rng_init(&next.air, seed, "weather", "wind");
    rng_init(&next.gusts, seed, "weather", "gusts");
    next.light_z = rng_normal(&next.days);
    next.warm_z = rng_normal(&next.warmth);
    next.wind_z = rng_normal(&next.air);
    next.next_wind_z = next.wind_z;
    next.hour_s = 3600;
    next.gust_z = rng_normal(&next.gusts);
    *w = next;
    return ERR_OK;
}

double weather_next_day_kwh(struct weather *w, int month)
{
    w->light_z = chain(&w->days, w->light_z, w->chain_lag1);
    return quantile_kwh(w, month, normal_share(w->light_z));
}

/* A state, drawn with shares that make the mean index of all minutes `mean`. */
static int draw_state(struct rng *r, double mean)
{
    double x = fmin(fmax((mean - state_index[0]) / (state_index[2] - state_index[0]), 0), 1);
    double broken = 1.6 * x * (1 - x);
    double clear =
        x - broken * (state_index[1] - state_index[0]) / (state_index[2] - state_index[0]);
    double u = rng_uniform(r);
    return u < clear ? 2 : u < clear + broken ? 1 : 0;
}

/* Minutes of a day whose clear sky and wanted light are known, kWh/m2. */
static void day_clouds(struct weather *w, double clear_day_kwh)
{
    double mean = w->day_kwh / clear_day_kwh, keep = exp(-1 / lag_min), noise = 0;
    int state = draw_state(&w->clouds, mean);
    double index = state_index[state];
    for (int i = 0; i <= WEATHER_MINUTES; i++) {
        if (rng_uniform(&w->clouds) < 1 / redraw_min) {
            state = draw_state(&w->clouds, mean);
        }
        noise = chain(&w->clouds, noise, 0.7);
        double aim = state_index[state] * (1 + state_noise[state] * noise);
        index = aim + (index - aim) * keep;
        w->index[i] = (float)fmin(fmax(index, 0.02), index_max);
    }
}

/* Scales the minutes so that the day's light is its own; those at the ceiling stay there. */
static void day_scale(struct weather *w, const float *clear_w)
{
    for (int round = 0; round < 20; round++) {
        double got = 0, want = w->day_kwh * 60000, free = 0;
        for (int i = 0; i < WEATHER_MINUTES; i++) {
            double light = 0.5 * (w->index[i] + w->index[i + 1]) * clear_w[i];
            got += light;
            free += w->index[i] < (float)index_max ? light : 0;
        }
        if (free <= 0 || fabs(got / want - 1) < 1e-6) {
            return;
        }
        double factor = fmax(0.01, 1 + (want - got) / free);
        for (int i = 0; i <= WEATHER_MINUTES; i++) {
            w->index[i] = fminf((float)(w->index[i] * factor), (float)index_max);
        }
    }
}

/* Month's mean of temperature, linear between the middles of the months. */
static double mean_degc(const struct weather_climate *c, int month, int day)
{
    double part = (day - 0.5) / month_days(month) - 0.5;
    int other = (month - 1 + (part < 0 ? 11 : 1)) % 12;
    double here = c->month[month - 1].degc;
    return here + fabs(part) * (c->month[other].degc - here);
}

void weather_begin_day(struct weather *w, double midnight_unix_s, int month, int day)
{
    const struct weather_climate *c = &w->climate;
    float clear_w[WEATHER_MINUTES];
    double clear_sum = 0;
    for (int i = 0; i < WEATHER_MINUTES; i++) {
        struct sun s =
            sun_at(c->latitude_deg, c->longitude_deg, midnight_unix_s + 60 * (i + 0.5));
        clear_w[i] = (float)sun_haurwitz_w_per_m2(s.up);
        clear_sum += clear_w[i] / 60000.0;
    }
    w->midnight_unix_s = midnight_unix_s;
    w->day_kwh = fmin(weather_next_day_kwh(w, month), 1.05 * clear_sum);
    day_clouds(w, clear_sum);
    day_scale(w, clear_w);
    w->warm_z = chain(&w->warmth, w->warm_z, c->degc_lag1);
    w->mean_degc = mean_degc(c, month, day) + c->degc_sigma * w->warm_z;
    w->swing_k = 2 + 8 * fmin(1, w->day_kwh / clear_sum); /* overcast days hardly warm up */
}

struct weather_now weather_at(const struct weather *w, double unix_s)
{
    const struct weather_climate *c = &w->climate;
    struct weather_now now = {.sun = sun_at(c->latitude_deg, c->longitude_deg, unix_s)};
    double minute = fmin(fmax((unix_s - w->midnight_unix_s) / 60, 0), WEATHER_MINUTES);
    int i = minute < WEATHER_MINUTES ? (int)minute : WEATHER_MINUTES - 1;
    double part = minute - i;
    now.index = w->index[i] + part * (w->index[i + 1] - w->index[i]);
    now.ghi_w_per_m2 = now.index * sun_haurwitz_w_per_m2(now.sun.up);
    now.degc = w->mean_degc + 0.5 * w->swing_k * cos((minute / 60 - 15) / 12 * M_PI);
    return now;
}

double weather_wind_m_per_s(struct weather *w, double h_s)
{
    const struct weather_climate *c = &w->climate;
    w->hour_s += h_s;
    while (w->hour_s >= 3600) {
        w->hour_s -= 3600;
        w->wind_z = w->next_wind_z;
        w->next_wind_z = chain(&w->air, w->wind_z, c->wind_lag1_per_h);
    }
    /* On an arc between two hours, so that the distribution stays normal in between. */
    double part = w->hour_s / 3600, r = c->wind_lag1_per_h;
    double a = 1 - part, b = part;
    double z = (a * w->wind_z + b * w->next_wind_z) / sqrt(a * a + b * b + 2 * a * b * r);
    double scale = c->wind_mean_m_per_s / tgamma(1 + 1 / c->wind_shape);
    double calm = scale * pow(-log(normal_share(-z)), 1 / c->wind_shape);
    double keep = exp(-h_s / 20);
    w->gust_z = keep * w->gust_z + sqrt(1 - keep * keep) * rng_normal(&w->gusts);
    return fmax(0, calm * (1 + c->gust_pu * w->gust_z));
}
