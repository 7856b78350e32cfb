/* Each bound of a column is a side with a gap (distance to it, > 0) and a dual (> 0); without
 * bound: gap 1 and dual 0 for ever. Columns without any bound are held near their last place
 * (proximal point), so that the normal equations exist. */
#include "optimizer/ipm.h"
#include "controller/base/clock.h"
#include "optimizer/normal.h"
#include <math.h>
#include <string.h>

enum { LOWER, UPPER, SIDES };
static const double SIGN[SIDES] = {1, -1}; /* of a gap's growth with x */

enum { STALL_MAX = 15, REFINEMENTS = 2 };
static const double FILL_MAX = 2e7;
/* Curvature of every column, and of one without bounds. */
static const double CURVE = 1e-11, CURVE_LOOSE = 1e-7;
static const double GAP_MIN = 1e-14;
/* How far inside of wide bounds it starts. */
static const double INSIDE = 0.3;

struct side {
    bool *on;
    double *gap, *dual, *gap_step, *dual_step;
    double *comp; /* wanted change of gap * dual */
};

struct ipm {
    const struct standard *f;
    const double *cost; /* of this run */
    struct normal *normal;
    struct side side[SIDES];
    double *x, *y, *x_step, *y_step;
    double *cost_left, *right_left; /* residuals: of the duals, of the rows */
    double *theta, *pull;           /* 1 / curvature; gradient without y's part */
    double *right, *again, *fix;    /* scratch of solve(), one per row */
    int pairs;                      /* gaps with a bound */
    double cost_norm, right_norm;
};

/* How good a point is. */
struct measure {
    double mu, error; /* mean of gap * dual; largest of the relative residuals and the gap */
};

static bool take_side(struct side *s, size_t n, struct arena *a)
{
    s->on = arena_take(a, n, sizeof *s->on);
    s->gap = arena_take(a, n, sizeof *s->gap);
    s->dual = arena_take(a, n, sizeof *s->dual);
    s->gap_step = arena_take(a, n, sizeof *s->gap_step);
    s->dual_step = arena_take(a, n, sizeof *s->dual_step);
    s->comp = arena_take(a, n, sizeof *s->comp);
    return s->on && s->gap && s->dual && s->gap_step && s->dual_step && s->comp;
}

static enum err take(struct ipm *k, struct arena *a)
{
    size_t n = (size_t)k->f->cols + 1, m = (size_t)k->f->rows + 1;
    double **of_cols[] = {&k->x, &k->x_step, &k->cost_left, &k->theta, &k->pull};
    double **of_rows[] = {&k->y, &k->y_step, &k->right_left, &k->right, &k->again, &k->fix};
    bool all = take_side(&k->side[LOWER], n, a) && take_side(&k->side[UPPER], n, a);
    for (size_t i = 0; i < sizeof of_cols / sizeof of_cols[0]; i++) {
        *of_cols[i] = arena_take(a, n, sizeof(double));
        all = all && *of_cols[i];
    }
    for (size_t i = 0; i < sizeof of_rows / sizeof of_rows[0]; i++) {
        *of_rows[i] = arena_take(a, m, sizeof(double));
        all = all && *of_rows[i];
    }
    return all ? ERR_OK : ERR_NOMEM;
}

static double norm(const double *v, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        sum += v[i] * v[i];
    }
    return sqrt(sum);
}

/* y' a of a column; a column times v added to rows. */
static double column_dot(const struct standard *f, int c, const double *y)
{
    double sum = 0;
    for (int i = f->begin[c]; i < f->begin[c + 1]; i++) {
        sum += f->value[i] * y[f->at_row[i]];
    }
    return sum;
}

static void column_add(const struct standard *f, int c, double v, double *rows)
{
    for (int i = f->begin[c]; i < f->begin[c + 1]; i++) {
        rows[f->at_row[i]] += f->value[i] * v;
    }
}

/* In the middle of narrow bounds, INSIDE of wide ones; duals of the size of the costs. */
static void start(struct ipm *k)
{
    const struct standard *f = k->f;
    k->pairs = 0;
    memset(k->y, 0, (size_t)f->rows * sizeof *k->y);
    for (int c = 0; c < f->cols; c++) {
        double bound[SIDES] = {f->lo[c], f->hi[c]};
        bool lower = isfinite(f->lo[c]), upper = isfinite(f->hi[c]);
        double inside = lower && upper ? fmin(0.5 * (f->hi[c] - f->lo[c]), INSIDE) : INSIDE;
        k->x[c] = lower ? f->lo[c] + inside : upper ? f->hi[c] - inside : 0;
        for (int s = 0; s < SIDES; s++) {
            struct side *e = &k->side[s];
            e->on[c] = isfinite(bound[s]);
            e->gap[c] = e->on[c] ? SIGN[s] * (k->x[c] - bound[s]) : 1;
            e->dual[c] = e->on[c] ? fmax(1, SIGN[s] * k->cost[c]) : 0;
            k->pairs += e->on[c] ? 1 : 0;
        }
    }
}

/* Residuals and objectives of the present point. */
static struct measure look(struct ipm *k)
{
    const struct standard *f = k->f;
    const double *bound[SIDES] = {f->lo, f->hi};
    double primal = 0, dual = 0, mu = 0;
    memcpy(k->right_left, f->right, (size_t)f->rows * sizeof(double));
    for (int c = 0; c < f->cols; c++) {
        column_add(f, c, -k->x[c], k->right_left);
        k->cost_left[c] = k->cost[c] - column_dot(f, c, k->y);
        primal += k->cost[c] * k->x[c];
        for (int s = 0; s < SIDES; s++) {
            const struct side *e = &k->side[s];
            k->cost_left[c] -= SIGN[s] * e->dual[c];
            dual += e->on[c] ? SIGN[s] * e->dual[c] * bound[s][c] : 0;
            mu += e->gap[c] * e->dual[c];
        }
    }
    for (int r = 0; r < f->rows; r++) {
        dual += f->right[r] * k->y[r];
    }
    double rows_off = norm(k->right_left, f->rows) / (1 + k->right_norm);
    double costs_off = norm(k->cost_left, f->cols) / (1 + k->cost_norm);
    double gap = fabs(primal - dual) / (1 + fabs(primal));
    return (struct measure){mu / fmax(k->pairs, 1), rows_off + costs_off + gap};
}

static enum err factor(struct ipm *k)
{
    for (int c = 0; c < k->f->cols; c++) {
        double curve = CURVE;
        for (int s = 0; s < SIDES; s++) {
            curve += k->side[s].dual[c] / k->side[s].gap[c];
        }
        bool loose = !k->side[LOWER].on[c] && !k->side[UPPER].on[c];
        k->theta[c] = 1 / (loose ? CURVE_LOOSE : curve);
    }
    return normal_factor(k->normal, k->theta);
}

/* y_step from `right`, with what the factor's rounding left solved again. */
static void solve(struct ipm *k)
{
    const struct standard *f = k->f;
    normal_solve(k->normal, k->right, k->y_step);
    for (int n = 0; n < REFINEMENTS; n++) {
        memcpy(k->again, k->right, (size_t)f->rows * sizeof(double));
        for (int c = 0; c < f->cols; c++) {
            column_add(f, c, -k->theta[c] * column_dot(f, c, k->y_step), k->again);
        }
        normal_solve(k->normal, k->again, k->fix);
        for (int r = 0; r < f->rows; r++) {
            k->y_step[r] += k->fix[r];
        }
    }
}

/* Newton's step for the residuals and the sides' `comp`. */
static void direction(struct ipm *k)
{
    const struct standard *f = k->f;
    memcpy(k->right, k->right_left, (size_t)f->rows * sizeof(double));
    for (int c = 0; c < f->cols; c++) {
        k->pull[c] = k->cost_left[c];
        for (int s = 0; s < SIDES; s++) {
            k->pull[c] -= SIGN[s] * k->side[s].comp[c] / k->side[s].gap[c];
        }
        column_add(f, c, k->theta[c] * k->pull[c], k->right);
    }
    solve(k);
    for (int c = 0; c < f->cols; c++) {
        k->x_step[c] = k->theta[c] * (column_dot(f, c, k->y_step) - k->pull[c]);
        for (int s = 0; s < SIDES; s++) {
            struct side *g = &k->side[s];
            g->gap_step[c] = g->on[c] ? SIGN[s] * k->x_step[c] : 0;
            g->dual_step[c] = (g->comp[c] - g->dual[c] * g->gap_step[c]) / g->gap[c];
        }
    }
}

/* How far one may go, at most 1, until a value of a side reaches 0. */
static double reach(const struct ipm *k, bool duals)
{
    double most = 1;
    for (int s = 0; s < SIDES; s++) {
        const double *v = duals ? k->side[s].dual : k->side[s].gap;
        const double *step = duals ? k->side[s].dual_step : k->side[s].gap_step;
        for (int c = 0; c < k->f->cols; c++) {
            most = step[c] < 0 ? fmin(most, -v[c] / step[c]) : most;
        }
    }
    return most;
}

static void predict(struct ipm *k)
{
    for (int s = 0; s < SIDES; s++) {
        struct side *e = &k->side[s];
        for (int c = 0; c < k->f->cols; c++) {
            e->comp[c] = -e->gap[c] * e->dual[c];
        }
    }
}

/* Aims at the centre that the predictor makes likely, and takes its second order along. */
static void correct(struct ipm *k, double mu)
{
    double primal = reach(k, false), dual = reach(k, true), after = 0;
    for (int s = 0; s < SIDES; s++) {
        const struct side *e = &k->side[s];
        for (int c = 0; c < k->f->cols; c++) {
            after +=
                (e->gap[c] + primal * e->gap_step[c]) * (e->dual[c] + dual * e->dual_step[c]);
        }
    }
    double part = fmax(after, 0) / fmax(k->pairs, 1) / mu;
    double aim = fmin(fmax(part * part * part, 1e-6), 1) * mu;
    for (int s = 0; s < SIDES; s++) {
        struct side *e = &k->side[s];
        for (int c = 0; c < k->f->cols; c++) {
            double second = e->gap_step[c] * e->dual_step[c];
            e->comp[c] = e->on[c] ? aim - e->gap[c] * e->dual[c] - second : 0;
        }
    }
}

static void advance(struct ipm *k)
{
    double primal = reach(k, false), dual = reach(k, true);
    primal = primal < 1 ? 0.9995 * primal : 1;
    dual = dual < 1 ? 0.9995 * dual : 1;
    for (int c = 0; c < k->f->cols; c++) {
        k->x[c] += primal * k->x_step[c];
        for (int s = 0; s < SIDES; s++) {
            struct side *e = &k->side[s];
            e->gap[c] = fmax(e->gap[c] + primal * e->gap_step[c], GAP_MIN);
            e->dual[c] += dual * e->dual_step[c];
        }
    }
    for (int r = 0; r < k->f->rows; r++) {
        k->y[r] += dual * k->y_step[r];
    }
}

static enum err iterate(struct ipm *k, double mu)
{
    enum err e = factor(k);
    if (e == ERR_OK) {
        predict(k);
        direction(k);
        correct(k, mu);
        direction(k);
        advance(k);
    }
    return e;
}

static bool late(const struct clock *clock, mono_t begin, double seconds)
{
    return seconds > 0 && mono_s(mono_sub(clock_mono(clock), begin)) >= seconds;
}

/* Until it is accurate enough, makes no way, or a limit is reached. */
static enum err run(struct ipm *k, const struct ipm_limits *limits, struct ipm_answer *out)
{
    struct clock clock;
    clock_init_live(&clock);
    mono_t begin = clock_mono(&clock);
    double best = HUGE_VAL;
    int stall = 0;
    enum err e = ERR_OK;
    for (out->iterations = 0; e == ERR_OK; out->iterations++) {
        struct measure now = look(k);
        stall = now.error < 0.9 * best ? 0 : stall + 1;
        if (!isfinite(now.error) || stall > STALL_MAX) {
            break;
        }
        if (now.error < best) {
            best = now.error;
            memcpy(out->x, k->x, (size_t)k->f->cols * sizeof(double));
            memcpy(out->y, k->y, (size_t)k->f->rows * sizeof(double));
        }
        out->converged = now.error <= limits->accuracy;
        if (out->converged || out->iterations >= limits->iterations ||
            late(&clock, begin, limits->seconds)) {
            break;
        }
        e = iterate(k, now.mu);
    }
    return isfinite(best) ? ERR_OK : ERR_NUMERIC;
}

enum err ipm_open(const struct standard *f, struct arena *a, struct ipm **out)
{
    struct sparse rows = {f->rows, f->cols, f->begin, f->at_row, f->value};
    struct ipm *k = arena_take(a, 1, sizeof *k);
    if (!k) {
        return ERR_NOMEM;
    }
    k->f = f;
    k->right_norm = norm(f->right, f->rows);
    enum err e = f->rows > 0 ? take(k, a) : ERR_STATE;
    e = e == ERR_OK ? normal_open(&rows, FILL_MAX, a, &k->normal) : e;
    if (e == ERR_OK) {
        *out = k;
    }
    return e;
}

enum err ipm_run(struct ipm *k, const double *cost, const struct ipm_limits *limits,
                 struct ipm_answer *out)
{
    k->cost = cost;
    k->cost_norm = norm(cost, k->f->cols);
    start(k);
    return run(k, limits, out);
}
