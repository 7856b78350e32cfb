/* Why a plan decides as it does: the same question with one decision changed, solved again, and
 * what that costs, term by term. Each answer is a plan that the checker accepts. Runs in the
 * command line and in studies; every solve is a child of its own (guard.h).
 *
 * The rest of the plan. After a plan that is proven optimal everything else is decided anew.
 * After any other that would drown the difference in the gap, so starts of orders and states of
 * units and jobs stay as planned and only powers are decided anew, exactly: the difference is
 * then an upper bound on what the change would cost. */
#ifndef KILNWATT_OPTIMIZER_REASONS_H
#define KILNWATT_OPTIMIZER_REASONS_H

#include "controller/base/arena.h"
#include "optimizer/facts.h"
#include "optimizer/solve.h"

enum what_if_kind {
    WHAT_IF_ORDER_AT,      /* the order starts in from_step */
    WHAT_IF_JOB_AT_ONCE,   /* the job draws as fast as it can from the start of its window */
    WHAT_IF_CONVERTER_OFF, /* the unit is off in [from_step, to_step) */
    WHAT_IF_CONVERTER_ON,  /* the unit is on in [from_step, to_step) */
    WHAT_IF_STORAGE_REST,  /* neither charges nor discharges in [from_step, to_step) */
    WHAT_IF_SOURCE_ABSENT, /* gives nothing in [from_step, to_step) */
    WHAT_IF_KIND_COUNT
};

struct what_if {
    int32_t kind;  /* enum what_if_kind */
    int32_t index; /* of the order, job, converter, storage or source */
    int32_t from_step, to_step;
    uint32_t answered;            /* 1: the rest is valid */
    uint32_t rest_free;           /* 1: everything else was decided anew; 0: only powers */
    double yuan;                  /* what it would cost more; negative: less */
    double cost_yuan[COST_COUNT]; /* the same by terms; their sum is yuan */
};

struct reasons {
    const struct problem *p;
    const struct plan *pl;
    struct problem *pinned;   /* the question with the plan's decisions fixed */
    struct problem *changed;  /* scratch */
    struct plan *base, *with; /* answers to pinned and to changed */
};

/* Takes memory from the arena and solves the pinned question once. p and pl must outlive r; pl
 * must be a checked plan for p. ERR_NOMEM, ERR_FULL (no room for the fixed decisions), or what
 * guard_solve() says. */
must_check enum err reasons_open(struct reasons *r, const struct problem *p,
                                 const struct plan *pl, struct arena *a);
/* Questions worth asking about every order, job, unit, storage and free source of the plan;
 * returns how many of at most `max` were written. */
int reasons_list(const struct problem *p, const struct plan *pl, struct what_if *out, int max);
/* Solves again with one decision changed. ERR_OK also when no answer was proven (answered is
 * then 0); ERR_FULL, or what guard_solve() says. */
must_check enum err reasons_ask(struct reasons *r, struct what_if *w);

/* What cost alone would choose where p puts absorption first, of plans that cost the same the
 * one that absorbs most: its cost and what it leaves unabsorbed. ERR_LIMIT when no plan within
 * a thousandth of the least cost was found. */
must_check enum err reasons_cost_alone(struct reasons *r, double *yuan, double *unabsorbed_kwh);

/* Fixes a plan's starts and states in a question: the powers stay free. ERR_FULL. */
must_check enum err reasons_pin(struct problem *q, const struct plan *pl);
/* Changes one decision in q, a copy of p or a pinned one. ERR_FULL, ERR_RANGE. */
must_check enum err reasons_change(struct problem *q, const struct problem *p,
                                   const struct what_if *w);

/* "order_at" …; never NULL. */
const char *what_if_name(enum what_if_kind k);
/* What kind of asset it asks about. */
enum facts_kind what_if_about(enum what_if_kind k);

#endif
