/* The loop of a study. */
#include "sim/study.h"
#include "controller/dispatch/ledger.h"
#include "optimizer/guard.h"
#include "sim/foresight.h"
#include "sim/judge_wire.h"
#include "sim/study_field.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ARENA_MAX = 512 * 1024 * 1024, SETPOINTS_MAX = 512 };
static const double gap_pu = 0.002; /* as the park role asks */

struct runner {
    const struct study *study;
    struct arena arena;
    struct setup set;
    struct study_field field;
    struct study_hooks hooks;
    struct core *core;
    struct ledger ledger;
    struct problem *problem;
    struct plan *plan;
    mono_t plan_next;
    mono_t plan_at; /* when the last one was handed over */
    struct study_outcome *outcome;
};

static const char *const names[STUDY_POLICIES] = {"none", "rule", "mpc", "oracle"};

enum study_policy study_policy_named(const char *name)
{
    int i = 0;
    while (i < STUDY_POLICIES && strcmp(names[i], name) != 0) {
        i++;
    }
    return (enum study_policy)i;
}

const char *study_policy_name(enum study_policy p)
{
    return names[p];
}

/* ---- Messages to the core ---- */

static void on_reading(void *arg, const struct msg_reading *r)
{
    core_reading(((struct runner *)arg)->core, r);
}

static void on_link(void *arg, const struct msg_link_state *l)
{
    core_link(((struct runner *)arg)->core, l);
}

/* ---- Plans ---- */

static void ask_plan(struct runner *r, mono_t now)
{
    struct core *c = r->core;
    struct problem_fault fault = {""};
    struct solve_limits limits = {
        .work = r->study->work, .gap_pu = gap_pu, .policy = PLAN_POLICY_MILP};
    enum err e = core_question(c, REPLAN_HORIZON_H, r->problem);
    if (e == ERR_OK) {
        const struct plan *previous = c->plan->steps > 0 ? c->plan : NULL;
        struct guard_question q = {r->problem, previous, &limits};
        e = guard_solve(&q, r->plan, &fault, NULL);
    }
    if (e == ERR_OK) {
        core_plan(c, r->plan, now, c->wall);
        r->plan_at = now;
        r->outcome->plans++;
    } else {
        core_plan_failed(c, fault.text[0] ? fault.text : err_text(e));
        r->outcome->failed++;
    }
}

/* The referee judges the age of a plan that is followed by when it was made here, not by when
 * the core thinks that it was. */
static void tell_plan(struct runner *r, mono_t now)
{
    bool followed = r->core->fallback <= FALLBACK_SHIFTED && r->core->policy == POLICY_PLAN;
    judge_plan(&r->set.judge, followed ? mono_s(mono_sub(now, r->plan_at)) : NAN);
}

/* ---- Steps ---- */

static void control(struct runner *r, mono_t now, wall_t wall)
{
    struct msg_setpoint out[SETPOINTS_MAX];
    struct core *c = r->core;
    study_field_read(&r->field, now, &r->hooks);
    int n = core_tick(c, now, wall, out, SETPOINTS_MAX);
    tell_plan(r, now);
    study_field_set(&r->field, out, n, now);
    study_field_pass(&r->field, now);
    c->events = 0; /* there is no journal */
    if (!world_second(r->set.world)) {
        return;
    }
    ledger_second(&r->ledger, c, wall);
    if (c->policy == POLICY_PLAN && replan_due(c, now, &r->plan_next)) {
        ask_plan(r, now);
    }
}

/* As far as the last question looks. */
static enum err foresee(struct runner *r, struct series_file **out)
{
    double seconds = r->study->seconds + REPLAN_HORIZON_H * 3600.0;
    return r->study->policy == STUDY_ORACLE
               ? foresight_make(out, &r->arena, &r->set, &r->study->ask, seconds)
               : ERR_OK;
}

static enum err build(struct runner *r)
{
    struct series_file *given = NULL;
    enum err e = foresee(r, &given);
    e = e == ERR_OK ? setup_build(&r->set, &r->arena, &r->study->ask) : e;
    if (e != ERR_OK || r->study->policy == STUDY_NONE) {
        return e;
    }
    e = judge_wire_init(&r->set.judge, &r->arena, r->set.profile);
    if (e != ERR_OK) {
        return e;
    }
    r->core = arena_take(&r->arena, 1, sizeof *r->core);
    r->problem = arena_take(&r->arena, 1, sizeof *r->problem);
    r->plan = arena_take(&r->arena, 1, sizeof *r->plan);
    if (!r->core || !r->problem || !r->plan) {
        return ERR_NOMEM;
    }
    ledger_init(&r->ledger, r->set.tariff, r->set.start);
    e = core_init(r->core, &r->arena, r->set.park, &r->ledger.prices, given);
    if (e != ERR_OK) {
        return e;
    }
    r->core->policy = r->study->policy == STUDY_RULE ? POLICY_RULE : POLICY_PLAN;
    r->core->restored = true; /* there is nothing to restore */
    r->hooks = (struct study_hooks){on_reading, on_link, r};
    return study_field_init(&r->field, &r->arena, &r->set, &r->hooks);
}

static struct study_view view_of(struct runner *r)
{
    return (struct study_view){&r->set, &r->field, r->core};
}

/* What comes before the first step: files, then plants and core. */
static int prepare(struct runner *r)
{
    const struct study_watch *w = r->study->watch;
    int status = setup_load(&r->set, &r->arena, &r->study->ask);
    status = status == 0 && w && w->loaded ? w->loaded(w->arg, &r->set, &r->arena) : status;
    if (status) {
        return status;
    }
    if (r->study->policy != STUDY_NONE && !r->set.tariff) {
        fprintf(stderr, "%s: the park names no tariff, which the core needs\n",
                r->study->ask.who);
        return 1;
    }
    enum err e = build(r);
    if (e) {
        fprintf(stderr, "%s: could not start: %s\n", r->study->ask.who, err_text(e));
        return 3;
    }
    struct study_view view = view_of(r);
    return w && w->built ? w->built(w->arg, &view) : 0;
}

static void steps(struct runner *r)
{
    const struct study_watch *w = r->study->watch;
    struct study_view view = view_of(r);
    int64_t step_us = llround(r->study->ask.dt_s * 1e6);
    int64_t n = (int64_t)r->study->seconds * llround(1 / r->study->ask.dt_s);
    int64_t began = clock_cpu_us();
    for (int64_t i = 1; i <= n; i++) {
        if (w && w->before && world_second(r->set.world)) {
            w->before(w->arg, &view);
        }
        setup_step(&r->set);
        if (r->core) {
            control(r, (mono_t){i * step_us}, world_wall(r->set.world));
        }
        if (w && w->after && world_second(r->set.world)) {
            w->after(w->arg, &view);
        }
    }
    r->outcome->cpu_s = (double)(clock_cpu_us() - began) / 1e6;
}

static int run(struct runner *r, char *out, size_t cap)
{
    int status = prepare(r);
    if (status == 0) {
        steps(r);
        (void)judge_json(&r->set.judge, out, cap);
    }
    return status;
}

int study_run(const struct study *s, char *out, size_t cap, struct study_outcome *outcome)
{
    struct study own = *s;
    struct arena boot;
    own.ask.dt_s = s->ask.dt_s > 0 ? s->ask.dt_s : 1;
    *outcome = (struct study_outcome){.cpu_s = 0};
    arena_init(&boot, sizeof(struct runner) + 1024);
    struct runner *r = arena_take(&boot, 1, sizeof *r);
    if (!r) {
        return 3;
    }
    *r = (struct runner){.study = &own, .outcome = outcome};
    arena_init(&r->arena, ARENA_MAX);
    int status = run(r, out, cap);
    arena_fini(&r->arena);
    arena_fini(&boot);
    return status;
}
