/* Model part: balances of the buses, sources, rigid loads. Pure. */
#include "optimizer/model.h"
#include <math.h>

/* Availability below this is left out: solvers do not like it. */
static const double DUST_MW = 1e-9;

/* A balance row per step: what flows in minus what flows out equals the rigid draw. Holes and
 * unplaceable surplus are possible everywhere, at the price of a broken wish, so that every
 * problem has a plan. */
static void model_bus(struct model *md, uint32_t b)
{
    const struct problem *p = md->p;
    const struct problem_bus *bus = &p->bus[b];
    md->balance[b] = md->m.rows;
    for (uint32_t t = 0; t < p->steps; t++) {
        matrix_row(&md->m, 0, 0);
    }
    md->unserved[b] = md->m.cols;
    for (uint32_t t = 0; t < p->steps; t++) {
        double unserved = problem_unserved_yuan_per_kwh(p, b);
        int c = matrix_col(&md->m, (double[2]){0, HUGE_VAL}, model_mw_yuan(md, t, unserved),
                           MATRIX_REAL);
        matrix_put(&md->m, md->balance[b] + (int)t, c, 1);
    }
    md->surplus[b] = md->m.cols;
    for (uint32_t t = 0; t < p->steps; t++) {
        double surplus = bus->dump ? bus->dump_yuan_per_kwh : problem_surplus_yuan_per_kwh(p);
        int c = matrix_col(&md->m, (double[2]){0, HUGE_VAL}, model_mw_yuan(md, t, surplus),
                           MATRIX_REAL);
        matrix_put(&md->m, md->balance[b] + (int)t, c, -1);
    }
}

static void model_source(struct model *md, uint32_t i)
{
    const struct problem *p = md->p;
    const struct problem_source *s = &p->source[i];
    md->source[i] = md->m.cols;
    for (uint32_t t = 0; t < p->steps; t++) {
        double most = series_get(p, s->available_kw, t) * MODEL_KW;
        most = most < DUST_MW && !s->fixed ? 0 : most; /* a sun of 1e-90 kW at dawn */
        double curtail = s->fixed ? 0 : s->curtail_yuan_per_kwh;
        double price =
            series_get(p, s->yuan_per_kwh, t) + problem_co2_yuan_per_kg(p) * s->kgco2_per_kwh;
        int c = matrix_col(&md->m, (double[2]){s->fixed ? most : 0, most},
                           model_mw_yuan(md, t, price - curtail), MATRIX_REAL);
        matrix_constant(&md->m, model_mw_yuan(md, t, curtail) * most);
        matrix_put(&md->m, md->balance[s->bus] + (int)t, c, 1);
    }
}

static void model_load(struct model *md, uint32_t i)
{
    const struct problem *p = md->p;
    const struct problem_load *l = &p->load[i];
    md->shed[i] = md->m.cols;
    for (uint32_t t = 0; t < p->steps; t++) {
        int row = md->balance[l->bus] + (int)t;
        double draw = series_get(p, l->draw_kw, t);
        double most = fmin(series_get(p, l->shed_kw_max, t), fmax(draw, 0)) * MODEL_KW;
        int c = matrix_col(&md->m, (double[2]){0, most},
                           model_mw_yuan(md, t, l->shed_yuan_per_kwh), MATRIX_REAL);
        matrix_put(&md->m, row, c, 1);
        matrix_shift(&md->m, row, draw * MODEL_KW);
    }
}

void model_buses(struct model *md)
{
    for (uint32_t b = 0; b < md->p->bus_count; b++) {
        model_bus(md, b);
    }
    for (uint32_t i = 0; i < md->p->source_count; i++) {
        model_source(md, i);
    }
    for (uint32_t i = 0; i < md->p->load_count; i++) {
        model_load(md, i);
    }
}
