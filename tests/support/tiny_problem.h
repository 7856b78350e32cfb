/* A problem so small that its optimum is known by hand: one electric bus, 100 kW of load, hours
 * of one hour, import at 0.4 yuan/kWh in the first half and 1.0 in the second. Tests add to it.
 */
#ifndef KILNWATT_TESTS_SUPPORT_TINY_PROBLEM_H
#define KILNWATT_TESTS_SUPPORT_TINY_PROBLEM_H

#include "optimizer/plan.h"
#include "optimizer/solve.h"
#include "sim/rng.h"

/* Writes it; steps 2..PROBLEM_STEPS_MAX. Import at most 1000 kW, no export, no demand charge.
 */
void tiny_problem(struct problem *p, uint32_t steps);
/* A battery of 100 kW and 200 kWh without losses, half full. Its index. */
int tiny_battery(struct problem *p);
/* A firing of `kw` for `hours` on a machine of its own. Index of the order. */
int tiny_order(struct problem *p, double kw, uint32_t hours);
/* The firing of 200 kW for two hours on a kiln with states: heats for two hours with 90 kW,
 * holds with 30, cools for an hour with 5, draws 1 kW when cold. Index of the order. */
int tiny_kiln(struct problem *p);
/* An order once more, under another name and not started. Its index. */
int tiny_again(struct problem *p, int order, const char *name);
/* Imports what the first machine's states, the orders and the load draw; states the costs. */
void tiny_balance(const struct problem *p, struct plan *pl);
/* A series of the problem with values of their own between lo and hi. */
struct series tiny_noise(struct problem *p, struct rng *r, double lo, double hi);
/* Cost of the load alone. */
double tiny_yuan(const struct problem *p);
/* Solves with a bound on work only; ERR_OK or what solve_problem() says. */
enum err tiny_solve(const struct problem *p, struct plan *out);

#endif
