/* Waste-heat recovery: see plant_waste_heat.h. Pure. */
#include "sim/plant_waste_heat.h"

enum err plant_waste_init(struct plant_waste *w, const struct plant_waste_params *par)
{
    bool good = par->rated_heat_kw > 0 && par->follow_pu >= 0 && par->follow_pu <= 1 &&
                par->lag_s >= 0 && par->gas_degc_max >= par->gas_degc_min;
    if (!good) {
        return ERR_RANGE;
    }
    *w = (struct plant_waste){
        .par = *par, .lag = plant_lag_make(par->lag_s), .degc = par->gas_degc_min};
    return ERR_OK;
}

void plant_waste_step(struct plant_waste *w, const struct plant_waste_in *in, double h_s)
{
    const struct plant_waste_params *par = &w->par;
    double follow_kw = fmin(par->follow_pu * fmax(0, in->source_kw), par->rated_heat_kw);
    w->offered_kw = plant_lag_step(&w->lag, w->offered_kw, follow_kw, h_s);
    w->heat_kw = in->open ? w->offered_kw : 0;
    w->degc = par->gas_degc_min +
              (par->gas_degc_max - par->gas_degc_min) * w->offered_kw / par->rated_heat_kw;
    w->heat_kwh += w->heat_kw * h_s / 3600;
}
