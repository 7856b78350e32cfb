/* Electric chiller. Runs in `kilnwatt sim` and in studies; state is the caller's.
 *
 * - model: three curves of DOE-2 and EnergyPlus (Engineering Reference, "Electric Chiller
 *   Model Based on Condenser Entering Temperature"): capacity and EIR over leaving chilled
 *   water x and entering condenser water or air y, c1 + c2 x + c3 x^2 + c4 y + c5 y^2 + c6 x y,
 *   and EIR over part load p, c1 + c2 p + c3 p^2 + c4 p^3; temperatures are held inside the
 *   curves' range
 * - power: capacity(x, y) EIR(x, y) EIR(p) / COP of reference; below unload_pu the compressor
 *   cycles or bypasses at the power of unload_pu times the load over unload_pu, worsened by
 *   1.13 - 0.13 load factor (AHRI 550/590's degradation coefficient)
 * - device: least run and off times, ramp, restart delay
 * - usual curves: DOE-2's centrifugal chiller of COP 5.5 in EnergyPlus's data sets */
#ifndef KILNWATT_SIM_PLANT_CHILLER_H
#define KILNWATT_SIM_PLANT_CHILLER_H

#include "controller/base/err.h"
#include "sim/plant_state.h"

struct plant_chiller_curve {
    double c[6];
    double water_degc_min, water_degc_max;         /* leaving chilled water */
    double condenser_degc_min, condenser_degc_max; /* entering */
};

struct plant_chiller_params {
    double rated_kw; /* > 0, of cold at the curves' reference */
    double cop;      /* > 1, there */
    struct plant_chiller_curve capacity, eir;
    double part[4];                       /* EIR over part load */
    double unload_pu, part_pu_max;        /* (0, 1), >= 1 */
    double run_s_min, off_s_min, start_s; /* >= 0 */
    double ramp_pu_per_s;                 /* > 0, of the cold */
    double standby_kw;                    /* >= 0 */
};

struct plant_chiller_in {
    double cold_kw;        /* wanted, >= 0 */
    double limit_kw;       /* greatest electric draw */
    double water_degc;     /* leaving chilled water */
    double condenser_degc; /* entering condenser */
    bool run, trip;
};

struct plant_chiller {
    struct plant_chiller_params par;
    double in_state_s;
    enum plant_state state;
    double kw, draw_kw, cold_kw, reject_kw;
    double cop;
    double draw_kwh, cold_kwh;
    int starts;
};

/* The usual curves; run 10 min, off 5 min, start 2 min, ramp 1 %/s. */
struct plant_chiller_params plant_chiller_defaults(double rated_kw);
must_check enum err plant_chiller_init(struct plant_chiller *c,
                                       const struct plant_chiller_params *par);
void plant_chiller_step(struct plant_chiller *c, const struct plant_chiller_in *in, double h_s);
/* Most cold at these temperatures, kW. */
double plant_chiller_kw_max(const struct plant_chiller_params *par, double water_degc,
                            double condenser_degc);
/* Steady electric power in kW for cold in (0, most]. */
double plant_chiller_power_kw(const struct plant_chiller_params *par, double cold_kw,
                              double water_degc, double condenser_degc);

#endif
