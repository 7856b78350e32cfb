/* Organic Rankine cycle: see plant_orc.h. Pure. */
#include "sim/plant_orc.h"

struct plant_orc_params plant_orc_defaults(double rated_kw, double source_degc,
                                           double sink_degc)
{
    return (struct plant_orc_params){
        .rated_kw = rated_kw,
        .eta_pu = 0.095,
        .source_degc = source_degc,
        .sink_degc = sink_degc,
        .least_pu = 0.3,
        .start_s = 1200,
        .lag_s = 120,
        .standby_kw = 0.01 * rated_kw,
    };
}

static double carnot_pu(double source_degc, double sink_degc)
{
    return fmax(0, 1 - (sink_degc + 273.15) / (source_degc + 273.15));
}

double plant_orc_rated_heat_kw(const struct plant_orc_params *par)
{
    return par->rated_kw / par->eta_pu;
}

double plant_orc_eta_pu(const struct plant_orc_params *par, double heat_kw, double source_degc,
                        double sink_degc)
{
    double q = heat_kw / plant_orc_rated_heat_kw(par);
    if (q < par->least_pu || q <= 0) {
        return 0;
    }
    double worse = 1 - 0.4 * (1 - fmin(q, 1)) * (1 - fmin(q, 1));
    return par->eta_pu * worse * carnot_pu(source_degc, sink_degc) /
           carnot_pu(par->source_degc, par->sink_degc);
}

enum err plant_orc_init(struct plant_orc *o, const struct plant_orc_params *par)
{
    bool good = par->rated_kw > 0 && par->eta_pu > 0 && par->eta_pu < 0.4 &&
                par->source_degc > par->sink_degc && par->sink_degc > -273.15 &&
                par->least_pu >= 0 && par->least_pu < 1 && par->start_s >= 0 &&
                par->lag_s >= 0 && par->standby_kw >= 0 &&
                par->eta_pu < carnot_pu(par->source_degc, par->sink_degc);
    if (!good) {
        return ERR_RANGE;
    }
    *o = (struct plant_orc){.par = *par, .lag = plant_lag_make(par->lag_s)};
    return ERR_OK;
}

static void enter(struct plant_orc *o, enum plant_state state)
{
    o->state = state;
    o->in_state_s = 0;
}

static void orc_states(struct plant_orc *o, const struct plant_orc_in *in)
{
    double least_kw = o->par.least_pu * plant_orc_rated_heat_kw(&o->par);
    bool wanted = in->run && in->heat_kw > 0 && in->heat_kw >= least_kw;
    if (in->trip) {
        enter(o, PLANT_FAULT);
    } else if (o->state == PLANT_OFF || o->state == PLANT_FAULT) {
        o->state = PLANT_OFF;
        if (wanted) {
            enter(o, PLANT_STARTING);
            o->starts++;
        }
    } else if (!wanted) {
        enter(o, PLANT_OFF);
    } else if (o->state == PLANT_STARTING && o->in_state_s >= o->par.start_s) {
        enter(o, PLANT_ON);
    }
}

void plant_orc_step(struct plant_orc *o, const struct plant_orc_in *in, double h_s)
{
    const struct plant_orc_params *par = &o->par;
    o->in_state_s += h_s;
    orc_states(o, in);
    bool turns = o->state == PLANT_ON;
    double rated_heat_kw = plant_orc_rated_heat_kw(par);
    o->heat_kw = turns ? fmin(in->heat_kw, rated_heat_kw) : 0;
    o->bypass_kw = in->heat_kw - o->heat_kw;
    o->eta_pu = turns ? plant_orc_eta_pu(par, o->heat_kw, in->source_degc, in->sink_degc) : 0;
    /* The generator takes no more than it is built for. */
    double steady_kw = fmin(o->eta_pu * o->heat_kw, 1.1 * par->rated_kw);
    o->turbine_kw = turns ? plant_lag_step(&o->lag, o->turbine_kw, steady_kw, h_s) : 0;
    o->kw = turns ? o->turbine_kw : -par->standby_kw;
    o->reject_kw = o->heat_kw - o->turbine_kw;
    o->yield_kwh += fmax(0, o->kw) * h_s / 3600;
    o->heat_kwh += o->heat_kw * h_s / 3600;
}
