/* From columns to a plan and back. Pure. */
#include "optimizer/model.h"
#include <math.h>

/* kW of a column; solver dust is 0. */
static double kw(const double *x, int col)
{
    double v = x[col] / MODEL_KW;
    return v > 1e-6 ? v : 0;
}

static void copy(const struct model *md, const double *x, int first, double *to)
{
    for (uint32_t t = 0; first >= 0 && t < md->p->steps; t++) {
        to[t] = kw(x, first + (int)t);
    }
}

/* Import and export at once without a gain (they cost the same): net them. */
static void answer_grid(const struct model *md, const double *x, struct plan *pl)
{
    double *in = plan_series(pl, pl->import_kw), *out = plan_series(pl, pl->export_kw);
    copy(md, x, md->import, in);
    copy(md, x, md->export, out);
    for (uint32_t t = 0; t < md->p->steps; t++) {
        double both = fmin(in[t], out[t]);
        in[t] -= both;
        out[t] -= both;
    }
}

/* A store that loses nothing may take and give at once, which says nothing: both are netted,
 * and so are their renewable parts, unless the step changed what is renewable in the store. */
static void net_storage(const struct model *md, struct plan *pl, uint32_t i)
{
    const struct problem_storage *s = &md->p->storage[i];
    double *in = plan_series(pl, pl->storage_charge_kw[i]);
    double *out = plan_series(pl, pl->storage_discharge_kw[i]);
    double *green_in = NULL, *green_out = NULL;
    if (s->bus_in != s->bus_out || s->charge_pu * s->discharge_pu < 1 || s->charge_kw_min > 0) {
        return;
    }
    if (md->traced.unabsorbed >= 0 && md->traced.tr.storage[i]) {
        green_in = plan_series(pl, pl->absorbed.charge_kw[i]);
        green_out = plan_series(pl, pl->absorbed.discharge_kw[i]);
    }
    for (uint32_t t = 0; t < pl->steps; t++) {
        double both = fmin(in[t], out[t]), green = 0;
        if (green_in) {
            green = fmin(green_in[t], green_out[t]);
            bool holds =
                green_in[t] - green <= in[t] - both && green_out[t] - green <= out[t] - both;
            both = holds ? both : 0;
            green = holds ? green : 0;
            green_in[t] -= green;
            green_out[t] -= green;
        }
        in[t] -= both;
        out[t] -= both;
    }
}

static void answer_converter(const struct model *md, const double *x, struct plan *pl,
                             uint32_t i)
{
    double *in = plan_series(pl, pl->converter_in_kw[i]),
           *on = plan_series(pl, pl->converter_on[i]);
    copy(md, x, md->input[i], in);
    for (uint32_t t = 0; t < md->p->steps; t++) {
        on[t] = md->on[i] >= 0 ? round(x[md->on[i] + (int)t]) : (in[t] > 0 ? 1 : 0);
        in[t] = on[t] > 0 ? in[t] : 0;
    }
}

static void answer_job(const struct model *md, const double *x, struct plan *pl, uint32_t i)
{
    const struct problem_job *j = &md->p->job[i];
    double *draw = plan_series(pl, pl->job_draw_kw[i]), *on = plan_series(pl, pl->job_on[i]);
    for (int t = j->from_step; t < j->to_step; t++) {
        int k = t - j->from_step;
        draw[t] = kw(x, md->draw[i] + k);
        on[t] = md->run[i] >= 0 ? round(x[md->run[i] + k]) : (draw[t] > 0 ? 1 : 0);
        draw[t] = on[t] > 0 ? draw[t] : 0;
    }
}

static void answer_order(const struct model *md, const double *x, struct plan *pl, uint32_t i)
{
    const struct model_order *o = &md->order[i];
    pl->order_start[i] = PLAN_NONE;
    for (int k = o->count - 1; k >= 0 && o->lead < 0 && !md->p->order[i].started; k--) {
        if (x[o->first + k] > 0.5) {
            pl->order_start[i] = o->starts[k];
        }
    }
}

void model_answer(const struct model *md, const double *x, struct plan *pl)
{
    const struct problem *p = md->p;
    answer_grid(md, x, pl);
    for (uint32_t i = 0; i < p->bus_count; i++) {
        double *hole = plan_series(pl, pl->bus_unserved_kw[i]);
        double *more = plan_series(pl, pl->bus_surplus_kw[i]);
        copy(md, x, md->unserved[i], hole);
        copy(md, x, md->surplus[i], more);
    }
    for (uint32_t i = 0; i < p->source_count; i++) {
        copy(md, x, md->source[i], plan_series(pl, pl->source_used_kw[i]));
    }
    for (uint32_t i = 0; i < p->load_count; i++) {
        copy(md, x, md->shed[i], plan_series(pl, pl->load_shed_kw[i]));
    }
    for (uint32_t i = 0; i < p->storage_count; i++) {
        copy(md, x, md->charge[i], plan_series(pl, pl->storage_charge_kw[i]));
        copy(md, x, md->discharge[i], plan_series(pl, pl->storage_discharge_kw[i]));
        copy(md, x, md->energy[i], plan_series(pl, pl->storage_energy_kwh[i]));
    }
    for (uint32_t i = 0; i < p->converter_count; i++) {
        answer_converter(md, x, pl, i);
    }
    for (uint32_t i = 0; i < p->order_count; i++) {
        answer_order(md, x, pl, i);
    }
    model_answer_states(md, x, pl);
    for (uint32_t i = 0; i < p->job_count; i++) {
        answer_job(md, x, pl, i);
    }
    model_trace_answer(md, x, pl);
    for (uint32_t i = 0; i < p->storage_count; i++) {
        net_storage(md, pl, i);
    }
}

/* The orders of a symmetry class carry their starts in ascending order (not started: last). */
static void sort_classes(const struct model *md, int *start)
{
    uint32_t n = md->p->order_count;
    for (uint32_t pass = 0; pass < n; pass++) {
        for (uint32_t i = 0; i < n; i++) {
            int b = md->order[i].before;
            if (b >= 0 && start[i] < start[b]) {
                int s = start[i];
                start[i] = start[b];
                start[b] = s;
            }
        }
    }
}

static void encode_orders(const struct model *md, const struct plan *pl, double *x)
{
    int start[PROBLEM_ORDERS_MAX];
    for (uint32_t i = 0; i < md->p->order_count; i++) {
        start[i] = pl->order_start[i] == PLAN_NONE ? PROBLEM_STEPS_MAX : pl->order_start[i];
    }
    sort_classes(md, start);
    for (uint32_t i = 0; i < md->p->order_count; i++) {
        const struct model_order *o = &md->order[i];
        for (int k = 0; k < o->count && o->lead < 0; k++) {
            x[o->first + k] = o->starts[k] >= start[i];
        }
        if (o->skip >= 0 && o->lead < 0) {
            x[o->skip] = o->count > 0 ? 1 - x[o->first + o->count - 1] : 1;
        }
    }
}

static void encode_storage(const struct model *md, const struct plan *pl, double *x, uint32_t i)
{
    const double *in = plan_read(pl, pl->storage_charge_kw[i]);
    for (uint32_t t = 0; t < md->p->steps; t++) {
        int c = md->charge_on[i] + (int)t;
        x[c] = fmin(in[t] > 0 ? 1 : 0, md->m.col_hi[c]);
    }
}

static void encode_converter(const struct model *md, const struct plan *pl, double *x,
                             uint32_t i)
{
    const struct problem_converter *c = &md->p->converter[i];
    const double *on = plan_read(pl, pl->converter_on[i]),
                 *in = plan_read(pl, pl->converter_in_kw[i]);
    for (uint32_t t = 0; t < md->p->steps; t++) {
        if (md->on[i] >= 0) {
            x[md->on[i] + (int)t] = on[t] > 0.5;
        }
        double most = series_get(md->p, c->in_kw_max, t);
        if (md->level[i] >= 0) {
            x[md->level[i] + (int)t] = most > 0 ? round(in[t] / most * c->levels) : 0;
        }
    }
}

static void encode_grid(const struct model *md, const struct plan *pl, double *x)
{
    const struct problem *p = md->p;
    const double *in = plan_read(pl, pl->import_kw), *out = plan_read(pl, pl->export_kw);
    double most = 0;
    for (uint32_t t = 0; t < p->steps; t++) {
        int c = md->import_on + (int)t;
        x[c] = fmin(out[t] > 0 ? 0 : 1, md->m.col_hi[c]);
        most = fmax(most, in[t]);
    }
    if (md->jump >= 0) {
        /* The peak of single steps bounds every mean. */
        x[md->jump] =
            fmin(most > problem_demand_free_kw(p) + 1e-6 ? 1 : 0, md->m.col_hi[md->jump]);
    }
    for (uint32_t i = 0; i < p->reduction_count; i++) {
        for (int t = p->reduction[i].from_step; t < p->reduction[i].to_step; t++) {
            double base = series_get(p, p->reduction[i].baseline_kw, (uint32_t)t);
            x[md->paid_on[i] + t - p->reduction[i].from_step] = in[t] - out[t] < base;
        }
    }
}

void model_encode(const struct model *md, const struct plan *pl, double *x)
{
    const struct problem *p = md->p;
    if (p->grid.present) {
        encode_grid(md, pl, x);
    }
    for (uint32_t i = 0; i < p->storage_count; i++) {
        encode_storage(md, pl, x, i);
    }
    for (uint32_t i = 0; i < p->converter_count; i++) {
        encode_converter(md, pl, x, i);
    }
    encode_orders(md, pl, x);
    model_encode_states(md, pl, x);
    for (uint32_t i = 0; i < p->job_count; i++) {
        const double *on = plan_read(pl, pl->job_on[i]);
        for (int t = p->job[i].from_step; md->run[i] >= 0 && t < p->job[i].to_step; t++) {
            x[md->run[i] + t - p->job[i].from_step] = on[t] > 0.5;
        }
    }
}
