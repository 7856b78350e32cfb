/* Which questions about a plan are worth asking. Pure.
 */
#include "optimizer/binding.h"
#include "optimizer/order_bar.h"
#include "optimizer/reasons.h"
#include <math.h>

struct question_list {
    const struct problem *p;
    const struct plan *pl;
    struct what_if *out;
    int max, n;
};

static void put(struct question_list *l, enum what_if_kind k, uint32_t index, int from, int to)
{
    if (l->n < l->max) {
        l->out[l->n++] = (struct what_if){
            .kind = (int32_t)k, .index = (int32_t)index, .from_step = from, .to_step = to};
    }
}

/* Step that begins `s` after (negative: before) the beginning of a step; -1: none does. */
static int step_after(const struct problem *p, int step, double s)
{
    double at = problem_begin_s(p, (uint32_t)step) + s;
    for (uint32_t t = 0; t < p->steps; t++) {
        if (fabs(problem_begin_s(p, t) - at) < 1) {
            return (int)t;
        }
    }
    return -1;
}

/* As soon as it may, an hour earlier, an hour later: where the machine and the window allow. */
static void list_order(struct question_list *l, uint32_t i)
{
    const struct problem *p = l->p;
    int start = l->pl->order_start[i], first = -1;
    if (p->order[i].started || start == PLAN_NONE) {
        return;
    }
    for (int t = p->order[i].earliest_step; t < start && first < 0; t++) {
        first = order_bar_at(p, l->pl, i, t) == BAR_NONE ? t : -1;
    }
    const int at[] = {first, step_after(p, start, -3600), step_after(p, start, 3600)};
    for (int k = 0; k < 3; k++) {
        bool again = k == 1 && at[1] == at[0];
        if (at[k] >= 0 && !again && order_bar_at(p, l->pl, i, at[k]) == BAR_NONE) {
            put(l, WHAT_IF_ORDER_AT, i, at[k], at[k] + 1);
        }
    }
}

/* The best span of at least an hour and the minimum run for a unit that never runs. */
static void list_unit_on(struct question_list *l, uint32_t i)
{
    const struct problem *p = l->p;
    double best = -HUGE_VAL, least_s = fmax(p->converter[i].min_up_s, 3600);
    int from = -1, to = -1;
    for (uint32_t t = 0; t < p->steps; t++) {
        double sum = 0;
        uint32_t k = t;
        while (k < p->steps && problem_within_s(p, t, k, least_s) &&
               series_get(p, p->converter[i].in_kw_max, k) > 0) {
            sum += binding_unit_yuan_per_kwh(p, l->pl, i, k) * problem_hours(p, k);
            k++;
        }
        if (k > t && !problem_within_s(p, t, k, least_s) && sum > best) {
            best = sum;
            from = (int)t;
            to = (int)k;
        }
    }
    if (from >= 0) {
        put(l, WHAT_IF_CONVERTER_ON, i, from, to);
    }
}

static void list_unit(struct question_list *l, uint32_t i)
{
    const struct problem *p = l->p;
    const double *in = plan_read(l->pl, l->pl->converter_in_kw[i]);
    const double *on = plan_read(l->pl, l->pl->converter_on[i]);
    int from = 0, steps = (int)p->steps;
    while (from < steps &&
           (on[from] <= 0.5 || problem_converter_forced(p, i, (uint32_t)from) == 1)) {
        from++;
    }
    if (facts_kwh(p, in, 0, steps) <= 1e-3) {
        list_unit_on(l, i);
    } else if (from < steps) {
        put(l, WHAT_IF_CONVERTER_OFF, i, from, steps);
    }
}

/* Still for the whole horizon, and in each span in which it moves a tenth of what it holds. */
static void list_storage(struct question_list *l, uint32_t i)
{
    const struct problem *p = l->p;
    double in[PROBLEM_STEPS_MAX], out[PROBLEM_STEPS_MAX];
    facts_net(p, l->pl, i, in, out);
    int steps = (int)p->steps;
    if (facts_kwh(p, in, 0, steps) + facts_kwh(p, out, 0, steps) <= 1e-3) {
        return;
    }
    put(l, WHAT_IF_STORAGE_REST, i, 0, steps);
    for (int t = 0; t < steps;) {
        const double *kw = in[t] > 1e-3 ? in : out;
        int to = t;
        while (to < steps && kw[to] > 1e-3) {
            to++;
        }
        if (to > t && facts_kwh(p, kw, t, to) > 0.1 * problem_storage_kwh_max(p, i)) {
            put(l, WHAT_IF_STORAGE_REST, i, t, to);
        }
        t = to > t ? to : t + 1;
    }
}

int reasons_list(const struct problem *p, const struct plan *pl, struct what_if *out, int max)
{
    struct question_list l = {p, pl, out, max, 0};
    for (uint32_t i = 0; i < p->order_count; i++) {
        list_order(&l, i);
    }
    for (uint32_t i = 0; i < p->job_count; i++) {
        if (p->job[i].energy_kwh > 0) {
            put(&l, WHAT_IF_JOB_AT_ONCE, i, p->job[i].from_step, p->job[i].to_step);
        }
    }
    for (uint32_t i = 0; i < p->converter_count; i++) {
        list_unit(&l, i);
    }
    for (uint32_t i = 0; i < p->storage_count; i++) {
        list_storage(&l, i);
    }
    for (uint32_t i = 0; i < p->source_count; i++) {
        const double *used = plan_read(pl, pl->source_used_kw[i]);
        bool priced = p->source[i].yuan_per_kwh.at >= 0 || p->source[i].yuan_per_kwh.value > 0;
        if (!priced && facts_kwh(p, used, 0, (int)p->steps) > 1e-3) {
            put(&l, WHAT_IF_SOURCE_ABSENT, i, 0, (int)p->steps);
        }
    }
    return l.n;
}
