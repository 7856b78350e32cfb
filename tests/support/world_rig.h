/* A park's plants alone: no wires, firmware, faults, controller. For tests of bodies. */
#ifndef KILNWATT_TESTS_WORLD_RIG_H
#define KILNWATT_TESTS_WORLD_RIG_H

#include "sim/body.h"
#include "sim/world.h"

struct world_rig {
    struct world *world;
    struct park *park;
    struct env env;
    struct arena arena;
};

/* Seed 1; fails the test if the file cannot be read. dt_s: of the world. */
void world_rig_open(struct world_rig *r, const char *park, const char *start, double dt_s);
void world_rig_close(struct world_rig *r);
double world_rig_get(const struct world_rig *r, const char *device, int row);
/* So many simulated seconds. */
void world_rig_run(struct world_rig *r, int s);
/* All rows of a device have values inside their range; writable: whether any can be set. */
void world_rig_rows(const struct world_rig *r, const char *device, bool writable);

#endif
