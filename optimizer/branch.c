/* Pseudo-costs: means over an object's trials, over all objects' where it had none. Pure. */
#include "optimizer/branch.h"
#include <math.h>

enum err branch_init(struct branch *b, int objects, struct arena *a)
{
    *b = (struct branch){.objects = objects};
    b->cost = arena_take(a, (size_t)objects + 1, sizeof *b->cost);
    return b->cost ? ERR_OK : ERR_NOMEM;
}

bool branch_known(const struct branch *b, const struct branch_candidate *c)
{
    const struct branch_cost *k = &b->cost[c->object];
    return k->count[0] >= BRANCH_TRIALS_ENOUGH && k->count[1] >= BRANCH_TRIALS_ENOUGH;
}

void branch_learn(struct branch *b, const struct branch_candidate *c, bool up, double yuan)
{
    double distance = up ? 1 - c->above : c->above;
    b->cost[c->object].sum[up] += yuan / distance;
    b->cost[c->object].count[up]++;
    b->all.sum[up] += yuan / distance;
    b->all.count[up]++;
}

double branch_score(double down_yuan, double up_yuan)
{
    const double least = 1e-6;
    return fmax(down_yuan, least) * fmax(up_yuan, least);
}

static double cost(const struct branch *b, const struct branch_candidate *c, bool up)
{
    const struct branch_cost *k = &b->cost[c->object];
    double per = k->count[up]       ? k->sum[up] / k->count[up]
                 : b->all.count[up] ? b->all.sum[up] / b->all.count[up]
                                    : 1;
    return per * (up ? 1 - c->above : c->above);
}

void branch_sort_scored(struct branch_candidate *c, int n)
{
    for (int i = 1; i < n; i++) {
        struct branch_candidate x = c[i];
        int at = i;
        for (; at > 0 && c[at - 1].score < x.score; at--) {
            c[at] = c[at - 1];
        }
        c[at] = x;
    }
}

void branch_sort(const struct branch *b, struct branch_candidate *c, int n)
{
    for (int i = 0; i < n; i++) {
        c[i].score = branch_score(cost(b, &c[i], false), cost(b, &c[i], true));
    }
    branch_sort_scored(c, n);
}

bool branch_up_first(const struct branch *b, const struct branch_candidate *c)
{
    return cost(b, c, true) < cost(b, c, false);
}
