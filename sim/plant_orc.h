/* Organic Rankine cycle: electricity from waste heat. Runs in `kilnwatt sim` and in studies;
 * state is the caller's.
 *
 * - efficiency at full heat: that of the design point, moved with Carnot's: eta = eta_0
 *   (1 - T_sink/T_source) / (1 - T_sink0/T_source0), T in K; the share of Carnot's efficiency
 *   that a machine reaches changes little around its design (0.40 to 0.45 for built machines)
 * - part load q = heat / rated heat: eta times 1 - 0.4 (1 - q)^2; no power below least_pu
 * - states: the evaporator warms up for start_s while the turbine is by-passed; a first-order
 *   lag of the heat exchangers after that; heat that it cannot use goes by
 * Design point of the defaults: ITRI's 250 kW machine with R245fa, 243 kW net at 9.5 %
 * (B.-R. Fu et al., Energies 7(6), 2014). */
#ifndef KILNWATT_SIM_PLANT_ORC_H
#define KILNWATT_SIM_PLANT_ORC_H

#include "controller/base/err.h"
#include "sim/plant_state.h"

struct plant_orc_params {
    double rated_kw;               /* > 0, net, at the design point */
    double eta_pu;                 /* (0, 0.4), there */
    double source_degc, sink_degc; /* of the design point, entering; source > sink */
    double least_pu;               /* [0, 1) of the rated heat */
    double start_s, lag_s;         /* >= 0 */
    double standby_kw;             /* >= 0 */
};

struct plant_orc_in {
    double heat_kw;                /* offered, >= 0 */
    double source_degc, sink_degc; /* entering now */
    bool run, trip;
};

struct plant_orc {
    struct plant_orc_params par;
    struct plant_lag lag;
    double in_state_s;
    enum plant_state state;
    double turbine_kw;                    /* after the lag */
    double kw;                            /* bus sign */
    double heat_kw, bypass_kw, reject_kw; /* used, not taken, to the cooling water */
    double eta_pu;
    double yield_kwh, heat_kwh;
    int starts;
};

/* Source and sink of the design point; least 30 %, start 20 min, lag 2 min, standby 1 %. */
struct plant_orc_params plant_orc_defaults(double rated_kw, double source_degc,
                                           double sink_degc);
must_check enum err plant_orc_init(struct plant_orc *o, const struct plant_orc_params *par);
void plant_orc_step(struct plant_orc *o, const struct plant_orc_in *in, double h_s);
/* Heat at the design point, kW. */
double plant_orc_rated_heat_kw(const struct plant_orc_params *par);
/* Steady net efficiency at a heat in kW and temperatures; 0 below the least load. */
double plant_orc_eta_pu(const struct plant_orc_params *par, double heat_kw, double source_degc,
                        double sink_degc);

#endif
