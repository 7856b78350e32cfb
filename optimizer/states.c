/* Questions about machines with states. Pure. */
#include "optimizer/states.h"
#include <math.h>

/* Moments closer than this are the same. */
static const double SAME_S = 1e-6;

bool states_has(const struct problem *p, int machine)
{
    return p->machine[machine].heat_s > 0;
}

uint32_t states_after(const struct problem *p, uint32_t from, double seconds)
{
    double s = 0;
    uint32_t t = from;
    for (; t < p->steps && s + SAME_S < seconds; t++) {
        s += p->step_s[t];
    }
    return s + SAME_S < seconds ? p->steps : t;
}

uint32_t states_order_end(const struct problem *p, uint32_t order, uint32_t start)
{
    const struct problem_order *o = &p->order[order];
    double busy_s = problem_order_busy_s(p, order);
    return o->started ? states_after(p, 0, busy_s - o->started_s)
                      : states_after(p, start, busy_s);
}

struct states_fact states_fact(const struct problem *p, int machine)
{
    const struct problem_machine *m = &p->machine[machine];
    enum machine_state now = (enum machine_state)m->state_now;
    double whole_s = now == MACHINE_HEATING ? m->heat_s : m->cool_s;
    bool passing = now == MACHINE_HEATING || now == MACHINE_COOLING;
    struct states_fact f = {.open = passing ? states_after(p, 0, whole_s - m->since_s) : 0,
                            .hot = now == MACHINE_HEATING || now == MACHINE_HOLDING,
                            .before = now,
                            .age_s = m->since_s};
    for (uint32_t i = 0; i < p->order_count; i++) {
        const struct problem_order *o = &p->order[i];
        if (o->started && o->machine == machine) {
            uint32_t end = states_order_end(p, i, 0);
            bool first = f.before != MACHINE_BUSY;
            f = (struct states_fact){.open = first || end > f.open ? end : f.open,
                                     .hot = true,
                                     .before = MACHINE_BUSY};
        }
    }
    return f;
}

uint32_t states_cold_from(const struct problem *p, int machine)
{
    const struct problem_machine *m = &p->machine[machine];
    struct states_fact f = states_fact(p, machine);
    uint32_t soonest = f.hot ? states_after(p, f.open, m->cool_s) : f.open;
    uint32_t wanted = states_after(p, 0, m->cold_by_s);
    return m->cold_by_s <= 0 ? p->steps : wanted > soonest ? wanted : soonest;
}

bool states_may_heat(const struct problem *p, int machine, uint32_t step)
{
    return step >= states_fact(p, machine).open &&
           problem_begin_s(p, step) + SAME_S >= p->machine[machine].free_from_s;
}

int states_heat_step(const struct problem *p, int machine, uint32_t from, uint32_t to)
{
    const struct problem_machine *m = &p->machine[machine];
    for (int t = (int)to - 1; t >= (int)from; t--) {
        uint32_t end = states_after(p, (uint32_t)t, m->heat_s);
        bool done = end == to || (end < to && !m->heat_fires);
        if (done && states_may_heat(p, machine, (uint32_t)t)) {
            return t;
        }
    }
    return -1;
}

double states_draw_kw(const struct problem *p, int machine, enum machine_state state,
                      double age_s, uint32_t step)
{
    const struct problem_machine *m = &p->machine[machine];
    const struct {
        double kw, whole_s, then_kw;
    } rows[MACHINE_STATE_COUNT] = {
        [MACHINE_COLD] = {m->cold_kw, HUGE_VAL,  0         },
        [MACHINE_HEATING] = {m->heat_kw, m->heat_s, m->hold_kw},
        [MACHINE_HOLDING] = {m->hold_kw, HUGE_VAL,  0         },
        [MACHINE_BUSY] = {0,          HUGE_VAL,  0         },
        [MACHINE_COOLING] = {m->cool_kw, m->cool_s, m->cold_kw},
    };
    double s = p->step_s[step];
    double part_s = fmin(fmax(rows[state].whole_s - age_s, 0), s);
    return (rows[state].kw * part_s + rows[state].then_kw * (s - part_s)) / s;
}

/* true if another order of the machine comes before a step. */
static bool another_before(const struct problem *p, const struct plan *pl, uint32_t order,
                           uint32_t step)
{
    for (uint32_t i = 0; i < p->order_count; i++) {
        int s = pl->order_start[i];
        if (i != order && p->order[i].machine == p->order[order].machine && s != PLAN_NONE &&
            s < (int)step) {
            return true;
        }
    }
    return false;
}

bool states_in_time(const struct problem *p, uint32_t order, uint32_t step)
{
    int machine = p->order[order].machine;
    if (!states_has(p, machine)) {
        return true;
    }
    uint32_t end = states_order_end(p, order, step);
    return step >= states_fact(p, machine).open &&
           states_after(p, end, p->machine[machine].cool_s) <= states_cold_from(p, machine);
}

bool states_allow(const struct problem *p, const struct plan *pl, uint32_t order, uint32_t step)
{
    int machine = p->order[order].machine;
    if (!states_has(p, machine)) {
        return true;
    }
    struct states_fact f = states_fact(p, machine);
    return states_in_time(p, order, step) && (f.hot || another_before(p, pl, order, step) ||
                                              states_heat_step(p, machine, f.open, step) >= 0);
}

void states_complete(const struct problem *p, struct plan *pl, int machine)
{
    struct states_fact f = states_fact(p, machine);
    double *state = plan_series(pl, pl->machine_state[machine]);
    double *draw = plan_series(pl, pl->machine_draw_kw[machine]);
    for (uint32_t t = 0; t < f.open; t++) {
        state[t] = f.before;
    }
    for (uint32_t i = 0; i < p->order_count; i++) {
        int s = pl->order_start[i];
        bool here = p->order[i].machine == machine && !p->order[i].started && s != PLAN_NONE;
        uint32_t end = here ? states_order_end(p, i, (uint32_t)s) : 0;
        for (uint32_t t = here ? (uint32_t)s : 0; t < end; t++) {
            state[t] = MACHINE_BUSY;
        }
    }
    double age_s = f.age_s;
    for (uint32_t t = 0; t < p->steps; t++) {
        bool same = t == 0 ? f.open > 0 : state[t] == state[t - 1];
        age_s = same ? age_s : 0;
        draw[t] = states_draw_kw(p, machine, (enum machine_state)state[t], age_s, t);
        age_s += p->step_s[t];
    }
}
