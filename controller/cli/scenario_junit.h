/* The outcome of scenarios as JUnit XML, which build servers read: a suite per scenario, a case
 * per check. Used by `kilnwatt scenario --junit`. */
#ifndef KILNWATT_CLI_SCENARIO_JUNIT_H
#define KILNWATT_CLI_SCENARIO_JUNIT_H

#include "controller/base/json.h"

/* all: array of outcomes as scenario_run() gives them. ERR_IO, with errno. */
must_check enum err scenario_junit_write(const char *path, const json_t *all);

#endif
