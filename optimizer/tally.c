/* Costs and breaches of a plan. Pure. */
#include "optimizer/tally.h"
#include "optimizer/trace.h"
#include <math.h>
#include <string.h>

/* Breaches below these are dust of the arithmetic and not listed (their cost still counts). */
static const double DUST_KW = 0.01, DUST_YUAN = 1e-6;

/* One broken wish in one step: how much (kW or kWh), what it costs. */
struct broken {
    enum breach_kind kind;
    const char *asset;
    uint32_t step;
    double amount, yuan;
    double minutes;
};

static void list(struct tally *y, const struct broken *b)
{
    if (b->amount <= DUST_KW) {
        return;
    }
    for (uint32_t i = 0; i < y->breach_count; i++) {
        struct plan_breach *x = &y->breach[i];
        if (x->kind == (int)b->kind && strncmp(x->asset, b->asset, PROBLEM_NAME_LEN) == 0) {
            x->last_step = (int32_t)b->step;
            x->kw_max = fmax(x->kw_max, b->amount);
            x->minutes += b->minutes;
            x->yuan += b->yuan;
            return;
        }
    }
    y->breach_total++;
    if (y->breach_count < PLAN_BREACHES_MAX) {
        struct plan_breach *x = &y->breach[y->breach_count++];
        memset(x, 0, sizeof *x);
        x->kind = (int32_t)b->kind;
        x->first_step = x->last_step = (int32_t)b->step;
        problem_name(x->asset, b->asset);
        x->kw_max = b->amount;
        x->minutes = b->minutes;
        x->yuan = b->yuan;
    }
}

/* A wish missed by `amount` at a price per unit: into COST_BREACH and the list. */
static void miss(struct tally *y, struct broken b, double unit_yuan)
{
    if (b.amount > 0) {
        b.yuan = b.amount * unit_yuan;
        y->yuan[COST_BREACH] += b.yuan;
        list(y, &b);
    }
}

static double price_or(const struct problem *p, double yuan)
{
    return yuan > 0 ? yuan : problem_penalty_yuan_per_kwh(p);
}

static double minutes(const struct problem *p, uint32_t t)
{
    return p->step_s[t] / 60.0;
}

static void tally_buses(struct tally *y, const struct problem *p, const struct plan *pl)
{
    for (uint32_t i = 0; i < p->bus_count; i++) {
        const struct problem_bus *b = &p->bus[i];
        const double *hole = plan_read(pl, pl->bus_unserved_kw[i]);
        const double *more = plan_read(pl, pl->bus_surplus_kw[i]);
        for (uint32_t t = 0; t < p->steps; t++) {
            double h = problem_hours(p, t);
            miss(y, (struct broken){BREACH_UNSERVED, b->name, t, hole[t], 0, minutes(p, t)},
                 problem_unserved_yuan_per_kwh(p, i) * h);
            if (b->dump) {
                y->yuan[COST_DUMP] += more[t] * h * b->dump_yuan_per_kwh;
            } else {
                miss(y, (struct broken){BREACH_SURPLUS, b->name, t, more[t], 0, minutes(p, t)},
                     problem_surplus_yuan_per_kwh(p) * h);
            }
        }
    }
}

/* CO2: what it costs and what the goal puts on it. */
static void emit(struct tally *y, const struct problem *p, double kgco2)
{
    y->yuan[COST_CARBON] += kgco2 * p->co2_yuan_per_kg;
    y->yuan[COST_GOAL] += kgco2 * p->goal.carbon_yuan_per_kg;
}

static void tally_sources(struct tally *y, const struct problem *p, const struct plan *pl)
{
    for (uint32_t i = 0; i < p->source_count; i++) {
        const struct problem_source *s = &p->source[i];
        const double *used = plan_read(pl, pl->source_used_kw[i]);
        for (uint32_t t = 0; t < p->steps; t++) {
            double kwh = used[t] * problem_hours(p, t);
            double left = (series_get(p, s->available_kw, t) - used[t]) * problem_hours(p, t);
            y->yuan[COST_FUEL] += kwh * series_get(p, s->yuan_per_kwh, t);
            emit(y, p, kwh * s->kgco2_per_kwh);
            y->yuan[COST_CURTAILMENT] += s->fixed ? 0 : left * s->curtail_yuan_per_kwh;
        }
    }
    for (uint32_t i = 0; i < p->load_count; i++) {
        const double *shed = plan_read(pl, pl->load_shed_kw[i]);
        for (uint32_t t = 0; t < p->steps; t++) {
            y->yuan[COST_SHED] += shed[t] * problem_hours(p, t) * p->load[i].shed_yuan_per_kwh;
        }
    }
}

double tally_demand_kw(const struct problem *p, const struct plan *pl)
{
    const double *in = plan_read(pl, pl->import_kw);
    uint32_t n = p->grid.demand_average_steps;
    double most = 0;
    for (uint32_t t = n - 1; t < p->steps; t++) {
        double kws = 0, s = 0;
        bool counts = true;
        for (uint32_t k = t + 1 - n; k <= t; k++) {
            kws += in[k] * p->step_s[k];
            s += p->step_s[k];
            counts = counts && series_get(p, p->grid.demand_counts, k) > 0.5;
        }
        most = counts ? fmax(most, kws / s) : most;
    }
    return most;
}

/* A demand within 1 W of the free value has not jumped over it. */
static void tally_demand(struct tally *y, const struct problem *p, const struct plan *pl)
{
    const struct problem_grid *g = &p->grid;
    double over = tally_demand_kw(p, pl) - problem_demand_free_kw(p);
    if (over <= 1e-3 || (g->demand_over_yuan_per_kw <= 0 && g->demand_jump_yuan <= 0)) {
        return;
    }
    double yuan = over * g->demand_over_yuan_per_kw + problem_demand_jump_yuan(p);
    y->yuan[COST_DEMAND] += yuan;
    list(y, &(struct broken){BREACH_CONTRACT, "grid", 0, over, yuan, 0});
}

static void tally_export_peak(struct tally *y, const struct problem *p, const struct plan *pl)
{
    const double *out = plan_read(pl, pl->export_kw);
    double most = 0;
    for (uint32_t t = 0; t < p->steps; t++) {
        most = fmax(most, out[t]);
    }
    y->yuan[COST_DEMAND] += most * p->grid.export_peak_yuan_per_kw;
}

static void tally_reductions(struct tally *y, const struct problem *p, const double *net)
{
    for (uint32_t i = 0; i < p->reduction_count; i++) {
        const struct problem_reduction *d = &p->reduction[i];
        for (int t = d->from_step; t < d->to_step; t++) {
            double h = problem_hours(p, (uint32_t)t);
            double less = series_get(p, d->baseline_kw, (uint32_t)t) - net[t];
            double paid = fmin(d->paid_kw_max, fmax(less, 0));
            double missing = fmax(d->promised_kw - less, 0);
            y->yuan[COST_DR] -= paid * h * d->reward_yuan_per_kwh;
            y->yuan[COST_DR] += missing * h * d->missing_yuan_per_kwh;
        }
    }
}

static void tally_grid(struct tally *y, const struct problem *p, const struct plan *pl)
{
    const struct problem_grid *g = &p->grid;
    const double *in = plan_read(pl, pl->import_kw), *out = plan_read(pl, pl->export_kw);
    double net[PROBLEM_STEPS_MAX], guard = price_or(p, g->guard_yuan_per_kwh);
    if (!g->present) {
        return;
    }
    for (uint32_t t = 0; t < p->steps; t++) {
        double h = problem_hours(p, t);
        net[t] = in[t] - out[t];
        y->yuan[COST_ENERGY] += in[t] * h * series_get(p, g->import_yuan_per_kwh, t);
        y->yuan[COST_EXPORT] -= out[t] * h * series_get(p, g->export_yuan_per_kwh, t);
        emit(y, p, in[t] * h * series_get(p, g->kgco2_per_kwh, t));
        double least = series_get(p, g->import_kw_min, t);
        if (least > 0 && series_get(p, g->import_kw_max, t) > 0) {
            miss(y, (struct broken){BREACH_GUARD, "grid", t, least - net[t], 0, minutes(p, t)},
                 guard * h);
        }
    }
    for (uint32_t i = 0; i < p->cap_count; i++) {
        const struct problem_cap *c = &p->cap[i];
        for (int s = c->from_step; s < c->to_step; s++) {
            uint32_t t = (uint32_t)s;
            double over = c->floor ? c->kw - net[t] : net[t] - c->kw;
            miss(y, (struct broken){BREACH_CAP, c->name, t, over, 0, minutes(p, t)},
                 price_or(p, c->yuan_per_kwh) * problem_hours(p, t));
        }
    }
    tally_demand(y, p, pl);
    tally_export_peak(y, p, pl);
    tally_reductions(y, p, net);
}

static void tally_storages(struct tally *y, const struct problem *p, const struct plan *pl)
{
    uint32_t last = p->steps - 1;
    for (uint32_t i = 0; i < p->storage_count; i++) {
        const struct problem_storage *s = &p->storage[i];
        const double *out = plan_read(pl, pl->storage_discharge_kw[i]);
        const double *kwh = plan_read(pl, pl->storage_energy_kwh[i]);
        for (uint32_t t = 0; t < p->steps; t++) {
            double h = problem_hours(p, t);
            double below = series_get(p, s->energy_kwh_min, t) - kwh[t];
            double above = kwh[t] - series_get(p, s->energy_kwh_max, t);
            y->yuan[COST_WEAR] += out[t] * h * s->wear_yuan_per_kwh;
            miss(y,
                 (struct broken){BREACH_BAND, s->name, t, fmax(below, above), 0, minutes(p, t)},
                 price_or(p, 0) * h);
        }
        y->yuan[COST_TERMINAL] -= kwh[last] * s->terminal_yuan_per_kwh;
        miss(y, (struct broken){BREACH_END, s->name, last, s->end_kwh_min - kwh[last], 0, 0},
             price_or(p, s->end_yuan_per_kwh));
    }
    for (uint32_t i = 0; i < p->target_count; i++) {
        const struct problem_target *g = &p->target[i];
        const double *kwh = plan_read(pl, pl->storage_energy_kwh[g->storage]);
        miss(y,
             (struct broken){BREACH_TARGET, p->storage[g->storage].name, (uint32_t)g->step,
                             g->energy_kwh_min - kwh[g->step], 0, 0},
             price_or(p, g->yuan_per_kwh));
    }
}

static void tally_converters(struct tally *y, const struct problem *p, const struct plan *pl)
{
    for (uint32_t i = 0; i < p->converter_count; i++) {
        const struct problem_converter *c = &p->converter[i];
        const double *in = plan_read(pl, pl->converter_in_kw[i]);
        const double *on = plan_read(pl, pl->converter_on[i]);
        bool before = c->on_now;
        for (uint32_t t = 0; t < p->steps; t++) {
            double h = problem_hours(p, t);
            bool now = on[t] > 0.5;
            y->yuan[COST_START] += now && !before ? c->start_yuan : 0;
            y->yuan[COST_START] += !now && before ? c->stop_yuan : 0;
            y->yuan[COST_RUN] +=
                in[t] * h * c->run_yuan_per_kwh + (now ? c->on_yuan_per_h * h : 0);
            emit(y, p, in[t] * h * c->kgco2_per_kwh);
            before = now;
        }
    }
}

static void tally_orders(struct tally *y, const struct problem *p, const struct plan *pl)
{
    for (uint32_t i = 0; i < p->order_count; i++) {
        const struct problem_order *o = &p->order[i];
        int s = pl->order_start[i];
        if (!o->started && s == PLAN_NONE) {
            double yuan = problem_skip_yuan(p, i);
            y->yuan[COST_BREACH] += yuan;
            list(y, &(struct broken){BREACH_SKIPPED, o->name, 0, 1, yuan, 0});
            continue;
        }
        double late_h = problem_order_late_h(p, i, s), yuan = late_h * o->late_yuan_per_h;
        bool moved = !o->started && o->planned_step >= 0 && s != o->planned_step;
        y->yuan[COST_LATE] += yuan;
        y->yuan[COST_CHANGE] += moved ? o->change_yuan : 0;
        y->yuan[COST_BEYOND] += problem_order_beyond_kwh(p, i, s) * p->beyond_yuan_per_kwh;
        list(y,
             &(struct broken){BREACH_LATE, o->name, p->steps - 1, late_h, yuan, late_h * 60});
    }
}

static void tally_jobs(struct tally *y, const struct problem *p, const struct plan *pl)
{
    for (uint32_t i = 0; i < p->job_count; i++) {
        const struct problem_job *j = &p->job[i];
        const double *draw = plan_read(pl, pl->job_draw_kw[i]);
        double kwh = 0;
        for (uint32_t t = 0; t < p->steps; t++) {
            kwh += draw[t] * problem_hours(p, t);
        }
        uint32_t at = j->to_step > 0 ? (uint32_t)j->to_step - 1 : 0;
        miss(y, (struct broken){BREACH_SHORT, j->name, at, j->energy_kwh - kwh, 0, 0},
             price_or(p, j->short_yuan_per_kwh));
    }
}

static double member_kw(const struct problem *p, const struct plan *pl,
                        const struct problem_member *m, uint32_t t)
{
    uint32_t i = (uint32_t)m->index;
    switch ((enum member_kind)m->kind) {
    case MEMBER_STORAGE:
        return plan_read(pl, pl->storage_charge_kw[i])[t];
    case MEMBER_CONVERTER:
        return plan_read(pl, pl->converter_in_kw[i])[t];
    case MEMBER_ORDER:
        if (!p->order[i].started && (pl->order_start[i] < 0 || (int)t < pl->order_start[i])) {
            return 0;
        }
        return problem_order_draw_kw(p, i, pl->order_start[i], t);
    case MEMBER_JOB:
        return plan_read(pl, pl->job_draw_kw[i])[t];
    case MEMBER_LOAD:
        return series_get(p, p->load[i].draw_kw, t) - plan_read(pl, pl->load_shed_kw[i])[t];
    case MEMBER_MACHINE:
        return pl->machine_draw_kw[i] == PLAN_NONE ? 0
                                                   : plan_read(pl, pl->machine_draw_kw[i])[t];
    case MEMBER_KIND_COUNT:
        break;
    }
    return 0;
}

double tally_limit_kw(const struct problem *p, const struct plan *pl, uint32_t limit,
                      uint32_t step)
{
    double kw = 0;
    for (uint32_t k = 0; k < p->limit[limit].member_count; k++) {
        kw += member_kw(p, pl, &p->limit[limit].member[k], step);
    }
    return kw;
}

static void tally_limits(struct tally *y, const struct problem *p, const struct plan *pl)
{
    for (uint32_t i = 0; i < p->limit_count; i++) {
        const struct problem_limit *l = &p->limit[i];
        for (uint32_t t = 0; t < p->steps; t++) {
            double over = tally_limit_kw(p, pl, i, t) - series_get(p, l->draw_kw_max, t);
            miss(y, (struct broken){BREACH_LIMIT, l->name, t, over, 0, minutes(p, t)},
                 price_or(p, l->yuan_per_kwh) * problem_hours(p, t));
        }
    }
}

static void tally_goal(struct tally *y, const struct problem *p, const struct plan *pl)
{
    y->yuan[COST_GOAL] += p->goal.base_yuan;
    y->absorbed = pl->absorbed;
    if (pl->absorbed.traced) {
        trace_measure(&y->absorbed, p, pl);
        y->yuan[COST_GOAL] +=
            p->goal.unabsorbed_yuan_per_kwh *
            (y->absorbed.curtailed_kwh + y->absorbed.dumped_kwh + y->absorbed.lost_kwh);
    }
}

void tally_plan(struct tally *y, const struct problem *p, const struct plan *pl)
{
    memset(y, 0, sizeof *y);
    tally_goal(y, p, pl);
    tally_buses(y, p, pl);
    tally_sources(y, p, pl);
    tally_grid(y, p, pl);
    tally_storages(y, p, pl);
    tally_converters(y, p, pl);
    tally_orders(y, p, pl);
    tally_jobs(y, p, pl);
    tally_limits(y, p, pl);
    for (uint32_t i = 0; i < y->breach_count; i++) {
        y->breach[i].yuan = fabs(y->breach[i].yuan) < DUST_YUAN ? 0 : y->breach[i].yuan;
    }
}

double tally_sum(const struct tally *y)
{
    double sum = 0;
    for (int i = 0; i < COST_COUNT; i++) {
        sum += y->yuan[i];
    }
    return sum;
}

double tally_gap_pu(double objective_yuan, double bound_yuan)
{
    if (!isfinite(bound_yuan)) {
        return HUGE_VAL;
    }
    return fmax(objective_yuan - bound_yuan, 0) / fmax(1, fabs(objective_yuan));
}

void tally_state(struct plan *pl, const struct problem *p)
{
    struct tally y;
    if (pl->absorbed.traced && pl->origin != PLAN_MILP) {
        trace_fill(pl, p); /* the search brings its own */
    }
    tally_plan(&y, p, pl);
    pl->absorbed = y.absorbed;
    memcpy(pl->cost_yuan, y.yuan, sizeof pl->cost_yuan);
    memcpy(pl->breach, y.breach, sizeof pl->breach);
    pl->breach_count = y.breach_count;
    pl->breach_total = y.breach_total;
    pl->objective_yuan = tally_sum(&y);
    pl->gap_pu = tally_gap_pu(pl->objective_yuan, pl->bound_yuan);
    for (uint32_t i = 0; i < p->order_count; i++) {
        const struct problem_order *o = &p->order[i];
        double run = problem_order_run_s(p, i);
        pl->order_end_s[i] = o->started ? run - o->started_s
                             : pl->order_start[i] < 0
                                 ? 0
                                 : run + problem_begin_s(p, (uint32_t)pl->order_start[i]);
    }
}
