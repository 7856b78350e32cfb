/* Problems as JSON, version 1: the format of `--problem` and `--export-problem`. Keys are those
 * of the field tables (problem_fields.h); a series is a number (constant) or an array with one
 * number per step; references are names of buses, machines, recipes, storages. Runs in the
 * command line. */
#ifndef KILNWATT_OPTIMIZER_PROBLEM_JSON_H
#define KILNWATT_OPTIMIZER_PROBLEM_JSON_H

#include "controller/base/json.h"
#include "optimizer/problem.h"

/* {"version": 1, "start_ms", "step_s": [..], heads, "grid": {..} or absent, "buses": [..], ..}.
 * Fields at their defaults are left out. New reference, NULL without memory. p must be
 * validated. */
json_t *problem_json(const struct problem *p);
/* Reads and validates. Unknown keys are refused. The first fault is in *fault. */
must_check enum err problem_from_json(struct problem *p, const json_t *json,
                                      struct problem_fault *fault);
/* The same from and to a file of at most 64 MiB. ERR_NOT_FOUND, ERR_IO and those above. */
must_check enum err problem_json_load(struct problem *p, const char *path,
                                      struct problem_fault *fault);
must_check enum err problem_json_save(const struct problem *p, const char *path);

#endif
