/* Cells of a battery: temperature with heating and cooling, what they may take when cold or
 * hot, ageing. The part of sim/plant_battery.h that knows degrees. Runs in `kilnwatt sim` and
 * in studies; state is the caller's.
 *
 * - temperature: one node, rise_k above the surroundings at rated loss, time constant tau_s
 * - air conditioning: heats below low_degc and cools above high_degc until 2 K inside, with
 *   its electric power; heat by resistance, cold by its COP
 * - charge: none at or below 0 degC, 0.16 C at 10 degC, 0.65 C from 25 to 45 degC, none at 55
 *   degC, linear between; discharge: none at or below -20 degC, 1 C from 0 to 45 degC, none at
 *   60 degC (limits of the cells behind sim/plant_ageing.h; ends usual in data sheets) */
#ifndef KILNWATT_SIM_PLANT_CELLS_H
#define KILNWATT_SIM_PLANT_CELLS_H

#include "controller/base/err.h"
#include "sim/plant_ageing.h"
#include "sim/plant_state.h"

struct plant_cells_params {
    bool limits, ages;          /* count temperature limits; lose capacity */
    double rise_k, tau_s;       /* >= 0, > 0 */
    double hvac_kw, hvac_cop;   /* >= 0 electric, > 0 */
    double low_degc, high_degc; /* low + 4 < high while hvac_kw > 0 */
};

struct plant_cells {
    struct plant_cells_params par;
    struct plant_lag lag;
    struct plant_ageing ageing;
    double k_per_kw; /* rise at rest for each kW of heat */
    int hvac;        /* 1 heats, -1 cools, 0 rests */
    double degc;
    double hvac_kw; /* electric, now */
};

struct plant_cells_in {
    double loss_kw; /* heat in the cells and their converter */
    double ambient_degc;
    double soc_pu;
};

/* 10 K and 2 h, no limits, no ageing, no air conditioning. */
struct plant_cells_params plant_cells_defaults(void);
/* Limits, ageing and what a container has for each MW with 5 % of rated loss: walls of 0.2
 * kW/K, cells of 4 kWh/K (260 K at rest without cooling, 19 h) and an air conditioning of 20 kW
 * electric, COP 2.5, that keeps 18 to 30 degC (assumed). */
struct plant_cells_params plant_cells_container(double rated_kw);
/* loss_rated_kw >= 0: at which rise_k holds. */
must_check enum err plant_cells_init(struct plant_cells *c,
                                     const struct plant_cells_params *par, double loss_rated_kw,
                                     double soc_pu);
void plant_cells_step(struct plant_cells *c, const struct plant_cells_in *in, double h_s);
/* Capacity over that of new cells, [0, 1]. */
double plant_cells_health_pu(const struct plant_cells *c);
/* Greatest rates at their temperature, 1/h; INFINITY without limits. */
double plant_cells_charge_c(const struct plant_cells *c);
double plant_cells_discharge_c(const struct plant_cells *c);

#endif
