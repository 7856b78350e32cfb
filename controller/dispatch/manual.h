/* Devices in a person's hands: taken with a setpoint, kept over a restart of the park role,
 * given back by command or when their time is over. Pure; the state is in the core's units. */
#ifndef KILNWATT_DISPATCH_MANUAL_H
#define KILNWATT_DISPATCH_MANUAL_H

#include "controller/dispatch/core.h"

/* A setpoint by hand. ERR_RANGE with a sentence in why (MSG_TEXT bytes). */
must_check enum err manual_set(struct core *c, const struct msg_command *m, wall_t wall,
                               char *why);
void manual_give_back(struct core *c, int device, const char *by);
/* Gives back what was taken for a time only. */
void manual_expire(struct core *c, wall_t wall);
/* All devices that are in manual now into out (room for one per device); returns how many. */
int manual_list(const struct core *c, struct msg_manual *out);
/* The list of the process before: its devices go to manual again, those whose time is over or
 * that the park no longer has stay automatic. A setpoint that must not be said twice (a kiln's
 * start) is not said again. */
void manual_restore(struct core *c, const struct msg_manual *kept, int n, wall_t wall);

#endif
