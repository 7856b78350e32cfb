/* Learning and asking. Time constants: clearness 1 h, bias 15 min, persistence fades with 2 h
 * for loads and 4 h for the sky. */
#include "controller/forecast/forecast.h"
#include "controller/base/civil.h"
#include "controller/park/sun.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double clearness_guess = 0.5; /* before anything was measured */
static const double system_pu = 0.83;      /* performance ratio before a gain was learned */

enum err forecast_init(struct forecast *f, struct arena *a, const struct park *p,
                       const struct series_file *given)
{
    memset(f, 0, sizeof *f);
    f->park = p;
    f->given = given;
    f->clearness = clearness_guess;
    f->clearness_day = clearness_guess;
    f->day = -1;
    f->gain = arena_take(a, (size_t)p->devices, sizeof *f->gain);
    f->bias_kw = arena_take(a, (size_t)p->devices, sizeof *f->bias_kw);
    f->mean_kw = arena_take(a, (size_t)p->devices, sizeof *f->mean_kw);
    if (f->gain == NULL || f->bias_kw == NULL || f->mean_kw == NULL) {
        return ERR_NOMEM;
    }
    for (int d = 0; d < p->devices; d++) {
        const struct device *dev = &p->device[d];
        f->mean_kw[d] = dev->kind == KIND_WASTE_HEAT    ? 0.8 * dev->rating.rated_heat_kw
                        : dev->kind == KIND_WIND        ? 0.18 * dev->rating.rated_kw
                        : dev->kind == KIND_ROLLER_KILN ? dev->rating.steady_kw
                                                        : 0;
        f->gain[d] = dev->kind == KIND_PV ? dev->rating.dc_kwp * system_pu / 1000 : 0;
    }
    return ERR_OK;
}

/* Share of the way to a new value that is gone over dt with time constant tau. */
static double share_of(double dt_s, double tau_s)
{
    return 1 - exp(-dt_s / tau_s);
}

static void smooth(double *x, double u, double share)
{
    *x += (u - *x) * share;
}

/* What all devices learn with in one second. */
struct lesson {
    const struct image *image;
    struct schedule_time when;
    double ghi; /* NaN = not measured */
    const struct forecast_pace *pace;
};

/* A weather series from elsewhere is read at the park's local time, so its sun stands where it
 * stood there at that time of day. */
static double clear_ghi(const struct forecast *f, wall_t at)
{
    struct civil c;
    civil_from_wall(at, &c);
    bool elsewhere = f->park->weather[0] != '\0';
    double shift_s = elsewhere ? c.offset_s - 3600 * f->park->weather_utc_offset_h : 0;
    struct sun s = sun_at(f->park->weather_latitude_deg, f->park->weather_longitude_deg,
                          (double)at.ms / 1000 + shift_s);
    return sun_haurwitz_w_per_m2(s.up);
}

static void learn_sky(struct forecast *f, double ghi, wall_t wall, double dt_s)
{
    struct civil c;
    civil_from_wall(wall, &c);
    if (c.yday != f->day) {
        if (f->day_clear > 0) {
            f->clearness_day = f->day_ghi / f->day_clear;
        }
        f->day = c.yday;
        f->day_ghi = 0;
        f->day_clear = 0;
    }
    double clear = clear_ghi(f, wall);
    if (clear < 50) {
        return;
    }
    f->day_ghi += ghi * dt_s;
    f->day_clear += clear * dt_s;
    smooth(&f->clearness, fmin(ghi / clear, 1.2), f->pace.whole);
}

/* GHI seen by the weather station; NaN without one. */
static double measured_ghi(const struct park *p, const struct image *im)
{
    for (int d = 0; d < p->devices; d++) {
        if (p->device[d].kind == KIND_WEATHER) {
            return image_value(im, d, WEATHER_GHI, NAN);
        }
    }
    return NAN;
}

/* PV power that its limit or its inverter does not hold down; NaN if it does or is unknown. */
static double free_pv_kw(const struct park *p, int d, const struct image *im)
{
    double kw = image_value(im, d, P_KW, NAN);
    double limit = image_value(im, d, PV_LIMIT_PU, 1);
    return kw > 0.95 * limit * p->device[d].rating.rated_kw ? NAN : kw;
}

/* GHI as the panels see it, where no weather station tells; NaN if all are held down. */
static double panel_ghi(const struct forecast *f, const struct image *im)
{
    double sum_kw = 0;
    double sum_gain = 0;
    for (int d = 0; d < f->park->devices; d++) {
        double kw = f->park->device[d].kind == KIND_PV ? free_pv_kw(f->park, d, im) : NAN;
        if (isfinite(kw)) {
            sum_kw += fmax(kw, 0);
            sum_gain += f->gain[d];
        }
    }
    return sum_gain > 0 ? sum_kw / sum_gain : NAN;
}

/* What goes by its schedule, not by us. */
static bool scheduled(const struct device *dev)
{
    static const bool is[KIND_COUNT] = {[KIND_LOAD] = true,
                                        [KIND_CHILLER] = true,
                                        [KIND_COMPRESSOR] = true,
                                        [KIND_PUMP] = true,
                                        [KIND_BUILDING] = true};
    return is[dev->kind];
}

static void learn_device(struct forecast *f, int d, const struct lesson *l)
{
    const struct device *dev = &f->park->device[d];
    bool by_schedule = scheduled(dev), signed_kw = dev->kind == KIND_ORC; /* at rest it draws */
    if (!by_schedule && !signed_kw && dev->kind != KIND_WIND && dev->kind != KIND_WASTE_HEAT &&
        dev->kind != KIND_ROLLER_KILN) {
        return;
    }
    double kw = image_value(l->image, d, P_KW, NAN);
    if (!isfinite(kw)) {
        return;
    }
    if (by_schedule) {
        smooth(&f->bias_kw[d], -kw - schedule_at_kw(&dev->schedule, &l->when),
               l->pace->quarter);
    } else {
        smooth(&f->mean_kw[d], signed_kw ? kw : fabs(kw), l->pace->whole);
    }
}

static void learn_gain(struct forecast *f, int d, const struct lesson *l)
{
    const struct rating *r = &f->park->device[d].rating;
    double kw = free_pv_kw(f->park, d, l->image);
    if (isfinite(kw) && isfinite(l->ghi) && l->ghi > 150) {
        smooth(&f->gain[d], fmin(kw / l->ghi, r->dc_kwp * 1.2 / 1000), l->pace->half);
    }
}

void forecast_learn(struct forecast *f, const struct image *im, wall_t wall)
{
    double dt_s = f->last.us == 0 ? 0 : mono_s(mono_sub(im->frozen_at, f->last));
    f->last = im->frozen_at;
    if (dt_s <= 0 || dt_s > 60) {
        return;
    }
    if (dt_s != f->pace.dt_s) {
        f->pace = (struct forecast_pace){dt_s, share_of(dt_s, 900), share_of(dt_s, 1800),
                                         share_of(dt_s, 3600)};
    }
    double ghi = measured_ghi(f->park, im);
    double sky_ghi = isfinite(ghi) ? ghi : panel_ghi(f, im);
    if (isfinite(sky_ghi)) {
        learn_sky(f, sky_ghi, wall, dt_s);
    }
    struct lesson l = {
        .image = im, .when = schedule_time_of(f->park, wall), .ghi = ghi, .pace = &f->pace};
    for (int d = 0; d < f->park->devices; d++) {
        if (f->park->device[d].kind == KIND_PV) {
            learn_gain(f, d, &l);
        } else {
            learn_device(f, d, &l);
        }
    }
    if (f->park->tank >= 0) {
        double demand = image_value(im, f->park->tank, TANK_DEMAND_KW, NAN);
        if (isfinite(demand)) {
            smooth(&f->heat_bias_kw, demand - schedule_at_kw(&f->park->heat_demand, &l.when),
                   f->pace.quarter);
        }
    }
}

/* The mean of a column of the given series over the step from at; NaN without one. */
static double given_kw(const struct forecast *f, const char *column, wall_t at, double step_s)
{
    if (f->given == NULL) {
        return NAN;
    }
    int c = series_column(f->given, column);
    return c < 0 ? NAN : series_mean(f->given, c, at, step_s);
}

static double pv_kw(const struct forecast *f, int d, wall_t now, wall_t at, double step_s)
{
    const struct rating *r = &f->park->device[d].rating;
    double ahead_s = fmax(wall_diff_s(now, at), 0);
    double keep = exp(-ahead_s / (4 * 3600));
    double k = f->clearness_day + (f->clearness - f->clearness_day) * keep;
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        sum += clear_ghi(f, wall_add_s(at, step_s * (i + 0.5) / 3));
    }
    return fmin(fmax(sum / 3 * k * f->gain[d], 0), r->rated_kw);
}

double forecast_kw(const struct forecast *f, int device, wall_t now, wall_t at, double step_s)
{
    const struct device *dev = &f->park->device[device];
    bool source = dev->kind == KIND_PV || dev->kind == KIND_WIND || dev->kind == KIND_ORC;
    char column[96];
    snprintf(column, sizeof column, source ? "%s.available_kw" : "load.%s_kw", dev->name);
    double given = given_kw(f, column, at, step_s);
    if (isfinite(given)) {
        return fmax(given, 0);
    }
    if (dev->kind == KIND_PV) {
        return pv_kw(f, device, now, at, step_s);
    }
    if (scheduled(dev)) {
        double keep = exp(-fmax(wall_diff_s(now, at), 0) / 7200);
        wall_t mid = wall_add_s(at, step_s / 2);
        return fmax(schedule_kw(f->park, &dev->schedule, mid) + f->bias_kw[device] * keep, 0);
    }
    return f->mean_kw[device];
}

double forecast_heat_kw(const struct forecast *f, wall_t now, wall_t at, double step_s)
{
    double given = given_kw(f, "heat.hot_water_kw", at, step_s);
    if (isfinite(given)) {
        return fmax(given, 0);
    }
    double keep = exp(-fmax(wall_diff_s(now, at), 0) / 7200);
    wall_t mid = wall_add_s(at, step_s / 2);
    return fmax(schedule_kw(f->park, &f->park->heat_demand, mid) + f->heat_bias_kw * keep, 0);
}
