/* The tiny problem and its parts. */
#include "tests/support/tiny_problem.h"
#include "optimizer/tally.h"

void tiny_problem(struct problem *p, uint32_t steps)
{
    double price[PROBLEM_STEPS_MAX];
    struct problem_load l;
    must(problem_init(p, steps, 3600, 1751299200000) == ERR_OK);
    must(problem_add_bus(p, "electricity", BUS_ELECTRICITY, NULL) == ERR_OK);
    for (uint32_t t = 0; t < steps; t++) {
        price[t] = t < steps / 2 ? 0.4 : 1.0;
    }
    p->grid.present = 1;
    p->grid.import_kw_max = series_const(1000);
    must(problem_series(p, price, &p->grid.import_yuan_per_kwh) == ERR_OK);
    problem_load_init(&l, "works", 0);
    l.draw_kw = series_const(100);
    must(problem_add_load(p, &l, NULL) == ERR_OK);
}

int tiny_battery(struct problem *p)
{
    struct problem_storage s;
    int i = 0;
    problem_storage_init(&s, "bess", 0, 0);
    s.charge_kw_max = s.discharge_kw_max = series_const(100);
    s.energy_kwh_max = series_const(200);
    s.energy_start_kwh = s.end_kwh_min = 100;
    s.exclusive = 1;
    must(problem_add_storage(p, &s, &i) == ERR_OK);
    return i;
}

int tiny_order(struct problem *p, double kw, uint32_t hours)
{
    struct problem_machine m = {.free_from_s = 0};
    struct problem_recipe r = {
        .give_bus = -1, .give_at = -1, .cells = hours, .step_s = 3600, .after_s = 0};
    struct problem_order o;
    double draw[PROBLEM_STEPS_MAX];
    int machine = 0, recipe = 0, i = 0;
    for (uint32_t k = 0; k < hours; k++) {
        draw[k] = kw;
    }
    problem_name(m.name, "kiln");
    problem_name(r.name, "glost");
    must(problem_add_machine(p, &m, &machine) == ERR_OK);
    must(problem_pool(p, draw, hours, &r.draw_at) == ERR_OK);
    must(problem_add_recipe(p, &r, &recipe) == ERR_OK);
    problem_order_init(&o, "firing", machine, recipe);
    o.latest_step = (int32_t)p->steps - 1;
    must(problem_add_order(p, &o, &i) == ERR_OK);
    p->beyond_yuan_per_kwh = 2;
    return i;
}

int tiny_kiln(struct problem *p)
{
    int o = tiny_order(p, 200, 2);
    struct problem_machine *m = &p->machine[p->order[o].machine];
    m->heat_s = 7200;
    m->cool_s = 3600;
    m->cold_kw = 1;
    m->heat_kw = 90;
    m->hold_kw = 30;
    m->cool_kw = 5;
    return o;
}

int tiny_again(struct problem *p, int order, const char *name)
{
    struct problem_order next = p->order[order];
    int i = 0;
    problem_name(next.name, name);
    next.started = 0;
    must(problem_add_order(p, &next, &i) == ERR_OK);
    return i;
}

void tiny_balance(const struct problem *p, struct plan *pl)
{
    double *in = plan_series(pl, pl->import_kw);
    const double *draw = plan_read(pl, pl->machine_draw_kw[0]);
    for (uint32_t t = 0; t < p->steps; t++) {
        in[t] = 100 + draw[t];
        for (uint32_t i = 0; i < p->order_count; i++) {
            int s = pl->order_start[i];
            bool there = p->order[i].started || (s != PLAN_NONE && s <= (int)t);
            in[t] += there ? problem_order_draw_kw(p, i, s, t) : 0;
        }
    }
    tally_state(pl, p);
}

double tiny_yuan(const struct problem *p)
{
    double sum = 0;
    for (uint32_t t = 0; t < p->steps; t++) {
        sum += 100 * problem_hours(p, t) * series_get(p, p->grid.import_yuan_per_kwh, t);
    }
    return sum;
}

enum err tiny_solve(const struct problem *p, struct plan *out)
{
    struct solve_limits l = {.work = 20000, .gap_pu = 0};
    struct problem_fault fault;
    return solve_problem(p, NULL, &l, out, &fault);
}

struct series tiny_noise(struct problem *p, struct rng *r, double lo, double hi)
{
    double v[PROBLEM_STEPS_MAX];
    struct series s;
    for (uint32_t t = 0; t < p->steps; t++) {
        v[t] = rng_between(r, lo, hi);
    }
    must(problem_series(p, v, &s) == ERR_OK);
    return s;
}
