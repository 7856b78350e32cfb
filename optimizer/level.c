/* Evening out storages between steps that are worth the same. Pure. */
#include "optimizer/level.h"
#include "optimizer/tally.h"
#include <math.h>

enum { PASSES = 2, HALVINGS = 60 };

static const double IDLE_KW = 1e-6;
static const double MOVED_KW = 0.5; /* a change that nobody would see is none */
static const double DEARER_PU = 1e-9;

/* Steps [from, to) in which one storage only charges or only discharges, or stands. */
struct span {
    const struct problem *p;
    const struct problem_storage *s;
    struct plan *pl;
    double *kw;     /* of the storage, in its direction */
    double *import; /* of the grid */
    double *kwh;    /* content at the end of each step */
    bool charges;
    uint32_t from, to;
};

static double sign(const struct span *n)
{
    return n->charges ? 1 : -1;
}

/* Import without the storage. */
static double base_kw(const struct span *n, uint32_t t)
{
    return n->import[t] - sign(n) * n->kw[t];
}

/* Import that must remain: below it the guard costs, or energy would leave the park. */
static double floor_kw(const struct span *n, uint32_t t)
{
    return fmax(series_get(n->p, n->p->grid.import_kw_min, t), 0);
}

/* The storage's power in a step if import is to come to `level`. */
static double poured_kw(const struct span *n, uint32_t t, double level)
{
    struct series most = n->charges ? n->s->charge_kw_max : n->s->discharge_kw_max;
    double top = fmin(level, series_get(n->p, n->p->grid.import_kw_max, t));
    double want =
        n->charges ? top - base_kw(n, t) : base_kw(n, t) - fmax(level, floor_kw(n, t));
    return fmax(fmin(want, series_get(n->p, most, t)), 0);
}

static double content_after(const struct span *n, uint32_t t, double before, double kw)
{
    double h = problem_hours(n->p, t);
    double in = n->charges ? kw * n->s->charge_pu : -kw / n->s->discharge_pu;
    return before * problem_storage_keep_pu(n->p, (uint32_t)(n->s - n->p->storage), t) + in * h;
}

static double content_before(const struct span *n)
{
    return n->from > 0 ? n->kwh[n->from - 1] : n->s->energy_start_kwh;
}

static double content_at_end(const struct span *n, double level)
{
    double kwh = content_before(n);
    for (uint32_t t = n->from; t < n->to; t++) {
        kwh = content_after(n, t, kwh, poured_kw(n, t, level));
    }
    return kwh;
}

/* The level that leaves the content at the span's end as it is. The higher, the more is in the
 * storage: it charges more, or discharges less. */
static double level_find(const struct span *n)
{
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (uint32_t t = n->from; t < n->to; t++) {
        low = fmin(low, fmin(n->import[t], base_kw(n, t)));
        high = fmax(high, fmax(n->import[t], base_kw(n, t)));
    }
    double want = n->kwh[n->to - 1];
    for (int i = 0; i < HALVINGS; i++) {
        double mid = (low + high) / 2;
        if (content_at_end(n, mid) < want) {
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
    double moved = 0, before = content_before(n);
    for (uint32_t t = n->from; t < n->to; t++) {
        double kw = poured_kw(n, t, level);
        moved = fmax(moved, fabs(kw - n->kw[t]));
        n->import[t] = base_kw(n, t) + sign(n) * kw;
        n->kw[t] = kw;
        before = n->kwh[t] = content_after(n, t, before, kw);
    }
    return moved;
}

/* true if the storage's power may be moved into and out of this step. */
static bool is_open(const struct span *n, uint32_t t)
{
    const struct plan *pl = n->pl;
    uint32_t i = (uint32_t)(n->s - n->p->storage);
    int32_t other = n->charges ? pl->storage_discharge_kw[i] : pl->storage_charge_kw[i];
    double least = n->charges ? base_kw(n, t) : n->import[t];
    return plan_read(pl, other)[t] <= IDLE_KW && plan_read(pl, pl->export_kw)[t] <= IDLE_KW &&
           least >= floor_kw(n, t) - IDLE_KW;
}

static bool is_worth_the_same(const struct problem *p, uint32_t a, uint32_t b)
{
    const struct problem_grid *g = &p->grid;
    return series_get(p, g->import_yuan_per_kwh, a) ==
               series_get(p, g->import_yuan_per_kwh, b) &&
           series_get(p, g->kgco2_per_kwh, a) == series_get(p, g->kgco2_per_kwh, b);
}

static struct span span_of(const struct problem *p, struct plan *pl, uint32_t storage,
                           bool charges)
{
    int32_t kw = charges ? pl->storage_charge_kw[storage] : pl->storage_discharge_kw[storage];
    return (struct span){.p = p,
                         .s = &p->storage[storage],
                         .pl = pl,
                         .kw = plan_series(pl, kw),
                         .import = plan_series(pl, pl->import_kw),
                         .kwh = plan_series(pl, pl->storage_energy_kwh[storage]),
                         .charges = charges};
}

/* Evens out one span of pl if that costs nothing. */
static bool level_span(const struct problem *p, struct plan *pl, struct plan *spare,
                       uint32_t storage, const struct span *at)
{
    plan_copy(spare, pl);
    struct span n = span_of(p, spare, storage, at->charges);
    n.from = at->from;
    n.to = at->to;
    if (pour(&n, level_find(&n)) < MOVED_KW) {
        return false;
    }
    tally_state(spare, p);
    double most = pl->objective_yuan + DEARER_PU * fmax(fabs(pl->objective_yuan), 1);
    if (spare->objective_yuan > most || spare->breach_total > pl->breach_total) {
        return false;
    }
    plan_copy(pl, spare);
    return true;
}

static int level_storage(const struct problem *p, struct plan *pl, struct plan *spare,
                         uint32_t storage, bool charges)
{
    int changed = 0;
    for (uint32_t t = 0; t < p->steps;) {
        struct span n = span_of(p, pl, storage, charges);
        double most = 0;
        n.from = t;
        while (t < p->steps && is_open(&n, t) && is_worth_the_same(p, n.from, t)) {
            most = fmax(most, n.kw[t++]);
        }
        n.to = t;
        if (n.to > n.from + 1 && most > IDLE_KW) {
            changed += level_span(p, pl, spare, storage, &n);
        }
        t += t == n.from;
    }
    return changed;
}

static bool may_be_levelled(const struct problem *p, uint32_t storage)
{
    const struct problem_storage *s = &p->storage[storage];
    return s->bus_in == p->grid.bus && s->bus_out == p->grid.bus && s->charge_kw_min <= 0;
}

int level_plan(const struct problem *p, struct plan *pl, struct plan *spare)
{
    int changed = 0;
    if (!p->grid.present || problem_traces(p)) {
        return 0;
    }
    /* Twice: what one storage has done changes the import that the first one saw. */
    for (int pass = 0; pass < PASSES; pass++) {
        for (uint32_t s = 0; s < p->storage_count; s++) {
            if (may_be_levelled(p, s)) {
                changed += level_storage(p, pl, spare, s, true);
                changed += level_storage(p, pl, spare, s, false);
            }
        }
    }
    return changed;
}
