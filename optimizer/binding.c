/* One small question per kind of limit, walked over assets and steps by one loop. Pure. */
#include "optimizer/binding.h"
#include "optimizer/order_bar.h"
#include "optimizer/tally.h"
#include <math.h>
#include <string.h>

/* A limit is reached within this much, kW or kWh. */
static const double NEAR = 0.05;

struct probe {
    const struct problem *p;
    const struct plan *pl;
    uint32_t i; /* asset */
    double limit;
    double free_kw; /* of the demand charge */
};

static bool reaches(struct probe *b, double value, double limit)
{
    b->limit = limit;
    return value >= limit - NEAR;
}

/* ---- The connection point ---- */

static double import_at(const struct probe *b, uint32_t t)
{
    return plan_read(b->pl, b->pl->import_kw)[t];
}

static double export_at(const struct probe *b, uint32_t t)
{
    return plan_read(b->pl, b->pl->export_kw)[t];
}

static bool at_import(struct probe *b, uint32_t t)
{
    return reaches(b, import_at(b, t), series_get(b->p, b->p->grid.import_kw_max, t));
}

/* Something would rather leave than be wasted. */
static bool presses(const struct probe *b, uint32_t t)
{
    const struct problem *p = b->p;
    for (uint32_t i = 0; i < p->source_count; i++) {
        const struct problem_source *s = &p->source[i];
        double left =
            series_get(p, s->available_kw, t) - plan_read(b->pl, b->pl->source_used_kw[i])[t];
        if (s->bus == p->grid.bus && series_get(p, s->yuan_per_kwh, t) <= 0 && left > NEAR) {
            return true;
        }
    }
    return plan_read(b->pl, b->pl->bus_surplus_kw[p->grid.bus])[t] > NEAR;
}

static bool at_export(struct probe *b, uint32_t t)
{
    return reaches(b, export_at(b, t), series_get(b->p, b->p->grid.export_kw_max, t)) &&
           presses(b, t);
}

static bool at_guard(struct probe *b, uint32_t t)
{
    double least = series_get(b->p, b->p->grid.import_kw_min, t);
    b->limit = least;
    return least > 0 && import_at(b, t) - export_at(b, t) <= least + NEAR;
}

/* The mean over the window that ends with this step. */
static bool at_demand(struct probe *b, uint32_t t)
{
    const struct problem_grid *g = &b->p->grid;
    uint32_t n = g->demand_average_steps;
    double kws = 0, s = 0;
    if ((g->demand_over_yuan_per_kw <= 0 && g->demand_jump_yuan <= 0) || t + 1 < n) {
        return false;
    }
    for (uint32_t k = t + 1 - n; k <= t; k++) {
        if (series_get(b->p, g->demand_counts, k) <= 0.5) {
            return false;
        }
        kws += import_at(b, k) * b->p->step_s[k];
        s += b->p->step_s[k];
    }
    return reaches(b, kws / s, b->free_kw);
}

static bool at_cap(struct probe *b, uint32_t t)
{
    const struct problem_cap *c = &b->p->cap[b->i];
    double net = import_at(b, t) - export_at(b, t);
    b->limit = c->kw;
    return (int)t >= c->from_step && (int)t < c->to_step &&
           (c->floor ? net <= c->kw + NEAR : net >= c->kw - NEAR);
}

static bool at_group(struct probe *b, uint32_t t)
{
    return reaches(b, tally_limit_kw(b->p, b->pl, b->i, t),
                   series_get(b->p, b->p->limit[b->i].draw_kw_max, t));
}

/* ---- Sources and storages ---- */

static bool at_source(struct probe *b, uint32_t t)
{
    double all = series_get(b->p, b->p->source[b->i].available_kw, t);
    return all > NEAR && reaches(b, plan_read(b->pl, b->pl->source_used_kw[b->i])[t], all);
}

static bool at_power(struct probe *b, double kw, double most)
{
    return most > NEAR && reaches(b, kw, most);
}

/* Net: what a loss-free tank takes and gives at once binds nothing. */
static double charge_at(const struct probe *b, uint32_t t)
{
    return plan_read(b->pl, b->pl->storage_charge_kw[b->i])[t] -
           plan_read(b->pl, b->pl->storage_discharge_kw[b->i])[t];
}

static bool at_charge(struct probe *b, uint32_t t)
{
    return at_power(b, charge_at(b, t), series_get(b->p, b->p->storage[b->i].charge_kw_max, t));
}

static bool at_discharge(struct probe *b, uint32_t t)
{
    return at_power(b, -charge_at(b, t),
                    series_get(b->p, b->p->storage[b->i].discharge_kw_max, t));
}

static bool at_full(struct probe *b, uint32_t t)
{
    return reaches(b, plan_read(b->pl, b->pl->storage_energy_kwh[b->i])[t],
                   series_get(b->p, b->p->storage[b->i].energy_kwh_max, t));
}

static bool at_empty(struct probe *b, uint32_t t)
{
    b->limit = series_get(b->p, b->p->storage[b->i].energy_kwh_min, t);
    return plan_read(b->pl, b->pl->storage_energy_kwh[b->i])[t] <= b->limit + NEAR;
}

/* ---- Units ---- */

static bool is_on(const struct probe *b, uint32_t t)
{
    return plan_read(b->pl, b->pl->converter_on[b->i])[t] > 0.5;
}

static double input_at(const struct probe *b, uint32_t t)
{
    return plan_read(b->pl, b->pl->converter_in_kw[b->i])[t];
}

static bool at_most(struct probe *b, uint32_t t)
{
    return is_on(b, t) &&
           at_power(b, input_at(b, t), series_get(b->p, b->p->converter[b->i].in_kw_max, t));
}

static bool at_least(struct probe *b, uint32_t t)
{
    b->limit = series_get(b->p, b->p->converter[b->i].in_kw_min, t);
    return is_on(b, t) && b->limit > NEAR && input_at(b, t) <= b->limit + NEAR;
}

static bool at_ramp(struct probe *b, uint32_t t, bool up)
{
    const struct problem_converter *c = &b->p->converter[b->i];
    bool before_on = t ? is_on(b, t - 1) : c->on_now;
    double before = t ? input_at(b, t - 1) : c->in_start_kw;
    double ramp = problem_converter_ramp_kw(b->p, b->i, t, up);
    double rise = up ? input_at(b, t) - before : before - input_at(b, t);
    return is_on(b, t) && before_on && isfinite(ramp) && reaches(b, rise, ramp);
}

static bool at_ramp_up(struct probe *b, uint32_t t)
{
    return at_ramp(b, t, true);
}

static bool at_ramp_down(struct probe *b, uint32_t t)
{
    return at_ramp(b, t, false);
}

/* The state of step t began in the horizon, ends in it, and is as short as it may be. */
static bool at_time(struct probe *b, uint32_t t, bool state, double least_s)
{
    uint32_t from = t, to = t + 1;
    while (from > 0 && is_on(b, from - 1) == state) {
        from--;
    }
    while (to < b->p->steps && is_on(b, to) == state) {
        to++;
    }
    bool began = from > 0 || (b->p->converter[b->i].on_now != 0) != state;
    b->limit = least_s;
    return is_on(b, t) == state && began && to < b->p->steps && to - from > 1 &&
           problem_within_s(b->p, from, to - 1, least_s);
}

static bool at_up(struct probe *b, uint32_t t)
{
    return at_time(b, t, true, b->p->converter[b->i].min_up_s);
}

static bool at_down(struct probe *b, uint32_t t)
{
    return at_time(b, t, false, b->p->converter[b->i].min_down_s);
}

/* ---- Orders: in the step of their start ---- */

static bool starts(struct probe *b, uint32_t t)
{
    b->limit = problem_begin_s(b->p, t);
    return !b->p->order[b->i].started && b->pl->order_start[b->i] == (int)t;
}

static bool at_earliest(struct probe *b, uint32_t t)
{
    return starts(b, t) && b->p->order[b->i].earliest_step == (int)t;
}

static bool at_latest(struct probe *b, uint32_t t)
{
    return starts(b, t) && b->p->order[b->i].latest_step == (int)t;
}

/* A start one step earlier would meet another order or a machine that is not free. */
static bool at_machine(struct probe *b, uint32_t t)
{
    if (!starts(b, t) || t == 0) {
        return false;
    }
    enum order_bar bar = order_bar_at(b->p, b->pl, b->i, (int)t - 1);
    return bar == BAR_COOLING || bar == BAR_MACHINE;
}

static bool at_next(struct probe *b, uint32_t t)
{
    return starts(b, t) && t + 1 < b->p->steps &&
           order_bar_at(b->p, b->pl, b->i, (int)t + 1) == BAR_MACHINE;
}

/* ---- What one more kW of a limit is worth in a step, yuan per kWh; NAN: not known ---- */

static double bus_value(const struct probe *b, int bus, uint32_t t)
{
    return plan_read(b->pl, b->pl->bus_value_yuan_per_kwh[bus])[t];
}

static double import_worth(const struct probe *b, uint32_t t)
{
    const struct problem_grid *g = &b->p->grid;
    double co2 = problem_co2_yuan_per_kg(b->p) * series_get(b->p, g->kgco2_per_kwh, t);
    return bus_value(b, g->bus, t) - series_get(b->p, g->import_yuan_per_kwh, t) - co2;
}

static double export_worth(const struct probe *b, uint32_t t)
{
    const struct problem_grid *g = &b->p->grid;
    return series_get(b->p, g->export_yuan_per_kwh, t) - bus_value(b, g->bus, t);
}

static double source_worth(const struct probe *b, uint32_t t)
{
    const struct problem_source *s = &b->p->source[b->i];
    return bus_value(b, s->bus, t) - series_get(b->p, s->yuan_per_kwh, t) -
           s->kgco2_per_kwh * problem_co2_yuan_per_kg(b->p);
}

double binding_unit_yuan_per_kwh(const struct problem *p, const struct plan *pl,
                                 uint32_t converter, uint32_t t)
{
    const struct problem_converter *c = &p->converter[converter];
    struct probe b = {.p = p, .pl = pl};
    double worth = -bus_value(&b, c->bus_in, t) - c->run_yuan_per_kwh -
                   c->kgco2_per_kwh * problem_co2_yuan_per_kg(p);
    for (int k = 0; k < PROBLEM_OUTPUTS; k++) {
        if (c->out[k].bus >= 0) {
            worth += series_get(p, c->out[k].gain, t) * bus_value(&b, c->out[k].bus, t);
        }
    }
    return worth;
}

static double input_worth(const struct probe *b, uint32_t t)
{
    return binding_unit_yuan_per_kwh(b->p, b->pl, b->i, t);
}

/* ---- The table ---- */

struct asset_list {
    uint32_t count;
    const void *array; /* names come first */
    size_t size;
};

enum assets { OF_GRID, OF_CAPS, OF_GROUPS, OF_SOURCES, OF_STORAGES, OF_UNITS, OF_ORDERS };

static struct asset_list assets_of(const struct problem *p, enum assets of)
{
    static const char grid[] = "grid";
    const struct asset_list lists[] = {
        [OF_GRID] = {p->grid.present,    grid,         0                     },
        [OF_CAPS] = {p->cap_count,       p->cap,       sizeof p->cap[0]      },
        [OF_GROUPS] = {p->limit_count,     p->limit,     sizeof p->limit[0]    },
        [OF_SOURCES] = {p->source_count,    p->source,    sizeof p->source[0]   },
        [OF_STORAGES] = {p->storage_count,   p->storage,   sizeof p->storage[0]  },
        [OF_UNITS] = {p->converter_count, p->converter, sizeof p->converter[0]},
        [OF_ORDERS] = {p->order_count,     p->order,     sizeof p->order[0]    },
    };
    return lists[of];
}

static const struct {
    const char *name;
    enum assets of;
    bool (*binds)(struct probe *b, uint32_t t);
    double (*worth)(const struct probe *b, uint32_t t);
} rows[BINDING_KIND_COUNT] = {
    [BINDING_IMPORT] = {"import",    OF_GRID,     at_import,    import_worth},
    [BINDING_EXPORT] = {"export",    OF_GRID,     at_export,    export_worth},
    [BINDING_GUARD] = {"guard",     OF_GRID,     at_guard,     NULL        },
    [BINDING_DEMAND] = {"demand",    OF_GRID,     at_demand,    import_worth},
    [BINDING_CAP] = {"cap",       OF_CAPS,     at_cap,       import_worth},
    [BINDING_GROUP] = {"group",     OF_GROUPS,   at_group,     NULL        },
    [BINDING_SOURCE] = {"source",    OF_SOURCES,  at_source,    source_worth},
    [BINDING_CHARGE] = {"charge",    OF_STORAGES, at_charge,    NULL        },
    [BINDING_DISCHARGE] = {"discharge", OF_STORAGES, at_discharge, NULL        },
    [BINDING_FULL] = {"full",      OF_STORAGES, at_full,      NULL        },
    [BINDING_EMPTY] = {"empty",     OF_STORAGES, at_empty,     NULL        },
    [BINDING_MOST] = {"most",      OF_UNITS,    at_most,      input_worth },
    [BINDING_LEAST] = {"least",     OF_UNITS,    at_least,     NULL        },
    [BINDING_RAMP_UP] = {"ramp_up",   OF_UNITS,    at_ramp_up,   NULL        },
    [BINDING_RAMP_DOWN] = {"ramp_down", OF_UNITS,    at_ramp_down, NULL        },
    [BINDING_UP] = {"up",        OF_UNITS,    at_up,        NULL        },
    [BINDING_DOWN] = {"down",      OF_UNITS,    at_down,      NULL        },
    [BINDING_EARLIEST] = {"earliest",  OF_ORDERS,   at_earliest,  NULL        },
    [BINDING_LATEST] = {"latest",    OF_ORDERS,   at_latest,    NULL        },
    [BINDING_NEXT] = {"next",      OF_ORDERS,   at_next,      NULL        },
    [BINDING_MACHINE] = {"machine",   OF_ORDERS,   at_machine,   NULL        },
};

const char *binding_name(enum binding_kind k)
{
    return k < BINDING_KIND_COUNT ? rows[k].name : "";
}

/* The spans of one limit of one asset. */
static int spans(struct probe *b, enum binding_kind k, const char *asset, struct binding *out,
                 int max)
{
    int n = 0;
    bool before = false;
    for (uint32_t t = 0; t < b->p->steps; t++) {
        bool now = rows[k].binds(b, t);
        if (now && !before && n == max) {
            return n;
        }
        if (now && !before) {
            out[n] = (struct binding){.kind = (int32_t)k,
                                      .index = (int32_t)b->i,
                                      .from_step = (int32_t)t,
                                      .limit = b->limit,
                                      .yuan_per_kw = rows[k].worth ? 0 : NAN};
            problem_name(out[n++].asset, asset);
        }
        if (now) {
            out[n - 1].to_step = (int32_t)t + 1;
            out[n - 1].yuan_per_kw +=
                rows[k].worth ? rows[k].worth(b, t) * problem_hours(b->p, t) : 0;
        }
        before = now;
    }
    return n;
}

int binding_list(const struct problem *p, const struct plan *pl, struct binding *out, int max)
{
    struct probe b = {.p = p, .pl = pl, .free_kw = problem_demand_free_kw(p)};
    int n = 0;
    for (int k = 0; k < BINDING_KIND_COUNT; k++) {
        struct asset_list a = assets_of(p, rows[k].of);
        for (b.i = 0; b.i < a.count; b.i++) {
            const char *name = (const char *)a.array + b.i * a.size;
            n += spans(&b, (enum binding_kind)k, name, out + n, max - n);
        }
    }
    return n;
}
