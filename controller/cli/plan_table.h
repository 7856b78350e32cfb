/* A plan for people: hours in rows, orders, costs, what is broken. Used by the command line
 * only.
 */
#ifndef KILNWATT_CLI_PLAN_TABLE_H
#define KILNWATT_CLI_PLAN_TABLE_H

#include "optimizer/plan.h"
#include <stdio.h>

/* Writes the whole table in the process's local time. pl must be a plan for p. */
void plan_table(FILE *to, const struct problem *p, const struct plan *pl);

#endif
