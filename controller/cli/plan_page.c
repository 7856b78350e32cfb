/* Flows of every bus as the checker sees them: what flows in is `up`, what flows out is not. */
#include "controller/cli/plan_page.h"
#include "controller/base/civil.h"
#include "optimizer/facts.h"
#include <math.h>

/* A series that never exceeds this is not shown, kW. */
static const double SHOWN_KW = 0.01;

struct page {
    const struct problem *p;
    const struct plan *pl;
    json_t *flows;
};

static json_t *numbers(const double *v, uint32_t n)
{
    json_t *a = json_array();
    for (uint32_t t = 0; t < n; t++) {
        json_array_append_new(a, json_number_or_null(v[t] == 0 ? 0 : v[t]));
    }
    return a;
}

static json_t *series_json(const struct problem *p, struct series s)
{
    double v[PROBLEM_STEPS_MAX];
    for (uint32_t t = 0; t < p->steps; t++) {
        v[t] = series_get(p, s, t);
    }
    return numbers(v, p->steps);
}

static double at_s(const struct problem *p, double s)
{
    return (double)p->start_ms / 1000 + s;
}

static double at_step(const struct problem *p, int step)
{
    return at_s(p, problem_begin_s(p, (uint32_t)step));
}

/* One layer of a bus's stack: {kind, asset, up, kw}; none where nothing flows. */
static void put(struct page *g, const char *kind, const char *asset, bool up, const double *kw)
{
    double most = 0;
    for (uint32_t t = 0; t < g->p->steps; t++) {
        most = fmax(most, fabs(kw[t]));
    }
    if (most > SHOWN_KW) {
        json_t *o = json_object();
        json_object_set_new(o, "kind", json_string(kind));
        json_object_set_new(o, "asset", json_string(asset));
        json_object_set_new(o, "up", json_boolean(up));
        json_object_set_new(o, "kw", numbers(kw, g->p->steps));
        json_array_append_new(g->flows, o);
    }
}

static void put_sources(struct page *g, int b)
{
    for (uint32_t i = 0; i < g->p->source_count; i++) {
        const struct problem_source *s = &g->p->source[i];
        if (s->bus == b) {
            bool priced = s->yuan_per_kwh.at >= 0 || s->yuan_per_kwh.value > 0;
            put(g, priced ? "fuel" : "source", s->name, true,
                plan_read(g->pl, g->pl->source_used_kw[i]));
        }
    }
}

static void put_storages(struct page *g, int b)
{
    double charge[PROBLEM_STEPS_MAX], discharge[PROBLEM_STEPS_MAX];
    for (uint32_t i = 0; i < g->p->storage_count; i++) {
        const struct problem_storage *s = &g->p->storage[i];
        facts_net(g->p, g->pl, i, charge, discharge);
        if (s->bus_out == b) {
            put(g, "storage", s->name, true, discharge);
        }
        if (s->bus_in == b) {
            put(g, "storage", s->name, false, charge);
        }
    }
}

static void put_units(struct page *g, int b)
{
    double kw[PROBLEM_STEPS_MAX];
    for (uint32_t i = 0; i < g->p->converter_count; i++) {
        const struct problem_converter *c = &g->p->converter[i];
        const double *in = plan_read(g->pl, g->pl->converter_in_kw[i]);
        const double *on = plan_read(g->pl, g->pl->converter_on[i]);
        if (c->bus_in == b) {
            put(g, "unit", c->name, false, in);
        }
        for (int k = 0; k < PROBLEM_OUTPUTS; k++) {
            for (uint32_t t = 0; t < g->p->steps && c->out[k].bus == b; t++) {
                kw[t] = in[t] * series_get(g->p, c->out[k].gain, t) +
                        on[t] * series_get(g->p, c->out[k].offset_kw, t);
            }
            if (c->out[k].bus == b) {
                put(g, "unit", c->name, true, kw);
            }
        }
    }
}

static void put_loads(struct page *g, int b)
{
    double kw[PROBLEM_STEPS_MAX];
    for (uint32_t i = 0; i < g->p->load_count; i++) {
        const double *shed = plan_read(g->pl, g->pl->load_shed_kw[i]);
        for (uint32_t t = 0; t < g->p->steps; t++) {
            kw[t] = series_get(g->p, g->p->load[i].draw_kw, t) - shed[t];
        }
        if (g->p->load[i].bus == b) {
            put(g, "load", g->p->load[i].name, false, kw);
        }
    }
    for (uint32_t i = 0; i < g->p->job_count; i++) {
        if (g->p->job[i].bus == b) {
            put(g, problem_job_has_state(g->p, i) ? "batch" : "charge", g->p->job[i].name,
                false, plan_read(g->pl, g->pl->job_draw_kw[i]));
        }
    }
}

static void put_orders(struct page *g, int b)
{
    double draw[PROBLEM_STEPS_MAX], give[PROBLEM_STEPS_MAX];
    for (uint32_t i = 0; i < g->p->order_count; i++) {
        const struct problem_recipe *r = &g->p->recipe[g->p->order[i].recipe];
        int s = g->pl->order_start[i];
        for (uint32_t t = 0; t < g->p->steps; t++) {
            bool there = g->p->order[i].started || (s != PLAN_NONE && s <= (int)t);
            draw[t] = there && r->draw_bus == b ? problem_order_draw_kw(g->p, i, s, t) : 0;
            give[t] = there && r->give_bus == b ? problem_order_give_kw(g->p, i, s, t) : 0;
        }
        put(g, "order", g->p->order[i].name, false, draw);
        put(g, "order", g->p->order[i].name, true, give);
    }
}

/* What machines draw between their orders. */
static void put_states(struct page *g, int b)
{
    for (uint32_t i = 0; i < g->p->machine_count; i++) {
        if (g->p->machine[i].bus == b && g->pl->machine_draw_kw[i] != PLAN_NONE) {
            put(g, "order", g->p->machine[i].name, false,
                plan_read(g->pl, g->pl->machine_draw_kw[i]));
        }
    }
}

static json_t *bus_json(struct page *g, int b)
{
    static const char *const kinds[BUS_KIND_COUNT] = {"electricity", "heat", "gas", "other"};
    const struct problem *p = g->p;
    json_t *o = json_object();
    g->flows = json_array();
    if (p->grid.present && p->grid.bus == b) {
        put(g, "grid", "grid", true, plan_read(g->pl, g->pl->import_kw));
        put(g, "grid", "grid", false, plan_read(g->pl, g->pl->export_kw));
    }
    put_units(g, b);
    put_sources(g, b);
    put_orders(g, b);
    put_states(g, b);
    put_storages(g, b);
    put_loads(g, b);
    put(g, "hole", "hole", true, plan_read(g->pl, g->pl->bus_unserved_kw[b]));
    put(g, "dump", "dump", false, plan_read(g->pl, g->pl->bus_surplus_kw[b]));
    json_object_set_new(o, "name", json_string(p->bus[b].name));
    json_object_set_new(o, "kind", json_string(kinds[p->bus[b].kind]));
    json_object_set_new(o, "value_yuan_per_kwh",
                        numbers(plan_read(g->pl, g->pl->bus_value_yuan_per_kwh[b]), p->steps));
    json_object_set_new(o, "flows", g->flows);
    return o;
}

static json_t *grid_json(const struct problem *p)
{
    const struct problem_grid *g = &p->grid;
    json_t *o = json_object(), *caps = json_array();
    bool billed = g->demand_over_yuan_per_kw > 0 || g->demand_jump_yuan > 0;
    json_object_set_new(o, "import_yuan_per_kwh", series_json(p, g->import_yuan_per_kwh));
    json_object_set_new(o, "export_yuan_per_kwh", series_json(p, g->export_yuan_per_kwh));
    json_object_set_new(o, "import_kw_max", series_json(p, g->import_kw_max));
    json_object_set_new(o, "export_kw_max", series_json(p, g->export_kw_max));
    json_object_set_new(o, "demand_counts", series_json(p, g->demand_counts));
    json_put_number(o, "demand_free_kw", billed ? problem_demand_free_kw(p) : NAN);
    for (uint32_t i = 0; i < p->cap_count; i++) {
        json_t *c = json_object();
        json_object_set_new(c, "name", json_string(p->cap[i].name));
        json_object_set_new(c, "floor", json_boolean(p->cap[i].floor));
        json_object_set_new(c, "from_step", json_integer(p->cap[i].from_step));
        json_object_set_new(c, "to_step", json_integer(p->cap[i].to_step));
        json_put_number(c, "kw", p->cap[i].kw);
        json_array_append_new(caps, c);
    }
    json_object_set_new(o, "caps", caps);
    return o;
}

/* Contents at the steps' beginnings and, last, at the end. */
static json_t *storages_json(const struct problem *p, const struct plan *pl)
{
    json_t *a = json_array();
    for (uint32_t i = 0; i < p->storage_count; i++) {
        double kwh[PROBLEM_STEPS_MAX + 1] = {p->storage[i].energy_start_kwh};
        json_t *o = json_object();
        for (uint32_t t = 0; t < p->steps; t++) {
            kwh[t + 1] = plan_read(pl, pl->storage_energy_kwh[i])[t];
        }
        json_object_set_new(o, "name", json_string(p->storage[i].name));
        json_put_number(o, "kwh_max", problem_storage_kwh_max(p, i));
        json_object_set_new(o, "heat",
                            json_boolean(p->bus[p->storage[i].bus_out].kind == BUS_HEAT));
        json_object_set_new(o, "kwh", numbers(kwh, p->steps + 1));
        json_array_append_new(a, o);
    }
    return a;
}

static json_t *orders_json(const struct problem *p, const struct plan *pl)
{
    json_t *a = json_array();
    for (uint32_t i = 0; i < p->order_count; i++) {
        const struct problem_order *q = &p->order[i];
        bool there = q->started || pl->order_start[i] != PLAN_NONE;
        json_t *o = json_object();
        json_object_set_new(o, "id", json_string(q->name));
        json_object_set_new(o, "machine", json_string(p->machine[q->machine].name));
        json_object_set_new(o, "started", json_boolean(q->started));
        json_put_number(o, "from", q->started ? NAN : at_step(p, q->earliest_step));
        json_put_number(o, "to", q->started ? NAN : at_step(p, q->latest_step));
        json_put_number(o, "due", q->due_s > 0 ? at_s(p, q->due_s) : NAN);
        json_put_number(o, "start",
                        q->started ? at_s(p, -q->started_s)
                        : there    ? at_step(p, pl->order_start[i])
                                   : NAN);
        json_put_number(o, "end", there ? at_s(p, pl->order_end_s[i]) : NAN);
        json_put_number(o, "busy_s", problem_order_busy_s(p, i));
        json_array_append_new(a, o);
    }
    return a;
}

static json_t *jobs_json(const struct problem *p, const struct plan *pl)
{
    json_t *a = json_array();
    for (uint32_t i = 0; i < p->job_count; i++) {
        json_t *o = json_object();
        json_object_set_new(o, "id", json_string(p->job[i].name));
        json_object_set_new(o, "batch", json_boolean(problem_job_has_state(p, i)));
        json_put_number(o, "from", at_step(p, p->job[i].from_step));
        json_put_number(o, "to", at_step(p, p->job[i].to_step));
        json_put_number(o, "energy_kwh", p->job[i].energy_kwh);
        json_object_set_new(o, "kw", numbers(plan_read(pl, pl->job_draw_kw[i]), p->steps));
        json_array_append_new(a, o);
    }
    return a;
}

json_t *plan_page_question(const struct problem *p, const struct plan *pl)
{
    struct page g = {.p = p, .pl = pl};
    json_t *o = json_object(), *at = json_array(), *buses = json_array();
    char zone[CIVIL_ZONE_LEN];
    civil_zone_name((wall_t){p->start_ms}, zone, sizeof zone);
    for (uint32_t t = 0; t <= p->steps; t++) {
        json_array_append_new(at, json_real(at_step(p, (int)t)));
    }
    for (uint32_t b = 0; b < p->bus_count; b++) {
        json_array_append_new(buses, bus_json(&g, (int)b));
    }
    json_object_set_new(o, "zone", json_string(zone));
    json_object_set_new(o, "at", at);
    json_object_set_new(o, "buses", buses);
    json_object_set_new(o, "grid", p->grid.present ? grid_json(p) : json_null());
    json_object_set_new(o, "storages", storages_json(p, pl));
    json_object_set_new(o, "orders", orders_json(p, pl));
    json_object_set_new(o, "jobs", jobs_json(p, pl));
    return o;
}
