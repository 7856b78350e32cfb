/* One rule per kind, found by a table. */
#include "controller/dispatch/rule.h"
#include <math.h>

static bool cheap(const struct rule_facts *f)
{
    return f->price <= f->price_min + 0.1 * (f->price_max - f->price_min) &&
           f->price_max > f->price_min;
}

static bool dear(const struct rule_facts *f)
{
    return f->price >= f->price_min + 0.7 * (f->price_max - f->price_min) &&
           f->price_max > f->price_min;
}

/* 0..1, or NaN without a tank reading. */
static double tank_soc(const struct rule_facts *f)
{
    return f->park->tank < 0 ? NAN : image_value(f->image, f->park->tank, TANK_SOC_PU, NAN);
}

/* On below `low`, off above `high`, else as it is; without a tank reading on, so that nobody
 * freezes. */
static bool thermostat(const struct unit *u, double soc, double low, double high)
{
    if (!isfinite(soc)) {
        return true;
    }
    return soc < low || (u->on && soc < high);
}

static void want_battery(struct unit *u, int device, const struct rule_facts *f)
{
    double rated = u->dev->rating.rated_kw;
    double share = rated / fmax(f->batteries_kw, rated);
    (void)device;
    u->want_on = true;
    if (cheap(f)) {
        double room = fmax(f->import_kw_max * 0.9 - f->net_kw, 0);
        u->want_kw = -fmin(rated * 0.5, room * share);
    } else if (dear(f)) {
        u->want_kw = fmin(rated, fmax(f->net_kw - f->guard_kw, 0) * share);
    } else {
        u->want_kw = 0;
    }
}

static void want_heat_pump(struct unit *u, int device, const struct rule_facts *f)
{
    (void)device;
    u->want_on = thermostat(u, tank_soc(f), 0.5, 0.85);
    u->want_kw = u->want_on ? -u->dev->rating.rated_kw : 0;
}

static void want_gas_boiler(struct unit *u, int device, const struct rule_facts *f)
{
    (void)device;
    u->want_on = thermostat(u, tank_soc(f), 0.2, 0.4);
    u->want_heat_kw = u->want_on ? u->dev->rating.rated_heat_kw : 0;
}

static void want_storage_boiler(struct unit *u, int device, const struct rule_facts *f)
{
    double soc = image_value(f->image, device, SB_SOC_PU, 1);
    double room = fmax(f->import_kw_max * 0.9 - f->rest_kw, 0);
    u->want_kw = cheap(f) && soc < 0.95 ? -fmin(u->dev->rating.rated_kw, room) : 0;
    u->want_on = soc > 0.05 && !cheap(f) && thermostat(u, tank_soc(f), 0.4, 0.6);
    u->want_heat_kw = u->want_on ? u->dev->rating.rated_heat_kw : 0;
}

static void want_chp(struct unit *u, int device, const struct rule_facts *f)
{
    (void)device;
    double soc = tank_soc(f);
    bool heat_wanted = isfinite(soc) && soc < 0.85;
    bool held = u->on && isfinite(soc) && soc < 0.97;
    u->want_on = dear(f) && (heat_wanted || held);
    u->want_kw = u->want_on ? u->dev->rating.rated_kw : 0;
}

static void want_mill(struct unit *u, int device, const struct rule_facts *f)
{
    const struct order_run *r = orders_open(f->orders, device, f->wall);
    u->want_on = r != NULL && orders_left_kwh(r) > 0.5;
    u->want_kw = u->want_on ? -u->dev->rating.rated_kw : 0;
}

static void want_full(struct unit *u, int device, const struct rule_facts *f)
{
    (void)device;
    (void)f;
    u->want_on = true;
    u->want_kw = u->dev->kind == KIND_CHARGER       ? -u->dev->rating.rated_kw
                 : u->dev->kind == KIND_ROLLER_KILN ? -u->dev->rating.steady_kw
                                                    : u->dev->rating.rated_kw;
}

typedef void want_fn(struct unit *u, int device, const struct rule_facts *f);
static want_fn *const rules[KIND_COUNT] = {
    [KIND_BATTERY] = want_battery,
    [KIND_HEAT_PUMP] = want_heat_pump,
    [KIND_GAS_BOILER] = want_gas_boiler,
    [KIND_STORAGE_BOILER] = want_storage_boiler,
    [KIND_CHP] = want_chp,
    [KIND_MILL] = want_mill,
    [KIND_CHARGER] = want_full,
    [KIND_ROLLER_KILN] = want_full,
    [KIND_PV] = want_full,
    [KIND_WIND] = want_full,
};

void rule_want(struct unit *u, int device, const struct rule_facts *f)
{
    if (rules[u->dev->kind] != NULL) {
        rules[u->dev->kind](u, device, f);
    }
}

void rule_orders(const struct rule_facts *f)
{
    double free_kw = f->import_kw_max - f->rest_kw;
    for (int i = 0; i < f->orders->n; i++) {
        struct order_run *r = &f->orders->run[i];
        if (r->m.type != ORDER_FIRING || r->m.state != ORDER_WAITING) {
            continue;
        }
        bool open = f->wall.ms >= r->m.window_from.ms && f->wall.ms <= r->m.window_to.ms;
        bool last_call = wall_diff_s(f->wall, r->m.window_to) < 900;
        double rated = f->park->device[r->m.device].rating.rated_kw;
        wall_t planned = open && (free_kw > rated || last_call) ? f->wall : (wall_t){0};
        if ((planned.ms == 0) != (r->m.planned.ms == 0)) {
            r->m.planned = planned;
            r->changed = true;
        }
        free_kw -= planned.ms != 0 ? rated : 0;
    }
}
