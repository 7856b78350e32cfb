/* Hot-water tank with a moving thermocline between a hot zone at degc_max and a cold zone at
 * degc_min. Runs in `kilnwatt sim` and in studies; state is the caller's.
 *
 * - energy: dQ/dt = in - out - beta Q - gamma Q_N - delta, solved exactly over the step; Q_N
 *   = V rho c (T_max - T_min)
 * - losses: beta = 4U/(D rho c), gamma = beta (T_min - T_a)/(T_max - T_min), delta = U pi
 *   D^2/4 (T_max + T_min - 2 T_a) (oemof-thermal, stratified_thermal_storage)
 * - ends: heat above soc 1 + over_pu is refused, heat wanted at soc 0 is unserved */
#ifndef KILNWATT_SIM_PLANT_TANK_H
#define KILNWATT_SIM_PLANT_TANK_H

#include "controller/base/err.h"
#include "sim/plant_state.h"

struct plant_tank_params {
    double volume_m3;           /* > 0 */
    double degc_max, degc_min;  /* max > min */
    double loss_pu_per_h;       /* beta, >= 0 */
    double still_loss_pu_per_h; /* gamma, >= 0 */
    double end_loss_kw;         /* delta, >= 0 */
    double over_pu;             /* [0, 0.5]: room above full before heat is refused */
};

struct plant_tank_in {
    double heat_kw;   /* sum of what is fed in, >= 0 */
    double demand_kw; /* drawn by the network, >= 0 */
};

struct plant_tank {
    struct plant_tank_params par;
    double full_kwh;
    double decay_h_s, decay; /* exp(-beta h) of the last step length */
    double stored_kwh;
    double soc_pu; /* [0, 1 + over_pu] */
    double top_degc, bottom_degc, mean_degc;
    double loss_kw, served_kw, unserved_kw, refused_kw; /* over the last step */
    double in_kwh, served_kwh, loss_kwh, unserved_kwh, refused_kwh;
};

/* One node's worth of parameters: loss_pu_per_h of what is stored, 2 % over. */
struct plant_tank_params plant_tank_defaults(double volume_m3, double degc_max, double degc_min,
                                             double loss_pu_per_h);
/* The three loss terms of an upright cylinder: diameter in m, U in W/m2K, ambient below
 * degc_min. */
void plant_tank_losses(struct plant_tank_params *par, double diameter_m, double u_w_per_m2k,
                       double ambient_degc);
/* soc_pu of the beginning in [0, 1]. */
must_check enum err plant_tank_init(struct plant_tank *t, const struct plant_tank_params *par,
                                    double soc_pu);
void plant_tank_step(struct plant_tank *t, const struct plant_tank_in *in, double h_s);

#endif
