/* Rigid load: see plant_load.h. Pure. */
#include "sim/plant_load.h"

enum err plant_load_init(struct plant_load *l, const struct plant_load_params *par,
                         const struct rng *rng)
{
    if (!(par->noise_pu >= 0 && par->noise_s > 0 && par->pf > 0 && par->pf <= 1)) {
        return ERR_RANGE;
    }
    *l = (struct plant_load){.par = *par, .rng = *rng, .keep = 1};
    l->x = par->noise_pu > 0 ? par->noise_pu * rng_normal(&l->rng) : 0;
    return ERR_OK;
}

void plant_load_step(struct plant_load *l, const struct plant_load_in *in, double h_s)
{
    const struct plant_load_params *par = &l->par;
    if (par->noise_pu > 0) {
        if (h_s != l->h_s) {
            l->h_s = h_s;
            l->keep = exp(-h_s / par->noise_s);
            l->fresh = par->noise_pu * sqrt(1 - l->keep * l->keep);
        }
        l->x = l->keep * l->x + l->fresh * rng_normal(&l->rng);
    }
    double draw_kw = fmax(0, in->trace_kw * (1 + l->x)) + in->extra_kw;
    l->kw = in->trip ? 0 : -draw_kw;
    l->kvar = l->kw * sqrt(1 - par->pf * par->pf) / par->pf;
    l->draw_kwh -= l->kw * h_s / 3600;
}
