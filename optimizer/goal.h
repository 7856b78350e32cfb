/* The levels of a goal that puts absorption first, each as a problem that the search can solve:
 * first what leaves least renewable energy unabsorbed, then what costs least at that. Pure;
 * lives in the plan role. */
#ifndef KILNWATT_OPTIMIZER_GOAL_H
#define KILNWATT_OPTIMIZER_GOAL_H

#include "optimizer/plan.h"

/* The first level: p without money, 1 yuan for each kWh that is not absorbed and 10 for each
 * kWh of a broken wish, so that no wish is broken to absorb more. *q: room for a problem. */
void goal_level_absorption(struct problem *q, const struct problem *p);
/* What a lower bound on that level's objective says of the kWh left by any plan that breaks
 * wishes no worse than `best`; at least 0. */
double goal_bound_kwh(const struct problem *q, const struct plan *best, double bound_yuan);
/* The second level: p for cost alone among plans that leave no more than `best`. */
void goal_level_cost(struct problem *q, const struct problem *p, const struct plan *best);
/* States a plan of one level by the money of another problem; no bound. */
void goal_restate(struct plan *pl, const struct problem *p);

#endif
