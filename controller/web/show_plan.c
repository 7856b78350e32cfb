/* The plan in force as JSON. Powers of devices follow the bus sign: what they give to the bus
 * is positive. Runs in the web role. */
#include "controller/web/show.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static void put(json_t *object, const char *key, json_t *value)
{
    (void)json_object_set_new(object, key, value);
}

/* a x plus b, each in the plan's pool; PLAN_NONE counts as 0. */
struct term {
    int32_t at;
    double factor;
};

static json_t *series(const struct plan *p, struct term a, struct term b)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < p->steps; i++) {
        double x = a.at != PLAN_NONE ? a.factor * plan_read(p, a.at)[i] : 0;
        double y = b.at != PLAN_NONE ? b.factor * plan_read(p, b.at)[i] : 0;
        (void)json_array_append_new(list, json_number_or_null(x + y));
    }
    return list;
}

static json_t *one(const struct plan *p, int32_t at, double factor)
{
    return series(p, (struct term){at, factor}, (struct term){PLAN_NONE, 0});
}

/* The object of a device, made when it is first named. */
static json_t *device_of(json_t *devices, const char *name)
{
    json_t *o = json_object_get(devices, name);
    if (o == NULL) {
        o = json_object();
        put(devices, name, o);
    }
    return o;
}

static enum kind kind_of(const struct park *park, const char *name)
{
    int d = park_device(park, name);
    return d >= 0 ? park->device[d].kind : KIND_COUNT;
}

static void put_storages(const struct view *v, json_t *devices)
{
    const struct plan *p = v->plan;
    for (uint32_t i = 0; i < p->storage_count; i++) {
        json_t *o = device_of(devices, p->storage_name[i]);
        enum kind kind = kind_of(v->park, p->storage_name[i]);
        struct term in = {p->storage_charge_kw[i], -1};
        struct term out = {p->storage_discharge_kw[i], 1};
        struct term none = {PLAN_NONE, 0};
        if (kind == KIND_TANK) {
            put(o, "heat_kw", series(p, out, in));
        } else if (kind == KIND_STORAGE_BOILER) {
            put(o, "kw", series(p, in, none));
            put(o, "heat_kw", series(p, out, none));
        } else {
            put(o, "kw", series(p, out, in));
        }
        double full_kwh = p->storage_kwh_max[i];
        int d = park_device(v->park, p->storage_name[i]);
        if (d >= 0 && v->park->device[d].rating.energy_kwh > 0) {
            full_kwh = v->park->device[d].rating.energy_kwh;
        }
        put(o, "soc_pu", one(p, p->storage_energy_kwh[i], full_kwh > 0 ? 1 / full_kwh : 0));
    }
}

/* A converter's input is electricity or gas; what a gas engine gives follows from its
 * efficiency. */
static void put_converters(const struct view *v, json_t *devices)
{
    const struct plan *p = v->plan;
    for (uint32_t i = 0; i < p->converter_count; i++) {
        json_t *o = device_of(devices, p->converter_name[i]);
        int d = park_device(v->park, p->converter_name[i]);
        enum kind kind = kind_of(v->park, p->converter_name[i]);
        if (kind == KIND_CHP) {
            put(o, "kw", one(p, p->converter_in_kw[i], v->park->device[d].rating.eta_pu));
            put(o, "gas_kw", one(p, p->converter_in_kw[i], 1));
        } else if (kind == KIND_GAS_BOILER) {
            put(o, "gas_kw", one(p, p->converter_in_kw[i], 1));
        } else {
            put(o, "kw", one(p, p->converter_in_kw[i], -1));
        }
        put(o, "on", one(p, p->converter_on[i], 1));
    }
}

static void put_sources(const struct view *v, json_t *devices)
{
    const struct plan *p = v->plan;
    for (uint32_t i = 0; i < p->source_count; i++) {
        enum kind kind = kind_of(v->park, p->source_name[i]);
        const char *key = kind == KIND_WASTE_HEAT ? "heat_kw" : "kw";
        if (kind != KIND_COUNT) {
            put(device_of(devices, p->source_name[i]), key, one(p, p->source_used_kw[i], 1));
        }
    }
}

/* The recipe of an order instance "glost_k3@2025-07-14", NULL if it has none. */
static const struct recipe *recipe_of(const struct park *park, const char *id)
{
    size_t len = strcspn(id, "@");
    for (int i = 0; i < park->orders; i++) {
        const struct order *o = &park->order[i];
        if (strlen(o->id) == len && memcmp(o->id, id, len) == 0 && o->recipe >= 0) {
            return &park->recipe[o->recipe];
        }
    }
    return NULL;
}

/* The order as it stands; names in a plan may be cut. NULL if unknown. */
static const struct msg_order *order_of(const struct view *v, const char *name)
{
    for (int i = 0; i < v->orders; i++) {
        if (strncmp(v->order[i].id, name, PROBLEM_NAME_LEN - 1) == 0) {
            return &v->order[i];
        }
    }
    return NULL;
}

/* Start of an order in s from the plan's start, also of one that is running; NAN if it has
 * none. */
static double begin_s(const struct view *v, uint32_t order)
{
    const struct plan *p = v->plan;
    double at_s = 0;
    if (p->order_started[order] != 0) {
        const struct msg_order *m = order_of(v, p->order_name[order]);
        bool known = m != NULL && m->started.ms != 0;
        return known ? wall_diff_s((wall_t){p->start_ms}, m->started) : NAN;
    }
    for (int32_t k = 0; k < p->order_start[order]; k++) {
        at_s += p->step_s[k];
    }
    return p->order_start[order] >= 0 ? at_s : NAN;
}

/* Mean draw of the firings of a kiln, from its recipes. */
static json_t *kiln_kw(const struct view *v, const char *machine)
{
    const struct plan *p = v->plan;
    double kw[PROBLEM_STEPS_MAX] = {0};
    json_t *list = json_array();
    for (uint32_t i = 0; i < p->order_count; i++) {
        const struct recipe *r = recipe_of(v->park, p->order_name[i]);
        double from_s = begin_s(v, i);
        double at_s = 0;
        bool mine = strcmp(p->order_machine[i], machine) == 0;
        for (uint32_t s = 0; mine && r != NULL && isfinite(from_s) && s < p->steps; s++) {
            kw[s] += recipe_kw(r, (at_s + p->step_s[s] / 2 - from_s) / 60);
            at_s += p->step_s[s];
        }
    }
    for (uint32_t s = 0; s < p->steps; s++) {
        (void)json_array_append_new(list, json_number_or_null(-kw[s]));
    }
    return list;
}

static void put_orders(const struct view *v, json_t *devices, json_t *orders)
{
    const struct plan *p = v->plan;
    for (uint32_t i = 0; i < p->order_count; i++) {
        json_t *o = json_object();
        double from_s = begin_s(v, i);
        wall_t start = wall_add_s((wall_t){p->start_ms}, isfinite(from_s) ? from_s : 0);
        wall_t end = wall_add_s((wall_t){p->start_ms}, p->order_end_s[i]);
        put(o, "id", show_text(p->order_name[i], PROBLEM_NAME_LEN));
        put(o, "device", show_text(p->order_machine[i], PROBLEM_NAME_LEN));
        put(o, "running", json_boolean(p->order_started[i] != 0));
        put(o, "start", isfinite(from_s) ? show_time(start) : json_null());
        put(o, "end", p->order_end_s[i] > 0 ? show_time(end) : json_null());
        (void)json_array_append_new(orders, o);
        json_t *dev = device_of(devices, p->order_machine[i]);
        if (json_object_get(dev, "kw") == NULL) {
            put(dev, "kw", kiln_kw(v, p->order_machine[i]));
        }
    }
}

/* A job is an order's or a device's draw; it is shown under its own name, and added to its
 * device. */
static void put_jobs(const struct view *v, json_t *jobs)
{
    const struct plan *p = v->plan;
    for (uint32_t i = 0; i < p->job_count; i++) {
        json_t *o = json_object();
        const struct msg_order *m = NULL;
        for (int k = 0; k < v->orders && m == NULL; k++) {
            m = strncmp(v->order[k].id, p->job_name[i], PROBLEM_NAME_LEN - 1) == 0
                    ? &v->order[k]
                    : NULL;
        }
        bool known = m != NULL && m->device < v->park->devices;
        put(o, "id", show_text(p->job_name[i], PROBLEM_NAME_LEN));
        put(o, "device", known ? json_string(v->park->device[m->device].name) : json_null());
        put(o, "kw", one(p, p->job_draw_kw[i], -1));
        (void)json_array_append_new(jobs, o);
    }
}

static json_t *show_steps(const struct plan *p)
{
    json_t *list = json_array();
    double at_s = 0;
    for (uint32_t i = 0; i < p->steps; i++) {
        json_t *o = json_object();
        put(o, "start", show_time(wall_add_s((wall_t){p->start_ms}, at_s)));
        (void)json_put_number(o, "duration_s", p->step_s[i]);
        (void)json_array_append_new(list, o);
        at_s += p->step_s[i];
    }
    return list;
}

static json_t *show_breaches(const struct plan *p)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < p->breach_count; i++) {
        const struct plan_breach *b = &p->breach[i];
        json_t *o = json_object();
        put(o, "kind", json_string(plan_breach_name((enum breach_kind)b->kind)));
        put(o, "asset", show_text(b->asset, sizeof b->asset));
        (void)json_put_number(o, "kw_max", b->kw_max);
        (void)json_put_number(o, "minutes", b->minutes);
        (void)json_put_number(o, "yuan", b->yuan);
        (void)json_array_append_new(list, o);
    }
    return list;
}

static json_t *show_cost(const struct plan *p)
{
    json_t *o = json_object();
    for (int i = 0; i < COST_COUNT; i++) {
        (void)json_put_number(o, plan_cost_name((enum plan_cost)i), p->cost_yuan[i]);
    }
    return o;
}

json_t *show_plan(const struct view *v)
{
    const struct plan *p = v->plan;
    if (p->steps == 0) {
        return json_null();
    }
    json_t *o = json_object();
    json_t *devices = json_object();
    json_t *orders = json_array();
    json_t *jobs = json_array();
    json_t *grid = json_object();
    put(o, "status", json_string(plan_status_name((enum plan_status)p->status)));
    put(o, "origin", json_string(plan_origin_name((enum plan_origin)p->origin)));
    (void)json_put_number(o, "objective_yuan", p->objective_yuan);
    (void)json_put_number(o, "bound_yuan", p->bound_yuan);
    (void)json_put_number(o, "gap_pu", p->gap_pu);
    (void)json_put_number(o, "work", p->work);
    (void)json_put_number(o, "seconds", p->seconds);
    put(o, "steps", show_steps(p));
    put(grid, "import_kw", one(p, p->import_kw, 1));
    put(grid, "export_kw", one(p, p->export_kw, 1));
    put(o, "grid", grid);
    put_sources(v, devices);
    put_storages(v, devices);
    put_converters(v, devices);
    put_orders(v, devices, orders);
    put_jobs(v, jobs);
    put(o, "devices", devices);
    put(o, "orders", orders);
    put(o, "jobs", jobs);
    put(o, "cost", show_cost(p));
    put(o, "breaches", show_breaches(p));
    return o;
}
