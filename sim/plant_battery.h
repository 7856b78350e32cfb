/* Battery with its converter (PCS). Runs in `kilnwatt sim` and in studies; state is the
 * caller's.
 *
 * - energy: dE/dt = -(P + loss(P)) discharging, |P| - loss(|P|) charging, minus
 *   self-discharge
 * - loss: p0 + r P^2 with p0 = 0.5 % of rated and r such that each way has the root of the
 *   round trip at rated power; round trip 0.96^2 * 0.975 = 0.8986 (rectifier, inverter,
 *   cells: NREL REopt's electric_storage.jl). While the converter idles it blocks and p0
 *   does not run
 * - limits: charge falls linearly over the last taper_pu below soc_ceil_pu, discharge over
 *   the last taper_pu above soc_floor_pu (as OpenEMS's simulator); apparent power, P first
 * - answer: lag tau_s and slew (0.1 s and 20 pu/s: 90 % in 0.24 s)
 * - temperature and ageing: sim/plant_cells.h; rates are of the capacity that is left */
#ifndef KILNWATT_SIM_PLANT_BATTERY_H
#define KILNWATT_SIM_PLANT_BATTERY_H

#include "controller/base/err.h"
#include "sim/plant_cells.h"
#include "sim/plant_state.h"

struct plant_battery_params {
    double rated_kw, energy_kwh;      /* > 0 */
    double kva;                       /* >= rated_kw */
    double round_trip_pu;             /* (0.5, 1], AC to AC at rated power */
    double fixed_loss_pu;             /* p0 over rated power, [0, 0.02] */
    double soc_floor_pu, soc_ceil_pu; /* 0 <= floor < ceil <= 1: the device's own ends */
    double taper_pu;                  /* (0, 0.2] */
    double soh_pu;                    /* (0, 1] */
    double tau_s, slew_pu_per_s;      /* >= 0, > 0 */
    double start_s;                   /* >= 0, standby to run */
    double aux_kw;                    /* >= 0, drawn at the terminal for cooling and control */
    double self_discharge_pu_per_day; /* >= 0 */
    struct plant_cells_params cells;
};

struct plant_battery_in {
    double set_kw;   /* bus sign, discharge positive */
    double set_kvar; /* bus sign */
    double ambient_degc;
    bool run, trip;
    bool forms;     /* it holds the bus: what that takes is there at once, without its lag */
    double lost_pu; /* share of rated power that heat takes away, [0, 1] */
};

struct plant_battery {
    struct plant_battery_params par;
    struct plant_lag lag;
    struct plant_cells cells;
    double charge_r_per_kw, discharge_r_per_kw; /* loss = p0 + r P^2, r in 1/kW */
    double stored_kwh;
    double cut_pu, cut_kwh; /* racks cut off: share of the capacity, what they hold */
    double pcs_kw;          /* at the converter, without auxiliaries */
    double start_left_s;
    enum plant_state state;
    double kw, kvar; /* terminal, bus sign */
    double soc_pu;
    double charge_kw_max, discharge_kw_max; /* magnitudes that it would take or give now */
    double loss_kw;                         /* converter and cells */
    double degc;
    double soh_pu;                    /* capacity over the rated one */
    double charge_kwh, discharge_kwh; /* terminal counters */
};

/* Round trip 0.8986, ends 0 and 1 with 5 % taper, kva 1.1, 0.1 s, 20 pu/s, start 10 s, cells
 * without limits by temperature and ageing. */
struct plant_battery_params plant_battery_defaults(double rated_kw, double energy_kwh);
/* soc_pu of the beginning within the ends, otherwise ERR_RANGE. */
must_check enum err plant_battery_init(struct plant_battery *b,
                                       const struct plant_battery_params *par, double soc_pu);
void plant_battery_step(struct plant_battery *b, const struct plant_battery_in *in, double h_s);
/* Cuts racks of this share [0, 1) of the capacity off with what they hold, or with 0 brings all
 * back; energy is neither made nor lost. */
void plant_battery_cut(struct plant_battery *b, double share);

#endif
