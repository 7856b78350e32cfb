/* The connection to the grid: see plant_grid.h. Pure. */
#include "sim/plant_grid.h"

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

static void meter_minute(struct plant_meter *m)
{
    m->minute_kwh[m->next] = m->part_kwh;
    m->next = (m->next + 1) % PLANT_DEMAND_MIN;
    m->minutes += m->minutes < PLANT_DEMAND_MIN ? 1 : 0;
    m->part_s = 0;
    m->part_kwh = 0;
    double sum_kwh = 0;
    for (int i = 0; i < m->minutes; i++) {
        sum_kwh += m->minute_kwh[i];
    }
    m->demand_kw = sum_kwh * 60 / m->minutes;
    if (m->minutes == PLANT_DEMAND_MIN) {
        m->demand_kw_max = fmax(m->demand_kw_max, m->demand_kw);
    }
}

void plant_meter_step(struct plant_meter *m, const struct plant_meter_in *in, double h_s)
{
    m->kw = in->kw;
    m->kvar = in->kvar;
    double import_kw = fmax(0, in->kw);
    m->import_kwh += import_kw * h_s / 3600;
    m->export_kwh += fmax(0, -in->kw) * h_s / 3600;
    double left_s = h_s;
    while (left_s > 0) {
        double take_s = fmin(left_s, 60 - m->part_s);
        m->part_s += take_s;
        m->part_kwh += import_kw * take_s / 3600;
        left_s -= take_s;
        /* A microsecond of slack, so that sixty seconds of tenths make one minute. */
        if (m->part_s >= 60 - 1e-6) {
            meter_minute(m);
            left_s = left_s < 1e-6 ? 0 : left_s;
        }
    }
}

void plant_meter_reset_demand(struct plant_meter *m)
{
    m->demand_kw_max = 0;
}
