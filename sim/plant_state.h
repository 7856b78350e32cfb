/* What the simulated devices share: their run states and three small pieces of arithmetic
 * (clamp, slew, first-order lag). Runs in `kilnwatt sim` and in studies; owns nothing.
 *
 * All plant models: SI-like units in the names, fixed step h_s > 0 given to each step, no
 * clock, no I/O, no allocation. `kw` is in bus sign (positive into the park bus) and is the
 * power held over the step, so that counters and the bus balance close exactly. */
#ifndef KILNWATT_SIM_PLANT_STATE_H
#define KILNWATT_SIM_PLANT_STATE_H

#include <math.h>

/* The same numbers as the dictionary's run states. */
enum plant_state {
    PLANT_OFF,
    PLANT_STARTING,
    PLANT_ON,
    PLANT_LIMITED,
    PLANT_STOPPING,
    PLANT_FAULT
};

/* x inside [lo, hi]; lo <= hi. */
static inline double plant_clamp(double x, double lo, double hi)
{
    return x < lo ? lo : (x > hi ? hi : x);
}

/* x moved towards target by at most step_max >= 0. */
static inline double plant_slew(double x, double target, double step_max)
{
    return x + plant_clamp(target - x, -step_max, step_max);
}

/* First-order lag with the exponential of the last step kept, because steps seldom change
 * length. */
struct plant_lag {
    double tau_s; /* >= 0; 0 = none */
    double h_s;   /* for which `keep` holds */
    double keep;  /* exp(-h/tau) */
};

static inline struct plant_lag plant_lag_make(double tau_s)
{
    return (struct plant_lag){.tau_s = tau_s, .h_s = 0, .keep = 1};
}

/* Exact answer after h_s of the state x to an input u that is constant over the step. */
static inline double plant_lag_step(struct plant_lag *lag, double x, double u, double h_s)
{
    if (h_s != lag->h_s) {
        lag->h_s = h_s;
        lag->keep = lag->tau_s > 0 ? exp(-h_s / lag->tau_s) : 0;
    }
    return u + (x - u) * lag->keep;
}

#endif
