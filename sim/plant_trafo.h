/* A transformer of the grid connection: losses and temperature. Runs in `kilnwatt sim` and in
 * studies; state is the caller's.
 *
 * - losses: P0 + Pk (S/Sn)^2, exact; 1,600 kVA dry type about 2 and 11 kW
 * - heat: hot spot = ambient + rise_k (P0 + Pk s^2)/(P0 + Pk), first-order lag tau_s */
#ifndef KILNWATT_SIM_PLANT_TRAFO_H
#define KILNWATT_SIM_PLANT_TRAFO_H

#include "controller/base/err.h"
#include "sim/plant_state.h"

struct plant_trafo_params {
    double kva, idle_kw, copper_kw; /* > 0, >= 0, >= 0 */
    double rise_k, tau_s;           /* >= 0, > 0 */
};

struct plant_trafo_in {
    double kw, kvar; /* through it, at the low side */
    double ambient_degc;
};

struct plant_trafo {
    struct plant_trafo_params par;
    struct plant_lag lag;
    double load_pu, loss_kw;
    double kw; /* bus sign, <= 0: its losses */
    double degc;
    double loss_kwh;
};

/* P0 and Pk of a dry-type transformer scaled from 1,600 kVA, 80 K, 1.5 h. */
struct plant_trafo_params plant_trafo_defaults(double kva);
must_check enum err plant_trafo_init(struct plant_trafo *t,
                                     const struct plant_trafo_params *par, double ambient_degc);
void plant_trafo_step(struct plant_trafo *t, const struct plant_trafo_in *in, double h_s);

#endif
