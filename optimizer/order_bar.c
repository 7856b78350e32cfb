/* Window, crew, machine: in this order. Pure. */
#include "optimizer/order_bar.h"
#include "optimizer/states.h"

enum order_bar order_bar_at(const struct problem *p, const struct plan *pl, uint32_t order,
                            int step)
{
    const struct problem_order *o = &p->order[order];
    const struct problem_machine *m = &p->machine[o->machine];
    if (step < o->earliest_step || step > o->latest_step) {
        return BAR_WINDOW;
    }
    if (series_get(p, o->start_ok, (uint32_t)step) <= 0.5) {
        return BAR_CREW;
    }
    if (!problem_order_may_start(p, order, (uint32_t)step) ||
        !states_allow(p, pl, order, (uint32_t)step)) {
        return BAR_COOLING;
    }
    double from = problem_begin_s(p, (uint32_t)step);
    double to = from + problem_order_busy_s(p, order) + m->gap_s;
    for (uint32_t i = 0; i < p->order_count; i++) {
        if (i == order || p->order[i].machine != o->machine ||
            (!p->order[i].started && pl->order_start[i] == PLAN_NONE)) {
            continue;
        }
        double begin = p->order[i].started ? -p->order[i].started_s
                                           : problem_begin_s(p, (uint32_t)pl->order_start[i]);
        double end = begin + problem_order_busy_s(p, i) + m->gap_s;
        if (from < end - 1e-6 && begin < to - 1e-6) {
            return BAR_MACHINE;
        }
    }
    return BAR_NONE;
}
