/* Maximum demand: the sliding 15-min mean of import and the power that may be drawn without any
 * of the next 15 windows passing a target. The billing meter slides by the minute with a phase
 * that we do not know, so the window slides here by 10 s, which is at least as strict. Pure;
 * owned by the core. Source of the rule: park-side "permitted mean power (T*W - E)/(W - tau)",
 * taken over all windows that still contain past energy (demand-limit controllers, e.g. GB/T
 * 31960-style 需量控制). */
#ifndef KILNWATT_DISPATCH_DEMAND_H
#define KILNWATT_DISPATCH_DEMAND_H

#include "controller/base/clock.h"

enum { DEMAND_SLOT_S = 10, DEMAND_SLOTS = 90 }; /* 15 min */

struct demand {
    double slot_kws[DEMAND_SLOTS]; /* import energy of a slot, kW*s; ring */
    double slot_s[DEMAND_SLOTS];   /* seconds covered by it */
    int head;                      /* slot being filled */
    int64_t slot_no;               /* number of the slot being filled, from process time */
    mono_t last;                   /* of the last sample */
    bool started;
};

void demand_init(struct demand *d);
/* Takes a kept window back unless it is more than 15 min old or from the future (a restarted
 * machine). */
void demand_restore(struct demand *d, const struct demand *kept, mono_t now);
/* import_kw: PCC import since the last call, >= 0 counts, export counts as 0. Gaps of more than
 * 10 s in the samples are filled with the present value. */
void demand_add(struct demand *d, mono_t now, double import_kw);
/* Mean of the last 15 min, kW (less at the start). */
double demand_mean_kw(const struct demand *d);
/* The same, and how much of the window has been measured, s. */
double demand_mean_covered_kw(const struct demand *d, double *covered_s);
/* Greatest constant import from now on that keeps each of the coming windows at or below
 * target_kw; at least 0. */
double demand_permitted_kw(const struct demand *d, double target_kw);

#endif
