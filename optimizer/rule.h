/* The planner without a solver: what a careful foreman would do. Firings at the first
 * admissible shift start, mills and chargers from the beginning of their windows, heat by the
 * cheapest unit, the battery by tariff bands; jobs and firings wait where the contract demand
 * would be passed. The baseline of `--policy rule` and the last rung but one of the ladder.
 * Pure; milliseconds. */
#ifndef KILNWATT_OPTIMIZER_RULE_H
#define KILNWATT_OPTIMIZER_RULE_H

#include "optimizer/forward.h"

/* A plan with its costs and breaches stated; passes the checker. p must be validated. ERR_FULL.
 */
must_check enum err rule_plan(const struct problem *p, struct plan *out);
/* The same hand, but following an older plan wherever it covers a step and still fits: firings
 * keep their starts, jobs, units and storages their powers, clamped to today's facts and to
 * what the grid takes. Origin shifted. */
must_check enum err shift_plan(const struct problem *p, const struct plan *old,
                               struct plan *out);

/* The planner's state, shared by its parts. */
struct rule {
    struct forward f;
    const struct plan *old;              /* plan to follow, or NULL */
    int32_t old_step[PROBLEM_STEPS_MAX]; /* step of the old plan, -1: not covered */
    double price_lo, price_hi;           /* tariff bands of the storage rule */
};

/* Places firings and jobs (rule_place.c), then walks the steps (rule.c). */
void rule_place(struct rule *r);
/* What a bus still needs after its free sources, kW. */
double rule_need_kw(const struct rule *r, int bus, uint32_t step);
/* Old plan's place of a firing or job, following it (shift.c); false: it has none that fits. */
bool shift_order(struct rule *r, uint32_t order);
bool shift_job(struct rule *r, uint32_t job);
/* Old plan's wish for a step; false: none. */
bool shift_converter(const struct rule *r, uint32_t converter, uint32_t step, double *kw);
bool shift_storage(const struct rule *r, uint32_t storage, uint32_t step, double *kw);
/* That wish of a storage on one bus, changed where loads and sources are others than the old
 * plan thought and the grid would pay or refuse the difference: it keeps the import below what
 * costs demand charge or breaks a cap, and above its least. */
double shift_balanced(const struct rule *r, uint32_t storage, uint32_t step, double kw);

#endif
