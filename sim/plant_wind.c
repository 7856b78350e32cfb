/* Wind turbine: see plant_wind.h. Pure. */
#include "sim/plant_wind.h"

/* kW of the E48/800 at 0, 1, 2 ... 14 m/s. */
static const double curve_kw[] = {0,   0,   0,   5,   25,  60,  110, 180,
                                  275, 400, 555, 671, 750, 790, 810};
enum { CURVE_LAST = 14 };

double plant_wind_curve_pu(double wind_m_per_s)
{
    if (!(wind_m_per_s > 0)) {
        return 0;
    }
    if (wind_m_per_s >= CURVE_LAST) {
        return 1;
    }
    int i = (int)wind_m_per_s;
    double part = wind_m_per_s - i;
    return (curve_kw[i] + part * (curve_kw[i + 1] - curve_kw[i])) / curve_kw[CURVE_LAST];
}

struct plant_wind_params plant_wind_defaults(double rated_kw)
{
    return (struct plant_wind_params){
        .rated_kw = rated_kw,
        .hub_factor = 1,
        .lag_s = 6,
        .ramp_pu_per_s = 0.1,
        .cut_out_m_per_s = 25,
        .back_m_per_s = 22,
    };
}

enum err plant_wind_init(struct plant_wind *w, const struct plant_wind_params *par)
{
    bool good = par->rated_kw > 0 && par->hub_factor > 0 && par->lag_s >= 0 &&
                par->ramp_pu_per_s > 0 && par->back_m_per_s > 0 &&
                par->cut_out_m_per_s > par->back_m_per_s;
    if (!good) {
        return ERR_RANGE;
    }
    *w = (struct plant_wind){.par = *par, .lag = plant_lag_make(par->lag_s), .limit_pu = 1};
    return ERR_OK;
}

double plant_wind_curve_m_per_s(double wind_m_per_s, double density_kg_per_m3)
{
    if (density_kg_per_m3 <= 0) {
        return wind_m_per_s;
    }
    double p = (1 + plant_clamp((wind_m_per_s - 7.5) / 5, 0, 1)) / 3;
    return wind_m_per_s * pow(density_kg_per_m3 / 1.225, p);
}

void plant_wind_step(struct plant_wind *w, const struct plant_wind_in *in, double h_s)
{
    const struct plant_wind_params *par = &w->par;
    double v = in->wind_m_per_s * par->hub_factor;
    w->hub_m_per_s = v;
    w->stormed = v >= (w->stormed ? par->back_m_per_s : par->cut_out_m_per_s);
    bool turning = in->run && !in->trip && !w->stormed;
    double curve_m_per_s = plant_wind_curve_m_per_s(v, in->density_kg_per_m3);
    double sky_kw = turning ? par->rated_kw * plant_wind_curve_pu(curve_m_per_s) : 0;
    w->rotor_kw = plant_lag_step(&w->lag, w->rotor_kw, sky_kw, h_s);
    double want_pu = in->limit_on ? plant_clamp(in->limit_pu, 0, 1) : 1;
    w->limit_pu = plant_slew(w->limit_pu, want_pu, par->ramp_pu_per_s * h_s);
    double cap_kw = w->limit_pu * par->rated_kw;
    w->available_kw = turning ? w->rotor_kw : 0;
    w->kw = in->trip ? 0 : fmin(w->rotor_kw, cap_kw);
    if (in->trip) {
        w->rotor_kw = 0;
        w->state = PLANT_FAULT;
    } else if (!turning) {
        w->state = PLANT_OFF;
    } else {
        w->state = w->rotor_kw > cap_kw ? PLANT_LIMITED : PLANT_ON;
    }
    w->yield_kwh += w->kw * h_s / 3600;
}
