/* Photovoltaic plant: see plant_pv.h. Pure. */
#include "sim/plant_pv.h"

struct plant_pv_params plant_pv_defaults(double dc_kwp, double ac_kw)
{
    return (struct plant_pv_params){
        .dc_kwp = dc_kwp,
        .ac_kw = ac_kw,
        .tilt_deg = 8,
        .azimuth_deg = 180,
        .gamma_per_k = -0.0034,
        .losses_pu = 0.1408,
        .eta_nom_pu = 0.96,
        .albedo_pu = 0.2,
        .ramp_pu_per_s = 0.1,
        .start_s = 60,
    };
}

double plant_pv_cell_degc(double poa_w_per_m2, double ambient_degc, double wind_m_per_s)
{
    return ambient_degc + poa_w_per_m2 / (25 + 6.84 * wind_m_per_s);
}

double plant_pv_dc(double poa_w_per_m2, double cell_degc, double dc0, double gamma_per_k)
{
    return poa_w_per_m2 / 1000 * dc0 * (1 + gamma_per_k * (cell_degc - 25));
}

double plant_pv_inverter(double dc, double dc0, double eta_nom_pu)
{
    if (dc <= 0) {
        return 0;
    }
    double z = dc / dc0;
    double eta = eta_nom_pu / 0.9637 * (-0.0162 * z - 0.0059 / z + 0.9858);
    return plant_clamp(eta * dc, 0, eta_nom_pu * dc0);
}

enum err plant_pv_init(struct plant_pv *pv, const struct plant_pv_params *par)
{
    bool good = par->dc_kwp > 0 && par->ac_kw > 0 && par->gamma_per_k <= 0 &&
                par->losses_pu >= 0 && par->losses_pu < 1 && par->eta_nom_pu > 0.5 &&
                par->eta_nom_pu <= 1 && par->albedo_pu >= 0 && par->albedo_pu <= 1 &&
                par->ramp_pu_per_s > 0 && par->start_s >= 0 && isfinite(par->tilt_deg) &&
                isfinite(par->azimuth_deg);
    if (!good) {
        return ERR_RANGE;
    }
    *pv = (struct plant_pv){.par = *par, .limit_pu = 0, .cell_degc = 25};
    pv->plane = sun_plane_of(par->tilt_deg, par->azimuth_deg);
    pv->dark_kw = 0.008 * par->ac_kw / par->eta_nom_pu;
    return ERR_OK;
}

/* Light, cells and inverter: the AC power that the sky allows. */
static void pv_sky(struct plant_pv *pv, const struct plant_pv_in *in, double *dc_kw)
{
    const struct plant_pv_params *par = &pv->par;
    if (in->irr.ghi_w_per_m2 <= 0 && in->irr.dni_w_per_m2 <= 0) {
        pv->poa_w_per_m2 = 0;
        pv->cell_degc = in->ambient_degc;
        pv->available_kw = 0;
        *dc_kw = 0;
        return;
    }
    struct sun_poa poa = sun_on_plane(&in->sun, &in->irr, &pv->plane, par->albedo_pu);
    pv->poa_w_per_m2 = poa.total_w_per_m2;
    pv->cell_degc = plant_pv_cell_degc(poa.total_w_per_m2, in->ambient_degc, in->wind_m_per_s);
    *dc_kw = plant_pv_dc(poa.cells_w_per_m2, pv->cell_degc, par->dc_kwp, par->gamma_per_k) *
             (1 - par->losses_pu) * (1 - in->lost_pu);
    pv->available_kw = plant_pv_inverter(*dc_kw, par->ac_kw / par->eta_nom_pu, par->eta_nom_pu);
}

void plant_pv_step(struct plant_pv *pv, const struct plant_pv_in *in, double h_s)
{
    const struct plant_pv_params *par = &pv->par;
    double dc_kw;
    pv_sky(pv, in, &dc_kw);
    double want_pu = in->limit_on ? plant_clamp(in->limit_pu, 0, 1) : 1;
    bool awake = in->run && !in->trip && dc_kw > pv->dark_kw;
    if (!in->run || in->trip) {
        pv->available_kw = 0;
    }
    if (!awake) {
        pv->state = in->trip ? PLANT_FAULT : PLANT_OFF;
        pv->started_s = 0;
        pv->limit_pu = 0;
        pv->kw = 0;
        return;
    }
    if (pv->started_s < par->start_s) {
        pv->started_s += h_s;
        pv->state = PLANT_STARTING;
        pv->kw = 0;
        return;
    }
    pv->limit_pu = plant_slew(pv->limit_pu, want_pu, par->ramp_pu_per_s * h_s);
    double cap_kw = pv->limit_pu < 0.01 ? 0 : pv->limit_pu * par->ac_kw;
    pv->state = pv->available_kw > cap_kw ? PLANT_LIMITED : PLANT_ON;
    pv->kw = fmin(pv->available_kw, cap_kw);
    pv->yield_kwh += pv->kw * h_s / 3600;
}
