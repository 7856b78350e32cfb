/* The field of a study: carries readings and setpoints between plants and core in memory, in
 * the messages of the field role, with its leases, clamps and watchdog refreshes
 * (adapters/lease.h, clamp.h). What a wire adds is left out: registers and their rounding,
 * latency, retries; for those there is lock-step. Of the faults of communication a device
 * obeys those that end in silence, and frozen values. Used in studies only; arrays in the boot
 * arena. */
#ifndef KILNWATT_SIM_STUDY_FIELD_H
#define KILNWATT_SIM_STUDY_FIELD_H

#include "adapters/clamp.h"
#include "adapters/lease.h"
#include "controller/park/messages.h"
#include "sim/setup.h"

struct judge_wire;

/* A point that a profile shows. */
struct study_reading {
    int device, row;
    uint32_t point;
    bool slow;     /* read every ten seconds */
    double lo, hi; /* that are possible, with a little slack */
};
/* Readings of one device that follow each other and are read together. */
struct study_block {
    int device, from, n;
    bool fast; /* polled several times a second: read at each step */
};
struct study_setpoint {
    int device, row; /* device -1: no profile can write this point */
    struct lease lease;
    struct lease_end end;
    mono_t next; /* nothing happens to the lease before */
    struct clamp clamp;
    double dog_s;  /* of the device's watchdog, 0 = nothing to feed */
    bool once;     /* a command: written when it comes, never repeated */
    int companion; /* point that switches this limit on, -1 = none */
};
/* A device's link: what a wire adds that a plant's model does not know. */
struct study_link {
    mono_t silent; /* since when it has not answered; 0 = it answers */
    bool offline;  /* told */
};
struct study_field {
    struct setup *set;
    struct study_link *link; /* [park->devices] */
    /* The referee of the wire that was told that all answer; NULL: not all do. A scenario
     * begins with a new one. */
    const struct judge_wire *told_well;
    int readings;
    struct study_reading *reading;
    int *row;          /* [readings] theirs */
    int blocks, quick; /* the quick ones, which are read each second, come first */
    struct study_block *block;
    struct study_setpoint *setpoint; /* [park->points] */
    int writables;
    int *writable; /* points that have a setpoint */
    int64_t seconds;
};

/* Where readings and links go. */
struct study_hooks {
    void (*reading)(void *arg, const struct msg_reading *r);
    void (*link)(void *arg, const struct msg_link_state *l);
    void *arg;
};

/* Tells all devices' links, online and trusted. ERR_NOMEM, ERR_RANGE. */
must_check enum err study_field_init(struct study_field *f, struct arena *a, struct setup *set,
                                     const struct study_hooks *hooks);
/* All points that are due this second. */
void study_field_read(struct study_field *f, mono_t now, const struct study_hooks *hooks);
/* Setpoints of this tick. */
void study_field_set(struct study_field *f, const struct msg_setpoint *row, int n, mono_t now);
/* Writes what is due, lets leases run out. */
void study_field_pass(struct study_field *f, mono_t now);

#endif
