/* Demand-response events: table of states, baseline, caps. */
#include "controller/dr/dr.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SAME_LENGTH_S = 30 };

/* Each state lists the states that may follow. */
struct state_row {
    const char *name;
    bool over;
    unsigned next; /* bits */
};
#define TO(s) (1u << (s))
static const struct state_row states[DR_STATE_COUNT] = {
    [DR_RECEIVED] = {"received",  false, TO(DR_COMMITTED) | TO(DR_DECLINED) | TO(DR_CANCELLED)},
    [DR_COMMITTED] = {"committed", false, TO(DR_ACTIVE) | TO(DR_CANCELLED) | TO(DR_COMPLETED)  },
    [DR_ACTIVE] = {"active",    false, TO(DR_RECOVERY)                                      },
    [DR_RECOVERY] = {"recovery",  false, TO(DR_COMPLETED) | TO(DR_CANCELLED)                  },
    [DR_COMPLETED] = {"completed", true,  0                                                    },
    [DR_CANCELLED] = {"cancelled", true,  0                                                    },
    [DR_DECLINED] = {"declined",  true,  0                                                    },
};

const char *dr_state_name(enum dr_state s)
{
    return s < DR_STATE_COUNT ? states[s].name : "unknown";
}

const char *dr_direction_name(enum dr_direction d)
{
    static const char *const names[DR_DIRECTION_COUNT] = {"shave", "limit"};
    return d < DR_DIRECTION_COUNT ? names[d] : "unknown";
}

void dr_init(struct dr *r)
{
    memset(r, 0, sizeof *r);
}

struct msg_dr_event *dr_find(struct dr *r, const char *id)
{
    for (int i = 0; i < r->n; i++) {
        if (strcmp(r->event[i].id, id) == 0) {
            return &r->event[i];
        }
    }
    return NULL;
}

static void move_to(struct msg_dr_event *e, enum dr_state to)
{
    must(e->state < DR_STATE_COUNT && (states[e->state].next & TO(to)) != 0);
    e->state = to;
}

/* Room for one more: the oldest event that is over makes way. */
static bool make_room(struct dr *r)
{
    if (r->n < DR_EVENTS_MAX) {
        return true;
    }
    for (int i = 0; i < r->n; i++) {
        if (states[r->event[i].state].over) {
            memmove(&r->event[i], &r->event[i + 1],
                    sizeof r->event[0] * (size_t)(r->n - i - 1));
            r->n--;
            return true;
        }
    }
    return false;
}

/* a: known; b: asked for again. An event "from now" is known by its length: asked again it ends
 * later by the time in between, and a moment passes from its asker to us. A start in the past
 * has become the time at which a was taken in. */
static bool same_content(const struct msg_dr_event *a, const struct msg_dr_event *b)
{
    bool same_start = a->start.ms == b->start.ms ||
                      (a->start.ms == a->created.ms && b->start.ms <= a->created.ms);
    bool same_time = same_start && a->end.ms == b->end.ms;
    if (b->start.ms == 0 && !same_time) {
        double a_s = wall_diff_s(a->created, a->end);
        same_time = fabs(a_s - wall_diff_s(b->created, b->end)) <= SAME_LENGTH_S;
    }
    return a->direction == b->direction && fabs(a->kw - b->kw) < 1e-9 && same_time;
}

static enum err check(const struct msg_dr_event *e, const struct dr_facts *f, char *why)
{
    if (e->direction >= DR_DIRECTION_COUNT) {
        snprintf(why, MSG_TEXT, "direction: unknown; give shave or limit");
        return ERR_RANGE;
    }
    if (!isfinite(e->kw) || e->kw < (e->direction == DR_SHAVE ? 1.0 : 0.0) ||
        e->kw > f->import_limit_kw) {
        snprintf(why, MSG_TEXT, "kw: %.1f is outside %d to %.0f kW (the connection)", e->kw,
                 e->direction == DR_SHAVE ? 1 : 0, f->import_limit_kw);
        return ERR_RANGE;
    }
    if (e->end.ms <= e->start.ms || e->end.ms <= f->now.ms) {
        snprintf(why, MSG_TEXT, "end: lies before the start or in the past; give a later end");
        return ERR_RANGE;
    }
    if (wall_diff_s(e->start, e->end) > 24 * 3600 ||
        wall_diff_s(f->now, e->start) > 14 * 86400) {
        snprintf(why, MSG_TEXT, "start: an event lasts 24 h at most and starts within 14 days");
        return ERR_RANGE;
    }
    return ERR_OK;
}

/* An event that starts now must have something to take from. */
static enum err check_capability(const struct msg_dr_event *e, const struct dr_facts *f,
                                 char *why)
{
    if (e->direction != DR_SHAVE || e->start.ms > f->now.ms) {
        return ERR_OK;
    }
    if (!isfinite(f->baseline_kw)) {
        snprintf(why, MSG_TEXT,
                 "baseline: the PCC has not been measured yet; ask again in a minute");
        return ERR_INFEASIBLE;
    }
    if (f->baseline_kw < e->kw) {
        snprintf(why, MSG_TEXT,
                 "no capability left: baseline import is %.0f kW, less than %.0f kW",
                 f->baseline_kw, e->kw);
        return ERR_INFEASIBLE;
    }
    return ERR_OK;
}

static void name_event(struct dr *r, struct msg_dr_event *e)
{
    do {
        r->made++;
        snprintf(e->id, sizeof e->id, "dr-%lld-%u", (long long)(e->created.ms / 1000), r->made);
    } while (dr_find(r, e->id) != NULL);
}

enum err dr_add(struct dr *r, const struct msg_dr_event *ask, const struct dr_facts *f,
                struct msg_dr_event **out, char *why)
{
    struct msg_dr_event e = *ask;
    e.created = f->now;
    struct msg_dr_event *known = e.id[0] != '\0' ? dr_find(r, e.id) : NULL;
    if (known != NULL) {
        if (!same_content(known, &e)) {
            snprintf(why, MSG_TEXT,
                     "id: %s exists with other content; cancel it or give another id", e.id);
            return ERR_CONFLICT;
        }
        *out = known;
        return ERR_OK;
    }
    if (e.start.ms == 0 || e.start.ms < f->now.ms) {
        e.start = f->now;
    }
    enum err rc = check(&e, f, why);
    rc = rc == ERR_OK ? check_capability(&e, f, why) : rc;
    if (rc != ERR_OK) {
        return rc;
    }
    if (!make_room(r)) {
        snprintf(why, MSG_TEXT, "%d events are open already; cancel one first", DR_EVENTS_MAX);
        return ERR_FULL;
    }
    e.state = DR_RECEIVED;
    e.baseline_kw = NAN;
    e.cap_kw = NAN;
    e.delivered_kw = 0;
    e.reason[0] = '\0';
    if (e.id[0] == '\0') {
        name_event(r, &e);
    }
    r->event[r->n] = e;
    *out = &r->event[r->n++];
    return ERR_OK;
}

void dr_committed(struct dr *r, const char *id)
{
    struct msg_dr_event *e = dr_find(r, id);
    if (e != NULL && e->state == DR_RECEIVED) {
        move_to(e, DR_COMMITTED);
    }
}

void dr_forget(struct dr *r, const char *id)
{
    struct msg_dr_event *e = dr_find(r, id);
    if (e != NULL && e->state == DR_RECEIVED) {
        size_t after = (size_t)(&r->event[r->n] - e) - 1;
        memmove(e, e + 1, sizeof *e * after);
        r->n--;
    }
}

void dr_restore(struct dr *r, const struct msg_dr_event *e)
{
    if (e->state >= DR_STATE_COUNT || e->direction >= DR_DIRECTION_COUNT || !make_room(r) ||
        dr_find(r, e->id) != NULL) {
        return;
    }
    r->event[r->n] = *e;
    /* it was read back from the store, so it is durable */
    if (e->state == DR_RECEIVED) {
        move_to(&r->event[r->n], DR_COMMITTED);
    }
    r->n++;
}

enum err dr_cancel(struct dr *r, const char *id, const char *reason, wall_t now)
{
    struct msg_dr_event *e = dr_find(r, id);
    if (e == NULL) {
        return ERR_NOT_FOUND;
    }
    if (states[e->state].over || e->state == DR_RECOVERY) {
        return ERR_STATE;
    }
    snprintf(e->reason, sizeof e->reason, "%s", reason[0] != '\0' ? reason : "cancelled");
    if (e->state == DR_ACTIVE) {
        e->end = now;
        move_to(e, DR_RECOVERY);
    } else {
        move_to(e, DR_CANCELLED);
    }
    return ERR_OK;
}

/* Freezes the baseline at the start. */
static void start_event(struct msg_dr_event *e, const struct dr_facts *f)
{
    e->baseline_kw = f->baseline_kw;
    double cap = e->direction == DR_LIMIT ? e->kw : f->baseline_kw - e->kw;
    if (!isfinite(cap)) {
        /* no baseline: missing data may only reduce what is allowed */
        cap = 0;
        snprintf(e->reason, sizeof e->reason,
                 "baseline unknown at the start: import held at 0 kW");
    } else if (cap < 0) {
        snprintf(e->reason, sizeof e->reason,
                 "baseline %.0f kW is less than the cut: import held at 0 kW", f->baseline_kw);
        cap = 0;
    }
    e->cap_kw = cap;
    move_to(e, DR_ACTIVE);
}

static bool advance_one(struct msg_dr_event *e, const struct dr_facts *f)
{
    switch ((enum dr_state)e->state) {
    case DR_COMMITTED:
        if (f->now.ms >= e->end.ms) {
            snprintf(e->reason, sizeof e->reason,
                     "its whole window passed while the controller was down");
            move_to(e, DR_COMPLETED);
            return true;
        }
        if (f->now.ms >= e->start.ms) {
            start_event(e, f);
            return true;
        }
        return false;
    case DR_ACTIVE:
        if (f->now.ms >= e->end.ms) {
            move_to(e, DR_RECOVERY);
            return true;
        }
        return false;
    case DR_RECOVERY:
        if (f->now.ms >= wall_add_s(e->end, DR_RECOVERY_S).ms) {
            move_to(e, DR_COMPLETED);
            return true;
        }
        return false;
    case DR_RECEIVED:
    case DR_COMPLETED:
    case DR_CANCELLED:
    case DR_DECLINED:
    case DR_STATE_COUNT:
        return false;
    }
    return false;
}

int dr_advance(struct dr *r, const struct dr_facts *f, int *changed)
{
    int n = 0;
    for (int i = 0; i < r->n; i++) {
        if (advance_one(&r->event[i], f)) {
            if (changed != NULL) {
                changed[n] = i;
            }
            n++;
        }
    }
    return n;
}

/* Cap of one event at a time; INFINITY outside. */
static double event_cap(const struct msg_dr_event *e, const struct dr_facts *f, wall_t at)
{
    if (states[e->state].over || e->state == DR_RECEIVED || at.ms < e->start.ms) {
        return INFINITY;
    }
    double cap = e->cap_kw;
    if (!isfinite(cap)) {
        cap = e->direction == DR_LIMIT ? e->kw : f->baseline_kw - e->kw;
        cap = isfinite(cap) ? fmax(cap, 0) : INFINITY;
    }
    if (at.ms < e->end.ms) {
        return cap;
    }
    double into_s = wall_diff_s(e->end, at);
    if (into_s >= DR_RECOVERY_S || !isfinite(cap)) {
        return INFINITY;
    }
    return cap + (f->import_limit_kw - cap) * into_s / DR_RECOVERY_S;
}

double dr_cap_at_kw(const struct dr *r, const struct dr_facts *f, wall_t at)
{
    double cap = INFINITY;
    for (int i = 0; i < r->n; i++) {
        cap = fmin(cap, event_cap(&r->event[i], f, at));
    }
    return cap;
}

double dr_cap_kw(const struct dr *r, const struct dr_facts *f)
{
    double cap = INFINITY;
    for (int i = 0; i < r->n; i++) {
        enum dr_state s = (enum dr_state)r->event[i].state;
        if (s == DR_ACTIVE || s == DR_RECOVERY) {
            cap = fmin(cap, event_cap(&r->event[i], f, f->now));
        }
    }
    return cap;
}

void dr_deliver(struct dr *r, const struct dr_facts *f, double import_kw)
{
    double since_s = r->delivered_at.ms != 0 ? wall_diff_s(r->delivered_at, f->now) : 1;
    r->delivered_at = f->now;
    for (int i = 0; i < r->n; i++) {
        struct msg_dr_event *e = &r->event[i];
        if (e->state != DR_ACTIVE) {
            continue;
        }
        double into_s = wall_diff_s(e->start, f->now);
        double now_kw = e->baseline_kw - import_kw;
        double share = into_s > since_s ? fmax(since_s, 0) / into_s : 1.0;
        if (isfinite(now_kw)) {
            e->delivered_kw += (now_kw - e->delivered_kw) * share;
        }
    }
}
