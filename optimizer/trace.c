/* The walk over the buses. */
#include "optimizer/trace.h"
#include "optimizer/states.h"
#include <math.h>

static int rank_of(const struct problem *p, int bus)
{
    static const int kind_rank[BUS_KIND_COUNT] = {
        [BUS_ELECTRICITY] = 0, [BUS_GAS] = 1, [BUS_OTHER] = 2, [BUS_HEAT] = 3};
    return kind_rank[p->bus[bus].kind] * PROBLEM_BUSES_MAX + bus;
}

static void order_buses(struct trace *tr, const struct problem *p)
{
    for (uint32_t b = 0; b < p->bus_count; b++) {
        uint32_t at = tr->buses++;
        for (; at > 0 && rank_of(p, (int)tr->bus[at - 1]) > rank_of(p, (int)b); at--) {
            tr->bus[at] = tr->bus[at - 1];
        }
        tr->bus[at] = b;
    }
}

/* true if a converter only leads onwards and what it gives is a share of what it takes. */
static bool converter_leads(const struct problem *p, uint32_t i)
{
    const struct problem_converter *c = &p->converter[i];
    bool on = false;
    for (int k = 0; k < PROBLEM_OUTPUTS; k++) {
        if (c->out[k].bus < 0) {
            continue;
        }
        on = true;
        if (rank_of(p, c->out[k].bus) <= rank_of(p, c->bus_in)) {
            return false;
        }
        for (uint32_t t = 0; t < p->steps; t++) {
            if (series_get(p, c->out[k].offset_kw, t) < 0) {
                return false;
            }
        }
    }
    return on;
}

/* Marks what leaves a bus that is reached, and the buses behind it. */
static void follow(struct trace *tr, const struct problem *p, int bus)
{
    for (uint32_t i = 0; i < p->converter_count; i++) {
        const struct problem_converter *c = &p->converter[i];
        if (c->bus_in != bus || !converter_leads(p, i)) {
            continue;
        }
        tr->converter[i] = true;
        for (int k = 0; k < PROBLEM_OUTPUTS; k++) {
            if (c->out[k].bus >= 0) {
                tr->reached[c->out[k].bus] = true;
            }
        }
    }
    for (uint32_t i = 0; i < p->storage_count; i++) {
        const struct problem_storage *s = &p->storage[i];
        if (s->bus_in == bus && rank_of(p, s->bus_out) >= rank_of(p, bus)) {
            tr->storage[i] = true;
            tr->reached[s->bus_out] = true;
        }
    }
}

void trace_init(struct trace *tr, const struct problem *p)
{
    uint32_t kept = 0;
    *tr = (struct trace){.buses = 0};
    order_buses(tr, p);
    for (uint32_t i = 0; i < p->source_count; i++) {
        if (problem_source_renewable(p, i)) {
            tr->reached[p->source[i].bus] = true;
        }
    }
    for (uint32_t k = 0; k < tr->buses; k++) {
        uint32_t b = tr->bus[k];
        if (tr->reached[b]) {
            follow(tr, p, (int)b);
            tr->bus[kept++] = b;
        }
    }
    tr->buses = kept;
}

double trace_converter_loss_pu(const struct problem *p, uint32_t converter, uint32_t step)
{
    double gain = 0;
    for (int k = 0; k < PROBLEM_OUTPUTS; k++) {
        const struct problem_output *o = &p->converter[converter].out[k];
        gain += o->bus >= 0 ? series_get(p, o->gain, step) : 0;
    }
    return fmax(1 - gain, 0);
}

/* ---- Sums over a bus ---- */

double trace_inflow_kw(const struct trace *tr, const struct problem *p, const struct plan *pl,
                       uint32_t bus, uint32_t step)
{
    const struct plan_absorption *a = &pl->absorbed;
    double kw = 0;
    for (uint32_t i = 0; i < p->source_count; i++) {
        if (p->source[i].bus == (int)bus && problem_source_renewable(p, i)) {
            kw += plan_read(pl, pl->source_used_kw[i])[step];
        }
    }
    for (uint32_t i = 0; i < p->converter_count; i++) {
        for (int k = 0; k < PROBLEM_OUTPUTS && tr->converter[i]; k++) {
            const struct problem_output *o = &p->converter[i].out[k];
            kw += o->bus == (int)bus
                      ? plan_read(pl, a->in_kw[i])[step] * series_get(p, o->gain, step)
                      : 0;
        }
    }
    for (uint32_t i = 0; i < p->storage_count; i++) {
        kw += tr->storage[i] && p->storage[i].bus_out == (int)bus
                  ? plan_read(pl, a->discharge_kw[i])[step]
                  : 0;
    }
    return kw;
}

double trace_outflow_kw(const struct trace *tr, const struct problem *p, const struct plan *pl,
                        uint32_t bus, uint32_t step)
{
    const struct plan_absorption *a = &pl->absorbed;
    double kw = plan_read(pl, a->dump_kw[bus])[step];
    for (uint32_t i = 0; i < p->converter_count; i++) {
        kw += tr->converter[i] && p->converter[i].bus_in == (int)bus
                  ? plan_read(pl, a->in_kw[i])[step]
                  : 0;
    }
    for (uint32_t i = 0; i < p->storage_count; i++) {
        kw += tr->storage[i] && p->storage[i].bus_in == (int)bus
                  ? plan_read(pl, a->charge_kw[i])[step]
                  : 0;
    }
    return kw;
}

double trace_draws_kw(const struct trace *tr, const struct problem *p, const struct plan *pl,
                      uint32_t bus, uint32_t step)
{
    bool grid = p->grid.present && p->grid.bus == (int)bus;
    double kw = grid ? plan_read(pl, pl->export_kw)[step] : 0;
    for (uint32_t i = 0; i < p->load_count; i++) {
        double net =
            series_get(p, p->load[i].draw_kw, step) - plan_read(pl, pl->load_shed_kw[i])[step];
        kw += p->load[i].bus == (int)bus ? fmax(net, 0) : 0;
    }
    for (uint32_t i = 0; i < p->job_count; i++) {
        kw += p->job[i].bus == (int)bus ? plan_read(pl, pl->job_draw_kw[i])[step] : 0;
    }
    for (uint32_t i = 0; i < p->order_count; i++) {
        int start = pl->order_start[i];
        bool runs = p->order[i].started || (start != PLAN_NONE && (int)step >= start);
        kw += runs && p->recipe[p->order[i].recipe].draw_bus == (int)bus
                  ? problem_order_draw_kw(p, i, start, step)
                  : 0;
    }
    for (uint32_t i = 0; i < p->machine_count; i++) {
        kw += states_has(p, (int)i) && p->machine[i].bus == (int)bus
                  ? plan_read(pl, pl->machine_draw_kw[i])[step]
                  : 0;
    }
    for (uint32_t i = 0; i < p->converter_count; i++) {
        kw += !tr->converter[i] && p->converter[i].bus_in == (int)bus
                  ? plan_read(pl, pl->converter_in_kw[i])[step]
                  : 0;
    }
    for (uint32_t i = 0; i < p->storage_count; i++) {
        kw += !tr->storage[i] && p->storage[i].bus_in == (int)bus
                  ? plan_read(pl, pl->storage_charge_kw[i])[step]
                  : 0;
    }
    return kw;
}

double trace_content_kwh(const struct problem *p, const struct plan *pl, uint32_t storage,
                         uint32_t step, double before_kwh)
{
    const struct problem_storage *s = &p->storage[storage];
    const struct plan_absorption *a = &pl->absorbed;
    double h = problem_hours(p, step);
    return before_kwh * problem_storage_keep_pu(p, storage, step) +
           plan_read(pl, a->charge_kw[storage])[step] * h * s->charge_pu -
           plan_read(pl, a->discharge_kw[storage])[step] * h / s->discharge_pu;
}

/* ---- Filling ---- */

/* Gives at most `most` of *rest. */
static double give(double *rest, double most)
{
    double kw = fmax(fmin(*rest, most), 0);
    *rest -= kw;
    return kw;
}

/* Takes out of the stores that feed a bus what leaves them anyway. A store on one bus gives
 * only what it held before the step. */
static void draw_stores(struct plan *pl, const struct problem *p, const struct trace *tr,
                        const double *kwh, const uint32_t at[2])
{
    uint32_t bus = at[0], t = at[1];
    for (uint32_t i = 0; i < p->storage_count; i++) {
        const struct problem_storage *s = &p->storage[i];
        if (!tr->storage[i] || s->bus_out != (int)bus) {
            continue;
        }
        double have = kwh[i] * problem_storage_keep_pu(p, i, t);
        if (s->bus_in != s->bus_out) {
            have += plan_read(pl, pl->absorbed.charge_kw[i])[t] * problem_hours(p, t) *
                    s->charge_pu;
        }
        plan_series(pl, pl->absorbed.discharge_kw[i])[t] =
            give(&(double){plan_read(pl, pl->storage_discharge_kw[i])[t]},
                 have * s->discharge_pu / problem_hours(p, t));
    }
}

static void spread(struct plan *pl, const struct problem *p, const struct trace *tr,
                   const uint32_t at[2])
{
    uint32_t bus = at[0], t = at[1];
    double rest = trace_inflow_kw(tr, p, pl, bus, t) - trace_draws_kw(tr, p, pl, bus, t);
    for (uint32_t i = 0; i < p->converter_count; i++) {
        if (tr->converter[i] && p->converter[i].bus_in == (int)bus) {
            plan_series(pl, pl->absorbed.in_kw[i])[t] =
                give(&rest, plan_read(pl, pl->converter_in_kw[i])[t]);
        }
    }
    for (uint32_t i = 0; i < p->storage_count; i++) {
        if (tr->storage[i] && p->storage[i].bus_in == (int)bus) {
            plan_series(pl, pl->absorbed.charge_kw[i])[t] =
                give(&rest, plan_read(pl, pl->storage_charge_kw[i])[t]);
        }
    }
    plan_series(pl, pl->absorbed.dump_kw[bus])[t] =
        give(&rest, plan_read(pl, pl->bus_surplus_kw[bus])[t]);
}

void trace_fill(struct plan *pl, const struct problem *p)
{
    struct trace tr;
    double kwh[PROBLEM_STORAGES_MAX] = {0};
    trace_init(&tr, p);
    for (uint32_t t = 0; t < p->steps; t++) {
        for (uint32_t k = 0; k < tr.buses; k++) {
            draw_stores(pl, p, &tr, kwh, (uint32_t[2]){tr.bus[k], t});
            spread(pl, p, &tr, (uint32_t[2]){tr.bus[k], t});
        }
        for (uint32_t i = 0; i < p->storage_count; i++) {
            kwh[i] = tr.storage[i] ? fmax(trace_content_kwh(p, pl, i, t, kwh[i]), 0) : 0;
        }
    }
}

/* ---- Measuring ---- */

static double lost_in_storage(const struct problem *p, const struct plan *pl, uint32_t i)
{
    double kwh = 0, lost = 0;
    for (uint32_t t = 0; t < p->steps; t++) {
        kwh = trace_content_kwh(p, pl, i, t, kwh);
        lost += problem_hours(p, t) * (plan_read(pl, pl->absorbed.charge_kw[i])[t] -
                                       plan_read(pl, pl->absorbed.discharge_kw[i])[t]);
    }
    return lost - p->storage[i].discharge_pu * kwh;
}

void trace_measure(struct plan_absorption *a, const struct problem *p, const struct plan *pl)
{
    struct trace tr;
    trace_init(&tr, p);
    a->available_kwh = a->curtailed_kwh = a->dumped_kwh = a->lost_kwh = 0;
    for (uint32_t t = 0; t < p->steps; t++) {
        double h = problem_hours(p, t);
        for (uint32_t i = 0; i < p->source_count; i++) {
            if (problem_source_renewable(p, i)) {
                double all = series_get(p, p->source[i].available_kw, t);
                a->available_kwh += all * h;
                a->curtailed_kwh += (all - plan_read(pl, pl->source_used_kw[i])[t]) * h;
            }
        }
        for (uint32_t k = 0; k < tr.buses; k++) {
            a->dumped_kwh += plan_read(pl, a->dump_kw[tr.bus[k]])[t] * h;
        }
        for (uint32_t i = 0; i < p->converter_count; i++) {
            if (tr.converter[i]) {
                a->lost_kwh +=
                    plan_read(pl, a->in_kw[i])[t] * h * trace_converter_loss_pu(p, i, t);
            }
        }
    }
    for (uint32_t i = 0; i < p->storage_count; i++) {
        a->lost_kwh += tr.storage[i] ? lost_in_storage(p, pl, i) : 0;
    }
}
