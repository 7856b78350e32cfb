/* Continuous roller kiln: see plant_roller.h. Pure. */
#include "sim/plant_roller.h"

struct plant_roller_params plant_roller_defaults(double rated_kw, double steady_kw,
                                                 double keep_kw, double rate_kg_per_h)
{
    return (struct plant_roller_params){
        .rated_kw = rated_kw,
        .steady_kw = steady_kw,
        .keep_kw = keep_kw,
        .set_degc = 1240,
        .rate_kg_per_h = rate_kg_per_h,
        .trim_pu = 0.08,
        .ride_s = 1200,
        .band_k = 5,
        .ambient_degc = 25,
    };
}

enum err plant_roller_init(struct plant_roller *r, const struct plant_roller_params *par)
{
    bool good = par->keep_kw > 0 && par->steady_kw > par->keep_kw &&
                par->rated_kw >= par->steady_kw && par->set_degc > 100 &&
                par->rate_kg_per_h > 0 && par->trim_pu > 0 && par->trim_pu <= 0.5 &&
                par->ride_s > 0 && par->band_k > 0 && par->ambient_degc < par->set_degc;
    if (!good) {
        return ERR_RANGE;
    }
    *r = (struct plant_roller){.par = *par, .degc = par->set_degc, .state = PLANT_ON};
    double lift_k = par->set_degc - par->ambient_degc;
    r->g_kw_per_k = par->keep_kw / lift_k;
    r->ware_kwh_per_kg_k = (par->steady_kw - par->keep_kw) / (par->rate_kg_per_h * lift_k);
    r->c_kwh_per_k = par->trim_pu * par->steady_kw * par->ride_s / 3600 / par->band_k;
    r->low_degc_min = par->set_degc;
    return ERR_OK;
}

/* Power of the PI controller with anti-windup; gain: closed loop of 5 minutes, damping 1. */
static double roller_pi(struct plant_roller *r, double cap_kw, double h_s)
{
    const double loop_s = 300;
    double gain_kw_per_k = 2 * r->c_kwh_per_k * 3600 / loop_s;
    double error_k = r->par.set_degc - r->degc;
    double want_kw = r->need_kw + gain_kw_per_k * error_k + r->integral_kw;
    double p_kw = plant_clamp(want_kw, 0, cap_kw);
    if (p_kw == want_kw) {
        double most_kw = 0.2 * r->par.rated_kw;
        double next_kw = r->integral_kw + gain_kw_per_k * error_k * h_s / (2 * loop_s);
        r->integral_kw = plant_clamp(next_kw, -most_kw, most_kw);
    }
    return p_kw;
}

void plant_roller_step(struct plant_roller *r, const struct plant_roller_in *in, double h_s)
{
    const struct plant_roller_params *par = &r->par;
    double ware_kw_per_k = r->ware_kwh_per_kg_k * fmax(0, in->rate_kg_per_h);
    double lead_kw_per_k = r->g_kw_per_k + ware_kw_per_k;
    r->need_kw = lead_kw_per_k * (par->set_degc - in->ambient_degc);
    double lack_k = par->set_degc - r->degc;
    r->refuses = lack_k > (r->refuses ? 0.5 : 1) * par->band_k;
    bool limited = in->limit_pu < 1 && !r->refuses;
    double cap_kw = limited ? fmax(0, in->limit_pu) * r->need_kw : par->rated_kw;
    r->draw_kw = in->trip ? 0 : roller_pi(r, fmin(cap_kw, par->rated_kw), h_s);
    /* Exact over the step: T goes to its balance with the time constant C over all
     * conductances. */
    double end_degc = in->ambient_degc + r->draw_kw / lead_kw_per_k;
    double before = r->degc, h = h_s / 3600;
    r->degc = end_degc + (before - end_degc) * exp(-h * lead_kw_per_k / r->c_kwh_per_k);
    double out_kwh = r->draw_kw * h - r->c_kwh_per_k * (r->degc - before);
    r->ware_kwh += out_kwh * ware_kw_per_k / lead_kw_per_k;
    r->loss_kwh += out_kwh * r->g_kw_per_k / lead_kw_per_k;
    r->low_degc_min = fmin(r->low_degc_min, r->degc);
    r->out_of_band_s += fabs(par->set_degc - r->degc) > par->band_k ? h_s : 0;
    r->kw = -r->draw_kw;
    r->draw_kwh += r->draw_kw * h;
    if (in->trip) {
        r->state = PLANT_FAULT;
    } else {
        r->state = limited ? PLANT_LIMITED : PLANT_ON;
    }
}
