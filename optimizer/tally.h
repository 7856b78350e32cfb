/* What a plan costs, term by term, and which wishes it breaks: recomputed from the problem and
 * the plan's series alone, without the model. Used by every planner to state its cost and by
 * the checker to prove it. Pure. */
#ifndef KILNWATT_OPTIMIZER_TALLY_H
#define KILNWATT_OPTIMIZER_TALLY_H

#include "optimizer/plan.h"

struct tally {
    double yuan[COST_COUNT];
    struct plan_absorption absorbed; /* the plan's own with the energies measured */
    uint32_t breach_count;           /* listed */
    uint32_t breach_total;           /* all, also those for which there was no room */
    struct plan_breach breach[PLAN_BREACHES_MAX];
};

/* pl must be laid out for p (plan_init) and hold finite numbers. */
void tally_plan(struct tally *y, const struct problem *p, const struct plan *pl);
/* Sum of the terms. */
double tally_sum(const struct tally *y);
/* Writes terms, objective, breaches and order ends into the plan; gap from its bound. */
void tally_state(struct plan *pl, const struct problem *p);
/* (objective - bound) / max(1, |objective|), at least 0; HUGE_VAL without a bound. */
double tally_gap_pu(double objective_yuan, double bound_yuan);
/* Sum of what a limit's members draw in a step, kW. */
double tally_limit_kw(const struct problem *p, const struct plan *pl, uint32_t limit,
                      uint32_t step);
/* Largest billed mean import of the plan, kW. */
double tally_demand_kw(const struct problem *p, const struct plan *pl);

#endif
