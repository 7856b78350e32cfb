/* A scenario under way: shared by the parts of the runner only. */
#ifndef KILNWATT_SIM_SCENARIO_OWN_H
#define KILNWATT_SIM_SCENARIO_OWN_H

#include "controller/base/json.h"
#include "controller/dispatch/core.h"
#include "sim/faults.h"
#include "sim/scenario.h"
#include "sim/study_field.h"

enum { SCENARIO_STRANGE_MAX = 16, SCENARIO_ALARM_ID = 2 * MSG_NAME + 2 };

struct scenario_run {
    struct scenario *s;
    const struct study_view *view;
    struct arena *arena;               /* of the study */
    int event_next[SCENARIO_ROWS_MAX]; /* 0 waits, 1 acts, 2 is over */
    bool command_done[SCENARIO_ROWS_MAX], call_done[SCENARIO_ROWS_MAX];
    int stranges; /* alarms that nobody expected */
    char strange[SCENARIO_STRANGE_MAX][SCENARIO_ALARM_ID];
    double strange_s[SCENARIO_STRANGE_MAX];
    json_t *checks;
    bool broken;
    char why[FAULT_WHY_LEN]; /* why the last fault affected nothing */
};

/* One verdict; fmt says why, "" for nothing. */
struct scenario_verdict {
    const char *kind, *text;
    const struct doc *node; /* NULL = none */
    bool ok;
    double at_s, value; /* NaN = none */
    const char *unit;
};
void scenario_say(struct scenario_run *r, const struct scenario_verdict *v, const char *fmt,
                  ...) __attribute__((format(printf, 3, 4)));
/* Something that the scenario does: told only if it failed. */
void scenario_fail(struct scenario_run *r, struct scenario_verdict v, const char *why);
/* Events, commands and calls that begin or end at t_s. */
void scenario_acts(struct scenario_run *r, double t_s);
/* Begins and ends random faults at t_s; says at the end how many there were. */
void scenario_campaign(const struct scenario_run *r, double t_s);
void scenario_campaign_end(struct scenario_run *r);
/* Injects an event's fault; returns how many things it affects, and why none. */
int scenario_inject(struct scenario_run *r, const struct scenario_event *e, const char **why);
/* Ends it; returns how many things were affected. */
int scenario_clear(struct scenario_run *r, const struct scenario_event *e);
/* Looks at the alarms that stand at t_s, and says the verdicts about them at the end. */
void scenario_alarms(struct scenario_run *r, double t_s);
void scenario_alarms_end(struct scenario_run *r);

#endif
