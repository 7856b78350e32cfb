/* Building a problem: defaults, appending assets, series in the pool, sizes for the wire. Pure;
 * used by the park role (builder), the plan role and the command line. */
#include "optimizer/problem.h"
#include <math.h>
#include <string.h>

enum err problem_init(struct problem *p, uint32_t steps, double step_s, int64_t start_ms)
{
    if (steps < 1 || steps > PROBLEM_STEPS_MAX || !(step_s > 0) || !isfinite(step_s)) {
        return ERR_RANGE;
    }
    memset(p, 0, offsetof(struct problem, pool));
    p->version = PROBLEM_VERSION;
    p->steps = steps;
    p->start_ms = start_ms;
    for (uint32_t t = 0; t < steps; t++) {
        p->step_s[t] = step_s;
    }
    problem_grid_init(&p->grid);
    p->goal.unabsorbed_kwh_max = -1;
    return ERR_OK;
}

struct series series_const(double value)
{
    return (struct series){.value = value, .at = -1};
}

void problem_name(char *out, const char *name)
{
    size_t n = strnlen(name, PROBLEM_NAME_LEN - 1);
    memset(out, 0, PROBLEM_NAME_LEN);
    memcpy(out, name, n);
}

void problem_grid_init(struct problem_grid *g)
{
    memset(g, 0, sizeof *g);
    g->import_kw_max = series_const(0);
    g->export_kw_max = series_const(0);
    g->import_kw_min = series_const(0);
    g->import_yuan_per_kwh = series_const(0);
    g->export_yuan_per_kwh = series_const(0);
    g->kgco2_per_kwh = series_const(0);
    g->demand_counts = series_const(1);
    g->demand_average_steps = 1;
}

void problem_source_init(struct problem_source *s, const char *name, int bus)
{
    memset(s, 0, sizeof *s);
    problem_name(s->name, name);
    s->bus = bus;
    s->available_kw = series_const(0);
    s->yuan_per_kwh = series_const(0);
}

void problem_load_init(struct problem_load *l, const char *name, int bus)
{
    memset(l, 0, sizeof *l);
    problem_name(l->name, name);
    l->bus = bus;
    l->draw_kw = series_const(0);
    l->shed_kw_max = series_const(0);
}

void problem_storage_init(struct problem_storage *s, const char *name, int bus_in, int bus_out)
{
    memset(s, 0, sizeof *s);
    problem_name(s->name, name);
    s->bus_in = bus_in;
    s->bus_out = bus_out;
    s->charge_kw_max = series_const(0);
    s->discharge_kw_max = series_const(0);
    s->energy_kwh_min = series_const(0);
    s->energy_kwh_max = series_const(0);
    s->charge_pu = 1;
    s->discharge_pu = 1;
}

void problem_converter_init(struct problem_converter *c, const char *name, int bus_in)
{
    memset(c, 0, sizeof *c);
    problem_name(c->name, name);
    c->bus_in = bus_in;
    for (int k = 0; k < PROBLEM_OUTPUTS; k++) {
        c->out[k].bus = -1;
        c->out[k].gain = series_const(0);
        c->out[k].offset_kw = series_const(0);
    }
    c->in_kw_max = series_const(0);
    c->in_kw_min = series_const(0);
    c->must_run = series_const(0);
    c->starts_max = -1;
}

void problem_order_init(struct problem_order *o, const char *name, int machine, int recipe)
{
    memset(o, 0, sizeof *o);
    problem_name(o->name, name);
    o->machine = machine;
    o->recipe = recipe;
    o->start_ok = series_const(1);
    o->planned_step = -1;
}

void problem_job_init(struct problem_job *j, const char *name, int bus)
{
    memset(j, 0, sizeof *j);
    problem_name(j->name, name);
    j->bus = bus;
    j->pauses_max = -1;
    j->draw_kw_max = series_const(0);
}

enum err problem_add_bus(struct problem *p, const char *name, enum bus_kind kind, int *index)
{
    if (p->bus_count >= PROBLEM_BUSES_MAX) {
        return ERR_FULL;
    }
    struct problem_bus *b = &p->bus[p->bus_count];
    memset(b, 0, sizeof *b);
    problem_name(b->name, name);
    b->kind = (int32_t)kind;
    if (index) {
        *index = (int)p->bus_count;
    }
    p->bus_count++;
    return ERR_OK;
}

/* One body for all appenders: they differ only in array, count and bound. */
#define DEFINE_ADD(NOUN, BOUND) \
    enum err problem_add_##NOUN(struct problem *p, const struct problem_##NOUN *x, int *index) \
    { \
        if (p->NOUN##_count >= (BOUND)) { \
            return ERR_FULL; \
        } \
        if (index) { \
            *index = (int)p->NOUN##_count; \
        } \
        p->NOUN[p->NOUN##_count++] = *x; \
        return ERR_OK; \
    }

DEFINE_ADD(source, PROBLEM_SOURCES_MAX)
DEFINE_ADD(load, PROBLEM_LOADS_MAX)
DEFINE_ADD(storage, PROBLEM_STORAGES_MAX)
DEFINE_ADD(converter, PROBLEM_CONVERTERS_MAX)
DEFINE_ADD(machine, PROBLEM_MACHINES_MAX)
DEFINE_ADD(recipe, PROBLEM_RECIPES_MAX)
DEFINE_ADD(order, PROBLEM_ORDERS_MAX)
DEFINE_ADD(job, PROBLEM_JOBS_MAX)
DEFINE_ADD(cap, PROBLEM_CAPS_MAX)
DEFINE_ADD(reduction, PROBLEM_REDUCTIONS_MAX)
DEFINE_ADD(limit, PROBLEM_LIMITS_MAX)
DEFINE_ADD(target, PROBLEM_TARGETS_MAX)

enum err problem_pool(struct problem *p, const double *values, uint32_t n, int32_t *at)
{
    if (n > PROBLEM_POOL_MAX - p->pool_count) {
        return ERR_FULL;
    }
    memcpy(&p->pool[p->pool_count], values, n * sizeof *values);
    *at = (int32_t)p->pool_count;
    p->pool_count += n;
    return ERR_OK;
}

enum err problem_series(struct problem *p, const double *values, struct series *out)
{
    int32_t at = -1;
    enum err e = problem_pool(p, values, p->steps, &at);
    if (e == ERR_OK) {
        *out = (struct series){.value = 0, .at = at};
    }
    return e;
}

double series_get(const struct problem *p, struct series s, uint32_t step)
{
    return s.at < 0 ? s.value : p->pool[(uint32_t)s.at + step];
}

size_t problem_bytes(const struct problem *p)
{
    return offsetof(struct problem, pool) + p->pool_count * sizeof p->pool[0];
}

enum err problem_received(const struct problem *p, size_t bytes)
{
    if (bytes < offsetof(struct problem, pool)) {
        return ERR_RANGE;
    }
    if (p->version != PROBLEM_VERSION) {
        return ERR_VERSION;
    }
    if (p->pool_count > PROBLEM_POOL_MAX || bytes != problem_bytes(p)) {
        return ERR_RANGE;
    }
    return ERR_OK;
}

double problem_hours(const struct problem *p, uint32_t step)
{
    return p->step_s[step] / 3600.0;
}

double problem_begin_s(const struct problem *p, uint32_t step)
{
    double s = 0;
    for (uint32_t t = 0; t < step; t++) {
        s += p->step_s[t];
    }
    return s;
}
