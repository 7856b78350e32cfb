/* The park's bus when it is cut off from the grid: frequency and voltage of a few sources with
 * droop. Runs in `kilnwatt sim` and in studies; state is the caller's.
 *
 * - swing: sum(2 H S) df/dt = (sum P - P_load (1 + D (f - 1)) ) with f per unit, H in s, S in
 *   kVA, D the load's damping
 * - governor: a source's power follows set_kw - (f - 1)/droop S with a first-order lag, inside
 *   [kw_min, kw_max]; a battery that forms the grid is a source with a short lag and the H
 *   that its control imitates
 * - voltage: V = 1 - droop_q sum Q / sum S, at once
 * - relays: load-shedding steps below their frequencies after their delays, in order; the
 *   bus is lost below hz_low or above hz_high after trip_s, or without a source that forms it
 * - defaults: droop 3 % for P and Q, H 0.35 s on the machine's own base (EPHCC, MGCP
 *   information packet, tables 14 and 15)
 *
 * Heun's method at 1 ms. Outside an island f = V = 1. */
#ifndef KILNWATT_SIM_PLANT_ISLAND_H
#define KILNWATT_SIM_PLANT_ISLAND_H

#include "controller/base/err.h"
#include "sim/plant_state.h"

enum { PLANT_ISLAND_SOURCES = 8, PLANT_ISLAND_SHEDS = 6 };

struct plant_island_source {
    double kva;            /* > 0 */
    double inertia_s;      /* H, >= 0 */
    double droop_pu;       /* (0, 1]: frequency per power on kva */
    double droop_q_pu;     /* [0, 1] */
    double lag_s;          /* >= 0.002 */
    double kw_min, kw_max; /* min <= max; below 0 it can take power */
};

struct plant_island_shed {
    double below_hz, after_s; /* relay's setting */
    double load_pu;           /* of the load, > 0 */
};

struct plant_island_params {
    double hz;          /* nominal, 50 */
    int sources, sheds; /* 0.. ; sheds by falling frequency */
    struct plant_island_source source[PLANT_ISLAND_SOURCES];
    struct plant_island_shed shed[PLANT_ISLAND_SHEDS];
    double damping_pu; /* >= 0: share of load per share of frequency; 1..2 */
    double hz_low, hz_high, trip_s;
};

struct plant_island_in {
    double load_kw, load_kvar; /* at nominal frequency, before shedding; net of what follows */
    double set_kw[PLANT_ISLAND_SOURCES];
    bool on[PLANT_ISLAND_SOURCES];
};

struct plant_island {
    struct plant_island_params par;
    double source_kw[PLANT_ISLAND_SOURCES];
    double f_pu;
    double under_s[PLANT_ISLAND_SHEDS], outside_s;
    int shed; /* steps that have opened */
    bool alive;
    double hz, volt_pu, rocof_hz_per_s;
    double served_kw, kvar; /* by the sources together */
    double hz_min, hz_max;  /* since the island began */
    double unserved_kwh;
};

/* Droop 3 %, H 0.35 s, lag 0.2 s, no power below 0. */
struct plant_island_source plant_island_source_defaults(double kva);
/* 50 Hz, damping 1, no shedding, lost outside 47.5..51.5 Hz after 0.5 s. */
struct plant_island_params plant_island_defaults(void);
must_check enum err plant_island_init(struct plant_island *i,
                                      const struct plant_island_params *par);
/* The island begins with these powers at nominal frequency. */
void plant_island_begin(struct plant_island *i, const struct plant_island_in *in);
/* h_s > 0; 0.01 is the usual one. */
void plant_island_step(struct plant_island *i, const struct plant_island_in *in, double h_s);

#endif
