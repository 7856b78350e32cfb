/* The model as a whole: two passes over the same parts, the first only counts. Pure. */
#include "optimizer/model.h"
#include <math.h>
#include <string.h>

double model_mw_yuan(const struct model *md, uint32_t t, double yuan_per_kwh)
{
    return yuan_per_kwh * problem_hours(md->p, t) / MODEL_KW;
}

double model_price(const struct model *md, double yuan_per_kwh)
{
    return yuan_per_kwh > 0 ? yuan_per_kwh : md->penalty;
}

static void model_parts(struct model *md)
{
    model_buses(md);
    model_grid(md);
    model_grid_wishes(md);
    model_storages(md);
    md->converters_begin = md->m.cols;
    model_converters(md);
    md->orders_begin = md->m.cols;
    model_orders(md);
    model_states(md);
    md->jobs_begin = md->m.cols;
    model_jobs(md);
    model_limits(md);
    model_trace(md);
    if (!md->exclusive_all) {
        model_cuts(md);
    }
}

enum err model_build(struct model *md, const struct problem *p, bool exclusive_all,
                     struct arena *a)
{
    memset(md, 0, sizeof *md);
    md->p = p;
    md->penalty = problem_penalty_yuan_per_kwh(p);
    md->exclusive_all = exclusive_all;
    enum err e = model_orders_prepare(md, a);
    if (e != ERR_OK) {
        return e;
    }
    matrix_init(&md->m);
    model_parts(md);
    e = matrix_fill(&md->m, a);
    if (e != ERR_OK) {
        return e;
    }
    model_parts(md);
    return matrix_finish(&md->m, a);
}
