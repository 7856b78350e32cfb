/* Questions about a problem that model, rules and checker must answer alike: prices that stand
 * in for missing ones, profiles of orders laid over the steps, what is a decision and what is
 * not. Pure. */
#include "optimizer/states.h"
#include <math.h>

/* Energy counted as done or due within this many seconds is on time. */
static const double LATE_TOLERANCE_S = 1e-6;

static double series_abs_max(const struct problem *p, struct series s)
{
    if (s.at < 0) {
        return fabs(s.value);
    }
    double m = 0;
    for (uint32_t t = 0; t < p->steps; t++) {
        m = fmax(m, fabs(series_get(p, s, t)));
    }
    return m;
}

bool problem_source_renewable(const struct problem *p, uint32_t source)
{
    const struct problem_source *s = &p->source[source];
    bool clean = p->bus[s->bus].kind == BUS_ELECTRICITY && s->kgco2_per_kwh <= 0;
    for (uint32_t t = 0; t < p->steps && clean; t++) {
        clean = series_get(p, s->yuan_per_kwh, t) <= 0;
    }
    return s->renewable > 0 || (s->renewable == 0 && clean);
}

double problem_co2_yuan_per_kg(const struct problem *p)
{
    return p->co2_yuan_per_kg + p->goal.carbon_yuan_per_kg;
}

bool problem_traces(const struct problem *p)
{
    const struct problem_goal *g = &p->goal;
    return g->first == GOAL_ABSORPTION || g->unabsorbed_yuan_per_kwh > 0 ||
           g->unabsorbed_kwh_max >= 0;
}

double problem_largest_price(const struct problem *p)
{
    double m = fmax(0.01, p->goal.unabsorbed_yuan_per_kwh);
    if (p->grid.present) {
        double co2 = problem_co2_yuan_per_kg(p) * series_abs_max(p, p->grid.kgco2_per_kwh);
        m = fmax(m, series_abs_max(p, p->grid.import_yuan_per_kwh) + co2);
        m = fmax(m, series_abs_max(p, p->grid.export_yuan_per_kwh));
    }
    for (uint32_t i = 0; i < p->source_count; i++) {
        double co2 = problem_co2_yuan_per_kg(p) * p->source[i].kgco2_per_kwh;
        m = fmax(m, series_abs_max(p, p->source[i].yuan_per_kwh) + co2);
        m = fmax(m, p->source[i].curtail_yuan_per_kwh);
    }
    for (uint32_t i = 0; i < p->load_count; i++) {
        if (series_abs_max(p, p->load[i].shed_kw_max) > 0) {
            m = fmax(m, p->load[i].shed_yuan_per_kwh);
        }
    }
    for (uint32_t i = 0; i < p->storage_count; i++) {
        m = fmax(m, p->storage[i].terminal_yuan_per_kwh);
    }
    for (uint32_t i = 0; i < p->reduction_count; i++) {
        m = fmax(m, p->reduction[i].reward_yuan_per_kwh + p->reduction[i].missing_yuan_per_kwh);
    }
    return m;
}

double problem_penalty_yuan_per_kwh(const struct problem *p)
{
    return p->penalty_yuan_per_kwh > 0 ? p->penalty_yuan_per_kwh
                                       : 10.0 * problem_largest_price(p);
}

double problem_surplus_yuan_per_kwh(const struct problem *p)
{
    return 10 * problem_penalty_yuan_per_kwh(p);
}

double problem_unserved_yuan_per_kwh(const struct problem *p, uint32_t bus)
{
    double own = p->bus[bus].unserved_yuan_per_kwh;
    return own > 0 ? own : problem_surplus_yuan_per_kwh(p);
}

static const struct problem_recipe *recipe_of(const struct problem *p, uint32_t order)
{
    return &p->recipe[p->order[order].recipe];
}

double problem_order_run_s(const struct problem *p, uint32_t order)
{
    const struct problem_recipe *r = recipe_of(p, order);
    return r->cells * r->step_s;
}

double problem_order_busy_s(const struct problem *p, uint32_t order)
{
    return problem_order_run_s(p, order) + recipe_of(p, order)->after_s;
}

double problem_skip_yuan(const struct problem *p, uint32_t order)
{
    if (p->order[order].skip_yuan > 0) {
        return p->order[order].skip_yuan;
    }
    const struct problem_recipe *r = recipe_of(p, order);
    double kwh = 0;
    for (uint32_t k = 0; k < r->cells; k++) {
        kwh += p->pool[(uint32_t)r->draw_at + k] * r->step_s / 3600.0;
    }
    return problem_penalty_yuan_per_kwh(p) * fmax(kwh, 1.0);
}

/* Energy (kW * s) of a profile between two ages in seconds. */
static double profile_kws(const struct problem *p, const struct problem_recipe *r, int32_t at,
                          const double age_s[2])
{
    double from = fmax(age_s[0], 0), to = fmin(age_s[1], r->cells * r->step_s), sum = 0;
    if (at < 0 || from >= to) {
        return 0;
    }
    uint32_t k = (uint32_t)(from / r->step_s);
    for (; k < r->cells && k * r->step_s < to; k++) {
        double a = fmax(from, k * r->step_s), b = fmin(to, (k + 1) * r->step_s);
        if (b > a) {
            sum += p->pool[(uint32_t)at + k] * (b - a);
        }
    }
    return sum;
}

/* Age of an order at the beginning of a step. */
static double age_at(const struct problem *p, uint32_t order, int start_step, uint32_t step)
{
    const struct problem_order *o = &p->order[order];
    double now = problem_begin_s(p, step);
    return o->started ? now + o->started_s : now - problem_begin_s(p, (uint32_t)start_step);
}

double problem_order_draw_kw(const struct problem *p, uint32_t order, int start_step,
                             uint32_t step)
{
    double age = age_at(p, order, start_step, step), end = age + p->step_s[step];
    const struct problem_recipe *r = recipe_of(p, order);
    double kws = profile_kws(p, r, r->draw_at, (double[2]){age, end});
    double busy_s = problem_order_busy_s(p, order);
    int machine = p->order[order].machine;
    if (states_has(p, machine) && age + LATE_TOLERANCE_S < busy_s && busy_s < end) {
        kws += p->machine[machine].hold_kw * (end - busy_s);
    }
    return kws / p->step_s[step];
}

double problem_order_give_kw(const struct problem *p, uint32_t order, int start_step,
                             uint32_t step)
{
    double age = age_at(p, order, start_step, step);
    const struct problem_recipe *r = recipe_of(p, order);
    if (r->give_bus < 0) {
        return 0;
    }
    return profile_kws(p, r, r->give_at, (double[2]){age, age + p->step_s[step]}) /
           p->step_s[step];
}

double problem_order_beyond_kwh(const struct problem *p, uint32_t order, int start_step)
{
    double age = age_at(p, order, start_step, p->steps);
    const struct problem_recipe *r = recipe_of(p, order);
    return profile_kws(p, r, r->draw_at, (double[2]){age, HUGE_VAL}) / 3600.0;
}

bool problem_order_may_start(const struct problem *p, uint32_t order, uint32_t step)
{
    const struct problem_order *o = &p->order[order];
    if (o->started || (int)step < o->earliest_step || (int)step > o->latest_step) {
        return false;
    }
    const struct problem_machine *m = &p->machine[o->machine];
    return problem_begin_s(p, step) + LATE_TOLERANCE_S >= m->free_from_s &&
           series_get(p, o->start_ok, step) > 0.5;
}

double problem_order_late_h(const struct problem *p, uint32_t order, int start_step)
{
    const struct problem_order *o = &p->order[order];
    if (o->due_s <= 0) {
        return 0;
    }
    double begin = o->started ? -o->started_s : problem_begin_s(p, (uint32_t)start_step);
    double late_s = begin + problem_order_run_s(p, order) - o->due_s;
    return late_s > LATE_TOLERANCE_S ? late_s / 3600.0 : 0;
}

double problem_job_over_kwh(const struct problem *p, uint32_t job)
{
    const struct problem_job *j = &p->job[job];
    double step_s = 0;
    if (j->energy_kwh <= 0) {
        return 0;
    }
    for (int t = j->from_step; t < j->to_step; t++) {
        step_s = fmax(step_s, p->step_s[t]);
    }
    return j->draw_kw_min * (j->min_run_s + step_s) / 3600.0;
}

bool problem_job_has_state(const struct problem *p, uint32_t job)
{
    const struct problem_job *j = &p->job[job];
    return j->draw_kw_min > 0 || j->min_run_s > 0 || j->pauses_max >= 0;
}

bool problem_converter_has_state(const struct problem *p, uint32_t converter)
{
    const struct problem_converter *c = &p->converter[converter];
    bool offset = series_abs_max(p, c->out[0].offset_kw) > 0 ||
                  series_abs_max(p, c->out[1].offset_kw) > 0;
    return offset || series_abs_max(p, c->in_kw_min) > 0 || c->start_yuan > 0 ||
           c->stop_yuan > 0 || c->on_yuan_per_h > 0 || c->min_up_s > 0 || c->min_down_s > 0 ||
           c->starts_max >= 0;
}

bool problem_within_s(const struct problem *p, uint32_t first, uint32_t step, double seconds)
{
    double s = 0;
    for (uint32_t t = first; t < step; t++) {
        s += p->step_s[t];
    }
    return s + LATE_TOLERANCE_S < seconds;
}

static bool converter_available(const struct problem *p, uint32_t converter, uint32_t step)
{
    return series_get(p, p->converter[converter].in_kw_max, step) > 0;
}

int problem_converter_forced(const struct problem *p, uint32_t converter, uint32_t step)
{
    const struct problem_converter *c = &p->converter[converter];
    if (!converter_available(p, converter, step)) {
        return 0;
    }
    bool cut = false, rest = false; /* an unavailable step before; one within min_down */
    for (uint32_t t = 0; t < step; t++) {
        bool off = !converter_available(p, converter, t);
        cut = cut || off;
        rest = rest || (off && problem_within_s(p, t, step, c->min_down_s));
    }
    double left_s = (c->on_now ? c->min_up_s : c->min_down_s) - c->since_s;
    if (problem_within_s(p, 0, step, left_s) && !(c->on_now && cut)) {
        return c->on_now ? 1 : 0;
    }
    return series_get(p, c->must_run, step) > 0.5 && !rest ? 1 : -1;
}

double problem_converter_ramp_kw(const struct problem *p, uint32_t converter, uint32_t step,
                                 bool up)
{
    const struct problem_converter *c = &p->converter[converter];
    double rate = up ? c->ramp_up_kw_per_h : c->ramp_down_kw_per_h;
    if (rate <= 0) {
        return HUGE_VAL;
    }
    struct series bound = up ? c->in_kw_min : c->in_kw_max;
    double here = series_get(p, bound, step);
    double before = step ? series_get(p, bound, step - 1) : c->in_start_kw;
    return fmax(rate * problem_hours(p, step), up ? here - before : before - here);
}

static bool job_can_run(const struct problem *p, const struct problem_job *j, uint32_t step)
{
    double most = series_get(p, j->draw_kw_max, step);
    return j->energy_kwh > 0 && most > 0 && most >= j->draw_kw_min;
}

int problem_job_forced(const struct problem *p, uint32_t job, uint32_t step)
{
    const struct problem_job *j = &p->job[job];
    bool bound = j->on_now && j->from_step == 0 &&
                 problem_within_s(p, 0, step, j->min_run_s - j->since_s);
    for (uint32_t t = 0; t < step && bound; t++) {
        bound = job_can_run(p, j, t);
    }
    if (!job_can_run(p, j, step)) {
        return 0;
    }
    return bound ? 1 : -1;
}

double problem_storage_keep_pu(const struct problem *p, uint32_t storage, uint32_t step)
{
    return pow(1.0 - p->storage[storage].loss_pu_per_h, problem_hours(p, step));
}

double problem_storage_kwh_max(const struct problem *p, uint32_t storage)
{
    const struct problem_storage *s = &p->storage[storage];
    return fmax(series_abs_max(p, s->energy_kwh_max), s->energy_start_kwh);
}

double problem_demand_free_kw(const struct problem *p)
{
    return fmax(p->grid.demand_so_far_kw, p->grid.demand_target_kw);
}

double problem_demand_jump_yuan(const struct problem *p)
{
    return p->grid.demand_so_far_kw > p->grid.demand_target_kw ? 0 : p->grid.demand_jump_yuan;
}
