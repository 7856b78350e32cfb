/* Lock-step: virtual time that advances only when everybody who has joined on the control
 * socket has nothing left to do. Commands there:
 *
 *   join NAME        this session takes part; time stands until it has said `idle`; `ok`
 *   idle US          nothing to do before US microseconds of virtual time; answered, when that
 *                    time is reached, by `grant US [PORT…]`. It may be said again with another
 *                    time. PORTs: TCP ports of clients to which the simulator has something to
 *                    send or whose connection it closes, and does so when asked by `held`
 *   held PORT…       these connections wait for something; answered by `held`, then each PORT
 * that is connected here, 65536 added where an answer is held back until later members `ok`,
 * then the name of each who has joined busy             still at work: for the guard stuck WHY
 * ends the simulation, status 3
 *
 * Time is granted in whole twentieths of a second: twice as fine as the plant moves, a quarter
 * of the controller's fast tick; polls that fall into one are made together. Who wants the same
 * moment gets it one after the other, in the order of joining: a test that joined before the
 * controller acts before the controller sees that moment.
 *
 * At its end the simulator says `over`, or `over stuck WHY`. A guard on the machine's clock
 * ends the simulation when a session that has joined says nothing for ten seconds. A test that
 * wants to act at an exact time joins beside the controller. Runs in the simulator; its state
 * lies with the control socket's. */
#ifndef KILNWATT_SIM_LOCKSTEP_H
#define KILNWATT_SIM_LOCKSTEP_H

#include "controller/base/real_timer.h"

struct control;
struct session;

/* Who moves the plant. */
struct lockstep_plant {
    void (*step)(void *arg, mono_t now); /* up to now */
    bool (*over)(void *arg);             /* its time is over */
    void *arg;
};

/* A session's part. */
struct lockstep_member {
    bool joined, asked;
    bool wired; /* has connections to devices: it has asked about them */
    int turn;   /* those who joined first come first */
    mono_t until;
    int64_t spoke_us; /* real */
    char name[32];
};

struct lockstep {
    struct control *control;
    struct clock *clock;
    struct loop *loop;
    struct lockstep_plant plant;
    struct real_timer guard;
    int joins;
    bool ended, stuck;
};

/* Joins a control socket (it sets k->control) with its loop, whose clock is granted. ERR_IO. */
must_check enum err lockstep_open(struct lockstep *k, struct loop *l, struct clock *c,
                                  const struct lockstep_plant *plant);
void lockstep_close(struct lockstep *k);
/* A line of a session; false if it is no command of the lock-step. */
bool lockstep_line(struct lockstep *k, struct session *s, const char *line);
/* The plant was put to a later moment: time goes on from there. */
void lockstep_moved(struct lockstep *k, mono_t now);
/* A session ends. */
void lockstep_left(struct lockstep *k, const struct session *s);

#endif
