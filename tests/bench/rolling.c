/* A day of re-planning: every five minutes the next 24 h of a written-down problem of 48 h are
 * planned anew, with the last plan in hand, facts as that plan made them and a forecast that
 * has changed. Prints a line per plan; rolling.py adds them up.
 *
 *     rolling PROBLEM.json PLANS SECONDS WORK GAP SEED
 *
 * SECONDS 0 and a WORK make a run repeatable: the same digests of the plans each time.
 *
 * The problem has 192 steps of 15 min. Facts after five minutes are what step 0 of the last
 * plan says. The forecast of each source and load wanders (autoregressive from plan to plan) by
 * an error that grows from nothing now to its full size in 4 h. */
#include "controller/base/clock.h"
#include "optimizer/guard.h"
#include "optimizer/problem_fields.h"
#include "optimizer/problem_json.h"
#include "optimizer/rule.h"
#include "sim/rng.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { TICK_S = 300, STEP_S = 900, DAY_STEPS = 96, NEAR_STEPS = 4, STATUS_USE = 2 };
static const double ERROR_GROWS_STEPS = 16, ERROR_KEEP_PU = 0.95;
static const double SOURCE_ERROR_PU = 0.15, LOAD_ERROR_PU = 0.03;
static const double CHANGE_YUAN = 5; /* of a firing moved, as the controller asks */

struct roll {
    struct problem
        whole; /* all 48 h; its facts (contents, states, energies) are kept up to now */
    struct problem now; /* the question */
    struct plan plan, last;
    struct rng rng;
    double wobble[PROBLEM_SOURCES_MAX + PROBLEM_LOADS_MAX];
    double now_s;                    /* since the whole's start */
    int first, last_first;           /* the whole's step in which now, the last plan, begins */
    bool over[PROBLEM_ORDERS_MAX];   /* firing done, machine free again */
    int planned[PROBLEM_ORDERS_MAX]; /* the whole's step of the start in the last plan, or -1 */
    int place[PROBLEM_ORDERS_MAX],
        job_place[PROBLEM_JOBS_MAX]; /* index in the question, or -1 */
};

static struct roll roll;

/* What a plan took; mib: the most that any solver so far had in memory at once. */
struct cost {
    double seconds, cpu_s, mib;
    double followed_yuan; /* of the last plan as it stands */
    double kept_yuan;     /* of a plan that moves no firing; NaN where this one moved none */
    int lost;             /* 1: the solver did not come to its end */
};

/* A series of the whole, from the present step on, with a relative error. */
static struct series cut(struct roll *r, struct series s, double error)
{
    double v[DAY_STEPS];
    if (s.at < 0 && error == 0) {
        return s;
    }
    for (uint32_t t = 0; t < DAY_STEPS; t++) {
        double grown = fmin(t / ERROR_GROWS_STEPS, 1);
        v[t] = series_get(&r->whole, s, (uint32_t)r->first + t) * fmax(1 + error * grown, 0);
    }
    must(problem_series(&r->now, v, &s) == ERR_OK);
    return s;
}

static void cut_fields(struct roll *r, const struct pfield *f, int n, void *x)
{
    for (int i = 0; i < n; i++) {
        struct series *s = (void *)((char *)x + f[i].offset);
        if (f[i].type == PF_SERIES) {
            *s = cut(r, *s, 0);
        }
    }
}

/* Window [from, to] in steps of the whole to steps of the question; false: it has passed, or
 * does not begin before the question's end. */
static bool cut_window(const struct roll *r, int32_t *from, int32_t *to)
{
    *from = *from - r->first > 0 ? *from - r->first : 0;
    *to = *to - r->first < DAY_STEPS ? *to - r->first : DAY_STEPS;
    return *to >= *from && *from < DAY_STEPS;
}

/* Everything that neither begins nor ends: buses to recipes, as in the whole. */
static void copy_lasting(struct roll *r)
{
    struct problem *q = &r->now;
    for (int i = 0; i < PROBLEM_TABLE_COUNT; i++) {
        const struct ptable *t = &PROBLEM_TABLES[i];
        uint32_t n = *(const uint32_t *)(const void *)((const char *)&r->whole + t->count);
        bool passes = strcmp(t->key, "orders") == 0 || strcmp(t->key, "jobs") == 0 ||
                      strcmp(t->key, "caps") == 0 || strcmp(t->key, "reductions") == 0 ||
                      strcmp(t->key, "targets") == 0 || strcmp(t->key, "limits") == 0;
        for (uint32_t k = 0; !passes && k < n; k++) {
            char *x = (char *)q + t->array + k * t->size;
            memcpy(x, (const char *)&r->whole + t->array + k * t->size, t->size);
            cut_fields(r, t->field, t->field_count, x);
        }
        *(uint32_t *)(void *)((char *)q + t->count) = passes ? 0 : n;
    }
    for (uint32_t i = 0; i < q->recipe_count; i++) {
        struct problem_recipe *c = &q->recipe[i];
        must(problem_pool(q, &r->whole.pool[c->draw_at], c->cells, &c->draw_at) == ERR_OK);
        if (c->give_at >= 0) {
            must(problem_pool(q, &r->whole.pool[c->give_at], c->cells, &c->give_at) == ERR_OK);
        }
    }
    for (uint32_t i = 0; i < q->machine_count; i++) {
        q->machine[i].free_from_s = fmax(q->machine[i].free_from_s - r->now_s, 0);
    }
}

static void cut_orders(struct roll *r)
{
    for (uint32_t i = 0; i < r->whole.order_count; i++) {
        struct problem_order o = r->whole.order[i];
        r->place[i] = -1;
        /* a firing whose window reaches past the horizon is left to a later plan */
        bool open = o.latest_step - r->first < DAY_STEPS &&
                    cut_window(r, &o.earliest_step, &o.latest_step);
        if (r->over[i] || (!o.started && !open)) {
            continue;
        }
        o.earliest_step = o.started ? 0 : o.earliest_step;
        o.latest_step = o.started ? 0 : o.latest_step;
        o.start_ok = cut(r, o.start_ok, 0);
        o.due_s = o.due_s > 0 ? fmax(o.due_s - r->now_s, 1) : 0;
        o.planned_step = r->planned[i] < r->first ? -1 : r->planned[i] - r->first;
        o.change_yuan = o.planned_step >= 0 ? CHANGE_YUAN : 0;
        must(problem_add_order(&r->now, &o, &r->place[i]) == ERR_OK);
    }
}

static void cut_jobs(struct roll *r)
{
    for (uint32_t i = 0; i < r->whole.job_count; i++) {
        struct problem_job j = r->whole.job[i];
        double steps = j.to_step - (j.from_step > r->first ? j.from_step : r->first);
        r->job_place[i] = -1;
        if (!cut_window(r, &j.from_step, &j.to_step) || j.to_step == j.from_step) {
            continue;
        }
        /* of a window that reaches past the horizon the part inside, as the controller asks */
        j.energy_kwh *= (j.to_step - j.from_step) / steps;
        j.draw_kw_max = cut(r, j.draw_kw_max, 0);
        must(problem_add_job(&r->now, &j, &r->job_place[i]) == ERR_OK);
    }
}

static void cut_events(struct roll *r)
{
    for (uint32_t i = 0; i < r->whole.cap_count; i++) {
        struct problem_cap c = r->whole.cap[i];
        if (cut_window(r, &c.from_step, &c.to_step)) {
            must(problem_add_cap(&r->now, &c, NULL) == ERR_OK);
        }
    }
    for (uint32_t i = 0; i < r->whole.reduction_count; i++) {
        struct problem_reduction c = r->whole.reduction[i];
        if (cut_window(r, &c.from_step, &c.to_step)) {
            c.baseline_kw = cut(r, c.baseline_kw, 0);
            must(problem_add_reduction(&r->now, &c, NULL) == ERR_OK);
        }
    }
    for (uint32_t i = 0; i < r->whole.limit_count; i++) {
        struct problem_limit l = r->whole.limit[i];
        uint32_t n = 0;
        for (uint32_t k = 0; k < l.member_count; k++) {
            struct problem_member m = l.member[k];
            m.index = m.kind == MEMBER_ORDER ? r->place[m.index]
                      : m.kind == MEMBER_JOB ? r->job_place[m.index]
                                             : m.index;
            if (m.index >= 0) {
                l.member[n++] = m;
            }
        }
        l.member_count = n;
        l.draw_kw_max = cut(r, l.draw_kw_max, 0);
        must(problem_add_limit(&r->now, &l, NULL) == ERR_OK);
    }
}

/* The forecast changes: sources and loads as the whole has them, times their errors. */
static void wander(struct roll *r)
{
    struct problem *q = &r->now;
    for (uint32_t i = 0; i < q->source_count + q->load_count; i++) {
        bool source = i < q->source_count;
        r->wobble[i] = ERROR_KEEP_PU * r->wobble[i] +
                       sqrt(1 - ERROR_KEEP_PU * ERROR_KEEP_PU) * rng_normal(&r->rng);
        double error = r->wobble[i] * (source ? SOURCE_ERROR_PU : LOAD_ERROR_PU);
        uint32_t k = source ? i : i - q->source_count;
        bool priced = source && r->whole.source[k].yuan_per_kwh.at >= 0;
        if (source && !priced && r->whole.source[k].available_kw.at >= 0) {
            q->source[k].available_kw = cut(r, r->whole.source[k].available_kw, error);
        } else if (!source) {
            q->load[k].draw_kw = cut(r, r->whole.load[k].draw_kw, error);
        }
    }
}

/* The question of this moment, from the whole. */
static void ask(struct roll *r)
{
    struct problem *q = &r->now;
    r->first = (int)(r->now_s / STEP_S);
    must(problem_init(q, DAY_STEPS, STEP_S,
                      r->whole.start_ms + (int64_t)llround(r->now_s * 1000)) == ERR_OK);
    q->step_s[0] = STEP_S - (r->now_s - r->first * STEP_S);
    q->co2_yuan_per_kg = r->whole.co2_yuan_per_kg;
    q->beyond_yuan_per_kwh = r->whole.beyond_yuan_per_kwh;
    q->penalty_yuan_per_kwh = r->whole.penalty_yuan_per_kwh;
    q->grid = r->whole.grid;
    cut_fields(r, PROBLEM_GRID_FIELDS, PROBLEM_GRID_FIELD_COUNT, &q->grid);
    copy_lasting(r);
    cut_orders(r);
    cut_jobs(r);
    cut_events(r);
    wander(r);
}

/* What five minutes of the plan do to firings and jobs; indices of the question. */
static void live_work(struct roll *r)
{
    struct problem *w = &r->whole;
    for (uint32_t i = 0; i < w->order_count; i++) {
        struct problem_order *o = &w->order[i];
        int k = r->place[i], start = k >= 0 ? r->plan.order_start[k] : PLAN_NONE;
        if (k >= 0 && !o->started) {
            r->planned[i] = start == PLAN_NONE ? -1 : r->first + start;
            o->started = start == 0;
        }
        o->started_s += o->started ? TICK_S : 0;
        r->over[i] = r->over[i] || (o->started && o->started_s >= problem_order_busy_s(w, i));
    }
    for (uint32_t i = 0; i < w->job_count; i++) {
        struct problem_job *j = &w->job[i];
        int k = r->job_place[i];
        if (k < 0 || r->now.job[k].from_step > 0) {
            continue;
        }
        double kw = plan_read(&r->plan, r->plan.job_draw_kw[k])[0];
        j->since_s = (kw > 0) == (j->on_now == 1) ? j->since_s + TICK_S : TICK_S;
        j->on_now = kw > 0;
        j->energy_kwh = fmax(j->energy_kwh - kw * TICK_S / 3600.0, 0);
    }
}

/* Five minutes as the plan says. */
static void live(struct roll *r)
{
    struct problem *w = &r->whole;
    double h = TICK_S / 3600.0;
    for (uint32_t i = 0; i < w->storage_count; i++) {
        struct problem_storage *s = &w->storage[i];
        double in = plan_read(&r->plan, r->plan.storage_charge_kw[i])[0];
        double out = plan_read(&r->plan, r->plan.storage_discharge_kw[i])[0];
        double kept = s->energy_start_kwh * pow(1 - s->loss_pu_per_h, h);
        s->energy_start_kwh = fmax(kept + (in * s->charge_pu - out / s->discharge_pu) * h, 0);
    }
    for (uint32_t i = 0; i < w->converter_count; i++) {
        struct problem_converter *c = &w->converter[i];
        uint32_t on = plan_read(&r->plan, r->plan.converter_on[i])[0] > 0.5;
        c->since_s = on == c->on_now ? c->since_s + TICK_S : TICK_S;
        c->on_now = on;
        c->in_start_kw = plan_read(&r->plan, r->plan.converter_in_kw[i])[0];
    }
    if (w->grid.present) {
        w->grid.demand_so_far_kw =
            fmax(w->grid.demand_so_far_kw, plan_read(&r->plan, r->plan.import_kw)[0]);
    }
    live_work(r);
    r->last_first = r->first;
    plan_copy(&r->last, &r->plan);
    r->now_s += TICK_S;
}

/* Firings that this plan starts at another step than the last one did. */
static int moved(const struct roll *r)
{
    int n = 0;
    for (uint32_t i = 0; i < r->whole.order_count; i++) {
        int k = r->place[i], was = r->planned[i];
        if (k >= 0 && !r->whole.order[i].started && was >= 0) {
            int start = r->plan.order_start[k];
            n += start == PLAN_NONE || r->first + start != (was > r->first ? was : r->first);
        }
    }
    return n;
}

/* Units whose state within the next hour is another than in the last plan. */
static int switched(const struct roll *r)
{
    int n = 0, by = r->first - r->last_first;
    for (uint32_t i = 0; i < r->whole.converter_count; i++) {
        const double *is = plan_read(&r->plan, r->plan.converter_on[i]);
        const double *was = plan_read(&r->last, r->last.converter_on[i]);
        bool other = false;
        for (int t = 1; t < NEAR_STEPS; t++) {
            other = other || (is[t] > 0.5) != (was[t + by] > 0.5);
        }
        n += other;
    }
    return n;
}

/* What the last plan costs when it is followed as it stands; NaN without one. */
static double followed_yuan(struct roll *r, int n)
{
    bool can = n > 0 && shift_plan(&r->now, &r->last, &r->plan) == ERR_OK;
    return can ? r->plan.objective_yuan : NAN;
}

/* What a plan costs that has all firings where the last one had them, sought as long as this
 * one; NaN when this one moved none. Changes the question. */
static double kept_yuan(struct roll *r, const struct solve_limits *limits)
{
    static struct plan kept;
    if (moved(r) == 0) {
        return NAN;
    }
    for (uint32_t i = 0; i < r->now.order_count; i++) {
        struct problem_order *o = &r->now.order[i];
        if (!o->started && o->planned_step >= 0) {
            o->earliest_step = o->latest_step = o->planned_step;
        }
    }
    enum err e =
        guard_solve(&(struct guard_question){&r->now, &r->last, limits}, &kept, NULL, NULL);
    return e == ERR_OK ? kept.objective_yuan : NAN;
}

/* FNV-1a of what the plan says to do: its starts and every series. */
static uint64_t digest(const struct plan *pl)
{
    uint64_t h = 0xcbf29ce484222325u;
    const unsigned char *part[] = {(const void *)pl->order_start, (const void *)pl->pool};
    const size_t bytes[] = {pl->order_count * sizeof pl->order_start[0],
                            pl->pool_count * sizeof pl->pool[0]};
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < bytes[k]; i++) {
            h = (h ^ part[k][i]) * 0x100000001b3u;
        }
    }
    return h;
}

/* Processor seconds of the solvers that have ended; *mib: the largest of them. */
static double solvers_s(double *mib)
{
    struct rusage u;
    must(getrusage(RUSAGE_CHILDREN, &u) == 0);
    *mib = (double)u.ru_maxrss / 1024;
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void print_line(const struct roll *r, int n, const struct cost *c)
{
    printf("plan %d seconds %.3f cpu %.3f yuan %.2f followed %.2f kept %.2f gap %.6f origin %s "
           "lost %d moved %d switched %d mib %.1f digest %016" PRIx64 "\n",
           n, c->seconds, c->cpu_s, r->plan.objective_yuan, c->followed_yuan, c->kept_yuan,
           r->plan.gap_pu, plan_origin_name((enum plan_origin)r->plan.origin), c->lost,
           moved(r), n > 0 ? switched(r) : 0, c->mib, digest(&r->plan));
    (void)fflush(stdout);
}

static enum err tick(struct roll *r, int n, const struct solve_limits *limits)
{
    struct problem_fault fault = {""};
    enum guard_end end = GUARD_DONE;
    struct clock clock;
    clock_init_live(&clock);
    ask(r);
    struct cost c = {.followed_yuan = followed_yuan(r, n)};
    double before_s = solvers_s(&c.mib);
    mono_t begin = clock_mono(&clock);
    const struct plan *last = n > 0 ? &r->last : NULL;
    enum err e =
        guard_solve(&(struct guard_question){&r->now, last, limits}, &r->plan, &fault, &end);
    c.seconds = mono_s(mono_sub(clock_mono(&clock), begin));
    c.cpu_s = solvers_s(&c.mib) - before_s;
    c.lost = end != GUARD_DONE;
    if (e != ERR_OK) {
        fprintf(stderr, "rolling: plan %d: %s\n", n, fault.text[0] ? fault.text : err_text(e));
        return e;
    }
    c.kept_yuan = kept_yuan(r, limits);
    print_line(r, n, &c);
    live(r);
    return ERR_OK;
}

int main(int argc, char **argv)
{
    struct problem_fault fault = {""};
    if (argc != 7) {
        fprintf(stderr, "usage: rolling PROBLEM.json PLANS SECONDS WORK GAP SEED\n");
        return STATUS_USE;
    }
    int plans = (int)strtol(argv[2], NULL, 10);
    struct solve_limits limits = {.seconds = strtod(argv[3], NULL),
                                  .work = strtod(argv[4], NULL),
                                  .gap_pu = strtod(argv[5], NULL)};
    enum err e = problem_json_load(&roll.whole, argv[1], &fault);
    if (e != ERR_OK || roll.whole.steps < 2 * DAY_STEPS) {
        fprintf(stderr, "rolling: %s: %s\n", argv[1], e != ERR_OK ? fault.text : "not 48 h");
        return 1;
    }
    rng_init(&roll.rng, strtoull(argv[6], NULL, 10), "forecast", "rolling");
    memset(roll.planned, -1, sizeof roll.planned);
    for (int n = 0; n < plans && n * TICK_S < DAY_STEPS * STEP_S && e == ERR_OK; n++) {
        e = tick(&roll, n, &limits);
    }
    return e == ERR_OK ? 0 : 1;
}
