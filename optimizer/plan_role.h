/* The plan role: answers one question after the other, each solve behind guard_solve(). Holds
 * no state; may be killed at any time. */
#ifndef KILNWATT_OPTIMIZER_PLAN_ROLE_H
#define KILNWATT_OPTIMIZER_PLAN_ROLE_H

#include "optimizer/plan_msg.h"

/* Entry of `kilnwatt role plan …` (argv as proc_role_init() wants it); returns the exit status.
 */
int plan_role_main(int argc, char **argv);

/* Answers one PLAN_MSG_SOLVE payload of `len` bytes, aligned to 8: fills *result and, when its
 * err is ERR_OK, *out. */
void plan_role_answer(const void *payload, size_t len, struct plan_result *result,
                      struct plan *out);

/* Keeps the question of a payload that plan_role_answer() could not answer, as STATE_DIR's
 * refused_question.json (the last one only), so that `kilnwatt plan --problem` can ask it
 * again. false with a line in the log if it could not be written. */
bool plan_role_keep(const char *state_dir, const void *payload);

#endif
