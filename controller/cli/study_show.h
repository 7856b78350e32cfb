/* What the runs of a study have shown, side by side: a table for people, JSON for machines.
 * Used by the command line only. */
#ifndef KILNWATT_CLI_STUDY_SHOW_H
#define KILNWATT_CLI_STUDY_SHOW_H

#include "controller/base/json.h"
#include "sim/study_trace.h"
#include <sys/types.h>

enum { STUDY_RUNS_MAX = 64, STUDY_JSON_MAX = 4 * 1024 * 1024 };

/* A run, and what its process leaves behind in memory that both share. */
struct study_slot {
    enum study_policy policy;
    uint64_t seed;
    pid_t pid;
    int status;
    double wall_s;
    struct study_outcome outcome;
    struct study_trace trace; /* filled if a report was asked for */
    char json[STUDY_JSON_MAX];
};

/* {"runs": [...]}, each as the referee tells it, with policy, plans and speed. The caller's.
 * ERR_SYNTAX, ERR_LIMIT after a line on stderr; ERR_NOMEM. */
must_check enum err study_show_json(const struct study_slot *slot, int n, json_t **out);
/* A column per run. runs: the array of study_show_json(). */
void study_show_table(const struct study_slot *slot, int n, const json_t *runs);

#endif
