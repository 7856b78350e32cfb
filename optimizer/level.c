/* Evening out storages and jobs between steps that are worth the same. Pure. */
#include "optimizer/level.h"
#include "optimizer/tally.h"
#include <math.h>

enum { PASSES = 2, HALVINGS = 60 };

static const double IDLE_KW = 1e-6;
static const double MOVED_KW = 0.5; /* a change that nobody would see is none */
static const double DEARER_PU = 1e-9;

/* Steps [from, to) in which one asset only draws or only gives, or stands. */
struct span {
    const struct problem *p;
    struct plan *pl;
    int storage, job; /* one of them; -1: not that */
    bool draws;
    double *kw;                    /* of the asset, in its direction */
    double *import;                /* of the grid */
    struct series kw_max;          /* of the asset */
    double kwh_pu;                 /* of its content, for a kWh at the bus */
    double before_kwh, at_end_kwh; /* its content, which stay; a job's begins at 0 */
    uint32_t from, to;
};

static double sign(const struct span *n)
{
    return n->draws ? 1 : -1;
}

/* Import without the asset. */
static double base_kw(const struct span *n, uint32_t t)
{
    return n->import[t] - sign(n) * n->kw[t];
}

/* Import that must remain: below it the guard costs, or energy would leave the park. */
static double floor_kw(const struct span *n, uint32_t t)
{
    return fmax(series_get(n->p, n->p->grid.import_kw_min, t), 0);
}

/* The asset's power in a step if import is to come to `level`. */
static double poured_kw(const struct span *n, uint32_t t, double level)
{
    double top = fmin(level, series_get(n->p, n->p->grid.import_kw_max, t));
    double want = n->draws ? top - base_kw(n, t) : base_kw(n, t) - fmax(level, floor_kw(n, t));
    return fmax(fmin(want, series_get(n->p, n->kw_max, t)), 0);
}

static double content_after(const struct span *n, uint32_t t, double before, double kw)
{
    double keep = n->storage < 0 ? 1 : problem_storage_keep_pu(n->p, (uint32_t)n->storage, t);
    return before * keep + kw * problem_hours(n->p, t) * n->kwh_pu;
}

static double content_at_end(const struct span *n, double level)
{
    double kwh = n->before_kwh;
    for (uint32_t t = n->from; t < n->to; t++) {
        kwh = content_after(n, t, kwh, poured_kw(n, t, level));
    }
    return kwh;
}

/* The level that leaves the content at the span's end as it is. The higher, the more is in a
 * storage: it charges more, or discharges less. */
static double level_find(const struct span *n)
{
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (uint32_t t = n->from; t < n->to; t++) {
        low = fmin(low, fmin(n->import[t], base_kw(n, t)));
        high = fmax(high, fmax(n->import[t], base_kw(n, t)));
    }
    for (int i = 0; i < HALVINGS; i++) {
        double mid = (low + high) / 2;
        if (content_at_end(n, mid) < n->at_end_kwh) {
            low = mid;
        } else {
            high = mid;
        }
    }
    return (low + high) / 2;
}

/* Writes the poured powers into the plan; the largest change, kW. */
static double pour(struct span *n, double level)
{
    double moved = 0, kwh = n->before_kwh;
    double *content =
        n->storage < 0 ? NULL : plan_series(n->pl, n->pl->storage_energy_kwh[n->storage]);
    double *on = n->job < 0 ? NULL : plan_series(n->pl, n->pl->job_on[n->job]);
    for (uint32_t t = n->from; t < n->to; t++) {
        double kw = poured_kw(n, t, level);
        moved = fmax(moved, fabs(kw - n->kw[t]));
        n->import[t] = base_kw(n, t) + sign(n) * kw;
        n->kw[t] = kw;
        kwh = content_after(n, t, kwh, kw);
        if (content) {
            content[t] = kwh;
        }
        if (on) {
            on[t] = kw > IDLE_KW;
        }
    }
    return moved;
}

/* true if the asset's power may be moved into and out of this step. */
static bool is_open(const struct span *n, uint32_t t)
{
    const struct plan *pl = n->pl;
    double least = n->draws ? base_kw(n, t) : n->import[t], other = 0;
    if (n->job >= 0) {
        const struct problem_job *j = &n->p->job[n->job];
        if ((int)t < j->from_step || (int)t >= j->to_step) {
            return false;
        }
    } else {
        other = plan_read(pl, n->draws ? pl->storage_discharge_kw[n->storage]
                                       : pl->storage_charge_kw[n->storage])[t];
    }
    return other <= IDLE_KW && plan_read(pl, pl->export_kw)[t] <= IDLE_KW &&
           least >= floor_kw(n, t) - IDLE_KW;
}

static bool is_worth_the_same(const struct problem *p, uint32_t a, uint32_t b)
{
    const struct problem_grid *g = &p->grid;
    return series_get(p, g->import_yuan_per_kwh, a) ==
               series_get(p, g->import_yuan_per_kwh, b) &&
           series_get(p, g->kgco2_per_kwh, a) == series_get(p, g->kgco2_per_kwh, b);
}

/* The same asset in another plan. */
static struct span span_in(struct plan *pl, const struct span *like)
{
    struct span n = *like;
    n.pl = pl;
    n.import = plan_series(pl, pl->import_kw);
    n.kw = plan_series(pl, n.job >= 0 ? pl->job_draw_kw[n.job]
                           : n.draws  ? pl->storage_charge_kw[n.storage]
                                      : pl->storage_discharge_kw[n.storage]);
    return n;
}

static void content_note(struct span *n)
{
    n->before_kwh = 0;
    if (n->storage >= 0) {
        const double *kwh = plan_read(n->pl, n->pl->storage_energy_kwh[n->storage]);
        n->before_kwh =
            n->from > 0 ? kwh[n->from - 1] : n->p->storage[n->storage].energy_start_kwh;
    }
    n->at_end_kwh = n->before_kwh;
    for (uint32_t t = n->from; t < n->to; t++) {
        n->at_end_kwh = content_after(n, t, n->at_end_kwh, n->kw[t]);
    }
}

/* Evens out one span if that costs nothing. */
static bool level_span(struct span *n, struct plan *spare)
{
    struct plan *pl = n->pl;
    content_note(n);
    plan_copy(spare, pl);
    struct span made = span_in(spare, n);
    if (pour(&made, level_find(&made)) < MOVED_KW) {
        return false;
    }
    tally_state(spare, n->p);
    double most = pl->objective_yuan + DEARER_PU * fmax(fabs(pl->objective_yuan), 1);
    if (spare->objective_yuan > most || spare->breach_total > pl->breach_total) {
        return false;
    }
    plan_copy(pl, spare);
    return true;
}

/* All spans of one asset; n says which. */
static int level_asset(struct span n, struct plan *spare)
{
    int changed = 0;
    n = span_in(n.pl, &n);
    for (uint32_t t = 0; t < n.p->steps;) {
        double most = 0;
        n.from = t;
        while (t < n.p->steps && is_open(&n, t) && is_worth_the_same(n.p, n.from, t)) {
            most = fmax(most, n.kw[t++]);
        }
        n.to = t;
        if (n.to > n.from + 1 && most > IDLE_KW) {
            changed += level_span(&n, spare);
        }
        t += t == n.from;
    }
    return changed;
}

static int level_storage(const struct problem *p, uint32_t storage, struct plan *pl,
                         struct plan *spare)
{
    const struct problem_storage *s = &p->storage[storage];
    if (s->bus_in != p->grid.bus || s->bus_out != p->grid.bus || s->charge_kw_min > 0) {
        return 0;
    }
    struct span n = {.p = p, .pl = pl, .storage = (int)storage, .job = -1};
    n.draws = true;
    n.kw_max = s->charge_kw_max;
    n.kwh_pu = s->charge_pu;
    int changed = level_asset(n, spare);
    n.draws = false;
    n.kw_max = s->discharge_kw_max;
    n.kwh_pu = -1 / s->discharge_pu;
    return changed + level_asset(n, spare);
}

static int level_job(const struct problem *p, uint32_t job, struct plan *pl, struct plan *spare)
{
    const struct problem_job *j = &p->job[job];
    if (j->bus != p->grid.bus || problem_job_has_state(p, job)) {
        return 0;
    }
    return level_asset((struct span){.p = p,
                                     .pl = pl,
                                     .storage = -1,
                                     .job = (int)job,
                                     .draws = true,
                                     .kw_max = j->draw_kw_max,
                                     .kwh_pu = 1},
                       spare);
}

int level_plan(const struct problem *p, struct plan *pl, struct plan *spare)
{
    int changed = 0;
    if (!p->grid.present || problem_traces(p)) {
        return 0;
    }
    /* Twice: what one asset has done changes the import that the first one saw. */
    for (int pass = 0; pass < PASSES; pass++) {
        for (uint32_t j = 0; j < p->job_count; j++) {
            changed += level_job(p, j, pl, spare);
        }
        for (uint32_t s = 0; s < p->storage_count; s++) {
            changed += level_storage(p, s, pl, spare);
        }
    }
    return changed;
}
