/* Gas engine with heat recovery: see plant_chp.h. Pure. */
#include "sim/plant_chp.h"

enum { MAP = 3 };
static const double map_kw[MAP] = {163, 247, 330};
static const double map_fuel_kw[MAP] = {463, 657, 851};
/* jacket + oil + intercooler + 0.2 fuel */
static const double map_heat_kw[MAP] = {86 + 27 + 5 + 0.2 * 463, 109 + 34 + 26 + 0.2 * 657,
                                        121 + 41 + 61 + 0.2 * 851};

/* Value of a map over its full-load value at a load in per unit; the lowest piece goes on
 * below. */
static double map_pu(const double *value, double load_pu)
{
    double kw = load_pu * map_kw[MAP - 1];
    int i = kw < map_kw[1] ? 0 : 1;
    double part = (kw - map_kw[i]) / (map_kw[i + 1] - map_kw[i]);
    return (value[i] + part * (value[i + 1] - value[i])) / value[MAP - 1];
}

double plant_chp_fuel_kw(const struct plant_chp_params *par, double load_kw)
{
    if (load_kw <= 0) {
        return 0;
    }
    return par->rated_kw / par->eta_pu * map_pu(map_fuel_kw, load_kw / par->rated_kw);
}

double plant_chp_heat_kw(const struct plant_chp_params *par, double load_kw)
{
    if (load_kw <= 0) {
        return 0;
    }
    return par->rated_heat_kw * fmax(0, map_pu(map_heat_kw, load_kw / par->rated_kw));
}

struct plant_chp_params plant_chp_defaults(double rated_kw, double rated_heat_kw, double eta_pu)
{
    return (struct plant_chp_params){
        .rated_kw = rated_kw,
        .rated_heat_kw = rated_heat_kw,
        .eta_pu = eta_pu,
        .min_pu = 0.5,
        .start_s = 600,
        .stop_s = 180,
        .up_s_min = 7200,
        .down_s_min = 3600,
        .ramp_pu_per_s = 0.2 / 60,
        .heat_lag_s = 120,
    };
}

enum err plant_chp_init(struct plant_chp *c, const struct plant_chp_params *par)
{
    bool good = par->rated_kw > 0 && par->rated_heat_kw > 0 && par->eta_pu > 0 &&
                par->eta_pu <= 0.6 && par->min_pu >= 0 && par->min_pu < 1 &&
                par->start_s >= 0 && par->stop_s >= 0 && par->up_s_min >= 0 &&
                par->down_s_min >= 0 && par->ramp_pu_per_s > 0 && par->heat_lag_s >= 0 &&
                par->standby_kw >= 0 && par->start_kw >= 0;
    if (!good) {
        return ERR_RANGE;
    }
    *c = (struct plant_chp){.par = *par, .lag = plant_lag_make(par->heat_lag_s)};
    c->in_state_s = par->down_s_min; /* it has been off for long */
    return ERR_OK;
}

static void enter(struct plant_chp *c, enum plant_state state)
{
    c->state = state;
    c->in_state_s = 0;
}

static void chp_trip(struct plant_chp *c)
{
    if (c->state != PLANT_FAULT) {
        enter(c, PLANT_FAULT);
    }
    c->load_kw = 0;
    c->synchronised = false;
}

/* Load while on the bus: follows its setpoint, or unloads and leaves at the least load. */
static void chp_loaded(struct plant_chp *c, const struct plant_chp_in *in, double h_s)
{
    const struct plant_chp_params *par = &c->par;
    double least_kw = par->min_pu * par->rated_kw, step_kw = par->ramp_pu_per_s * par->rated_kw;
    bool leave = !in->run && c->up_s >= par->up_s_min;
    double aim_kw = in->run ? plant_clamp(in->set_kw, least_kw, par->rated_kw) : least_kw;
    c->load_kw = plant_slew(c->load_kw, aim_kw, step_kw * h_s);
    c->up_s += h_s;
    c->hours_h += h_s / 3600;
    if (leave && c->load_kw <= least_kw) {
        c->load_kw = 0;
        c->synchronised = false;
        enter(c, PLANT_STOPPING);
        return;
    }
    if (leave) {
        c->state = PLANT_STOPPING;
    } else {
        c->state = in->run && in->set_kw >= least_kw ? PLANT_ON : PLANT_LIMITED;
    }
}

static void chp_unloaded(struct plant_chp *c, const struct plant_chp_in *in)
{
    const struct plant_chp_params *par = &c->par;
    if (c->state == PLANT_STARTING) {
        if (!in->run) {
            enter(c, PLANT_OFF);
        } else if (c->in_state_s >= par->start_s) {
            enter(c, PLANT_ON);
            c->synchronised = true;
            c->up_s = 0;
        }
    } else if (c->state == PLANT_STOPPING) {
        if (c->in_state_s >= par->stop_s) {
            enter(c, PLANT_OFF);
        }
    } else if (c->state == PLANT_FAULT) {
        c->state = PLANT_OFF; /* the time since the trip counts as time off */
    } else if (in->run && c->in_state_s >= par->down_s_min) {
        enter(c, PLANT_STARTING);
        c->starts++;
    }
}

void plant_chp_step(struct plant_chp *c, const struct plant_chp_in *in, double h_s)
{
    const struct plant_chp_params *par = &c->par;
    c->in_state_s += h_s;
    if (in->trip) {
        chp_trip(c);
    } else if (c->synchronised) {
        chp_loaded(c, in, h_s);
    } else {
        chp_unloaded(c, in);
    }
    c->fuel_kw = plant_chp_fuel_kw(par, c->load_kw);
    double heat_kw = plant_chp_heat_kw(par, c->load_kw);
    c->heat_kw = plant_lag_step(&c->lag, c->heat_kw, heat_kw, h_s);
    bool busy = c->state == PLANT_STARTING || c->state == PLANT_STOPPING;
    double aux_kw = busy ? par->start_kw : par->standby_kw;
    c->kw = c->synchronised ? c->load_kw : -aux_kw;
    c->gas_m3_per_h = c->fuel_kw / PLANT_GAS_KWH_PER_M3;
    c->yield_kwh += c->load_kw * h_s / 3600;
    c->heat_kwh += c->heat_kw * h_s / 3600;
    c->gas_m3 += c->gas_m3_per_h * h_s / 3600;
}
