/* Model part: energy in a window (mills, charging) and group limits. Pure. */
#include "optimizer/model.h"
#include <math.h>

static void model_job_energy(struct model *md, uint32_t i)
{
    const struct problem *p = md->p;
    const struct problem_job *j = &p->job[i];
    double need = j->energy_kwh * MODEL_KW, over = problem_job_over_kwh(p, i) * MODEL_KW;
    double price = model_price(md, j->short_yuan_per_kwh) / MODEL_KW;
    int missing = matrix_col(&md->m, (double[2]){0, need}, price, MATRIX_REAL);
    int least = matrix_row(&md->m, need, HUGE_VAL),
        most = matrix_row(&md->m, -HUGE_VAL, need + over);
    matrix_put(&md->m, least, missing, 1);
    for (int t = j->from_step; t < j->to_step; t++) {
        int c = md->draw[i] + t - j->from_step;
        matrix_put(&md->m, least, c, problem_hours(p, (uint32_t)t));
        matrix_put(&md->m, most, c, problem_hours(p, (uint32_t)t));
    }
}

/* Running state: draw between minimum and maximum while running, a start binds the minimum run,
 * the number of starts is bounded by the pauses. A run may end early only at the window's end.
 */
static void model_job_state(struct model *md, uint32_t i)
{
    const struct problem *p = md->p;
    const struct problem_job *j = &p->job[i];
    int n = j->to_step - j->from_step;
    bool running = j->on_now && j->from_step == 0;
    md->run[i] = md->m.cols;
    for (int k = 0; k < n; k++) {
        matrix_col(&md->m,
                   (double[2]){problem_job_forced(p, i, (uint32_t)(j->from_step + k)) == 1,
                               problem_job_forced(p, i, (uint32_t)(j->from_step + k)) != 0},
                   0, MATRIX_INTEGER);
    }
    int start = md->m.cols;
    for (int k = 0; k < n; k++) {
        matrix_col(&md->m, (double[2]){0, 1}, 0, MATRIX_REAL);
    }
    for (int k = 0; k < n; k++) {
        uint32_t t = (uint32_t)(j->from_step + k);
        int r = matrix_row(&md->m, -HUGE_VAL, 0);
        matrix_put(&md->m, r, md->draw[i] + k, 1);
        matrix_put(&md->m, r, md->run[i] + k, -series_get(p, j->draw_kw_max, t) * MODEL_KW);
        r = matrix_row(&md->m, -HUGE_VAL, 0);
        matrix_put(&md->m, r, md->draw[i] + k, -1);
        matrix_put(&md->m, r, md->run[i] + k, j->draw_kw_min * MODEL_KW);
        r = matrix_row(&md->m, -HUGE_VAL, k || !running ? 0 : 1);
        matrix_put(&md->m, r, md->run[i] + k, 1);
        matrix_put(&md->m, r, start + k, -1);
        if (k) {
            matrix_put(&md->m, r, md->run[i] + k - 1, -1);
        }
        r = matrix_row(&md->m, -HUGE_VAL, 0);
        matrix_put(&md->m, r, md->run[i] + k, -1);
        for (int b = 0; b <= k; b++) {
            if (b == k || problem_within_s(p, (uint32_t)(j->from_step + b), t, j->min_run_s)) {
                matrix_put(&md->m, r, start + b, 1);
            }
        }
    }
    if (j->pauses_max >= 0) {
        int r = matrix_row(&md->m, -HUGE_VAL, j->pauses_max + (running ? 0 : 1));
        for (int k = 0; k < n; k++) {
            matrix_put(&md->m, r, start + k, 1);
        }
    }
}

static void model_job(struct model *md, uint32_t i)
{
    const struct problem *p = md->p;
    const struct problem_job *j = &p->job[i];
    md->draw[i] = md->m.cols;
    md->run[i] = -1;
    for (int t = j->from_step; t < j->to_step; t++) {
        double most =
            j->energy_kwh > 0 ? series_get(p, j->draw_kw_max, (uint32_t)t) * MODEL_KW : 0;
        int c = matrix_col(&md->m, (double[2]){0, most}, 0, MATRIX_REAL);
        matrix_put(&md->m, md->balance[j->bus] + t, c, -1);
    }
    model_job_energy(md, i);
    if (problem_job_has_state(p, i)) {
        model_job_state(md, i);
    }
}

void model_jobs(struct model *md)
{
    for (uint32_t i = 0; i < md->p->job_count; i++) {
        model_job(md, i);
    }
}

/* Adds a member's draw of step t to a row. */
static void put_member(struct model *md, const struct problem_member *m, uint32_t t, int row)
{
    const struct problem *p = md->p;
    uint32_t i = (uint32_t)m->index;
    switch ((enum member_kind)m->kind) {
    case MEMBER_STORAGE:
        matrix_put(&md->m, row, md->charge[i] + (int)t, 1);
        break;
    case MEMBER_CONVERTER:
        matrix_put(&md->m, row, md->input[i] + (int)t, 1);
        break;
    case MEMBER_ORDER:
        model_put_order(md, i, t, row, 1);
        break;
    case MEMBER_JOB:
        if ((int)t >= p->job[i].from_step && (int)t < p->job[i].to_step) {
            matrix_put(&md->m, row, md->draw[i] + (int)t - p->job[i].from_step, 1);
        }
        break;
    case MEMBER_LOAD:
        matrix_shift(&md->m, row, -series_get(p, p->load[i].draw_kw, t) * MODEL_KW);
        matrix_put(&md->m, row, md->shed[i] + (int)t, -1);
        break;
    case MEMBER_MACHINE:
        model_put_states(md, i, &(struct term){t, row, 1});
        break;
    case MEMBER_KIND_COUNT:
        break;
    }
}

void model_limits(struct model *md)
{
    const struct problem *p = md->p;
    for (uint32_t l = 0; l < p->limit_count; l++) {
        double price = model_price(md, p->limit[l].yuan_per_kwh);
        for (uint32_t t = 0; t < p->steps; t++) {
            int r = matrix_row(&md->m, -HUGE_VAL,
                               series_get(p, p->limit[l].draw_kw_max, t) * MODEL_KW);
            int c = matrix_col(&md->m, (double[2]){0, HUGE_VAL}, model_mw_yuan(md, t, price),
                               MATRIX_REAL);
            matrix_put(&md->m, r, c, -1);
            for (uint32_t k = 0; k < p->limit[l].member_count; k++) {
                put_member(md, &p->limit[l].member[k], t, r);
            }
        }
    }
}
