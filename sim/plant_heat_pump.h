/* Heat pump. Runs in `kilnwatt sim` and in studies; state is the caller's.
 *
 * - COP: certificate rows (COP by sink temperature for each source temperature), bilinear
 *   and exact at the points; or a curve of COP over lift. Outside the table the nearest
 *   point's quality COP/COP_Carnot holds, COP_Carnot = T_sink/(T_sink - T_source); one
 *   quality for the whole range misses certified points by 5 to 15 %, so it is for machines
 *   without a certificate (oemof-thermal's compression_heat_pumps_and_chillers: air 0.40,
 *   ground 0.55, high temperature 0.4 to 0.6)
 * - ice: below icing_degc the COP of an air source is icing_pu of it (same source); or cycle by
 *   cycle: after defrost_every_s of work in frost the compressor takes defrost_pu of its power
 *   for defrost_s and no heat comes
 * - part load: COP times PLR/(cc PLR + 1 - cc) (EN 14825); cc = 1 for a variable-speed
 *   machine
 * - device: least part load, least run and off times, start time, ramp, high-temperature
 *   cut-out */
#ifndef KILNWATT_SIM_PLANT_HEAT_PUMP_H
#define KILNWATT_SIM_PLANT_HEAT_PUMP_H

#include "controller/base/err.h"
#include "sim/plant_state.h"

enum { PLANT_HP_ROWS = 8, PLANT_HP_SINKS = 4, PLANT_HP_LIFTS = 6 };

struct plant_hp_row {
    double source_degc;               /* rising from row to row */
    int sinks;                        /* 1..PLANT_HP_SINKS */
    double sink_degc[PLANT_HP_SINKS]; /* rising */
    double cop[PLANT_HP_SINKS];       /* > 1 */
};

/* Exactly one of rows > 0, lifts > 0, quality_pu > 0. */
struct plant_hp_map {
    int rows;
    struct plant_hp_row row[PLANT_HP_ROWS];
    int lifts;
    double lift_k[PLANT_HP_LIFTS]; /* rising, > 0 */
    double lift_cop[PLANT_HP_LIFTS];
    double quality_pu;           /* [0, 1): of Carnot's COP */
    double icing_degc, icing_pu; /* icing_pu 0 = no ice, otherwise (0, 1] */
};

struct plant_hp_params {
    double rated_kw;                      /* > 0, electrical */
    double min_pu;                        /* [0, 1) of rated_kw; 0.3 */
    double cc;                            /* (0, 1] */
    double run_s_min, off_s_min, start_s; /* >= 0 */
    double ramp_pu_per_s;                 /* > 0 */
    double standby_kw;                    /* >= 0 */
    double heat_lag_s;                    /* >= 0, from compressor to water */
    double sink_degc_max;                 /* cut-out; back 3 K below */
    double defrost_every_s, defrost_s;    /* every 0 = never */
    double defrost_pu;                    /* [0, 1] of rated_kw */
    struct plant_hp_map map;
};

struct plant_hp_in {
    bool run, trip;
    double limit_kw;    /* greatest draw, magnitude */
    double source_degc; /* air, ground or waste water */
    double sink_degc;   /* supply water wanted */
    double return_degc; /* water that comes back: its own thermostat looks at this */
    bool frost;         /* air humid and between -7 and 5 degC */
    bool iced;          /* a defrost that does not end while it works */
};

struct plant_hp {
    struct plant_hp_params par;
    struct plant_lag lag;
    double in_state_s;   /* since the last start or stop */
    double power_kw;     /* compressor, magnitude */
    double flow_heat_kw; /* COP times power, before the lag */
    bool hot;            /* cut-out has opened */
    double frost_s, defrost_left_s;
    int starts;
    enum plant_state state;
    double kw, draw_kw, heat_kw;
    double cop;
    double supply_degc;
    double draw_kwh, heat_kwh;
};

/* The reference park's HP: COP 4.0 at 30 K, 3.2 at 43 K, 2.2 at 65 K; min 30 %, run 20 min, off
 * 5 min, start 60 s, ramp 2 %/s, cut-out 92 degC. */
struct plant_hp_params plant_hp_defaults(double rated_kw);
/* An industrial machine for water or steam up to sink_degc_max: quality 0.45 (C. Arpagaus et
 * al., Energy 152, 2018: COP 5.7 to 6.5 at 30 K, 2.2 to 2.8 at 70 K, sink 120 degC), least 25
 * %, run 30 min, off 10 min, start 5 min, ramp 0.5 %/s. */
struct plant_hp_params plant_hp_hot(double rated_kw, double sink_degc_max);
/* ERR_RANGE for a parameter or a table out of order. */
must_check enum err plant_hp_init(struct plant_hp *hp, const struct plant_hp_params *par);
void plant_hp_step(struct plant_hp *hp, const struct plant_hp_in *in, double h_s);
/* Full-load COP; at least 1. */
double plant_hp_cop(const struct plant_hp_map *map, double source_degc, double sink_degc);

#endif
