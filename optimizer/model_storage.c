/* Model part: storages as recursive stocks, their bands, end wishes and targets. Pure. */
#include "optimizer/model.h"
#include <math.h>

/* What it is worth to absorb one more kWh that a renewable source on a bus has in a step: where
 * import must not fall below a guard, wasting bought power makes room for it. Not asked where
 * absorption is a limit: there binaries cost more than the few plans that are refused. */
static double absorption_value(const struct model *md, int bus, uint32_t t)
{
    const struct problem *p = md->p;
    for (uint32_t i = 0; problem_traces(p) && i < p->source_count; i++) {
        if (p->source[i].bus == bus && problem_source_renewable(p, i) &&
            series_get(p, p->source[i].available_kw, t) > 0) {
            return p->goal.unabsorbed_yuan_per_kwh;
        }
    }
    return 0;
}

/* The largest reward for wasting a kWh on a bus in a step: negative prices, curtailment and
 * dump prices, surplus that nothing else can take. */
static double waste_value(const struct model *md, int bus, uint32_t t)
{
    const struct problem *p = md->p;
    double v = absorption_value(md, bus, t);
    v = fmax(v, p->bus[bus].dump ? p->bus[bus].dump_yuan_per_kwh : 0);
    bool pressed = false; /* something may force power onto this bus */
    for (uint32_t i = 0; i < p->source_count; i++) {
        const struct problem_source *s = &p->source[i];
        if (s->bus == bus) {
            v = fmax(v, s->fixed ? 0 : s->curtail_yuan_per_kwh);
            v = fmax(v, -series_get(p, s->yuan_per_kwh, t));
            pressed = pressed || (s->fixed && series_get(p, s->available_kw, t) > 0);
        }
    }
    for (uint32_t i = 0; i < p->load_count; i++) {
        pressed =
            pressed || (p->load[i].bus == bus && series_get(p, p->load[i].draw_kw, t) < 0);
    }
    for (uint32_t i = 0; i < p->cap_count; i++) {
        const struct problem_cap *c = &p->cap[i];
        bool now = c->floor && (int)t >= c->from_step && (int)t < c->to_step;
        pressed = pressed || (now && p->grid.bus == bus);
    }
    if (p->grid.present && p->grid.bus == bus) {
        v = fmax(v, -series_get(p, p->grid.import_yuan_per_kwh, t));
        v = fmax(v, -series_get(p, p->grid.export_yuan_per_kwh, t));
        bool guarded = series_get(p, p->grid.import_kw_min, t) > 0;
        v = guarded ? fmax(v, model_price(md, p->grid.guard_yuan_per_kwh)) : v;
        v += p->grid.export_peak_yuan_per_kw / problem_hours(p, t);
    }
    return pressed && !p->bus[bus].dump ? fmax(v, problem_surplus_yuan_per_kwh(p)) : v;
}

/* Charging and discharging at once only burns energy; a binary forbids it where burning could
 * pay more than the wear it costs. */
static bool exclusivity_matters(const struct model *md, const struct problem_storage *s,
                                uint32_t t)
{
    if (!s->exclusive) {
        return false;
    }
    double back = s->charge_pu * s->discharge_pu;
    double gain = waste_value(md, s->bus_in, t) * (1 - back);
    return md->exclusive_all || s->bus_in != s->bus_out || gain > s->wear_yuan_per_kwh * back;
}

/* The state "charging": a binary where exclusivity or a minimum needs it. */
static void model_charging(struct model *md, uint32_t i, uint32_t t)
{
    const struct problem *p = md->p;
    const struct problem_storage *s = &p->storage[i];
    bool exclusive = exclusivity_matters(md, s, t), least = s->charge_kw_min > 0;
    bool open = exclusive || least;
    int c = matrix_col(&md->m, (double[2]){0, open ? 1 : 0}, 0, MATRIX_INTEGER);
    if (open) {
        double in = series_get(p, s->charge_kw_max, t) * MODEL_KW;
        int r = matrix_row(&md->m, -HUGE_VAL, 0);
        matrix_put(&md->m, r, md->charge[i] + (int)t, 1);
        matrix_put(&md->m, r, c, -in);
    }
    if (least) {
        int r = matrix_row(&md->m, 0, HUGE_VAL);
        matrix_put(&md->m, r, md->charge[i] + (int)t, 1);
        matrix_put(&md->m, r, c, -s->charge_kw_min * MODEL_KW);
    }
    if (exclusive) {
        double out = series_get(p, s->discharge_kw_max, t) * MODEL_KW;
        int r = matrix_row(&md->m, -HUGE_VAL, out);
        matrix_put(&md->m, r, md->discharge[i] + (int)t, 1);
        matrix_put(&md->m, r, c, out);
    }
}

/* Adds a priced slack: energy in MWh below (sign 1) or above (sign -1) a wish. */
static void wish(struct model *md, int energy, double wish_kwh, double sign,
                 double yuan_per_kwh)
{
    double w = wish_kwh * MODEL_KW;
    int r = sign > 0 ? matrix_row(&md->m, w, HUGE_VAL) : matrix_row(&md->m, -HUGE_VAL, w);
    int c = matrix_col(&md->m, (double[2]){0, HUGE_VAL}, yuan_per_kwh / MODEL_KW, MATRIX_REAL);
    matrix_put(&md->m, r, energy, 1);
    matrix_put(&md->m, r, c, sign);
}

/* The band is a wish wherever the start or standing losses could carry the content out of it by
 * themselves; else it is a pair of bounds. Its price is per kWh and hour outside. */
static void model_band(struct model *md, uint32_t i)
{
    const struct problem *p = md->p;
    const struct problem_storage *s = &p->storage[i];
    double low = series_get(p, s->energy_kwh_min, 0),
           high = series_get(p, s->energy_kwh_max, 0);
    bool moving = s->energy_kwh_min.at >= 0 || s->energy_kwh_max.at >= 0;
    bool soft = moving || s->energy_start_kwh < low || s->energy_start_kwh > high ||
                (s->loss_pu_per_h > 0 && low > 0);
    for (uint32_t t = 0; t < p->steps; t++) {
        int c = md->energy[i] + (int)t;
        double lo = series_get(p, s->energy_kwh_min, t),
               hi = series_get(p, s->energy_kwh_max, t);
        if (!soft) {
            if (!md->m.counting) {
                md->m.col_lo[c] = lo * MODEL_KW;
                md->m.col_hi[c] = hi * MODEL_KW;
            }
            continue;
        }
        double yuan = md->penalty * problem_hours(p, t);
        if (lo > 0) {
            wish(md, c, lo, 1, yuan);
        }
        wish(md, c, hi, -1, yuan);
    }
}

static void model_stock(struct model *md, uint32_t i)
{
    const struct problem *p = md->p;
    const struct problem_storage *s = &p->storage[i];
    md->stock[i] = md->m.rows;
    for (uint32_t t = 0; t < p->steps; t++) {
        double h = problem_hours(p, t), keep = problem_storage_keep_pu(p, i, t);
        double start = t ? 0 : keep * s->energy_start_kwh * MODEL_KW;
        int r = matrix_row(&md->m, start, start);
        matrix_put(&md->m, r, md->energy[i] + (int)t, 1);
        matrix_put(&md->m, r, md->charge[i] + (int)t, -s->charge_pu * h);
        matrix_put(&md->m, r, md->discharge[i] + (int)t, h / s->discharge_pu);
        if (t) {
            matrix_put(&md->m, r, md->energy[i] + (int)t - 1, -keep);
        }
    }
}

static void model_storage(struct model *md, uint32_t i)
{
    const struct problem *p = md->p;
    const struct problem_storage *s = &p->storage[i];
    md->charge[i] = md->m.cols;
    for (uint32_t t = 0; t < p->steps; t++) {
        double most = series_get(p, s->charge_kw_max, t) * MODEL_KW;
        int c = matrix_col(&md->m, (double[2]){0, most}, 0, MATRIX_REAL);
        matrix_put(&md->m, md->balance[s->bus_in] + (int)t, c, -1);
    }
    md->discharge[i] = md->m.cols;
    for (uint32_t t = 0; t < p->steps; t++) {
        double most = series_get(p, s->discharge_kw_max, t) * MODEL_KW;
        int c = matrix_col(&md->m, (double[2]){0, most},
                           model_mw_yuan(md, t, s->wear_yuan_per_kwh), MATRIX_REAL);
        matrix_put(&md->m, md->balance[s->bus_out] + (int)t, c, 1);
    }
    md->energy[i] = md->m.cols;
    double full = problem_storage_kwh_max(p, i) * MODEL_KW;
    for (uint32_t t = 0; t < p->steps; t++) {
        double value = t + 1 == p->steps ? -s->terminal_yuan_per_kwh / MODEL_KW : 0;
        matrix_col(&md->m, (double[2]){0, full}, value, MATRIX_REAL);
    }
    md->charge_on[i] = md->m.cols;
    for (uint32_t t = 0; t < p->steps; t++) {
        model_charging(md, i, t);
    }
    model_stock(md, i);
    model_band(md, i);
    if (s->end_kwh_min > 0) {
        wish(md, md->energy[i] + (int)p->steps - 1, s->end_kwh_min, 1,
             model_price(md, s->end_yuan_per_kwh));
    }
}

void model_storages(struct model *md)
{
    for (uint32_t i = 0; i < md->p->storage_count; i++) {
        model_storage(md, i);
    }
    for (uint32_t i = 0; i < md->p->target_count; i++) {
        const struct problem_target *g = &md->p->target[i];
        wish(md, md->energy[g->storage] + g->step, g->energy_kwh_min, 1,
             model_price(md, g->yuan_per_kwh));
    }
}
