/* A role's side of the lock-step: it moves its clock when the supervisor says so, and tells the
 * supervisor each time that nothing is left to do at the present moment. A role whose requests
 * to devices are under way is not idle: the simulator answers them, or says that it holds the
 * answer back, and gives it when it is asked again at its time. Real time decides nothing. Does
 * nothing on a clock that is not granted. Used in park, field, store and web; owns its real
 * timer. */
#ifndef KILNWATT_BASE_LOCK_ROLE_H
#define KILNWATT_BASE_LOCK_ROLE_H

#include "controller/base/proc.h"
#include "controller/base/real_timer.h"

enum { LOCK_PORTS_MAX = 1024 };

/* Of the role that talks to devices; NULL for the others. */
struct lock_wire {
    /* Local TCP ports of the connections on which something is awaited; returns how many. */
    int (*awaited)(void *arg, uint32_t *port, int max);
    /* Payload of PROC_MSG_HELD (moved false) or PROC_MSG_MOVED. Ports that nobody knows are
     * those of connections that are gone. */
    void (*notice)(void *arg, const uint32_t *port, int n, bool moved);
    void *arg;
};

struct lock_role {
    struct clock *clock; /* NULL: not in lock-step */
    struct loop *loop;
    struct msg_link *link;
    const struct lock_wire *wire;
    struct real_timer ask; /* asks the simulator about answers that do not come */
    uint64_t taken;        /* frames from the supervisor */
    struct proc_idle told;
    bool asking;
    uint32_t port[LOCK_PORTS_MAX];
};

/* Joins link and loop to the lock-step when the role's clock is granted. wire may be NULL.
 * Everything must outlive the loop's run. ERR_IO, ERR_NOMEM. */
must_check enum err lock_role_open(struct lock_role *k, struct proc_role *role, struct loop *l,
                                   struct msg_link *link, const struct lock_wire *wire);
void lock_role_close(struct lock_role *k);

#endif
