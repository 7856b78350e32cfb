/* May an order start in another step while all other orders of a plan stay? Pure; used by the
 * reasons and the list of binding limits. */
#ifndef KILNWATT_OPTIMIZER_ORDER_BAR_H
#define KILNWATT_OPTIMIZER_ORDER_BAR_H

#include "optimizer/plan.h"

/* What forbids the start of an order in a step while all others stay. */
enum order_bar {
    BAR_NONE,
    BAR_WINDOW,  /* outside the order's window */
    BAR_CREW,    /* no start allowed in this step */
    BAR_COOLING, /* the machine is not free yet */
    BAR_MACHINE, /* the machine is busy with another order */
};
enum order_bar order_bar_at(const struct problem *p, const struct plan *pl, uint32_t order,
                            int step);

#endif
