/* Following a plan: which of its rows belongs to which device, and what it asks of a device at
 * a time. Pure; owned by the core. Powers in bus sign, kW. */
#ifndef KILNWATT_DISPATCH_FOLLOW_H
#define KILNWATT_DISPATCH_FOLLOW_H

#include "controller/dispatch/orders.h"
#include "optimizer/plan.h"

struct follow {
    const struct park *park;
    const struct plan *plan;
    int *row;                         /* [devices] storage or converter index, -1 */
    int job_device[PROBLEM_JOBS_MAX]; /* -1 */
};

must_check enum err follow_init(struct follow *f, struct arena *a, const struct park *p);
/* Binds a plan; it must outlive the binding. NULL unbinds. */
void follow_bind(struct follow *f, const struct plan *plan);
/* Step in force, -1 when the plan does not cover the time. */
int follow_step(const struct follow *f, wall_t at);
/* true if the plan has an opinion about this device in this step. */
bool follow_knows(const struct follow *f, int device);
double follow_kw(const struct follow *f, int device, int step);
double follow_heat_kw(const struct follow *f, int device, int step);
bool follow_on(const struct follow *f, int device, int step);
/* PCC import (export negative) of a step. */
double follow_pcc_kw(const struct follow *f, int step);
/* Writes the planned starts into the waiting firings (0 where the plan has none). */
void follow_orders(const struct follow *f, struct orders *o);
/* Name of an order instance inside a problem: its id, cut to the optimizer's length. */
void follow_name(const struct order_run *r, char *out);

#endif
