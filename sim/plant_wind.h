/* Wind turbine. Runs in `kilnwatt sim` and in studies; state is the caller's.
 *
 * - curve: Enercon E48/800 scaled to rated_kw, linear between whole m/s (oedb, in
 *   windpowerlib)
 * - density: the wind is looked up at v (rho/1.225)^p, p = 1/3 below 7.5 m/s, 2/3 above 12.5
 *   m/s, linear between (windpowerlib's power_output.py)
 * - rotor: first-order lag; cut-out at 25 m/s, back below 22 m/s; limit on a ramp */
#ifndef KILNWATT_SIM_PLANT_WIND_H
#define KILNWATT_SIM_PLANT_WIND_H

#include "controller/base/err.h"
#include "sim/plant_state.h"

struct plant_wind_params {
    double rated_kw;        /* > 0 */
    double hub_factor;      /* > 0; wind at the hub over wind given */
    double lag_s;           /* >= 0; 6 */
    double ramp_pu_per_s;   /* > 0, of the limit */
    double cut_out_m_per_s; /* 25 */
    double back_m_per_s;    /* < cut_out; 22 */
};

struct plant_wind_in {
    double wind_m_per_s;      /* >= 0 */
    double density_kg_per_m3; /* 0 = 1.225 */
    double limit_pu;          /* counts while limit_on */
    bool limit_on, run, trip;
};

struct plant_wind {
    struct plant_wind_params par;
    struct plant_lag lag;
    double limit_pu;
    double rotor_kw; /* after the rotor's lag, before the limit */
    bool stormed;
    enum plant_state state;
    double kw, available_kw;
    double hub_m_per_s;
    double yield_kwh;
};

/* hub factor 1, lag 6 s, ramp 10 %/s, cut-out 25, back at 22 m/s. */
struct plant_wind_params plant_wind_defaults(double rated_kw);
must_check enum err plant_wind_init(struct plant_wind *w, const struct plant_wind_params *par);
void plant_wind_step(struct plant_wind *w, const struct plant_wind_in *in, double h_s);
/* Share of the rated power at a wind of the hub, [0, 1], without cut-out. */
double plant_wind_curve_pu(double wind_m_per_s);
/* The wind of standard density that gives the same power; density 0 = 1.225. */
double plant_wind_curve_m_per_s(double wind_m_per_s, double density_kg_per_m3);

#endif
