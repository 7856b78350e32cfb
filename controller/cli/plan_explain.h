/* Why a plan is as it is: what each device and each firing does and earns, which limits bind,
 * and what other decisions would have cost. Used by the command line only. */
#ifndef KILNWATT_CLI_PLAN_EXPLAIN_H
#define KILNWATT_CLI_PLAN_EXPLAIN_H

#include "controller/base/arena.h"
#include "controller/base/json.h"
#include "optimizer/binding.h"
#include "optimizer/reasons.h"
#include <stdio.h>

struct plan_explain {
    const struct problem *p;
    const struct plan *pl;
    struct binding *limit;
    int limits;
    struct what_if *what_if;
    int what_ifs;
    bool base;  /* the pinned question was solved; without it nothing was asked */
    bool alone; /* absorption comes first, and what cost alone would choose is known */
    double alone_yuan, alone_unabsorbed_kwh;
    double base_yuan; /* its cost: the plan's, or less where its powers were not the best */
};

/* Collects limits and asks the counterfactuals, for two minutes at most; memory from the arena.
 * A plan without marginal values (of the rules) gets those of its own decisions. p and pl must
 * outlive x. ERR_NOMEM. */
must_check enum err plan_explain_ask(struct plan_explain *x, const struct problem *p,
                                     struct plan *pl, struct arena *a);
/* Sentences, asset by asset, in the process's local time. */
void plan_explain_table(FILE *to, const struct plan_explain *x);
/* The same numbers as an object; the caller owns it. */
json_t *plan_explain_json(const struct plan_explain *x);

#endif
