/* Plan to JSON. Owns nothing beyond the call. */
#include "optimizer/plan_json.h"
#include "optimizer/problem_fields.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SENTENCE = 240 };

static void iso(int64_t ms, char *out, size_t cap)
{
    time_t s = (time_t)(ms / 1000);
    struct tm tm;
    if (!gmtime_r(&s, &tm) || strftime(out, cap, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) {
        out[0] = 0;
    }
}

static json_t *time_at(const struct plan *pl, double s)
{
    char text[40];
    iso(pl->start_ms + (int64_t)llround(s * 1000), text, sizeof text);
    return json_string(text);
}

/* scale times a series. */
static json_t *series(const struct plan *pl, int32_t at, double scale)
{
    const double *v = plan_read(pl, at);
    json_t *a = json_array();
    for (uint32_t t = 0; t < pl->steps; t++) {
        json_array_append_new(a, json_number_or_null(v[t] == 0 ? 0 : scale * v[t]));
    }
    return a;
}

/* "cold", "heating" ... */
static json_t *states(const struct plan *pl, int32_t at)
{
    const double *v = plan_read(pl, at);
    json_t *a = json_array();
    for (uint32_t t = 0; t < pl->steps; t++) {
        bool known = v[t] >= 0 && v[t] < MACHINE_STATE_COUNT;
        json_array_append_new(a, known ? json_string(PROBLEM_MACHINE_STATES[(int)v[t]])
                                       : json_null());
    }
    return a;
}

static json_t *steps(const struct plan *pl)
{
    json_t *a = json_array();
    double s = 0;
    for (uint32_t t = 0; t < pl->steps; t++) {
        json_t *o = json_object();
        json_object_set_new(o, "start", time_at(pl, s));
        json_put_number(o, "duration_s", pl->step_s[t]);
        json_array_append_new(a, o);
        s += pl->step_s[t];
    }
    return a;
}

/* The object of a device by name, made if it is not there yet. */
static json_t *device(json_t *all, const char *name)
{
    json_t *o = json_object_get(all, name);
    if (!o) {
        o = json_object();
        json_object_set_new(all, name, o);
    }
    return o;
}

static void put_storage(const struct plan *pl, json_t *o, uint32_t i)
{
    const double *in = plan_read(pl, pl->storage_charge_kw[i]);
    const double *out = plan_read(pl, pl->storage_discharge_kw[i]);
    json_t *kw = json_array();
    for (uint32_t t = 0; t < pl->steps; t++) {
        json_array_append_new(kw, json_number_or_null(out[t] - in[t]));
    }
    double full = pl->storage_kwh_max[i];
    json_object_set_new(o, "kw", kw);
    json_object_set_new(o, "charge_kw", series(pl, pl->storage_charge_kw[i], 1));
    json_object_set_new(o, "discharge_kw", series(pl, pl->storage_discharge_kw[i], 1));
    json_object_set_new(o, "energy_kwh", series(pl, pl->storage_energy_kwh[i], 1));
    json_object_set_new(o, "soc_pu",
                        series(pl, pl->storage_energy_kwh[i], full > 0 ? 1 / full : 0));
}

static json_t *devices(const struct plan *pl)
{
    json_t *all = json_object();
    for (uint32_t i = 0; i < pl->source_count; i++) {
        json_object_set_new(device(all, pl->source_name[i]), "kw",
                            series(pl, pl->source_used_kw[i], 1));
    }
    for (uint32_t i = 0; i < pl->load_count; i++) {
        json_object_set_new(device(all, pl->load_name[i]), "shed_kw",
                            series(pl, pl->load_shed_kw[i], 1));
    }
    for (uint32_t i = 0; i < pl->storage_count; i++) {
        put_storage(pl, device(all, pl->storage_name[i]), i);
    }
    for (uint32_t i = 0; i < pl->converter_count; i++) {
        json_t *o = device(all, pl->converter_name[i]);
        json_object_set_new(o, "kw", series(pl, pl->converter_in_kw[i], -1));
        json_object_set_new(o, "in_kw", series(pl, pl->converter_in_kw[i], 1));
        json_object_set_new(o, "on", series(pl, pl->converter_on[i], 1));
    }
    for (uint32_t i = 0; i < pl->job_count; i++) {
        json_t *o = device(all, pl->job_name[i]);
        json_object_set_new(o, "kw", series(pl, pl->job_draw_kw[i], -1));
        json_object_set_new(o, "on", series(pl, pl->job_on[i], 1));
    }
    for (uint32_t i = 0; i < pl->machine_count; i++) {
        if (pl->machine_state[i] != PLAN_NONE) {
            json_t *o = device(all, pl->machine_name[i]);
            json_object_set_new(o, "state_kw", series(pl, pl->machine_draw_kw[i], -1));
            json_object_set_new(o, "state", states(pl, pl->machine_state[i]));
        }
    }
    return all;
}

static json_t *buses(const struct plan *pl)
{
    json_t *all = json_object();
    for (uint32_t i = 0; i < pl->bus_count; i++) {
        json_t *o = device(all, pl->bus_name[i]);
        json_object_set_new(o, "unserved_kw", series(pl, pl->bus_unserved_kw[i], 1));
        json_object_set_new(o, "surplus_kw", series(pl, pl->bus_surplus_kw[i], 1));
        json_object_set_new(o, "value_yuan_per_kwh",
                            series(pl, pl->bus_value_yuan_per_kwh[i], 1));
    }
    return all;
}

static json_t *orders(const struct plan *pl)
{
    json_t *a = json_array();
    for (uint32_t i = 0; i < pl->order_count; i++) {
        json_t *o = json_object();
        bool placed = pl->order_start[i] != PLAN_NONE;
        double begin = 0;
        for (int t = 0; t < pl->order_start[i]; t++) {
            begin += pl->step_s[t];
        }
        json_object_set_new(o, "id", json_string(pl->order_name[i]));
        json_object_set_new(o, "device", json_string(pl->order_machine[i]));
        json_object_set_new(o, "started", json_boolean(pl->order_started[i]));
        json_object_set_new(o, "start", placed ? time_at(pl, begin) : json_null());
        json_object_set_new(o, "end",
                            placed || pl->order_started[i] ? time_at(pl, pl->order_end_s[i])
                                                           : json_null());
        json_array_append_new(a, o);
    }
    return a;
}

static json_t *cost(const struct plan *pl)
{
    json_t *o = json_object();
    for (int i = 0; i < COST_COUNT; i++) {
        json_put_number(o, plan_cost_name((enum plan_cost)i), pl->cost_yuan[i]);
    }
    return o;
}

/* What became of renewable energy; NULL where nobody asked. */
static json_t *absorption(const struct plan *pl)
{
    const struct plan_absorption *a = &pl->absorbed;
    if (!a->traced) {
        return NULL;
    }
    json_t *o = json_object();
    json_put_number(o, "available_kwh", a->available_kwh);
    json_put_number(o, "unabsorbed_kwh", plan_unabsorbed_kwh(pl));
    json_put_number(o, "curtailed_kwh", a->curtailed_kwh);
    json_put_number(o, "dumped_kwh", a->dumped_kwh);
    json_put_number(o, "lost_kwh", a->lost_kwh);
    json_put_number(o, "bound_kwh", a->bound_kwh);
    json_put_number(o, "last_yuan_per_kwh", a->last_yuan_per_kwh);
    return o;
}

static json_t *breaches(const struct plan *pl)
{
    json_t *a = json_array();
    for (uint32_t i = 0; i < pl->breach_count; i++) {
        const struct plan_breach *b = &pl->breach[i];
        json_t *o = json_object();
        json_object_set_new(o, "kind",
                            json_string(plan_breach_name((enum breach_kind)b->kind)));
        json_object_set_new(o, "asset", json_string(b->asset));
        json_object_set_new(o, "first_step", json_integer(b->first_step));
        json_object_set_new(o, "last_step", json_integer(b->last_step));
        json_put_number(o, "kw_max", b->kw_max);
        json_put_number(o, "minutes", b->minutes);
        json_put_number(o, "yuan", b->yuan);
        json_array_append_new(a, o);
    }
    return a;
}

static void say(json_t *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(json_t *a, const char *fmt, ...)
{
    char text[SENTENCE];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    json_array_append_new(a, json_string(text));
}

/* Where a bus's next kWh is dearest and cheapest. */
static void say_value(json_t *a, const struct plan *pl, uint32_t bus)
{
    const double *v = plan_read(pl, pl->bus_value_yuan_per_kwh[bus]);
    uint32_t lo = 0, hi = 0;
    char from[40], to[40];
    for (uint32_t t = 0; t < pl->steps; t++) {
        lo = v[t] < v[lo] ? t : lo;
        hi = v[t] > v[hi] ? t : hi;
    }
    double s_lo = 0, s_hi = 0;
    for (uint32_t t = 0; t < pl->steps; t++) {
        s_lo += t < lo ? pl->step_s[t] : 0;
        s_hi += t < hi ? pl->step_s[t] : 0;
    }
    if (v[hi] - v[lo] > 1e-6) {
        iso(pl->start_ms + (int64_t)(s_lo * 1000), from, sizeof from);
        iso(pl->start_ms + (int64_t)(s_hi * 1000), to, sizeof to);
        say(a, "One more kWh on %s costs %.3f yuan at %s and %.3f yuan at %s.",
            pl->bus_name[bus], v[lo], from, v[hi], to);
    }
}

static json_t *why(const struct plan *pl)
{
    json_t *a = json_array();
    if (isfinite(pl->bound_yuan)) {
        say(a, "No plan costs less than %.2f yuan; this one costs %.2f, at most %.2f %% more.",
            pl->bound_yuan, pl->objective_yuan, pl->gap_pu * 100);
    }
    if (pl->absorbed.traced) {
        say(a,
            "Of %.0f kWh renewable energy %.1f kWh are not absorbed, no plan leaves less "
            "than %.1f; the last kWh absorbed costs %.3f yuan.",
            pl->absorbed.available_kwh, plan_unabsorbed_kwh(pl), pl->absorbed.bound_kwh,
            pl->absorbed.last_yuan_per_kwh);
    }
    for (uint32_t b = 0; b < pl->bus_count; b++) {
        say_value(a, pl, b);
    }
    for (uint32_t i = 0; i < pl->breach_count; i++) {
        const struct plan_breach *b = &pl->breach[i];
        say(a, "%s: %s is missed by up to %.2f for %.0f min, %.2f yuan.", b->asset,
            plan_breach_name((enum breach_kind)b->kind), b->kw_max, b->minutes, b->yuan);
    }
    return a;
}

json_t *plan_json(const struct plan *pl)
{
    json_t *o = json_object(), *grid = json_object();
    json_object_set_new(o, "status",
                        json_string(plan_status_name((enum plan_status)pl->status)));
    json_object_set_new(o, "origin",
                        json_string(plan_origin_name((enum plan_origin)pl->origin)));
    json_put_number(o, "objective_yuan", pl->objective_yuan);
    json_put_number(o, "bound_yuan", pl->bound_yuan);
    json_put_number(o, "gap_pu", pl->gap_pu);
    json_put_number(o, "work", pl->work);
    json_put_number(o, "seconds", pl->seconds);
    json_object_set_new(o, "steps", steps(pl));
    json_object_set_new(grid, "import_kw", series(pl, pl->import_kw, 1));
    json_object_set_new(grid, "export_kw", series(pl, pl->export_kw, 1));
    json_object_set_new(o, "grid", grid);
    json_object_set_new(o, "devices", devices(pl));
    json_object_set_new(o, "buses", buses(pl));
    json_object_set_new(o, "orders", orders(pl));
    json_object_set_new(o, "cost", cost(pl));
    json_object_set_new(o, "breaches", breaches(pl));
    json_t *absorbed = absorption(pl);
    if (absorbed != NULL) {
        json_object_set_new(o, "absorption", absorbed);
    }
    json_object_set_new(o, "why", why(pl));
    return o;
}
