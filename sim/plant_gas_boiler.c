/* Gas boiler: see plant_gas_boiler.h. Pure. */
#include "sim/plant_gas_boiler.h"
#include "sim/plant_chp.h"

struct plant_boiler_params plant_boiler_defaults(double rated_heat_kw)
{
    return (struct plant_boiler_params){
        .rated_heat_kw = rated_heat_kw,
        .eta_pu = 0.92,
        .min_pu = 0.2,
        .on_degc = 62,
        .off_degc = 68,
        .start_s = 60,
        .run_s_min = 180,
        .ramp_pu_per_s = 0.01,
    };
}

enum err plant_boiler_init(struct plant_boiler *b, const struct plant_boiler_params *par)
{
    bool good = par->rated_heat_kw > 0 && par->eta_pu > 0 && par->eta_pu <= 1.1 &&
                par->min_pu >= 0 && par->min_pu < 1 && par->off_degc > par->on_degc &&
                par->start_s >= 0 && par->run_s_min >= 0 && par->ramp_pu_per_s > 0;
    if (!good) {
        return ERR_RANGE;
    }
    *b = (struct plant_boiler){.par = *par};
    return ERR_OK;
}

static void enter(struct plant_boiler *b, enum plant_state state)
{
    b->state = state;
    b->in_state_s = 0;
}

static void boiler_states(struct plant_boiler *b, bool wanted)
{
    const struct plant_boiler_params *par = &b->par;
    bool burns = b->state == PLANT_ON || b->state == PLANT_LIMITED;
    if (b->state == PLANT_FAULT) {
        enter(b, PLANT_OFF);
    } else if (b->state == PLANT_OFF && wanted) {
        enter(b, PLANT_STARTING);
        b->starts++;
    } else if (b->state == PLANT_STARTING && !wanted) {
        enter(b, PLANT_OFF);
    } else if (b->state == PLANT_STARTING && b->in_state_s >= par->start_s) {
        enter(b, PLANT_ON);
    } else if (burns && !wanted && b->in_state_s >= par->run_s_min) {
        enter(b, PLANT_OFF);
    }
}

void plant_boiler_step(struct plant_boiler *b, const struct plant_boiler_in *in, double h_s)
{
    const struct plant_boiler_params *par = &b->par;
    double least_kw = par->min_pu * par->rated_heat_kw;
    b->in_state_s += h_s;
    b->thermostat = in->tank_degc < (b->thermostat ? par->off_degc : par->on_degc);
    double want_kw = b->thermostat ? par->rated_heat_kw : in->set_heat_kw;
    bool wanted = in->run && want_kw >= least_kw * 0.999 && want_kw > 0;
    if (in->trip) {
        enter(b, PLANT_FAULT);
    } else {
        boiler_states(b, wanted);
    }
    bool burns = b->state == PLANT_ON || b->state == PLANT_LIMITED;
    if (burns) {
        double aim_kw = plant_clamp(wanted ? want_kw : 0, least_kw, par->rated_heat_kw);
        double from_kw = fmax(b->heat_kw, least_kw);
        double step_kw = par->ramp_pu_per_s * par->rated_heat_kw * h_s;
        b->heat_kw = plant_slew(from_kw, aim_kw, step_kw);
        b->state = wanted ? PLANT_ON : PLANT_LIMITED;
    } else {
        b->heat_kw = 0;
    }
    b->gas_m3_per_h = b->heat_kw / (par->eta_pu * PLANT_GAS_KWH_PER_M3);
    b->heat_kwh += b->heat_kw * h_s / 3600;
    b->gas_m3 += b->gas_m3_per_h * h_s / 3600;
}
