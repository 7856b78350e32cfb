/* Walking a plan forward in time, one decision after the other, each clamped to what facts and
 * limits allow; whatever is decided, the result passes the checker (holes and surplus become
 * listed breaches). The hand under the rule planner and the shifted plan. Pure; never calls a
 * solver. */
#ifndef KILNWATT_OPTIMIZER_FORWARD_H
#define KILNWATT_OPTIMIZER_FORWARD_H

#include "optimizer/plan.h"

struct forward {
    const struct problem *p;
    struct plan *pl;
    double net[PROBLEM_BUSES_MAX][PROBLEM_STEPS_MAX]; /* draws minus gifts decided so far, kW */
    double kwh[PROBLEM_STORAGES_MAX];                 /* content now */
    bool on[PROBLEM_CONVERTERS_MAX];
    double since_s[PROBLEM_CONVERTERS_MAX], in_kw[PROBLEM_CONVERTERS_MAX];
    int starts[PROBLEM_CONVERTERS_MAX];
};

/* Lays out the plan; loads, fixed sources and started orders are in net. ERR_FULL. */
must_check enum err forward_init(struct forward *f, const struct problem *p, struct plan *pl,
                                 enum plan_origin origin);
/* Starts an order at the beginning of a step (it must be allowed there). */
void forward_order(struct forward *f, uint32_t order, int step);
/* true if the order may start there: window, mask, its machine free of all placed orders, hot
 * by then and cold in time. */
bool forward_order_fits(const struct forward *f, uint32_t order, uint32_t step);
/* What a machine does between its orders, once all of them have their places; nothing for one
 * without states. */
void forward_states(struct forward *f, int machine);
/* A job draws kw in a step of its window; on is its state. */
void forward_job(struct forward *f, uint32_t job, uint32_t step, double kw);

/* From here on steps are walked in ascending order, each asset at most once per step. */

/* A converter should take `want_kw`: 0 asks for off. Returns what it takes. */
double forward_convert(struct forward *f, uint32_t converter, uint32_t step, double want_kw);
/* A storage should charge (positive) or discharge (negative) at the bus, kW. Returns what it
 * does. */
double forward_store(struct forward *f, uint32_t storage, uint32_t step, double want_kw);
/* Controllable sources, grid, holes and surplus of all buses; stands still what was not
 * decided. */
void forward_close(struct forward *f, uint32_t step);

/* Availability of controllable sources on a bus that cost less than a price. */
double forward_cheap_kw(const struct forward *f, int bus, uint32_t step, double yuan_per_kwh);
/* Price of one more kWh on a bus: grid, cheapest source; 0 if neither. */
double forward_price(const struct forward *f, int bus, uint32_t step);
/* Import that costs no demand charge and breaks no cap, kW; HUGE_VAL on a bus without grid. */
double forward_import_kw_max(const struct forward *f, int bus, uint32_t step);

#endif
