/* The sentences of `kilnwatt plan --explain`. Used by the command line only. */
#ifndef KILNWATT_CLI_PLAN_REASON_H
#define KILNWATT_CLI_PLAN_REASON_H

#include "controller/cli/plan_explain.h"

enum { PLAN_REASON_TEXT = 600, PLAN_REASON_TIME = 16 };

/* A text that grows; what does not fit is cut. Starts as {.n = 0}. */
struct plan_text {
    char s[PLAN_REASON_TEXT];
    size_t n;
};
void plan_reason_put(struct plan_text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Local time of a step's beginning: "07:15", on the next day "07:15+1d". Returns out. */
const char *plan_reason_time(const struct problem *p, int step, char out[PLAN_REASON_TIME]);
/* "07:15 to 09:00" for steps [from, to). */
void plan_reason_span(struct plan_text *t, const struct problem *p, int from, int to);
/* What an asset does, with its energies and what they are worth. */
void plan_reason_asset(struct plan_text *t, const struct plan_explain *x, enum facts_kind k,
                       uint32_t index);
/* What another decision would have cost, with its terms. */
void plan_reason_what_if(struct plan_text *t, const struct problem *p, const struct what_if *w);

#endif
