/* A study: plants and core in one process in virtual time, joined by the messages of the roles.
 * One step is one second or, if asked for, a fraction of it: the plants move, their points are
 * read, the core's tick decides, its setpoints are written and act in the next step. Nothing
 * reads a clock, so that a study is repeated to the bit. The only part of the simulator that
 * knows the controller's core. Runs in `kilnwatt study`; owns its arena. */
#ifndef KILNWATT_SIM_STUDY_H
#define KILNWATT_SIM_STUDY_H

#include "sim/setup.h"

struct core;
struct study_field;

enum study_policy {
    STUDY_NONE, /* nobody controls: devices do what they do by themselves, nothing is fired */
    STUDY_RULE, /* the core by its rules */
    STUDY_MPC, /* the core by the optimizer's plan, asked every five minutes, bounded by work */
    STUDY_ORACLE, /* the same, and its forecast is what the plants will do (foresight.h) */
    STUDY_POLICIES
};
/* "none" ...; STUDY_POLICIES if unknown. */
enum study_policy study_policy_named(const char *name);
const char *study_policy_name(enum study_policy p);

/* What a watcher of a study sees. */
struct study_view {
    struct setup *set;
    struct study_field *field;
    struct core *core; /* NULL with STUDY_NONE, and field has then not been set up */
};
/* Somebody who looks at a study and reaches into it, such as a scenario; NULL for what it does
 * not want to know. */
struct study_watch {
    void *arg;
    /* The files have been read, the plants are not yet built; more orders may come in.
     * 0, or the exit status to end with. */
    int (*loaded)(void *arg, struct setup *set, struct arena *a);
    /* Everything is built. 0, or the exit status to end with. */
    int (*built)(void *arg, const struct study_view *v);
    /* Before each second of the plants, and after the core's last tick in it. */
    void (*before)(void *arg, const struct study_view *v);
    void (*after)(void *arg, const struct study_view *v);
};

struct study {
    struct setup_ask ask; /* dt_s: length of a step, 0.1 to 1; 0 = 1 */
    enum study_policy policy;
    double seconds; /* simulated */
    double work;    /* of one solve, in the solver's units (optimizer/solve.h) */
    const struct study_watch *watch; /* NULL = nobody */
};
struct study_outcome {
    double cpu_s;      /* of this process for the steps, solves in children not among it */
    int plans, failed; /* questions answered and not answered */
};

/* Runs it; the referee's figures go to out, JSON in one line. 0, or the exit status to end with
 * after its lines on stderr. */
int study_run(const struct study *s, char *out, size_t cap, struct study_outcome *outcome);

#endif
