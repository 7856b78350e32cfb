/* Hot-water tank: see plant_tank.h. Pure. */
#include "sim/plant_tank.h"

/* Water at 75 degC: 974.8 kg/m3 and 4.193 kJ/kgK, in kWh/m3K. */
static const double water_kwh_per_m3k = 974.8 * 4.193 / 3600;

struct plant_tank_params plant_tank_defaults(double volume_m3, double degc_max, double degc_min,
                                             double loss_pu_per_h)
{
    return (struct plant_tank_params){
        .volume_m3 = volume_m3,
        .degc_max = degc_max,
        .degc_min = degc_min,
        .loss_pu_per_h = loss_pu_per_h,
        .over_pu = 0.02,
    };
}

void plant_tank_losses(struct plant_tank_params *par, double diameter_m, double u_w_per_m2k,
                       double ambient_degc)
{
    double u_kw = u_w_per_m2k / 1000;
    par->loss_pu_per_h = 4 * u_kw / (diameter_m * water_kwh_per_m3k);
    par->still_loss_pu_per_h =
        par->loss_pu_per_h * (par->degc_min - ambient_degc) / (par->degc_max - par->degc_min);
    par->end_loss_kw = u_kw * M_PI * diameter_m * diameter_m / 4 *
                       (par->degc_max + par->degc_min - 2 * ambient_degc);
}

static void tank_show(struct plant_tank *t)
{
    const struct plant_tank_params *par = &t->par;
    double span = par->degc_max - par->degc_min;
    t->soc_pu = t->stored_kwh / t->full_kwh;
    /* Sensors sit a twentieth from each end; the thermocline is a tenth of the height thick. */
    double over = fmax(0, t->soc_pu - 1);
    t->top_degc = par->degc_min + span * (plant_clamp(t->soc_pu / 0.1, 0, 1) + over);
    t->bottom_degc = par->degc_min + span * (plant_clamp((t->soc_pu - 0.9) / 0.1, 0, 1) + over);
    t->mean_degc = par->degc_min + span * t->soc_pu;
}

enum err plant_tank_init(struct plant_tank *t, const struct plant_tank_params *par,
                         double soc_pu)
{
    bool good = par->volume_m3 > 0 && par->degc_max > par->degc_min &&
                par->loss_pu_per_h >= 0 && par->still_loss_pu_per_h >= 0 &&
                par->end_loss_kw >= 0 && par->over_pu >= 0 && par->over_pu <= 0.5 &&
                soc_pu >= 0 && soc_pu <= 1;
    if (!good) {
        return ERR_RANGE;
    }
    *t = (struct plant_tank){.par = *par, .decay = 1};
    t->full_kwh = par->volume_m3 * water_kwh_per_m3k * (par->degc_max - par->degc_min);
    t->stored_kwh = soc_pu * t->full_kwh;
    tank_show(t);
    return ERR_OK;
}

void plant_tank_step(struct plant_tank *t, const struct plant_tank_in *in, double h_s)
{
    const struct plant_tank_params *par = &t->par;
    double h = h_s / 3600, beta = par->loss_pu_per_h;
    if (h_s != t->decay_h_s) {
        t->decay_h_s = h_s;
        t->decay = exp(-beta * h);
    }
    double fixed_kw = par->still_loss_pu_per_h * t->full_kwh + par->end_loss_kw;
    double net_kw = in->heat_kw - in->demand_kw - fixed_kw;
    double before = t->stored_kwh;
    /* (1 - e^-bh)/b loses its digits when bh is small; its series does not. */
    double reach_h = beta * h > 1e-6 ? (1 - t->decay) / beta : h * (1 - beta * h / 2);
    double after = before * t->decay + net_kw * reach_h;
    double loss_kwh = before + net_kw * h - after + fixed_kw * h;
    double most = t->full_kwh * (1 + par->over_pu);
    double refused_kwh = fmax(0, after - most);
    double short_kwh = fmax(0, -after);
    double unserved_kwh = fmin(short_kwh, in->demand_kw * h);
    /* What demand does not explain was a loss that an empty tank cannot have. */
    loss_kwh -= short_kwh - unserved_kwh;
    t->stored_kwh = plant_clamp(after, 0, most);
    t->loss_kw = loss_kwh / h;
    t->refused_kw = refused_kwh / h;
    t->unserved_kw = unserved_kwh / h;
    t->served_kw = in->demand_kw - t->unserved_kw;
    t->in_kwh += in->heat_kw * h - refused_kwh;
    t->served_kwh += t->served_kw * h;
    t->loss_kwh += loss_kwh;
    t->unserved_kwh += unserved_kwh;
    t->refused_kwh += refused_kwh;
    tank_show(t);
}
