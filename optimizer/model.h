/* The mixed-integer model of a problem: which column means what, and the parts that write it.
 * Lives in the plan role; memory from an arena. Inside: MW, MWh and yuan, so that coefficients
 * stay close to one another; outside kW and kWh.
 *
 * Columns per asset and step are contiguous: column of step t is `first + t`; -1: none. */
#ifndef KILNWATT_OPTIMIZER_MODEL_H
#define KILNWATT_OPTIMIZER_MODEL_H

#include "optimizer/matrix.h"
#include "optimizer/plan.h"
#include "optimizer/trace.h"

static const double MODEL_KW = 1e-3; /* kW, kWh -> MW, MWh */

/* An order on a machine with states stands in a class of exchangeable ones, which share the
 * columns of the first of them: see model_states.c. */
struct model_order {
    int first;         /* column of y[0]: started at or before starts[0]; in a class: one of it
                          starts at starts[0] */
    int count;         /* admissible starts */
    int skip;          /* column: not started in this horizon */
    const int *starts; /* steps, ascending */
    int before;        /* order of the same symmetry class that starts no later, or -1 */
    int lead;          /* first order of its class, -1: its machine has no states */
    int members;       /* of the class that it leads, else 0 */
};

/* Columns of a machine's states, one per step; -1: the machine has none. */
struct model_states {
    int cold, hold; /* the step is one of it */
    int heat, cool; /* begins with the step */
};

/* First columns of the renewable part of flows, where tr follows them; see model_trace.c. */
struct model_traced {
    struct trace tr;
    int charge[PROBLEM_STORAGES_MAX], discharge[PROBLEM_STORAGES_MAX],
        energy[PROBLEM_STORAGES_MAX];
    int in[PROBLEM_CONVERTERS_MAX], dump[PROBLEM_BUSES_MAX];
    int unabsorbed; /* row that sums what is not absorbed, MWh; -1: not traced */
};

struct model {
    const struct problem *p;
    struct matrix m;
    double penalty;     /* yuan per kWh of a broken wish without a price */
    bool exclusive_all; /* the plain model: exclusivity binaries in every step, not only where
                           prices ask for them; no cuts */
    int balance[PROBLEM_BUSES_MAX]; /* first row */
    int unserved[PROBLEM_BUSES_MAX], surplus[PROBLEM_BUSES_MAX];
    int import, export, import_on, over, jump; /* import_on: one column per step or -1 */
    int source[PROBLEM_SOURCES_MAX], shed[PROBLEM_LOADS_MAX];
    int charge[PROBLEM_STORAGES_MAX], discharge[PROBLEM_STORAGES_MAX],
        energy[PROBLEM_STORAGES_MAX];
    int stock[PROBLEM_STORAGES_MAX];     /* first row: contents from step to step */
    int charge_on[PROBLEM_STORAGES_MAX]; /* charging; per step, open only where needed: see
                                            model_storage.c */
    int input[PROBLEM_CONVERTERS_MAX], on[PROBLEM_CONVERTERS_MAX],
        start[PROBLEM_CONVERTERS_MAX];
    int stop[PROBLEM_CONVERTERS_MAX], level[PROBLEM_CONVERTERS_MAX];
    int draw[PROBLEM_JOBS_MAX],
        run[PROBLEM_JOBS_MAX];           /* column of from_step + i is first + i */
    int paid_on[PROBLEM_REDUCTIONS_MAX]; /* binaries of from_step + i */
    struct model_order order[PROBLEM_ORDERS_MAX];
    struct model_states states[PROBLEM_MACHINES_MAX];
    struct model_traced traced;
    int converters_begin, orders_begin, jobs_begin; /* first columns of these parts */
    int *start_pool;                                /* admissible starts of all orders */
    double *draw_pool; /* draws and gifts by order, start, step; see model_order.c */
};

/* Builds the matrix of a validated problem. ERR_NOMEM, ERR_NUMERIC. p must outlive the model.
 */
must_check enum err model_build(struct model *md, const struct problem *p, bool exclusive_all,
                                struct arena *a);

/* Parts of model_build(), each in its file; called once per pass in this order. */
must_check enum err model_orders_prepare(struct model *md, struct arena *a);
void model_buses(struct model *md);
void model_grid(struct model *md);
void model_grid_wishes(struct model *md);
void model_storages(struct model *md);
void model_converters(struct model *md);
void model_orders(struct model *md);
void model_states(struct model *md);
void model_jobs(struct model *md);
void model_limits(struct model *md);
void model_trace(struct model *md);
/* Rows that no plan breaks but the relaxation would. */
void model_cuts(struct model *md);

/* Adds scale times an order's draw (give: gift) of step t to a row. */
void model_put_order(struct model *md, uint32_t order, uint32_t t, int row, double scale);
void model_put_order_give(struct model *md, uint32_t order, uint32_t t, int row, double scale);
/* Where something is added: `scale` times it, of a step, to a row. */
struct term {
    uint32_t step;
    int row;
    double scale;
};
/* Adds what a machine's states draw; nothing for one without states. */
void model_put_states(struct model *md, uint32_t machine, const struct term *to);
/* Columns of a class of orders. */
void model_class(struct model *md, uint32_t lead);
/* Price of an order's start at step s by itself: lateness, energy beyond, change; yuan. */
double model_start_yuan(const struct problem *p, uint32_t order, int s);
/* Adds what a converter gives to a bus in step t to a row. */
void model_put_outputs(struct model *md, uint32_t converter, int bus, uint32_t t, int row);
/* Cost in yuan of one MW over step t at a price per kWh. */
double model_mw_yuan(const struct model *md, uint32_t t, double yuan_per_kwh);
/* A price, or the derived penalty where it is 0. */
double model_price(const struct model *md, double yuan_per_kwh);

/* Numbers the things that are decided: of[column], 0 where a column decides nothing; columns of
 * one firing or job share a number, of one unit for some hours. Returns how many numbers there
 * are. */
int model_objects(const struct model *md, int *of);

/* Reads a solution (cols values, integers exact) into a plan laid out by plan_init(); energies
 * are recomputed from the powers, balances closed. */
void model_answer(const struct model *md, const double *x, struct plan *pl);
/* The traced part of it. */
void model_trace_answer(const struct model *md, const double *x, struct plan *pl);
/* Integer columns of x that a plan implies (others untouched); exact 0/1 values. */
void model_encode(const struct model *md, const struct plan *pl, double *x);

/* Their parts for machines with states. */
void model_answer_states(const struct model *md, const double *x, struct plan *pl);
void model_encode_states(const struct model *md, const struct plan *pl, double *x);

#endif
