/* The supervisor's side of the lock-step: it keeps all roles at one moment of virtual time and
 * asks the simulator for the next one when none of them has anything left to do.
 *
 * A moment goes in rounds. In a round each role works on what it was given; what it says to
 * others waits here until all have finished, and is then given out, ordered by sender. So the
 * order in which processes happen to run decides nothing. When a round has said nothing more,
 * the simulator is asked for the time at which the first role has something to do by itself.
 * Whether a role has finished is counted, not guessed: PROC_MSG_IDLE says how many frames it
 * has had, and comes after all that it said. A role that is down is waited for: time stands
 * until it is back.
 *
 * A guard on the machine's clock ends the run when nobody moves: it says who waits for whom.
 * Runs in the supervisor; owns the connection to the simulator. */
#ifndef KILNWATT_BASE_LOCK_H
#define KILNWATT_BASE_LOCK_H

#include "controller/base/proc.h"

struct lock;
struct lock_hooks {
    /* Sends a frame to a role now; false if it is down or its link is full. */
    bool (*send)(void *arg, enum role to, const struct msg_head *head, const void *payload);
    /* The simulator has ended (good) or is lost, or nobody moves (not good). Called once; the
     * roles then go on among themselves, so that they can end in good order. */
    void (*ended)(void *arg, bool good);
};
struct lock_spec {
    struct loop *loop; /* on a live clock */
    int fd;            /* connected to the simulator's control socket */
    struct clock
        *clock; /* granted: moved on with the roles; one that is started begins with it */
    const struct lock_hooks *hooks;
    void *arg;
};

/* Takes over spec->fd, joins. ERR_IO, ERR_NOMEM. */
must_check enum err lock_open(struct lock **out, struct arena *a, const struct lock_spec *spec);
void lock_close(struct lock *k);
/* A role's process has been started. */
void lock_up(struct lock *k, enum role r);
/* It has ended; again: it will be started again. */
void lock_down(struct lock *k, enum role r, bool again);
/* The supervisor has sent a role a frame of its own. */
void lock_given(struct lock *k, enum role r);
/* A frame to the supervisor; true if it belongs to the lock-step and has been dealt with. */
bool lock_own(struct lock *k, const struct msg_head *head, const void *payload);
/* A frame from one role to another: kept for the next round. ERR_FULL. */
must_check enum err lock_queue(struct lock *k, const struct msg_head *head,
                               const void *payload);

#endif
