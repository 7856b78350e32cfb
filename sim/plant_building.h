/* A heated and cooled building: five resistances, one capacity. Runs in `kilnwatt sim` and in
 * studies; state is the caller's.
 *
 * - model: ISO 13790:2008, annex C, equations C.1 to C.12: outside air reaches the mass
 *   through opaque parts (H_em), the inner surface through windows (H_w) and the room air
 *   through ventilation (H_ve); air and surface meet over H_is = 3.45 A_t, surface and mass
 *   over H_ms = 9.1 A_m, A_m = 2.5 A_f
 * - time: Crank-Nicolson for the mass, as the standard does for its hour; steps of a minute
 *   to an hour
 * - plant: heat or cold in the air node, as much as holds the air at the nearer setpoint
 *   (C.13: the air answers linearly to it), up to what the supply can give */
#ifndef KILNWATT_SIM_PLANT_BUILDING_H
#define KILNWATT_SIM_PLANT_BUILDING_H

#include "controller/base/err.h"
#include "sim/plant_state.h"

struct plant_building_params {
    double floor_m2, inside_m2, volume_m3; /* > 0; inside: all surfaces of the rooms */
    double opaque_w_per_k, window_w_per_k; /* >= 0, > 0: U times area */
    double vent_per_h, leak_per_h;         /* >= 0, together > 0: air changes */
    double recovery_pu;                    /* [0, 1) of the ventilation's heat */
    double mass_kj_per_m2k;                /* > 0, per floor; 165 medium */
    double heat_to_degc, cool_to_degc;     /* heat_to < cool_to */
};

struct plant_building_in {
    double outdoor_degc;
    double inner_kw, sun_kw;         /* gains, >= 0; sun through the windows */
    double heat_kw_max, cool_kw_max; /* what the supply can give, >= 0 */
};

struct plant_building {
    struct plant_building_params par;
    double em_kw_per_k, w_kw_per_k, ve_kw_per_k, is_kw_per_k, ms_kw_per_k; /* H, C.6 to C.8 */
    double h1_kw_per_k, h2_kw_per_k, h3_kw_per_k;
    double mass_kwh_per_k;
    double mass_degc;                         /* at the end of the step */
    double mean_degc, surface_degc, air_degc; /* of mass, surface and air over the step */
    double need_kw;   /* of heat (> 0) or cold (< 0) to be at the setpoint */
    double supply_kw; /* what it got, same sign */
    double heat_kwh, cool_kwh;
    double cold_s, hot_s; /* air more than 0.5 K outside the setpoints */
};

/* Medium weight, 20 and 26 degC, 0.5 and 0.1 air changes, no recovery, surfaces 4.5 floors, U
 * 0.5 and 2.0 W/m2K on a square building of 4 m storeys with a quarter of the walls of glass.
 */
struct plant_building_params plant_building_defaults(double floor_m2, int storeys);
/* ERR_RANGE if a parameter is outside its range. Mass at mass_degc. */
must_check enum err plant_building_init(struct plant_building *b,
                                        const struct plant_building_params *par,
                                        double mass_degc);
/* 0 < h_s <= 3600. */
void plant_building_step(struct plant_building *b, const struct plant_building_in *in,
                         double h_s);

#endif
