/* Setpoints on their way out: one slot per writable point remembers what was last sent, so that
 * only changes beyond a dead band and lease renewals are spoken. Every setpoint has a range, a
 * rate (both enforced again in `field`), a lease and a revert value. Pure; owned by the core.
 */
#ifndef KILNWATT_DISPATCH_SETPOINTS_H
#define KILNWATT_DISPATCH_SETPOINTS_H

#include "controller/park/messages.h"
#include "controller/park/park.h"

struct setpoint_slot {
    bool active;
    bool fresh;       /* set since the last flush */
    double value;     /* wanted */
    double sent;      /* last sent; NaN before */
    double lo, hi;    /* engineering range */
    double dead_band; /* smaller changes wait for the renewal */
    mono_t sent_at;
    double lease_s; /* <= 0: given once */
    uint32_t cause;
};

struct setpoints {
    const struct park *park;
    struct setpoint_slot *slot; /* [park->points] */
    int *writable;              /* points that can be written, in order */
    int writables;
};

must_check enum err setpoints_init(struct setpoints *s, struct arena *a, const struct park *p);
/* Wants a value on a device's point; clamped to its engineering range. lease_s <= 0: a command
 * that is given once (a REVERT_KEEP point); the same value again is said after 5 s at the
 * earliest. */
void setpoints_put(struct setpoints *s, int device, int row, double value, double lease_s);
/* Forgets what was sent to a device, so that all is said again (it came back, or was in
 * manual). */
void setpoints_forget(struct setpoints *s, int device);
/* Writes what must be said now into out (room for max rows); cause numbers the decision. */
int setpoints_flush(struct setpoints *s, mono_t now, uint32_t cause, struct msg_setpoint *out,
                    int max);

#endif
