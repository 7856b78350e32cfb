/* Sums over a plan's series. Pure. */
#include "optimizer/facts.h"
#include "optimizer/binding.h"
#include <math.h>
#include <string.h>

/* Below this an asset stands still, kW. */
static const double STILL_KW = 1e-3;

double facts_kwh(const struct problem *p, const double *kw, int from, int to)
{
    double sum = 0;
    for (int t = from; t < to; t++) {
        sum += kw[t] * problem_hours(p, (uint32_t)t);
    }
    return sum;
}

void facts_net(const struct problem *p, const struct plan *pl, uint32_t storage, double *charge,
               double *discharge)
{
    const struct problem_storage *s = &p->storage[storage];
    const double *in = plan_read(pl, pl->storage_charge_kw[storage]);
    const double *give = plan_read(pl, pl->storage_discharge_kw[storage]);
    for (uint32_t t = 0; t < p->steps; t++) {
        double both = s->bus_in == s->bus_out ? fmin(in[t], give[t]) : 0;
        charge[t] = in[t] - both;
        discharge[t] = give[t] - both;
    }
}

/* A flow between the asset and a bus. */
struct flow {
    const struct problem *p;
    const struct plan *pl;
    int bus;
    const double *kw;
};

/* Adds a flow to an energy and its mean value. */
static void add(const struct flow *f, double *kwh, double *yuan_per_kwh)
{
    const double *value = plan_read(f->pl, f->pl->bus_value_yuan_per_kwh[f->bus]);
    double yuan = *kwh * *yuan_per_kwh;
    for (uint32_t t = 0; t < f->p->steps; t++) {
        *kwh += f->kw[t] * problem_hours(f->p, t);
        yuan += f->kw[t] * problem_hours(f->p, t) * value[t];
    }
    *yuan_per_kwh = *kwh > STILL_KW ? yuan / *kwh : 0;
}

/* Hours, runs, first and last step of work. */
static void span(const struct problem *p, const double *kw, struct facts *out)
{
    bool before = false;
    for (uint32_t t = 0; t < p->steps; t++) {
        bool now = kw[t] > STILL_KW;
        out->hours += now ? problem_hours(p, t) : 0;
        out->runs += now && !before ? 1 : 0;
        out->from_step = now && out->from_step < 0 ? (int)t : out->from_step;
        out->to_step = now ? (int)t + 1 : out->to_step;
        before = now;
    }
}

static void of_order(const struct problem *p, const struct plan *pl, uint32_t i,
                     struct facts *out)
{
    double kw[PROBLEM_STEPS_MAX] = {0};
    int s = pl->order_start[i];
    for (uint32_t t = 0; t < p->steps; t++) {
        bool there = p->order[i].started || (s != PLAN_NONE && (int)t >= s);
        kw[t] = there ? problem_order_draw_kw(p, i, s, t) : 0;
    }
    int bus = p->recipe[p->order[i].recipe].draw_bus;
    add(&(struct flow){p, pl, bus, kw}, &out->in_kwh, &out->in_yuan_per_kwh);
    span(p, kw, out);
}

static void of_job(const struct problem *p, const struct plan *pl, uint32_t i,
                   struct facts *out)
{
    const double *kw = plan_read(pl, pl->job_draw_kw[i]);
    add(&(struct flow){p, pl, p->job[i].bus, kw}, &out->in_kwh, &out->in_yuan_per_kwh);
    span(p, kw, out);
}

static void of_converter(const struct problem *p, const struct plan *pl, uint32_t i,
                         struct facts *out)
{
    const struct problem_converter *c = &p->converter[i];
    const double *in = plan_read(pl, pl->converter_in_kw[i]);
    const double *on = plan_read(pl, pl->converter_on[i]);
    double kw[PROBLEM_STEPS_MAX] = {0}, run_yuan = 0;
    bool before = c->on_now;
    add(&(struct flow){p, pl, c->bus_in, in}, &out->in_kwh, &out->in_yuan_per_kwh);
    for (int k = 0; k < PROBLEM_OUTPUTS; k++) {
        for (uint32_t t = 0; t < p->steps && c->out[k].bus >= 0; t++) {
            kw[t] = in[t] * series_get(p, c->out[k].gain, t) +
                    on[t] * series_get(p, c->out[k].offset_kw, t);
        }
        if (c->out[k].bus >= 0) {
            add(&(struct flow){p, pl, c->out[k].bus, kw}, &out->out_kwh,
                &out->out_yuan_per_kwh);
        }
    }
    out->best_yuan_per_kwh = -HUGE_VAL;
    for (uint32_t t = 0; t < p->steps; t++) {
        double worth = binding_unit_yuan_per_kwh(p, pl, i, t);
        bool can = series_get(p, c->in_kw_max, t) > 0;
        if (can && worth > out->best_yuan_per_kwh) {
            out->best_yuan_per_kwh = worth;
            out->best_step = (int)t;
        }
        bool now = on[t] > 0.5;
        run_yuan += in[t] * problem_hours(p, t) *
                        (c->run_yuan_per_kwh + c->kgco2_per_kwh * problem_co2_yuan_per_kg(p)) +
                    (now ? c->on_yuan_per_h * problem_hours(p, t) : 0) +
                    (now && !before ? c->start_yuan : 0) + (!now && before ? c->stop_yuan : 0);
        before = now;
    }
    out->earns_yuan =
        out->out_kwh * out->out_yuan_per_kwh - out->in_kwh * out->in_yuan_per_kwh - run_yuan;
    span(p, in, out);
}

static void of_storage(const struct problem *p, const struct plan *pl, uint32_t i,
                       struct facts *out)
{
    const struct problem_storage *s = &p->storage[i];
    double in[PROBLEM_STEPS_MAX] = {0}, give[PROBLEM_STEPS_MAX] = {0};
    facts_net(p, pl, i, in, give);
    add(&(struct flow){p, pl, s->bus_in, in}, &out->in_kwh, &out->in_yuan_per_kwh);
    add(&(struct flow){p, pl, s->bus_out, give}, &out->out_kwh, &out->out_yuan_per_kwh);
    double more_kwh =
        plan_read(pl, pl->storage_energy_kwh[i])[p->steps - 1] - s->energy_start_kwh;
    out->earns_yuan = out->out_kwh * (out->out_yuan_per_kwh - s->wear_yuan_per_kwh) -
                      out->in_kwh * out->in_yuan_per_kwh + more_kwh * s->terminal_yuan_per_kwh;
    span(p, in, out);
}

static void of_source(const struct problem *p, const struct plan *pl, uint32_t i,
                      struct facts *out)
{
    const double *used = plan_read(pl, pl->source_used_kw[i]);
    double left[PROBLEM_STEPS_MAX] = {0};
    for (uint32_t t = 0; t < p->steps; t++) {
        bool bought = series_get(p, p->source[i].yuan_per_kwh, t) > 0;
        left[t] = bought ? 0 : fmax(series_get(p, p->source[i].available_kw, t) - used[t], 0);
    }
    int bus = p->source[i].bus;
    add(&(struct flow){p, pl, bus, used}, &out->out_kwh, &out->out_yuan_per_kwh);
    add(&(struct flow){p, pl, bus, left}, &out->lost_kwh, &out->lost_yuan_per_kwh);
    out->earns_yuan = out->out_kwh * out->out_yuan_per_kwh;
    span(p, used, out);
}

static const struct {
    const char *name;
    void (*of)(const struct problem *p, const struct plan *pl, uint32_t i, struct facts *out);
} kinds[FACTS_KIND_COUNT] = {
    [FACTS_ORDER] = {"order",   of_order    },
      [FACTS_JOB] = {"job",     of_job      },
    [FACTS_CONVERTER] = {"unit",    of_converter},
      [FACTS_STORAGE] = {"storage", of_storage  },
    [FACTS_SOURCE] = {"source",  of_source   },
};

const char *facts_name(enum facts_kind k)
{
    return k < FACTS_KIND_COUNT ? kinds[k].name : "";
}

struct asset_list {
    uint32_t count;
    const void *array; /* names come first */
    size_t size;
};

static struct asset_list assets_of(const struct problem *p, enum facts_kind k)
{
    const struct asset_list lists[FACTS_KIND_COUNT] = {
        [FACTS_ORDER] = {p->order_count,     p->order,     sizeof p->order[0]    },
        [FACTS_JOB] = {p->job_count,       p->job,       sizeof p->job[0]      },
        [FACTS_CONVERTER] = {p->converter_count, p->converter, sizeof p->converter[0]},
        [FACTS_STORAGE] = {p->storage_count,   p->storage,   sizeof p->storage[0]  },
        [FACTS_SOURCE] = {p->source_count,    p->source,    sizeof p->source[0]   },
    };
    return lists[k];
}

uint32_t facts_count(const struct problem *p, enum facts_kind k)
{
    return assets_of(p, k).count;
}

const char *facts_asset(const struct problem *p, enum facts_kind k, uint32_t index)
{
    struct asset_list a = assets_of(p, k);
    return (const char *)a.array + index * a.size;
}

void facts_of(const struct problem *p, const struct plan *pl, enum facts_kind k, uint32_t index,
              struct facts *out)
{
    *out = (struct facts){.from_step = -1, .best_step = -1};
    kinds[k].of(p, pl, index, out);
}
