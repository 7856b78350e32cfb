/* Clamped forward walk. Pure. */
#include "optimizer/forward.h"
#include "optimizer/states.h"
#include <math.h>
#include <string.h>

static void place_draws(struct forward *f, uint32_t i, int start)
{
    const struct problem *p = f->p;
    const struct problem_recipe *r = &p->recipe[p->order[i].recipe];
    for (uint32_t t = start > 0 ? (uint32_t)start : 0; t < p->steps; t++) {
        f->net[r->draw_bus][t] += problem_order_draw_kw(p, i, start, t);
        if (r->give_bus >= 0) {
            f->net[r->give_bus][t] -= problem_order_give_kw(p, i, start, t);
        }
    }
}

enum err forward_init(struct forward *f, const struct problem *p, struct plan *pl,
                      enum plan_origin origin)
{
    memset(f, 0, sizeof *f);
    f->p = p;
    f->pl = pl;
    enum err e = plan_init(pl, p, origin);
    if (e != ERR_OK) {
        return e;
    }
    for (uint32_t t = 0; t < p->steps; t++) {
        for (uint32_t i = 0; i < p->load_count; i++) {
            f->net[p->load[i].bus][t] += series_get(p, p->load[i].draw_kw, t);
        }
        for (uint32_t i = 0; i < p->source_count; i++) {
            if (p->source[i].fixed) {
                double kw = series_get(p, p->source[i].available_kw, t);
                f->net[p->source[i].bus][t] -= kw;
                plan_series(pl, pl->source_used_kw[i])[t] = kw;
            }
        }
    }
    for (uint32_t i = 0; i < p->order_count; i++) {
        if (p->order[i].started) {
            place_draws(f, i, 0);
        }
    }
    for (uint32_t i = 0; i < p->storage_count; i++) {
        f->kwh[i] = p->storage[i].energy_start_kwh;
    }
    for (uint32_t i = 0; i < p->converter_count; i++) {
        f->on[i] = p->converter[i].on_now;
        f->since_s[i] = p->converter[i].since_s;
        f->in_kw[i] = p->converter[i].in_start_kw;
    }
    return ERR_OK;
}

bool forward_order_fits(const struct forward *f, uint32_t order, uint32_t step)
{
    const struct problem *p = f->p;
    int machine = p->order[order].machine;
    double gap = p->machine[machine].gap_s, begin = problem_begin_s(p, step);
    double end = begin + problem_order_busy_s(p, order) + gap;
    if (!problem_order_may_start(p, order, step) || !states_allow(p, f->pl, order, step)) {
        return false;
    }
    for (uint32_t k = 0; k < p->order_count; k++) {
        const struct problem_order *o = &p->order[k];
        int s = f->pl->order_start[k];
        if (k == order || o->machine != machine || (!o->started && s == PLAN_NONE)) {
            continue;
        }
        double a = o->started ? -o->started_s : problem_begin_s(p, (uint32_t)s);
        double b = a + problem_order_busy_s(p, k) + gap;
        if (begin < b - 1e-6 && a < end - 1e-6) {
            return false;
        }
    }
    return true;
}

void forward_order(struct forward *f, uint32_t order, int step)
{
    f->pl->order_start[order] = step;
    place_draws(f, order, step);
}

void forward_job(struct forward *f, uint32_t job, uint32_t step, double kw)
{
    double *draw = plan_series(f->pl, f->pl->job_draw_kw[job]);
    f->net[f->p->job[job].bus][step] += kw - draw[step];
    draw[step] = kw;
    plan_series(f->pl, f->pl->job_on[job])[step] = kw > 0;
}

/* State after a wish: 1 on, 0 off. */
static bool next_state(const struct forward *f, uint32_t i, uint32_t t, double want_kw)
{
    const struct problem_converter *c = &f->p->converter[i];
    int forced = problem_converter_forced(f->p, i, t);
    if (!problem_converter_has_state(f->p, i)) {
        return true;
    }
    if (forced >= 0) {
        return forced == 1;
    }
    if (f->on[i]) {
        return want_kw > 0 || f->since_s[i] + 1e-6 < c->min_up_s;
    }
    bool rested = f->since_s[i] + 1e-6 >= c->min_down_s;
    return want_kw > 0 && rested && (c->starts_max < 0 || f->starts[i] < c->starts_max);
}

/* Input within limits, ramps and levels while on. */
static double fit_input(const struct forward *f, uint32_t i, uint32_t t, double want_kw)
{
    const struct problem *p = f->p;
    const struct problem_converter *c = &p->converter[i];
    bool stays = f->on[i] || !problem_converter_has_state(p, i);
    double hi = series_get(p, c->in_kw_max, t), lo = fmin(series_get(p, c->in_kw_min, t), hi);
    double top = hi;
    if (stays) {
        hi = fmin(hi, f->in_kw[i] + problem_converter_ramp_kw(p, i, t, true));
        lo = fmax(lo, f->in_kw[i] - problem_converter_ramp_kw(p, i, t, false));
    }
    double kw = fmax(lo, fmin(want_kw, hi));
    if (c->levels > 0 && top > 0) {
        double unit = top / c->levels, n = floor(kw / unit + 1e-9);
        kw = n * unit < lo - 1e-6 ? (n + 1) * unit : n * unit;
    }
    return kw;
}

double forward_convert(struct forward *f, uint32_t converter, uint32_t step, double want_kw)
{
    const struct problem *p = f->p;
    const struct problem_converter *c = &p->converter[converter];
    bool on = next_state(f, converter, step, want_kw);
    double kw = on ? fit_input(f, converter, step, want_kw) : 0;
    bool stateless = !problem_converter_has_state(p, converter);
    f->starts[converter] += on && !f->on[converter] && !stateless;
    f->since_s[converter] =
        (on == f->on[converter] ? f->since_s[converter] : 0) + p->step_s[step];
    f->on[converter] = on;
    f->in_kw[converter] = kw;
    plan_series(f->pl, f->pl->converter_in_kw[converter])[step] = kw;
    plan_series(f->pl, f->pl->converter_on[converter])[step] = stateless ? kw > 0 : on;
    f->net[c->bus_in][step] += kw;
    for (int k = 0; k < PROBLEM_OUTPUTS; k++) {
        if (c->out[k].bus >= 0) {
            double offset = on ? series_get(p, c->out[k].offset_kw, step) : 0;
            f->net[c->out[k].bus][step] -= kw * series_get(p, c->out[k].gain, step) + offset;
        }
    }
    return kw;
}

/* A charge under the storage's minimum becomes the minimum or nothing. */
static double whole_charge(const struct problem_storage *s, double kw, double most)
{
    if (kw >= s->charge_kw_min) {
        return kw;
    }
    return kw >= s->charge_kw_min / 2 && s->charge_kw_min <= most ? s->charge_kw_min : 0;
}

double forward_store(struct forward *f, uint32_t storage, uint32_t step, double want_kw)
{
    const struct problem *p = f->p;
    const struct problem_storage *s = &p->storage[storage];
    double h = problem_hours(p, step),
           kept = f->kwh[storage] * problem_storage_keep_pu(p, storage, step);
    double room = fmax(series_get(p, s->energy_kwh_max, step) - kept, 0) / h / s->charge_pu;
    double have = fmax(kept - series_get(p, s->energy_kwh_min, step), 0) * s->discharge_pu / h;
    double most = fmin(room, series_get(p, s->charge_kw_max, step));
    double in = whole_charge(s, fmin(fmax(want_kw, 0), most), most);
    double out = fmin(fmax(-want_kw, 0), fmin(have, series_get(p, s->discharge_kw_max, step)));
    f->kwh[storage] = kept + in * h * s->charge_pu - out * h / s->discharge_pu;
    plan_series(f->pl, f->pl->storage_charge_kw[storage])[step] = in;
    plan_series(f->pl, f->pl->storage_discharge_kw[storage])[step] = out;
    plan_series(f->pl, f->pl->storage_energy_kwh[storage])[step] = f->kwh[storage];
    f->net[s->bus_in][step] += in;
    f->net[s->bus_out][step] -= out;
    return in - out;
}

double forward_cheap_kw(const struct forward *f, int bus, uint32_t step, double yuan_per_kwh)
{
    double sum = 0;
    for (uint32_t i = 0; i < f->p->source_count; i++) {
        const struct problem_source *s = &f->p->source[i];
        if (s->bus == bus && !s->fixed &&
            series_get(f->p, s->yuan_per_kwh, step) < yuan_per_kwh) {
            sum += series_get(f->p, s->available_kw, step);
        }
    }
    return sum;
}

double forward_price(const struct forward *f, int bus, uint32_t step)
{
    const struct problem_grid *g = &f->p->grid;
    if (g->present && g->bus == bus) {
        return series_get(f->p, g->import_yuan_per_kwh, step);
    }
    double price = HUGE_VAL;
    for (uint32_t i = 0; i < f->p->source_count; i++) {
        if (f->p->source[i].bus == bus) {
            price = fmin(price, series_get(f->p, f->p->source[i].yuan_per_kwh, step));
        }
    }
    return isfinite(price) ? price : 0;
}

double forward_import_kw_max(const struct forward *f, int bus, uint32_t step)
{
    const struct problem *p = f->p;
    const struct problem_grid *g = &p->grid;
    if (!g->present || g->bus != bus) {
        return HUGE_VAL;
    }
    double kw = series_get(p, g->import_kw_max, step);
    if (g->demand_over_yuan_per_kw > 0 || g->demand_jump_yuan > 0) {
        bool counts = series_get(p, g->demand_counts, step) > 0.5;
        kw = counts ? fmin(kw, problem_demand_free_kw(p)) : kw;
    }
    for (uint32_t i = 0; i < p->cap_count; i++) {
        const struct problem_cap *c = &p->cap[i];
        if (!c->floor && (int)step >= c->from_step && (int)step < c->to_step) {
            kw = fmin(kw, c->kw);
        }
    }
    return kw;
}

/* Controllable sources cheaper than `below` (and at least `from`) cover a need; returns what is
 * left. */
static double use_sources(struct forward *f, int bus, uint32_t t, const double band[2],
                          double need)
{
    for (uint32_t i = 0; i < f->p->source_count && need > 0; i++) {
        const struct problem_source *s = &f->p->source[i];
        double price = series_get(f->p, s->yuan_per_kwh, t);
        if (s->bus != bus || s->fixed || price < band[0] || price >= band[1]) {
            continue;
        }
        double *used = plan_series(f->pl, f->pl->source_used_kw[i]);
        double kw = fmin(need, series_get(f->p, s->available_kw, t) - used[t]);
        used[t] += kw;
        need -= kw;
    }
    return need;
}

static void close_bus(struct forward *f, int b, uint32_t t)
{
    const struct problem *p = f->p;
    bool grid = p->grid.present && p->grid.bus == b;
    double need = f->net[b][t], price = grid ? forward_price(f, b, t) : HUGE_VAL;
    double guard = grid ? fmin(series_get(p, p->grid.import_kw_min, t),
                               series_get(p, p->grid.import_kw_max, t))
                        : 0;
    double kept = fmax(fmin(guard, need), 0); /* left to the grid */
    need = use_sources(f, b, t, (double[2]){-HUGE_VAL, price}, need - kept) + kept;
    if (grid) {
        double in = fmin(fmax(need, 0), series_get(p, p->grid.import_kw_max, t));
        double out = fmin(fmax(-need, 0), series_get(p, p->grid.export_kw_max, t));
        plan_series(f->pl, f->pl->import_kw)[t] = in;
        plan_series(f->pl, f->pl->export_kw)[t] = out;
        need += out - in;
        need = use_sources(f, b, t, (double[2]){price, HUGE_VAL}, need);
    }
    for (uint32_t i = 0; i < p->load_count && need > 0; i++) {
        if (p->load[i].bus == b) {
            double most = fmin(series_get(p, p->load[i].shed_kw_max, t),
                               fmax(series_get(p, p->load[i].draw_kw, t), 0));
            double kw = fmin(need, most);
            plan_series(f->pl, f->pl->load_shed_kw[i])[t] = kw;
            need -= kw;
        }
    }
    plan_series(f->pl, f->pl->bus_unserved_kw[b])[t] = fmax(need, 0);
    plan_series(f->pl, f->pl->bus_surplus_kw[b])[t] = fmax(-need, 0);
}

void forward_close(struct forward *f, uint32_t step)
{
    for (uint32_t b = 0; b < f->p->bus_count; b++) {
        close_bus(f, (int)b, step);
    }
}
