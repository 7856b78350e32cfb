/* Capacitor bank that mends the power factor, with its controller. Runs in `kilnwatt sim` and
 * in studies; state is the caller's.
 *
 * - steps: equal capacitors; reactive power of a step grows with the square of the voltage;
 *   dielectric and discharge losses loss_w_per_kvar
 * - controller: switches one step at a time towards the target cos phi at the grid connection;
 *   a step is switched in when more than in_pu of it is missing, out when more than out_pu of
 *   it is too much (no pumping), after delay_s of asking
 * - discharge: a step that was switched off may not come back for discharge_s (IEC 60831-1:
 *   below 75 V within 3 min; usual with fast discharge resistors 60 s)
 * Steps go round in a ring, so that all wear alike. */
#ifndef KILNWATT_SIM_PLANT_CAPBANK_H
#define KILNWATT_SIM_PLANT_CAPBANK_H

#include "controller/base/err.h"
#include "sim/plant_state.h"

enum { PLANT_CAPBANK_STEPS = 24 };

struct plant_capbank_params {
    int steps;                   /* 1..PLANT_CAPBANK_STEPS */
    double step_kvar;            /* > 0, at rated voltage */
    double target_pf;            /* (0, 1], lagging */
    double in_pu, out_pu;        /* (0, 1], in + out > 1 */
    double delay_s, discharge_s; /* >= 0 */
    double loss_w_per_kvar;      /* >= 0; 0.5 */
};

struct plant_capbank_in {
    double load_kw, load_kvar; /* drawn by everything else, inductive positive */
    double volt_pu;
    bool run, trip;
};

struct plant_capbank {
    struct plant_capbank_params par;
    double off_s[PLANT_CAPBANK_STEPS]; /* since it was switched off */
    int first_on, on;                  /* ring: steps first_on .. first_on + on - 1 are in */
    double asked_s;                    /* how long the controller has wanted the same move */
    int asked;                         /* 1 in, -1 out */
    enum plant_state state;
    double kw, kvar; /* bus sign: kw <= 0, kvar >= 0 given */
    double pf;       /* at the connection, after it */
    int moves;
};

/* Target 0.95, in 0.7, out 0.7, delay 10 s, discharge 60 s, 0.5 W/kvar. */
struct plant_capbank_params plant_capbank_defaults(int steps, double step_kvar);
must_check enum err plant_capbank_init(struct plant_capbank *c,
                                       const struct plant_capbank_params *par);
void plant_capbank_step(struct plant_capbank *c, const struct plant_capbank_in *in, double h_s);
/* Capacitors in kvar that bring 1 kW from one power factor to another (both lagging). */
double plant_capbank_kvar_per_kw(double from_pf, double to_pf);

#endif
