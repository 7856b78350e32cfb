/* Gas engine with heat recovery (CHP), or a biomass boiler with its steam set. Runs in
 * `kilnwatt sim` and in studies; state is the caller's.
 *
 * - fuel and heat: curves over the load, linear between the data sheet's points, scaled to
 *   eta_pu and rated_heat_kw at full load; heat with a first-order lag
 * - usual fuel: shape of Jenbacher J208's sheet: 851/657/463 kW at 330/247/163 kW electric
 * - usual heat: the same sheet: jacket 121/109/86, oil 41/34/27, intercooler 61/26/5 kW, and
 *   a fifth of the fuel from the exhaust
 * - states: off, starting (start_s), running, stopping; least up and down times in the
 *   device itself: a stop or a start that comes too early waits
 * - gas: fuel over 9.886 kWh/Nm3 (LHV 35.59 MJ/Nm3), or over another fuel's own heating value
 */
#ifndef KILNWATT_SIM_PLANT_CHP_H
#define KILNWATT_SIM_PLANT_CHP_H

#include "controller/base/err.h"
#include "sim/plant_state.h"

#define PLANT_GAS_KWH_PER_M3 9.886

enum { PLANT_CHP_POINTS = 4 };

/* Value over its full-load value at loads over full load; the lowest piece goes on below. */
struct plant_chp_curve {
    int points;                                             /* 2..PLANT_CHP_POINTS */
    double load_pu[PLANT_CHP_POINTS], pu[PLANT_CHP_POINTS]; /* rising, the last ones 1 */
};

struct plant_chp_params {
    double rated_kw, rated_heat_kw; /* > 0 */
    double eta_pu;                  /* (0, 0.6], electric at full load */
    double min_pu;                  /* [0, 1); 0.5 */
    double start_s, stop_s;         /* >= 0: to synchronism; cooling down after unloading */
    double up_s_min, down_s_min;    /* >= 0 */
    double ramp_pu_per_s;           /* > 0; 0.2/60 */
    double heat_lag_s;              /* >= 0 */
    double standby_kw, start_kw;    /* >= 0: drawn when off, and while starting or stopping */
    struct plant_chp_curve fuel, heat;
    double fuel_kwh_per_m3; /* > 0; or per other unit, which gas_m3 then counts */
};

struct plant_chp_in {
    double set_kw; /* magnitude; raised to the least load while it runs */
    bool run, trip;
};

struct plant_chp {
    struct plant_chp_params par;
    struct plant_lag lag;
    double in_state_s; /* since it entered off, starting or stopping */
    double up_s;       /* since it began to run */
    double load_kw;    /* at the generator */
    bool synchronised;
    enum plant_state state;
    double kw, heat_kw, fuel_kw, gas_m3_per_h;
    double yield_kwh, heat_kwh, gas_m3, hours_h;
    int starts;
};

/* Start 10 min, stop 3 min, up 2 h, down 1 h, least load 50 %, ramp 20 %/min, heat lag 2 min,
 * the usual curves. */
struct plant_chp_params plant_chp_defaults(double rated_kw, double rated_heat_kw,
                                           double eta_pu);
/* A wood-fired boiler with a steam set: usual ranges are 0.18 to 0.25 electric, least load 30
 * %, 2 to 5 % a minute. Here 0.22, 30 %, 3 %/min, 4 h to start, 12 h up, 8 h down, heat lag 30
 * min, fuel and heat in proportion to 5 % above the load; counts kg of wood chips of 3.4 kWh.
 */
struct plant_chp_params plant_chp_biomass(double rated_kw, double rated_heat_kw);
/* Fuel curve of a data sheet that states electric efficiencies, in the order of the loads. */
struct plant_chp_curve plant_chp_curve_of_eta(int points, const double *load_pu,
                                              const double *eta_pu);
must_check enum err plant_chp_init(struct plant_chp *c, const struct plant_chp_params *par);
void plant_chp_step(struct plant_chp *c, const struct plant_chp_in *in, double h_s);
/* Steady fuel (LHV) and heat in kW at a load in [0, rated_kw]; 0 at 0. */
double plant_chp_fuel_kw(const struct plant_chp_params *par, double load_kw);
double plant_chp_heat_kw(const struct plant_chp_params *par, double load_kw);

#endif
