/* Gas boiler as back-up of the heat network. Runs in `kilnwatt sim` and in studies; state is
 * the caller's.
 *
 * - heat: the greater of what is commanded and what its own thermostat wants: full heat
 *   below on_degc of the tank's top, until off_degc; least burner load min_pu, below which
 *   it is off
 * - burner: purge start_s before each start, least run run_s_min, ramp; run = false blocks
 *   it
 * - gas: heat / (eta 9.886 kWh/Nm3) */
#ifndef KILNWATT_SIM_PLANT_GAS_BOILER_H
#define KILNWATT_SIM_PLANT_GAS_BOILER_H

#include "controller/base/err.h"
#include "sim/plant_state.h"

struct plant_boiler_params {
    double rated_heat_kw;      /* > 0 */
    double eta_pu, min_pu;     /* (0, 1.1], [0, 1) */
    double on_degc, off_degc;  /* on < off */
    double start_s, run_s_min; /* >= 0 */
    double ramp_pu_per_s;      /* > 0 */
};

struct plant_boiler_in {
    double set_heat_kw;
    double tank_degc; /* at the top of the tank */
    bool run;         /* released */
    bool trip;
};

struct plant_boiler {
    struct plant_boiler_params par;
    double in_state_s;
    bool thermostat; /* wants heat by itself */
    enum plant_state state;
    double heat_kw, gas_m3_per_h;
    double heat_kwh, gas_m3;
    int starts;
};

/* eta 0.92, least 20 %, purge 60 s, run 3 min, ramp 1 %/s, thermostat 62 / 68 degC. */
struct plant_boiler_params plant_boiler_defaults(double rated_heat_kw);
must_check enum err plant_boiler_init(struct plant_boiler *b,
                                      const struct plant_boiler_params *par);
void plant_boiler_step(struct plant_boiler *b, const struct plant_boiler_in *in, double h_s);

#endif
