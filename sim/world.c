/* The park as it really is, step by step. Runs in the simulator; one struct world per park. */
#include "sim/world.h"
#include "controller/base/civil.h"
#include "sim/body_lists.h"
#include "sim/faults.h"
#include "sim/island.h"
#include "sim/snap.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

struct world {
    const struct park *park;
    struct env *env;
    struct body *body; /* [park->devices] */
    struct body_lists lists;
    wall_t start;
    double dt_s;
    int subs;      /* sub-steps per second */
    int64_t steps; /* done */
    struct rng rng;
    struct noise heat;    /* of its demand */
    char heat_column[64]; /* of the --series files */
    double pcc_kw, loss_kw;
    const struct faults *faults;
    struct body_grid grid;
    struct island island;
    double sag_s;     /* voltage out of range for so long */
    double reverse_s; /* reverse power above the relay's threshold for so long */
    int relay_trips;
};

static enum err body_start(struct world *w, struct arena *a, int i, uint64_t seed)
{
    struct body *b = &w->body[i];
    const struct device *d = &w->park->device[i];
    b->park = w->park;
    b->device = d;
    b->index = i;
    b->all = w->body;
    b->given_kw = b->forming_kw = NAN;
    b->fault = world_faults(w, i);
    b->grid = &w->grid;
    for (int r = 0; r < POINTS_PER_KIND_MAX; r++) {
        b->asked[r] = NAN;
    }
    rng_init(&b->rng, seed, d->name, "plant");
    const struct kind_def *k = dict_kind(d->kind);
    for (int r = 0; r < k->points; r++) {
        if (k->point[r].writable) {
            b->cmd[r] = k->point[r].revert == REVERT_VALUE
                            ? park_point_revert(w->park, park_point(w->park, i, r))
                            : k->point[r].revert_value;
        }
    }
    b->def = body_def(d);
    b->on_bus = k->on_bus;
    return b->def->init(b, a, seed);
}

enum err world_init(struct world **out, struct arena *a, const struct world_setup *setup)
{
    const struct park *p = setup->park;
    struct world *w = arena_take(a, 1, sizeof *w);
    struct body *body = arena_take(a, (size_t)p->devices, sizeof *body);
    if (!w || !body) {
        return ERR_NOMEM;
    }
    *w = (struct world){.park = p,
                        .env = setup->env,
                        .body = body,
                        .faults = setup->faults,
                        .start = setup->start,
                        .dt_s = setup->dt_s,
                        .subs = (int)lround(1 / setup->dt_s)};
    rng_init(&w->rng, setup->seed, "park", "heat");
    if (p->tank >= 0) {
        snprintf(w->heat_column, sizeof w->heat_column, "heat.%s_kw", p->device[p->tank].name);
    }
    enum err formed = island_init(&w->island, p);
    if (formed) {
        fprintf(stderr, "kilnwatt sim: at most %d devices can form the grid\n",
                PLANT_ISLAND_SOURCES);
        return formed;
    }
    island_show(&w->island, &w->grid);
    env_step(w->env, w->start, 1);
    for (int i = 0; i < p->devices; i++) {
        enum err e = body_start(w, a, i, setup->seed);
        if (e) {
            fprintf(stderr, "kilnwatt sim: device %s: its ratings cannot be simulated (%s)\n",
                    p->device[i].name, err_text(e));
            return e;
        }
    }
    *out = w;
    return body_lists_init(&w->lists, a, body, p->devices);
}

enum err world_begin(struct world *w, int device, int row, double value)
{
    return body_begin(&w->body[device], row, value);
}

const struct park *world_park(const struct world *w)
{
    return w->park;
}

const struct fault_set *world_faults(const struct world *w, int device)
{
    return w->faults ? &w->faults->of[device] : &fault_none;
}

bool world_sound(const struct world *w)
{
    return !w->faults || w->faults->active == 0;
}

double world_dt_s(const struct world *w)
{
    return w->dt_s;
}

double world_elapsed_s(const struct world *w)
{
    return (double)w->steps / w->subs;
}

wall_t world_wall(const struct world *w)
{
    return (wall_t){w->start.ms + w->steps * 1000 / w->subs};
}

bool world_second(const struct world *w)
{
    return w->steps % w->subs == 0;
}

/* Recorded series give powers of loads, PV and wind; other kinds have no column. */
static void read_series(struct world *w, struct body *b)
{
    if (b->column[0]) {
        b->given_kw = env_series(w->env, b->column, w->env->at);
    }
}

static double heat_demand_kw(struct world *w)
{
    const struct park *p = w->park;
    if (p->tank < 0) {
        return 0;
    }
    noise_step(&w->heat, &w->rng, 900, 1);
    double given = env_series(w->env, w->heat_column, w->env->at);
    double kw = schedule_at_kw(&p->heat_demand, &w->env->when) * fmax(1 + 0.05 * w->heat.x, 0);
    return isnan(given) ? kw : given;
}

/* The tank takes what all sources gave in this second. */
static void step_heat(struct world *w)
{
    struct env *e = w->env;
    if (w->park->tank < 0) {
        return;
    }
    e->heat_in_kw = 0;
    for (int i = 0; i < w->park->devices; i++) {
        e->heat_in_kw += w->body[i].heat_kw;
    }
    e->heat_demand_kw = heat_demand_kw(w);
    struct body *tank = &w->body[w->park->tank];
    body_tank.step(tank, e, 1);
    e->top_degc = body_tank.get(tank, TANK_TOP_DEGC);
    e->return_degc = body_tank.get(tank, TANK_BOTTOM_DEGC);
    e->tank_soc_pu = body_tank.get(tank, TANK_SOC_PU);
}

/* The grid at the PCC: an outage, or a voltage out of range (2 s: see fault_table.c). */
static void step_grid(struct world *w)
{
    const struct fault_set *f = world_faults(w, w->park->pcc);
    double v_pu = fault_is(f, FAULT_GRID_DIP) ? f->of[FAULT_GRID_DIP].arg[1] : 1;
    w->sag_s = v_pu < 0.85 || v_pu > 1.1 ? w->sag_s + 1 : 0;
    bool gone = fault_is(f, FAULT_GRID_OUTAGE);
    w->grid.out = !island_second(&w->island, w->body, gone);
    w->grid.weak = w->sag_s > 2 && !w->island.on;
    island_show(&w->island, &w->grid);
}

static void step_second(struct world *w)
{
    step_grid(w);
    env_step(w->env, world_wall(w), 1);
    for (int i = 0; i < w->park->devices; i++) {
        struct body *b = &w->body[i];
        if (w->env->files > 0) {
            read_series(w, b);
        }
        if (b->trip_left_s > 0) {
            b->trip_left_s = fmax(0, b->trip_left_s - 1);
        }
    }
    bodies_step(&w->lists.slow, w->env, 1);
    step_heat(w);
}

/* What the transformers lost over their last second. */
static double transformer_loss_kw(const struct world *w)
{
    double sum = 0;
    for (int i = 0; i < w->lists.transformers.n && !w->grid.out && !w->grid.island; i++) {
        sum += body_loss_kw(w->lists.transformers.of[i]);
    }
    return sum;
}

static void balance(struct world *w)
{
    double kw = 0, kvar = 0;
    for (int i = 0; i < w->lists.on_bus.n; i++) {
        const struct body *b = w->lists.on_bus.of[i];
        if (isnan(b->forming_kw)) {
            kw += b->kw;
            kvar += b->kvar;
        }
    }
    w->loss_kw = transformer_loss_kw(w);
    if (w->island.on) {
        island_step(&w->island, w->body, kw, kvar, w->dt_s);
        island_show(&w->island, &w->grid);
        kw = kvar = 0;
    }
    w->pcc_kw = w->loss_kw - kw;
    w->env->pcc_kw = w->pcc_kw;
    w->env->pcc_kvar = -kvar;
    bodies_step(&w->lists.meters, w->env, w->dt_s);
}

static bool sun_or_wind(const struct body *b)
{
    return b->device->kind == KIND_PV || b->device->kind == KIND_WIND;
}

/* The grid company's reverse-power relay, set where export is forbidden. */
static void relay(struct world *w)
{
    if (w->park->export_kw_max > 0) {
        return;
    }
    bool reverse = w->pcc_kw < -RELAY_PU * w->park->import_kw_max;
    w->reverse_s = reverse ? w->reverse_s + w->dt_s : 0;
    if (w->reverse_s <= RELAY_TRIP_S + 1e-9) {
        return;
    }
    w->reverse_s = 0;
    w->relay_trips++;
    for (int i = 0; i < w->park->devices; i++) {
        if (sun_or_wind(&w->body[i])) {
            w->body[i].trip_left_s = fmax(w->body[i].trip_left_s, RELAY_PAUSE_S);
        }
    }
}

void world_step(struct world *w)
{
    w->env->now_s = (double)w->start.ms / 1000 + world_elapsed_s(w);
    if (w->steps % w->subs == 0) {
        step_second(w);
    }
    bodies_step(&w->lists.fast, w->env, w->dt_s);
    balance(w);
    relay(w);
    w->steps++;
}

double world_get(const struct world *w, int device, int row)
{
    const struct body *b = &w->body[device];
    return isnan(b->asked[row]) ? b->def->get(b, row) : b->asked[row];
}

bool world_get_rows(const struct world *w, int device, const int *row, int n, double *out)
{
    const struct body *b = &w->body[device];
    double (*get)(const struct body *, int) = b->def->get;
    bool all = true;
    for (int i = 0; i < n; i++) {
        double asked = b->asked[row[i]];
        out[i] = isnan(asked) ? get(b, row[i]) : asked;
        all = all && !isnan(out[i]);
    }
    return all;
}

bool world_serves(const struct world *w, int device, int row)
{
    return !isnan(world_get(w, device, row));
}

void world_command(struct world *w, int device, int row, double value)
{
    struct body *b = &w->body[device];
    if (!isnan(b->asked[row])) {
        b->asked[row] = value;
        return;
    }
    b->cmd[row] = value;
    if (b->def->command) {
        b->def->command(b, row);
    }
}

const struct body *world_body(const struct world *w, int device)
{
    return &w->body[device];
}

double world_pcc_kw(const struct world *w)
{
    return w->pcc_kw;
}

double world_loss_kw(const struct world *w)
{
    return w->loss_kw;
}

double world_heat_demand_kw(const struct world *w)
{
    return w->env->heat_demand_kw;
}

int world_relay_trips(const struct world *w)
{
    return w->relay_trips;
}

/* Meters, tanks and the like have nothing that could trip. */
int world_trip(struct world *w, int device, double for_s)
{
    static const bool trips[KIND_COUNT] = {
        [KIND_PV] = true,          [KIND_WIND] = true,           [KIND_BATTERY] = true,
        [KIND_CHP] = true,         [KIND_GAS_BOILER] = true,     [KIND_HEAT_PUMP] = true,
        [KIND_MILL] = true,        [KIND_STORAGE_BOILER] = true, [KIND_KILN] = true,
        [KIND_ROLLER_KILN] = true, [KIND_LOAD] = true,           [KIND_CHARGER] = true,
        [KIND_CHILLER] = true,     [KIND_COMPRESSOR] = true,     [KIND_ORC] = true,
        [KIND_PUMP] = true,        [KIND_CAPACITOR_BANK] = true, [KIND_BUILDING] = true,
    };
    struct body *b = &w->body[device];
    if (!trips[b->device->kind] || body_tripped(b)) {
        return 0;
    }
    b->trip_left_s = for_s;
    if (b->device->kind == KIND_LOAD) {
        b->kw = b->kvar = 0; /* at once, not at the next whole second */
    }
    return 1;
}

int world_load_step(struct world *w, int device, double kw)
{
    struct body *b = &w->body[device];
    if (b->device->kind != KIND_LOAD || b->extra_kw == kw) {
        return 0;
    }
    /* at once, not at the next whole second */
    b->kw -= kw - b->extra_kw;
    b->extra_kw = kw;
    return 1;
}

int world_cloud(struct world *w, double depth, double s)
{
    int n = 0;
    for (int i = 0; i < w->park->devices; i++) {
        const struct body *b = &w->body[i];
        n += b->device->kind == KIND_PV && b->available_kw > 0 && isnan(b->given_kw);
    }
    if (n) {
        env_cloud(w->env, depth, s);
    }
    return n;
}

int world_cloud_over(struct world *w)
{
    int n = w->env->injected_left_s > 0;
    w->env->injected_left_s = 0;
    return n;
}

int world_clear(struct world *w, int device)
{
    struct body *b = &w->body[device];
    int n = body_tripped(b) + (b->extra_kw != 0);
    b->trip_left_s = 0;
    b->kw += b->extra_kw;
    b->extra_kw = 0;
    return n;
}

void world_cut(struct world *w, int device, double share)
{
    body_cut(&w->body[device], share);
}

int world_stick(struct world *w, int device, bool switches)
{
    return body_stick(&w->body[device], switches);
}

void world_unstick(struct world *w, int device, bool switches)
{
    body_unstick(&w->body[device], switches);
}

void world_snap(struct world *w, struct snap *s)
{
    SNAP_RANGE(s, w, steps, faults);
    SNAP_TAIL(s, w, grid);
    for (int i = 0; i < w->park->devices; i++) {
        body_snap(&w->body[i], s);
    }
}
