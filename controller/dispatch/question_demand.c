/* The month's demand charge as a plan of a day or two sees it. */
#include "controller/base/civil.h"
#include "controller/dispatch/question_assets.h"
#include <math.h>

/* Local midnight after the month's last day. */
static wall_t month_end(wall_t at)
{
    struct civil c;
    civil_from_wall(at, &c);
    c = (struct civil){.year = c.year + c.month / 12, .month = c.month % 12 + 1, .day = 1};
    return civil_to_wall(&c);
}

/* Share of a kW's monthly price that falls to the horizon, 0..1. A peak made today is free on
 * all the days that are left of the month, each of which would otherwise pay for its own: days
 * that are alike share it equally. Full price from the first of the month on would hold the
 * peak far too low, none at all would make it on the first day. */
static double share_pu(const struct question_facts *f, const struct problem *p)
{
    double horizon_s = problem_begin_s(p, p->steps);
    double left_s = wall_diff_s(f->wall, month_end(f->wall));
    return f->prices->demand_spread ? fmin(horizon_s / fmax(left_s, 1), 1) : 1;
}

/* A month that has passed its target is free up to its peak, the next one is not. Where the
 * horizon sees both, it is the next month's steps that count, against the target; until then
 * the governor holds the peak. */
static enum err month_turns(const struct question_facts *f, struct problem *p,
                            struct problem_grid *g)
{
    double counts[PROBLEM_STEPS_MAX];
    double left_s = wall_diff_s(f->wall, month_end(f->wall));
    bool held = g->demand_target_kw > 0 && g->demand_so_far_kw > g->demand_target_kw;
    if (!held || left_s >= problem_begin_s(p, p->steps)) {
        return ERR_OK;
    }
    for (uint32_t t = 0; t < p->steps; t++) {
        counts[t] = problem_begin_s(p, t) >= left_s - 1 ? 1 : 0;
    }
    g->demand_so_far_kw = 0;
    return problem_series(p, counts, &g->demand_counts);
}

enum err question_demand(const struct question_facts *f, struct problem *p,
                         struct problem_grid *g)
{
    g->demand_counts = series_const(1);
    g->demand_so_far_kw = f->month_peak_kw;
    g->demand_target_kw = f->demand_target_kw * (1 - f->park->demand_margin_pu);
    g->demand_over_yuan_per_kw = f->prices->demand_over_yuan_per_kw * share_pu(f, p);
    g->demand_jump_yuan = f->prices->demand_jump_yuan;
    return month_turns(f, p, g);
}
