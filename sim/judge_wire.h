/* The referee's view of the wire: what was written to the devices, by the invariants that can
 * be seen there and that the plants' truth alone does not show. It is told of each write with
 * its time, of what a person holds, of caps that the grid company asked for, and of a blind PCC
 * meter; it never asks the controller. Attached to a referee by judge_wire_init(); without it
 * the referee judges the plants alone. Runs in studies and in tests; arrays in the boot arena.
 *
 * Breaches by name, with the invariant that they break (judge_invariant()):
 *
 *   INV-04  battery_turns, battery_flip     more than 6 reversals in 10 min; two within a
 * second INV-05  kiln_command                    a firing is stopped, held where its recipe
 * forbids it, or given another programme INV-07  minimum_on, minimum_off         of heat pump,
 * CHP, mill, by their run command INV-08  blind_discharge, blind_pv       with the PCC meter
 * lost: storage discharges, PV gives more than the loads take INV-10  write_range, write_rate
 * outside the engineering range, not a number, or faster than the point may change INV-11
 * lease_lapsed                    a setpoint is not fed and the device's own watchdog takes it
 * back INV-12  write_unread                    before one complete valid read since start or
 *                                           reconnect
 *   INV-13  write_foreign                   to a device whose identity does not match
 *   INV-14  write_repeat, write_wear        the same value again and again sooner than a third
 *                                           of the watchdog's time; more than the daily budget
 *   INV-17  plan_stale                      by a plan older than 30 min
 *   INV-18  dr_overrun                      import still held at the cap after the event and
 * its recovery INV-19  dr_cap                          import above the cap of an event INV-20
 * manual_override                 a point in a person's hands gets another value */
#ifndef KILNWATT_SIM_JUDGE_WIRE_H
#define KILNWATT_SIM_JUDGE_WIRE_H

#include "adapters/profile.h"
#include "sim/judge.h"

enum { JUDGE_CAPS_MAX = 32 };

enum judge_known { JUDGE_UNREAD, JUDGE_READ, JUDGE_FOREIGN };

struct judge_write {
    int device, row;
    double value;      /* as written, before the device clamps it */
    double plan_age_s; /* of the plan behind it; NaN = as judge_plan() said last */
};
/* An import cap, as it was asked for. */
struct judge_cap {
    wall_t start, end;
    double kw;
    double slack_kw; /* 5 % of its depth: control.md */
    double grace_s;  /* until it must hold */
    /* state */
    double over_s, held_s;
    bool over_told, held_told;
};
/* What is known of a point that is written. */
struct judge_point {
    double value, at_s;   /* last write; at_s NaN = none */
    double deaf_s;        /* last second when nothing could arrive; 0 at first */
    double on_s, off_s;   /* run commands: since when; NaN = not known */
    double dog_s;         /* time of the watchdog behind it; 0 = none */
    bool fed;             /* a write is what feeds that watchdog */
    double wear_per_day;  /* 0 = any */
    double hand;          /* value that a person holds; NaN = none */
    double repeat_from_s; /* beginning of the minute in which repeats are counted */
    int repeats, today;
    bool lapsed, repeat_told;
};
struct judge_wire {
    enum judge_known *known;   /* [park->devices] */
    struct judge_point *point; /* [park->points] */
    int feds;
    int *fed;          /* points whose writes feed a watchdog */
    int *turns_told;   /* [batteries] reversals when battery_turns was last told */
    double plan_age_s; /* of the plan that is followed; NaN = none, or not known */
    bool blind;
    struct judge_watch discharge, pv; /* while blind */
    int caps;
    struct judge_cap cap[JUDGE_CAPS_MAX];
};

/* Attaches it. profile: as profile_load_park() gives them. */
must_check enum err judge_wire_init(struct judge *j, struct arena *a,
                                    const struct profile *const *profile);
/* A write reached a device. Without judge_wire_init() nothing happens, here and below. */
void judge_write(struct judge *j, const struct judge_write *w);
/* What the one who writes can know of a device: all unread at first. */
void judge_known(struct judge *j, int device, enum judge_known state);
/* A person takes a point, or with NaN gives it back. */
void judge_hand(struct judge *j, int point, double value);
/* Age of the plan that whoever writes goes by from now on, by the clock of whoever made it; NaN
 * = by none. */
void judge_plan(struct judge *j, double age_s);
/* The PCC meter does not answer, or does again. */
void judge_blind(struct judge *j, bool blind);
/* The grid company asks. ERR_FULL. */
must_check enum err judge_ask_cap(struct judge *j, const struct judge_cap *cap);
/* Called by judge_step() in each step and at the end of each second. */
void judge_wire_step(struct judge *j);
void judge_wire_second(struct judge *j);
/* "INV-04" of a breach's name; "" for one that belongs to no invariant. */
const char *judge_invariant(const char *breach);
/* The name itself, to be kept; NULL if no breach is called so. */
const char *judge_breach_name(const char *text);
/* 4 of it; 0 for none. */
int judge_invariant_number(const char *breach);

#endif
