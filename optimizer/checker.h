/* The independent checker: re-proves a plan from the problem alone, without GLPK and without
 * the model. No plan is released that it refuses. Pure; runs in the plan role, in the park role
 * before a plan is accepted, and in the command line. */
#ifndef KILNWATT_OPTIMIZER_CHECKER_H
#define KILNWATT_OPTIMIZER_CHECKER_H

#include "optimizer/plan.h"

struct checker_fault {
    char text[PROBLEM_FAULT_LEN]; /* "battery bess1 step 12: energy 812.00, must be 810.31" */
};

/* Balances, bounds, ramps, minimum times, profiles, integrality, exclusivity, windows, machine
 * overlaps; every cost term and the objective (1e-6 relative); breaches; gap and status.
 * Tolerance: 2 W and 1e-6 of the largest flow; energies 2 Wh. p must be validated. ERR_VERSION,
 * ERR_RANGE, ERR_NUMERIC for a malformed plan, ERR_CONFLICT for a wrong one; fault (may be
 * NULL) says what. */
must_check enum err checker_check(const struct problem *p, const struct plan *pl,
                                  struct checker_fault *fault);

/* Parts of it, one per file; each returns ERR_OK or complains. */
struct checker {
    const struct problem *p;
    const struct plan *pl;
    struct checker_fault *fault;
    double tolerance_kw;
};
must_check enum err checker_machines(struct checker *c); /* converters, orders, jobs */
must_check enum err checker_states(struct checker *c);   /* machines with states */
must_check enum err checker_trace(struct checker *c);    /* where renewable energy went */
/* Keeps the sentence and returns ERR_CONFLICT. step < 0: none. */
enum err checker_complain(struct checker *c, const char *asset, int step, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
