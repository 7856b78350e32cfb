/* The firmware of the simulated devices: between the wire and the plant. It clamps what is
 * written, latches it until the next step (in arrival order), holds registers that the plant
 * model does not know (time-outs, fallback values), and does what the device does when its
 * controller dies: the watchdog classes A to F of its profile. Lives in the simulator; owns its
 * arrays in the boot arena. */
#ifndef KILNWATT_SIM_DEVICE_H
#define KILNWATT_SIM_DEVICE_H

#include "adapters/profile.h"
#include "sim/fault_set.h"
#include "sim/world.h"

enum { DEVICE_LATCH_MAX = 4096 };

struct snap;

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
    /* of faults: */
    double kept[POINTS_PER_KIND_MAX]; /* values of a frozen device */
    double kept_s;                    /* how long they have been kept */
    double base[POINTS_PER_KIND_MAX]; /* counters that begin anew: their stand at that moment */
    double writes;                    /* that its worn memory has taken */
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
/* What the device shows on its registers: as above with the faults of its firmware; NaN what it
 * does not show, INFINITY what is beyond its range. */
double device_shown(const struct devices *d, int device, int row);
/* The same of several of its points: out[i] of row[i]. */
void device_show(const struct devices *d, int device, const int *row, int n, double *out);
/* true if the plant or the firmware can serve the point. */
bool device_serves(const struct devices *d, int device, int row);
/* A value is set at the device itself; clamped to the dictionary's range. ERR_FULL. */
must_check enum err device_set(struct devices *d, int device, int row, double value);
/* A value was written over the wire. ERR_FULL; ERR_STATE if the device refuses it. */
must_check enum err device_write(struct devices *d, int device, int row, double value);
/* A valid frame reached the device (feeds class C). */
void device_frame(struct devices *d, int device);
/* The heartbeat register was written (feeds class B). */
void device_beat(struct devices *d, int device);
/* Applies what is latched, then runs the watchdogs over dt_s. Call before the world's step. */
void device_step(struct devices *d, double dt_s);
/* The plant has moved: what was read is stale. Call after the world's step. */
void device_touch(struct devices *d);
/* Setpoint that the watchdog guards and the value that it falls to; -1 = no watchdog. */
int device_guarded(const struct devices *d, int device, double *fallback);

/* Its state (snap.h). */
void device_snap(struct devices *d, struct snap *s);

/* Faults (sim/device_fault.c). Values stay as shown now; returns how many. */
int device_freeze(struct devices *d, int device);
/* Energy and hour counters count from now on; returns how many were not at 0. */
int device_count_anew(struct devices *d, int device);
/* Its memory is lost: setpoints fall to defaults, watchdogs rest. */
void device_reboot(struct devices *d, int device);
/* Keeps frozen values fresh as far as the fault says. Called by device_step(). */
void device_fault_step(struct devices *d, int device, double dt_s);

#endif
