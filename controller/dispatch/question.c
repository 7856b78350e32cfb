/* Buses, grid, rigid loads and caps; the devices and orders are in their own files. */
#include "controller/dispatch/question.h"
#include "controller/dispatch/question_assets.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { QUARTER_S = 900, LEAST_STEP_S = 120 };

wall_t question_at(const struct question_facts *f, const struct problem *p, uint32_t step)
{
    /* rounded: a quarter of an hour must not begin a millisecond early */
    return (wall_t){f->wall.ms + llround(problem_begin_s(p, step) * 1000)};
}

static enum err add_buses(const struct question_facts *f, struct problem *p,
                          struct question_buses *b)
{
    *b = (struct question_buses){.heat = -1, .gas = -1};
    enum err rc = problem_add_bus(p, "electricity", BUS_ELECTRICITY, &b->electricity);
    if (rc != ERR_OK || f->park->tank < 0) {
        return rc;
    }
    rc = problem_add_bus(p, "hot_water", BUS_HEAT, &b->heat);
    rc = rc == ERR_OK ? problem_add_bus(p, "gas", BUS_GAS, &b->gas) : rc;
    if (rc != ERR_OK) {
        return rc;
    }
    p->bus[b->heat].dump = 1;
    p->bus[b->heat].dump_yuan_per_kwh = 0.05;
    struct problem_source gas;
    problem_source_init(&gas, "gas", b->gas);
    double most_kw = 0;
    for (int d = 0; d < f->park->devices; d++) {
        const struct device *dev = &f->park->device[d];
        if (dev->kind == KIND_CHP || dev->kind == KIND_GAS_BOILER) {
            double out_kw =
                dev->kind == KIND_CHP ? dev->rating.rated_kw : dev->rating.rated_heat_kw;
            most_kw += out_kw / dev->rating.eta_pu;
        }
    }
    b->gas_yuan_per_kwh = f->prices->gas_yuan_per_kwh;
    gas.available_kw = series_const(most_kw);
    gas.yuan_per_kwh = series_const(b->gas_yuan_per_kwh);
    gas.kgco2_per_kwh = f->prices->gas_kgco2_per_kwh;
    return problem_add_source(p, &gas, NULL);
}

static enum err add_prices(const struct question_facts *f, struct problem *p,
                           struct problem_grid *g, struct question_buses *b)
{
    double import[PROBLEM_STEPS_MAX];
    b->valley_yuan_per_kwh = INFINITY;
    for (uint32_t t = 0; t < p->steps; t++) {
        double sum = 0;
        for (int i = 0; i < 3; i++) {
            wall_t at = wall_add_s(question_at(f, p, t), p->step_s[t] * (i + 0.5) / 3);
            sum += prices_import(f->prices, at);
        }
        import[t] = sum / 3;
        b->valley_yuan_per_kwh = fmin(b->valley_yuan_per_kwh, import[t]);
    }
    return problem_series(p, import, &g->import_yuan_per_kwh);
}

static enum err add_grid(const struct question_facts *f, struct problem *p,
                         struct question_buses *b)
{
    struct problem_grid g;
    problem_grid_init(&g);
    g.present = 1;
    g.bus = b->electricity;
    g.import_kw_max = series_const(f->park->import_kw_max);
    g.export_kw_max = series_const(f->park->export_kw_max);
    g.import_kw_min = series_const(f->park->export_kw_max > 0 ? 0 : f->park->guard_kw);
    g.guard_yuan_per_kwh = 0.01;
    g.export_yuan_per_kwh =
        series_const(f->park->export_kw_max > 0 ? f->prices->export_yuan_per_kwh : 0);
    g.kgco2_per_kwh = series_const(f->prices->grid_kgco2_per_kwh);
    p->co2_yuan_per_kg = f->prices->carbon_yuan_per_kg;
    g.demand_average_steps = 1;
    enum err rc = isfinite(f->demand_target_kw) ? question_demand(f, p, &g) : ERR_OK;
    rc = rc == ERR_OK ? add_prices(f, p, &g, b) : rc;
    p->grid = g;
    return rc;
}

/* What is not ours at the moment goes on as it is for an hour. */
static bool goes_on(const struct question_facts *f, wall_t at)
{
    return wall_diff_s(f->wall, at) < 3600;
}

/* Power that a device draws whatever we plan, kW (magnitude, negative = gives). */
static double rigid_kw(const struct question_facts *f, int d, wall_t at, double step_s)
{
    const struct device *dev = &f->park->device[d];
    const struct unit *u = &f->units[d];
    switch (dev->kind) {
    case KIND_LOAD:
    case KIND_ROLLER_KILN:
    case KIND_CHILLER:
    case KIND_COMPRESSOR:
    case KIND_PUMP:
    case KIND_BUILDING:
        return forecast_kw(f->forecast, d, f->wall, at, step_s);
    case KIND_ORC:
        return -forecast_kw(f->forecast, d, f->wall, at, step_s);
    case KIND_BATTERY:
    case KIND_HEAT_PUMP:
    case KIND_STORAGE_BOILER:
    case KIND_CHP:
    case KIND_MILL:
    case KIND_CHARGER:
        return !u->steered && goes_on(f, at) ? -u->now_kw : 0;
    case KIND_METER:
    case KIND_PV:
    case KIND_WIND:
    case KIND_GAS_BOILER:
    case KIND_TANK:
    case KIND_WASTE_HEAT:
    case KIND_KILN:
    case KIND_WEATHER:
    case KIND_TRANSFORMER:
    case KIND_CAPACITOR_BANK:
    case KIND_COUNT:
        return 0;
    }
    return 0;
}

/* Heat that a device gives whatever we plan, kW: it is not ours, and its heat goes on as long
 * as its draw does. Without a reading a heat pump gives by its draw. */
static double rigid_heat_kw(const struct question_facts *f, int d)
{
    static const int heat_row[KIND_COUNT] = {[KIND_HEAT_PUMP] = HP_HEAT_KW,
                                             [KIND_CHP] = CHP_HEAT_KW,
                                             [KIND_STORAGE_BOILER] = SB_HEAT_KW};
    const struct device *dev = &f->park->device[d];
    const struct unit *u = &f->units[d];
    int row = heat_row[dev->kind];
    if (row == 0 || u->steered) {
        return 0;
    }
    bool by_draw = dev->kind == KIND_HEAT_PUMP && u->measured;
    return fmax(image_value(f->image, d, row, by_draw ? -u->now_kw * dev->rating.cop : 0), 0);
}

static enum err add_loads(const struct question_facts *f, struct problem *p,
                          const struct question_buses *b)
{
    double base[PROBLEM_STEPS_MAX];
    double heat[PROBLEM_STEPS_MAX];
    double given_kw = 0;
    for (int d = 0; d < f->park->devices; d++) {
        given_kw += rigid_heat_kw(f, d);
    }
    for (uint32_t t = 0; t < p->steps; t++) {
        wall_t at = question_at(f, p, t);
        base[t] = 0;
        for (int d = 0; d < f->park->devices; d++) {
            base[t] += rigid_kw(f, d, at, p->step_s[t]);
        }
        heat[t] =
            f->park->tank >= 0 ? forecast_heat_kw(f->forecast, f->wall, at, p->step_s[t]) : 0;
        heat[t] -= goes_on(f, at) ? given_kw : 0;
    }
    struct problem_load load;
    problem_load_init(&load, "base", b->electricity);
    enum err rc = problem_series(p, base, &load.draw_kw);
    rc = rc == ERR_OK ? problem_add_load(p, &load, NULL) : rc;
    if (rc != ERR_OK || b->heat < 0) {
        return rc;
    }
    problem_load_init(&load, "heat", b->heat);
    rc = problem_series(p, heat, &load.draw_kw);
    return rc == ERR_OK ? problem_add_load(p, &load, NULL) : rc;
}

/* Demand response as caps on steps; a step counts as soon as an event touches it. */
static enum err add_caps(const struct question_facts *f, struct problem *p)
{
    for (uint32_t t = 0; t < p->steps; t++) {
        wall_t mid = wall_add_s(question_at(f, p, t), p->step_s[t] / 2);
        double cap = dr_cap_at_kw(f->dr, &f->dr_facts, mid);
        if (!isfinite(cap)) {
            continue;
        }
        struct problem_cap *last = p->cap_count > 0 ? &p->cap[p->cap_count - 1] : NULL;
        if (last != NULL && last->to_step == (int32_t)t && fabs(last->kw - cap) < 1e-6) {
            last->to_step++;
            continue;
        }
        struct problem_cap c = {.from_step = (int32_t)t, .to_step = (int32_t)t + 1, .kw = cap};
        problem_name(c.name, "demand_response");
        enum err rc = problem_add_cap(p, &c, NULL);
        if (rc == ERR_FULL) {
            return ERR_OK; /* the governor holds the cap whether it is planned or not */
        }
    }
    return ERR_OK;
}

enum err question_write(const struct question_facts *f, struct problem *p)
{
    struct question_buses b;
    double rest_s = QUARTER_S - fmod((double)f->wall.ms / 1000, QUARTER_S);
    double first_s = rest_s < LEAST_STEP_S ? rest_s + QUARTER_S : rest_s;
    uint32_t steps = (uint32_t)fmin(fmax(f->hours * 4, 4), PROBLEM_STEPS_MAX);
    enum err rc = problem_init(p, steps, QUARTER_S, f->wall.ms);
    if (rc != ERR_OK) {
        return rc;
    }
    p->step_s[0] = first_s;
    p->goal.first = f->park->absorption_first ? GOAL_ABSORPTION : GOAL_COST;
    p->goal.carbon_yuan_per_kg = f->park->carbon_weight_yuan_per_kg;
    p->goal.unabsorbed_yuan_per_kwh = f->park->unabsorbed_weight_yuan_per_kwh;
    rc = add_buses(f, p, &b);
    rc = rc == ERR_OK ? add_grid(f, p, &b) : rc;
    rc = rc == ERR_OK ? add_loads(f, p, &b) : rc;
    for (int d = 0; d < f->park->devices && rc == ERR_OK; d++) {
        rc = question_device(f, p, &b, d);
    }
    rc = rc == ERR_OK ? question_orders(f, p, &b) : rc;
    rc = rc == ERR_OK ? add_caps(f, p) : rc;
    p->beyond_yuan_per_kwh = b.valley_yuan_per_kwh;
    return rc;
}
