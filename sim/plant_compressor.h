/* Screw compressor with its receiver. Runs in `kilnwatt sim` and in studies; state is the
 * caller's.
 *
 * - work: isentropic, n k/(k - 1) p1 ((p2/p1)^((k - 1)/(n k)) - 1) per volume of free air,
 *   k = 1.4, n stages with intercooling (Machinery's Handbook, "Work required to compress
 *   air"), over the efficiency of the whole package
 * - control: load and unload between bar_on and bar_off; unloaded the sump blows down over
 *   blow_s towards unload_pu of the power (usually 15 to 35 %); it stops after idle_s
 *   unloaded, and starts at most starts_per_h
 * - receiver: dp/dt = p1 (air in - air out)/V at constant temperature; air is served while
 *   the receiver is above bar_least
 * The band is what the store is for: a raised bar_on fills it in time, `run` false rides on it.
 */
#ifndef KILNWATT_SIM_PLANT_COMPRESSOR_H
#define KILNWATT_SIM_PLANT_COMPRESSOR_H

#include "controller/base/err.h"
#include "sim/plant_state.h"

struct plant_compressor_params {
    double air_m3_per_h;                 /* > 0, free air at full load */
    double rated_bar;                    /* > 0, gauge, at which eta holds */
    int stages;                          /* 1..3 */
    double eta_pu;                       /* (0.3, 1): isentropic work over electric */
    double unload_pu;                    /* [0, 1) of full power */
    double blow_s, idle_s, starts_per_h; /* >= 0, >= 0, > 0 */
    double receiver_m3;                  /* > 0 */
    double bar_on, bar_off, bar_least;   /* gauge; least < on < off */
};

struct plant_compressor_in {
    double demand_m3_per_h; /* free air, >= 0 */
    double lift_bar;        /* >= 0: both ends of the band raised, to store */
    bool run, trip;
};

struct plant_compressor {
    struct plant_compressor_params par;
    bool loaded;
    double unloaded_s, since_start_s;
    enum plant_state state;
    double kw, draw_kw; /* bus sign; magnitude */
    double bar;         /* gauge */
    double served_m3_per_h, short_m3_per_h;
    double draw_kwh, air_m3, short_m3;
    int starts;
};

/* Eta 0.72 in one stage to 7 bar, unloaded 30 %, blow-down 40 s, idle 10 min, 6 starts, 1 m3 of
 * receiver for each 100 m3/h, band 6.8 to 7.5, least 5.5 bar. */
struct plant_compressor_params plant_compressor_defaults(double air_m3_per_h);
must_check enum err plant_compressor_init(struct plant_compressor *c,
                                          const struct plant_compressor_params *par);
void plant_compressor_step(struct plant_compressor *c, const struct plant_compressor_in *in,
                           double h_s);
/* Isentropic work in kWh per m3 of free air, from 1.01325 bar to a gauge pressure > 0. */
double plant_compressor_kwh_per_m3(double bar, int stages);

#endif
