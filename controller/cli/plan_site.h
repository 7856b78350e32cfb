/* The question of a park that nobody is reading: a core with an image of plausible start
 * values, so that `kilnwatt plan` and studies of the planner can ask what the running
 * controller would. Used by the command line only. */
#ifndef KILNWATT_CLI_PLAN_SITE_H
#define KILNWATT_CLI_PLAN_SITE_H

#include "controller/base/arena.h"
#include "optimizer/problem.h"

struct plan_site {
    const char *park_path;
    const char *series_path; /* forecasts; NULL: the controller's own */
    const char *at;          /* ISO 8601, park time without offset; NULL: now */
    double hours;            /* 1..48 */
};

/* Loads park, tariff and series into the arena, sets the process's zone and writes the
 * question. Every device answers; batteries, storage boiler and tank are half full, kilns cold,
 * machines at rest. Returns 0, or the exit status to end with (1 a file or time is wrong, 3
 * could not run) after its lines on stderr. */
int plan_site_question(struct arena *a, const struct plan_site *s, struct problem *out);

#endif
