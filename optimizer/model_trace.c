/* Model part: what of the flows is renewable, and how much is not absorbed (trace.h). Written
 * where the goal asks for it. Pure. */
#include "optimizer/model.h"
#include "optimizer/states.h"
#include <math.h>

/* A column per step, at most the column of the whole flow in the same step. */
static int part_of(struct model *md, int whole)
{
    int first = md->m.cols;
    for (uint32_t t = 0; t < md->p->steps; t++) {
        int c = matrix_col(&md->m, (double[2]){0, HUGE_VAL}, 0, MATRIX_REAL);
        int r = matrix_row(&md->m, -HUGE_VAL, 0);
        matrix_put(&md->m, r, c, 1);
        matrix_put(&md->m, r, whole + (int)t, -1);
    }
    return first;
}

/* Renewable content, none at the start. */
static int contents(struct model *md, uint32_t i)
{
    const struct problem_storage *s = &md->p->storage[i];
    int first = md->m.cols;
    for (uint32_t t = 0; t < md->p->steps; t++) {
        double h = problem_hours(md->p, t);
        int c = matrix_col(&md->m, (double[2]){0, HUGE_VAL}, 0, MATRIX_REAL);
        int r = matrix_row(&md->m, 0, 0);
        matrix_put(&md->m, r, c, 1);
        matrix_put(&md->m, r, md->traced.charge[i] + (int)t, -s->charge_pu * h);
        matrix_put(&md->m, r, md->traced.discharge[i] + (int)t, h / s->discharge_pu);
        if (t > 0) {
            matrix_put(&md->m, r, c - 1, -problem_storage_keep_pu(md->p, i, t));
        }
    }
    return first;
}

/* Renewable inflow less what goes into stores, units and dump, times sign. */
static void put_rest(struct model *md, const uint32_t at[2], int row, double sign)
{
    const struct problem *p = md->p;
    int bus = (int)at[0], t = (int)at[1];
    matrix_put(&md->m, row, md->traced.dump[bus] + t, -sign);
    for (uint32_t i = 0; i < p->source_count; i++) {
        if (p->source[i].bus == bus && problem_source_renewable(p, i)) {
            matrix_put(&md->m, row, md->source[i] + t, sign);
        }
    }
    for (uint32_t i = 0; i < p->converter_count; i++) {
        const struct problem_converter *c = &p->converter[i];
        double share = c->bus_in == bus ? -1 : 0;
        for (int k = 0; k < PROBLEM_OUTPUTS; k++) {
            share += c->out[k].bus == bus ? series_get(p, c->out[k].gain, at[1]) : 0;
        }
        if (md->traced.tr.converter[i]) {
            matrix_put(&md->m, row, md->traced.in[i] + t, sign * share);
        }
    }
    for (uint32_t i = 0; i < p->storage_count; i++) {
        if (md->traced.tr.storage[i] && p->storage[i].bus_in == bus) {
            matrix_put(&md->m, row, md->traced.charge[i] + t, -sign);
        }
        if (md->traced.tr.storage[i] && p->storage[i].bus_out == bus) {
            matrix_put(&md->m, row, md->traced.discharge[i] + t, sign);
        }
    }
}

/* Subtracts the draws that lose nothing. */
static void put_draws(struct model *md, const uint32_t at[2], int row)
{
    const struct problem *p = md->p;
    int bus = (int)at[0], t = (int)at[1];
    for (uint32_t i = 0; i < p->load_count; i++) {
        if (p->load[i].bus == bus) {
            matrix_shift(&md->m, row,
                         fmax(series_get(p, p->load[i].draw_kw, at[1]), 0) * MODEL_KW);
            matrix_put(&md->m, row, md->shed[i] + t, 1);
        }
    }
    for (uint32_t i = 0; i < p->job_count; i++) {
        if (p->job[i].bus == bus && t >= p->job[i].from_step && t < p->job[i].to_step) {
            matrix_put(&md->m, row, md->draw[i] + t - p->job[i].from_step, -1);
        }
    }
    for (uint32_t i = 0; i < p->order_count; i++) {
        if (p->recipe[p->order[i].recipe].draw_bus == bus) {
            model_put_order(md, i, at[1], row, -1);
        }
    }
    for (uint32_t i = 0; i < p->machine_count; i++) {
        if (states_has(p, (int)i) && p->machine[i].bus == bus) {
            model_put_states(md, i, &(struct term){at[1], row, -1});
        }
    }
    for (uint32_t i = 0; i < p->converter_count; i++) {
        if (!md->traced.tr.converter[i] && p->converter[i].bus_in == bus) {
            matrix_put(&md->m, row, md->input[i] + t, -1);
        }
    }
    for (uint32_t i = 0; i < p->storage_count; i++) {
        if (!md->traced.tr.storage[i] && p->storage[i].bus_in == bus) {
            matrix_put(&md->m, row, md->charge[i] + t, -1);
        }
    }
    if (p->grid.present && p->grid.bus == bus) {
        matrix_put(&md->m, row, md->export + t, -1);
    }
}

/* What stores, units and dump do not take met draws: not less than nothing, not more than they
 * were. */
static void balance(struct model *md, const uint32_t at[2])
{
    int r = matrix_row(&md->m, 0, HUGE_VAL);
    put_rest(md, at, r, 1);
    r = matrix_row(&md->m, -HUGE_VAL, 0);
    put_rest(md, at, r, 1);
    put_draws(md, at, r);
}

/* unabsorbed = available - used + dumped + lost, with its price and its limit. */
static void measure(struct model *md)
{
    const struct problem *p = md->p;
    const struct problem_goal *g = &p->goal;
    double most = g->unabsorbed_kwh_max >= 0 ? g->unabsorbed_kwh_max * MODEL_KW : HUGE_VAL;
    int c = matrix_col(&md->m, (double[2]){0, most}, g->unabsorbed_yuan_per_kwh / MODEL_KW,
                       MATRIX_REAL);
    int r = md->traced.unabsorbed = matrix_row(&md->m, 0, 0);
    matrix_put(&md->m, r, c, 1);
    for (uint32_t t = 0; t < p->steps; t++) {
        double h = problem_hours(p, t);
        int s = (int)t;
        for (uint32_t i = 0; i < p->source_count; i++) {
            if (problem_source_renewable(p, i)) {
                matrix_put(&md->m, r, md->source[i] + s, h);
                matrix_shift(&md->m, r,
                             h * series_get(p, p->source[i].available_kw, t) * MODEL_KW);
            }
        }
        for (uint32_t k = 0; k < md->traced.tr.buses; k++) {
            matrix_put(&md->m, r, md->traced.dump[md->traced.tr.bus[k]] + s, -h);
        }
        for (uint32_t i = 0; i < p->converter_count; i++) {
            if (md->traced.tr.converter[i]) {
                matrix_put(&md->m, r, md->traced.in[i] + s,
                           -h * trace_converter_loss_pu(p, i, t));
            }
        }
        for (uint32_t i = 0; i < p->storage_count; i++) {
            if (md->traced.tr.storage[i]) {
                matrix_put(&md->m, r, md->traced.charge[i] + s, -h);
                matrix_put(&md->m, r, md->traced.discharge[i] + s, h);
            }
        }
    }
    for (uint32_t i = 0; i < p->storage_count; i++) {
        if (md->traced.tr.storage[i]) {
            matrix_put(&md->m, r, md->traced.energy[i] + (int)p->steps - 1,
                       p->storage[i].discharge_pu);
        }
    }
}

void model_trace(struct model *md)
{
    const struct problem *p = md->p;
    struct model_traced *x = &md->traced;
    x->unabsorbed = -1;
    matrix_constant(&md->m, p->goal.base_yuan);
    if (!problem_traces(p)) {
        return;
    }
    trace_init(&x->tr, p);
    for (uint32_t i = 0; i < p->storage_count; i++) {
        if (x->tr.storage[i]) {
            x->charge[i] = part_of(md, md->charge[i]);
            x->discharge[i] = part_of(md, md->discharge[i]);
            x->energy[i] = contents(md, i);
        }
    }
    for (uint32_t i = 0; i < p->converter_count; i++) {
        if (x->tr.converter[i]) {
            x->in[i] = part_of(md, md->input[i]);
        }
    }
    for (uint32_t k = 0; k < x->tr.buses; k++) {
        uint32_t b = x->tr.bus[k];
        x->dump[b] = part_of(md, md->surplus[b]);
        for (uint32_t t = 0; t < p->steps; t++) {
            balance(md, (uint32_t[2]){b, t});
        }
    }
    measure(md);
}

static void answer(const struct model *md, const double *x, int first, double *to)
{
    for (uint32_t t = 0; t < md->p->steps; t++) {
        double kw = x[first + (int)t] / MODEL_KW;
        to[t] = kw > 1e-6 ? kw : 0; /* solver dust */
    }
}

void model_trace_answer(const struct model *md, const double *x, struct plan *pl)
{
    const struct problem *p = md->p;
    const struct model_traced *c = &md->traced;
    for (uint32_t i = 0; i < p->storage_count && c->unabsorbed >= 0; i++) {
        if (c->tr.storage[i]) {
            answer(md, x, c->charge[i], plan_series(pl, pl->absorbed.charge_kw[i]));
            answer(md, x, c->discharge[i], plan_series(pl, pl->absorbed.discharge_kw[i]));
        }
    }
    for (uint32_t i = 0; i < p->converter_count && c->unabsorbed >= 0; i++) {
        if (c->tr.converter[i]) {
            answer(md, x, c->in[i], plan_series(pl, pl->absorbed.in_kw[i]));
        }
    }
    for (uint32_t k = 0; c->unabsorbed >= 0 && k < c->tr.buses; k++) {
        uint32_t b = c->tr.bus[k];
        answer(md, x, c->dump[b], plan_series(pl, pl->absorbed.dump_kw[b]));
    }
}
