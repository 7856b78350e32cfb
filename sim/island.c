/* The park without its grid: see island.h. Runs in the simulator. */
#include "sim/island.h"
#include "sim/body.h"
#include <math.h>

/* The lag of its own control, and the inertia that it imitates (assumed). */
static const double lag_s = 0.02, inertia_s = 1, help_lag_s = 0.5;

enum err island_init(struct island *i, const struct park *p)
{
    struct plant_island_params par = plant_island_defaults();
    *i = (struct island){.on = false};
    for (int d = 0; d < p->devices; d++) {
        if (!p->device[d].forms_grid) {
            continue;
        }
        if (i->sources == PLANT_ISLAND_SOURCES) {
            return ERR_RANGE;
        }
        struct plant_island_source s =
            plant_island_source_defaults(p->device[d].rating.rated_kw);
        s.lag_s = lag_s;
        s.inertia_s = inertia_s;
        par.source[i->sources] = s;
        i->device[i->sources++] = d;
    }
    par.sources = i->sources;
    return plant_island_init(&i->bus, &par);
}

/* What the sources can do now; those that are off or tripped do not hold it. */
static struct plant_island_in sources_now(struct island *i, const struct body *all)
{
    struct plant_island_in in = {.load_kw = 0};
    for (int k = 0; k < i->sources; k++) {
        const struct body *b = &all[i->device[k]];
        struct body_storage s = body_storage(b);
        i->bus.par.source[k].kw_min = -s.charge_kw_max;
        i->bus.par.source[k].kw_max = s.discharge_kw_max;
        in.on[k] = s.runs && !body_tripped(b);
    }
    return in;
}

static void take(struct island *i, struct body *all)
{
    for (int k = 0; k < i->sources; k++) {
        all[i->device[k]].forming_kw = i->on ? i->bus.source_kw[k] : NAN;
    }
}

bool island_second(struct island *i, struct body *all, bool grid_gone)
{
    if (grid_gone && !i->on && !i->lost) {
        struct plant_island_in in = sources_now(i, all);
        plant_island_begin(&i->bus, &in);
        i->on = i->bus.alive;
        i->lost = !i->on;
        i->sync_s = 0;
        i->give_pu = i->take_pu = 1;
        take(i, all);
    } else if (!grid_gone) {
        i->lost = false;
        i->sync_s += i->on;
        i->on = i->on && i->sync_s <= ISLAND_SYNC_S;
        take(i, all);
    }
    return i->on || !grid_gone;
}

/* 1 up to HELP_HZ_FROM, 0 from HELP_HZ_TO on. */
static double share_pu(double off_hz)
{
    return plant_clamp((HELP_HZ_TO - off_hz) / (HELP_HZ_TO - HELP_HZ_FROM), 0, 1);
}

void island_step(struct island *i, struct body *all, double other_kw, double other_kvar,
                 double h_s)
{
    struct plant_island_in in = sources_now(i, all);
    in.load_kw = -other_kw;
    in.load_kvar = -other_kvar;
    plant_island_step(&i->bus, &in, h_s);
    double off_hz = i->bus.hz - i->bus.par.hz, keep = exp(-h_s / help_lag_s);
    i->give_pu += (share_pu(off_hz) - i->give_pu) * (1 - keep);
    i->take_pu += (share_pu(-off_hz) - i->take_pu) * (1 - keep);
    i->on = i->bus.alive;
    i->lost = !i->on;
    take(i, all);
}

void island_show(const struct island *i, struct body_grid *grid)
{
    grid->out = grid->out || i->lost;
    grid->island = i->on;
    grid->hz = i->bus.hz;
    grid->volt_pu = i->bus.volt_pu;
    grid->give_pu = i->on ? i->give_pu : 1;
    grid->take_pu = i->on ? i->take_pu : 1;
}
