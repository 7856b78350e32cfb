/* The books beside the core: prices for the hours ahead, energy and money each second, and when
 * the planner is asked again. Pure: the same live and in studies. Owned by the core's host. */
#ifndef KILNWATT_DISPATCH_LEDGER_H
#define KILNWATT_DISPATCH_LEDGER_H

#include "controller/books/bill.h"
#include "controller/dispatch/core.h"

struct ledger {
    const struct tariff *tariff;
    struct prices prices;
    struct bill bill;
    wall_t priced, booked; /* when they were last written; 0 = never */
};

/* tariff must outlive it. */
void ledger_init(struct ledger *l, const struct tariff *tariff, wall_t now);
/* Prices refreshed each hour; then energy and money since the last call, 10 s at most. */
void ledger_second(struct ledger *l, struct core *c, wall_t now);

enum { REPLAN_HORIZON_H = 30 };
/* true when the planner is to be asked now; then *next is the time of the next regular question
 * (0 = none was asked yet). */
bool replan_due(struct core *c, mono_t now, mono_t *next);

#endif
