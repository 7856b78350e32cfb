/* Absorption chiller: cold from hot water. Runs in `kilnwatt sim` and in studies; state is the
 * caller's.
 *
 * - characteristic difference: D = T_hot - a T_cool + e T_chill of the water's mean
 *   temperatures at generator, absorber with condenser, and evaporator (A. Kuehn, F. Ziegler,
 *   1st Int. Conf. Solar Air Conditioning, 2005; as in oemof-thermal's
 *   absorption_heatpumps_and_chillers)
 * - cold = s_E D + r_E, driving heat = s_G D + r_G, both linear; less cold is made by mixing
 *   the hot water down to the D that it needs
 * - states: solution warms up for start_s; below least_pu of the rated cold it stands still;
 *   first-order lag lag_s of the cold while the heat is drawn at once
 * - pumps draw pump_kw while it runs */
#ifndef KILNWATT_SIM_PLANT_ABSORBER_H
#define KILNWATT_SIM_PLANT_ABSORBER_H

#include "controller/base/err.h"
#include "sim/plant_state.h"

struct plant_absorber_params {
    double a, e;                              /* >= 0 */
    double cold_kw_per_k, cold_kw;            /* s_E > 0, r_E */
    double heat_kw_per_k, heat_kw;            /* s_G > 0, r_G */
    double rated_kw;                          /* > 0, of cold; most it is run at */
    double least_pu, start_s, lag_s, pump_kw; /* [0, 1), >= 0, >= 0, >= 0 */
};

struct plant_absorber_in {
    double cold_kw;                         /* wanted */
    double heat_kw;                         /* offered */
    double hot_degc, cool_degc, chill_degc; /* means of the three circuits */
    bool run, trip;
};

struct plant_absorber {
    struct plant_absorber_params par;
    struct plant_lag lag;
    double in_state_s;
    enum plant_state state;
    double kw; /* bus sign: its pumps */
    double cold_kw, heat_kw, reject_kw;
    double cop; /* cold over heat */
    double cold_kwh, heat_kwh;
    int starts;
};

/* Kuehn and Ziegler's 10 kW single-effect machine scaled to rated_kw: a 2.5, e 1.8, s_E 0.42,
 * r_E 0.9, s_G 0.51, r_G 2.0; least 20 %, start 20 min, lag 5 min, pumps 2 %. */
struct plant_absorber_params plant_absorber_defaults(double rated_kw);
must_check enum err plant_absorber_init(struct plant_absorber *c,
                                        const struct plant_absorber_params *par);
void plant_absorber_step(struct plant_absorber *c, const struct plant_absorber_in *in,
                         double h_s);
/* Characteristic difference in K. */
double plant_absorber_difference_k(const struct plant_absorber_params *par, double hot_degc,
                                   double cool_degc, double chill_degc);
/* Cold and driving heat in kW at a characteristic difference; may be below 0 for small ones. */
double plant_absorber_cold_kw(const struct plant_absorber_params *par, double difference_k);
double plant_absorber_heat_kw(const struct plant_absorber_params *par, double difference_k);

#endif
