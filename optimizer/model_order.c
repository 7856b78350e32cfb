/* Model part: process orders by start-time binaries in cumulative form: y[k] = 1 if the order
 * has started at or before its k-th admissible start. Power by convolution; rows stay sparse
 * because recipes are stepwise. Orders that are exchangeable are put into one sequence. Pure.
 */
#include "optimizer/model.h"
#include "optimizer/states.h"
#include <math.h>
#include <string.h>

/* When a started order leaves its machine to others, with the machine's gap. */
static double taken_until_s(const struct problem *p, int machine)
{
    double s = 0;
    for (uint32_t i = 0; i < p->order_count; i++) {
        const struct problem_order *o = &p->order[i];
        if (o->started && o->machine == machine) {
            s = fmax(s, problem_order_busy_s(p, i) - o->started_s + p->machine[machine].gap_s);
        }
    }
    return s;
}

/* Same recipe, window, mask, wishes and prices on a machine of the same kind. */
static bool exchangeable(const struct problem *p, uint32_t a, uint32_t b)
{
    const struct problem_order *x = &p->order[a], *y = &p->order[b];
    const struct problem_machine *m = &p->machine[x->machine], *n = &p->machine[y->machine];
    bool same = x->recipe == y->recipe && x->earliest_step == y->earliest_step &&
                x->latest_step == y->latest_step && x->due_s == y->due_s && !x->started &&
                !y->started && x->late_yuan_per_h == y->late_yuan_per_h &&
                x->skip_yuan == y->skip_yuan && x->change_yuan == 0 && y->change_yuan == 0 &&
                m->free_from_s == n->free_from_s && m->gap_s == n->gap_s;
    for (uint32_t t = 0; same && t < p->steps; t++) {
        same = series_get(p, x->start_ok, t) == series_get(p, y->start_ok, t);
    }
    return same;
}

/* Orders on a machine that are exchangeable with `a`, up to and including index `last`; *others
 * counts the rest of the machine's orders and those in a group limit. */
static int same_on_machine(const struct problem *p, uint32_t a, int machine, int *others)
{
    int n = 0;
    for (uint32_t i = 0; i < p->order_count; i++) {
        if (p->order[i].machine == machine) {
            bool same = exchangeable(p, a, i);
            n += same;
            *others += !same;
        }
    }
    return n;
}

static bool in_a_limit(const struct problem *p, uint32_t order)
{
    for (uint32_t l = 0; l < p->limit_count; l++) {
        for (uint32_t k = 0; k < p->limit[l].member_count; k++) {
            const struct problem_member *m = &p->limit[l].member[k];
            if (m->kind == MEMBER_ORDER && (uint32_t)m->index == order) {
                return true;
            }
        }
    }
    return false;
}

/* First order of the class of an order on a machine with states. */
static int order_lead(const struct problem *p, uint32_t i)
{
    for (uint32_t k = 0; k < i && !in_a_limit(p, i); k++) {
        if (p->order[k].machine == p->order[i].machine && exchangeable(p, i, k) &&
            !in_a_limit(p, k)) {
            return (int)k;
        }
    }
    return (int)i;
}

/* An order may stand in a sequence when its machine carries only exchangeable orders. */
static bool sequenced(const struct problem *p, uint32_t i)
{
    int others = 0;
    if (p->order[i].started || in_a_limit(p, i) || states_has(p, p->order[i].machine)) {
        return false;
    }
    same_on_machine(p, i, p->order[i].machine, &others);
    return others == 0;
}

static int rank_on_machine(const struct problem *p, uint32_t i)
{
    int r = 0;
    for (uint32_t k = 0; k < i; k++) {
        r += p->order[k].machine == p->order[i].machine;
    }
    return r;
}

/* The order that precedes `i` in its class's sequence (first orders of all machines, then
 * second ones ...), or -1. With n firings on each of m equal machines any set of starts with at
 * most m overlapping can be dealt out in that sequence, so nothing is lost. */
static int order_before(const struct problem *p, uint32_t i)
{
    int best = -1, best_rank = -1, others = 0;
    if (!sequenced(p, i)) {
        return -1;
    }
    int rank = rank_on_machine(p, i),
        count = same_on_machine(p, i, p->order[i].machine, &others);
    for (uint32_t k = 0; k < p->order_count; k++) {
        if (k == i || !exchangeable(p, i, k) || !sequenced(p, k) ||
            same_on_machine(p, k, p->order[k].machine, &others) != count) {
            continue;
        }
        int r = rank_on_machine(p, k);
        bool earlier = r < rank || (r == rank && k < i);
        if (earlier && (r > best_rank || (r == best_rank && (int)k > best))) {
            best = (int)k;
            best_rank = r;
        }
    }
    return best;
}

/* draw_pool holds, per order and admissible start (one row for a started order): `steps` draws,
 * then `steps` gifts, in MW. */
static double *pool_row(const struct model *md, uint32_t order, int k)
{
    size_t base = (size_t)(md->order[order].starts - md->start_pool);
    return &md->draw_pool[(base + (size_t)k) * 2 * md->p->steps];
}

static void fill_pool(struct model *md, uint32_t i)
{
    const struct problem *p = md->p;
    int rows = p->order[i].started ? 1 : md->order[i].count;
    for (int k = 0; k < rows; k++) {
        int s = p->order[i].started ? 0 : md->order[i].starts[k];
        double *row = pool_row(md, i, k);
        for (uint32_t t = (uint32_t)s; t < p->steps; t++) {
            row[t] = problem_order_draw_kw(p, i, s, t) * MODEL_KW;
            row[p->steps + t] = problem_order_give_kw(p, i, s, t) * MODEL_KW;
        }
    }
}

enum err model_orders_prepare(struct model *md, struct arena *a)
{
    const struct problem *p = md->p;
    size_t most = (size_t)p->order_count * p->steps + 1, used = 0;
    md->start_pool = arena_take(a, most, sizeof(int));
    if (!md->start_pool) {
        return ERR_NOMEM;
    }
    for (uint32_t i = 0; i < p->order_count; i++) {
        struct model_order *o = &md->order[i];
        double from_s = taken_until_s(p, p->order[i].machine);
        o->starts = &md->start_pool[used];
        o->before = order_before(p, i);
        o->lead = states_has(p, p->order[i].machine) ? order_lead(p, i) : -1;
        bool follows = o->lead >= 0 && o->lead != (int)i;
        md->order[follows ? o->lead : (int)i].members += o->lead >= 0;
        for (uint32_t t = 0; !follows && t < p->steps; t++) {
            if (problem_order_may_start(p, i, t) && problem_begin_s(p, t) + 1e-6 >= from_s &&
                states_in_time(p, i, t)) {
                md->start_pool[used++] = (int)t;
                o->count++;
            }
        }
        used += p->order[i].started; /* its one row in the draw pool */
    }
    md->draw_pool = arena_take(a, (used + 1) * 2 * p->steps, sizeof(double));
    if (!md->draw_pool) {
        return ERR_NOMEM;
    }
    for (uint32_t i = 0; i < p->order_count; i++) {
        fill_pool(md, i);
    }
    return ERR_OK;
}

/* at: 0 draw, steps: gift. */
static void put_profile(struct model *md, uint32_t order, const uint32_t at[2],
                        const double *how)
{
    const struct model_order *o = &md->order[order];
    int row = (int)how[1];
    if (md->p->order[order].started) {
        matrix_shift(&md->m, row, -how[0] * pool_row(md, order, 0)[at[0] + at[1]]);
        return;
    }
    for (int k = 0; k < o->count; k++) {
        double here = pool_row(md, order, k)[at[0] + at[1]];
        bool more = o->lead < 0 && k + 1 < o->count;
        double next = more ? pool_row(md, order, k + 1)[at[0] + at[1]] : 0;
        matrix_put(&md->m, row, o->first + k, how[0] * (here - next));
    }
}

void model_put_order(struct model *md, uint32_t order, uint32_t t, int row, double scale)
{
    put_profile(md, order, (uint32_t[2]){0, t}, (double[2]){scale, row});
}

void model_put_order_give(struct model *md, uint32_t order, uint32_t t, int row, double scale)
{
    put_profile(md, order, (uint32_t[2]){md->p->steps, t}, (double[2]){scale, row});
}

double model_start_yuan(const struct problem *p, uint32_t order, int s)
{
    const struct problem_order *o = &p->order[order];
    bool moved = !o->started && o->planned_step >= 0 && s != o->planned_step;
    return problem_order_late_h(p, order, s) * o->late_yuan_per_h +
           problem_order_beyond_kwh(p, order, s) * p->beyond_yuan_per_kwh +
           (moved ? o->change_yuan : 0);
}

static void model_order(struct model *md, uint32_t i)
{
    const struct problem *p = md->p;
    struct model_order *o = &md->order[i];
    o->first = o->skip = -1;
    if (p->order[i].started) {
        matrix_constant(&md->m, model_start_yuan(p, i, 0));
        return;
    }
    if (o->lead >= 0) {
        if (o->members > 0) {
            model_class(md, i);
        }
        return;
    }
    o->first = md->m.cols;
    for (int k = 0; k < o->count; k++) {
        double next = k + 1 < o->count ? model_start_yuan(p, i, o->starts[k + 1]) : 0;
        matrix_col(&md->m, (double[2]){0, 1}, model_start_yuan(p, i, o->starts[k]) - next,
                   MATRIX_INTEGER);
    }
    for (int k = 0; k + 1 < o->count; k++) {
        int r = matrix_row(&md->m, -HUGE_VAL, 0);
        matrix_put(&md->m, r, o->first + k, 1);
        matrix_put(&md->m, r, o->first + k + 1, -1);
    }
    o->skip = matrix_col(&md->m, (double[2]){0, 1}, problem_skip_yuan(p, i), MATRIX_INTEGER);
    int r = matrix_row(&md->m, 1, 1);
    matrix_put(&md->m, r, o->skip, 1);
    if (o->count > 0) {
        matrix_put(&md->m, r, o->first + o->count - 1, 1);
    }
    for (int k = 0; o->before >= 0 && k < o->count; k++) {
        r = matrix_row(&md->m, -HUGE_VAL, 0);
        matrix_put(&md->m, r, o->first + k, 1);
        matrix_put(&md->m, r, md->order[o->before].first + k, -1);
    }
}

/* Column of the last y whose start lies at or before a time, or -1. */
static int last_y(const struct model *md, uint32_t i, double s)
{
    const struct model_order *o = &md->order[i];
    int c = -1;
    for (int k = 0; k < o->count; k++) {
        if (problem_begin_s(md->p, (uint32_t)o->starts[k]) <= s + 1e-6) {
            c = o->first + k;
        }
    }
    return c;
}

/* At most one order at a time on a machine: in each step the orders that occupy it sum to at
 * most 1; an order occupies from its start until its end plus cooling plus the machine's gap.
 */
static void model_machine(struct model *md, int machine)
{
    const struct problem *p = md->p;
    int n = 0;
    for (uint32_t i = 0; i < p->order_count && !states_has(p, machine); i++) {
        n += p->order[i].machine == machine && !p->order[i].started;
    }
    for (uint32_t t = 0; n > 1 && t < p->steps; t++) {
        int r = matrix_row(&md->m, -HUGE_VAL, 1);
        for (uint32_t i = 0; i < p->order_count; i++) {
            if (p->order[i].machine != machine || p->order[i].started) {
                continue;
            }
            double now = problem_begin_s(p, t);
            double busy = problem_order_busy_s(p, i) + p->machine[machine].gap_s;
            int in = last_y(md, i, now), out = last_y(md, i, now - busy);
            if (in >= 0) {
                matrix_put(&md->m, r, in, 1);
            }
            if (out >= 0) {
                matrix_put(&md->m, r, out, -1);
            }
        }
    }
}

void model_orders(struct model *md)
{
    const struct problem *p = md->p;
    for (uint32_t i = 0; i < p->order_count; i++) {
        model_order(md, i);
    }
    for (uint32_t i = 0; i < p->order_count; i++) {
        const struct problem_recipe *r = &p->recipe[p->order[i].recipe];
        for (uint32_t t = 0; t < p->steps; t++) {
            model_put_order(md, i, t, md->balance[r->draw_bus] + (int)t, -1);
            if (r->give_bus >= 0) {
                model_put_order_give(md, i, t, md->balance[r->give_bus] + (int)t, 1);
            }
        }
    }
    for (uint32_t m = 0; m < p->machine_count; m++) {
        model_machine(md, (int)m);
    }
}
