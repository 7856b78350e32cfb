/* The tick and what comes in and goes out. */
#include "controller/dispatch/core.h"
#include "controller/base/civil.h"
#include "controller/dispatch/core_flows.h"
#include "controller/dispatch/core_wants.h"
#include "controller/dispatch/manual.h"
#include "controller/dispatch/range.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum err core_init(struct core *c, struct arena *a, const struct park *p,
                   const struct prices *prices, const struct series_file *given)
{
    memset(c, 0, sizeof *c);
    c->park = p;
    c->prices = prices;
    c->unit = arena_take(a, (size_t)p->devices, sizeof *c->unit);
    c->plan = arena_take(a, 1, sizeof *c->plan);
    if (c->unit == NULL || c->plan == NULL) {
        return ERR_NOMEM;
    }
    for (int d = 0; d < p->devices; d++) {
        unit_init(&c->unit[d], &p->device[d]);
    }
    enum err rc = image_init(&c->live, a, p);
    rc = rc == ERR_OK ? image_init(&c->frozen, a, p) : rc;
    rc = rc == ERR_OK ? setpoints_init(&c->setpoints, a, p) : rc;
    rc = rc == ERR_OK ? forecast_init(&c->forecast, a, p, given) : rc;
    rc = rc == ERR_OK ? follow_init(&c->follow, a, p) : rc;
    orders_init(&c->orders, p);
    dr_init(&c->dr);
    demand_init(&c->demand);
    governor_init(&c->governor);
    balance_init(&c->balance);
    c->demand_target_kw = prices->demand_free_kw;
    c->fallback = FALLBACK_RULE;
    return rc;
}

void core_event(struct core *c, enum severity s, const char *source, const char *what,
                const char *fmt, ...)
{
    if (c->events >= CORE_EVENTS_MAX) {
        return;
    }
    struct msg_event *e = &c->event[c->events++];
    memset(e, 0, sizeof *e);
    e->at = c->tick_wall;
    e->severity = (uint32_t)s;
    snprintf(e->source, sizeof e->source, "%s", source);
    snprintf(e->what, sizeof e->what, "%s", what);
    va_list args;
    va_start(args, fmt);
    vsnprintf(e->text, sizeof e->text, fmt, args);
    va_end(args);
}

void core_reading(struct core *c, const struct msg_reading *r)
{
    image_update(&c->live, r);
}

void core_link(struct core *c, const struct msg_link_state *l)
{
    if (l->device >= c->park->devices) {
        return;
    }
    bool was = c->live.link[l->device].trusted != 0;
    c->live.link[l->device] = *l;
    if (was != (l->trusted != 0)) {
        /* it came or went: say everything again, plan around it */
        setpoints_forget(&c->setpoints, l->device);
        c->replan = true;
    }
}

/* Demand that is held, kW: the target, or the month's peak where that is higher already;
 * INFINITY where there is no target (a tariff that bills each kW leaves it to the plan). */
static double held_demand_kw(const struct core *c)
{
    bool target = isfinite(c->demand_target_kw) && c->demand_target_kw > 0;
    return target ? fmax(c->demand_target_kw, c->month_peak_kw) : INFINITY;
}

/* The mean of what has been seen; nothing is known before a minute has. */
static double baseline_kw(const struct core *c)
{
    double covered_s;
    double mean_kw = demand_mean_covered_kw(&c->demand, &covered_s);
    return covered_s >= 60 ? mean_kw * DEMAND_SLOT_S * DEMAND_SLOTS / covered_s : NAN;
}

static struct dr_facts facts(const struct core *c, wall_t wall, double baseline)
{
    double limit = fmin(c->park->import_kw_max, held_demand_kw(c));
    return (struct dr_facts){.now = wall, .baseline_kw = baseline, .import_limit_kw = limit};
}

struct dr_facts core_dr_facts(const struct core *c, wall_t wall)
{
    return facts(c, wall, baseline_kw(c));
}

/* The same for the tick: without an event nobody asks for the baseline. */
static struct dr_facts tick_facts(const struct core *c, wall_t wall)
{
    return facts(c, wall, c->dr.n > 0 ? baseline_kw(c) : NAN);
}

enum err core_dr_trigger(struct core *c, const struct msg_dr_event *ask, wall_t wall,
                         struct msg_dr_event **out, char *why)
{
    struct dr_facts f = core_dr_facts(c, wall);
    return dr_add(&c->dr, ask, &f, out, why);
}

/* Kept below the cap of demand response: what was promised is to be met within 5 % on both
 * sides.
 */
static double dr_margin_kw(const struct dr *r, double otherwise_kw)
{
    double margin = otherwise_kw;
    for (int i = 0; i < r->n; i++) {
        const struct msg_dr_event *e = &r->event[i];
        double depth_kw = e->baseline_kw - e->cap_kw;
        if (e->state == DR_ACTIVE && e->direction == DR_SHAVE && isfinite(depth_kw)) {
            margin = fmin(margin, fmax(0.04 * depth_kw, 1));
        }
    }
    return margin;
}

/* Ceiling and floor of the PCC import this second. */
static void set_limits(struct core *c, wall_t wall)
{
    struct dr_facts f = tick_facts(c, wall);
    double held_kw = held_demand_kw(c) * (1 - c->park->demand_margin_pu / 2);
    double demand_kw = isfinite(held_kw) ? demand_permitted_kw(&c->demand, held_kw) : INFINITY;
    double cap_kw = dr_cap_kw(&c->dr, &f);
    double own = fmin(c->park->import_kw_max, demand_kw);
    double cap_margin = dr_margin_kw(&c->dr, fmin(0.01 * cap_kw, 30));
    c->limits.margin_kw = fmax(0.02 * c->park->import_kw_max, 20);
    c->limits.dip_kw_max = 0.05 * c->park->import_kw_max; /* where the relay would open */
    c->limits.import_kw_max = fmin(own - fmin(0.01 * own, 30), cap_kw - cap_margin);
    c->limits.import_kw_min =
        c->park->export_kw_max > 0
            ? -c->park->export_kw_max + fmin(0.02 * c->park->export_kw_max, 30)
            : c->park->guard_kw;
    c->mode = !c->pcc_known ? MODE_FAILSAFE : isfinite(cap_kw) ? MODE_LIMITED : MODE_NORMAL;
}

static void observe(struct core *c, mono_t now)
{
    const struct reading *pcc = image_pcc(&c->frozen);
    struct range_facts f = {.image = &c->frozen, .now = now};
    double known_load = 0;
    /* one lost poll is no reason to panic, two seconds without the PCC are */
    double age_s = mono_s(mono_sub(now, pcc->at));
    for (int d = 0; d < c->park->devices; d++) {
        struct unit *u = &c->unit[d];
        unit_observe(u, &c->frozen, d, now);
        if (u->dev->kind == KIND_PV || u->dev->kind == KIND_WIND) {
            f.pv_rated_kw += u->dev->rating.rated_kw;
        } else if (u->measured && u->dev->kind != KIND_BATTERY && u->now_kw < 0) {
            known_load -= u->now_kw;
        }
    }
    struct doubt_in seen = {reading_or(pcc, NAN), c->unit, c->park->devices,
                            fmax(0.005 * c->park->import_kw_max, 10), now};
    c->pcc_doubted = doubt_pcc(&c->doubt, &seen);
    c->pcc_odd = balance_pcc(&c->balance, &seen, c->park->import_kw_max);
    c->pcc_known = reading_usable(pcc) && age_s < 1.5 && !c->pcc_doubted && !c->pcc_odd;
    f.pcc_known = c->pcc_known;
    f.pv_blind_kw = 0.7 * known_load;
    for (int d = 0; d < c->park->devices; d++) {
        range_set(&c->unit[d], d, &f);
    }
}

static void watch_links(struct core *c, wall_t wall)
{
    static const struct alarm_kind blind = {
        SEVERITY_ALARM, "pcc", "unknown",
        "no fresh PCC reading: storage does not discharge, PV limited"};
    static const struct alarm_kind doubted = {
        SEVERITY_ALARM, "pcc", "frozen",
        "the same value to the last digit although the devices' powers move: not believed"};
    static const struct alarm_kind odd = {
        SEVERITY_ALARM, "pcc", "implausible",
        "leapt to less import than the devices draw: not believed, look at its scale and sign"};
    static const struct alarm_kind exceeded = {SEVERITY_ALARM, "governor", "limit_not_held",
                                               "all means together do not reach the limit"};
    for (int d = 0; d < c->park->devices; d++) {
        struct unit *u = &c->unit[d];
        bool calm = u->online && !u->lost;
        if (calm && (u->calm || c->alarms.n == 0)) {
            u->calm = true;
            continue; /* nothing to raise and nothing to clear */
        }
        u->calm = calm;
        const struct alarm_kind offline = {d == c->park->pcc ? SEVERITY_ALARM
                                                             : SEVERITY_WARNING,
                                           u->dev->name, "offline", "does not answer"};
        const struct alarm_kind lost = {SEVERITY_WARNING, u->dev->name, "not_following",
                                        "measured power does not follow its setpoint"};
        alarm_set(&c->alarms, !u->online, &offline, wall);
        alarm_set(&c->alarms, u->lost, &lost, wall);
    }
    alarm_set(&c->alarms, !c->pcc_known, &blind, wall);
    alarm_set(&c->alarms, c->pcc_doubted, &doubted, wall);
    alarm_set(&c->alarms, c->pcc_odd, &odd, wall);
    bool failing = c->short_since.us != 0 && mono_s(mono_sub(c->slow_at, c->short_since)) > 5;
    alarm_set(&c->alarms, failing, &exceeded, wall);
}

/* Once a second, before the governor. */
static void slow_part(struct core *c, mono_t now, wall_t wall)
{
    double pcc_kw = reading_or(image_pcc(&c->frozen), NAN);
    c->slow_at = now;
    c->wall = wall;
    c->ticks++;
    if (isfinite(pcc_kw)) {
        demand_add(&c->demand, now, pcc_kw);
    }
    struct dr_facts f = tick_facts(c, wall);
    int changed[DR_EVENTS_MAX];
    int n = dr_advance(&c->dr, &f, changed);
    for (int i = 0; i < n; i++) {
        const struct msg_dr_event *e = &c->dr.event[changed[i]];
        core_event(c, SEVERITY_INFO, "dr", "dr_state",
                   "id=%s state=%s baseline_kw=%.1f cap_kw=%.1f", e->id,
                   dr_state_name((enum dr_state)e->state), e->baseline_kw, e->cap_kw);
        c->replan = true;
    }
    if (isfinite(pcc_kw)) { /* what is not measured is not delivered */
        dr_deliver(&c->dr, &f, pcc_kw);
    }
    if (c->expanded.ms == 0 || wall_diff_s(c->expanded, wall) >= 300) {
        orders_expand(&c->orders, wall);
        c->expanded = wall;
    }
    orders_observe(&c->orders, &c->frozen, wall);
    manual_expire(c, wall);
    forecast_learn(&c->forecast, &c->frozen, wall);
    core_set_wants(c, now, wall);
    if (c->restored) {
        core_start_firings(c, now, wall);
    }
    watch_links(c, wall);
}

int core_tick(struct core *c, mono_t now, wall_t wall, struct msg_setpoint *out, int max)
{
    c->tick_wall = wall;
    image_freeze(&c->live, &c->frozen, now);
    observe(c, now);
    set_limits(c, wall);
    if (c->slow_at.us == 0 || mono_s(mono_sub(now, c->slow_at)) >= 0.9) {
        slow_part(c, now, wall);
    }
    if (c->pcc_known) {
        double pcc_kw = image_pcc(&c->frozen)->value;
        struct governor_in in = {.pcc_kw = pcc_kw, .limits = c->limits, .now = now};
        governor_run(&c->governor, c->unit, c->park->devices, &in);
        bool missed = fabs(c->governor.short_kw) > 1;
        c->short_since = !missed ? (mono_t){0} : c->short_since.us == 0 ? now : c->short_since;
    } else {
        governor_blind(&c->governor, c->unit, c->park->devices, now);
    }
    if (!c->restored) {
        return 0;
    }
    c->decision++;
    core_put_setpoints(c, now);
    return setpoints_flush(&c->setpoints, now, c->decision, out, max);
}

enum err core_question(const struct core *c, double hours, struct problem *p)
{
    struct question_facts f = {.park = c->park,
                               .image = &c->frozen,
                               .units = c->unit,
                               .forecast = &c->forecast,
                               .orders = &c->orders,
                               .prices = c->prices,
                               .dr = &c->dr,
                               .wall = c->wall,
                               .now = c->slow_at,
                               .month_peak_kw = c->month_peak_kw,
                               .demand_target_kw = c->demand_target_kw,
                               .hours = hours};
    f.dr_facts = core_dr_facts(c, f.wall);
    return question_write(&f, p);
}

void core_plan(struct core *c, const struct plan *plan, mono_t now, wall_t made)
{
    plan_copy(c->plan, plan);
    c->plan_at = now;
    c->plan_made = made;
    c->plan_failed = false;
    follow_bind(&c->follow, c->plan);
    follow_orders(&c->follow, &c->orders);
}

void core_plan_failed(struct core *c, const char *why)
{
    c->plan_failed = true;
    core_event(c, SEVERITY_WARNING, "plan", "plan_failed", "%s", why);
}

enum err core_command(struct core *c, const struct msg_command *m, wall_t wall, char *why)
{
    why[0] = '\0';
    switch ((enum command_type)m->type) {
    case COMMAND_SET:
        return manual_set(c, m, wall, why);
    case COMMAND_AUTO:
        if (m->device >= (uint32_t)c->park->devices) {
            snprintf(why, MSG_TEXT, "device: unknown");
            return ERR_NOT_FOUND;
        }
        manual_give_back(c, (int)m->device, m->actor);
        return ERR_OK;
    case COMMAND_ACK:
        if (alarm_ack(&c->alarms, m->id) == 0 && m->id[0] != '\0') {
            snprintf(why, MSG_TEXT, "id: no alarm %s waits for an acknowledgement", m->id);
            return ERR_NOT_FOUND;
        }
        return ERR_OK;
    case COMMAND_REPLAN:
        c->replan = true;
        return ERR_OK;
    case COMMAND_DR_CANCEL: {
        enum err rc = dr_cancel(&c->dr, m->id, m->text, wall);
        if (rc != ERR_OK) {
            snprintf(why, MSG_TEXT,
                     rc == ERR_NOT_FOUND ? "id: no event %s" : "id: event %s is over", m->id);
        }
        c->replan = rc == ERR_OK || c->replan;
        return rc;
    }
    case COMMAND_DR_TRIGGER:
    case COMMAND_TYPE_COUNT:
        break;
    }
    snprintf(why, MSG_TEXT, "command: unknown");
    return ERR_RANGE;
}

void core_status(const struct core *c, wall_t wall, struct msg_status *out)
{
    struct core_flows s;
    core_flows(c, &s);
    int step = follow_step(&c->follow, wall);
    memset(out, 0, sizeof *out);
    out->at = wall;
    out->mode = (uint32_t)c->mode;
    out->plan_origin = step < 0 ? ~0u : (uint32_t)c->plan->origin;
    out->plan_made = c->plan_made;
    out->plan_gap_pu = step < 0 ? NAN : c->plan->gap_pu;
    out->plan_cost_yuan = step < 0 ? NAN : c->plan->objective_yuan;
    out->pcc_kw = reading_or(image_pcc(&c->frozen), NAN);
    out->plan_pcc_kw = step < 0 ? NAN : follow_pcc_kw(&c->follow, step);
    out->import_limit_kw = c->limits.import_kw_max;
    out->export_limit_kw = c->park->export_kw_max;
    out->demand_15min_kw = demand_mean_kw(&c->demand);
    out->demand_target_kw = c->demand_target_kw;
    out->month_peak_kw = c->month_peak_kw;
    out->pv_kw = s.pv_kw;
    out->wind_kw = s.wind_kw;
    out->battery_kw = s.battery_kw;
    out->load_kw = s.load_kw;
    out->heat_kw = s.heat_kw;
    out->residual_kw = isfinite(out->pcc_kw) ? out->pcc_kw + s.on_bus_kw : NAN;
    out->ticks = c->ticks;
    out->fallback = (uint32_t)c->fallback;
    if (c->fallback != FALLBACK_PLAN) {
        snprintf(out->reason, sizeof out->reason, "%s",
                 c->policy == POLICY_RULE ? "policy rule"
                 : c->plan_failed         ? "planner did not answer"
                                          : "no plan yet");
    }
}
