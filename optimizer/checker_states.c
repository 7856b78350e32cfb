/* Checker: machines with states. Walks from state to state by the clock, knowing nothing of the
 * paths that the planners think in. Pure. */
#include "optimizer/checker.h"
#include "optimizer/problem_fields.h"
#include "optimizer/states.h"
#include <math.h>

/* Seconds are compared with this slack. */
static const double SLACK_S = 1e-3;

/* What may follow a state, apart from more of it. */
static const bool FOLLOWS[MACHINE_STATE_COUNT][MACHINE_STATE_COUNT] = {
    [MACHINE_COLD] = {[MACHINE_HEATING] = true},
    [MACHINE_HEATING] =
        {                         [MACHINE_HOLDING] = true,   [MACHINE_BUSY] = true, [MACHINE_COOLING] = true},
    [MACHINE_HOLDING] = { [MACHINE_BUSY] = true,    [MACHINE_COOLING] = true},
    [MACHINE_BUSY] = {[MACHINE_HOLDING] = true, [MACHINE_COOLING] = true},
    [MACHINE_COOLING] = { [MACHINE_COLD] = true,    [MACHINE_HEATING] = true},
};

/* Where a walk stands: state, its age, the time. */
struct walk {
    struct checker *c;
    int machine;
    const struct problem_machine *m;
    const double *state;
    int now;
    double age_s, s;
    double cold_s; /* when the deadline for cold is due, as far as facts allow */
    bool fact;     /* `now` is still that of the beginning */
};

/* true if an order that the plan places, or one that has started, occupies the machine in a
 * part of [from_s, to_s). */
static bool occupied(const struct walk *w, double from_s, double to_s)
{
    const struct problem *p = w->c->p;
    for (uint32_t i = 0; i < p->order_count; i++) {
        const struct problem_order *o = &p->order[i];
        int start = w->c->pl->order_start[i];
        if (o->machine != w->machine || (!o->started && start == PLAN_NONE)) {
            continue;
        }
        double begin = o->started ? -o->started_s : problem_begin_s(p, (uint32_t)start);
        double end = begin + problem_order_busy_s(p, i);
        if (fmin(end, to_s) - fmax(begin, from_s) > SLACK_S) {
            return true;
        }
    }
    return false;
}

static const char *word(int state)
{
    return PROBLEM_MACHINE_STATES[state];
}

/* How long a state has to last; HUGE_VAL: as long as wanted. */
static double whole_s(const struct walk *w, int state)
{
    return state == MACHINE_HEATING   ? w->m->heat_s
           : state == MACHINE_COOLING ? w->m->cool_s
                                      : HUGE_VAL;
}

/* The move from w->now to the state of step t. */
static enum err check_move(struct walk *w, uint32_t t)
{
    int next = (int)w->state[t];
    bool over = w->age_s + SLACK_S >= whole_s(w, w->now), stays = next == w->now;
    bool passing = isfinite(whole_s(w, w->now));
    bool follows = stays ? !(passing && over) : FOLLOWS[w->now][next] && (!passing || over);
    /* what was under way at the beginning binds nothing after it */
    bool fires = w->fact || !w->m->heat_fires || w->now != MACHINE_HEATING || stays;
    bool cools = w->fact || !w->m->fire_cools || next != MACHINE_COOLING || stays;
    if (!follows || (!fires && next != MACHINE_BUSY) || (!cools && w->now != MACHINE_BUSY)) {
        return checker_complain(w->c, w->m->name, (int)t, "%s after %.0f s of %s", word(next),
                                w->age_s, word(w->now));
    }
    if (next == MACHINE_HEATING && !stays && w->s + SLACK_S < w->m->free_from_s) {
        return checker_complain(w->c, w->m->name, (int)t, "heats before it is free");
    }
    w->fact = w->fact && stays && passing;
    w->age_s = stays ? w->age_s : 0;
    w->now = next;
    return ERR_OK;
}

/* What the state of step t draws, from its age. */
static double drawn_kw(const struct walk *w, double step_s)
{
    const struct problem_machine *m = w->m;
    double left = whole_s(w, w->now) - w->age_s;
    double part = left >= step_s ? 1 : fmax(left, 0) / step_s;
    switch ((enum machine_state)w->now) {
    case MACHINE_COLD:
        return m->cold_kw;
    case MACHINE_HEATING:
        return m->heat_kw * part + m->hold_kw * (1 - part);
    case MACHINE_HOLDING:
        return m->hold_kw;
    case MACHINE_COOLING:
        return m->cool_kw * part + m->cold_kw * (1 - part);
    case MACHINE_BUSY:
    case MACHINE_STATE_COUNT:
        break;
    }
    return 0;
}

static enum err check_step(struct walk *w, uint32_t t)
{
    const struct problem *p = w->c->p;
    double state = w->state[t], step_s = p->step_s[t];
    double draw = plan_read(w->c->pl, w->c->pl->machine_draw_kw[w->machine])[t];
    if (state != floor(state) || state < 0 || state >= MACHINE_STATE_COUNT) {
        return checker_complain(w->c, w->m->name, (int)t, "%.6f is no state", state);
    }
    bool busy = occupied(w, w->s, w->s + step_s);
    if (busy != (state == MACHINE_BUSY)) {
        return checker_complain(w->c, w->m->name, (int)t, "%s, but its orders say %s",
                                word((int)state), busy ? "busy" : "not busy");
    }
    enum err e = check_move(w, t);
    if (e == ERR_OK && state != MACHINE_COLD && w->s + SLACK_S >= w->cold_s) {
        e = checker_complain(w->c, w->m->name, (int)t, "%s, must be cold", word(w->now));
    }
    double want = drawn_kw(w, step_s);
    if (e == ERR_OK && fabs(draw - want) > w->c->tolerance_kw) {
        e = checker_complain(w->c, w->m->name, (int)t, "draws %.4f, must be %.4f", draw, want);
    }
    w->age_s += step_s;
    w->s += step_s;
    return e;
}

/* Seconds to the first step that begins at or after a time. */
static double step_up_s(const struct problem *p, double s)
{
    double begin = 0;
    for (uint32_t t = 0; t < p->steps && begin + SLACK_S < s; t++) {
        begin += p->step_s[t];
    }
    return begin + SLACK_S < s ? HUGE_VAL : begin;
}

/* The deadline for cold, put off by what was under way at the beginning and by the cooling
 * that it needs. */
static double cold_deadline_s(struct walk *w)
{
    double hot_s = 0;
    if (w->m->cold_by_s <= 0) {
        return HUGE_VAL;
    }
    if (w->now == MACHINE_BUSY) {
        const struct problem *p = w->c->p;
        for (uint32_t i = 0; i < p->order_count; i++) {
            const struct problem_order *o = &p->order[i];
            bool here = o->started && o->machine == w->machine;
            hot_s = here ? fmax(hot_s, problem_order_busy_s(p, i) - o->started_s) : hot_s;
        }
    } else if (isfinite(whole_s(w, w->now))) {
        hot_s = fmax(whole_s(w, w->now) - w->age_s, 0);
    }
    bool cold = w->now == MACHINE_COLD || w->now == MACHINE_COOLING;
    double moment_s = step_up_s(w->c->p, hot_s);
    double cold_s = cold ? moment_s : step_up_s(w->c->p, moment_s + w->m->cool_s);
    return fmax(w->m->cold_by_s, cold_s);
}

static enum err check_machine(struct checker *c, int machine)
{
    const struct problem_machine *m = &c->p->machine[machine];
    if (c->pl->machine_state[machine] == PLAN_NONE) {
        return checker_complain(c, m->name, -1, "no states");
    }
    struct walk w = {.c = c,
                     .machine = machine,
                     .m = m,
                     .state = plan_read(c->pl, c->pl->machine_state[machine]),
                     .now = m->state_now,
                     .age_s = m->since_s,
                     .fact = true};
    for (uint32_t i = 0; i < c->p->order_count; i++) {
        if (c->p->order[i].started && c->p->order[i].machine == machine) {
            w.now = MACHINE_BUSY;
        }
    }
    w.cold_s = cold_deadline_s(&w);
    enum err e = ERR_OK;
    for (uint32_t t = 0; t < c->p->steps && e == ERR_OK; t++) {
        e = check_step(&w, t);
    }
    return e;
}

enum err checker_states(struct checker *c)
{
    enum err e = ERR_OK;
    for (int i = 0; i < (int)c->p->machine_count && e == ERR_OK; i++) {
        if (states_has(c->p, i)) {
            e = check_machine(c, i);
        } else if (c->pl->machine_state[i] != PLAN_NONE) {
            e = checker_complain(c, c->p->machine[i].name, -1, "states of one that has none");
        }
    }
    return e;
}
