/* Transformer: see plant_trafo.h. Pure. */
#include "sim/plant_trafo.h"

struct plant_trafo_params plant_trafo_defaults(double kva)
{
    return (struct plant_trafo_params){
        .kva = kva,
        .idle_kw = 2.0 * kva / 1600,
        .copper_kw = 11.0 * kva / 1600,
        .rise_k = 80,
        .tau_s = 5400,
    };
}

enum err plant_trafo_init(struct plant_trafo *t, const struct plant_trafo_params *par,
                          double ambient_degc)
{
    bool good = par->kva > 0 && par->idle_kw >= 0 && par->copper_kw >= 0 && par->rise_k >= 0 &&
                par->tau_s > 0;
    if (!good) {
        return ERR_RANGE;
    }
    *t = (struct plant_trafo){
        .par = *par, .lag = plant_lag_make(par->tau_s), .degc = ambient_degc};
    return ERR_OK;
}

void plant_trafo_step(struct plant_trafo *t, const struct plant_trafo_in *in, double h_s)
{
    const struct plant_trafo_params *par = &t->par;
    double s2 = (in->kw * in->kw + in->kvar * in->kvar) / (par->kva * par->kva);
    t->load_pu = sqrt(s2);
    t->loss_kw = par->idle_kw + par->copper_kw * s2;
    double full_kw = par->idle_kw + par->copper_kw;
    double rise_k = full_kw > 0 ? par->rise_k * t->loss_kw / full_kw : 0;
    t->degc = plant_lag_step(&t->lag, t->degc, in->ambient_degc + rise_k, h_s);
    t->kw = -t->loss_kw;
    t->loss_kwh += t->loss_kw * h_s / 3600;
}
