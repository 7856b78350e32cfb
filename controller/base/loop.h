/* The event loop: libevent behind one file. Timers run in process time (see clock.h), so one
 * piece of code serves x1 and xN. Used in park, field, store, web, supervisor and sim; a struct
 * loop owns its watches and timers. No callback may take more than 5 ms; the loop measures its
 * own lag. On a granted clock (lock-step) timers fire when the clock has been moved to their
 * due time, in the order of due times and then of setting. */
#ifndef KILNWATT_BASE_LOOP_H
#define KILNWATT_BASE_LOOP_H

#include "controller/base/clock.h"

struct loop;
struct loop_timer;
struct loop_watch;
struct event_base; /* libevent's; handed out only to the http door */

typedef void loop_timer_fn(void *arg);
/* ready: LOOP_READ and/or LOOP_WRITE. */
typedef void loop_watch_fn(int fd, unsigned ready, void *arg);
typedef void loop_signal_fn(int sig, void *arg);
enum { LOOP_READ = 1, LOOP_WRITE = 2 };

/* c must outlive the loop. ERR_NOMEM. */
must_check enum err loop_open(struct loop **out, const struct clock *c);
void loop_close(struct loop *l);
/* Runs until loop_stop(). */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);
/* Handles what is ready, one round, without waiting. */
void loop_poll(struct loop *l);
const struct clock *loop_clock(const struct loop *l);
/* Process time now. */
mono_t loop_now(const struct loop *l);
struct event_base *loop_base(struct loop *l);

/* A timer, not yet running. It stays owned by the loop until loop_timer_close(). */
must_check enum err loop_timer_open(struct loop *l, loop_timer_fn *fn, void *arg,
                                    struct loop_timer **out);
void loop_timer_close(struct loop_timer *t);
/* Fires once after `delay` of process time; restarts if running. */
void loop_timer_after(struct loop_timer *t, mono_t delay);
/* Fires each `period` on a fixed grid of process time; a late firing does not shift the grid,
 * and grid points missed altogether are counted in loop_missed(). */
void loop_timer_every(struct loop_timer *t, mono_t period);
void loop_timer_stop(struct loop_timer *t);

/* For granted clocks. When the next timer is due; INT64_MAX us = none is set. */
mono_t loop_due(const struct loop *l);
/* Called whenever all due timers have fired and the loop is about to wait; returns true if it
 * must not wait, because it has made something due. */
typedef bool loop_idle_fn(void *arg);
void loop_on_idle(struct loop *l, loop_idle_fn *fn, void *arg);

struct loop_watch_spec {
    int fd;
    unsigned want; /* LOOP_READ and/or LOOP_WRITE; 0 = paused */
    loop_watch_fn *fn;
    void *arg; /* handed to fn */
};
/* Watches a descriptor (level-triggered); `want` may change any time. The descriptor stays the
 * caller's. ERR_NOMEM, ERR_IO (not a descriptor that can be watched). */
must_check enum err loop_watch_open(struct loop *l, const struct loop_watch_spec *spec,
                                    struct loop_watch **out);
void loop_watch_want(struct loop_watch *w, unsigned want);
void loop_watch_close(struct loop_watch *w);
must_check enum err loop_signal(struct loop *l, int sig, loop_signal_fn *fn, void *arg);

/* Worst delay between a timer's due time and its callback since the last call, real
 * microseconds. */
int64_t loop_lag_us(struct loop *l);
/* Grid points of periodic timers that were skipped altogether so far. */
uint64_t loop_missed(const struct loop *l);

#endif
