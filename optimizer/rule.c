/* Rule planner: the walk through the steps: heat by merit, storages by tariff bands. Pure. */
#include "optimizer/rule.h"
#include "optimizer/tally.h"
#include <math.h>
#include <string.h>

/* Cost of one kWh on a bus from a converter's output k. */
static double merit(const struct rule *r, uint32_t i, int k, uint32_t t)
{
    const struct problem *p = r->f.p;
    const struct problem_converter *c = &p->converter[i];
    double gain = series_get(p, c->out[k].gain, t);
    double in = forward_price(&r->f, c->bus_in, t) + c->run_yuan_per_kwh;
    return gain > 0 ? in / gain : HUGE_VAL;
}

static int output_on(const struct problem_converter *c, int bus)
{
    for (int k = 0; k < PROBLEM_OUTPUTS; k++) {
        if (c->out[k].bus == bus) {
            return k;
        }
    }
    return -1;
}

/* Whether a storage keeps its content at a level: what it wants to have at the end. */
static double level_kwh(const struct problem *p, uint32_t i, uint32_t t)
{
    return fmin(fmax(p->storage[i].end_kwh_min, series_get(p, p->storage[i].energy_kwh_min, t)),
                series_get(p, p->storage[i].energy_kwh_max, t));
}

/* Draw at the bus that brings a storage to a content by the end of the step. */
static double refill_kw(const struct rule *r, uint32_t i, uint32_t t, double kwh)
{
    const struct problem *p = r->f.p;
    double kept = r->f.kwh[i] * problem_storage_keep_pu(p, i, t);
    return fmax(kwh - kept, 0) / problem_hours(p, t) / p->storage[i].charge_pu;
}

double rule_need_kw(const struct rule *r, int bus, uint32_t t)
{
    double price = forward_price(&r->f, bus, t);
    return r->f.net[bus][t] - forward_cheap_kw(&r->f, bus, t, fmax(price, 1e-9));
}

/* Tanks on a bus give (want negative) or take what is left over; marks them done. */
static void settle_tanks(struct rule *r, int bus, uint32_t t, bool *done)
{
    const struct problem *p = r->f.p;
    for (uint32_t n = 0; n < 2 * p->storage_count; n++) {
        uint32_t i = n < p->storage_count ? n : n - p->storage_count;
        const struct problem_storage *s = &p->storage[i];
        bool own =
            n < p->storage_count; /* tanks of this bus first, storage boilers after them */
        double want = -rule_need_kw(r, bus, t);
        if (done[i] || s->bus_out != bus || (s->bus_in == bus) != own ||
            (!own && want > -1e-6)) {
            continue;
        }
        forward_store(&r->f, i, t, want);
        done[i] = true;
    }
}

/* Unit that has not run in this step and serves the bus most cheaply; -1: none. Units with a
 * start or stop price or two outputs come last. */
static int next_unit(const struct rule *r, int bus, uint32_t t, const bool *ran)
{
    const struct problem *p = r->f.p;
    int best = -1;
    double best_merit = HUGE_VAL;
    for (uint32_t i = 0; i < p->converter_count; i++) {
        const struct problem_converter *c = &p->converter[i];
        int k = output_on(c, bus);
        if (ran[i] || k < 0) {
            continue;
        }
        double m = merit(r, i, k, t) +
                   (c->start_yuan + c->stop_yuan > 0 || c->out[1].bus >= 0 ? 1e6 : 0);
        if (m < best_merit) {
            best = (int)i;
            best_merit = m;
        }
    }
    return best;
}

/* Stored heat that could cover a step's need instead of a unit at its minimum. */
static double tank_can_give_kw(const struct rule *r, int bus, uint32_t t, const bool *done)
{
    const struct problem *p = r->f.p;
    double sum = 0;
    for (uint32_t i = 0; i < p->storage_count; i++) {
        const struct problem_storage *s = &p->storage[i];
        if (!done[i] && s->bus_out == bus && s->bus_in == bus) {
            double over = r->f.kwh[i] - level_kwh(p, i, t);
            sum += fmin(fmax(over, 0) / problem_hours(p, t),
                        series_get(p, s->discharge_kw_max, t));
        }
    }
    return sum;
}

/* What neither the units that are still to follow the old plan nor the tanks give to a bus. */
static double missing_kw(const struct rule *r, int bus, uint32_t t, const bool *ran,
                         const bool *done)
{
    const struct problem *p = r->f.p;
    double need = rule_need_kw(r, bus, t), kw = 0;
    for (uint32_t i = 0; i < p->converter_count; i++) {
        int k = ran[i] ? -1 : output_on(&p->converter[i], bus);
        if (k >= 0 && shift_converter(r, i, t, &kw) && kw > 0) {
            const struct problem_output *o = &p->converter[i].out[k];
            need -= kw * series_get(p, o->gain, t) + series_get(p, o->offset_kw, t);
        }
    }
    for (uint32_t i = 0; i < p->storage_count; i++) {
        const struct problem_storage *s = &p->storage[i];
        if (!done[i] && s->bus_out == bus && s->bus_in == bus) {
            double over = r->f.kwh[i] * problem_storage_keep_pu(p, i, t) -
                          series_get(p, s->energy_kwh_min, t);
            need -= fmin(fmax(over, 0) * s->discharge_pu / problem_hours(p, t),
                         series_get(p, s->discharge_kw_max, t));
        }
    }
    return need > 1e-6 ? need : 0;
}

static void serve_bus(struct rule *r, int bus, uint32_t t, bool *ran, bool *done)
{
    const struct problem *p = r->f.p;
    double refill = 0;
    for (uint32_t i = 0; i < p->storage_count; i++) {
        if (!done[i] && p->storage[i].bus_in == bus && p->storage[i].bus_out == bus) {
            refill += fmin(refill_kw(r, i, t, level_kwh(p, i, t)),
                           series_get(p, p->storage[i].charge_kw_max, t));
        }
    }
    for (int i = next_unit(r, bus, t, ran); i >= 0; i = next_unit(r, bus, t, ran)) {
        const struct problem_converter *c = &p->converter[i];
        int k = output_on(c, bus);
        double gain = series_get(p, c->out[k].gain, t), need = rule_need_kw(r, bus, t) + refill,
               kw = 0;
        double least = series_get(p, c->in_kw_min, t) * gain;
        if (shift_converter(r, (uint32_t)i, t, &kw)) {
            kw += gain > 0 ? missing_kw(r, bus, t, ran, done) / gain : 0;
        } else if (gain > 0 && need > 1e-6) {
            bool tank = need < least && tank_can_give_kw(r, bus, t, done) >= need;
            kw = tank ? 0 : (need - series_get(p, c->out[k].offset_kw, t)) / gain;
            kw = tank ? 0 : fmax(kw, 1e-6);
        }
        forward_convert(&r->f, (uint32_t)i, t, kw);
        ran[i] = true;
    }
    settle_tanks(r, bus, t, done);
}

/* Headroom for charging from the grid. */
static double spare_kw(const struct rule *r, int bus, uint32_t t)
{
    double most = forward_import_kw_max(&r->f, bus, t);
    return isfinite(most) ? fmax(most - rule_need_kw(r, bus, t), 0) : 0;
}

/* Deadline of a storage that has one ahead: the content it needs, 0 if none. */
static double target_kwh(const struct problem *p, uint32_t i, uint32_t t)
{
    double kwh = 0;
    for (uint32_t k = 0; k < p->target_count; k++) {
        const struct problem_target *g = &p->target[k];
        if (g->storage == (int)i && g->step >= (int)t) {
            kwh = fmax(kwh, g->energy_kwh_min);
        }
    }
    return kwh;
}

/* Wish for a storage that takes from the bus: positive charge. */
static double storage_wish(const struct rule *r, uint32_t i, uint32_t t)
{
    const struct problem *p = r->f.p;
    const struct problem_storage *s = &p->storage[i];
    double need = rule_need_kw(r, s->bus_in, t), price = forward_price(&r->f, s->bus_in, t);
    double over = need - forward_import_kw_max(&r->f, s->bus_in, t);
    double guard = p->grid.present ? series_get(p, p->grid.import_kw_min, t) : 0;
    bool two_way = s->bus_in == s->bus_out,
         cheap = price <= r->price_lo && r->price_hi > r->price_lo;
    double least = fmax(series_get(p, s->energy_kwh_min, t), target_kwh(p, i, t));
    if (r->f.kwh[i] < least) {
        return fmin(refill_kw(r, i, t, least), fmax(spare_kw(r, s->bus_in, t), 0));
    }
    if (two_way && isfinite(over) && over > 0) {
        return -over;
    }
    if (need < 0) {
        return -need;
    }
    if (!two_way) {
        bool wanted = cheap || t + 8 >= p->steps;
        return wanted ? fmin(refill_kw(r, i, t, level_kwh(p, i, t)), spare_kw(r, s->bus_in, t))
                      : 0;
    }
    if (cheap) {
        return spare_kw(r, s->bus_in, t);
    }
    double have =
        (r->f.kwh[i] - fmax(level_kwh(p, i, t), target_kwh(p, i, t))) * s->discharge_pu;
    if (price >= r->price_hi && have > 0) {
        return -fmin(fmax(need - guard, 0), have / problem_hours(p, t));
    }
    return fmin(refill_kw(r, i, t, level_kwh(p, i, t)), spare_kw(r, s->bus_in, t));
}

static void run_storages(struct rule *r, uint32_t t, bool *done)
{
    for (uint32_t i = 0; i < r->f.p->storage_count; i++) {
        double kw = 0;
        if (!done[i]) {
            kw = shift_storage(r, i, t, &kw) ? shift_balanced(r, i, t, kw)
                                             : storage_wish(r, i, t);
            forward_store(&r->f, i, t, kw);
            done[i] = true;
        }
    }
}

/* Buses are served so that what a converter takes is known before its own bus is served: heat
 * and the like, then electricity without grid, then the grid's bus; gas is only closed. */
static int serve_rank(const struct problem *p, int bus)
{
    if (p->bus[bus].kind == BUS_GAS) {
        return 3;
    }
    bool grid = p->grid.present && p->grid.bus == bus;
    return grid ? 2 : p->bus[bus].kind == BUS_ELECTRICITY ? 1 : 0;
}

static void walk_step(struct rule *r, uint32_t t)
{
    const struct problem *p = r->f.p;
    bool ran[PROBLEM_CONVERTERS_MAX] = {false}, done[PROBLEM_STORAGES_MAX] = {false};
    for (uint32_t i = 0; i < p->storage_count; i++) {
        double kw = 0;
        if (shift_storage(r, i, t, &kw) && p->storage[i].bus_in != p->storage[i].bus_out) {
            forward_store(&r->f, i, t, kw);
            done[i] = true;
        }
    }
    for (int rank = 0; rank < 3; rank++) {
        for (int b = 0; b < (int)p->bus_count; b++) {
            if (serve_rank(p, b) == rank && rank < 2) {
                serve_bus(r, b, t, ran, done);
            }
        }
    }
    for (uint32_t i = 0; i < p->converter_count; i++) {
        double kw = 0;
        if (!ran[i]) {
            shift_converter(r, i, t, &kw);
            forward_convert(&r->f, i, t, kw);
        }
    }
    run_storages(r, t, done);
    forward_close(&r->f, t);
}

static void tariff_bands(struct rule *r)
{
    const struct problem *p = r->f.p;
    double lo = HUGE_VAL, hi = -HUGE_VAL;
    for (uint32_t t = 0; t < p->steps; t++) {
        double x = series_get(p, p->grid.import_yuan_per_kwh, t);
        lo = fmin(lo, x);
        hi = fmax(hi, x);
    }
    bool flat = !p->grid.present || hi <= lo;
    r->price_lo = flat ? -HUGE_VAL : lo + 0.25 * (hi - lo);
    r->price_hi = flat ? HUGE_VAL : lo + 0.6 * (hi - lo);
}

static enum err make_plan(const struct problem *p, const struct plan *old, struct plan *out)
{
    struct rule r;
    memset(&r, 0, sizeof r);
    r.old = old;
    enum err e = forward_init(&r.f, p, out, old ? PLAN_SHIFTED : PLAN_RULE);
    if (e != ERR_OK) {
        return e;
    }
    for (uint32_t t = 0; old && t < p->steps; t++) {
        double mid_s = problem_begin_s(p, t) + 0.5 * p->step_s[t];
        r.old_step[t] = plan_step_at(old, p->start_ms + (int64_t)(mid_s * 1000));
    }
    tariff_bands(&r);
    rule_place(&r);
    for (uint32_t t = 0; t < p->steps; t++) {
        walk_step(&r, t);
    }
    tally_state(out, p);
    return ERR_OK;
}

enum err rule_plan(const struct problem *p, struct plan *out)
{
    return make_plan(p, NULL, out);
}

enum err shift_plan(const struct problem *p, const struct plan *old, struct plan *out)
{
    return make_plan(p, old, out);
}
