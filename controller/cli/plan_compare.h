/* A plan beside the one that the rules make of the same question: cost by terms and energy
 * figures. Used by the command line only; pure. */
#ifndef KILNWATT_CLI_PLAN_COMPARE_H
#define KILNWATT_CLI_PLAN_COMPARE_H

#include "controller/base/json.h"
#include "optimizer/plan.h"
#include <stdio.h>

/* pl and rule are checked plans for p. */
void plan_compare_table(FILE *to, const struct problem *p, const struct plan *pl,
                        const struct plan *rule);
/* {"plan": {…}, "rule": {…}, "saves_yuan": …}; the caller owns it. */
json_t *plan_compare_json(const struct problem *p, const struct plan *pl,
                          const struct plan *rule);

#endif
