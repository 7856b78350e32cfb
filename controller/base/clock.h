/* The one place that reads clocks. A process has one struct clock; the core gets `now` as an
 * argument. In HIL at xN the clock runs N times faster than the machine's, from a shared
 * anchor, so that controller and simulator agree on the time without talking. In lock-step the
 * clock stands until it is granted more time (lock_role.h); nothing then depends on how fast
 * the machine is. Used in every role. */
#ifndef KILNWATT_BASE_CLOCK_H
#define KILNWATT_BASE_CLOCK_H

#include "controller/base/err.h"
#include <stddef.h>
#include <stdint.h>

/* Monotonic time or a duration, microseconds of the process's (possibly accelerated) time. */
typedef struct {
    int64_t us;
} mono_t;

/* UTC epoch milliseconds. */
typedef struct {
    int64_t ms;
} wall_t;

#define MONO_MS(x) ((mono_t){(int64_t)(x)*1000})
#define MONO_S(x) ((mono_t){(int64_t)((x)*1000000.0)})

static inline mono_t mono_add(mono_t a, mono_t b)
{
    return (mono_t){a.us + b.us};
}
static inline mono_t mono_sub(mono_t a, mono_t b)
{
    return (mono_t){a.us - b.us};
}
static inline bool mono_before(mono_t a, mono_t b)
{
    return a.us < b.us;
}
static inline double mono_s(mono_t a)
{
    return (double)a.us / 1e6;
}
static inline wall_t wall_add_s(wall_t a, double s)
{
    return (wall_t){a.ms + (int64_t)(s * 1000.0)};
}
/* b - a in seconds. */
static inline double wall_diff_s(wall_t a, wall_t b)
{
    return (double)(b.ms - a.ms) / 1000.0;
}

/* speed: time units per real one (1 live and in lock-step; 0 < speed <= 1000). anchor_real_us:
 * CLOCK_MONOTONIC at the moment when the wall showed anchor_wall. live: wall time comes from
 * CLOCK_REALTIME instead. granted: process time is what clock_grant() said last, and
 * anchor_wall is what the wall shows at 0. */
struct clock {
    double speed;
    int64_t anchor_real_us;
    wall_t anchor_wall;
    bool live, granted;
    mono_t now; /* of a granted clock */
};

/* Live clock: speed 1, wall = CLOCK_REALTIME, mono = CLOCK_MONOTONIC (the same in all
 * processes). */
void clock_init_live(struct clock *c);
/* Accelerated clock anchored at this very moment, the wall showing `start`. ERR_RANGE unless
 * 0 < speed <= 1000 and finite. */
must_check enum err clock_init_scaled(struct clock *c, double speed, wall_t start);
/* Lock-step clock: stands at process time 0, the wall showing `start`. */
void clock_init_granted(struct clock *c, wall_t start);
/* Moves a granted clock on; `now` is not before its present time. */
void clock_grant(struct clock *c, mono_t now);
/* Text form "speed anchor_us wall_ms", "lockstep now_us wall_ms" or "live", to hand a clock to
 * another process. */
void clock_format(const struct clock *c, char *out, size_t cap);
must_check enum err clock_parse(struct clock *c, const char *text);

/* Process time since the anchor; monotonic. */
mono_t clock_mono(const struct clock *c);
wall_t clock_wall(const struct clock *c);
/* Machine microseconds (CLOCK_MONOTONIC), for measuring our own lag and CPU only. */
int64_t clock_real_us(void);
/* Processor microseconds that this process has used. */
int64_t clock_cpu_us(void);
/* Machine microseconds that a duration of process time takes; at least 1 for a positive
 * duration. */
int64_t clock_to_real_us(const struct clock *c, mono_t duration);

#endif
