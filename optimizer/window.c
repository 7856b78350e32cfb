/* Windows begin where a unit starts or a store turns; of those with one beginning the best is
 * taken. */
#include "optimizer/window.h"
#include <math.h>
#include <string.h>

enum { RUNS_MAX = 8, STEPS_MIN = 3 };
/* A cut must be broken by this much, MWh per root of its steps. A unit is on, a store turns, by
 * more than this. */
static const double BROKEN_MIN = 1e-3, SOME = 1e-6;
/* A coefficient below this is what is left of two that cancel out. */
static const double ROUNDING = 1e-12;

/* A run of a unit within a window: steps from..to in which the relaxation has it on. */
struct run {
    int unit;
    uint32_t from, to;
    double x, most, z; /* X, M, z of the header, at the relaxation */
};

struct stretch { /* a window */
    int bus;
    uint32_t from, to;
    double right;      /* of the rows' sum */
    double least;      /* b of the header */
    double open;       /* Y */
    double kept_least; /* part of b that the kept terms bring: see place() */
    struct run run[RUNS_MAX];
    int runs;
    double score;
    unsigned set; /* bits of run[] in C */
};

static int put_rows(struct window *w)
{
    const struct matrix *m = &w->md->m;
    int n = 0;
    for (int i = 0; i < m->nz; i++) {
        w->begin[m->at_row[i] + 1]++;
    }
    for (int r = 0; r < m->rows; r++) {
        w->begin[r + 1] += w->begin[r];
    }
    for (int c = m->cols - 1; c >= 0; c--) {
        for (int i = m->col_begin[c]; i < m->col_begin[c + 1]; i++, n++) {
            int to = --w->begin[m->at_row[i] + 1];
            w->at[to] = c;
            w->coefficient[to] = m->value[i];
        }
    }
    /* each begin[r + 1] has come down to where row r begins */
    memmove(w->begin, w->begin + 1, (size_t)m->rows * sizeof *w->begin);
    w->begin[m->rows] = n;
    return n;
}

static void name_columns(struct window *w)
{
    const struct problem *p = w->md->p;
    for (uint32_t i = 0; i < p->order_count; i++) {
        const struct model_order *o = &w->md->order[i];
        for (int k = 0; k < o->count && o->first >= 0; k++) {
            w->order[o->first + k] = (int)i + 1;
        }
    }
    for (uint32_t i = 0; i < p->converter_count; i++) {
        for (uint32_t t = 0; w->md->on[i] >= 0 && t < p->steps; t++) {
            w->unit[w->md->input[i] + (int)t] = (int)i + 1;
            w->unit[w->md->on[i] + (int)t] = (int)i + 1;
        }
    }
}

enum err window_open(struct window *w, const struct model *md, const double *lo,
                     const double *hi, struct arena *a)
{
    size_t cols = (size_t)md->m.cols + 1, nz = (size_t)md->m.nz + 1;
    *w = (struct window){.md = md, .lo = lo, .hi = hi, .arena = a};
    w->begin = arena_take(a, (size_t)md->m.rows + 2, sizeof *w->begin);
    w->at = arena_take(a, nz, sizeof *w->at);
    w->coefficient = arena_take(a, nz, sizeof *w->coefficient);
    w->order = arena_take(a, cols, sizeof *w->order);
    w->unit = arena_take(a, cols, sizeof *w->unit);
    w->sum = arena_take(a, cols, sizeof *w->sum);
    w->touched = arena_take(a, cols, sizeof *w->touched);
    w->seen = arena_take(a, cols, sizeof *w->seen);
    if (!w->begin || !w->at || !w->coefficient || !w->order || !w->unit || !w->sum ||
        !w->touched || !w->seen) {
        return ERR_NOMEM;
    }
    put_rows(w);
    name_columns(w);
    return ERR_OK;
}

/* true if a store keeps what is on a bus. */
static bool keeps(const struct problem *p, uint32_t storage, int bus)
{
    return p->storage[storage].bus_in == bus && p->storage[storage].bus_out == bus;
}

/* true if a unit with a state gives to a bus and takes nothing from it. */
static bool gives(const struct window *w, uint32_t unit, int bus)
{
    const struct problem_converter *c = &w->md->p->converter[unit];
    bool out = false;
    for (int k = 0; k < PROBLEM_OUTPUTS; k++) {
        out = out || c->out[k].bus == bus;
    }
    return out && c->bus_in != bus && w->md->on[unit] >= 0;
}

static void clear(struct window *w)
{
    for (int k = 0; k < w->count; k++) {
        w->sum[w->touched[k]] = 0;
        w->seen[w->touched[k]] = false;
    }
    w->count = 0;
}

/* Adds a row `scale` times; returns its right side so many times. */
static double add_row(struct window *w, int row, double scale)
{
    for (int i = w->begin[row]; i < w->begin[row + 1]; i++) {
        int c = w->at[i];
        if (!w->seen[c]) {
            w->seen[c] = true;
            w->touched[w->count++] = c;
        }
        w->sum[c] += scale * w->coefficient[i];
    }
    return scale * w->md->m.row_lo[row];
}

/* Adds a step's balance, and its stocks so that charging and discharging cancel out. */
static void add_step(struct window *w, struct stretch *s, uint32_t t)
{
    const struct problem *p = w->md->p;
    s->right += add_row(w, w->md->balance[s->bus] + (int)t, problem_hours(p, t));
    for (uint32_t i = 0; i < p->storage_count; i++) {
        if (keeps(p, i, s->bus)) {
            s->right += add_row(w, w->md->stock[i] + (int)t, -1);
        }
    }
    s->to = t;
}

/* A term that lies in [least, most] and is `now`: kept as it is, above its least, which joins
 * b, or dropped for its most; whichever is nearer. true: kept. */
static bool place(struct stretch *s, double least, double most, double now)
{
    bool kept = isinf(most) || (!isinf(least) && most - now > now - least);
    s->least += kept ? least : most;
    s->open += kept ? now - least : 0;
    s->kept_least += kept ? least : 0;
    return kept;
}

/* true if an order may start at its k-th admissible start. */
static bool may_start(const struct window *w, const struct model_order *o, int k)
{
    if (o->lead >= 0) {
        return w->hi[o->first + k] > 0;
    }
    return w->hi[o->first + k] > 0 && (k == 0 || w->lo[o->first + k - 1] < 1);
}

/* An order's part of the sum as one term: by its starts, of which it takes one or none. */
static bool place_order(const struct window *w, struct stretch *s, uint32_t i, const double *x)
{
    const struct model_order *o = &w->md->order[i];
    double least = 0, most = 0, now = 0, from = 0;
    double times = o->lead >= 0 ? o->members : 1;
    for (int k = o->count - 1; k >= 0; k--) {
        double v = w->sum[o->first + k];
        now -= v * x[o->first + k];
        from = o->lead >= 0 ? v : from + v;
        if (may_start(w, o, k)) {
            least = fmin(least, -from * times);
            most = fmax(most, -from * times);
        }
    }
    return place(s, least, most, now);
}

/* What place() says of a column that is no order's. */
static bool place_column(const struct window *w, struct stretch *s, int c, const double *x)
{
    double v = w->sum[c], at_lo = -v * w->lo[c], at_hi = -v * w->hi[c];
    return fabs(v) > ROUNDING && place(s, fmin(at_lo, at_hi), fmax(at_lo, at_hi), -v * x[c]);
}

/* What one step on gives at most and, times -1, at least, MWh; both >= 0. */
static double step_most(const struct window *w, int unit, uint32_t t, double *loss)
{
    const struct problem_converter *c = &w->md->p->converter[unit];
    double in = w->sum[w->md->input[unit] + (int)t], on = w->sum[w->md->on[unit] + (int)t];
    double most = fmax(series_get(w->md->p, c->in_kw_max, t), 0) * MODEL_KW;
    double least = fmin(fmax(series_get(w->md->p, c->in_kw_min, t), 0) * MODEL_KW, most);
    *loss = fmax(-fmin(in * least, in * most) - on, 0);
    return fmax(fmax(in * least, in * most) + on, 0);
}

/* Keeps the runs that give most. */
static void keep_run(struct stretch *s, const struct run *r)
{
    if (s->runs == RUNS_MAX && s->run[RUNS_MAX - 1].x >= r->x) {
        return;
    }
    int at = s->runs < RUNS_MAX ? s->runs++ : RUNS_MAX - 1;
    for (; at > 0 && s->run[at - 1].x < r->x; at--) {
        s->run[at] = s->run[at - 1];
    }
    s->run[at] = *r;
}

static void find_runs(const struct window *w, struct stretch *s, int unit, const double *x)
{
    const struct model *md = w->md;
    bool was = false;
    struct run r = {.unit = unit};
    for (uint32_t t = s->from; t <= s->to; t++) {
        int in = md->input[unit] + (int)t, on = md->on[unit] + (int)t;
        double loss = 0, most = step_most(w, unit, t, &loss);
        s->least += loss;
        if (was && x[on] <= SOME) {
            keep_run(s, &r);
            was = false;
        }
        if (x[on] <= SOME) {
            continue;
        }
        if (!was) {
            double before = t ? x[on - 1] : md->p->converter[unit].on_now;
            r = (struct run){.unit = unit, .from = t, .z = before};
            was = true;
        }
        r.to = t;
        r.z += x[md->start[unit] + (int)t];
        r.most += most;
        r.x += w->sum[in] * x[in] + w->sum[on] * x[on];
    }
    if (was) {
        keep_run(s, &r);
    }
}

/* Sorts the sum's terms into b, Y and runs. kept: per column, whether the cut has it, or NULL.
 */
static void sort_terms(struct window *w, struct stretch *s, const double *x, bool *kept)
{
    const struct problem *p = w->md->p;
    s->least = s->right;
    s->open = s->kept_least = 0;
    s->runs = 0;
    for (int k = 0; k < w->count; k++) {
        int c = w->touched[k], unit = w->unit[c] - 1;
        if (w->order[c] || (unit >= 0 && gives(w, (uint32_t)unit, s->bus))) {
            continue;
        }
        bool keep = place_column(w, s, c, x);
        if (kept) {
            kept[c] = keep;
        }
    }
    for (uint32_t i = 0; i < p->order_count; i++) {
        const struct model_order *o = &w->md->order[i];
        bool has = o->first >= 0 && !p->order[i].started;
        bool keep = has && place_order(w, s, i, x);
        for (int k = 0; has && kept && k < o->count; k++) {
            kept[o->first + k] = keep;
        }
    }
    for (uint32_t i = 0; i < p->converter_count; i++) {
        if (gives(w, i, s->bus)) {
            find_runs(w, s, (int)i, x);
        }
    }
}

/* The set of runs whose cut is broken most. */
static void choose(struct stretch *s)
{
    s->score = 0;
    for (unsigned set = 1; isfinite(s->least) && set < 1U << s->runs; set++) {
        double excess = -s->least, broken = -s->least - s->open;
        for (int k = 0; k < s->runs; k++) {
            excess += set >> k & 1 ? s->run[k].most : 0;
            broken += set >> k & 1 ? s->run[k].x : 0;
        }
        for (int k = 0; k < s->runs && excess > SOME; k++) {
            broken += set >> k & 1 ? fmax(s->run[k].most - excess, 0) * (1 - s->run[k].z) : 0;
        }
        if (excess > SOME && broken > s->score) {
            s->score = broken;
            s->set = set;
        }
    }
    s->score /= sqrt(s->to - s->from + 1);
}

/* Puts a run and its starts into a cut that is written by column. */
static void write_run(const struct window *w, const struct run *r, double excess, double *row,
                      double *hi)
{
    const struct model *md = w->md;
    double lift = fmax(r->most - excess, 0);
    *hi -= lift;
    for (uint32_t t = r->from; t <= r->to; t++) {
        int in = md->input[r->unit] + (int)t, on = md->on[r->unit] + (int)t;
        row[in] += w->sum[in];
        row[on] += w->sum[on];
        row[md->start[r->unit] + (int)t] -= lift;
    }
    if (r->from == 0) {
        *hi += md->p->converter[r->unit].on_now ? lift : 0;
    } else {
        row[md->on[r->unit] + (int)r->from - 1] -= lift;
    }
}

/* Adds up a window anew and writes its cut. */
static enum err write_cut(struct window *w, struct stretch *s, const double *x,
                          struct window_cut *out)
{
    size_t cols = (size_t)w->md->m.cols + 1;
    bool *kept = arena_take(w->arena, cols, sizeof *kept);
    double *row = arena_take(w->arena, cols, sizeof *row), excess = 0;
    if (!kept || !row) {
        return ERR_NOMEM;
    }
    uint32_t to = s->to;
    clear(w);
    s->right = 0;
    for (uint32_t t = s->from; t <= to; t++) {
        add_step(w, s, t);
    }
    sort_terms(w, s, x, kept);
    *out = (struct window_cut){.hi = s->least - s->kept_least};
    excess = -s->least;
    for (int c = 0; c < w->md->m.cols; c++) {
        row[c] = kept[c] ? w->sum[c] : 0;
    }
    for (int k = 0; k < s->runs; k++) {
        excess += s->set >> k & 1 ? s->run[k].most : 0;
    }
    for (int k = 0; k < s->runs; k++) {
        if (s->set >> k & 1) {
            write_run(w, &s->run[k], excess, row, &out->hi);
        }
    }
    for (int c = 0; c < w->md->m.cols; c++) {
        out->len += row[c] != 0;
    }
    out->col = arena_take(w->arena, (size_t)out->len + 1, sizeof *out->col);
    out->value = row; /* moved together below: never behind the column it comes from */
    for (int c = 0, n = 0; out->col && c < w->md->m.cols; c++) {
        double v = row[c];
        if (v != 0) {
            out->col[n] = c;
            out->value[n++] = v;
        }
    }
    return out->col ? ERR_OK : ERR_NOMEM;
}

/* What stores hold after step t that keep for a bus. */
static double held(const struct window *w, int bus, uint32_t t, const double *x)
{
    double sum = 0;
    for (uint32_t i = 0; i < w->md->p->storage_count; i++) {
        sum += keeps(w->md->p, i, bus) ? x[w->md->energy[i] + (int)t] : 0;
    }
    return sum;
}

/* true if a window may begin at step t. */
static bool begins(const struct window *w, int bus, uint32_t t, const double *x)
{
    bool starts = t == 0;
    for (uint32_t i = 0; t > 0 && i < w->md->p->converter_count; i++) {
        int on = w->md->on[i] + (int)t;
        starts = starts || (gives(w, i, bus) && x[on] > x[on - 1] + SOME);
    }
    if (starts || t < 2) {
        return starts;
    }
    double now = held(w, bus, t - 1, x), rise = now - held(w, bus, t - 2, x),
           next = held(w, bus, t, x) - now;
    return (rise > -SOME && next < SOME) || (rise < SOME && next > -SOME);
}

/* The best window from a step on; score 0: none. */
static struct stretch best_from(struct window *w, int bus, uint32_t from, const double *x)
{
    struct stretch s = {.bus = bus, .from = from}, best = {.score = 0};
    clear(w);
    for (uint32_t t = from; t < w->md->p->steps; t++) {
        add_step(w, &s, t);
        if (t - from < STEPS_MIN) {
            continue;
        }
        sort_terms(w, &s, x, NULL);
        choose(&s);
        if (s.score > best.score) {
            best = s;
        }
    }
    return best;
}

static bool has_windows(const struct window *w, int bus)
{
    bool store = false, unit = false;
    for (uint32_t i = 0; i < w->md->p->storage_count; i++) {
        store = store || keeps(w->md->p, i, bus);
    }
    for (uint32_t i = 0; i < w->md->p->converter_count; i++) {
        unit = unit || gives(w, i, bus);
    }
    return store && unit;
}

enum err window_find(struct window *w, const double *x, struct window_cut *out, int *count)
{
    struct stretch best[WINDOW_CUTS_MAX];
    int n = 0;
    for (uint32_t b = 0; b < w->md->p->bus_count; b++) {
        for (uint32_t t = 0; has_windows(w, (int)b) && t < w->md->p->steps; t++) {
            struct stretch s = {.score = 0};
            if (begins(w, (int)b, t, x)) {
                s = best_from(w, (int)b, t, x);
            }
            if (s.score <= BROKEN_MIN ||
                (n == WINDOW_CUTS_MAX && s.score <= best[n - 1].score)) {
                continue;
            }
            int at = n < WINDOW_CUTS_MAX ? n++ : n - 1;
            for (; at > 0 && best[at - 1].score < s.score; at--) {
                best[at] = best[at - 1];
            }
            best[at] = s;
        }
    }
    enum err e = ERR_OK;
    for (*count = 0; *count < n && e == ERR_OK; (*count)++) {
        e = write_cut(w, &best[*count], x, &out[*count]);
    }
    clear(w);
    return e;
}
