/* What branching on an object has cost so far: pseudo-costs, yuan per unit of rounding, by
 * direction. Lives in the plan role; memory from an arena. */
#ifndef KILNWATT_OPTIMIZER_BRANCH_H
#define KILNWATT_OPTIMIZER_BRANCH_H

#include "controller/base/arena.h"

enum {
    BRANCH_MAX = 48,         /* candidates per node */
    BRANCH_IDLE_MAX = 6,     /* trials without a better candidate before trials end */
    BRANCH_TRIAL_WORK = 40,  /* simplex iterations per trial */
    BRANCH_TRIALS_ENOUGH = 4 /* per object and direction */
};

struct branch_candidate {
    int at, object; /* the caller's place of the decision; what it belongs to */
    double value;
    double above; /* x - floor(x) */
    double score;
};

struct branch {
    struct branch_cost {
        double sum[2];
        int count[2];
    } * cost;
    struct branch_cost all;
    int objects;
};

must_check enum err branch_init(struct branch *b, int objects, struct arena *a);
/* true if both directions of the object have been tried often enough. */
bool branch_known(const struct branch *b, const struct branch_candidate *c);
/* What one direction cost, yuan. */
void branch_learn(struct branch *b, const struct branch_candidate *c, bool up, double yuan);
/* Worth of a candidate by what both sides cost (product rule). */
double branch_score(double down_yuan, double up_yuan);
/* Sorts by the score that pseudo-costs promise; sets it. */
void branch_sort(const struct branch *b, struct branch_candidate *c, int n);
/* Sorts by the scores as they are. */
void branch_sort_scored(struct branch_candidate *c, int n);
/* true if up promises to cost less. */
bool branch_up_first(const struct branch *b, const struct branch_candidate *c);

#endif
