/* Rigid load: a scheduled or recorded power with noise. Runs in `kilnwatt sim` and in
 * studies; state is the caller's.
 *
 * - draw: trace (1 + x), never negative
 * - noise: x is AR(1) with standard deviation noise_pu and time constant noise_s, exact for
 *   any step: x' = a x + sqrt(1 - a^2) noise_pu n, a = exp(-h/noise_s) */
#ifndef KILNWATT_SIM_PLANT_LOAD_H
#define KILNWATT_SIM_PLANT_LOAD_H

#include "controller/base/err.h"
#include "sim/plant_state.h"
#include "sim/rng.h"

struct plant_load_params {
    double noise_pu, noise_s; /* >= 0; > 0 */
    double pf;                /* (0, 1], inductive */
};

struct plant_load_in {
    double trace_kw; /* magnitude */
    double extra_kw; /* magnitude, without noise: an injected step */
    bool trip;
};

struct plant_load {
    struct plant_load_params par;
    struct rng rng;
    double h_s, keep, fresh; /* of the last step length */
    double x;
    double kw, kvar; /* bus sign */
    double draw_kwh;
};

/* The stream is this load's own. */
must_check enum err plant_load_init(struct plant_load *l, const struct plant_load_params *par,
                                    const struct rng *rng);
void plant_load_step(struct plant_load *l, const struct plant_load_in *in, double h_s);

#endif
