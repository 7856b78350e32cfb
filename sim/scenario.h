/* A scenario: a park for some hours of virtual time, what happens to it, and what must be true.
 * One YAML file (etc/scenarios/), read and checked here, run by sim/scenario_run.h. Owned by
 * the caller's arena.
 *
 * All numbers that are compared carry a tolerance and a settling time. Assertions look at the
 * plants and at the referee's counts (sim/truth.h); alarms are the exception: what the operator
 * was told. */
#ifndef KILNWATT_SIM_SCENARIO_H
#define KILNWATT_SIM_SCENARIO_H

#include "sim/assertion.h"
#include "sim/scenario_time.h"
#include "sim/setup.h"
#include "sim/study.h"
#include "sim/truth.h"

enum {
    SCENARIO_ROWS_MAX = 64,
    SCENARIO_SERIES_MAX = 4,
    SCENARIO_WORD = 64,
    SCENARIO_TITLE = 120,
    SCENARIO_ALLOW_MAX = 8
};

/* Something happens to the plant or to a link. */
struct scenario_event {
    double at_s, for_s;        /* for_s INFINITY: until cleared */
    int device;                /* -1: the whole park */
    char fault[SCENARIO_WORD]; /* "trip", "load_step:300", "silent"; "" = cleared */
    const struct doc *node;    /* for messages */
};
/* A person's hand. */
struct scenario_command {
    double at_s, for_s; /* for_s 0: until told */
    int point;          /* -1: back to automatic */
    int device;
    double value;
    const struct doc *node;
};
/* A call of demand response. */
struct scenario_dr {
    double at_s, start_s, for_s;
    int direction; /* enum dr_direction */
    double kw;
    char id[NAME_LEN];
    const struct doc *node;
};
/* Random faults for a while. */
struct scenario_campaign {
    struct campaign_ask ask;
    double from_s, until_s;
    const struct doc *node; /* NULL = none */
};
/* An alarm that must stand. */
struct scenario_alarm {
    char id[SCENARIO_WORD]; /* "pcc/unknown" */
    double from_s, within_s;
    double over_s; /* cleared by then; INFINITY: it need not be */
    const struct doc *node;
    double raised_s, cleared_s; /* state: NaN = not yet */
};
struct scenario_assertion {
    struct assertion a;
    struct truth what;
    bool guarded; /* looked at only while `when` holds */
    struct truth when;
    enum compare when_cmp;
    double when_limit;
    char text[2 * SCENARIO_WORD + 32]; /* "always pcc.kw <= 630" */
    const struct doc *node;
};

struct scenario {
    const char *file;
    char title[SCENARIO_TITLE], about[4 * SCENARIO_TITLE];
    char park[PATH_LEN], devices[PATH_LEN], start[48];
    char series_path[SCENARIO_SERIES_MAX][PATH_LEN];
    const char *series[SCENARIO_SERIES_MAX];
    enum study_policy policy;
    double work;
    double warm_s;        /* before the start: park and controller run, nobody judges */
    struct setup_ask ask; /* of the study */
    struct scenario_span span;
    const struct doc *order; /* list of the park's form; NULL = none */
    int events, commands, calls, alarms, assertions, allowed;
    struct scenario_event event[SCENARIO_ROWS_MAX];
    struct scenario_command command[SCENARIO_ROWS_MAX];
    struct scenario_dr call[SCENARIO_ROWS_MAX];
    struct scenario_alarm alarm[SCENARIO_ROWS_MAX];
    struct scenario_campaign campaign;
    struct scenario_assertion assertion[SCENARIO_ROWS_MAX];
    char allow[SCENARIO_ALLOW_MAX][SCENARIO_WORD]; /* breaches that the scenario is about */
};

/* Reads a scenario with the park that it names (the process's zone becomes the park's); all
 * errors that were found are in `errors`. ERR_NOMEM, or another error when it added one. */
must_check enum err scenario_read(struct arena *a, const char *path, struct scenario **out,
                                  struct doc_errors *errors);

/* The parts, in files of their own. */
struct scenario_reader {
    struct scenario *s;
    const struct park *park;
    struct doc_errors *errors;
};
/* The list `assertions` (scenario_read_claims.c), and `alarms`. */
void scenario_read_assertions(struct scenario_reader *r, const struct doc *list);
void scenario_read_alarms(struct scenario_reader *r, const struct doc *list);
/* `campaign` (scenario_campaign.c). */
void scenario_read_campaign(struct scenario_reader *r, const struct doc *map);
/* `events`, `commands`, `dr` (scenario_read_acts.c). */
void scenario_read_events(struct scenario_reader *r, const struct doc *list);
void scenario_read_commands(struct scenario_reader *r, const struct doc *list);
void scenario_read_calls(struct scenario_reader *r, const struct doc *list);
/* A moment, or `otherwise` where the node is NULL; false after a complaint. */
bool scenario_read_at(const struct scenario_reader *r, const struct doc *node,
                      double otherwise_s, double *out_s);
/* The same for a duration. */
bool scenario_read_for(const struct scenario_reader *r, const struct doc *node,
                       double otherwise_s, double *out_s);
/* Index of a device of the park, or -1 after a complaint. */
int scenario_read_device(const struct scenario_reader *r, const struct doc *node);

#endif
