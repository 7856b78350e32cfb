/* The dive: batches of near-integer columns, one step back where a batch was too bold. */
#include "optimizer/dive.h"
#include "controller/base/clock.h"
#include <math.h>
#include <string.h>

enum { ROUNDS_MAX = 150 };

/* Nearer to an integer than this counts as decided by the relaxation itself. */
static const double INTEGRAL = 1e-6;
/* Iterations per row after which a re-solve counts as stalled. */
static const double STALL_PU = 0.2;
/* Share of the fixed columns that stay fixed after a dive that failed. */
static const double KEPT_PU = 0.6;

struct work {
    struct lp *k;
    struct dive *d;
    struct lp_result *r;
    struct clock clock;
    mono_t begin;
    double spent;
};

static double target(const struct dive *d, const double *x, int c)
{
    return fmin(fmax(round(x[c]), d->m->col_lo[c]), d->m->col_hi[c]);
}

static bool open_col(const struct dive *d, int c)
{
    return d->m->integer[c] && !d->fixed[c] && d->m->col_lo[c] < d->m->col_hi[c];
}

/* How undecided a column is: distance of its value from the one it would be fixed at. */
static double distance(const struct dive *d, const double *x, int c)
{
    return fabs(x[c] - target(d, x, c));
}

static int undecided(const struct dive *d, const double *x)
{
    int n = 0;
    for (int c = 0; c < d->m->cols; c++) {
        n += open_col(d, c) && fabs(x[c] - round(x[c])) > INTEGRAL;
    }
    return n;
}

static void fix(struct work *w, int c, double v)
{
    lp_bound(w->k, c, v, v);
    w->d->fixed[c] = true;
    w->d->order[w->d->fixed_count++] = c;
}

/* Frees the column that was fixed last. */
static void release(struct work *w)
{
    int c = w->d->order[--w->d->fixed_count];
    lp_bound(w->k, c, w->d->m->col_lo[c], w->d->m->col_hi[c]);
    w->d->fixed[c] = false;
}

/* The undecided column nearest to its target; -1 if none. */
static int nearest(const struct work *w, const double *x)
{
    int best = -1;
    for (int c = 0; c < w->d->m->cols; c++) {
        bool here = open_col(w->d, c) && fabs(x[c] - round(x[c])) > INTEGRAL;
        if (here && (best < 0 || distance(w->d, x, c) < distance(w->d, x, best))) {
            best = c;
        }
    }
    return best;
}

/* Fixes the `count` most decided of the undecided columns. Decided ones stay free: rows tie
 * them to the others. */
static void fix_batch(struct work *w, const double *x, int count)
{
    for (int i = 0; i < count; i++) {
        int c = nearest(w, x);
        if (c < 0) {
            return;
        }
        fix(w, c, target(w->d, x, c));
    }
}

static void undo(struct work *w, int kept)
{
    while (w->d->fixed_count > kept) {
        release(w);
    }
}

/* What is left of the budget; false when it is spent. */
static bool left(const struct work *w, struct lp_budget *b)
{
    double s = mono_s(mono_sub(clock_mono(&w->clock), w->begin));
    b->seconds = w->d->budget.seconds > 0 ? w->d->budget.seconds - s : 0;
    b->work = w->d->budget.work > 0 ? w->d->budget.work - w->spent : 0;
    return (w->d->budget.seconds <= 0 || b->seconds > 0) &&
           (w->d->budget.work <= 0 || b->work > 0);
}

/* Re-solves; *good if the dive may go on from there. */
static enum err resolve(struct work *w, struct lp_result *got, bool *good)
{
    struct lp_budget b;
    *good = false;
    if (!left(w, &b)) {
        got->answer = LP_NONE;
        return ERR_OK;
    }
    /* warm re-solves are short; one that is not has lost its way */
    double most = STALL_PU * w->d->m->rows + 200;
    b.work = b.work > 0 ? fmin(b.work, most) : most;
    enum err e = lp_relax(w->k, &b, got);
    w->spent += got->work;
    *good = e == ERR_OK && got->answer == LP_OPTIMAL && got->objective < w->d->cutoff;
    return e;
}

/* One column the other way, after a batch and the single column failed. */
static void flip(struct work *w, int c, double tried)
{
    const struct matrix *m = w->d->m;
    double v = tried > m->col_lo[c] ? tried - 1 : tried + 1;
    fix(w, c, fmin(fmax(v, m->col_lo[c]), m->col_hi[c]));
}

/* One round: a batch; if it leads nowhere a single column; if that too, the same one flipped.
 * r->x holds the last good relaxation throughout. */
static enum err round_once(struct work *w, int count, bool *good)
{
    struct lp_result *r = w->r;
    int c = nearest(w, r->x), kept = w->d->fixed_count;
    double v = target(w->d, r->x, c);
    fix_batch(w, r->x, count);
    enum err e = resolve(w, r, good);
    if (e == ERR_OK && !*good && count > 1) {
        undo(w, kept);
        fix(w, c, v);
        e = resolve(w, r, good);
    }
    if (e == ERR_OK && !*good) {
        undo(w, kept);
        flip(w, c, v);
        e = resolve(w, r, good);
    }
    return e;
}

/* Frees what was fixed last, so that a search has room where the dive went wrong. */
static void loosen(struct work *w)
{
    undo(w, (int)(w->d->fixed_count * KEPT_PU));
}

static void make_exact(const struct matrix *m, double *x)
{
    for (int c = 0; c < m->cols; c++) {
        x[c] = m->integer[c] ? round(x[c]) : x[c];
    }
}

enum err dive_run(struct lp *k, struct dive *d, struct lp_result *r)
{
    struct work w = {.k = k, .d = d, .r = r};
    clock_init_live(&w.clock);
    w.begin = clock_mono(&w.clock);
    memset(d->fixed, 0, (size_t)d->m->cols * sizeof *d->fixed);
    d->fixed_count = 0;
    enum err e = ERR_OK;
    bool good = true;
    int open = undecided(d, r->x);
    for (int i = 0; i < ROUNDS_MAX && e == ERR_OK && good && open > 0; i++) {
        e = round_once(&w, (int)ceil(d->round_pu * open), &good);
        open = undecided(d, r->x);
    }
    r->work = w.spent;
    r->answer = e == ERR_OK && good && open == 0 ? LP_FEASIBLE : LP_NONE;
    if (r->answer == LP_FEASIBLE) {
        make_exact(d->m, r->x);
    } else {
        loosen(&w);
    }
    return e;
}
