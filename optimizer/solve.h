/* One call from the question to a checked plan: rules, last plan shifted, MILP search, checker.
 * Runs in the plan role, in `kilnwatt plan` and in studies; owns nothing between calls. */
#ifndef KILNWATT_OPTIMIZER_SOLVE_H
#define KILNWATT_OPTIMIZER_SOLVE_H

#include "optimizer/plan_msg.h"
#include <stdio.h>

/* Repeatable when seconds is 0 and work is set. At least one of the two must be set. */
struct solve_limits {
    double seconds; /* wall clock; 0 = none */
    double work;    /* simplex iterations + 20 x nodes; 0 = none */
    double gap_pu;  /* stop at this proven gap; 0 = optimum */
    enum plan_policy policy;
    /* NULL, or an unbuffered stream for a line per improvement of plan or bound: `trace
     * seconds=… work=… yuan=… bound=… refused=…`, seconds since the start of the solve; refused
     * counts solutions that the checker did not accept. */
    FILE *trace;
};

/* While it runs, *out is the best plan so far, checked, as a whole or being overwritten.
 * The best plan that the checker accepts, with bound, gap, terms, breaches and marginal values.
 * previous may be NULL. ERR_NUMERIC, ERR_RANGE, ERR_CONFLICT for a refused problem (fault says
 * why, may be NULL); ERR_INFEASIBLE only if not even the rule plan passes the checker. */
must_check enum err solve_problem(const struct problem *p, const struct plan *previous,
                                  const struct solve_limits *limits, struct plan *out,
                                  struct problem_fault *fault);

/* Writes the model of a problem as MPS (free format) to a path. ERR_IO. */
must_check enum err solve_export_mps(const struct problem *p, const char *path);
/* The same in CPLEX LP format. */
must_check enum err solve_export_lp(const struct problem *p, const char *path);

#endif
