/* The firmware of the simulated devices: between the wire and the plant. It clamps what is
 * written, latches it until the next step (in arrival order), holds registers that the plant
 * model does not know (time-outs, fallback values), and does what the device does when its
 * controller dies: the watchdog classes A to F of its profile. Lives in the simulator; owns its
 * arrays in the boot arena. */
#ifndef KILNWATT_SIM_DEVICE_H
#define KILNWATT_SIM_DEVICE_H

#include "adapters/profile.h"
#include "sim/world.h"

enum { DEVICE_LATCH_MAX = 4096 };

struct device_latch {
    int device, row;
    double value;
};
/* Firmware of one device. */
struct firmware {
    double held[POINTS_PER_KIND_MAX];    /* what was written and the plant does not hold; NaN =
                                            never */
    double pending[POINTS_PER_KIND_MAX]; /* latched for the next step; NaN = none */
    const struct profile *dog;           /* profile whose watchdog guards it, NULL = none */
    double left_s;                       /* until reversion; NaN = not armed */
    uint64_t reversions;
};
struct devices {
    struct world *world;
    const struct park *park;
    struct firmware *of; /* [park->devices] */
    int latched;
    struct device_latch latch[DEVICE_LATCH_MAX];
    uint64_t stamp;    /* changes whenever a value may have changed */
    uint64_t commands; /* applied so far */
};

/* profile: as profile_load_park() gives them, [device * PARTS_MAX + part]. */
must_check enum err device_init(struct devices *d, struct arena *a, struct world *w,
                                const struct profile *const *profile);
/* What a read of this point shows: a latched write at once, else the plant, else what was
 * written; NaN if nobody knows the point. */
double device_value(const struct devices *d, int device, int row);
/* true if the plant or the firmware can serve the point. */
bool device_serves(const struct devices *d, int device, int row);
/* A value was written over the wire; clamped to lo..hi and to the dictionary's range. ERR_FULL.
 */
must_check enum err device_write(struct devices *d, int device, int row, double value);
/* A valid frame reached the device (feeds class C). */
void device_frame(struct devices *d, int device);
/* The heartbeat register was written (feeds class B). */
void device_beat(struct devices *d, int device);
/* Applies what is latched, then runs the watchdogs over dt_s. Call before the world's step. */
void device_step(struct devices *d, double dt_s);
/* The plant has moved: what was read is stale. Call after the world's step. */
void device_touch(struct devices *d);

#endif
