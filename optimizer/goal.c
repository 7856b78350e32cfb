/* Levels as copies of the question with other prices. */
#include "optimizer/goal.h"
#include "optimizer/problem_fields.h"
#include "optimizer/tally.h"
#include <math.h>
#include <string.h>

/* Prices of the first level, yuan/kWh. The wear only keeps a battery from charging and
 * discharging at once, which costs nothing there. */
static const double WISH = 10, WEAR = 1e-6;

/* What the limit of the second level leaves free, absolutely and of what is available: the
 * first one's plan keeps it, and nobody pays hundreds of yuan for the last tenth of a kWh. */
static const double FREE_KWH = 1e-2, FREE_PU = 1e-5;

/* Sets every price among the fields to 0, which is "derived" for wishes. */
static void clear_prices(const struct pfield *f, int n, void *x)
{
    for (int i = 0; i < n; i++) {
        void *at = (char *)x + f[i].offset;
        if (strstr(f[i].key, "yuan") == NULL) {
            continue;
        }
        if (f[i].type == PF_NUMBER) {
            *(double *)at = 0;
        } else if (f[i].type == PF_SERIES) {
            *(struct series *)at = series_const(0);
        }
    }
}

static double available_kwh(const struct problem *p)
{
    double kwh = 0;
    for (uint32_t i = 0; i < p->source_count; i++) {
        for (uint32_t t = 0; t < p->steps && problem_source_renewable(p, i); t++) {
            kwh += series_get(p, p->source[i].available_kw, t) * problem_hours(p, t);
        }
    }
    return kwh;
}

void goal_level_absorption(struct problem *q, const struct problem *p)
{
    memcpy(q, p, problem_bytes(p));
    for (uint32_t i = 0; i < p->source_count; i++) { /* of the prices that are cleared */
        q->source[i].renewable = problem_source_renewable(p, i) ? 1 : -1;
    }
    clear_prices(PROBLEM_HEAD_FIELDS, PROBLEM_HEAD_FIELD_COUNT, q);
    clear_prices(PROBLEM_GRID_FIELDS, PROBLEM_GRID_FIELD_COUNT, &q->grid);
    for (int k = 0; k < PROBLEM_TABLE_COUNT; k++) {
        const struct ptable *t = &PROBLEM_TABLES[k];
        uint32_t n = *(const uint32_t *)(const void *)((const char *)q + t->count);
        for (uint32_t i = 0; i < n; i++) {
            clear_prices(t->field, t->field_count, (char *)q + t->array + i * t->size);
        }
    }
    for (uint32_t i = 0; i < q->storage_count; i++) {
        q->storage[i].wear_yuan_per_kwh = q->storage[i].exclusive ? WEAR : 0;
    }
    q->penalty_yuan_per_kwh = WISH;
    q->goal = (struct problem_goal){.first = GOAL_COST,
                                    .unabsorbed_yuan_per_kwh = 1,
                                    .unabsorbed_kwh_max = -1,
                                    .base_yuan = fmax(available_kwh(p), 1000)};
}

double goal_bound_kwh(const struct problem *q, const struct plan *best, double bound_yuan)
{
    double wear = 0;
    for (uint32_t i = 0; i < q->storage_count; i++) {
        const struct problem_storage *s = &q->storage[i];
        for (uint32_t t = 0; t < q->steps; t++) {
            wear += series_get(q, s->discharge_kw_max, t) * problem_hours(q, t) *
                    s->wear_yuan_per_kwh;
        }
    }
    double kwh = bound_yuan - q->goal.base_yuan - best->cost_yuan[COST_BREACH] - wear;
    return isfinite(kwh) ? fmax(fmin(kwh, plan_unabsorbed_kwh(best)), 0) : 0;
}

void goal_level_cost(struct problem *q, const struct problem *p, const struct plan *best)
{
    memcpy(q, p, problem_bytes(p));
    q->goal.first = GOAL_COST;
    q->goal.unabsorbed_kwh_max =
        plan_unabsorbed_kwh(best) + FREE_KWH + FREE_PU * best->absorbed.available_kwh;
}

void goal_restate(struct plan *pl, const struct problem *p)
{
    pl->bound_yuan = -HUGE_VAL;
    pl->status = PLAN_FEASIBLE;
    tally_state(pl, p);
}
