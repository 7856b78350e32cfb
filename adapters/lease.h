/* Leases: a setpoint is lent to the park for a time; when it is not renewed, the field role
 * puts the revert value in its place by itself. Also the refresh that keeps a device's own
 * watchdog fed. Pure; used in the field role. */
#ifndef KILNWATT_ADAPTERS_LEASE_H
#define KILNWATT_ADAPTERS_LEASE_H

#include "controller/base/clock.h"
#include <stdint.h>

enum lease_state {
    LEASE_NONE,     /* nothing is held */
    LEASE_HELD,     /* value is in force until `until` */
    LEASE_REVERTED, /* ran out; value is the revert value */
    LEASE_STATES
};

struct lease {
    enum lease_state state;
    double value;      /* that should stand in the device */
    mono_t until;      /* end of the lease */
    mono_t refresh_at; /* when the value is due to be written again */
    mono_t every;      /* refresh period; 0 = only when the device shows something else */
    bool dirty;        /* the value must be written */
    uint32_t cause;    /* of the decision behind it */
};

/* What happens at the end of the lease. */
struct lease_end {
    bool keep;     /* the value stays: an interrupted command would do more harm */
    double revert; /* otherwise this is written */
};

/* Starts or renews. dog_s: the device's own watchdog time, 0 = it has none; the value is then
 * written again every third of it. An unchanged value is not made dirty. */
void lease_hold(struct lease *l, double value, mono_t now, mono_t length, double dog_s);
/* Gives the lease up now. true when a revert value must be written. */
bool lease_give_up(struct lease *l, const struct lease_end *end, mono_t now);
/* Lets time pass. true when the lease has just run out and a revert value must be written. */
bool lease_pass(struct lease *l, const struct lease_end *end, mono_t now);
/* true when the value is to be written now: new, or due for a refresh. */
bool lease_due(const struct lease *l, mono_t now);
/* The value was written. */
void lease_written(struct lease *l, mono_t now);
/* When something happens next by itself; INT64_MAX us = never. */
mono_t lease_next(const struct lease *l);

#endif
