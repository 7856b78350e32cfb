/* Messages between park and the plan role: a question with its problem, an answer with its
 * plan. Payloads are plain structs one after the other; the seq of the question returns in the
 * answer. */
#ifndef KILNWATT_OPTIMIZER_PLAN_MSG_H
#define KILNWATT_OPTIMIZER_PLAN_MSG_H

#include "optimizer/plan.h"

enum plan_msg {
    PLAN_MSG_SOLVE = 64,  /* to plan: struct plan_request, problem, perhaps a previous plan */
    PLAN_MSG_RESULT = 65, /* from plan: struct plan_result, then the plan when err is ERR_OK */
};

enum plan_policy { PLAN_POLICY_MILP, PLAN_POLICY_RULE, PLAN_POLICY_COUNT };

/* Sizes are multiples of 8, so that what follows is aligned. Layout of the payload:
 * plan_request, problem (problem_bytes), plan (previous_bytes, when it is not 0). */
struct plan_request {
    double seconds;          /* wall-clock budget, > 0; 0 = no limit by time */
    double gap_pu;           /* stop at this proven gap, 0..1 */
    double work;             /* budget in work units (repeatable); 0 = no limit by work */
    uint32_t policy;         /* enum plan_policy */
    uint32_t has_previous;   /* 1: a previous plan follows */
    uint64_t problem_bytes;  /* multiple of 8 */
    uint64_t previous_bytes; /* 0 or a multiple of 8 */
};

struct plan_result {
    uint32_t err; /* enum err */
    uint32_t plan_bytes;
    char why[PROBLEM_FAULT_LEN]; /* what was refused, "" when ERR_OK */
};

#endif
