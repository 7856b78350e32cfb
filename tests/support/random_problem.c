/* The generator of random problems. */
#include "tests/support/random_problem.h"
#include "controller/base/err.h"
#include "tests/support/tiny_problem.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WRONG_SHOWN = 20 };
static const uint64_t SEED = 20250714;

double random_pick(struct rng *r, double lo, double hi)
{
    return rng_between(r, lo, hi);
}

bool random_coin(struct rng *r, double pu)
{
    return rng_uniform(r) < pu;
}

static void add_storage(struct problem *p, struct rng *r)
{
    int b = tiny_battery(p);
    p->storage[b].charge_pu = random_pick(r, 0.85, 1);
    p->storage[b].discharge_pu = random_pick(r, 0.85, 1);
    p->storage[b].wear_yuan_per_kwh = random_coin(r, 0.5) ? 0.05 : 0;
    p->storage[b].energy_start_kwh = random_pick(r, 0, 220);
    p->storage[b].energy_kwh_min = series_const(random_coin(r, 0.5) ? 20 : 0);
    p->storage[b].charge_kw_min = random_coin(r, 0.3) ? random_pick(r, 10, 60) : 0;
    p->storage[b].loss_pu_per_h = random_coin(r, 0.3) ? 0.01 : 0;
}

static void add_converter(struct problem *p, struct rng *r)
{
    struct problem_converter c;
    struct problem_load l;
    int heat = 0;
    must(problem_add_bus(p, "heat", BUS_HEAT, &heat) == ERR_OK);
    p->bus[heat].dump = random_coin(r, 0.7);
    p->bus[heat].dump_yuan_per_kwh = 0.05;
    p->bus[heat].unserved_yuan_per_kwh = 0.6;
    problem_load_init(&l, "hall", heat);
    l.draw_kw = tiny_noise(p, r, 0, 120);
    must(problem_add_load(p, &l, NULL) == ERR_OK);
    problem_converter_init(&c, "hp", 0);
    c.in_kw_max = series_const(50);
    c.in_kw_min = series_const(random_coin(r, 0.7) ? 15 : 0);
    c.out[0].bus = heat;
    c.out[0].gain = series_const(random_pick(r, 1, 3));
    c.min_up_s = random_coin(r, 0.5) ? 7200 : 0;
    c.min_down_s = random_coin(r, 0.5) ? 7200 : 0;
    c.start_yuan = random_coin(r, 0.5) ? random_pick(r, 0, 20) : 0;
    c.stop_yuan = random_coin(r, 0.5) ? random_pick(r, 0, 20) : 0;
    c.on_now = random_coin(r, 0.5);
    c.in_start_kw = c.on_now ? 20 : 0;
    c.since_s = random_pick(r, 0, 7200);
    c.ramp_up_kw_per_h = random_coin(r, 0.3) ? 20 : 0;
    c.levels = random_coin(r, 0.2) ? 4 : 0;
    c.in_kw_min = c.levels > 0 ? series_const(0) : c.in_kw_min;
    must(problem_add_converter(p, &c, NULL) == ERR_OK);
}

static void add_work(struct problem *p, struct rng *r)
{
    struct problem_job j;
    if (random_coin(r, 0.7)) {
        int o = tiny_order(p, random_pick(r, 20, 200), 2);
        struct problem_order next = p->order[o];
        p->order[o].due_s = random_coin(r, 0.5) ? random_pick(r, 1, 6) * 3600 : 0;
        p->order[o].late_yuan_per_h = 10;
        p->order[o].start_ok = random_coin(r, 0.3) ? tiny_noise(p, r, 0, 1) : series_const(1);
        problem_name(next.name, "next");
        if (random_coin(r, 0.5)) {
            must(problem_add_order(p, &next, NULL) == ERR_OK);
        }
    }
    if (random_coin(r, 0.7)) {
        problem_job_init(&j, "mill", 0);
        j.from_step = random_coin(r, 0.5) ? 1 : 0;
        j.to_step = RANDOM_STEPS;
        j.energy_kwh = random_pick(r, 0, 250);
        j.draw_kw_max = series_const(60);
        j.draw_kw_min = random_coin(r, 0.5) ? 60 : random_coin(r, 0.5) ? 20 : 0;
        j.min_run_s = random_coin(r, 0.5) ? 7200 : 0;
        j.pauses_max = random_coin(r, 0.5) ? 1 : -1;
        must(problem_add_job(p, &j, NULL) == ERR_OK);
    }
}

/* Makes a kiln one with states, now and then with a day that has begun. */
static void add_states(struct problem *p, struct rng *r)
{
    static const int now[] = {MACHINE_COLD, MACHINE_HEATING, MACHINE_HOLDING, MACHINE_COOLING};
    if (p->machine_count == 0 || random_coin(r, 0.5)) {
        return;
    }
    struct problem_machine *m = &p->machine[0];
    m->heat_s = random_pick(r, 600, 7200);
    m->cool_s = random_pick(r, 600, 5400);
    m->cold_kw = random_coin(r, 0.3) ? random_pick(r, 0, 3) : 0;
    m->heat_kw = random_pick(r, 0, 150);
    m->hold_kw = random_pick(r, 0, 60);
    m->cool_kw = random_pick(r, 0, 10);
    m->gap_s = random_coin(r, 0.3) ? random_pick(r, 0, 7200) : 0;
    m->free_from_s = random_coin(r, 0.3) ? random_pick(r, 0, 7200) : 0;
    m->cold_by_s = random_coin(r, 0.3) ? random_pick(r, 0, RANDOM_STEPS * 3600) : 0;
    m->heat_fires = random_coin(r, 0.4);
    m->fire_cools = random_coin(r, 0.4);
    m->state_now = now[(int)random_pick(r, 0, 4)];
    m->since_s = random_pick(r, 0, 5400);
    p->order[0].started = random_coin(r, 0.2);
    p->order[0].started_s = random_pick(r, 0, 3000);
}

static void add_contract(struct problem *p, struct rng *r)
{
    struct problem_source pv;
    problem_source_init(&pv, "pv", 0);
    pv.available_kw = tiny_noise(p, r, 0, 250);
    pv.curtail_yuan_per_kwh = 0.01;
    must(problem_add_source(p, &pv, NULL) == ERR_OK);
    p->grid.import_yuan_per_kwh = tiny_noise(p, r, random_coin(r, 0.2) ? -0.3 : 0.2, 1.3);
    p->grid.import_kw_max =
        random_coin(r, 0.2) ? tiny_noise(p, r, 0, 500) : p->grid.import_kw_max;
    p->grid.export_kw_max = series_const(random_coin(r, 0.5) ? 200 : 0);
    p->grid.export_yuan_per_kwh = series_const(random_pick(r, 0, 0.5));
    p->grid.export_peak_yuan_per_kw = random_coin(r, 0.3) ? random_pick(r, 0, 1) : 0;
    p->grid.import_kw_min = series_const(random_coin(r, 0.3) ? 20 : 0);
    if (random_coin(r, 0.5)) {
        p->grid.demand_target_kw = random_pick(r, 80, 250);
        p->grid.demand_over_yuan_per_kw = random_pick(r, 0, 5);
        p->grid.demand_jump_yuan = random_coin(r, 0.5) ? random_pick(r, 0, 100) : 0;
        p->grid.demand_average_steps = random_coin(r, 0.3) ? 2 : 1;
    }
    if (random_coin(r, 0.3)) {
        struct problem_cap c = {.from_step = 2, .to_step = 4, .kw = random_pick(r, -50, 120)};
        c.floor = random_coin(r, 0.3);
        must(problem_add_cap(p, &c, NULL) == ERR_OK);
    }
}

void random_problem(struct problem *p, struct rng *r)
{
    struct problem_fault f;
    tiny_problem(p, RANDOM_STEPS);
    add_contract(p, r);
    if (random_coin(r, 0.8)) {
        add_storage(p, r);
    }
    if (random_coin(r, 0.6)) {
        add_converter(p, r);
    }
    add_work(p, r);
    add_states(p, r);
    must(problem_validate(p, &f) == ERR_OK);
}

/* Storages that begin or must end where they may not be. */
static void odd_storages(struct problem *p, struct rng *r)
{
    for (uint32_t i = 0; i < p->storage_count; i++) {
        struct problem_storage *s = &p->storage[i];
        s->energy_kwh_min = series_const(random_pick(r, 0, 120));
        s->energy_kwh_max = tiny_noise(p, r, 120, 200);
        s->energy_start_kwh = random_pick(r, 0, 400);
        s->end_kwh_min = random_pick(r, 0, 400);
        if (random_coin(r, 0.5)) {
            struct problem_target t = {.storage = (int32_t)i,
                                       .step = (int32_t)random_pick(r, 0, RANDOM_STEPS),
                                       .energy_kwh_min = random_pick(r, 0, 500)};
            must(problem_add_target(p, &t, NULL) == ERR_OK);
        }
    }
}

/* Windows of no length, work that does not fit, due times that have passed. */
static void odd_work(struct problem *p, struct rng *r)
{
    for (uint32_t i = 0; i < p->job_count; i++) {
        struct problem_job *j = &p->job[i];
        j->to_step = random_coin(r, 0.3) ? j->from_step : j->to_step;
        j->energy_kwh = random_pick(r, 0, 1000);
    }
    for (uint32_t i = 0; i < p->order_count; i++) {
        struct problem_order *o = &p->order[i];
        o->start_ok = random_coin(r, 0.2) ? series_const(0) : o->start_ok;
        o->latest_step = random_coin(r, 0.2) ? o->earliest_step : o->latest_step;
        o->due_s = random_coin(r, 0.3) ? 1 : o->due_s;
    }
}

/* A cap and a floor that cannot both be kept, outages, prices below zero or flat. */
static void odd_grid(struct problem *p, struct rng *r)
{
    struct problem_grid *g = &p->grid;
    double most[PROBLEM_STEPS_MAX];
    if (random_coin(r, 0.4)) {
        struct problem_cap c = {.from_step = 1, .to_step = 5, .kw = random_pick(r, -200, 50)};
        must(problem_add_cap(p, &c, NULL) == ERR_OK);
        c.floor = 1;
        c.kw = random_pick(r, 60, 2000);
        must(problem_add_cap(p, &c, NULL) == ERR_OK);
    }
    if (random_coin(r, 0.5)) {
        for (uint32_t t = 0; t < p->steps; t++) {
            most[t] = random_coin(r, 0.3) ? 0 : random_pick(r, 0, 300);
        }
        must(problem_series(p, most, &g->import_kw_max) == ERR_OK);
        g->import_kw_min = series_const(0);
        g->export_kw_max = series_const(0);
    }
    if (random_coin(r, 0.5)) {
        double flat = random_coin(r, 0.5) ? 0 : random_pick(r, -1, 1);
        bool even = random_coin(r, 0.5);
        g->import_yuan_per_kwh = even ? series_const(flat) : tiny_noise(p, r, -1, 1);
        g->export_yuan_per_kwh = even ? series_const(flat) : tiny_noise(p, r, -1, 1);
    }
}

void random_oddities(struct problem *p, struct rng *r)
{
    struct problem_fault f;
    odd_storages(p, r);
    odd_work(p, r);
    odd_grid(p, r);
    if (problem_validate(p, &f) != ERR_OK) {
        fprintf(stderr, "random_oddities: %s\n", f.text);
        must(false);
    }
}

static int number_of(const char *variable, int otherwise)
{
    const char *asked = getenv(variable);
    long n = asked ? strtol(asked, NULL, 10) : 0;
    return n > 0 && n <= 100 * 1000 * 1000 ? (int)n : otherwise;
}

struct random_campaign random_campaign(int otherwise)
{
    return (struct random_campaign){.problems = number_of("KILNWATT_PROBLEMS", otherwise),
                                    .first = number_of("KILNWATT_FIRST", 0),
                                    .only = getenv("KILNWATT_ONLY")};
}

uint64_t random_seed(const struct random_campaign *c, int i)
{
    return SEED + (uint64_t)c->first + (uint64_t)i;
}

struct rng random_draw(const struct random_campaign *c, int i, const char *name,
                       struct problem *p)
{
    struct rng r;
    rng_init(&r, random_seed(c, i), "optimizer", name);
    random_problem(p, &r);
    return r;
}

void random_demand(struct random_campaign *c, int i, bool holds, const char *otherwise)
{
    c->wrong += !holds;
    if (!holds && c->wrong <= WRONG_SHOWN) {
        printf("problem %d: %s\n", c->first + i, otherwise);
    }
}
