/* Machines with states (heat_s > 0): what model, rules and plan must answer alike. A kiln is
 * cold, heats, holds hot, is busy with an order, cools; each step has one state. The checker
 * asks none of this but states_has(). Pure.
 *
 * The day of a machine is a path from moment to moment (the beginnings of steps): through cold
 * steps, heatings, holds, orders and coolings, each of which leads from one moment, cold or
 * hot, to a later one. */
#ifndef KILNWATT_OPTIMIZER_STATES_H
#define KILNWATT_OPTIMIZER_STATES_H

#include "optimizer/plan.h"

/* Where decisions begin: facts (a heating, a cooling, an order under way) fill the steps before
 * `open` with `before`; then the machine is hot or cold. */
struct states_fact {
    uint32_t open; /* 0..steps */
    bool hot;
    enum machine_state before;
    double age_s; /* of `before` at the beginning of step 0 */
};

bool states_has(const struct problem *p, int machine);
struct states_fact states_fact(const struct problem *p, int machine);
/* First moment at or after `seconds` from the beginning of step `from`; steps: none within. */
uint32_t states_after(const struct problem *p, uint32_t from, double seconds);
/* Moment at which an order that starts at step `start` leaves its machine hot and free. */
uint32_t states_order_end(const struct problem *p, uint32_t order, uint32_t start);
/* First step from which the machine has to stay cold; steps: none. */
uint32_t states_cold_from(const struct problem *p, int machine);
/* true if a heating may begin there by the facts. */
bool states_may_heat(const struct problem *p, int machine, uint32_t step);
/* Latest beginning >= `from` of a heating that is done at `to`, or, where it may hold then,
 * before; -1: none. */
int states_heat_step(const struct problem *p, int machine, uint32_t from, uint32_t to);
/* Mean draw in a step by a state that is age_s old at its beginning, kW. Busy: 0, see the
 * order. */
double states_draw_kw(const struct problem *p, int machine, enum machine_state state,
                      double age_s, uint32_t step);
/* Completes a plan's states of a machine with states: facts and orders put into the series,
 * draws from the whole. */
void states_complete(const struct problem *p, struct plan *pl, int machine);
/* false if facts or the deadline for cold forbid that an order starts there, whatever the
 * others do. true for a machine without states. */
bool states_in_time(const struct problem *p, uint32_t order, uint32_t step);
/* The same, and false if the machine could not be hot by then, given the plan's other orders.
 */
bool states_allow(const struct problem *p, const struct plan *pl, uint32_t order,
                  uint32_t step);

#endif
