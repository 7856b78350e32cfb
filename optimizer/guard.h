/* A wall around the solver: the solve runs in a child process with a memory bound and a
 * deadline; whatever happens to it (abort inside GLPK, no memory, endless loop), the caller
 * gets a checked plan. Runs in the plan role and in the command line. POSIX only. */
#ifndef KILNWATT_OPTIMIZER_GUARD_H
#define KILNWATT_OPTIMIZER_GUARD_H

#include "optimizer/solve.h"

enum { GUARD_MEMORY_MIB = 512 };

/* What became of the child. */
enum guard_end { GUARD_DONE, GUARD_NOT_STARTED, GUARD_KILLED, GUARD_DIED, GUARD_END_COUNT };

struct guard_question {
    const struct problem *p;
    const struct plan *previous; /* or NULL */
    const struct solve_limits *limits;
};

/* As solve_problem(). The child is killed at 1.1 x limits->seconds + 0.25 s (600 s when only
 * work is bounded); then *out is the best plan that it had found, or else the better of the
 * rule plan and the shifted plan. fault and end may be NULL. */
must_check enum err guard_solve(const struct guard_question *q, struct plan *out,
                                struct problem_fault *fault, enum guard_end *end);

#endif
