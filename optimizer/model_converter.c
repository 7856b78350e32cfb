/* Model part: converters: affine outputs, unit commitment by turn-on and turn-off variables
 * (Rajan and Takriti, IBM RC23628, 2005), ramps, input levels. Pure. */
#include "optimizer/model.h"
#include <math.h>

static void put_output(struct model *md, uint32_t i, int k, uint32_t t, int row)
{
    const struct problem_output *o = &md->p->converter[i].out[k];
    matrix_put(&md->m, row, md->input[i] + (int)t, series_get(md->p, o->gain, t));
    if (md->on[i] >= 0) {
        matrix_put(&md->m, row, md->on[i] + (int)t,
                   series_get(md->p, o->offset_kw, t) * MODEL_KW);
    }
}

void model_put_outputs(struct model *md, uint32_t converter, int bus, uint32_t t, int row)
{
    for (int k = 0; k < PROBLEM_OUTPUTS; k++) {
        if (md->p->converter[converter].out[k].bus == bus) {
            put_output(md, converter, k, t, row);
        }
    }
}

static void model_outputs(struct model *md, uint32_t i, uint32_t t)
{
    const struct problem_converter *c = &md->p->converter[i];
    matrix_put(&md->m, md->balance[c->bus_in] + (int)t, md->input[i] + (int)t, -1);
    for (int k = 0; k < PROBLEM_OUTPUTS; k++) {
        if (c->out[k].bus >= 0) {
            put_output(md, i, k, t, md->balance[c->out[k].bus] + (int)t);
        }
    }
}

/* u[t] - u[t-1] = start[t] - stop[t]. */
static void model_switching(struct model *md, uint32_t i, uint32_t t)
{
    double before = t ? 0 : md->p->converter[i].on_now;
    int r = matrix_row(&md->m, before, before);
    matrix_put(&md->m, r, md->on[i] + (int)t, 1);
    matrix_put(&md->m, r, md->start[i] + (int)t, -1);
    matrix_put(&md->m, r, md->stop[i] + (int)t, 1);
    if (t) {
        matrix_put(&md->m, r, md->on[i] + (int)t - 1, -1);
    }
}

static bool available_between(const struct problem *p, uint32_t i, uint32_t from, uint32_t to)
{
    for (uint32_t t = from; t <= to; t++) {
        if (series_get(p, p->converter[i].in_kw_max, t) <= 0) {
            return false;
        }
    }
    return true;
}

/* Starts within min_up before t (t included) need u[t]; stops within min_down forbid it. A step
 * in which the unit is not available cuts a run short. */
static void model_min_times(struct model *md, uint32_t i, uint32_t t)
{
    const struct problem *p = md->p;
    const struct problem_converter *c = &p->converter[i];
    if (series_get(p, c->in_kw_max, t) <= 0) {
        return;
    }
    int up = matrix_row(&md->m, -HUGE_VAL, 0), down = matrix_row(&md->m, -HUGE_VAL, 1);
    matrix_put(&md->m, up, md->on[i] + (int)t, -1);
    matrix_put(&md->m, down, md->on[i] + (int)t, 1);
    for (uint32_t k = 0; k <= t; k++) {
        if (k == t ||
            (problem_within_s(p, k, t, c->min_up_s) && available_between(p, i, k, t))) {
            matrix_put(&md->m, up, md->start[i] + (int)k, 1);
        }
        if (k == t || problem_within_s(p, k, t, c->min_down_s)) {
            matrix_put(&md->m, down, md->stop[i] + (int)k, 1);
        }
    }
}

static void model_state(struct model *md, uint32_t i)
{
    const struct problem *p = md->p;
    const struct problem_converter *c = &p->converter[i];
    md->on[i] = md->m.cols;
    for (uint32_t t = 0; t < p->steps; t++) {
        int f = problem_converter_forced(p, i, t);
        matrix_col(&md->m, (double[2]){f == 1, f != 0}, c->on_yuan_per_h * problem_hours(p, t),
                   MATRIX_INTEGER);
    }
    md->start[i] = md->m.cols;
    for (uint32_t t = 0; t < p->steps; t++) {
        matrix_col(&md->m, (double[2]){0, 1}, c->start_yuan, MATRIX_REAL);
    }
    md->stop[i] = md->m.cols;
    for (uint32_t t = 0; t < p->steps; t++) {
        matrix_col(&md->m, (double[2]){0, 1}, c->stop_yuan, MATRIX_REAL);
    }
    for (uint32_t t = 0; t < p->steps; t++) {
        model_switching(md, i, t);
        model_min_times(md, i, t);
    }
    if (c->starts_max >= 0) {
        int r = matrix_row(&md->m, -HUGE_VAL, c->starts_max);
        for (uint32_t t = 0; t < p->steps; t++) {
            matrix_put(&md->m, r, md->start[i] + (int)t, 1);
        }
    }
}

/* min * u <= in <= max * u. */
static void model_range(struct model *md, uint32_t i, uint32_t t)
{
    const struct problem *p = md->p;
    const struct problem_converter *c = &p->converter[i];
    double most = series_get(p, c->in_kw_max, t) * MODEL_KW;
    double least = series_get(p, c->in_kw_min, t) * MODEL_KW;
    int r = matrix_row(&md->m, -HUGE_VAL, 0);
    matrix_put(&md->m, r, md->input[i] + (int)t, 1);
    matrix_put(&md->m, r, md->on[i] + (int)t, -most);
    if (least > 0 && most > 0) {
        r = matrix_row(&md->m, -HUGE_VAL, 0);
        matrix_put(&md->m, r, md->input[i] + (int)t, -1);
        matrix_put(&md->m, r, md->on[i] + (int)t, least);
    }
}

/* Change of input between steps in both of which the unit is on; free over a start or a stop.
 */
static void model_ramp(struct model *md, uint32_t i, uint32_t t, bool up)
{
    const struct problem *p = md->p;
    const struct problem_converter *c = &p->converter[i];
    double ramp = problem_converter_ramp_kw(p, i, t, up);
    double most = series_get(p, c->in_kw_max, up || !t ? t : t - 1) * MODEL_KW,
           sign = up ? 1 : -1;
    if (!isfinite(ramp) || (t == 0 && !c->on_now && md->on[i] >= 0)) {
        return;
    }
    ramp *= MODEL_KW;
    double before = t ? 0 : sign * c->in_start_kw * MODEL_KW;
    if (md->on[i] < 0) {
        int r = matrix_row(&md->m, -HUGE_VAL, ramp + before);
        matrix_put(&md->m, r, md->input[i] + (int)t, sign);
        if (t) {
            matrix_put(&md->m, r, md->input[i] + (int)t - 1, -sign);
        }
        return;
    }
    /* up: in[t] - in[t-1] <= ramp * u[t-1] + max[t] * start[t];
     * down: in[t-1] - in[t] <= ramp * u[t] + max[t-1] * stop[t]. */
    most = fmax(most, c->in_start_kw * MODEL_KW);
    int r = matrix_row(&md->m, -HUGE_VAL, before + (up && !t ? ramp : 0));
    matrix_put(&md->m, r, md->input[i] + (int)t, sign);
    matrix_put(&md->m, r, (up ? md->start[i] : md->stop[i]) + (int)t, -most);
    if (t) {
        matrix_put(&md->m, r, md->input[i] + (int)t - 1, -sign);
    }
    if (!up || t) {
        matrix_put(&md->m, r, md->on[i] + (int)t - (up ? 1 : 0), -ramp);
    }
}

static void model_level(struct model *md, uint32_t i, uint32_t t)
{
    const struct problem_converter *c = &md->p->converter[i];
    double most = series_get(md->p, c->in_kw_max, t) * MODEL_KW;
    int n = matrix_col(&md->m, (double[2]){0, c->levels}, 0, MATRIX_INTEGER);
    int r = matrix_row(&md->m, 0, 0);
    matrix_put(&md->m, r, md->input[i] + (int)t, 1);
    matrix_put(&md->m, r, n, -most / c->levels);
}

static void model_converter(struct model *md, uint32_t i)
{
    const struct problem *p = md->p;
    const struct problem_converter *c = &p->converter[i];
    double price = c->run_yuan_per_kwh + problem_co2_yuan_per_kg(p) * c->kgco2_per_kwh;
    bool state = problem_converter_has_state(p, i);
    md->input[i] = md->m.cols;
    md->on[i] = md->start[i] = md->stop[i] = md->level[i] = -1;
    for (uint32_t t = 0; t < p->steps; t++) {
        matrix_col(&md->m, (double[2]){0, series_get(p, c->in_kw_max, t) * MODEL_KW},
                   model_mw_yuan(md, t, price), MATRIX_REAL);
    }
    if (state) {
        model_state(md, i);
    }
    if (c->levels > 0) {
        md->level[i] = md->m.cols;
    }
    for (uint32_t t = 0; t < p->steps; t++) {
        if (c->levels > 0) {
            model_level(md, i, t);
        }
        if (state) {
            model_range(md, i, t);
        }
        model_outputs(md, i, t);
        model_ramp(md, i, t, true);
        model_ramp(md, i, t, false);
    }
}

void model_converters(struct model *md)
{
    for (uint32_t i = 0; i < md->p->converter_count; i++) {
        model_converter(md, i);
    }
}
