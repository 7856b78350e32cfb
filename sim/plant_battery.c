/* Battery with its converter: see plant_battery.h. Pure. */
#include "sim/plant_battery.h"

static const double blocked_pu = 1e-3; /* below this the converter blocks its pulses */

struct plant_battery_params plant_battery_defaults(double rated_kw, double energy_kwh)
{
    return (struct plant_battery_params){
        .rated_kw = rated_kw,
        .energy_kwh = energy_kwh,
        .kva = 1.1 * rated_kw,
        .round_trip_pu = 0.96 * 0.96 * 0.975,
        .fixed_loss_pu = 0.005,
        .soc_floor_pu = 0,
        .soc_ceil_pu = 1,
        .taper_pu = 0.05,
        .soh_pu = 1,
        .tau_s = 0.1,
        .slew_pu_per_s = 20,
        .start_s = 10,
        .aux_kw = 0,
        .self_discharge_pu_per_day = 0.001,
        .cells = plant_cells_defaults(),
    };
}

static bool battery_good(const struct plant_battery_params *par)
{
    return par->rated_kw > 0 && par->energy_kwh > 0 && par->kva >= par->rated_kw &&
           par->round_trip_pu > 0.5 && par->round_trip_pu <= 1 && par->fixed_loss_pu >= 0 &&
           par->fixed_loss_pu <= 0.02 && par->soc_floor_pu >= 0 &&
           par->soc_ceil_pu > par->soc_floor_pu && par->soc_ceil_pu <= 1 && par->taper_pu > 0 &&
           par->taper_pu <= 0.2 && par->soh_pu > 0 && par->soh_pu <= 1 && par->tau_s >= 0 &&
           par->slew_pu_per_s > 0 && par->start_s >= 0 && par->aux_kw >= 0 &&
           par->self_discharge_pu_per_day >= 0;
}

static double capacity_kwh(const struct plant_battery *b)
{
    return b->par.energy_kwh * b->soh_pu * (1 - b->cut_pu);
}

/* What the cells and the converter allow at this state of charge. */
static void battery_limits(struct plant_battery *b, double lost_pu)
{
    const struct plant_battery_params *par = &b->par;
    double room = plant_clamp((par->soc_ceil_pu - b->soc_pu) / par->taper_pu, 0, 1);
    double rest = plant_clamp((b->soc_pu - par->soc_floor_pu) / par->taper_pu, 0, 1);
    double full_kwh = capacity_kwh(b);
    double can_kw = par->rated_kw * (1 - lost_pu);
    double in_kw = fmin(can_kw, plant_cells_charge_c(&b->cells) * full_kwh);
    double out_kw = fmin(can_kw, plant_cells_discharge_c(&b->cells) * full_kwh);
    b->charge_kw_max = room * in_kw;
    b->discharge_kw_max = rest * out_kw;
}

enum err plant_battery_init(struct plant_battery *b, const struct plant_battery_params *par,
                            double soc_pu)
{
    if (!battery_good(par) || !(soc_pu >= par->soc_floor_pu && soc_pu <= par->soc_ceil_pu)) {
        return ERR_RANGE;
    }
    double loss_rated_kw = (1 - sqrt(par->round_trip_pu)) * par->rated_kw;
    struct plant_cells cells;
    enum err e = plant_cells_init(&cells, &par->cells, loss_rated_kw, soc_pu);
    if (e != ERR_OK) {
        return e;
    }
    *b = (struct plant_battery){.par = *par, .soc_pu = soc_pu, .cells = cells};
    b->degc = cells.degc;
    b->soh_pu = par->soh_pu;
    b->lag = plant_lag_make(par->tau_s);
    b->start_left_s = par->start_s;
    b->stored_kwh = soc_pu * capacity_kwh(b);
    double way_pu = sqrt(par->round_trip_pu);
    double p0 = par->fixed_loss_pu;
    b->charge_r_per_kw = fmax(0, 1 - way_pu - p0) / par->rated_kw;
    b->discharge_r_per_kw = fmax(0, 1 / way_pu - 1 - p0) / par->rated_kw;
    battery_limits(b, 0);
    return ERR_OK;
}

void plant_battery_cut(struct plant_battery *b, double share)
{
    b->stored_kwh += b->cut_kwh;
    b->cut_kwh = share * b->stored_kwh;
    b->stored_kwh -= b->cut_kwh;
    b->cut_pu = share;
    b->soc_pu = b->stored_kwh / capacity_kwh(b);
}

/* State machine; returns the power that it aims at. */
static double battery_aim_kw(struct plant_battery *b, const struct plant_battery_in *in,
                             double h_s)
{
    if (in->trip) {
        b->state = PLANT_FAULT;
        b->start_left_s = b->par.start_s;
        return 0;
    }
    if (!in->run) {
        b->state = fabs(b->pcs_kw) > blocked_pu * b->par.rated_kw ? PLANT_STOPPING : PLANT_OFF;
        b->start_left_s = b->par.start_s;
        return 0;
    }
    if (b->start_left_s > 0) {
        b->start_left_s -= h_s;
        b->state = PLANT_STARTING;
        return 0;
    }
    double want_kw = plant_clamp(in->set_kw, -b->par.rated_kw, b->par.rated_kw);
    double aim_kw = plant_clamp(want_kw, -b->charge_kw_max, b->discharge_kw_max);
    b->state = fabs(aim_kw - want_kw) > blocked_pu * b->par.rated_kw ? PLANT_LIMITED : PLANT_ON;
    return aim_kw;
}

/* Moves energy for one step; a long step is cut short in power at the ends so that no energy is
 * made. */
static void battery_cells(struct plant_battery *b, double h_s)
{
    const struct plant_battery_params *par = &b->par;
    double p = fabs(b->pcs_kw), h = h_s / 3600, full = capacity_kwh(b);
    bool works = p > blocked_pu * par->rated_kw;
    double r = b->pcs_kw < 0 ? b->charge_r_per_kw : b->discharge_r_per_kw;
    b->loss_kw = works ? fmin(par->fixed_loss_pu * par->rated_kw, 0.5 * p) + r * p * p : 0;
    double inside_kw = b->pcs_kw + b->loss_kw; /* out of the cells */
    double leak_kw = par->self_discharge_pu_per_day * b->stored_kwh / 24;
    double out_kwh_max = fmax(0, b->stored_kwh - par->soc_floor_pu * full - leak_kw * h);
    double in_kwh_max = fmax(0, par->soc_ceil_pu * full - b->stored_kwh + leak_kw * h);
    double want_kwh = inside_kw * h;
    double moved_kwh = plant_clamp(want_kwh, -in_kwh_max, out_kwh_max);
    if (moved_kwh != want_kwh) {
        double share = want_kwh != 0 ? moved_kwh / want_kwh : 0;
        b->pcs_kw *= share;
        b->loss_kw *= share;
    }
    b->stored_kwh = fmax(0, b->stored_kwh - moved_kwh - leak_kw * h);
    b->soc_pu = b->stored_kwh / full;
}

/* Warmth, air conditioning and ageing; the capacity that is lost holds nothing more. */
static void battery_cells_live(struct plant_battery *b, double ambient_degc, double h_s)
{
    struct plant_cells_in in = {b->loss_kw, ambient_degc, b->soc_pu};
    plant_cells_step(&b->cells, &in, h_s);
    b->degc = b->cells.degc;
    if (b->par.cells.ages) {
        b->soh_pu = b->par.soh_pu * plant_cells_health_pu(&b->cells);
        b->soc_pu = fmin(1, b->stored_kwh / capacity_kwh(b));
    }
}

void plant_battery_step(struct plant_battery *b, const struct plant_battery_in *in, double h_s)
{
    const struct plant_battery_params *par = &b->par;
    double aim_kw = battery_aim_kw(b, in, h_s);
    double lagged_kw = plant_lag_step(&b->lag, b->pcs_kw, aim_kw, h_s);
    double next_kw = in->trip ? 0 : in->forms ? aim_kw : lagged_kw;
    double slew_kw = par->slew_pu_per_s * par->rated_kw * h_s;
    b->pcs_kw = in->trip ? 0 : plant_slew(b->pcs_kw, next_kw, slew_kw);
    if (aim_kw == 0 && fabs(b->pcs_kw) < blocked_pu * par->rated_kw) {
        b->pcs_kw = 0;
    }
    /* The lag must not outlive a limit that has fallen below it. */
    b->pcs_kw = plant_clamp(b->pcs_kw, -b->charge_kw_max, b->discharge_kw_max);
    battery_cells(b, h_s);
    bool connected = b->state == PLANT_ON || b->state == PLANT_LIMITED;
    double q_max = sqrt(fmax(0, par->kva * par->kva - b->pcs_kw * b->pcs_kw));
    b->kvar = connected ? plant_clamp(in->set_kvar, -q_max, q_max) : 0;
    battery_cells_live(b, in->ambient_degc, h_s);
    battery_limits(b, in->lost_pu);
    b->kw = b->pcs_kw - par->aux_kw - b->cells.hvac_kw;
    b->charge_kwh += fmax(0, -b->kw) * h_s / 3600;
    b->discharge_kwh += fmax(0, b->kw) * h_s / 3600;
}
