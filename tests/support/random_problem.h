/* Seeded random problems of six hours: storages, converters, kilns with and without states,
 * jobs, contracts, caps. Small enough for plain branch and bound to prove an optimum. */
#ifndef KILNWATT_TESTS_SUPPORT_RANDOM_PROBLEM_H
#define KILNWATT_TESTS_SUPPORT_RANDOM_PROBLEM_H

#include "optimizer/problem.h"
#include "sim/rng.h"

enum { RANDOM_STEPS = 6 };

/* Writes a valid problem, drawn from the stream. */
void random_problem(struct problem *p, struct rng *r);
/* Makes it one that nobody would wish to be asked: start states outside their bands, wishes
 * that contradict each other, windows of no length, outages, negative and flat prices. Valid.
 */
void random_oddities(struct problem *p, struct rng *r);
/* Draws: a number of [lo, hi), true with this probability. */
double random_pick(struct rng *r, double lo, double hi);
bool random_coin(struct rng *r, double pu);
/* How many problems a test takes, and what was wrong with them. $KILNWATT_PROBLEMS: how many,
 * $KILNWATT_FIRST: number of the first, $KILNWATT_ONLY: pattern of the tests' names (* and ?).
 */
struct random_campaign {
    int problems, first, wrong;
    const char *only; /* or NULL */
};
struct random_campaign random_campaign(int otherwise);
/* Seed of the i-th problem. */
uint64_t random_seed(const struct random_campaign *c, int i);
/* Writes the i-th problem of a name; the stream that goes on after it. */
struct rng random_draw(const struct random_campaign *c, int i, const char *name,
                       struct problem *p);
/* Counts and, up to some number, prints what does not hold of problem i. */
void random_demand(struct random_campaign *c, int i, bool holds, const char *otherwise);

#endif
