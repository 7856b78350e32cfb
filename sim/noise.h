/* A noise with a memory: an AR(1) process of unit variance, exact for any step. What depends on
 * the step's length alone is worked out when that changes. Runs in the simulator; the caller
 * owns it and its random stream. */
#ifndef KILNWATT_SIM_NOISE_H
#define KILNWATT_SIM_NOISE_H

#include "sim/rng.h"
#include <math.h>

struct noise {
    double x;
    double h_s;          /* step for which the next two hold; 0 = none yet */
    double keep, spread; /* exp(-h/tau), sqrt(1 - keep^2) */
};

/* Makes keep and spread those of a time constant tau_s > 0, always the same, and a step h_s. */
static inline void noise_length(struct noise *n, double tau_s, double h_s)
{
    if (h_s != n->h_s) {
        n->h_s = h_s;
        n->keep = exp(-h_s / tau_s);
        n->spread = sqrt(1 - n->keep * n->keep);
    }
}

/* One step of h_s > 0, one normal number of the stream. */
static inline void noise_step(struct noise *n, struct rng *r, double tau_s, double h_s)
{
    noise_length(n, tau_s, h_s);
    n->x = n->x * n->keep + n->spread * rng_normal(r);
}

#endif
