/* The run ahead. */
#include "sim/foresight.h"
#include "sim/body.h"
#include <math.h>
#include <stdio.h>

enum { ARENA_MAX = 512 * 1024 * 1024 };

/* What is remembered of one device, or with device -1 of the heat demand. */
struct glance {
    int device;
    double sum; /* kW x s of the row under way */
};
struct ahead {
    struct setup set;
    struct series_file *out;
    struct glance *glance; /* [out->columns] */
};

static bool from_sky(enum kind k)
{
    return k == KIND_PV || k == KIND_WIND;
}

/* They go by their schedule, and nobody commands them. */
static bool rigid(enum kind k)
{
    static const bool is[KIND_COUNT] = {
        [KIND_LOAD] = true,       [KIND_ROLLER_KILN] = true, [KIND_CHILLER] = true,
        [KIND_COMPRESSOR] = true, [KIND_PUMP] = true,        [KIND_BUILDING] = true};
    return is[k];
}

static bool foreseen(const struct park *p, int device)
{
    const struct device *d = &p->device[device];
    int source = d->kind == KIND_WASTE_HEAT ? park_device(p, d->follows) : -1;
    return from_sky(d->kind) || rigid(d->kind) ||
           (source >= 0 && p->device[source].kind == KIND_ROLLER_KILN);
}

static void add_column(struct ahead *w, int device)
{
    const struct park *p = w->set.park;
    struct series_file *f = w->out;
    char *name = f->name[f->columns];
    if (device < 0) {
        (void)snprintf(name, SERIES_NAME_LEN, "heat.hot_water_kw");
    } else {
        const struct device *d = &p->device[device];
        (void)snprintf(name, SERIES_NAME_LEN,
                       from_sky(d->kind) ? "%s.available_kw" : "load.%s_kw", d->name);
    }
    w->glance[f->columns++].device = device;
}

static enum err take_series(struct ahead *w, struct arena *a, double seconds)
{
    const struct park *p = w->set.park;
    struct series_file *f = arena_take(a, 1, sizeof *f);
    if (!f || !w->glance) {
        return ERR_NOMEM;
    }
    *f = (struct series_file){.rows = (int)ceil(seconds / FORESIGHT_STEP_S),
                              .step_ms = FORESIGHT_STEP_S * 1000,
                              .begin = w->set.start};
    w->out = f;
    f->name = arena_take(a, (size_t)p->devices + 1, sizeof *f->name);
    if (!f->name) {
        return ERR_NOMEM;
    }
    for (int d = 0; d < p->devices; d++) {
        if (foreseen(p, d)) {
            add_column(w, d);
        }
    }
    if (p->tank >= 0) {
        add_column(w, -1);
    }
    f->value = arena_take(a, (size_t)f->rows * (size_t)f->columns + 1, sizeof *f->value);
    return f->value ? ERR_OK : ERR_NOMEM;
}

/* Nothing runs back into the grid, so that its relay does not take PV and wind away, as it may
 * where nobody controls. */
static void hold_down(struct world *w)
{
    const struct park *p = world_park(w);
    for (int d = 0; d < p->devices; d++) {
        bool pv = p->device[d].kind == KIND_PV;
        if (pv || p->device[d].kind == KIND_WIND) {
            world_command(w, d, pv ? PV_LIMIT_PU : WIND_LIMIT_PU, 0);
            world_command(w, d, pv ? PV_LIMIT_ON : WIND_LIMIT_ON, 1);
        }
    }
}

static double seen_kw(const struct world *w, int device)
{
    if (device < 0) {
        return world_heat_demand_kw(w);
    }
    const struct body *b = world_body(w, device);
    enum kind k = b->device->kind;
    return from_sky(k) ? b->available_kw : k == KIND_WASTE_HEAT ? b->heat_kw : -b->kw;
}

static void run_ahead(struct ahead *w)
{
    struct series_file *f = w->out;
    struct world *world = w->set.world;
    double dt_s = world_dt_s(world);
    int64_t per_row = llround(FORESIGHT_STEP_S / dt_s);
    for (int row = 0; row < f->rows; row++) {
        for (int64_t i = 0; i < per_row; i++) {
            world_step(world);
            for (int c = 0; c < f->columns; c++) {
                w->glance[c].sum += seen_kw(world, w->glance[c].device) * dt_s;
            }
        }
        for (int c = 0; c < f->columns; c++) {
            f->value[row * f->columns + c] = w->glance[c].sum / FORESIGHT_STEP_S;
            w->glance[c].sum = 0;
        }
    }
}

enum err foresight_make(struct series_file **out, struct arena *a, const struct setup *set,
                        const struct setup_ask *ask, double seconds)
{
    struct arena own;
    arena_init(&own, ARENA_MAX);
    struct ahead *w = arena_take(&own, 1, sizeof *w);
    enum err e = w ? ERR_OK : ERR_NOMEM;
    if (w) {
        w->set = *set;
        w->glance = arena_take(&own, (size_t)set->park->devices + 1, sizeof *w->glance);
        e = setup_build(&w->set, &own, ask);
        e = e == ERR_OK ? take_series(w, a, seconds) : e;
    }
    if (e == ERR_OK) {
        hold_down(w->set.world);
        run_ahead(w);
        *out = w->out;
    }
    arena_fini(&own);
    return e;
}
