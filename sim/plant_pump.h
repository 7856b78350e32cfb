/* Centrifugal pumps that fill a tank. Runs in `kilnwatt sim` and in studies; state is the
 * caller's.
 *
 * - pump at speed s: head s^2 (H0 - (H0 - Hr)(q/s)^2) with q flow over rated flow, H0 the
 *   shut-off head, Hr the rated one; efficiency eta (2 q/s - (q/s)^2), best at the rated
 *   point (affinity laws)
 * - pipe: head Hs + (Hr - Hs) q^2 with the static head Hs; the flow is where both meet
 * - power: rho g Q H / eta, 1,000 kg/m3, 9.80665 m/s2, motor and drive in eta
 * - tank: level by volume; a float switch starts below level_on and stops above level_off
 *   (which the plan may forbid or force); what overflows or lacks is counted
 */
#ifndef KILNWATT_SIM_PLANT_PUMP_H
#define KILNWATT_SIM_PLANT_PUMP_H

#include "controller/base/err.h"
#include "sim/plant_state.h"

struct plant_pump_params {
    double flow_m3_per_h, head_m;     /* > 0, of the rated point, all pumps together */
    double shut_off_m;                /* > head_m */
    double static_m;                  /* [0, head_m) */
    double eta_pu;                    /* (0, 1), pump, motor and drive at the rated point */
    double speed_pu_min;              /* (0, 1]; 1 = no drive */
    double ramp_pu_per_s;             /* > 0, of speed */
    double tank_m3;                   /* > 0 */
    double level_on_pu, level_off_pu; /* 0 <= on < off <= 1 */
};

enum plant_pump_order { PLANT_PUMP_FLOAT, PLANT_PUMP_FORCE, PLANT_PUMP_HOLD };

struct plant_pump_in {
    enum plant_pump_order order; /* force fills up to full, hold waits down to empty */
    double speed_pu;             /* wanted while it runs */
    double demand_m3_per_h;      /* out of the tank, >= 0 */
    bool trip;
};

struct plant_pump {
    struct plant_pump_params par;
    bool wants; /* float switch */
    double speed_pu;
    enum plant_state state;
    double kw, draw_kw; /* bus sign; magnitude */
    double flow_m3_per_h, head_m;
    double level_pu;
    double draw_kwh, pumped_m3, served_m3, short_m3, over_m3;
};

/* Shut-off 125 % and static 50 % of the head, eta 0.68, speed from 50 %, 5 %/s, float 30/90 %.
 */
struct plant_pump_params plant_pump_defaults(double flow_m3_per_h, double head_m,
                                             double tank_m3);
must_check enum err plant_pump_init(struct plant_pump *p, const struct plant_pump_params *par,
                                    double level_pu);
void plant_pump_step(struct plant_pump *p, const struct plant_pump_in *in, double h_s);
/* Flow at a speed, 0 where the pump cannot lift to the tank. */
double plant_pump_flow_m3_per_h(const struct plant_pump_params *par, double speed_pu);
/* Electric power in kW of a flow (> 0) against a head at an efficiency. */
double plant_pump_kw(double flow_m3_per_h, double head_m, double eta_pu);

#endif
