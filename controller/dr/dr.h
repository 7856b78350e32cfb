/* Demand response: events with their timeline, frozen baseline and import cap. The state
 * machine is a table; every move is checked and reported. Pure; owned by the core. An event
 * acts through one number only: the import cap in force, which the PCC governor holds without
 * any solver. */
#ifndef KILNWATT_DR_DR_H
#define KILNWATT_DR_DR_H

#include "controller/park/messages.h"

enum dr_state {
    DR_RECEIVED,  /* not yet durable */
    DR_COMMITTED, /* durable, waits for its start */
    DR_ACTIVE,    /* its cap is in force */
    DR_RECOVERY,  /* the cap rises back */
    DR_COMPLETED,
    DR_CANCELLED,
    DR_DECLINED,
    DR_STATE_COUNT
};

enum dr_direction {
    DR_SHAVE, /* import falls by kw against the baseline */
    DR_LIMIT, /* import stays at or below kw */
    DR_DIRECTION_COUNT
};

enum {
    DR_EVENTS_MAX = 32,
    DR_BASELINE_SLOTS = 90, /* of 10 s: the 15 min before the event (meter-before) */
    DR_RECOVERY_S = 600
};

struct dr {
    int n;
    struct msg_dr_event event[DR_EVENTS_MAX]; /* oldest first */
    uint32_t made;                            /* events named by us so far */
    wall_t delivered_at;                      /* up to when deliveries have been counted */
};

/* Facts that dr needs about the park, kW (magnitudes). */
struct dr_facts {
    wall_t now;
    double baseline_kw;     /* mean import of the last 15 min, NaN when unknown */
    double import_limit_kw; /* in force without events */
};

const char *dr_state_name(enum dr_state s);
const char *dr_direction_name(enum dr_direction d);
void dr_init(struct dr *r);
/* Adds an event in state RECEIVED; `ask` has id ("" = one is made), direction, kw, start (0 =
 * now), end, program, actor. The same id with the same content is answered with the event that
 * exists. ERR_RANGE, ERR_CONFLICT (same id, other content), ERR_FULL, ERR_INFEASIBLE (would
 * need an import below zero: nothing left to give); why (cap >= MSG_TEXT) then says what is
 * wrong and what would be right. */
must_check enum err dr_add(struct dr *r, const struct msg_dr_event *ask,
                           const struct dr_facts *f, struct msg_dr_event **out, char *why);
/* The event is durable: RECEIVED -> COMMITTED. */
void dr_committed(struct dr *r, const char *id);
/* Takes back an event that could not be made durable. */
void dr_forget(struct dr *r, const char *id);
/* A stored event, after a restart. */
void dr_restore(struct dr *r, const struct msg_dr_event *e);
/* ERR_NOT_FOUND, ERR_STATE when it is over. An active event goes to RECOVERY, never back in one
 * step. */
must_check enum err dr_cancel(struct dr *r, const char *id, const char *reason, wall_t now);
/* Moves the events along. Returns how many changed their state (they are to be stored and
 * shown); changed, if not NULL, takes their indexes (DR_EVENTS_MAX). */
int dr_advance(struct dr *r, const struct dr_facts *f, int *changed);
/* Import cap in force at f->now: the most restrictive of all events; INFINITY without one. */
double dr_cap_kw(const struct dr *r, const struct dr_facts *f);
/* The same for a time to come, for the planner: events known now, baseline as frozen or, before
 * the start, as given. */
double dr_cap_at_kw(const struct dr *r, const struct dr_facts *f, wall_t at);
/* Counts the import since the last call towards the mean delivery of the events under way; call
 * it once a second. */
void dr_deliver(struct dr *r, const struct dr_facts *f, double import_kw);
struct msg_dr_event *dr_find(struct dr *r, const char *id);

#endif
