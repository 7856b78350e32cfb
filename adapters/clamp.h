/* The last clamp before a value goes to a device: engineering range, rate of change, wear
 * budget. Pure; used in the field role. */
#ifndef KILNWATT_ADAPTERS_CLAMP_H
#define KILNWATT_ADAPTERS_CLAMP_H

#include "controller/base/clock.h"
#include <stdint.h>

struct clamp {
    double lo, hi;       /* what may be written at all */
    double rate_per_s;   /* most change per second; 0 = any */
    double wear_per_day; /* most writes per day; 0 = any */
    bool has_last;
    double last; /* as written last, or as read before the first write */
    mono_t last_at;
    mono_t day_at; /* start of the day of the wear budget */
    int writes;    /* since then */
};

/* ERR_RANGE when no value could pass (lo > hi). */
must_check enum err clamp_init(struct clamp *c, double lo, double hi, double rate_per_s,
                               double wear_per_day);
/* Is this a value that may be asked for? ERR_NUMERIC when not finite, ERR_RANGE when outside
 * lo..hi by more than rounding (1e-6 of the span). */
must_check enum err clamp_accept(const struct clamp *c, double want);
struct clamp_out {
    double value;
    bool whole; /* the value wanted, not a step on the way to it */
};
/* The value that may be written now on the way to `want`: inside the range and the
 * rate. ERR_LIMIT when today's writes are used up; `revert` is always let through. */
must_check enum err clamp_step(struct clamp *c, double want, mono_t now, bool revert,
                               struct clamp_out *out);
/* The device shows this before anything was written. */
void clamp_seen(struct clamp *c, double value, mono_t now);
/* It was written. */
void clamp_written(struct clamp *c, double value, mono_t now);

#endif
