/* The referee on the wire: what time brings. Reversals of batteries, watchdogs that run out,
 * caps, a blind meter. Runs in studies and in tests. */
#include "sim/body.h"
#include "sim/faults.h"
#include "sim/judge_wire.h"
#include <math.h>

enum {
    TURNS_MAX = 6,
    CAP_SLACK_S = 5,
    RECOVERY_S = 600,
    OVERRUN_S = 300,
    OVERRUN_WATCH_S = 3600
};

/* device -1: of the park. Its name and the time are filled in. */
static void say(struct judge *j, int device, struct judge_breach b)
{
    b.device = device < 0 ? NULL : j->park->device[device].name;
    b.at = world_wall(j->world);
    judge_breach_add(j, &b);
}

/* Reversals, as the referee of the plants counts them. */
static void flips(struct judge *j)
{
    for (int i = 0; i < j->batteries; i++) {
        const struct judge_battery *b = &j->battery[i];
        int *told = &j->wire->turns_told[i];
        double last = b->flips ? b->flip_s[(b->flips - 1) % JUDGE_FLIPS] : -INFINITY;
        double before = b->flips > 1 ? b->flip_s[(b->flips - 2) % JUDGE_FLIPS] : -INFINITY;
        int recent = 0;
        if (b->flips == *told) {
            continue;
        }
        *told = b->flips;
        for (int k = 0; k < JUDGE_FLIPS && k < b->flips; k++) {
            recent += last - b->flip_s[k] <= 600;
        }
        if (last - before < 1 + 1e-9) {
            say(j, b->device,
                (struct judge_breach){.name = "battery_flip",
                                      .for_s = last - before,
                                      .value = last - before,
                                      .limit = 1});
        }
        if (recent > TURNS_MAX) {
            say(j, b->device,
                (struct judge_breach){.name = "battery_turns",
                                      .for_s = 600,
                                      .value = recent,
                                      .limit = TURNS_MAX});
        }
    }
}

/* While the meter is seen and nothing of its blindness is under way there is nothing to add up.
 */
static void blind(struct judge *j)
{
    struct judge_wire *w = j->wire;
    if (!w->blind && !w->discharge.on && !w->pv.on) {
        return;
    }
    double discharge_kw = 0, pv_kw = 0, load_kw = 0, rated_kw = 0;
    for (int i = 0; i < j->park->devices; i++) {
        const struct body *b = world_body(j->world, i);
        enum kind k = b->device->kind;
        bool sky = k == KIND_PV || k == KIND_WIND;
        discharge_kw += k == KIND_BATTERY ? fmax(b->kw, 0) : 0;
        rated_kw += k == KIND_BATTERY ? b->device->rating.rated_kw : 0;
        pv_kw += sky ? b->kw : 0;
        load_kw += !sky && k != KIND_BATTERY && dict_kind(k)->on_bus ? fmax(-b->kw, 0) : 0;
    }
    w->pv.limit = load_kw;
    judge_watch(j, &w->discharge, w->blind ? discharge_kw - 0.02 * rated_kw : 0, discharge_kw);
    judge_watch(j, &w->pv, w->blind ? pv_kw - load_kw : 0, pv_kw);
}

void judge_wire_step(struct judge *j)
{
    if (j->wire) {
        flips(j);
        blind(j);
    }
}

/* A setpoint that is not where it would revert to must be fed, except where nothing arrives. */
static void leases(struct judge *j, double now)
{
    for (int k = 0; k < j->wire->feds; k++) {
        int i = j->wire->fed[k];
        struct judge_point *p = &j->wire->point[i];
        if (faults_silence(world_faults(j->world, j->park->point_device[i]))) {
            p->deaf_s = now;
        }
        /* NaN before the first write */
        double idle_s = isnan(p->at_s) ? NAN : now - fmax(p->at_s, p->deaf_s);
        if (!p->lapsed && idle_s > p->dog_s + 1 && p->value != park_point_revert(j->park, i)) {
            p->lapsed = true;
            say(j, j->park->point_device[i],
                (struct judge_breach){.name = "lease_lapsed",
                                      .for_s = idle_s,
                                      .value = p->value,
                                      .limit = p->dog_s});
        }
    }
}

/* Above the cap: its grace and five seconds after are free. */
static void cap_held(struct judge *j, struct judge_cap *c, double kw)
{
    c->over_s = kw > c->kw + c->slack_kw ? c->over_s + 1 : 0;
    if (c->over_s > CAP_SLACK_S && !c->over_told) {
        c->over_told = true;
        say(j, -1,
            (struct judge_breach){
                .name = "dr_cap", .for_s = c->over_s, .value = kw, .limit = c->kw});
    }
}

/* After it and its recovery: import that stands just below the cap for minutes is held there.
 */
static void cap_left(struct judge *j, struct judge_cap *c, double kw)
{
    bool at_cap = kw < c->kw + c->slack_kw && kw > c->kw - 2 * c->slack_kw;
    c->held_s = at_cap ? c->held_s + 1 : 0;
    if (c->held_s > OVERRUN_S && !c->held_told) {
        c->held_told = true;
        say(j, -1,
            (struct judge_breach){
                .name = "dr_overrun", .for_s = c->held_s, .value = kw, .limit = c->kw});
    }
}

static void caps(struct judge *j)
{
    double kw = world_pcc_kw(j->world);
    wall_t now = world_wall(j->world);
    for (int i = 0; i < j->wire->caps; i++) {
        struct judge_cap *c = &j->wire->cap[i];
        double past_s = wall_diff_s(c->end, now);
        if (wall_diff_s(c->start, now) > c->grace_s && past_s <= 0) {
            cap_held(j, c, kw);
        } else if (past_s > RECOVERY_S && past_s < OVERRUN_WATCH_S) {
            cap_left(j, c, kw);
        }
    }
}

void judge_wire_second(struct judge *j)
{
    if (j->wire) {
        leases(j, world_elapsed_s(j->world));
        caps(j);
    }
}
