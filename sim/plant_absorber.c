/* Absorption chiller: see plant_absorber.h. Pure. */
#include "sim/plant_absorber.h"

struct plant_absorber_params plant_absorber_defaults(double rated_kw)
{
    double size = rated_kw / 10;
    return (struct plant_absorber_params){
        .a = 2.5,
        .e = 1.8,
        .cold_kw_per_k = 0.42 * size,
        .cold_kw = 0.9 * size,
        .heat_kw_per_k = 0.51 * size,
        .heat_kw = 2.0 * size,
        .rated_kw = rated_kw,
        .least_pu = 0.2,
        .start_s = 1200,
        .lag_s = 300,
        .pump_kw = 0.02 * rated_kw,
    };
}

double plant_absorber_difference_k(const struct plant_absorber_params *par, double hot_degc,
                                   double cool_degc, double chill_degc)
{
    return hot_degc - par->a * cool_degc + par->e * chill_degc;
}

double plant_absorber_cold_kw(const struct plant_absorber_params *par, double difference_k)
{
    return par->cold_kw_per_k * difference_k + par->cold_kw;
}

double plant_absorber_heat_kw(const struct plant_absorber_params *par, double difference_k)
{
    return par->heat_kw_per_k * difference_k + par->heat_kw;
}

enum err plant_absorber_init(struct plant_absorber *c, const struct plant_absorber_params *par)
{
    bool good = par->a >= 0 && par->e >= 0 && par->cold_kw_per_k > 0 &&
                isfinite(par->cold_kw) && par->heat_kw_per_k > 0 && isfinite(par->heat_kw) &&
                par->rated_kw > 0 && par->least_pu >= 0 && par->least_pu < 1 &&
                par->start_s >= 0 && par->lag_s >= 0 && par->pump_kw >= 0;
    if (!good) {
        return ERR_RANGE;
    }
    *c = (struct plant_absorber){.par = *par, .lag = plant_lag_make(par->lag_s)};
    return ERR_OK;
}

/* The difference at which it works: what the waters allow, less what nobody wants or offers. */
static double working_k(const struct plant_absorber *c, const struct plant_absorber_in *in)
{
    const struct plant_absorber_params *par = &c->par;
    double most_kw = plant_clamp(in->cold_kw, 0, par->rated_kw);
    double wanted_k = (most_kw - par->cold_kw) / par->cold_kw_per_k;
    double offered_k = (in->heat_kw - par->heat_kw) / par->heat_kw_per_k;
    double waters_k =
        plant_absorber_difference_k(par, in->hot_degc, in->cool_degc, in->chill_degc);
    return fmin(waters_k, fmin(wanted_k, offered_k));
}

static void absorber_states(struct plant_absorber *c, const struct plant_absorber_in *in,
                            bool wanted)
{
    enum plant_state before = c->state;
    if (in->trip) {
        c->state = PLANT_FAULT;
    } else if (!wanted) {
        c->state = PLANT_OFF;
    } else if (before == PLANT_OFF || before == PLANT_FAULT) {
        c->state = PLANT_STARTING;
        c->starts++;
    } else if (before == PLANT_STARTING && c->in_state_s >= c->par.start_s) {
        c->state = PLANT_ON;
    }
    c->in_state_s = c->state == before ? c->in_state_s : 0;
}

void plant_absorber_step(struct plant_absorber *c, const struct plant_absorber_in *in,
                         double h_s)
{
    const struct plant_absorber_params *par = &c->par;
    double k = working_k(c, in);
    double cold_kw = plant_absorber_cold_kw(par, k), heat_kw = plant_absorber_heat_kw(par, k);
    bool wanted =
        in->run && cold_kw >= par->least_pu * par->rated_kw && cold_kw > 0 && heat_kw > 0;
    c->in_state_s += h_s;
    absorber_states(c, in, wanted);
    bool runs = c->state == PLANT_ON || c->state == PLANT_STARTING;
    /* The solution is heated from the start, cold comes after it. */
    c->heat_kw = runs ? heat_kw : 0;
    c->cold_kw = plant_lag_step(&c->lag, c->cold_kw, c->state == PLANT_ON ? cold_kw : 0, h_s);
    c->reject_kw = c->heat_kw + c->cold_kw;
    c->cop = c->heat_kw > 0 ? c->cold_kw / c->heat_kw : 0;
    c->kw = runs ? -par->pump_kw : 0;
    c->cold_kwh += c->cold_kw * h_s / 3600;
    c->heat_kwh += c->heat_kw * h_s / 3600;
}
