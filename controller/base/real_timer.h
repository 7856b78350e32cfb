/* A timer on the machine's own clock beside a loop whose clock stands until it is granted time:
 * for guards against waiting for ever. Used in lock-step by the roles and the simulator; owns a
 * timer descriptor and its watch. */
#ifndef KILNWATT_BASE_REAL_TIMER_H
#define KILNWATT_BASE_REAL_TIMER_H

#include "controller/base/loop.h"

struct real_timer {
    struct loop_watch *watch;
    int fd;
    bool set;
    loop_timer_fn *fn;
    void *arg;
};

/* Not yet running. ERR_IO, ERR_NOMEM. */
must_check enum err real_timer_open(struct real_timer *t, struct loop *l, loop_timer_fn *fn,
                                    void *arg);
/* Closes a timer that was opened, or one that is zeroed. */
void real_timer_close(struct real_timer *t);
/* Fires once after `ms` real milliseconds, at least 1; restarts if running. */
void real_timer_after(struct real_timer *t, int ms);
void real_timer_stop(struct real_timer *t);

#endif
