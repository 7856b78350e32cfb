/* A heated and cooled building: see plant_building.h. Pure. Letters as in ISO 13790, annex C.
 */
#include "sim/plant_building.h"

struct plant_building_params plant_building_defaults(double floor_m2, int storeys)
{
    const double storey_m = 4, glass_pu = 0.25, u_wall = 0.5, u_glass = 2.0;
    double foot_m2 = floor_m2 / fmax(1, storeys);
    double walls_m2 = 4 * sqrt(foot_m2) * storey_m * fmax(1, storeys);
    return (struct plant_building_params){
        .floor_m2 = floor_m2,
        .inside_m2 = 4.5 * floor_m2,
        .volume_m3 = floor_m2 * storey_m,
        .opaque_w_per_k = u_wall * (walls_m2 * (1 - glass_pu) + foot_m2),
        .window_w_per_k = u_glass * walls_m2 * glass_pu,
        .vent_per_h = 0.5,
        .leak_per_h = 0.1,
        .mass_kj_per_m2k = 165,
        .heat_to_degc = 20,
        .cool_to_degc = 26,
    };
}

enum err plant_building_init(struct plant_building *b, const struct plant_building_params *par,
                             double mass_degc)
{
    double changes_per_h = par->vent_per_h + par->leak_per_h;
    bool good = par->floor_m2 > 0 && par->inside_m2 > 2.5 * par->floor_m2 &&
                par->volume_m3 > 0 && par->opaque_w_per_k >= 0 && par->window_w_per_k > 0 &&
                par->vent_per_h >= 0 && par->leak_per_h >= 0 && changes_per_h > 0 &&
                par->recovery_pu >= 0 && par->recovery_pu < 1 && par->mass_kj_per_m2k > 0 &&
                par->heat_to_degc < par->cool_to_degc && isfinite(mass_degc);
    if (!good) {
        return ERR_RANGE;
    }
    *b = (struct plant_building){.par = *par, .mass_degc = mass_degc, .air_degc = mass_degc};
    b->mean_degc = b->surface_degc = mass_degc;
    double kept_pu = par->vent_per_h / changes_per_h * par->recovery_pu;
    b->em_kw_per_k = par->opaque_w_per_k / 1000;
    b->w_kw_per_k = par->window_w_per_k / 1000;
    b->ve_kw_per_k = 1.2 * (1 - kept_pu) * par->volume_m3 * changes_per_h / 3600;
    b->is_kw_per_k = 3.45 * par->inside_m2 / 1000;
    b->ms_kw_per_k = 9.1 * 2.5 * par->floor_m2 / 1000;
    b->h1_kw_per_k = 1 / (1 / b->ve_kw_per_k + 1 / b->is_kw_per_k);
    b->h2_kw_per_k = b->h1_kw_per_k + b->w_kw_per_k;
    b->h3_kw_per_k = 1 / (1 / b->h2_kw_per_k + 1 / b->ms_kw_per_k);
    b->mass_kwh_per_k = par->mass_kj_per_m2k * par->floor_m2 / 3600;
    return ERR_OK;
}

struct temperatures {
    double next, mean, surface, air;
};

/* C.1 to C.11 with supply_kw into the air. */
static struct temperatures solve(const struct plant_building *b,
                                 const struct plant_building_in *in, double supply_kw,
                                 double h_s)
{
    double spread_kw = 0.5 * in->inner_kw + in->sun_kw, out = in->outdoor_degc;
    double mass_pu = 2.5 * b->par.floor_m2 / b->par.inside_m2;
    double glass_pu = 1000 * b->w_kw_per_k / (9.1 * b->par.inside_m2);
    double air_kw = 0.5 * in->inner_kw + supply_kw;
    double surface_kw = (1 - mass_pu - glass_pu) * spread_kw;
    double air_in_degc = out + air_kw / b->ve_kw_per_k;
    double to_mass_kw = mass_pu * spread_kw + b->em_kw_per_k * out +
                        b->h3_kw_per_k *
                            (surface_kw + b->w_kw_per_k * out + b->h1_kw_per_k * air_in_degc) /
                            b->h2_kw_per_k;
    double hold = b->mass_kwh_per_k * 3600 / h_s,
           half = 0.5 * (b->h3_kw_per_k + b->em_kw_per_k);
    struct temperatures t;
    t.next = (b->mass_degc * (hold - half) + to_mass_kw) / (hold + half);
    t.mean = 0.5 * (t.next + b->mass_degc);
    t.surface = (b->ms_kw_per_k * t.mean + surface_kw + b->w_kw_per_k * out +
                 b->h1_kw_per_k * air_in_degc) /
                (b->ms_kw_per_k + b->w_kw_per_k + b->h1_kw_per_k);
    t.air = (b->is_kw_per_k * t.surface + b->ve_kw_per_k * out + air_kw) /
            (b->is_kw_per_k + b->ve_kw_per_k);
    return t;
}

void plant_building_step(struct plant_building *b, const struct plant_building_in *in,
                         double h_s)
{
    const struct plant_building_params *par = &b->par;
    struct temperatures t = solve(b, in, 0, h_s);
    double want_degc = plant_clamp(t.air, par->heat_to_degc, par->cool_to_degc);
    double probe_kw = 0.01 * par->floor_m2; /* 10 W/m2, as the standard has it */
    double answer_k = solve(b, in, probe_kw, h_s).air - t.air;
    b->need_kw = probe_kw * (want_degc - t.air) / answer_k;
    b->supply_kw = plant_clamp(b->need_kw, -in->cool_kw_max, in->heat_kw_max);
    if (b->supply_kw != 0) {
        t = solve(b, in, b->supply_kw, h_s);
    }
    b->mass_degc = t.next;
    b->mean_degc = t.mean;
    b->surface_degc = t.surface;
    b->air_degc = t.air;
    b->heat_kwh += fmax(0, b->supply_kw) * h_s / 3600;
    b->cool_kwh += fmax(0, -b->supply_kw) * h_s / 3600;
    b->cold_s += t.air < par->heat_to_degc - 0.5 ? h_s : 0;
    b->hot_s += t.air > par->cool_to_degc + 0.5 ? h_s : 0;
}
