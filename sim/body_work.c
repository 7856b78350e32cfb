/* Bodies of what works and charges: mills, roller kilns, chargers. Runs in the simulator. */
#include "controller/base/civil.h"
#include "sim/body.h"
#include "sim/plant_ev.h"
#include "sim/plant_mill.h"
#include "sim/plant_roller.h"
#include <math.h>

/* ---- Ball mill ---- */
static enum err mill_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    const struct rating *r = &b->device->rating;
    struct plant_mill_params par =
        plant_mill_defaults(r->rated_kw, r->batch_h > 0 ? r->batch_h : 10);
    if (r->run_min > 0) {
        par.run_s_min = 60 * r->run_min;
    }
    enum err e = body_take(b, a, sizeof(struct plant_mill));
    return e ? e : plant_mill_init(b->plant, &par);
}

static void mill_step(struct body *b, const struct env *e, double h_s)
{
    (void)e;
    struct plant_mill *m = b->plant;
    struct plant_mill_in in = {.run = b->cmd[MILL_RUN] > 0.5, .trip = body_tripped(b)};
    plant_mill_step(m, &in, h_s);
    b->kw = m->kw;
    b->kvar = m->kvar;
}

static double mill_get(const struct body *b, int row)
{
    const struct plant_mill *m = b->plant;
    return row == P_KW            ? m->kw
           : row == MILL_STATE    ? (double)m->state
           : row == MILL_RUN      ? b->cmd[MILL_RUN]
           : row == MILL_BATCH_H  ? m->batch_h
           : row == MILL_DRAW_KWH ? m->draw_kwh
                                  : NAN;
}
const struct body_def body_mill = {false, mill_init, mill_step, mill_get, NULL};

/* ---- Roller kiln: its throughput follows the schedule of its power. ---- */
static enum err roller_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    const struct rating *r = &b->device->rating;
    struct plant_roller_params par =
        plant_roller_defaults(r->rated_kw, r->steady_kw, r->keep_kw, 2.5 * r->steady_kw);
    par.trim_pu = r->trim_pu > 0 ? r->trim_pu : par.trim_pu;
    enum err e = body_take(b, a, sizeof(struct plant_roller));
    return e ? e : plant_roller_init(b->plant, &par);
}

static double roller_rate(const struct body *b, const struct env *e)
{
    const struct plant_roller *k = b->plant;
    double kw = schedule_at_kw(&b->device->schedule, &e->when);
    double span = k->par.steady_kw - k->par.keep_kw;
    double share = b->device->schedule.n ? (kw - k->par.keep_kw) / span : 1;
    return k->par.rate_kg_per_h * plant_clamp(share, 0, 1);
}

static void roller_step(struct body *b, const struct env *e, double h_s)
{
    struct plant_roller *k = b->plant;
    double rate = roller_rate(b, e);
    struct plant_roller_in in = {.limit_pu = b->cmd[ROLLER_LIMIT_PU],
                                 .rate_kg_per_h = rate,
                                 .ambient_degc = e->outdoor_degc,
                                 .trip = body_tripped(b)};
    plant_roller_step(k, &in, h_s);
    b->kw = k->kw;
    b->rate = rate;
}

static double roller_get(const struct body *b, int row)
{
    const struct plant_roller *k = b->plant;
    return row == P_KW                   ? k->kw
           : row == ROLLER_DEGC          ? k->degc
           : row == ROLLER_STATE         ? (double)k->state
           : row == ROLLER_LIMIT_PU      ? b->cmd[ROLLER_LIMIT_PU]
           : row == ROLLER_RATE_KG_PER_H ? b->rate
                                         : NAN;
}
const struct body_def body_roller_kiln = {false, roller_init, roller_step, roller_get, NULL};

/* ---- Chargers: each charge order of the park brings its vehicles, one per plug. ---- */
struct charger {
    struct plant_ev ev;
    int64_t next_ms; /* next midnight, when another day's sessions are drawn; 0 = none yet */
};

/* Wish of one vehicle of this device, kWh; the order's energy shared by the plugs. */
static double vehicle_kwh(const struct body *b)
{
    double most = 0, plugs = fmax(b->device->rating.plugs, 1);
    for (int i = 0; i < b->park->orders; i++) {
        const struct order *o = &b->park->order[i];
        if (o->type == ORDER_CHARGE && o->device == b->index) {
            most = fmax(most, o->energy_kwh / plugs);
        }
    }
    return most > 0 ? most : 40;
}

static enum err charger_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    const struct rating *r = &b->device->rating;
    double plugs = fmin(fmax(r->plugs, 1), PLANT_EV_PLUGS);
    struct plant_ev_params par = {.plugs = (int)plugs,
                                  .plug_kw = r->rated_kw / plugs,
                                  .group_kw = r->rated_kw,
                                  .floor_kw = fmin(1.5, 0.2 * r->rated_kw / plugs),
                                  .lag_s = 1.3,
                                  .battery_kwh = 1.4 * vehicle_kwh(b),
                                  .full_pu = 1};
    enum err e = body_take(b, a, sizeof(struct charger));
    struct charger *c = b->plant;
    return e ? e : plant_ev_init(&c->ev, &par);
}

/* One vehicle per plug for each order of this kind of day: it comes within the window's first
 * 20 minutes and leaves at its end, wanting the order's share give or take 5 %. */
static void draw_day(struct body *b, wall_t midnight, double now_s)
{
    struct charger *c = b->plant;
    enum days kind = park_days(b->park, wall_add_s(midnight, 43200));
    for (int i = 0; i < b->park->orders; i++) {
        const struct order *o = &b->park->order[i];
        if (o->type != ORDER_CHARGE || o->device != b->index ||
            (o->days != DAYS_ALL && o->days != kind)) {
            continue;
        }
        double base = (double)midnight.ms / 1000;
        if (base + o->to_min * 60.0 <= now_s) {
            continue; /* gone before the simulation began */
        }
        for (int k = 0; k < c->ev.par.plugs; k++) {
            struct plant_ev_session s = {
                .arrive_s = base + o->from_min * 60.0 + rng_between(&b->rng, 0, 1200),
                .depart_s = base + o->to_min * 60.0,
                .wanted_kwh =
                    o->energy_kwh / c->ev.par.plugs * rng_between(&b->rng, 0.95, 1.05)};
            /* a full queue turns the vehicle away, as a full yard does */
            (void)!plant_ev_add(&c->ev, &s);
        }
    }
}

static void charger_step(struct body *b, const struct env *e, double h_s)
{
    struct charger *c = b->plant;
    if (c->next_ms == 0) {
        draw_day(b, civil_midnight(e->at, -1), e->now_s); /* those who stay over night */
    }
    if (e->at.ms >= c->next_ms) {
        draw_day(b, civil_midnight(e->at, 0), e->now_s);
        c->next_ms = civil_midnight(e->at, 1).ms;
    }
    struct plant_ev_in in = {
        .now_s = e->now_s, .limit_kw = b->cmd[CHARGER_LIMIT_KW], .trip = body_tripped(b)};
    plant_ev_step(&c->ev, &in, h_s);
    b->kw = c->ev.kw;
}

static double charger_get(const struct body *b, int row)
{
    const struct plant_ev *ev = &((const struct charger *)b->plant)->ev;
    return row == P_KW                  ? ev->kw
           : row == CHARGER_STATE       ? (double)ev->state
           : row == CHARGER_LIMIT_KW    ? b->cmd[CHARGER_LIMIT_KW]
           : row == CHARGER_SESSIONS    ? (double)ev->connected
           : row == CHARGER_SESSION_KWH ? ev->session_kwh
           : row == CHARGER_WANTED_KWH  ? ev->wanted_kwh
           : row == CHARGER_DRAW_KWH    ? ev->draw_kwh
                                        : NAN;
}
const struct body_def body_charger = {true, charger_init, charger_step, charger_get, NULL};

void body_charger_truth(const struct body *b, struct body_charger_truth *out)
{
    const struct plant_ev *ev = &((const struct charger *)b->plant)->ev;
    *out = (struct body_charger_truth){ev->done, ev->satisfied, ev->missed, ev->asked_kwh,
                                       ev->short_kwh};
}
