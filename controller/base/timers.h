/* Timers in the order in which they are due: a binary heap for a clock that stands until it is
 * granted more time, where libevent's own timers cannot serve. Timers that are due at the same
 * moment fire in the order in which they were set, on every run. Used by loop.c; the caller
 * owns the nodes and the array. */
#ifndef KILNWATT_BASE_TIMERS_H
#define KILNWATT_BASE_TIMERS_H

#include "controller/base/clock.h"

/* Zeroed: not in a heap. */
struct timer_node {
    mono_t due;
    uint64_t turn; /* tells equals apart */
    int place;     /* index + 1 in the heap, 0 = not in it */
};
struct timers {
    struct timer_node **at; /* room for every node that may be set at a time */
    int n;
    uint64_t turn; /* of the node set last */
};

/* Puts a node in, or moves it. */
void timers_set(struct timers *h, struct timer_node *t, mono_t due);
/* Takes a node out, if it is in. */
void timers_stop(struct timers *h, struct timer_node *t);
/* The node that is due first; NULL = none is set. */
struct timer_node *timers_first(const struct timers *h);

#endif
