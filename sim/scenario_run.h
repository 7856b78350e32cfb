/* Runs a scenario: a study with its events, commands and calls, and the verdict. Runs in
 * `kilnwatt scenario`, one scenario per process. */
#ifndef KILNWATT_SIM_SCENARIO_RUN_H
#define KILNWATT_SIM_SCENARIO_RUN_H

#include "controller/base/json.h"

/* One scenario file. *out, the caller's, is
 *
 *   {"file", "scenario", "ok", "seconds", "hash", "checks": [{"kind", "text", "line", "ok",
 * "at", "value", "unit", "why"}]}
 *
 * kind: assertion, alarm, event, command, dr, referee; at: time of day when it was decided;
 * value: the one that decided it, or came nearest to it. 0: all that it demands was true, 1:
 * not, or the file is wrong (said on stderr), 3: it could not run; *out is NULL then. */
int scenario_run(const char *file, json_t **out);

#endif
