/* Electric storage boiler: a brick core charged by contactor steps, discharged by a fan.
 * Runs in `kilnwatt sim` and in studies; state is the caller's.
 *
 * - energy: dE/dt = eta P - Q - loss E, solved exactly over the step; core temperature
 *   linear in E
 * - steps: n contactors, each keeps its state at least step_s_min, switched one per
 *   stagger_s in ring order so that all wear alike; never more power than asked
 * - fan: heat at most rated_heat_kw times (T_core - T_water)/fan_k, at most 1
 * - cut-outs: no charging from soc 1 until 0.98, no heat at soc 0
 *
 * MgO core 100 to 750 degC, loss 0.5 %/h, eta 0.98 (reference park). */
#ifndef KILNWATT_SIM_PLANT_STORAGE_BOILER_H
#define KILNWATT_SIM_PLANT_STORAGE_BOILER_H

#include "controller/base/err.h"
#include "sim/plant_state.h"

enum { PLANT_SB_STEPS = 32 };

struct plant_sb_params {
    double rated_kw, rated_heat_kw, energy_kwh; /* > 0 */
    int steps;                                  /* 1..PLANT_SB_STEPS */
    double step_s_min, stagger_s;               /* >= 0 */
    double eta_pu;                              /* (0, 1] */
    double loss_pu_per_h;                       /* >= 0 */
    double core_degc_max, core_degc_min;        /* max > min */
    double fan_k;                               /* > 0; lift of full fan power */
    double heat_ramp_pu_per_s;                  /* > 0 */
};

struct plant_sb_in {
    double set_draw_kw; /* magnitude */
    double set_heat_kw;
    double water_degc; /* that the fan's heat exchanger sees */
    bool trip;
};

struct plant_sb {
    struct plant_sb_params par;
    double held_s[PLANT_SB_STEPS]; /* since the contactor last moved */
    int first_on, on;    /* ring: contactors first_on .. first_on + on - 1 are closed */
    double since_move_s; /* of any contactor */
    double decay_h_s, decay;
    double stored_kwh;
    bool full;
    enum plant_state state;
    double kw, draw_kw, heat_kw;
    double soc_pu, core_degc;
    double draw_kwh, heat_kwh, loss_kwh; /* loss: lining and (1 - eta) */
    int moves;                           /* contactor operations */
};

/* 10 steps, 60 s, 2 s, eta 0.98, 0.5 %/h, 100..750 degC, fan 100 K, 5 %/s. */
struct plant_sb_params plant_sb_defaults(double rated_kw, double rated_heat_kw,
                                         double energy_kwh);
must_check enum err plant_sb_init(struct plant_sb *b, const struct plant_sb_params *par,
                                  double soc_pu);
void plant_sb_step(struct plant_sb *b, const struct plant_sb_in *in, double h_s);

#endif
