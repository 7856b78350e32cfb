/* The question to the planner: the park as it stands, the forecasts, the orders and the
 * contract, written as an optimizer problem. Pure; used by the core and by `kilnwatt plan`. */
#ifndef KILNWATT_DISPATCH_QUESTION_H
#define KILNWATT_DISPATCH_QUESTION_H

#include "controller/dispatch/orders.h"
#include "controller/dispatch/unit.h"
#include "controller/dr/dr.h"
#include "controller/forecast/forecast.h"
#include "controller/park/prices.h"
#include "optimizer/problem.h"

struct question_facts {
    const struct park *park;
    const struct image *image; /* frozen */
    const struct unit
        *units; /* [park->devices]; a unit that is not steered is planned around */
    const struct forecast *forecast;
    const struct orders *orders;
    const struct prices *prices;
    const struct dr *dr;
    struct dr_facts dr_facts;
    wall_t wall;
    mono_t now;
    double month_peak_kw;
    double demand_target_kw; /* INFINITY = no demand charge */
    double hours;            /* length of the horizon, 1..48 */
};

/* Writes the whole problem. Step 0 ends at a quarter of an hour; then steps of 15 min. ERR_FULL
 * when a bound of the problem is reached, else what problem_add_* return. */
must_check enum err question_write(const struct question_facts *f, struct problem *p);

#endif
