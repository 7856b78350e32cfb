/* The tree: a pool of open nodes, each with the bounds of its integer columns and the basis
 * above it. Downwards until a node ends, then on from the one with the lowest bound. */
#include "optimizer/tree.h"
#include "controller/base/clock.h"
#include "optimizer/branch.h"
#include "optimizer/dive.h"
#include <math.h>
#include <string.h>

enum { ARENA_MAX = 160 * 1024 * 1024, OPEN_MAX = 4096, POOL_BYTES = 24 * 1024 * 1024 };
/* Nearer to an integer than this is one. */
static const double INTEGRAL = 1e-6;
/* How sure reduced costs are, relative to the cut-off. */
static const double SURE_PU = 1e-8;
/* The gap of an optimum: what rounding leaves. */
static const double EXACT_PU = 1e-9;
/* Share of the undecided columns that a dive fixes per round. */
static const double DIVE_PU = 0.2;

struct node {
    double bound;
    int depth;
    bool open;
    int16_t *lo, *hi;     /* per decision: sums, then integer columns */
    unsigned char *basis; /* of the node above */
};

struct work {
    struct lp *k;
    const struct tree *t;
    struct lp_result *r;
    struct arena arena;
    struct branch branch;
    int *at, count; /* decisions: a sum's row, an integer column */
    struct node *pool, now;
    int size;
    int16_t *set_lo, *set_hi; /* as the handle has them */
    double best;              /* cost of the best solution */
    double ended;             /* lowest bound of the nodes that ended */
    double told, spent;
    int nodes;
    bool found;
    bool empty;                   /* the present node holds nothing */
    struct branch_candidate last; /* what the present node was split off by, and which way */
    bool last_up, last_have;
    double last_from;
    double *x;
    bool *fixed; /* scratch of a dive */
    int *order;
    struct clock clock;
    mono_t begin;
};

double tree_enough(double best, double gap_pu)
{
    return isinf(best) ? HUGE_VAL : best - fmax(gap_pu, EXACT_PU) * fmax(1, fabs(best));
}

static double enough(const struct work *w)
{
    return tree_enough(w->best, w->t->gap_pu);
}

static double work_left(const struct work *w)
{
    return w->t->budget.work > 0 ? w->t->budget.work - w->spent : 0;
}

static double seconds_left(const struct work *w)
{
    double s = mono_s(mono_sub(clock_mono(&w->clock), w->begin));
    return w->t->budget.seconds > 0 ? w->t->budget.seconds - s : 0;
}

static bool spent(const struct work *w)
{
    return (w->t->budget.work > 0 && work_left(w) <= 0) ||
           (w->t->budget.seconds > 0 && seconds_left(w) <= 0) ||
           (w->t->nodes_max > 0 && w->nodes >= w->t->nodes_max);
}

/* Proven bound: the lowest of all nodes open or ended. `now` may be open. */
static double bound(const struct work *w, bool now)
{
    double b = fmin(w->ended, w->best);
    b = now ? fmin(b, w->now.bound) : b;
    for (int i = 0; i < w->size; i++) {
        b = w->pool[i].open ? fmin(b, w->pool[i].bound) : b;
    }
    return b;
}

static void tell(struct work *w, bool now, bool solved)
{
    struct lp_news n = {bound(w, now), w->spent, solved, w->best};
    if (w->t->tell != NULL && (solved || n.bound > w->told)) {
        w->told = n.bound;
        w->t->tell(w->t->ctx, &n);
    }
}

static enum err take_node(struct work *w, struct node *n)
{
    n->lo = arena_take(&w->arena, (size_t)w->count + 1, sizeof *n->lo);
    n->hi = arena_take(&w->arena, (size_t)w->count + 1, sizeof *n->hi);
    n->basis = arena_take(&w->arena, lp_basis_bytes(w->k), 1);
    return n->lo && n->hi && n->basis ? ERR_OK : ERR_NOMEM;
}

static bool is_sum(const struct work *w, int i)
{
    return i < w->t->sums;
}

/* Value of a decision in the present relaxation. */
static double value(const struct work *w, int i)
{
    return is_sum(w, i) ? lp_row_value(w->k, w->at[i]) : w->x[w->at[i]];
}

static void set_bounds(struct work *w, int i, double lo, double hi)
{
    (is_sum(w, i) ? lp_row_bound : lp_bound)(w->k, w->at[i], lo, hi);
}

static enum err open_work(struct work *w)
{
    const struct matrix *m = w->t->m;
    w->at = arena_take(&w->arena, (size_t)(m->cols + w->t->sums) + 1, sizeof *w->at);
    w->x = arena_take(&w->arena, (size_t)m->cols + 1, sizeof *w->x);
    w->fixed = arena_take(&w->arena, (size_t)m->cols + 1, sizeof *w->fixed);
    w->order = arena_take(&w->arena, (size_t)m->cols + 1, sizeof *w->order);
    if (!w->at || !w->x || !w->fixed || !w->order) {
        return ERR_NOMEM;
    }
    for (int i = 0; i < w->t->sums; i++) {
        w->at[w->count++] = w->t->sum_row + i;
    }
    for (int c = 0; c < m->cols; c++) {
        if (m->integer[c]) {
            w->at[w->count++] = c;
        }
    }
    size_t bytes = lp_basis_bytes(w->k) + 4 * (size_t)w->count + sizeof(struct node);
    w->pool = arena_take(&w->arena, OPEN_MAX, sizeof *w->pool);
    w->set_lo = arena_take(&w->arena, (size_t)w->count + 1, sizeof *w->set_lo);
    w->set_hi = arena_take(&w->arena, (size_t)w->count + 1, sizeof *w->set_hi);
    if (!w->pool || !w->set_lo || !w->set_hi || take_node(w, &w->now) != ERR_OK) {
        return ERR_NOMEM;
    }
    w->size = (int)fmin(OPEN_MAX, POOL_BYTES / (double)bytes);
    for (int i = 0; i < w->count; i++) {
        double lo = is_sum(w, i) ? 0 : m->col_lo[w->at[i]];
        double hi = is_sum(w, i) ? w->t->sum_hi[i] : m->col_hi[w->at[i]];
        if (!(lo >= -INT16_MAX && hi <= INT16_MAX)) {
            return ERR_RANGE;
        }
        w->now.lo[i] = w->set_lo[i] = (int16_t)lo;
        w->now.hi[i] = w->set_hi[i] = (int16_t)hi;
    }
    return branch_init(&w->branch, w->t->objects + w->t->sums, &w->arena);
}

/* The handle's bounds become those of the present node. */
static void apply(struct work *w)
{
    for (int i = 0; i < w->count; i++) {
        if (w->set_lo[i] != w->now.lo[i] || w->set_hi[i] != w->now.hi[i]) {
            w->set_lo[i] = w->now.lo[i];
            w->set_hi[i] = w->now.hi[i];
            set_bounds(w, i, w->now.lo[i], w->now.hi[i]);
        }
    }
}

static void copy_node(const struct work *w, struct node *to, const struct node *from)
{
    to->bound = from->bound;
    to->depth = from->depth;
    memcpy(to->lo, from->lo, (size_t)w->count * sizeof *to->lo);
    memcpy(to->hi, from->hi, (size_t)w->count * sizeof *to->hi);
    memcpy(to->basis, from->basis, lp_basis_bytes(w->k));
}

/* Room for a node: a free one, a new one; NULL when full. */
static struct node *room(struct work *w)
{
    for (int i = 0; i < w->size; i++) {
        struct node *n = &w->pool[i];
        if (!n->open && (n->basis || take_node(w, n) == ERR_OK)) {
            return n;
        }
    }
    return NULL;
}

/* The open node with the lowest bound becomes the present one; false: none is left. */
static bool next(struct work *w)
{
    struct node *best = NULL;
    for (int i = 0; i < w->size; i++) {
        struct node *n = &w->pool[i];
        if (n->open && n->bound >= enough(w)) {
            n->open = false;
            w->ended = fmin(w->ended, n->bound);
        }
        bool better = n->open && (!best || n->bound < best->bound ||
                                  (n->bound == best->bound && n->depth > best->depth));
        best = better ? n : best;
    }
    if (best) {
        w->last_have = false;
        copy_node(w, &w->now, best);
        best->open = false;
        lp_basis_restore(w->k, w->now.basis);
    }
    return best != NULL;
}

/* Where the warm dual simplex lost its way: all other ways. */
static enum err solve_otherwise(struct work *w, struct lp_result *got)
{
    struct lp_budget b = {fmax(seconds_left(w), 0), fmax(work_left(w), 0)};
    enum err e = lp_relax(w->k, &b, got);
    w->spent += got->work;
    got->bound = e == ERR_OK && got->answer == LP_INFEASIBLE ? HUGE_VAL : got->bound;
    return e;
}

/* Solves the present node's relaxation as far as it is worth it. *alive: it must be branched.
 */
static enum err solve(struct work *w, bool *alive)
{
    struct lp_budget b = {fmax(seconds_left(w), 0), fmax(work_left(w), 0)};
    struct lp_result got = {.x = w->x};
    *alive = false;
    if (w->empty) {
        w->empty = false;
        return ERR_OK; /* neither side of a trial had anything: noted there */
    }
    apply(w);
    enum err e = lp_again(w->k, &b, enough(w), &got);
    w->nodes++;
    w->spent += got.work + LP_NODE_WORK;
    if (e == ERR_NUMERIC || (e == ERR_OK && got.answer == LP_NONE && !spent(w))) {
        e = solve_otherwise(w, &got);
    }
    if (e != ERR_OK && e != ERR_NUMERIC) {
        return e;
    }
    if (e == ERR_OK && got.answer == LP_INFEASIBLE) {
        w->ended = fmin(w->ended, got.bound);
        return ERR_OK;
    }
    if (e != ERR_OK || got.answer != LP_OPTIMAL) {
        w->ended = fmin(w->ended, w->now.bound); /* left unsolved: its bound is all we know */
        return ERR_OK;
    }
    if (w->last_have) {
        branch_learn(&w->branch, &w->last, w->last_up, fmax(got.objective - w->last_from, 0));
    }
    w->now.bound = fmax(w->now.bound, got.bound);
    w->r->objective = got.objective;
    *alive = w->now.bound < enough(w);
    w->ended = *alive ? w->ended : fmin(w->ended, w->now.bound);
    return ERR_OK;
}

/* Bounds that cannot be crossed without costing too much. */
static void tighten(struct work *w)
{
    double room = enough(w) - w->r->objective + SURE_PU * fmax(1, fabs(w->best));
    room = fmax(room, 0);
    for (int i = w->t->sums; i < w->count && isfinite(room); i++) {
        double d = lp_col_dual(w->k, w->at[i]), x = w->x[w->at[i]];
        if (w->now.lo[i] == w->now.hi[i] || fabs(d) * (w->now.hi[i] - w->now.lo[i]) <= room) {
            continue;
        }
        double steps = floor(room / fabs(d));
        if (d > 0 && x < w->now.lo[i] + INTEGRAL) {
            w->now.hi[i] = (int16_t)(w->now.lo[i] + steps);
            w->ended = fmin(w->ended, enough(w));
        } else if (d < 0 && x > w->now.hi[i] - INTEGRAL) {
            w->now.lo[i] = (int16_t)(w->now.hi[i] - steps);
            w->ended = fmin(w->ended, enough(w));
        }
    }
}

/* x is the best solution. */
static void keep(struct work *w, double yuan, bool open)
{
    const struct matrix *m = w->t->m;
    w->best = yuan;
    w->found = true;
    for (int c = 0; c < m->cols; c++) {
        w->r->x[c] = m->integer[c] ? round(w->x[c]) : w->x[c];
    }
    tell(w, open, true);
}

static void take_solution(struct work *w)
{
    w->ended = fmin(w->ended, w->now.bound);
    keep(w, w->r->objective, false);
}

/* The decisions that are none, one per object: the one nearest the middle. 0 where all columns
 * are integers, whatever the sums are. */
static int candidates(struct work *w, struct branch_candidate *out)
{
    int n = 0;
    bool open = false;
    for (int i = 0; i < w->count; i++) {
        double x = value(w, i), up = ceil(x) - x;
        if (fabs(x - round(x)) <= INTEGRAL) {
            continue;
        }
        open = open || !is_sum(w, i);
        int object = is_sum(w, i) ? w->t->objects + i : w->t->object[w->at[i]];
        struct branch_candidate c = {i, object, x, x - floor(x), 0};
        int at = 0;
        while (at < n && out[at].object != c.object) {
            at++;
        }
        if (at < n && fabs(up - 0.5) >= fabs(out[at].above - 0.5)) {
            continue;
        }
        if (at == n && n == BRANCH_MAX) {
            continue;
        }
        out[at] = c;
        n = at == n ? n + 1 : n;
    }
    return open ? n : 0;
}

/* Tries a candidate in one direction for a few iterations; its bound, HUGE_VAL: ends there. */
static double try_side(struct work *w, const struct branch_candidate *c, bool up,
                       double floor_x)
{
    double lo = w->now.lo[c->at], hi = w->now.hi[c->at];
    set_bounds(w, c->at, up ? floor_x + 1 : lo, up ? hi : floor_x);
    struct lp_budget b = {fmax(seconds_left(w), 0), BRANCH_TRIAL_WORK};
    struct lp_result got = {.x = NULL};
    enum err e = lp_again(w->k, &b, enough(w), &got);
    set_bounds(w, c->at, lo, hi);
    lp_basis_restore(w->k, w->now.basis);
    w->spent += got.work + 2;
    if (e != ERR_OK) {
        return -HUGE_VAL;
    }
    return got.answer == LP_INFEASIBLE ? HUGE_VAL : got.bound;
}

/* Trial solves for the candidates of which too little is known. true: a bound was tightened,
 * the node must be solved again. */
static bool try_candidates(struct work *w, struct branch_candidate *c, int n)
{
    double from = w->r->objective;
    int idle = 0;
    double best = -1;
    for (int i = 0; i < n && idle < BRANCH_IDLE_MAX && !spent(w); i++) {
        if (branch_known(&w->branch, &c[i])) {
            best = fmax(best, c[i].score);
            continue;
        }
        double base = floor(c[i].value);
        double down = try_side(w, &c[i], false, base), up = try_side(w, &c[i], true, base);
        if (isinf(down) && down > 0) {
            w->now.lo[c[i].at] = (int16_t)(base + 1);
            w->ended = fmin(w->ended, enough(w));
        }
        if (isinf(up) && up > 0) {
            w->now.hi[c[i].at] = (int16_t)base;
            w->ended = fmin(w->ended, enough(w));
        }
        if (fmax(down, up) == HUGE_VAL) {
            w->empty = fmin(down, up) == HUGE_VAL;
            return true;
        }
        branch_learn(&w->branch, &c[i], false, fmax(down - from, 0));
        branch_learn(&w->branch, &c[i], true, fmax(up - from, 0));
        c[i].score = branch_score(fmax(down - from, 0), fmax(up - from, 0));
        idle = c[i].score > best ? 0 : idle + 1;
        best = fmax(best, c[i].score);
    }
    return false;
}

/* Chooses and splits: one side becomes the present node, the other waits. *again: no split, the
 * node is tighter now. ERR_LIMIT: no room. */
static enum err split(struct work *w, bool *again)
{
    struct branch_candidate c[BRANCH_MAX];
    int n = candidates(w, c);
    *again = false;
    branch_sort(&w->branch, c, n);
    lp_basis_save(w->k, w->now.basis);
    *again = try_candidates(w, c, n);
    if (*again) {
        w->last_have = false;
        return ERR_OK;
    }
    branch_sort_scored(c, n);
    const struct branch_candidate *b = &c[0];
    struct node *other = room(w);
    if (!other) {
        return ERR_LIMIT;
    }
    copy_node(w, other, &w->now);
    other->open = true;
    other->depth = ++w->now.depth;
    int16_t base = (int16_t)floor(b->value);
    bool up = branch_up_first(&w->branch, b);
    w->last = *b;
    w->last_up = up;
    w->last_have = true;
    w->last_from = w->r->objective;
    (up ? &w->now : other)->lo[b->at] = (int16_t)(base + 1);
    (up ? other : &w->now)->hi[b->at] = base;
    return ERR_OK;
}

/* A dive from the present node, whose relaxation is solved. The handle is left without one: the
 * node must be solved again. */
static enum err dive(struct work *w)
{
    struct lp_result got = {.x = w->x, .objective = w->r->objective};
    struct dive d = {.m = w->t->m, .cutoff = enough(w), .round_pu = DIVE_PU};
    d.budget = (struct lp_budget){fmax(seconds_left(w), 0), fmax(work_left(w), 0)};
    d.fixed = w->fixed;
    d.order = w->order;
    lp_basis_save(w->k, w->now.basis);
    enum err e = dive_run(w->k, &d, &got);
    w->spent += got.work;
    if (e == ERR_OK && got.answer == LP_FEASIBLE && got.objective < w->best) {
        keep(w, got.objective, true);
    }
    for (int i = w->t->sums; i < w->count; i++) {
        set_bounds(w, i, w->now.lo[i], w->now.hi[i]);
    }
    lp_basis_restore(w->k, w->now.basis);
    return e == ERR_NUMERIC ? ERR_OK : e;
}

/* One node: solved, ended or split. *more: the present node goes on. */
static enum err visit(struct work *w, bool *more)
{
    enum err e = solve(w, more);
    if (e != ERR_OK || !*more) {
        return e;
    }
    tighten(w);
    struct branch_candidate c[BRANCH_MAX];
    if (candidates(w, c) == 0) {
        take_solution(w);
        *more = false;
        return ERR_OK;
    }
    if (w->t->dive && w->nodes == 1) {
        return dive(w);
    }
    bool again = false;
    e = split(w, &again);
    if (e == ERR_LIMIT) {
        w->ended = fmin(w->ended, w->now.bound);
        *more = false;
        e = ERR_OK;
    }
    return e;
}

static enum err walk(struct work *w)
{
    bool more = true;
    enum err e = ERR_OK;
    while (e == ERR_OK && !spent(w)) {
        if (!more && !next(w)) {
            return ERR_OK;
        }
        e = visit(w, &more);
        tell(w, more, false);
    }
    w->ended = more ? fmin(w->ended, w->now.bound) : w->ended;
    return e;
}

enum err tree_run(struct lp *k, const struct tree *t, struct lp_result *r)
{
    struct work w = {.k = k,
                     .t = t,
                     .r = r,
                     .best = t->cutoff,
                     .ended = HUGE_VAL,
                     .told = -HUGE_VAL,
                     .now.bound = -HUGE_VAL};
    clock_init_live(&w.clock);
    w.begin = clock_mono(&w.clock);
    arena_init(&w.arena, ARENA_MAX);
    enum err e = open_work(&w);
    e = e == ERR_OK ? walk(&w) : e;
    if (w.set_hi) {
        for (int i = 0; i < w.count; i++) {
            bool sum = is_sum(&w, i);
            set_bounds(&w, i, sum ? -HUGE_VAL : t->m->col_lo[w.at[i]],
                       sum ? HUGE_VAL : t->m->col_hi[w.at[i]]);
        }
    }
    r->work = w.spent;
    r->bound = bound(&w, false);
    r->objective = w.best;
    bool closed = r->bound >= enough(&w);
    r->answer =
        w.found ? (closed ? LP_OPTIMAL : LP_FEASIBLE) : (closed ? LP_INFEASIBLE : LP_NONE);
    arena_fini(&w.arena);
    return e;
}
