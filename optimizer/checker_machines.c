/* Checker: converters, process orders, energy jobs. Walks runs and overlaps plainly, in another
 * way than the model writes them. Pure. */
#include "optimizer/checker.h"
#include <math.h>

/* Seconds are compared with this slack. */
static const double SLACK_S = 1e-3;

static bool is_state(double on)
{
    return on == 0 || on == 1;
}

/* Every change of state is judged by how long the ended state had lasted; a unit that becomes
 * unavailable may be cut short. */
static enum err check_times(struct checker *c, uint32_t i)
{
    const struct problem *p = c->p;
    const struct problem_converter *v = &p->converter[i];
    const double *on = plan_read(c->pl, c->pl->converter_on[i]);
    bool state = v->on_now;
    double since = v->since_s;
    int starts = 0;
    for (uint32_t t = 0; t < p->steps; t++) {
        bool now = on[t] > 0.5, available = series_get(p, v->in_kw_max, t) > 0;
        int forced = problem_converter_forced(p, i, t);
        if (forced >= 0 && (forced == 1) != now) {
            return checker_complain(c, v->name, (int)t, "must be %s", forced ? "on" : "off");
        }
        if (now != state) {
            double least = state ? v->min_up_s : v->min_down_s;
            if (since + SLACK_S < least && !(state && !available)) {
                return checker_complain(c, v->name, (int)t, "%s after %.0f s, at least %.0f",
                                        now ? "on" : "off", since, least);
            }
            starts += now;
            state = now;
            since = 0;
        }
        since += p->step_s[t];
    }
    if (v->starts_max >= 0 && starts > v->starts_max) {
        return checker_complain(c, v->name, -1, "%d starts, at most %d", starts, v->starts_max);
    }
    return ERR_OK;
}

static enum err check_ramp(struct checker *c, uint32_t i, uint32_t t)
{
    const struct problem *p = c->p;
    const struct problem_converter *v = &p->converter[i];
    const double *in = plan_read(c->pl, c->pl->converter_in_kw[i]);
    const double *on = plan_read(c->pl, c->pl->converter_on[i]);
    bool stateless = !problem_converter_has_state(p, i);
    bool both = stateless || (on[t] > 0.5 && (t ? on[t - 1] > 0.5 : v->on_now));
    double change = in[t] - (t ? in[t - 1] : v->in_start_kw);
    double up = problem_converter_ramp_kw(p, i, t, true);
    double down = problem_converter_ramp_kw(p, i, t, false);
    if (both && (change > up + c->tolerance_kw || -change > down + c->tolerance_kw)) {
        return checker_complain(c, v->name, (int)t, "ramps by %.4f, at most +%.4f -%.4f",
                                change, up, down);
    }
    return ERR_OK;
}

static enum err check_converter(struct checker *c, uint32_t i)
{
    const struct problem *p = c->p;
    const struct problem_converter *v = &p->converter[i];
    const double *in = plan_read(c->pl, c->pl->converter_in_kw[i]);
    const double *on = plan_read(c->pl, c->pl->converter_on[i]);
    for (uint32_t t = 0; t < p->steps; t++) {
        double lo = series_get(p, v->in_kw_min, t), hi = series_get(p, v->in_kw_max, t);
        if (!is_state(on[t])) {
            return checker_complain(c, v->name, (int)t, "state %.6f is neither on nor off",
                                    on[t]);
        }
        double least = on[t] > 0 ? lo : 0, most = on[t] > 0 ? hi : 0;
        if (in[t] < 0 || in[t] < least - c->tolerance_kw || in[t] > most + c->tolerance_kw) {
            return checker_complain(c, v->name, (int)t, "%.4f, must be %.4f to %.4f", in[t],
                                    least, most);
        }
        double part = hi > 0 ? in[t] / hi * v->levels : 0;
        if (v->levels > 0 && fabs(part - round(part)) * hi / v->levels > c->tolerance_kw) {
            return checker_complain(c, v->name, (int)t, "%.4f is between two levels", in[t]);
        }
        enum err e = check_ramp(c, i, t);
        if (e != ERR_OK) {
            return e;
        }
    }
    return problem_converter_has_state(p, i) ? check_times(c, i) : ERR_OK;
}

/* Begin and end of an order's occupation of its machine, with the machine's gap. */
static void occupation(const struct checker *c, uint32_t i, double *span_s)
{
    const struct problem_order *o = &c->p->order[i];
    span_s[0] =
        o->started ? -o->started_s : problem_begin_s(c->p, (uint32_t)c->pl->order_start[i]);
    span_s[1] = span_s[0] + problem_order_busy_s(c->p, i) + c->p->machine[o->machine].gap_s;
}

static enum err check_order(struct checker *c, uint32_t i)
{
    const struct problem *p = c->p;
    const struct problem_order *o = &p->order[i];
    int s = c->pl->order_start[i];
    if (c->pl->order_started[i] != o->started || (o->started && s != PLAN_NONE)) {
        return checker_complain(c, o->name, -1, "a started order is a fact");
    }
    bool none = !o->started && s == PLAN_NONE;
    if (!o->started && !none &&
        (s < 0 || s >= (int)p->steps || !problem_order_may_start(p, i, (uint32_t)s))) {
        return checker_complain(c, o->name, s, "may not start here");
    }
    double a[2] = {0, 0}, b[2];
    if (!none) {
        occupation(c, i, a);
    }
    double end = none ? 0 : a[0] + problem_order_run_s(p, i);
    if (!isfinite(c->pl->order_end_s[i]) || fabs(c->pl->order_end_s[i] - end) > SLACK_S) {
        return checker_complain(c, o->name, s, "ends at %.1f s, must be %.1f",
                                c->pl->order_end_s[i], end);
    }
    for (uint32_t k = 0; k < i && !none; k++) {
        const struct problem_order *q = &p->order[k];
        if (q->machine != o->machine || (!q->started && c->pl->order_start[k] == PLAN_NONE) ||
            (q->started && o->started)) {
            continue;
        }
        occupation(c, k, b);
        if (a[0] < b[1] - SLACK_S && b[0] < a[1] - SLACK_S) {
            return checker_complain(c, o->name, s, "overlaps %.31s on its machine", q->name);
        }
    }
    return ERR_OK;
}

static enum err check_draw(struct checker *c, uint32_t i, uint32_t t)
{
    const struct problem *p = c->p;
    const struct problem_job *j = &p->job[i];
    double draw = plan_read(c->pl, c->pl->job_draw_kw[i])[t];
    double on = plan_read(c->pl, c->pl->job_on[i])[t];
    bool open = (int)t >= j->from_step && (int)t < j->to_step;
    double most = open && on > 0 ? series_get(p, j->draw_kw_max, t) : 0;
    double least = on > 0 ? j->draw_kw_min : 0;
    if (!is_state(on) || (!open && on > 0)) {
        return checker_complain(c, j->name, (int)t, "state %.6f is not allowed here", on);
    }
    if (draw < 0 || draw > most + c->tolerance_kw || draw < least - c->tolerance_kw) {
        return checker_complain(c, j->name, (int)t, "%.4f, must be %.4f to %.4f", draw, least,
                                most);
    }
    int forced = open && problem_job_has_state(p, i) ? problem_job_forced(p, i, t) : -1;
    if (forced >= 0 && (forced == 1) != (on > 0)) {
        return checker_complain(c, j->name, (int)t, "must be %s", forced ? "on" : "off");
    }
    return ERR_OK;
}

/* Runs that begin in the window last min_run_s unless the window ends; pauses are counted. */
static enum err check_runs(struct checker *c, uint32_t i)
{
    const struct problem *p = c->p;
    const struct problem_job *j = &p->job[i];
    const double *on = plan_read(c->pl, c->pl->job_on[i]);
    bool running = j->on_now && j->from_step == 0, state = running, fresh = false;
    double since = 0;
    int starts = running ? 1 : 0;
    for (int t = j->from_step; t < j->to_step; t++) {
        bool now = on[t] > 0.5;
        if (now && !state) {
            starts++;
            since = 0;
            fresh = true;
        } else if (!now && state && fresh && since + SLACK_S < j->min_run_s) {
            return checker_complain(c, j->name, t, "stops after %.0f s, at least %.0f", since,
                                    j->min_run_s);
        }
        since += p->step_s[t];
        state = now;
    }
    if (j->pauses_max >= 0 && starts > j->pauses_max + 1) {
        return checker_complain(c, j->name, -1, "%d runs, at most %d", starts,
                                j->pauses_max + 1);
    }
    return ERR_OK;
}

static enum err check_job(struct checker *c, uint32_t i)
{
    const struct problem *p = c->p;
    const struct problem_job *j = &p->job[i];
    const double *draw = plan_read(c->pl, c->pl->job_draw_kw[i]);
    double kwh = 0;
    enum err e = ERR_OK;
    for (uint32_t t = 0; t < p->steps && e == ERR_OK; t++) {
        e = check_draw(c, i, t);
        kwh += draw[t] * p->step_s[t] / 3600.0;
    }
    double most = j->energy_kwh + problem_job_over_kwh(p, i);
    if (e == ERR_OK && kwh > most + c->tolerance_kw + 1e-6 * most) {
        return checker_complain(c, j->name, -1, "draws %.4f kWh, at most %.4f", kwh, most);
    }
    return e == ERR_OK && problem_job_has_state(p, i) ? check_runs(c, i) : e;
}

enum err checker_machines(struct checker *c)
{
    enum err e = ERR_OK;
    for (uint32_t i = 0; i < c->p->converter_count && e == ERR_OK; i++) {
        e = check_converter(c, i);
    }
    for (uint32_t i = 0; i < c->p->order_count && e == ERR_OK; i++) {
        e = check_order(c, i);
    }
    for (uint32_t i = 0; i < c->p->job_count && e == ERR_OK; i++) {
        e = check_job(c, i);
    }
    return e;
}
