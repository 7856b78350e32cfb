/* Following an older plan: its firings, jobs, units and storages laid over today's steps. Pure.
 */
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

/* The old plan's draw of a job in today's step, clamped; 0 outside its window or the old plan.
 */
static double old_draw(const struct rule *r, uint32_t job, int i, uint32_t t)
{
    const struct problem_job *j = &r->f.p->job[job];
    bool open = (int)t >= j->from_step && (int)t < j->to_step && r->old_step[t] >= 0;
    double kw = open ? plan_read(r->old, r->old->job_draw_kw[i])[r->old_step[t]] : 0;
    double most = series_get(r->f.p, j->draw_kw_max, t);
    return kw > 1e-9 && most >= j->draw_kw_min ? fmax(fmin(kw, most), j->draw_kw_min) : 0;
}

/* true if on/off by kw[] > 0 keeps the job's forced states, minimum runs, pauses and energy. */
static bool pattern_holds(const struct problem *p, uint32_t job, const double *kw)
{
    const struct problem_job *j = &p->job[job];
    bool state = j->on_now && j->from_step == 0, fresh = false;
    int starts = state ? 1 : 0;
    double ran_s = 0, kwh = 0;
    for (int s = j->from_step; s < j->to_step; s++) {
        uint32_t t = (uint32_t)s;
        bool now = kw[t] > 0;
        int forced = problem_job_forced(p, job, t);
        if ((forced >= 0 && now != (forced == 1)) ||
            (state && !now && fresh && ran_s + 1e-6 < j->min_run_s)) {
            return false;
        }
        fresh = fresh || (now && !state);
        starts += now && !state;
        ran_s = now && !state ? p->step_s[t] : ran_s + p->step_s[t];
        kwh += kw[t] * problem_hours(p, t);
        state = now;
    }
    bool enough =
        kwh + 1e-6 >= j->energy_kwh && kwh <= j->energy_kwh + problem_job_over_kwh(p, job);
    return enough && (j->pauses_max < 0 || starts <= j->pauses_max + 1);
}

/* A job with running state keeps its old pattern only as a whole; one without is followed step
 * by step and the rest of its energy drawn as early as its window allows. */
bool shift_job(struct rule *r, uint32_t job)
{
    const struct problem *p = r->f.p;
    const struct problem_job *j = &p->job[job];
    int i = plan_find_job(r->old, j->name);
    double kw[PROBLEM_STEPS_MAX] = {0}, left = j->energy_kwh;
    bool state = problem_job_has_state(p, job);
    if (i < 0) {
        return false;
    }
    for (int s = j->from_step; s < j->to_step; s++) {
        uint32_t t = (uint32_t)s;
        kw[t] = old_draw(r, job, i, t);
        kw[t] = state ? kw[t] : fmin(kw[t], left / problem_hours(p, t));
        left = fmax(left - kw[t] * problem_hours(p, t), 0);
    }
    if (state && !pattern_holds(p, job, kw)) {
        return false;
    }
    for (int s = j->from_step; s < j->to_step; s++) {
        uint32_t t = (uint32_t)s;
        double h = problem_hours(p, t);
        double more = state ? 0 : fmin(series_get(p, j->draw_kw_max, t) - kw[t], left / h);
        left -= fmax(more, 0) * h;
        if (kw[t] + fmax(more, 0) > 1e-9) {
            forward_job(&r->f, job, t, kw[t] + fmax(more, 0));
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

double shift_balanced(const struct rule *r, uint32_t storage, uint32_t step, double kw)
{
    const struct problem *p = r->f.p;
    const struct problem_storage *s = &p->storage[storage];
    double most = forward_import_kw_max(&r->f, s->bus_in, step);
    if (s->bus_in != s->bus_out || !isfinite(most)) {
        return kw;
    }
    double need = rule_need_kw(r, s->bus_in, step);
    for (uint32_t i = storage + 1; i < p->storage_count; i++) {
        double other = 0; /* whose turn is yet to come; one between two buses has had it */
        bool same = p->storage[i].bus_in == s->bus_in && p->storage[i].bus_out == s->bus_in;
        need += same && shift_storage(r, i, step, &other) ? other : 0;
    }
    double export = series_get(p, p->grid.export_kw_max, step);
    double least = export > 0 ? -export : series_get(p, p->grid.import_kw_min, step);
    return fmin(fmax(kw, least - need), fmax(most, least) - need);
}
