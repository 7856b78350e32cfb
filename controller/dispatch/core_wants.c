/* From plan or rule to wants, from decided powers to setpoints. */
#include "controller/dispatch/core_wants.h"
#include "controller/base/civil.h"
#include "controller/dispatch/rule.h"
#include <math.h>

/* A day begins on a whole minute. */
static const struct core_day *day_of(struct core *c, wall_t wall)
{
    struct core_day *day = &c->day;
    int64_t minute = wall.ms / 60000;
    if (day->minute != minute || day->from.ms != c->prices->from.ms) {
        day->minute = minute;
        day->from = c->prices->from;
        prices_day(c->prices, civil_midnight(wall, 0), &day->price_min, &day->price_max);
    }
    return day;
}

static struct rule_facts rule_facts_of(struct core *c, wall_t wall)
{
    struct rule_facts f = {.park = c->park,
                           .image = &c->frozen,
                           .orders = &c->orders,
                           .wall = wall,
                           .price = prices_import(c->prices, wall),
                           .rest_kw = c->governor.rest_kw,
                           .import_kw_max = c->limits.import_kw_max,
                           .guard_kw = c->park->guard_kw};
    f.price_min = day_of(c, wall)->price_min;
    f.price_max = c->day.price_max;
    f.net_kw = f.rest_kw;
    for (int d = 0; d < c->park->devices; d++) {
        const struct unit *u = &c->unit[d];
        bool battery = u->dev->kind == KIND_BATTERY;
        f.batteries_kw += u->steered && battery ? u->dev->rating.rated_kw : 0;
        f.net_kw -= u->steered && !battery ? fmax(u->now_kw, 0) : 0;
    }
    return f;
}

static enum fallback choose(const struct core *c, mono_t now, int step)
{
    if (c->policy == POLICY_RULE) {
        return FALLBACK_RULE;
    }
    double age_s = mono_s(mono_sub(now, c->plan_at));
    if (step < 0 || age_s > PLAN_AGE_S_MAX) {
        return FALLBACK_RULE;
    }
    return c->plan_failed ? FALLBACK_SHIFTED : FALLBACK_PLAN;
}

/* A charger gets what the plan gives, and at least what a vehicle still needs until its window
 * ends. */
static double charger_kw(struct core *c, int d, double planned_kw, wall_t wall)
{
    const struct order_run *r = orders_open(&c->orders, d, wall);
    double rated = c->park->device[d].rating.rated_kw;
    double need = 0;
    if (r == NULL) {
        /* an unexpected vehicle: half power, so that nobody is left standing */
        return -0.5 * rated;
    }
    double left_h = wall_diff_s(wall, r->m.window_to) / 3600;
    if (left_h > 0 && orders_left_kwh(r) > left_h * rated * 0.7) {
        need = rated;
    }
    return -fmin(fmax(-planned_kw, need), rated);
}

static void want_by_plan(struct core *c, int d, int step, wall_t wall)
{
    struct unit *u = &c->unit[d];
    u->want_kw = follow_kw(&c->follow, d, step);
    u->want_on = follow_on(&c->follow, d, step);
    u->want_heat_kw = follow_heat_kw(&c->follow, d, step);
    if (u->dev->kind == KIND_CHARGER) {
        u->want_kw = charger_kw(c, d, u->want_kw, wall);
    }
}

/* The tank's own guards: heat makers stop when it is full, the boiler starts when it runs
 * empty. */
static void guard_heat(struct core *c, struct unit *u)
{
    static const bool makes[KIND_COUNT] = {[KIND_HEAT_PUMP] = true,
                                           [KIND_CHP] = true,
                                           [KIND_STORAGE_BOILER] = true,
                                           [KIND_GAS_BOILER] = true};
    if (c->park->tank < 0 || !makes[u->dev->kind]) {
        return;
    }
    double soc = image_value(&c->frozen, c->park->tank, TANK_SOC_PU, NAN);
    bool full = isfinite(soc) && soc > 0.97;
    bool empty = !isfinite(soc) || soc < 0.04;
    if (u->dev->kind == KIND_HEAT_PUMP && full) {
        u->want_on = false;
        u->want_kw = 0;
    } else if (u->dev->kind == KIND_CHP && full && isfinite(soc) && soc > 0.995) {
        u->want_on = false;
        u->want_kw = 0;
    } else if (u->dev->kind == KIND_STORAGE_BOILER && full) {
        u->want_heat_kw = 0;
    } else if (u->dev->kind == KIND_GAS_BOILER) {
        u->want_heat_kw = full ? 0 : empty ? u->dev->rating.rated_heat_kw : u->want_heat_kw;
        u->want_on = true;
    }
}

/* Least times on and off, by our own clock: a wish that comes too early waits. */
static void hold_minimum(struct unit *u, mono_t now)
{
    bool switched = u->steer->style == STYLE_SWITCH || u->dev->kind == KIND_HEAT_PUMP ||
                    u->dev->kind == KIND_CHP;
    if (!switched || u->want_on == u->on || u->on_changed.us == 0) {
        return;
    }
    const struct rating *r = &u->dev->rating;
    double least_s = 60 * (u->on ? fmax(r->up_min, r->run_min) : r->down_min);
    if (mono_s(mono_sub(now, u->on_changed)) < least_s) {
        u->want_on = u->on;
        double stay = u->dev->kind == KIND_MILL  ? -r->rated_kw
                      : u->dev->kind == KIND_CHP ? r->kw_min
                                                 : -r->kw_min;
        u->want_kw = u->on ? stay : 0;
    }
}

/* A step of the plan, or another split between two batteries, is walked and not jumped: their
 * setpoints do not arrive at the same moment, and what one has not yet given back the other
 * must not have taken. */
static void walk(struct unit *u, double from_kw)
{
    double most_kw = u->steer->want_pu_per_s * u->dev->rating.rated_kw; /* in one slow tick */
    if (most_kw > 0) {
        u->want_kw = fmin(fmax(u->want_kw, from_kw - most_kw), from_kw + most_kw);
    }
}

static const char *const ladder[] = {"plan", "shifted", "rule", "safe"};

void core_set_wants(struct core *c, mono_t now, wall_t wall)
{
    int step = follow_step(&c->follow, wall);
    enum fallback was = c->fallback;
    struct rule_facts rules = rule_facts_of(c, wall);
    c->fallback = choose(c, now, step);
    for (int d = 0; d < c->park->devices; d++) {
        struct unit *u = &c->unit[d];
        bool free_running = u->dev->kind == KIND_PV || u->dev->kind == KIND_WIND ||
                            u->dev->kind == KIND_ROLLER_KILN;
        bool by_plan = c->fallback <= FALLBACK_SHIFTED && !free_running &&
                       (follow_knows(&c->follow, d) || u->dev->kind == KIND_CHARGER ||
                        u->dev->kind == KIND_MILL);
        double from_kw = u->want_kw;
        if (by_plan) {
            want_by_plan(c, d, step, wall);
        } else {
            rule_want(u, d, &rules);
        }
        guard_heat(c, u);
        hold_minimum(u, now);
        walk(u, from_kw);
    }
    if (c->fallback == FALLBACK_RULE) {
        rule_orders(&rules);
    }
    if (was != c->fallback) {
        core_event(c, SEVERITY_INFO, "dispatch", "ladder", "from=%s to=%s", ladder[was],
                   ladder[c->fallback]);
    }
}

static void switch_unit(struct unit *u, bool on, mono_t now)
{
    if (u->on != on || u->on_changed.us == 0) {
        u->on = on;
        u->on_changed = now;
    }
}

/* Device state as read decides what `on` means after a restart. */
static void adopt(struct core *c, int d, mono_t now)
{
    struct unit *u = &c->unit[d];
    int row = u->dev->kind == KIND_CHP         ? CHP_STATE
              : u->dev->kind == KIND_HEAT_PUMP ? HP_STATE
                                               : MILL_STATE;
    bool running = image_value(&c->frozen, d, row, RUN_OFF) >= RUN_STARTING &&
                   image_value(&c->frozen, d, row, RUN_OFF) <= RUN_LIMITED;
    if (u->on_changed.us == 0) {
        u->on = running;
        u->on_changed = (mono_t){1};
        (void)now;
    }
}

static void put_pu(struct core *c, int d, double full_kw)
{
    struct unit *u = &c->unit[d];
    double pu = full_kw > 0 ? fabs(u->cmd_kw) / full_kw : 1;
    setpoints_put(&c->setpoints, d, u->steer->row, fmin(pu, 1), u->steer->lease_s);
}

static void put_switched(struct core *c, int d, mono_t now)
{
    struct unit *u = &c->unit[d];
    adopt(c, d, now);
    bool on = u->want_on;
    if (u->dev->kind == KIND_HEAT_PUMP) {
        /* the governor may have taken it below what it can run at */
        on = on && -u->cmd_kw >= 0.99 * u->dev->rating.kw_min;
        setpoints_put(&c->setpoints, d, HP_LIMIT_KW, fmax(-u->cmd_kw, u->dev->rating.kw_min),
                      u->steer->lease_s);
    } else if (u->dev->kind == KIND_CHP) {
        double state = image_value(&c->frozen, d, CHP_STATE, RUN_OFF);
        double kw = state == RUN_ON || state == RUN_LIMITED ? u->cmd_kw : u->want_kw;
        if (on) {
            setpoints_put(&c->setpoints, d, CHP_SET_KW, fmax(kw, u->dev->rating.kw_min),
                          u->steer->lease_s);
        }
    } else {
        on = u->cmd_kw < -0.5 * u->dev->rating.rated_kw;
    }
    switch_unit(u, on, now);
    setpoints_put(&c->setpoints, d, u->steer->run_row, on ? 1 : 0, u->steer->lease_s);
}

static void put_one(struct core *c, int d, mono_t now)
{
    struct unit *u = &c->unit[d];
    const struct rating *r = &u->dev->rating;
    if (u->dev->kind == KIND_GAS_BOILER && u->online && !u->manual) {
        setpoints_put(&c->setpoints, d, BOILER_SET_HEAT_KW, u->want_heat_kw, u->steer->lease_s);
    }
    if (!u->steered) {
        return;
    }
    switch (u->steer->style) {
    case STYLE_SET:
        if (u->dev->kind == KIND_CHP) {
            put_switched(c, d, now);
        } else if (u->dev->kind == KIND_BATTERY) {
            setpoints_put(&c->setpoints, d, BATTERY_SET_KW, u->cmd_kw, u->steer->lease_s);
            if (image_value(&c->frozen, d, BATTERY_STATE, RUN_ON) == RUN_OFF) {
                setpoints_put(&c->setpoints, d, BATTERY_RUN, 1, 0);
            }
        } else {
            setpoints_put(&c->setpoints, d, SB_SET_DRAW_KW, -u->cmd_kw, u->steer->lease_s);
            setpoints_put(&c->setpoints, d, SB_SET_HEAT_KW, u->want_heat_kw, u->steer->lease_s);
        }
        break;
    case STYLE_LIMIT:
        if (u->dev->kind == KIND_CHARGER) {
            setpoints_put(&c->setpoints, d, CHARGER_LIMIT_KW, -u->cmd_kw, u->steer->lease_s);
        } else if (u->dev->kind == KIND_HEAT_PUMP) {
            put_switched(c, d, now);
        } else {
            put_pu(c, d, u->dev->kind == KIND_ROLLER_KILN ? r->steady_kw : r->rated_kw);
        }
        break;
    case STYLE_SWITCH:
        put_switched(c, d, now);
        break;
    case STYLE_NONE:
        break;
    }
}

void core_put_setpoints(struct core *c, mono_t now)
{
    for (int d = 0; d < c->park->devices; d++) {
        struct unit *u = &c->unit[d];
        if (u->manual && u->online) {
            const struct point_def *def = &dict_kind(u->dev->kind)->point[u->manual_row];
            bool once = def->revert == REVERT_KEEP; /* said again, it would start a kiln anew */
            if (!once || !u->manual_given) {
                setpoints_put(&c->setpoints, d, u->manual_row, u->manual_value, once ? 0 : 60);
            }
            u->manual_given = true;
        } else {
            put_one(c, d, now);
        }
    }
}

/* Programme number of a recipe in a kiln: the recipes of the park in file order, from 1. */
void core_start_firings(struct core *c, mono_t now, wall_t wall)
{
    struct order_run *r = orders_due(&c->orders, &c->frozen, wall, now);
    if (r == NULL || c->unit[r->m.device].manual) {
        return;
    }
    setpoints_put(&c->setpoints, r->m.device, KILN_PROGRAM, c->park->order[r->order].recipe + 1,
                  0);
    setpoints_put(&c->setpoints, r->m.device, KILN_RUN, KILN_RUNNING, 0);
    orders_started(r, wall, now);
    core_event(c, SEVERITY_INFO, c->park->device[r->m.device].name, "firing_start", "order=%s",
               r->m.id);
}
