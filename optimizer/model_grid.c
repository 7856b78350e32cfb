/* Model part: the connection point: import, export, guard, demand charge, caps, paid
 * reductions. Pure. */
#include "optimizer/model.h"
#include <math.h>

/* Both directions at once would pay: then, and only then, a binary says which one. */
static bool direction_matters(const struct model *md, uint32_t t)
{
    const struct problem_grid *g = &md->p->grid;
    double in = series_get(md->p, g->import_yuan_per_kwh, t) +
                problem_co2_yuan_per_kg(md->p) * series_get(md->p, g->kgco2_per_kwh, t);
    double out = series_get(md->p, g->export_yuan_per_kwh, t);
    return series_get(md->p, g->import_kw_max, t) > 0 &&
           series_get(md->p, g->export_kw_max, t) > 0 && (out > in || md->exclusive_all);
}

static void model_direction(struct model *md, uint32_t t)
{
    const struct problem_grid *g = &md->p->grid;
    double in_most = series_get(md->p, g->import_kw_max, t) * MODEL_KW;
    double out_most = series_get(md->p, g->export_kw_max, t) * MODEL_KW;
    bool open = direction_matters(md, t);
    int c = matrix_col(&md->m, (double[2]){0, open ? 1 : 0}, 0, MATRIX_INTEGER);
    if (open) {
        int r = matrix_row(&md->m, -HUGE_VAL, 0);
        matrix_put(&md->m, r, md->import + (int)t, 1);
        matrix_put(&md->m, r, c, -in_most);
        r = matrix_row(&md->m, -HUGE_VAL, out_most);
        matrix_put(&md->m, r, md->export + (int)t, 1);
        matrix_put(&md->m, r, c, out_most);
    }
}

/* Demand: mean import of each window of n counting steps at most free + over. */
static void model_demand(struct model *md)
{
    const struct problem *p = md->p;
    const struct problem_grid *g = &p->grid;
    double free_mw = problem_demand_free_kw(p) * MODEL_KW, jump = problem_demand_jump_yuan(p);
    double most = 0;
    md->over = matrix_col(&md->m, (double[2]){0, HUGE_VAL},
                          g->demand_over_yuan_per_kw / MODEL_KW, MATRIX_REAL);
    for (uint32_t t = 0; t < p->steps; t++) {
        most = fmax(most, series_get(p, g->import_kw_max, t) * MODEL_KW);
    }
    md->jump = matrix_col(&md->m, (double[2]){0, jump > 0 ? 1 : 0}, jump, MATRIX_INTEGER);
    if (jump > 0) {
        int r = matrix_row(&md->m, -HUGE_VAL, 0);
        matrix_put(&md->m, r, md->over, 1);
        matrix_put(&md->m, r, md->jump, -fmax(most - free_mw, 0));
    }
    for (uint32_t t = g->demand_average_steps - 1; t < p->steps; t++) {
        double s = 0;
        bool counts = true;
        for (uint32_t k = t + 1 - g->demand_average_steps; k <= t; k++) {
            s += p->step_s[k];
            counts = counts && series_get(p, g->demand_counts, k) > 0.5;
        }
        if (!counts) {
            continue;
        }
        int r = matrix_row(&md->m, -HUGE_VAL, free_mw);
        matrix_put(&md->m, r, md->over, -1);
        for (uint32_t k = t + 1 - g->demand_average_steps; k <= t; k++) {
            matrix_put(&md->m, r, md->import + (int)k, p->step_s[k] / s);
        }
    }
}

/* One column over the exports of all steps. */
static void model_export_peak(struct model *md)
{
    double yuan = md->p->grid.export_peak_yuan_per_kw / MODEL_KW;
    int peak = matrix_col(&md->m, (double[2]){0, HUGE_VAL}, yuan, MATRIX_REAL);
    for (uint32_t t = 0; t < md->p->steps; t++) {
        int r = matrix_row(&md->m, -HUGE_VAL, 0);
        matrix_put(&md->m, r, md->export + (int)t, 1);
        matrix_put(&md->m, r, peak, -1);
    }
}

void model_grid(struct model *md)
{
    const struct problem *p = md->p;
    const struct problem_grid *g = &p->grid;
    md->import = md->export = md->import_on = md->over = md->jump = -1;
    if (!g->present) {
        return;
    }
    md->import = md->m.cols;
    for (uint32_t t = 0; t < p->steps; t++) {
        double price = series_get(p, g->import_yuan_per_kwh, t) +
                       problem_co2_yuan_per_kg(p) * series_get(p, g->kgco2_per_kwh, t);
        int c =
            matrix_col(&md->m, (double[2]){0, series_get(p, g->import_kw_max, t) * MODEL_KW},
                       model_mw_yuan(md, t, price), MATRIX_REAL);
        matrix_put(&md->m, md->balance[g->bus] + (int)t, c, 1);
    }
    md->export = md->m.cols;
    for (uint32_t t = 0; t < p->steps; t++) {
        double price = series_get(p, g->export_yuan_per_kwh, t);
        int c =
            matrix_col(&md->m, (double[2]){0, series_get(p, g->export_kw_max, t) * MODEL_KW},
                       model_mw_yuan(md, t, -price), MATRIX_REAL);
        matrix_put(&md->m, md->balance[g->bus] + (int)t, c, -1);
    }
    md->import_on = md->m.cols;
    for (uint32_t t = 0; t < p->steps; t++) {
        model_direction(md, t);
    }
    if (g->demand_over_yuan_per_kw > 0 || g->demand_jump_yuan > 0) {
        model_demand(md);
    }
    if (g->export_peak_yuan_per_kw > 0) {
        model_export_peak(md);
    }
}

/* Row over net import of a step plus what the caller adds. */
static int net_row(struct model *md, uint32_t t, const double bounds[2])
{
    int r = matrix_row(&md->m, bounds[0], bounds[1]);
    matrix_put(&md->m, r, md->import + (int)t, 1);
    matrix_put(&md->m, r, md->export + (int)t, -1);
    return r;
}

/* A priced slack in a row. */
static void slack(struct model *md, int row, double sign, double yuan)
{
    int c = matrix_col(&md->m, (double[2]){0, HUGE_VAL}, yuan, MATRIX_REAL);
    matrix_put(&md->m, row, c, sign);
}

static void model_guard(struct model *md)
{
    const struct problem *p = md->p;
    double price = model_price(md, p->grid.guard_yuan_per_kwh);
    for (uint32_t t = 0; t < p->steps; t++) {
        double least = series_get(p, p->grid.import_kw_min, t);
        if (least > 0 && series_get(p, p->grid.import_kw_max, t) > 0) {
            int r = net_row(md, t, (double[2]){least * MODEL_KW, HUGE_VAL});
            slack(md, r, 1, model_mw_yuan(md, t, price));
        }
    }
}

static void model_cap(struct model *md, const struct problem_cap *c)
{
    double price = model_price(md, c->yuan_per_kwh), kw = c->kw * MODEL_KW;
    for (int t = c->from_step; t < c->to_step; t++) {
        double lo = c->floor ? kw : -HUGE_VAL, hi = c->floor ? HUGE_VAL : kw;
        int r = net_row(md, (uint32_t)t, (double[2]){lo, hi});
        slack(md, r, c->floor ? 1 : -1, model_mw_yuan(md, (uint32_t)t, price));
    }
}

/* paid <= baseline - net only while that is positive: a binary where import may exceed the
 * baseline. */
static void model_reduction(struct model *md, uint32_t i)
{
    const struct problem *p = md->p;
    const struct problem_reduction *d = &p->reduction[i];
    double paid = d->paid_kw_max * MODEL_KW;
    md->paid_on[i] = md->m.cols;
    for (int t = d->from_step; t < d->to_step; t++) {
        matrix_col(&md->m, (double[2]){0, 1}, 0, MATRIX_INTEGER);
    }
    for (int s = d->from_step; s < d->to_step; s++) {
        uint32_t t = (uint32_t)s;
        double base = series_get(p, d->baseline_kw, t) * MODEL_KW;
        double excess = fmax(series_get(p, p->grid.import_kw_max, t) * MODEL_KW - base, 0);
        int on = md->paid_on[i] + s - d->from_step;
        int c = matrix_col(&md->m, (double[2]){0, paid},
                           model_mw_yuan(md, t, -d->reward_yuan_per_kwh), MATRIX_REAL);
        int r = net_row(md, t, (double[2]){-HUGE_VAL, base + excess});
        matrix_put(&md->m, r, c, 1);
        matrix_put(&md->m, r, on, excess);
        r = matrix_row(&md->m, -HUGE_VAL, 0);
        matrix_put(&md->m, r, c, 1);
        matrix_put(&md->m, r, on, -paid);
        if (d->missing_yuan_per_kwh > 0) {
            r = net_row(md, t, (double[2]){-HUGE_VAL, base - d->promised_kw * MODEL_KW});
            slack(md, r, -1, model_mw_yuan(md, t, d->missing_yuan_per_kwh));
        }
    }
}

void model_grid_wishes(struct model *md)
{
    if (!md->p->grid.present) {
        return;
    }
    model_guard(md);
    for (uint32_t i = 0; i < md->p->cap_count; i++) {
        model_cap(md, &md->p->cap[i]);
    }
    for (uint32_t i = 0; i < md->p->reduction_count; i++) {
        model_reduction(md, i);
    }
}
