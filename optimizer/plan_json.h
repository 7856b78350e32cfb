/* Plans as JSON, the format of `kilnwatt plan --json` and of the API. Runs in the command line
 * and the web role. Powers are magnitudes with their direction in the key; plain `kw` follows
 * the bus sign (positive into the bus). */
#ifndef KILNWATT_OPTIMIZER_PLAN_JSON_H
#define KILNWATT_OPTIMIZER_PLAN_JSON_H

#include "controller/base/json.h"
#include "optimizer/plan.h"

/* {"status", "objective_yuan", "bound_yuan", "gap_pu", "work", "seconds", "origin", "steps",
 * "grid", "devices", "buses", "orders", "cost", "breaches", "why"}. Times are ISO 8601 UTC.
 * Numbers that do not exist (no bound) are null. New reference, NULL without memory. */
json_t *plan_json(const struct plan *pl);

#endif
