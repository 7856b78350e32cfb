/* The bus of an island: see plant_island.h. Pure. */
#include "sim/plant_island.h"

static const double sub_s = 1e-3;

struct plant_island_source plant_island_source_defaults(double kva)
{
    return (struct plant_island_source){.kva = kva,
                                        .inertia_s = 0.35,
                                        .droop_pu = 0.03,
                                        .droop_q_pu = 0.03,
                                        .lag_s = 0.2,
                                        .kw_min = 0,
                                        .kw_max = kva};
}

struct plant_island_params plant_island_defaults(void)
{
    return (struct plant_island_params){
        .hz = 50, .damping_pu = 1, .hz_low = 47.5, .hz_high = 51.5, .trip_s = 0.5};
}

static bool source_good(const struct plant_island_source *s)
{
    return s->kva > 0 && s->inertia_s >= 0 && s->droop_pu > 0 && s->droop_pu <= 1 &&
           s->droop_q_pu >= 0 && s->droop_q_pu <= 1 && s->lag_s >= 2 * sub_s &&
           s->kw_min <= s->kw_max;
}

enum err plant_island_init(struct plant_island *i, const struct plant_island_params *par)
{
    bool good = par->hz > 0 && par->sources >= 0 && par->sources <= PLANT_ISLAND_SOURCES &&
                par->sheds >= 0 && par->sheds <= PLANT_ISLAND_SHEDS && par->damping_pu >= 0 &&
                par->hz_low < par->hz && par->hz_high > par->hz && par->trip_s >= 0;
    double inertia_kws = 0;
    for (int k = 0; good && k < par->sources; k++) {
        good = source_good(&par->source[k]);
        inertia_kws += par->source[k].inertia_s * par->source[k].kva;
    }
    for (int k = 0; good && k < par->sheds; k++) {
        const struct plant_island_shed *s = &par->shed[k];
        good = s->below_hz < par->hz && s->after_s >= 0 && s->load_pu > 0 && s->load_pu <= 1 &&
               (k == 0 || s->below_hz <= par->shed[k - 1].below_hz);
    }
    if (!good || (par->sources > 0 && inertia_kws <= 0)) {
        return ERR_RANGE;
    }
    *i = (struct plant_island){.par = *par, .f_pu = 1, .hz = par->hz, .volt_pu = 1};
    return ERR_OK;
}

static void lose(struct plant_island *i)
{
    i->alive = false;
    i->hz = i->f_pu = i->volt_pu = i->served_kw = i->kvar = i->rocof_hz_per_s = 0;
    for (int k = 0; k < i->par.sources; k++) {
        i->source_kw[k] = 0;
    }
}

static double inertia_of(const struct plant_island *i, const struct plant_island_in *in)
{
    double kws = 0;
    for (int k = 0; k < i->par.sources; k++) {
        kws += in->on[k] ? 2 * i->par.source[k].inertia_s * i->par.source[k].kva : 0;
    }
    return kws;
}

void plant_island_begin(struct plant_island *i, const struct plant_island_in *in)
{
    *i = (struct plant_island){.par = i->par, .f_pu = 1, .hz = i->par.hz, .volt_pu = 1};
    i->hz_min = i->hz_max = i->par.hz;
    i->alive = true;
    for (int k = 0; k < i->par.sources; k++) {
        const struct plant_island_source *s = &i->par.source[k];
        i->source_kw[k] = in->on[k] ? plant_clamp(in->set_kw[k], s->kw_min, s->kw_max) : 0;
    }
    if (inertia_of(i, in) <= 0) {
        lose(i);
    }
}

static double shed_pu(const struct plant_island *i)
{
    double left = 1;
    for (int k = 0; k < i->shed; k++) {
        left -= i->par.shed[k].load_pu;
    }
    return fmax(0, left);
}

/* d(power)/dt of a source and d(f)/dt of the bus. */
static double source_slope(const struct plant_island *i, const struct plant_island_in *in,
                           int k, double kw, double f_pu)
{
    const struct plant_island_source *s = &i->par.source[k];
    double aim_kw = in->set_kw[k] - (f_pu - 1) / s->droop_pu * s->kva;
    return (plant_clamp(aim_kw, s->kw_min, s->kw_max) - kw) / s->lag_s;
}

static double bus_slope(const struct plant_island *i, const double *kw, double load_kw,
                        double f_pu, double inertia_kws)
{
    double sum_kw = 0;
    for (int k = 0; k < i->par.sources; k++) {
        sum_kw += kw[k];
    }
    return (sum_kw - load_kw * (1 + i->par.damping_pu * (f_pu - 1))) / inertia_kws;
}

/* One step of Heun's method. */
static void swing(struct plant_island *i, const struct plant_island_in *in, double load_kw,
                  double inertia_kws, double h_s)
{
    int n = i->par.sources;
    double slope[PLANT_ISLAND_SOURCES], ahead[PLANT_ISLAND_SOURCES] = {0};
    double bus = bus_slope(i, i->source_kw, load_kw, i->f_pu, inertia_kws);
    for (int k = 0; k < n; k++) {
        slope[k] = in->on[k] ? source_slope(i, in, k, i->source_kw[k], i->f_pu) : 0;
        ahead[k] = i->source_kw[k] + h_s * slope[k];
    }
    double f_ahead = i->f_pu + h_s * bus;
    double bus_ahead = bus_slope(i, ahead, load_kw, f_ahead, inertia_kws);
    for (int k = 0; k < n; k++) {
        double next = in->on[k] ? source_slope(i, in, k, ahead[k], f_ahead) : 0;
        i->source_kw[k] += 0.5 * h_s * (slope[k] + next);
    }
    i->f_pu += 0.5 * h_s * (bus + bus_ahead);
    i->rocof_hz_per_s = 0.5 * (bus + bus_ahead) * i->par.hz;
}

/* Relays look at the frequency after each part of a step; returns false once the bus is lost.
 */
static bool relays(struct plant_island *i, double h_s)
{
    const struct plant_island_params *par = &i->par;
    i->hz = i->f_pu * par->hz;
    i->hz_min = fmin(i->hz_min, i->hz);
    i->hz_max = fmax(i->hz_max, i->hz);
    for (int k = i->shed; k < par->sheds; k++) {
        i->under_s[k] = i->hz < par->shed[k].below_hz ? i->under_s[k] + h_s : 0;
    }
    while (i->shed < par->sheds && i->under_s[i->shed] > par->shed[i->shed].after_s) {
        i->shed++;
    }
    bool outside = i->hz < par->hz_low || i->hz > par->hz_high;
    i->outside_s = outside ? i->outside_s + h_s : 0;
    return i->outside_s <= par->trip_s;
}

static void voltage(struct plant_island *i, const struct plant_island_in *in, double load_pu)
{
    double slope_kvar = 0; /* per unit of voltage; a source without droop holds it */
    for (int k = 0; k < i->par.sources; k++) {
        const struct plant_island_source *s = &i->par.source[k];
        slope_kvar += in->on[k] ? s->kva / fmax(1e-6, s->droop_q_pu) : 0;
    }
    i->kvar = in->load_kvar * load_pu;
    /* Sources share Q so that all see one voltage: Q_k = (1 - V) S_k/droop_k. */
    i->volt_pu = 1 - i->kvar / slope_kvar;
}

void plant_island_step(struct plant_island *i, const struct plant_island_in *in, double h_s)
{
    double inertia_kws = inertia_of(i, in);
    for (int k = 0; k < i->par.sources; k++) {
        i->source_kw[k] = in->on[k] ? i->source_kw[k] : 0;
    }
    if (i->alive && inertia_kws <= 0) {
        lose(i);
    }
    int parts = (int)ceil(h_s / sub_s - 1e-9);
    double part_s = h_s / parts, served_kws = 0;
    for (int p = 0; p < parts && i->alive; p++) {
        double load_kw = in->load_kw * shed_pu(i);
        swing(i, in, load_kw, inertia_kws, part_s);
        served_kws += load_kw * part_s;
        if (!relays(i, part_s)) {
            lose(i);
        }
    }
    i->unserved_kwh += (in->load_kw * h_s - served_kws) / 3600;
    if (!i->alive) {
        return;
    }
    i->served_kw = served_kws / h_s;
    voltage(i, in, shed_pu(i));
}
