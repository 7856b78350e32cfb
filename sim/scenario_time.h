/* Moments and durations as scenarios write them. Pure; used while a scenario is read. */
#ifndef KILNWATT_SIM_SCENARIO_TIME_H
#define KILNWATT_SIM_SCENARIO_TIME_H

#include "controller/base/doc.h"

/* "90s", "10m", "1h30m": seconds >= 0. ERR_SYNTAX with a complaint. */
must_check enum err scenario_duration(const struct doc *node, double *out_s,
                                      struct doc_errors *errors);
/* "+1h30m" after the start, or a time of day "14:00", "14:00:30": the first one at or after the
 * start (the zone of the process). Seconds after `start`, within 0..end_s. ERR_SYNTAX,
 * ERR_RANGE, with a complaint. */
struct scenario_span {
    wall_t start;
    double end_s;
};
must_check enum err scenario_moment(const struct doc *node, const struct scenario_span *span,
                                    double *out_s, struct doc_errors *errors);
/* "14:03:12" of a moment, with "+1d" on later days; cap >= 16. */
void scenario_clock(wall_t start, double at_s, char *out, size_t cap);

#endif
