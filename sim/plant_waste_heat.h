/* Waste-heat recovery behind a kiln: a share of the kiln's power, after a first-order lag, up
 * to the exchanger's rating, and nothing that the network does not take. Runs in `kilnwatt sim`
 * and in studies; state is the caller's. */
#ifndef KILNWATT_SIM_PLANT_WASTE_HEAT_H
#define KILNWATT_SIM_PLANT_WASTE_HEAT_H

#include "controller/base/err.h"
#include "sim/plant_state.h"

struct plant_waste_params {
    double rated_heat_kw;              /* > 0 */
    double follow_pu;                  /* [0, 1] of the source's power */
    double lag_s;                      /* >= 0; 600 */
    double gas_degc_min, gas_degc_max; /* flue gas without and at full heat */
};

struct plant_waste_in {
    double source_kw; /* power of the kiln, electric or fuel, magnitude */
    bool open;        /* the network takes heat; otherwise the by-pass is open */
};

struct plant_waste {
    struct plant_waste_params par;
    struct plant_lag lag;
    double offered_kw; /* after the lag */
    double heat_kw;
    double degc;
    double heat_kwh;
};

must_check enum err plant_waste_init(struct plant_waste *w,
                                     const struct plant_waste_params *par);
void plant_waste_step(struct plant_waste *w, const struct plant_waste_in *in, double h_s);

#endif
