/* Bodies by what the world does with them: found once, because each step asks for them. Runs in
 * the simulator; arrays in the boot arena. */
#ifndef KILNWATT_SIM_BODY_LISTS_H
#define KILNWATT_SIM_BODY_LISTS_H

#include "sim/body.h"

/* Some of the bodies, in their order. */
struct bodies {
    int n;
    struct body **of;
};
/* Meters and the tank are in neither of the first two: they step after the others. */
struct body_lists {
    struct bodies slow, fast; /* step once a second, or with the bus */
    struct bodies on_bus, meters, transformers;
};

/* Of all n that there are. ERR_NOMEM. */
must_check enum err body_lists_init(struct body_lists *l, struct arena *a, struct body *all,
                                    int n);
/* One step of h_s of each. */
void bodies_step(const struct bodies *l, const struct env *e, double h_s);

#endif
