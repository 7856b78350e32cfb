/* A study: plants and core in one process in virtual time, joined by the messages of the roles.
 * One step is one second: the plants move, their points are read, the core's tick decides, its
 * setpoints are written and act in the next step. Nothing reads a clock, so that a study is
 * repeated to the bit. The only part of the simulator that knows the controller's core. Runs in
 * `kilnwatt study`; owns its arena. */
#ifndef KILNWATT_SIM_STUDY_H
#define KILNWATT_SIM_STUDY_H

#include "sim/setup.h"

enum study_policy {
    STUDY_NONE, /* nobody controls: devices do what they do by themselves, nothing is fired */
    STUDY_RULE, /* the core by its rules */
    STUDY_MPC, /* the core by the optimizer's plan, asked every five minutes, bounded by work */
    STUDY_POLICIES
};
/* "none" ...; STUDY_POLICIES if unknown. */
enum study_policy study_policy_named(const char *name);
const char *study_policy_name(enum study_policy p);

struct study {
    struct setup_ask ask; /* dt_s is set by the study */
    enum study_policy policy;
    double seconds; /* simulated */
    double work;    /* of one solve, in the solver's units (optimizer/solve.h) */
};
struct study_outcome {
    double cpu_s;      /* of this process for the steps, solves in children not among it */
    int plans, failed; /* questions answered and not answered */
};

/* Runs it; the referee's figures go to out, JSON in one line. 0, or the exit status to end with
 * after its lines on stderr. */
int study_run(const struct study *s, char *out, size_t cap, struct study_outcome *outcome);

#endif
