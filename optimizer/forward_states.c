/* Walking forward: what machines with states do around the orders that have their places: hot
 * until the next order or cold in between, whichever costs less. Pure. */
#include "optimizer/forward.h"
#include "optimizer/states.h"
#include <math.h>

/* A stretch of steps [from, to) without an order; `next`: one begins at `to`. */
struct stretch {
    uint32_t from, to;
    bool hot, next;
};

static void fill(double *state, uint32_t from, uint32_t to, enum machine_state s)
{
    for (uint32_t t = from; t < to; t++) {
        state[t] = s;
    }
}

/* Cold, with a heating as late as possible before the next order; false: no time for it. */
static bool fill_from_cold(const struct problem *p, int machine, const struct stretch *x,
                           double *state)
{
    fill(state, x->from, x->to, MACHINE_COLD);
    if (x->next) {
        int heat = states_heat_step(p, machine, x->from, x->to);
        if (heat < 0) {
            return false;
        }
        uint32_t hot = states_after(p, (uint32_t)heat, p->machine[machine].heat_s);
        fill(state, (uint32_t)heat, hot, MACHINE_HEATING);
        fill(state, hot, x->to, MACHINE_HOLDING);
    }
    return true;
}

/* Cools at once. */
static bool fill_through_cold(const struct problem *p, int machine, const struct stretch *x,
                              double *state)
{
    uint32_t cold = states_after(p, x->from, p->machine[machine].cool_s);
    if (x->next && cold >= x->to) {
        return false;
    }
    struct stretch rest = {.from = cold, .to = x->to, .next = x->next};
    fill(state, x->from, cold < x->to ? cold : x->to, MACHINE_COOLING);
    return fill_from_cold(p, machine, &rest, state);
}

/* Yuan for the draws of a stretch at the price of its bus. */
static double stretch_yuan(const struct forward *f, int machine, const struct stretch *x,
                           const double *state)
{
    const struct problem *p = f->p;
    double yuan = 0, age_s = 0;
    for (uint32_t t = x->from; t < x->to; t++) {
        age_s = t > x->from && state[t] == state[t - 1] ? age_s + p->step_s[t - 1] : 0;
        double kw = states_draw_kw(p, machine, (enum machine_state)state[t], age_s, t);
        yuan += kw * problem_hours(p, t) * forward_price(f, p->machine[machine].bus, t);
    }
    return yuan;
}

static void fill_stretch(const struct forward *f, int machine, const struct stretch *x,
                         double *state)
{
    double cold[PROBLEM_STEPS_MAX] = {0};
    if (!x->hot) {
        must(fill_from_cold(f->p, machine, x, state)); /* forward_order_fits() saw to it */
        return;
    }
    bool can = fill_through_cold(f->p, machine, x, cold);
    must(can || x->next);
    fill(state, x->from, x->to, MACHINE_HOLDING);
    if (can &&
        (!x->next || stretch_yuan(f, machine, x, cold) < stretch_yuan(f, machine, x, state))) {
        for (uint32_t t = x->from; t < x->to; t++) {
            state[t] = cold[t];
        }
    }
}

/* Orders that have their places occupy the machine; others do not. */
static void mark_busy(const struct forward *f, int machine, bool *busy)
{
    const struct problem *p = f->p;
    for (uint32_t i = 0; i < p->order_count; i++) {
        int s = f->pl->order_start[i];
        if (p->order[i].machine == machine && !p->order[i].started && s != PLAN_NONE) {
            uint32_t end = states_order_end(p, i, (uint32_t)s);
            for (uint32_t t = (uint32_t)s; t < end; t++) {
                busy[t] = true;
            }
        }
    }
}

void forward_states(struct forward *f, int machine)
{
    const struct problem *p = f->p;
    if (!states_has(p, machine)) {
        return;
    }
    bool busy[PROBLEM_STEPS_MAX + 1] = {false};
    struct states_fact fact = states_fact(p, machine);
    double *state = plan_series(f->pl, f->pl->machine_state[machine]);
    struct stretch x = {.from = fact.open, .hot = fact.hot};
    mark_busy(f, machine, busy);
    while (x.from < p->steps) {
        for (x.to = x.from; x.to < p->steps && !busy[x.to];) {
            x.to++;
        }
        x.next = x.to < p->steps;
        fill_stretch(f, machine, &x, state);
        for (x.from = x.to; x.from < p->steps && busy[x.from];) {
            x.from++;
        }
        x.hot = true;
    }
    states_complete(p, f->pl, machine);
    const double *draw = plan_read(f->pl, f->pl->machine_draw_kw[machine]);
    for (uint32_t t = 0; t < p->steps; t++) {
        f->net[p->machine[machine].bus][t] += draw[t];
    }
}
