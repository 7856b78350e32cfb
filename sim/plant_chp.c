/* Gas engine with heat recovery: see plant_chp.h. Pure. */
#include "sim/plant_chp.h"

/* Jenbacher J208. */
enum { SHEET = 3 };
static const double sheet_kw[SHEET] = {163, 247, 330};
static const double sheet_fuel_kw[SHEET] = {463, 657, 851};
/* jacket + oil + intercooler + 0.2 fuel */
static const double sheet_heat_kw[SHEET] = {86 + 27 + 5 + 0.2 * 463, 109 + 34 + 26 + 0.2 * 657,
                                            121 + 41 + 61 + 0.2 * 851};

static struct plant_chp_curve curve_of(int points, const double *load, const double *value)
{
    struct plant_chp_curve c = {.points = points};
    for (int i = 0; i < points; i++) {
        c.load_pu[i] = load[i] / load[points - 1];
        c.pu[i] = value[i] / value[points - 1];
    }
    return c;
}

struct plant_chp_curve plant_chp_curve_of_eta(int points, const double *load_pu,
                                              const double *eta_pu)
{
    double fuel[PLANT_CHP_POINTS];
    must(points >= 2 && points <= PLANT_CHP_POINTS);
    for (int i = 0; i < points; i++) {
        fuel[i] = load_pu[i] / eta_pu[i];
    }
    return curve_of(points, load_pu, fuel);
}

static bool curve_good(const struct plant_chp_curve *c)
{
    if (c->points < 2 || c->points > PLANT_CHP_POINTS) {
        return false;
    }
    for (int i = 1; i < c->points; i++) {
        if (!(c->load_pu[i] > c->load_pu[i - 1] && c->pu[i] > c->pu[i - 1])) {
            return false;
        }
    }
    return c->load_pu[0] >= 0 && c->load_pu[c->points - 1] == 1 && c->pu[c->points - 1] == 1;
}

static double curve_pu(const struct plant_chp_curve *c, double load_pu)
{
    int i = 0;
    while (i + 2 < c->points && load_pu >= c->load_pu[i + 1]) {
        i++;
    }
    double part = (load_pu - c->load_pu[i]) / (c->load_pu[i + 1] - c->load_pu[i]);
    return c->pu[i] + part * (c->pu[i + 1] - c->pu[i]);
}

double plant_chp_fuel_kw(const struct plant_chp_params *par, double load_kw)
{
    if (load_kw <= 0) {
        return 0;
    }
    return par->rated_kw / par->eta_pu * curve_pu(&par->fuel, load_kw / par->rated_kw);
}

double plant_chp_heat_kw(const struct plant_chp_params *par, double load_kw)
{
    if (load_kw <= 0) {
        return 0;
    }
    return par->rated_heat_kw * fmax(0, curve_pu(&par->heat, load_kw / par->rated_kw));
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
        .fuel = curve_of(SHEET, sheet_kw, sheet_fuel_kw),
        .heat = curve_of(SHEET, sheet_kw, sheet_heat_kw),
        .fuel_kwh_per_m3 = PLANT_GAS_KWH_PER_M3,
    };
}

struct plant_chp_params plant_chp_biomass(double rated_kw, double rated_heat_kw)
{
    const double load[] = {0, 1}, fired[] = {0.05, 1.05};
    struct plant_chp_params par = plant_chp_defaults(rated_kw, rated_heat_kw, 0.22);
    par.min_pu = 0.3;
    par.start_s = 4 * 3600;
    par.stop_s = 3600;
    par.up_s_min = 12 * 3600;
    par.down_s_min = 8 * 3600;
    par.ramp_pu_per_s = 0.03 / 60;
    par.heat_lag_s = 1800;
    par.fuel = par.heat = curve_of(2, load, fired);
    par.fuel_kwh_per_m3 = 3.4;
    return par;
}

enum err plant_chp_init(struct plant_chp *c, const struct plant_chp_params *par)
{
    bool good = par->rated_kw > 0 && par->rated_heat_kw > 0 && par->eta_pu > 0 &&
                par->eta_pu <= 0.6 && par->min_pu >= 0 && par->min_pu < 1 &&
                par->start_s >= 0 && par->stop_s >= 0 && par->up_s_min >= 0 &&
                par->down_s_min >= 0 && par->ramp_pu_per_s > 0 && par->heat_lag_s >= 0 &&
                par->standby_kw >= 0 && par->start_kw >= 0 && curve_good(&par->fuel) &&
                curve_good(&par->heat) && par->fuel_kwh_per_m3 > 0;
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
    c->gas_m3_per_h = c->fuel_kw / par->fuel_kwh_per_m3;
    c->yield_kwh += c->load_kw * h_s / 3600;
    c->heat_kwh += c->heat_kw * h_s / 3600;
    c->gas_m3 += c->gas_m3_per_h * h_s / 3600;
}
