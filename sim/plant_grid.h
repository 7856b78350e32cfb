/* The connection to the grid: transformer losses and temperature, meter counters, sliding
 * demand. Runs in `kilnwatt sim` and in studies; state is the caller's.
 *
 * - losses: P0 + Pk (S/Sn)^2, exact; 1,600 kVA dry type about 2 and 11 kW
 * - heat: hot spot = ambient + rise_k (P0 + Pk s^2)/(P0 + Pk), first-order lag tau_s
 * - demand: mean import of the last 15 minutes, renewed each minute; steps of any length */
#ifndef KILNWATT_SIM_PLANT_GRID_H
#define KILNWATT_SIM_PLANT_GRID_H

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

enum { PLANT_DEMAND_MIN = 15 };

struct plant_meter_in {
    double kw, kvar; /* bus sign: import positive */
};

/* All zero to begin with. */
struct plant_meter {
    double kw, kvar;
    double import_kwh, export_kwh;
    double minute_kwh[PLANT_DEMAND_MIN]; /* import of the last minutes, a ring */
    int next, minutes;                   /* ring's place; minutes seen, at most 15 */
    double part_s, part_kwh;             /* of the minute under way */
    double demand_kw;     /* of the last 15 whole minutes; of fewer at the start */
    double demand_kw_max; /* since the last reset, whole windows only */
};

void plant_meter_step(struct plant_meter *m, const struct plant_meter_in *in, double h_s);
/* Begins a new demand month; the window goes on. */
void plant_meter_reset_demand(struct plant_meter *m);

#endif
