/* Bodies of a works' utilities, which nobody commands: chillers, air compressors, pumps, ORCs
 * behind a kiln. What chillers, compressors and pumps have to deliver follows from the power
 * that they usually draw (the device's schedule, or a series), so that the controller may
 * forecast them as it forecasts loads. Runs in the simulator. */
#include "sim/body.h"
#include "sim/plant_chiller.h"
#include "sim/plant_compressor.h"
#include "sim/plant_orc.h"
#include "sim/plant_pump.h"
#include <math.h>
#include <stdio.h>

/* What the schedule says wanders by 3 % within 10 minutes. */
struct wander {
    struct plant_lag lag;
    double x; /* unit variance */
};

static struct wander wander_of(struct body *b)
{
    snprintf(b->column, sizeof b->column, "load.%s_kw", b->device->name);
    return (struct wander){.lag = plant_lag_make(600), .x = rng_normal(&b->rng)};
}

/* Power usually drawn at this time. */
static double usual_kw(struct body *b, const struct env *e, struct wander *w, double h_s)
{
    double kept = plant_lag_step(&w->lag, w->x, 0, h_s);
    w->x = kept + sqrt(1 - w->lag.keep * w->lag.keep) * rng_normal(&b->rng);
    return isnan(b->given_kw)
               ? schedule_kw(b->park, &b->device->schedule, e->at) * fmax(1 + 0.03 * w->x, 0)
               : b->given_kw;
}

/* Water from a cooling tower: 2 K under the air (a humid summer's wet bulb 5 to 6 K under it,
 * the tower 3 to 4 K above that: assumed), its fans keep it from falling below 20 degC. */
static double tower_degc(const struct env *e)
{
    return fmax(20, e->outdoor_degc - 2);
}

/* ---- Chiller: chilled water of 7 degC, on whenever cold is wanted. ---- */
struct chiller {
    struct plant_chiller plant;
    struct wander wander;
};
enum { WATER_DEGC = 7 };

static enum err chiller_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    const struct rating *r = &b->device->rating;
    struct plant_chiller_params par = plant_chiller_defaults(r->rated_heat_kw);
    par.cop = r->cop;
    enum err e = body_take(b, a, sizeof(struct chiller));
    if (e) {
        return e;
    }
    struct chiller *c = b->plant;
    c->wander = wander_of(b);
    b->degc_in = 20;
    return plant_chiller_init(&c->plant, &par);
}

static void chiller_step(struct body *b, const struct env *e, double h_s)
{
    struct chiller *c = b->plant;
    b->degc_in = tower_degc(e);
    struct plant_chiller_in in = {.cold_kw = usual_kw(b, e, &c->wander, h_s) * c->plant.par.cop,
                                  .limit_kw = INFINITY,
                                  .water_degc = WATER_DEGC,
                                  .condenser_degc = b->degc_in,
                                  .run = true,
                                  .trip = body_tripped(b)};
    plant_chiller_step(&c->plant, &in, h_s);
    b->kw = c->plant.kw;
}

static double chiller_get(const struct body *b, int row)
{
    const struct plant_chiller *c = &((const struct chiller *)b->plant)->plant;
    const double rows[] = {
        [P_KW] = c->kw,
        [CHILLER_COLD_KW] = c->cold_kw,
        [CHILLER_STATE] = c->state,
        [CHILLER_WATER_DEGC] = WATER_DEGC,
        [CHILLER_CONDENSER_DEGC] = b->degc_in,
        [CHILLER_DRAW_KWH] = c->draw_kwh,
        [CHILLER_COLD_KWH] = c->cold_kwh,
    };
    return row < (int)(sizeof rows / sizeof *rows) ? rows[row] : NAN;
}
const struct body_def body_chiller = {false, chiller_init, chiller_step, chiller_get, NULL};

/* ---- Compressor: its nameplate is what it draws against the upper end of its band. ---- */
struct compressor {
    struct plant_compressor plant;
    struct wander wander;
};

/* Free air per kWh at the nameplate. */
static double m3_per_kwh(const struct plant_compressor_params *par)
{
    return par->eta_pu / plant_compressor_kwh_per_m3(par->rated_bar, par->stages);
}

static enum err compressor_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    const struct rating *r = &b->device->rating;
    struct plant_compressor_params par = plant_compressor_defaults(1);
    par.rated_bar = par.bar_off;
    par.air_m3_per_h = r->rated_kw * m3_per_kwh(&par);
    par.receiver_m3 = r->volume_m3 > 0 ? r->volume_m3 : par.air_m3_per_h / 100;
    enum err e = body_take(b, a, sizeof(struct compressor));
    if (e) {
        return e;
    }
    struct compressor *c = b->plant;
    c->wander = wander_of(b);
    return plant_compressor_init(&c->plant, &par);
}

static void compressor_step(struct body *b, const struct env *e, double h_s)
{
    struct compressor *c = b->plant;
    double kw = usual_kw(b, e, &c->wander, h_s);
    struct plant_compressor_in in = {.demand_m3_per_h = kw * m3_per_kwh(&c->plant.par),
                                     .run = true,
                                     .trip = body_tripped(b)};
    plant_compressor_step(&c->plant, &in, h_s);
    b->kw = c->plant.kw;
}

static double compressor_get(const struct body *b, int row)
{
    const struct plant_compressor *c = &((const struct compressor *)b->plant)->plant;
    return row == P_KW                      ? c->kw
           : row == COMPRESSOR_STATE        ? (double)c->state
           : row == COMPRESSOR_BAR          ? c->bar
           : row == COMPRESSOR_AIR_M3_PER_H ? c->served_m3_per_h
           : row == COMPRESSOR_DRAW_KWH     ? c->draw_kwh
                                            : NAN;
}
const struct body_def body_compressor = {false, compressor_init, compressor_step,
                                         compressor_get, NULL};

/* ---- Pump: its float switch fills the tank; it draws its nameplate at the rated point. ----
 */
struct pump {
    struct plant_pump plant;
    struct wander wander;
    double m3_per_kwh; /* at the rated point */
};

static enum err pump_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    const struct rating *r = &b->device->rating;
    struct plant_pump_params par = plant_pump_defaults(1, r->head_m, r->volume_m3);
    double m3_per_kwh = 1 / plant_pump_kw(1, r->head_m, par.eta_pu);
    par.flow_m3_per_h = r->rated_kw * m3_per_kwh;
    enum err e = body_take(b, a, sizeof(struct pump));
    if (e) {
        return e;
    }
    struct pump *p = b->plant;
    p->wander = wander_of(b);
    p->m3_per_kwh = m3_per_kwh;
    return plant_pump_init(&p->plant, &par, 0.6);
}

static void pump_step(struct body *b, const struct env *e, double h_s)
{
    struct pump *p = b->plant;
    struct plant_pump_in in = {.order = PLANT_PUMP_FLOAT,
                               .speed_pu = 1,
                               .demand_m3_per_h =
                                   usual_kw(b, e, &p->wander, h_s) * p->m3_per_kwh,
                               .trip = body_tripped(b)};
    plant_pump_step(&p->plant, &in, h_s);
    b->kw = p->plant.kw;
}

static double pump_get(const struct body *b, int row)
{
    const struct plant_pump *p = &((const struct pump *)b->plant)->plant;
    return row == P_KW                 ? p->kw
           : row == PUMP_STATE         ? (double)p->state
           : row == PUMP_LEVEL_PU      ? p->level_pu
           : row == PUMP_FLOW_M3_PER_H ? p->flow_m3_per_h
           : row == PUMP_DRAW_KWH      ? p->draw_kwh
                                       : NAN;
}
const struct body_def body_pump = {false, pump_init, pump_step, pump_get, NULL};

/* ---- ORC: on the heat of another device, behind an exchanger of 10 minutes. ---- */
struct orc {
    struct plant_orc plant;
    struct plant_lag exchanger;
    double offered_kw;
    int source; /* device that it follows */
};

static enum err orc_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    const struct rating *r = &b->device->rating;
    struct plant_orc_params par = plant_orc_defaults(r->rated_kw, r->source_degc, 30);
    par.eta_pu = r->eta_pu;
    enum err e = body_take(b, a, sizeof(struct orc));
    if (e) {
        return e;
    }
    struct orc *o = b->plant;
    o->exchanger = plant_lag_make(600);
    o->source =
        park_device(b->park, b->device->follows); /* the park file's reader sees to it */
    return plant_orc_init(&o->plant, &par);
}

static void orc_step(struct body *b, const struct env *e, double h_s)
{
    struct orc *o = b->plant;
    double kw = fmax(0, -b->all[o->source].kw) * b->device->rating.follow_pu;
    o->offered_kw = plant_lag_step(&o->exchanger, o->offered_kw, kw, h_s);
    struct plant_orc_in in = {.heat_kw = o->offered_kw,
                              .source_degc = o->plant.par.source_degc,
                              .sink_degc = tower_degc(e),
                              .run = true,
                              .trip = body_tripped(b)};
    plant_orc_step(&o->plant, &in, h_s);
    b->kw = o->plant.kw;
}

static double orc_get(const struct body *b, int row)
{
    const struct plant_orc *o = &((const struct orc *)b->plant)->plant;
    return row == P_KW              ? o->kw
           : row == ORC_STATE       ? (double)o->state
           : row == ORC_HEAT_KW     ? o->heat_kw
           : row == ORC_SOURCE_DEGC ? o->par.source_degc
           : row == ORC_YIELD_KWH   ? o->yield_kwh
                                    : NAN;
}
const struct body_def body_orc = {false, orc_init, orc_step, orc_get, NULL};
