/* Ball mill: an interruptible batch. Runs in `kilnwatt sim` and in studies; state is the
 * caller's. A batch counts its grinding hours; when they are done the mill stops by itself, and
 * the next rising edge of `run` begins a new batch. A stop before the least run time waits. The
 * soft starter lets inrush_pu of the rated power through for soft_s. */
#ifndef KILNWATT_SIM_PLANT_MILL_H
#define KILNWATT_SIM_PLANT_MILL_H

#include "controller/base/err.h"
#include "sim/plant_state.h"

struct plant_mill_params {
    double rated_kw;  /* > 0 */
    double batch_h;   /* > 0 */
    double run_s_min; /* >= 0 */
    double soft_s;    /* >= 0 */
    double inrush_pu; /* >= 1 */
    double pf;        /* (0, 1] */
};

struct plant_mill_in {
    bool run, trip;
};

struct plant_mill {
    struct plant_mill_params par;
    double run_s; /* since the last start */
    bool asked;   /* run of the last step */
    bool begun;   /* a batch is loaded and not done */
    enum plant_state state;
    double kw, kvar, draw_kw;
    double batch_h; /* ground of this batch */
    int pauses;     /* of this batch */
    int batches;    /* done */
    double draw_kwh;
};

/* Least run 60 min, soft start 5 s at 1.5, power factor 0.86. */
struct plant_mill_params plant_mill_defaults(double rated_kw, double batch_h);
must_check enum err plant_mill_init(struct plant_mill *m, const struct plant_mill_params *par);
void plant_mill_step(struct plant_mill *m, const struct plant_mill_in *in, double h_s);

#endif
