/* Guards: each may only narrow the interval [lo, hi] that a unit may use this second. Their
 * order is a table. Pure. */
#ifndef KILNWATT_DISPATCH_RANGE_H
#define KILNWATT_DISPATCH_RANGE_H

#include "controller/dispatch/unit.h"

struct range_facts {
    const struct image *image; /* frozen */
    mono_t now;
    bool pcc_known;     /* the PCC meter is fresh */
    double pv_blind_kw; /* PV allowed in all while the PCC is unknown: the least known load */
    double pv_rated_kw; /* rated power of all PV and wind, to share pv_blind_kw */
};

/* Sets lo_kw and hi_kw of a unit from its nameplate, then lets every guard narrow them. A unit
 * that is not steered gets [now, now]. lo_kw <= hi_kw always. */
void range_set(struct unit *u, int device, const struct range_facts *f);
/* Number of guards, and the name of one, for the property test and the operator. */
int range_guards(void);
const char *range_guard_name(int i);
/* One guard alone, for the property test. */
void range_guard_apply(int i, struct unit *u, int device, const struct range_facts *f);

#endif
