/* Rule planner: where firings and jobs go. Pure. */
#include "optimizer/rule.h"
#include "optimizer/tally.h"
#include <math.h>

/* kW by which a bus would pass its free import with `extra` more draw. */
static double overload(const struct rule *r, int bus, uint32_t t, double extra)
{
    double free_kw = forward_import_kw_max(&r->f, bus, t);
    if (!isfinite(free_kw)) {
        return 0;
    }
    double own = forward_cheap_kw(&r->f, bus, t, forward_price(&r->f, bus, t));
    return fmax(r->f.net[bus][t] + extra - own - free_kw, 0);
}

/* Overload over all steps when an order starts at `s`, kWh. */
static double order_overload(const struct rule *r, uint32_t i, int s)
{
    const struct problem *p = r->f.p;
    int bus = p->recipe[p->order[i].recipe].draw_bus;
    double sum = 0;
    for (uint32_t t = (uint32_t)s; t < p->steps; t++) {
        double kw = problem_order_draw_kw(p, i, s, t);
        sum += kw > 0 ? overload(r, bus, t, kw) * problem_hours(p, t) : 0;
    }
    return sum;
}

/* First start on time without overload; else the one with the least lateness, then overload. */
static void place_order(struct rule *r, uint32_t i)
{
    const struct problem *p = r->f.p;
    int best = -1;
    double best_late = HUGE_VAL, best_over = HUGE_VAL;
    for (uint32_t t = 0; t < p->steps; t++) {
        if (!forward_order_fits(&r->f, i, t)) {
            continue;
        }
        double late = problem_order_late_h(p, i, (int)t), over = order_overload(r, i, (int)t);
        if (late < best_late - 1e-9 || (late <= best_late && over < best_over - 1e-6)) {
            best = (int)t;
            best_late = late;
            best_over = over;
        }
        if (late <= 0 && over <= 1e-6) {
            break;
        }
    }
    if (best >= 0) {
        forward_order(&r->f, i, best);
    }
}

/* What a job may still draw in a step without overload and within its group limits. */
static double job_room(const struct rule *r, uint32_t i, uint32_t t)
{
    const struct problem *p = r->f.p;
    int bus = p->job[i].bus;
    double room = series_get(p, p->job[i].draw_kw_max, t);
    double free_kw = forward_import_kw_max(&r->f, bus, t);
    if (isfinite(free_kw)) {
        double own = forward_cheap_kw(&r->f, bus, t, forward_price(&r->f, bus, t));
        room = fmin(room, free_kw + own - r->f.net[bus][t]);
    }
    for (uint32_t l = 0; l < p->limit_count; l++) {
        for (uint32_t k = 0; k < p->limit[l].member_count; k++) {
            const struct problem_member *m = &p->limit[l].member[k];
            if (m->kind == MEMBER_JOB && (uint32_t)m->index == i) {
                double cap = series_get(p, p->limit[l].draw_kw_max, t);
                room = fmin(room, cap - tally_limit_kw(p, r->f.pl, l, t));
            }
        }
    }
    return fmax(room, 0);
}

/* A job without running state: from its window's beginning as fast as allowed; what remains
 * then is drawn regardless. */
static void place_free_job(struct rule *r, uint32_t i)
{
    const struct problem *p = r->f.p;
    const struct problem_job *j = &p->job[i];
    double left = j->energy_kwh;
    for (int pass = 0; pass < 2; pass++) {
        for (int s = j->from_step; s < j->to_step && left > 1e-9; s++) {
            uint32_t t = (uint32_t)s;
            double now = plan_read(r->f.pl, r->f.pl->job_draw_kw[i])[t],
                   h = problem_hours(p, t);
            double room = pass ? series_get(p, j->draw_kw_max, t) - now : job_room(r, i, t);
            double kw = fmin(room, left / h);
            if (kw > 1e-9) {
                forward_job(&r->f, i, t, now + kw);
                left -= kw * h;
            }
        }
    }
}

/* One run of a job from step `s`: its draws into kw[]; returns the energy, or -1 if the run
 * would be cut before its minimum. */
static double try_run(const struct rule *r, uint32_t i, int s, double *kw)
{
    const struct problem *p = r->f.p;
    const struct problem_job *j = &p->job[i];
    double done = 0, ran_s = j->on_now && j->from_step == 0 && s == 0 ? j->since_s : 0;
    bool fact = ran_s > 0;
    for (int t = s; t < j->to_step; t++) {
        uint32_t u = (uint32_t)t;
        double h = problem_hours(p, u), left = j->energy_kwh - done;
        bool bound = ran_s + 1e-6 < j->min_run_s;
        if (left <= 1e-9 && !bound) {
            break;
        }
        if (problem_job_forced(p, i, u) == 0) {
            return bound && !fact && ran_s > 0 ? -1 : ran_s > 0 ? done : -1;
        }
        /* without a minimum draw a minimum run is filled evenly, so that it never stands at 0
         */
        double rest_s = fmax(j->min_run_s - ran_s, p->step_s[t]);
        bool even = bound && j->draw_kw_min <= 0;
        double want = even ? left * 3600 / rest_s : left / h;
        kw[t] = fmax(j->draw_kw_min, fmin(series_get(p, j->draw_kw_max, u), fmax(want, 0)));
        done += kw[t] * h;
        ran_s += p->step_s[t];
    }
    return done;
}

/* A job with running state: one run that delivers most, overloads least, begins first. */
static void place_run(struct rule *r, uint32_t i)
{
    const struct problem *p = r->f.p;
    const struct problem_job *j = &p->job[i];
    double best[PROBLEM_STEPS_MAX] = {0}, best_short = HUGE_VAL, best_over = HUGE_VAL;
    bool bound =
        j->on_now && j->from_step == 0 && j->to_step > 0 && problem_job_forced(p, i, 0) == 1;
    for (int s = j->from_step; s < (bound ? 1 : j->to_step); s++) {
        double kw[PROBLEM_STEPS_MAX] = {0}, over = 0, done = try_run(r, i, s, kw);
        if (done < 0) {
            continue;
        }
        for (int t = s; t < j->to_step; t++) {
            uint32_t u = (uint32_t)t;
            over += kw[t] > 0 ? fmax(kw[t] - job_room(r, i, u), 0) * problem_hours(p, u) : 0;
        }
        double missing = fmax(j->energy_kwh - done, 0);
        if (missing < best_short - 1e-6 ||
            (missing < best_short + 1e-6 && over < best_over - 1e-6)) {
            best_short = missing;
            best_over = over;
            for (uint32_t t = 0; t < p->steps; t++) {
                best[t] = kw[t];
            }
        }
        if (missing <= 1e-6 && over <= 1e-6) {
            break;
        }
    }
    for (int t = j->from_step; t < j->to_step; t++) {
        if (best[t] > 0) {
            forward_job(&r->f, i, (uint32_t)t, best[t]);
        }
    }
}

void rule_place(struct rule *r)
{
    const struct problem *p = r->f.p;
    for (uint32_t i = 0; i < p->order_count; i++) {
        if (!p->order[i].started && r->old) {
            shift_order(r, i);
        }
    }
    for (uint32_t i = 0; i < p->order_count; i++) {
        if (!p->order[i].started && r->f.pl->order_start[i] == PLAN_NONE) {
            place_order(r, i);
        }
    }
    for (uint32_t m = 0; m < p->machine_count; m++) {
        forward_states(&r->f, (int)m);
    }
    for (uint32_t i = 0; i < p->job_count; i++) {
        if (p->job[i].energy_kwh <= 0 || (r->old && shift_job(r, i))) {
            continue;
        }
        if (problem_job_has_state(p, i)) {
            place_run(r, i);
        } else {
            place_free_job(r, i);
        }
    }
}
