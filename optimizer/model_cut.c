/* Model part: what job states mean for the connection point. Where free power is left over, a
 * job that is on takes it first and imports only the rest, so a fraction of "on" would import
 * nothing; these rows tell the relaxation. Pure.
 *
 * With s kW left over, jobs x_j drawing at least a_j and any other inflow y >= 0 of the bus,
 * y >= max(0, sum a_j x_j - s). The right side is supermodular in the set of running jobs,
 * hence y >= sum (a_j - s)+ x_j, and for a set C of jobs with excess e = sum_C a_j - s > 0 y >=
 * e - sum_C min(a_j, e) (1 - x_j) (cover and mixed-integer rounding inequalities: Wolsey,
 * Integer Programming, 1998, ch. 8). */
#include "optimizer/model.h"
#include <math.h>

enum { JOBS_MOST = 16 };

struct taker {
    int column;
    double mw;
};

/* A source that any plan uses before it imports. */
static bool before_import(const struct problem *p, const struct problem_source *s, uint32_t t)
{
    return s->fixed || series_get(p, s->yuan_per_kwh, t) - s->curtail_yuan_per_kwh <
                           series_get(p, p->grid.import_yuan_per_kwh, t);
}

/* Cheap power that the rigid draws of the grid's bus leave over, kW. */
static double left_over_kw(const struct problem *p, uint32_t t)
{
    double kw = 0;
    for (uint32_t i = 0; i < p->source_count; i++) {
        const struct problem_source *s = &p->source[i];
        if (s->bus == p->grid.bus && before_import(p, s, t)) {
            kw += series_get(p, s->available_kw, t);
        }
    }
    for (uint32_t i = 0; i < p->load_count; i++) {
        const struct problem_load *l = &p->load[i];
        kw -= l->bus == p->grid.bus ? series_get(p, l->draw_kw, t) : 0;
    }
    return kw;
}

/* Jobs with a state on the grid's bus in a step, largest first; returns how many. */
static int takers(const struct model *md, uint32_t t, struct taker *out)
{
    const struct problem *p = md->p;
    int n = 0;
    for (uint32_t i = 0; i < p->job_count && n < JOBS_MOST; i++) {
        const struct problem_job *j = &p->job[i];
        if (j->bus != p->grid.bus || md->run[i] < 0 || j->draw_kw_min <= 0 ||
            (int)t < j->from_step || (int)t >= j->to_step) {
            continue;
        }
        struct taker x = {md->run[i] + (int)t - j->from_step, j->draw_kw_min * MODEL_KW};
        int at = n++;
        for (; at > 0 && out[at - 1].mw < x.mw; at--) {
            out[at] = out[at - 1];
        }
        out[at] = x;
    }
    return n;
}

/* A row "inflows that are not counted as left over >= least + what the caller subtracts". */
static int inflow_row(struct model *md, uint32_t t, double least)
{
    const struct problem *p = md->p;
    int bus = p->grid.bus, r = matrix_row(&md->m, least, HUGE_VAL);
    matrix_put(&md->m, r, md->import + (int)t, 1);
    matrix_put(&md->m, r, md->unserved[bus] + (int)t, 1);
    for (uint32_t i = 0; i < p->source_count; i++) {
        if (p->source[i].bus == bus && !before_import(p, &p->source[i], t)) {
            matrix_put(&md->m, r, md->source[i] + (int)t, 1);
        }
    }
    for (uint32_t i = 0; i < p->load_count; i++) {
        if (p->load[i].bus == bus) {
            matrix_put(&md->m, r, md->shed[i] + (int)t, 1);
        }
    }
    for (uint32_t i = 0; i < p->storage_count; i++) {
        if (p->storage[i].bus_out == bus) {
            matrix_put(&md->m, r, md->discharge[i] + (int)t, 1);
        }
    }
    for (uint32_t i = 0; i < p->converter_count; i++) {
        model_put_outputs(md, i, bus, t, r);
    }
    for (uint32_t i = 0; i < p->order_count; i++) {
        if (p->recipe[p->order[i].recipe].give_bus == bus) {
            model_put_order_give(md, i, t, r, 1);
        }
    }
    return r;
}

static void cut_step(struct model *md, uint32_t t)
{
    struct taker x[JOBS_MOST];
    double s = left_over_kw(md->p, t) * MODEL_KW, sum = 0;
    int n = s > 0 ? takers(md, t, x) : 0;
    if (n > 0 && x[0].mw > s) {
        int r = inflow_row(md, t, 0);
        for (int k = 0; k < n; k++) {
            matrix_put(&md->m, r, x[k].column, -fmax(x[k].mw - s, 0));
        }
    }
    for (int k = 0; k < n; k++) {
        sum += x[k].mw;
        if (k == 0 || sum <= s) {
            continue;
        }
        double excess = sum - s, least = excess;
        for (int c = 0; c <= k; c++) {
            least -= fmin(x[c].mw, excess);
        }
        int r = inflow_row(md, t, least);
        for (int c = 0; c <= k; c++) {
            matrix_put(&md->m, r, x[c].column, -fmin(x[c].mw, excess));
        }
    }
}

void model_cuts(struct model *md)
{
    for (uint32_t t = 0; md->p->grid.present && t < md->p->steps; t++) {
        cut_step(md, t);
    }
}
