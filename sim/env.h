/* What surrounds the plants: sun, weather, clouds, recorded series. Weather comes from series
 * files (the park's own, overridden by --series), hourly values carried to the second along the
 * clear sky; clouds are a seeded AR(1) process on top of it, so that ramps within seconds
 * exist, or injected. Runs in the simulator; the caller owns the state. */
#ifndef KILNWATT_SIM_ENV_H
#define KILNWATT_SIM_ENV_H

#include "controller/forecast/series.h"
#include "controller/park/park.h"
#include "controller/park/sun.h"
#include "sim/noise.h"

enum { ENV_SERIES_MAX = 8 };

struct snap;

struct env {
    const struct park *park;
    int files; /* later ones win */
    const struct series_file *file[ENV_SERIES_MAX];
    const struct series_file *weather; /* of the park file, NULL = none */
    struct env_suns *suns;             /* places of the sun that were worked out already */
    double shift_s;                    /* added to UTC for the weather's own sun and series */
    struct rng rng;
    struct noise gusts, clouds;          /* of seconds, of minutes */
    double injected_pu, injected_left_s; /* cloud by hand: depth now, and how long yet */
    double injected_depth;
    /* now */
    wall_t at;
    struct schedule_time when; /* the same moment for schedules */
    double now_s; /* UTC seconds at the beginning of the sub-step, set by the world */
    struct sun sun;
    struct sun_irradiance irr;
    double outdoor_degc, wind_m_per_s;
    double clear_index; /* without clouds of seconds */
    /* of the heat network and the bus, set by the world */
    double top_degc, return_degc, tank_soc_pu;
    double heat_in_kw, heat_demand_kw;
    double pcc_kw, pcc_kvar;
};

/* weather may be NULL. ERR_NOMEM; ERR_FULL beyond ENV_SERIES_MAX files. */
must_check enum err env_init(struct env *e, struct arena *a, const struct park *p,
                             uint64_t seed, const struct series_file *weather);
must_check enum err env_add_series(struct env *e, const struct series_file *f);
/* Moves to `at`, h_s after the last call. */
void env_step(struct env *e, wall_t at, double h_s);
/* Value of a column ("load.offices_kw") at a time from the --series files; NaN if none has it.
 */
double env_series(const struct env *e, const char *column, wall_t at);
/* A cloud over the whole park: depth 0..1 of the light, for s seconds, with edges of 5 s. */
void env_cloud(struct env *e, double depth, double s);
/* Its state (snap.h). */
void env_snap(struct env *e, struct snap *s);

#endif
