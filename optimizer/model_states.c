/* Model part: machines with states, as a path through time. Moments are the beginnings of
 * steps, each once cold and once hot; cold and held steps, heatings, orders and coolings lead
 * from one to a later one, and one unit flows from what is now to the end of the horizon. As a
 * flow its relaxation is nearly whole: what is left are the counts of the orders (the
 * time-indexed network of Aghelinejad, Ouazene, Yalaoui, Operations Research Perspectives 6,
 * 2019, 100105, as one programme). Orders that are exchangeable share their columns, one per
 * start, so that no plan has a twin that only swaps names. Pure. */
#include "optimizer/model.h"
#include "optimizer/states.h"
#include <math.h>

/* A machine while its rows are written. First rows of the moments from fact.open on; -1: none.
 */
struct path {
    struct model *md;
    int machine;
    struct states_fact fact;
    uint32_t cold_from;
    int cold_row, hot_row; /* what comes minus what goes */
    int fire_row;          /* heatings that end minus orders that start <= 0 */
    int cool_row;          /* coolings that begin minus orders that end <= 0 */
};

/* Adds to a moment's row; beyond the horizon there is none. */
static void at(const struct path *w, int first, uint32_t t, double coefficient, int column)
{
    if (first >= 0 && t < w->md->p->steps) {
        matrix_put(&w->md->m, first + (int)(t - w->fact.open), column, coefficient);
    }
}

/* One row per moment; `now` is added to the right side of the first. */
static int rows(const struct path *w, double lo, double now)
{
    struct matrix *m = &w->md->m;
    int first = m->rows;
    for (uint32_t t = w->fact.open; t < w->md->p->steps; t++) {
        double more = t == w->fact.open ? now : 0;
        matrix_row(m, lo + more, more);
    }
    return first;
}

static void path_rows(struct path *w)
{
    const struct problem_machine *m = &w->md->p->machine[w->machine];
    w->cold_row = rows(w, 0, w->fact.hot ? 0 : -1);
    w->hot_row = rows(w, 0, w->fact.hot ? -1 : 0);
    w->fire_row = m->heat_fires ? rows(w, -HUGE_VAL, 0) : -1;
    w->cool_row = m->fire_cools ? rows(w, -HUGE_VAL, w->fact.hot ? 1 : 0) : -1;
}

/* A column per step, open where `may`. */
static int column(const struct path *w, bool may, double least)
{
    return matrix_col(&w->md->m, (double[2]){least, may ? 1 : 0}, 0, MATRIX_INTEGER);
}

static void path_stays(const struct path *w)
{
    struct model_states *s = &w->md->states[w->machine];
    s->cold = w->md->m.cols;
    for (uint32_t t = 0; t < w->md->p->steps; t++) {
        bool may = t >= w->fact.open;
        int c = column(w, may, may && t >= w->cold_from ? 1 : 0);
        if (may) {
            at(w, w->cold_row, t, -1, c);
            at(w, w->cold_row, t + 1, 1, c);
        }
    }
    s->hold = w->md->m.cols;
    for (uint32_t t = 0; t < w->md->p->steps; t++) {
        bool may = t >= w->fact.open && t < w->cold_from;
        int c = column(w, may, 0);
        if (may) {
            at(w, w->hot_row, t, -1, c);
            at(w, w->hot_row, t + 1, 1, c);
        }
    }
}

static void path_passes(const struct path *w)
{
    const struct problem *p = w->md->p;
    const struct problem_machine *m = &p->machine[w->machine];
    struct model_states *s = &w->md->states[w->machine];
    s->heat = w->md->m.cols;
    for (uint32_t t = 0; t < p->steps; t++) {
        uint32_t end = states_after(p, t, m->heat_s);
        bool may = states_may_heat(p, w->machine, t) && end <= w->cold_from;
        int c = column(w, may, 0);
        if (may) {
            at(w, w->cold_row, t, -1, c);
            at(w, w->hot_row, end, 1, c);
            at(w, w->fire_row, end, 1, c);
        }
    }
    s->cool = w->md->m.cols;
    for (uint32_t t = 0; t < p->steps; t++) {
        uint32_t end = states_after(p, t, m->cool_s);
        bool may = t >= w->fact.open && end <= w->cold_from;
        int c = column(w, may, 0);
        if (may) {
            at(w, w->hot_row, t, -1, c);
            at(w, w->cool_row, t, 1, c);
            at(w, w->cold_row, end, 1, c);
        }
    }
}

static void path_orders(const struct path *w)
{
    const struct problem *p = w->md->p;
    for (uint32_t i = 0; i < p->order_count; i++) {
        const struct model_order *o = &w->md->order[i];
        if (p->order[i].machine != w->machine || p->order[i].started) {
            continue;
        }
        for (int k = 0; k < o->count; k++) {
            uint32_t start = (uint32_t)o->starts[k], end = states_order_end(p, i, start);
            at(w, w->hot_row, start, -1, o->first + k);
            at(w, w->fire_row, start, -1, o->first + k);
            at(w, w->hot_row, end, 1, o->first + k);
            at(w, w->cool_row, end, -1, o->first + k);
        }
    }
}

/* Adds the starts of an order that occupy its machine in step t, with the gap. */
static void put_occupied(const struct path *w, uint32_t order, uint32_t t, int row)
{
    const struct problem *p = w->md->p;
    const struct model_order *o = &w->md->order[order];
    double busy_s = problem_order_busy_s(p, order) + p->machine[w->machine].gap_s;
    for (int k = 0; k < o->count && o->starts[k] <= (int)t; k++) {
        if (problem_within_s(p, (uint32_t)o->starts[k], t, busy_s)) {
            matrix_put(&w->md->m, row, o->first + k, 1);
        }
    }
}

/* Where the machine needs a gap between orders, a row per step: at most one of the orders that
 * occupy it then, with the gap. */
static void path_gaps(const struct path *w)
{
    const struct problem *p = w->md->p;
    bool gap = p->machine[w->machine].gap_s > 0;
    for (uint32_t t = w->fact.open; gap && t < p->steps; t++) {
        int r = matrix_row(&w->md->m, -HUGE_VAL, 1);
        for (uint32_t i = 0; i < p->order_count; i++) {
            if (p->order[i].machine == w->machine && !p->order[i].started) {
                put_occupied(w, i, t, r);
            }
        }
    }
}

void model_class(struct model *md, uint32_t lead)
{
    const struct problem *p = md->p;
    struct model_order *o = &md->order[lead];
    o->first = md->m.cols;
    for (int k = 0; k < o->count; k++) {
        matrix_col(&md->m, (double[2]){0, 1}, model_start_yuan(p, lead, o->starts[k]),
                   MATRIX_INTEGER);
    }
    o->skip = matrix_col(&md->m, (double[2]){0, o->members}, problem_skip_yuan(p, lead),
                         MATRIX_INTEGER);
    int r = matrix_row(&md->m, o->members, o->members);
    for (int k = 0; k < o->count; k++) {
        matrix_put(&md->m, r, o->first + k, 1);
    }
    matrix_put(&md->m, r, o->skip, 1);
}

/* Adds what the passes that begin at or before t and are not over draw in step t. */
static void put_passes(struct model *md, uint32_t machine, enum machine_state state,
                       const struct term *to)
{
    const struct problem *p = md->p;
    const struct problem_machine *m = &p->machine[machine];
    bool heats = state == MACHINE_HEATING;
    int first = heats ? md->states[machine].heat : md->states[machine].cool;
    for (int u = (int)to->step; u >= 0; u--) {
        double age_s = problem_begin_s(p, to->step) - problem_begin_s(p, (uint32_t)u);
        if (states_after(p, (uint32_t)u, heats ? m->heat_s : m->cool_s) <= to->step) {
            return;
        }
        double kw = states_draw_kw(p, (int)machine, state, age_s, to->step);
        matrix_put(&md->m, to->row, first + u, to->scale * kw * MODEL_KW);
    }
}

void model_put_states(struct model *md, uint32_t machine, const struct term *to)
{
    const struct problem *p = md->p;
    const struct model_states *s = &md->states[machine];
    if (s->cold < 0) {
        return;
    }
    struct states_fact f = states_fact(p, (int)machine);
    if (to->step < f.open) {
        double age_s = f.age_s + problem_begin_s(p, to->step);
        double kw = states_draw_kw(p, (int)machine, f.before, age_s, to->step);
        matrix_shift(&md->m, to->row, -to->scale * kw * MODEL_KW);
        return;
    }
    double scale = to->scale * MODEL_KW;
    int t = (int)to->step;
    matrix_put(&md->m, to->row, s->cold + t, scale * p->machine[machine].cold_kw);
    matrix_put(&md->m, to->row, s->hold + t, scale * p->machine[machine].hold_kw);
    put_passes(md, machine, MACHINE_HEATING, to);
    put_passes(md, machine, MACHINE_COOLING, to);
}

static void model_path(struct model *md, int machine)
{
    struct path w = {.md = md,
                     .machine = machine,
                     .fact = states_fact(md->p, machine),
                     .cold_from = states_cold_from(md->p, machine)};
    path_rows(&w);
    path_stays(&w);
    path_passes(&w);
    path_orders(&w);
    path_gaps(&w);
}

void model_states(struct model *md)
{
    const struct problem *p = md->p;
    for (uint32_t i = 0; i < p->machine_count; i++) {
        if (!states_has(p, (int)i)) {
            md->states[i] = (struct model_states){-1, -1, -1, -1};
            continue;
        }
        model_path(md, (int)i);
        for (uint32_t t = 0; t < p->steps; t++) {
            int row = md->balance[p->machine[i].bus] + (int)t;
            model_put_states(md, i, &(struct term){t, row, -1});
        }
    }
}

/* One of the passes whose beginnings are at `first` covers the steps that it takes. */
static void mark_passes(const struct model *md, const double *x, int machine,
                        enum machine_state state, double *to)
{
    const struct problem *p = md->p;
    const struct problem_machine *m = &p->machine[machine];
    bool heats = state == MACHINE_HEATING;
    int first = heats ? md->states[machine].heat : md->states[machine].cool;
    for (uint32_t u = 0; u < p->steps; u++) {
        uint32_t end = states_after(p, u, heats ? m->heat_s : m->cool_s);
        for (uint32_t t = u; t < end && x[first + (int)u] > 0.5; t++) {
            to[t] = state;
        }
    }
}

/* Starts in ascending order go to the class's members in theirs. */
static void answer_class(const struct model *md, const double *x, struct plan *pl, int lead)
{
    const struct model_order *o = &md->order[lead];
    uint32_t i = (uint32_t)lead;
    for (int k = 0; k < o->count; k++) {
        if (x[o->first + k] > 0.5) {
            while (i < md->p->order_count && md->order[i].lead != lead) {
                i++;
            }
            must(i < md->p->order_count);
            pl->order_start[i++] = o->starts[k];
        }
    }
}

void model_answer_states(const struct model *md, const double *x, struct plan *pl)
{
    const struct problem *p = md->p;
    for (uint32_t i = 0; i < p->order_count; i++) {
        if (md->order[i].lead == (int)i && !p->order[i].started) {
            answer_class(md, x, pl, (int)i);
        }
    }
    for (uint32_t i = 0; i < p->machine_count; i++) {
        if (!states_has(p, (int)i)) {
            continue;
        }
        double *state = plan_series(pl, pl->machine_state[i]);
        for (uint32_t t = 0; t < p->steps; t++) {
            state[t] = x[md->states[i].hold + (int)t] > 0.5 ? MACHINE_HOLDING : MACHINE_COLD;
        }
        mark_passes(md, x, (int)i, MACHINE_HEATING, state);
        mark_passes(md, x, (int)i, MACHINE_COOLING, state);
        states_complete(p, pl, (int)i);
    }
}

static void encode_class(const struct model *md, const struct plan *pl, double *x, int lead)
{
    const struct model_order *o = &md->order[lead];
    for (int k = 0; k < o->count; k++) {
        x[o->first + k] = 0;
    }
    x[o->skip] = o->members;
    for (uint32_t i = 0; i < md->p->order_count; i++) {
        for (int k = 0; k < o->count && md->order[i].lead == lead; k++) {
            if (o->starts[k] == pl->order_start[i]) {
                x[o->first + k] = 1;
                x[o->skip] -= 1;
            }
        }
    }
}

void model_encode_states(const struct model *md, const struct plan *pl, double *x)
{
    const struct problem *p = md->p;
    for (uint32_t i = 0; i < p->order_count; i++) {
        if (md->order[i].lead == (int)i && !p->order[i].started) {
            encode_class(md, pl, x, (int)i);
        }
    }
    for (uint32_t i = 0; i < p->machine_count; i++) {
        const struct model_states *s = &md->states[i];
        uint32_t open = states_fact(p, (int)i).open;
        for (uint32_t t = open; s->cold >= 0 && t < p->steps; t++) {
            const double *state = plan_read(pl, pl->machine_state[i]);
            bool fresh = t == open || state[t - 1] != state[t];
            x[s->cold + (int)t] = state[t] == MACHINE_COLD;
            x[s->hold + (int)t] = state[t] == MACHINE_HOLDING;
            x[s->heat + (int)t] = fresh && state[t] == MACHINE_HEATING;
            x[s->cool + (int)t] = fresh && state[t] == MACHINE_COOLING;
        }
    }
}
