/* Continuous electric roller kiln. Runs in `kilnwatt sim` and in studies; state is the
 * caller's.
 *
 * - heat: C dT/dt = P - G (T - T_a) - w m (T - T_a), exact over the step; G from the
 *   keep-warm power, w from the steady power at the rated throughput m, both at set_degc; C
 *   such that a lack of trim_pu of the steady power uses up band_k in ride_s (reference
 *   park: -8 %, 5 K, 20 min, the kiln's only flexibility)
 * - control: PI on the peak zone with that balance as feed-forward. A limit below 1 caps the
 *   power at limit_pu times the balance of the moment, but a kiln that has left its band
 *   ignores the limit until it is back within half of it (its own protection) */
#ifndef KILNWATT_SIM_PLANT_ROLLER_H
#define KILNWATT_SIM_PLANT_ROLLER_H

#include "controller/base/err.h"
#include "sim/plant_state.h"

struct plant_roller_params {
    double rated_kw, steady_kw, keep_kw; /* rated >= steady > keep > 0 */
    double set_degc;                     /* > 100 */
    double rate_kg_per_h;                /* > 0, at steady_kw */
    double trim_pu, ride_s, band_k;      /* (0, 0.5], > 0, > 0 */
    double ambient_degc;                 /* at which the powers are stated */
};

struct plant_roller_in {
    double limit_pu;      /* [0, 1]; 1 = no trim */
    double rate_kg_per_h; /* ware on the rollers */
    double ambient_degc;
    bool trip; /* heating lost */
};

struct plant_roller {
    struct plant_roller_params par;
    double c_kwh_per_k, g_kw_per_k, ware_kwh_per_kg_k;
    double integral_kw;
    bool refuses; /* the trim, until back in the band */
    enum plant_state state;
    double kw, draw_kw, need_kw; /* need: the balance at set_degc */
    double degc;
    double low_degc_min, out_of_band_s; /* quality */
    double loss_kwh, ware_kwh, draw_kwh;
};

/* 1,240 degC, 8 %, 20 min, 5 K, 25 degC. */
struct plant_roller_params plant_roller_defaults(double rated_kw, double steady_kw,
                                                 double keep_kw, double rate_kg_per_h);
/* Starts hot, at set_degc. */
must_check enum err plant_roller_init(struct plant_roller *r,
                                      const struct plant_roller_params *par);
void plant_roller_step(struct plant_roller *r, const struct plant_roller_in *in, double h_s);

#endif
