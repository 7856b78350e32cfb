/* Internal to the core: what each unit should do this second, and how it is said. */
#ifndef KILNWATT_DISPATCH_CORE_WANTS_H
#define KILNWATT_DISPATCH_CORE_WANTS_H

#include "controller/dispatch/core.h"

/* Step of the fallback ladder, then wants of every unit and planned starts of every firing. */
void core_set_wants(struct core *c, mono_t now, wall_t wall);
/* Turns the decided powers into setpoints. */
void core_put_setpoints(struct core *c, mono_t now);
/* Starts firings whose time has come. */
void core_start_firings(struct core *c, mono_t now, wall_t wall);

#endif
