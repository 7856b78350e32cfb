/* Branch and cut on what the relaxation's reduced costs and the incumbent leave open. Lives in
 * the plan role; owns an arena for the time of the call. */
#ifndef KILNWATT_OPTIMIZER_PROOF_H
#define KILNWATT_OPTIMIZER_PROOF_H

#include "optimizer/model.h"
#include "optimizer/tree.h"

struct proof {
    const struct model *md;
    const struct lp *whole; /* holds md->m, relaxation solved */
    const double *relaxed;  /* its solution */
    double relaxed_yuan, bound;
    /* A neighbourhood instead of the whole: held columns stay where a solution has them; NULL:
     * none. Then r->bound is nothing's bound. */
    const double *at;
    const bool *held;
    double cutoff; /* cost of the incumbent, or HUGE_VAL */
    double gap_pu;
    int nodes_max;
    bool dive; /* a plan soon: no cuts, a dive before the tree */
    struct lp_budget budget;
    void (*tell)(void *ctx, const struct lp_news *n); /* r->x: a solution of md->m */
    void *ctx;
};

/* r as from lp_search(). */
must_check enum err proof_run(const struct proof *p, struct lp_result *r);

#endif
