/* Firings as start-time choices on machines, batches and charging as energies in windows. */
#include "controller/dispatch/follow.h"
#include "controller/dispatch/question_assets.h"
#include <math.h>
#include <string.h>

enum { CELL_S = 900, CELLS_MAX = 192 };

/* First step that begins at or after a time; steps if none does. */
static int step_from(const struct question_facts *f, const struct problem *p, wall_t at)
{
    for (uint32_t t = 0; t < p->steps; t++) {
        if (question_at(f, p, t).ms >= at.ms) {
            return (int)t;
        }
    }
    return (int)p->steps;
}

static enum err add_recipe(const struct question_facts *f, struct problem *p,
                           const struct question_buses *b, int recipe, int *index)
{
    const struct recipe *r = &f->park->recipe[recipe];
    double kw[CELLS_MAX];
    double hours = 0;
    for (int i = 0; i < r->powers; i++) {
        hours += r->power[i].hours;
    }
    uint32_t cells = (uint32_t)fmin(ceil(hours * 3600 / CELL_S), CELLS_MAX);
    for (uint32_t k = 0; k < cells; k++) {
        kw[k] = recipe_kw(r, (k + 0.5) * CELL_S / 60);
    }
    struct problem_recipe out = {
        .draw_bus = b->electricity, .give_bus = -1, .cells = cells, .step_s = CELL_S};
    problem_name(out.name, r->name);
    out.after_s = fmax(r->busy_h * 3600 - cells * CELL_S, 0);
    enum err rc = problem_pool(p, kw, cells, &out.draw_at);
    return rc == ERR_OK ? problem_add_recipe(p, &out, index) : rc;
}

/* Until when the profile is to have ended, so that the kiln is free again when the order says.
 * A time that has passed is as late as can be said: the sooner, the better. */
static double due_s(const struct question_facts *f, const struct problem *p,
                    const struct order_run *r, int recipe)
{
    return fmax(wall_diff_s(f->wall, r->m.due) - p->recipe[recipe].after_s, 1);
}

static enum err add_firing(const struct question_facts *f, struct problem *p,
                           const struct order_run *r, const int *at)
{
    struct problem_order o;
    char name[PROBLEM_NAME_LEN];
    follow_name(r, name);
    problem_order_init(&o, name, at[0], at[1]);
    o.due_s = due_s(f, p, r, at[1]);
    o.late_yuan_per_h = f->park->order[r->order].late_yuan_per_h;
    o.planned_step = -1;
    if (r->m.state == ORDER_RUNNING || r->m.state == ORDER_STARTING) {
        o.started = 1;
        o.started_s = fmax(wall_diff_s(r->m.started, f->wall), 0);
        return problem_add_order(p, &o, NULL);
    }
    int latest = step_from(f, p, r->m.window_to);
    bool at_latest =
        latest < (int)p->steps && question_at(f, p, (uint32_t)latest).ms == r->m.window_to.ms;
    o.earliest_step = step_from(f, p, r->m.window_from);
    o.latest_step = at_latest ? latest : latest - 1;
    /* the window closes inside step 0: what is left is to start at once */
    o.latest_step = o.latest_step < 0 ? 0 : o.latest_step;
    o.start_ok = series_const(1);
    if (wall_diff_s(f->wall, r->m.window_to) > problem_begin_s(p, p->steps) - 1 ||
        o.earliest_step > o.latest_step) {
        return ERR_OK; /* its window reaches past the horizon: a later plan decides */
    }
    if (r->m.planned.ms != 0) {
        o.planned_step = step_from(f, p, r->m.planned);
        o.planned_step = o.planned_step > o.latest_step ? -1 : o.planned_step;
        o.change_yuan = o.planned_step >= 0 ? 5 : 0;
    }
    return problem_add_order(p, &o, NULL);
}

static enum err add_job(const struct question_facts *f, struct problem *p,
                        const struct question_buses *b, const struct order_run *r)
{
    const struct device *dev = &f->park->device[r->m.device];
    const struct unit *u = &f->units[r->m.device];
    struct problem_job j;
    char name[PROBLEM_NAME_LEN];
    follow_name(r, name);
    problem_job_init(&j, name, b->electricity);
    j.from_step = r->m.window_from.ms <= f->wall.ms ? 0 : step_from(f, p, r->m.window_from);
    j.to_step = step_from(f, p, r->m.window_to);
    double window_s = wall_diff_s(f->wall.ms > r->m.window_from.ms ? f->wall : r->m.window_from,
                                  r->m.window_to);
    double inside_s =
        problem_begin_s(p, (uint32_t)j.to_step) - problem_begin_s(p, (uint32_t)j.from_step);
    if (j.from_step >= j.to_step || window_s <= 0 || !u->steered) {
        return ERR_OK;
    }
    j.energy_kwh = orders_left_kwh(r) * fmin(inside_s / window_s, 1);
    j.draw_kw_max = series_const(dev->rating.rated_kw);
    j.pauses_max = -1;
    if (dev->kind == KIND_MILL) {
        j.draw_kw_min = dev->rating.rated_kw;
        j.min_run_s = dev->rating.run_min * 60;
        j.pauses_max = (int32_t)dev->rating.pauses_max;
        j.on_now = u->on ? 1 : 0;
        j.since_s = u->on ? mono_s(mono_sub(f->now, u->on_changed)) : 0;
    }
    return problem_add_job(p, &j, NULL);
}

static bool open_firing(const struct order_run *r)
{
    return r->m.type == ORDER_FIRING &&
           (r->m.state == ORDER_WAITING || r->m.state == ORDER_STARTING ||
            r->m.state == ORDER_RUNNING);
}

/* Machine number of a kiln, made when first needed. A kiln that is hot or away is free later.
 */
static enum err machine_of(const struct question_facts *f, struct problem *p, int device,
                           int *index)
{
    const char *name = f->park->device[device].name;
    for (uint32_t m = 0; m < p->machine_count; m++) {
        if (strcmp(p->machine[m].name, name) == 0) {
            *index = (int)m;
            return ERR_OK;
        }
    }
    struct problem_machine machine = {.free_from_s = 0};
    problem_name(machine.name, name);
    double degc = image_value(f->image, device, KILN_DEGC, 25);
    double state = image_value(f->image, device, KILN_STATE, KILN_STOPPED);
    if (state == KILN_STOPPED && degc > 150) {
        machine.free_from_s = fmin((degc - 150) / 60, 8) * 3600; /* cools by some 60 K/h */
    }
    return problem_add_machine(p, &machine, index);
}

enum err question_orders(const struct question_facts *f, struct problem *p,
                         const struct question_buses *b)
{
    int recipe_index[RECIPES_MAX];
    memset(recipe_index, -1, sizeof recipe_index);
    for (int i = 0; i < f->orders->n; i++) {
        const struct order_run *r = &f->orders->run[i];
        const struct order *ord = &f->park->order[r->order];
        enum err rc = ERR_OK;
        if (open_firing(r)) {
            int at[2] = {0, recipe_index[ord->recipe]};
            rc = machine_of(f, p, r->m.device, &at[0]);
            if (rc == ERR_OK && at[1] < 0) {
                rc = add_recipe(f, p, b, ord->recipe, &at[1]);
                recipe_index[ord->recipe] = at[1];
            }
            rc = rc == ERR_OK ? add_firing(f, p, r, at) : rc;
        } else if (r->m.type != ORDER_FIRING &&
                   (r->m.state == ORDER_WAITING || r->m.state == ORDER_RUNNING)) {
            rc = add_job(f, p, b, r);
        }
        if (rc != ERR_OK) {
            return rc;
        }
    }
    return ERR_OK;
}
