/* Sun, weather, clouds and recorded series. Runs in the simulator; pure apart from its random
 * stream. */
#include "sim/env.h"
#include "controller/base/civil.h"
#include "sim/snap.h"
#include <math.h>

/* Below this clear-sky irradiance an index means nothing. */
static const double index_ghi_min = 30;

/* The hour around each second is looked at every 12 minutes (index_around), so that a second's
 * sun is wanted five times within 48 minutes: kept by time, each in the slot of its second. */
enum { LOOK_S = 720, LOOKS_EACH_SIDE = 2, SUNS = 2 * LOOKS_EACH_SIDE * LOOK_S + 1 };
struct seen_sun {
    double unix_s; /* NaN = none yet */
    struct sun sun;
    double clear_w_per_m2; /* GHI below a clear sky */
};
struct env_suns {
    struct seen_sun at[SUNS];
};

enum err env_init(struct env *e, struct arena *a, const struct park *p, uint64_t seed,
                  const struct series_file *weather)
{
    *e = (struct env){.park = p, .weather = weather};
    e->suns = arena_take(a, 1, sizeof *e->suns);
    if (!e->suns) {
        return ERR_NOMEM;
    }
    for (int i = 0; i < SUNS; i++) {
        e->suns->at[i].unix_s = NAN;
    }
    rng_init(&e->rng, seed, "park", "clouds");
    e->gusts.x = rng_normal(&e->rng);
    e->clouds.x = rng_normal(&e->rng);
    e->clear_index = 0.75;
    e->top_degc = 70;
    e->return_degc = 45;
    e->tank_soc_pu = 0.5;
    return ERR_OK;
}

enum err env_add_series(struct env *e, const struct series_file *f)
{
    if (e->files == ENV_SERIES_MAX) {
        return ERR_FULL;
    }
    e->file[e->files++] = f;
    return ERR_OK;
}

double env_series(const struct env *e, const char *column, wall_t at)
{
    for (int i = e->files - 1; i >= 0; i--) {
        int c = series_column(e->file[i], column);
        double v = c < 0 ? NAN : series_mean(e->file[i], c, at, 1);
        if (!isnan(v)) {
            return v;
        }
    }
    return NAN;
}

/* The weather file's value, as the mean of the hour around `at`: linear between hours. */
static double weather_value(const struct env *e, const char *column, wall_t at)
{
    int c = e->weather ? series_column(e->weather, column) : -1;
    if (c < 0) {
        return NAN;
    }
    wall_t own = series_typical(e->weather, wall_add_s(at, e->shift_s));
    return series_mean(e->weather, c, wall_add_s(own, -1800), 3600);
}

static const struct seen_sun *sun_of(const struct env *e, wall_t at)
{
    const struct park *p = e->park;
    bool own = e->weather != NULL;
    double unix_s = (double)at.ms / 1000 + e->shift_s;
    int64_t second = (int64_t)floor(unix_s);
    struct seen_sun *seen = &e->suns->at[(second % SUNS + SUNS) % SUNS];
    if (!(seen->unix_s == unix_s)) { /* NaN is no time */
        seen->sun = sun_at(own ? p->weather_latitude_deg : p->latitude_deg,
                           own ? p->weather_longitude_deg : p->longitude_deg, unix_s);
        seen->clear_w_per_m2 = sun_haurwitz_w_per_m2(seen->sun.up);
        seen->unix_s = unix_s;
    }
    return seen;
}

/* GHI over clear-sky GHI in the hour around `at`; NaN without light or data. */
static double index_around(const struct env *e, wall_t at)
{
    double ghi = weather_value(e, "ghi_w_per_m2", at), clear = 0;
    for (int i = -LOOKS_EACH_SIDE; i <= LOOKS_EACH_SIDE; i++) {
        const struct seen_sun *s = sun_of(e, wall_add_s(at, i * (double)LOOK_S));
        clear += s->clear_w_per_m2 / (2 * LOOKS_EACH_SIDE + 1);
    }
    return isnan(ghi) || clear < index_ghi_min ? NAN : fmin(ghi / clear, 1.15);
}

/* Cloud factor of seconds: deepest where the sky is half clear, mean 1. */
static double cloud_step(struct env *e, double h_s)
{
    noise_step(&e->gusts, &e->rng, 20, h_s);
    noise_step(&e->clouds, &e->rng, 240, h_s);
    double k = fmin(e->clear_index, 1);
    double sigma = 0.9 * k * (1 - k);
    double x = 0.5 * e->gusts.x + 0.85 * e->clouds.x;
    return fmin(fmax(1 + sigma * x, 0.1), 1.35);
}

static double injected_step(struct env *e, double h_s)
{
    e->injected_left_s = fmax(0, e->injected_left_s - h_s);
    double target = e->injected_left_s > 0 ? e->injected_depth : 0;
    double most = e->injected_depth * h_s / 5;
    double d = target - e->injected_pu;
    e->injected_pu += fmin(fmax(d, -most), most);
    return 1 - e->injected_pu;
}

void env_cloud(struct env *e, double depth, double s)
{
    e->injected_depth = depth;
    e->injected_left_s = s;
}

static double first_known(double a, double b, double otherwise)
{
    return !isnan(a) ? a : !isnan(b) ? b : otherwise;
}

void env_step(struct env *e, wall_t at, double h_s)
{
    struct civil c;
    civil_from_wall(at, &c);
    e->at = at;
    e->when = schedule_time_of(e->park, at);
    e->shift_s = e->weather ? c.offset_s - 3600 * e->park->weather_utc_offset_h : 0;
    double day_s = c.hour * 3600.0 + c.minute * 60.0 + c.second;
    e->outdoor_degc =
        first_known(env_series(e, "outdoor_degc", at), weather_value(e, "outdoor_degc", at),
                    18 + 6 * sin((day_s - 32400) / 86400 * 2 * M_PI));
    e->wind_m_per_s = fmax(0, first_known(env_series(e, "wind_m_per_s", at),
                                          weather_value(e, "wind_m_per_s", at), 3) *
                                  (1 + 0.12 * e->gusts.x));
    const struct seen_sun *seen = sun_of(e, at);
    e->sun = seen->sun;
    double clear = seen->clear_w_per_m2;
    double given = env_series(e, "ghi_w_per_m2", at);
    double k = isnan(given) ? index_around(e, at) : clear > index_ghi_min ? given / clear : NAN;
    e->clear_index = isnan(k) ? e->clear_index : fmax(k, 0.02);
    double ghi = clear * e->clear_index * cloud_step(e, h_s) * injected_step(e, h_s);
    e->irr = sun_split(&e->sun, fmax(ghi, 0));
}

void env_snap(struct env *e, struct snap *s)
{
    SNAP_TAIL(s, e, shift_s);
}
