/* Following an older plan: its firings, jobs, units and storages laid over today's steps. Pure. */
#include "optimizer/rule.h"
#include <math.h>

bool shift_order(struct rule *r, uint32_t order)
{
    const struct problem *p = r->f.p;
    int i = plan_find_order(r->old, p->order[order].name);
    if (i < 0 || r->old->order_start[i] == PLAN_NONE) {
        return false;
    }
    double begin_s = 0;
    for (int t = 0; t < r->old->order_start[i]; t++) {
        begin_s += r->old->step_s[t];
    }
    double at_s = begin_s - (double)(p->start_ms - r->old->start_ms) / 1000.0;
    for (uint32_t t = 0; t < p->steps; t++) {
        double from = problem_begin_s(p, t);
        if (at_s > from - 1e-6 && at_s < from + p->step_s[t] - 1e-6) {
            if (forward_order_fits(&r->f, order, t)) {
                forward_order(&r->f, order, (int)t);
                return true;
            }
            return false;
        }
    }
    return false;
}

/* Only a job without running state is followed step by step; the others are placed as one run. The
 * rest of its energy is drawn as early as its window allows. */
bool shift_job(struct rule *r, uint32_t job)
{
    const struct problem *p = r->f.p;
    const struct problem_job *j = &p->job[job];
    int i = plan_find_job(r->old, j->name);
    double left = j->energy_kwh;
    if (i < 0 || problem_job_has_state(p, job)) {
        return false;
    }
    const double *draw = plan_read(r->old, r->old->job_draw_kw[i]);
    for (int pass = 0; pass < 2; pass++) {
        for (int s = j->from_step; s < j->to_step && left > 1e-9; s++) {
            uint32_t t = (uint32_t)s;
            double now = plan_read(r->f.pl, r->f.pl->job_draw_kw[job])[t], h = problem_hours(p, t);
            double most = series_get(p, j->draw_kw_max, t);
            double wish = pass ? most : r->old_step[t] >= 0 ? draw[r->old_step[t]] : 0;
            double kw = fmin(fmin(wish, most) - now, left / h);
            if (kw > 1e-9) {
                forward_job(&r->f, job, t, now + kw);
                left -= kw * h;
            }
        }
    }
    return true;
}

bool shift_converter(const struct rule *r, uint32_t converter, uint32_t step, double *kw)
{
    int i = r->old && r->old_step[step] >= 0
                ? plan_find_converter(r->old, r->f.p->converter[converter].name)
                : -1;
    if (i >= 0) {
        *kw = plan_read(r->old, r->old->converter_in_kw[i])[r->old_step[step]];
    }
    return i >= 0;
}

bool shift_storage(const struct rule *r, uint32_t storage, uint32_t step, double *kw)
{
    int i = r->old && r->old_step[step] >= 0
                ? plan_find_storage(r->old, r->f.p->storage[storage].name)
                : -1;
    if (i >= 0) {
        *kw = plan_read(r->old, r->old->storage_charge_kw[i])[r->old_step[step]] -
              plan_read(r->old, r->old->storage_discharge_kw[i])[r->old_step[step]];
    }
    return i >= 0;
}
