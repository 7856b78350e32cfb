/* What the page of a plan needs of the question: powers by bus, prices, limits, contents,
 * windows. Used by the command line only; pure but for the process's zone. */
#ifndef KILNWATT_CLI_PLAN_PAGE_H
#define KILNWATT_CLI_PLAN_PAGE_H

#include "controller/base/json.h"
#include "optimizer/plan.h"

/* Times in seconds since the epoch, power in kW; pl is a checked plan for p. The caller owns
 * it. */
json_t *plan_page_question(const struct problem *p, const struct plan *pl);

#endif
