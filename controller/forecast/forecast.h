/* What the planner is told about the hours ahead: PV from the clear sky and the clearness seen
 * lately, wind by persistence, loads and heat demand from their schedules corrected by what is
 * measured, waste heat by persistence. Learns from the frozen image once a second. Pure; owned
 * by the core. Sources: clear-sky index persistence (e.g. Pedro & Coimbra, Solar Energy 86(7),
 * 2012), Haurwitz. */
#ifndef KILNWATT_FORECAST_FORECAST_H
#define KILNWATT_FORECAST_FORECAST_H

#include "controller/forecast/series.h"
#include "controller/park/image.h"

/* How far what is smoothed goes towards a new value in a tick of dt_s: the share of a quarter
 * of an hour, half an hour and an hour as time constant. */
struct forecast_pace {
    double dt_s; /* 0 = not yet */
    double quarter, half, whole;
};

struct forecast {
    const struct park *park;
    const struct series_file *given; /* columns by name override our own; may be NULL */
    double clearness; /* GHI over clear-sky GHI, smoothed over an hour of daylight */
    double
        clearness_day; /* mean of the last full day; the value that clearness falls back to */
    double day_ghi, day_clear; /* sums of the day under way */
    int day;                   /* its day of the year */
    double *gain;              /* [devices] PV: kW per W/m2 of GHI, smoothed; else 0 */
    double *bias_kw;           /* [devices] load: measured - scheduled, smoothed over 15 min */
    double *mean_kw; /* [devices] wind, waste heat, roller kiln: smoothed over an hour */
    double heat_bias_kw;
    mono_t last;
    struct forecast_pace pace;
};

/* given (may be NULL) must outlive the forecast. */
must_check enum err forecast_init(struct forecast *f, struct arena *a, const struct park *p,
                                  const struct series_file *given);
/* Learns from one frozen image. */
void forecast_learn(struct forecast *f, const struct image *im, wall_t wall);
/* Power in kW (magnitude) expected of a pv, wind, load, roller_kiln or waste_heat device as the
 * mean of [at, at + step_s); `now` is when the question is asked. */
double forecast_kw(const struct forecast *f, int device, wall_t now, wall_t at, double step_s);
/* Heat demand, kW. */
double forecast_heat_kw(const struct forecast *f, wall_t now, wall_t at, double step_s);

#endif
