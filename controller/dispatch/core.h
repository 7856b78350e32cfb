/* The core of the park role: freeze, decide, speak. Values and `now` come in as arguments;
 * setpoints, alarms, states to keep and the next question come out. No I/O, no clock, no
 * randomness: the same core runs live, in HIL, in studies and in replay. Owned by its host;
 * arrays live in the boot arena. */
#ifndef KILNWATT_DISPATCH_CORE_H
#define KILNWATT_DISPATCH_CORE_H

#include "controller/dispatch/demand.h"
#include "controller/dispatch/doubt.h"
#include "controller/dispatch/follow.h"
#include "controller/dispatch/governor.h"
#include "controller/dispatch/question.h"
#include "controller/dispatch/setpoints.h"
#include "controller/park/alarm.h"

enum policy { POLICY_PLAN, POLICY_RULE };
enum fallback { FALLBACK_PLAN, FALLBACK_SHIFTED, FALLBACK_RULE, FALLBACK_SAFE };

/* Plans older than this are not used (control.md: 30 min). */
enum { PLAN_AGE_S_MAX = 1800, CORE_EVENTS_MAX = 64 };

/* Least and greatest import price of the local day, found once a minute. */
struct core_day {
    int64_t minute; /* of the wall time; 0 = not yet */
    wall_t from;    /* of the prices that were asked */
    double price_min, price_max;
};

struct core {
    const struct park *park;
    const struct prices *prices; /* kept up to date by the host */
    enum policy policy;
    struct image live, frozen;
    struct unit *unit; /* [park->devices] */
    struct setpoints setpoints;
    struct orders orders;
    struct forecast forecast;
    struct dr dr;
    struct alarms alarms;
    struct demand demand;
    wall_t wall;          /* of the last slow tick */
    wall_t tick_wall;     /* of the last tick */
    double month_peak_kw; /* greatest 15-min mean of the month, told by the host */
    struct core_day day;
    struct governor governor;
    struct follow follow;
    struct plan *plan; /* in force; steps 0 = none */
    mono_t plan_at;    /* when it was accepted */
    wall_t plan_made;
    bool plan_failed; /* the last question was not answered */
    enum fallback fallback;
    enum mode mode;
    struct governor_limits limits;
    double demand_target_kw;
    bool pcc_known;
    bool pcc_doubted; /* it answers, but is not believed */
    struct doubt doubt;
    bool pcc_odd; /* it does not add up with the devices */
    struct balance balance;
    mono_t pcc_lost;    /* since when it is unknown; 0 = known */
    mono_t short_since; /* since when the governor cannot reach its limit */
    mono_t slow_at;     /* of the last slow tick */
    wall_t expanded;    /* when the orders were last expanded */
    uint64_t ticks;
    uint32_t decision;   /* number of the tick's decision, goes with each setpoint */
    bool replan;         /* an event asks for a new plan */
    bool manual_changed; /* the devices in manual are to be kept anew */
    bool restored;       /* states have been read back; no command before */
    int events;
    struct msg_event event[CORE_EVENTS_MAX]; /* to be stored, emptied by the host */
};

/* given: forecast series or NULL. ERR_NOMEM. */
must_check enum err core_init(struct core *c, struct arena *a, const struct park *p,
                              const struct prices *prices, const struct series_file *given);
void core_reading(struct core *c, const struct msg_reading *r);
void core_link(struct core *c, const struct msg_link_state *l);
/* One fast tick: freezes, lets the guards and the governor decide, and each second does the
 * rest first. Writes at most max setpoints into out, returns how many. */
int core_tick(struct core *c, mono_t now, wall_t wall, struct msg_setpoint *out, int max);
/* The question for the planner as of the last tick; hours of horizon. */
must_check enum err core_question(const struct core *c, double hours, struct problem *p);
/* A checked plan (at most PLAN_AGE_S_MAX old); copied. */
void core_plan(struct core *c, const struct plan *plan, mono_t now, wall_t made);
/* The planner did not answer; why goes to the operator. */
void core_plan_failed(struct core *c, const char *why);
/* Commands of people except DR triggers. why: MSG_TEXT bytes. */
must_check enum err core_command(struct core *c, const struct msg_command *m, wall_t wall,
                                 char *why);
/* DR: adds an event (not yet durable); the host stores it and calls dr_committed(). */
must_check enum err core_dr_trigger(struct core *c, const struct msg_dr_event *ask, wall_t wall,
                                    struct msg_dr_event **out, char *why);
void core_status(const struct core *c, wall_t wall, struct msg_status *out);
/* Facts for demand response at a time. */
struct dr_facts core_dr_facts(const struct core *c, wall_t wall);
/* An event for the journal, stamped with the time of the last tick. */
void core_event(struct core *c, enum severity s, const char *source, const char *what,
                const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#endif
