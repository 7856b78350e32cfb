/* Bodies of the heat network: CHP, gas boiler, heat pumps, storage boiler, tank, waste heat.
 * Runs in the simulator. */
#include "sim/body.h"
#include "sim/plant_chp.h"
#include "sim/plant_gas_boiler.h"
#include "sim/plant_heat_pump.h"
#include "sim/plant_storage_boiler.h"
#include "sim/plant_tank.h"
#include "sim/plant_waste_heat.h"
#include <math.h>

/* x where it says something, else the model's own default. */
static double either(double x, double otherwise)
{
    return x > 0 ? x : otherwise;
}

static const struct rating *tank_rating(const struct body *b)
{
    return b->park->tank >= 0 ? &b->park->device[b->park->tank].rating : NULL;
}

/* ---- CHP ---- */
static enum err chp_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    const struct rating *r = &b->device->rating;
    struct plant_chp_params par =
        plant_chp_defaults(r->rated_kw, r->rated_heat_kw, either(r->eta_pu, 0.4));
    par.min_pu = either(r->kw_min / r->rated_kw, par.min_pu);
    par.start_s = either(60 * r->start_min, par.start_s);
    par.up_s_min = either(60 * r->up_min, par.up_s_min);
    par.down_s_min = either(60 * r->down_min, par.down_s_min);
    enum err e = body_take(b, a, sizeof(struct plant_chp));
    return e ? e : plant_chp_init(b->plant, &par);
}

static void chp_step(struct body *b, const struct env *e, double h_s)
{
    (void)e;
    struct plant_chp *c = b->plant;
    bool fails = fault_is(b->fault, FAULT_CHP_FAILS) && c->state != PLANT_OFF;
    struct plant_chp_in in = {.set_kw = b->cmd[CHP_SET_KW],
                              .run = b->cmd[CHP_RUN] > 0.5,
                              .trip = body_tripped(b) || fails};
    plant_chp_step(c, &in, h_s);
    b->kw = c->kw;
    b->heat_kw = c->heat_kw;
    b->gas_m3_per_h = c->gas_m3_per_h;
}

static double chp_get(const struct body *b, int row)
{
    const struct plant_chp *c = b->plant;
    const double rows[] = {
        [P_KW] = c->kw,
        [CHP_HEAT_KW] = c->heat_kw,
        [CHP_STATE] = c->state,
        [CHP_RUN] = b->cmd[CHP_RUN],
        [CHP_SET_KW] = b->cmd[CHP_SET_KW],
        [CHP_GAS_M3_PER_H] = c->gas_m3_per_h,
        [CHP_YIELD_KWH] = c->yield_kwh,
        [CHP_HOURS_H] = c->hours_h,
    };
    return row < (int)(sizeof rows / sizeof *rows) ? rows[row] : NAN;
}
const struct body_def body_chp = {false, chp_init, chp_step, chp_get, NULL};

/* ---- Gas boiler: its own thermostat keeps the tank above its least temperature. ---- */
static enum err boiler_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    const struct rating *r = &b->device->rating, *tank = tank_rating(b);
    struct plant_boiler_params par = plant_boiler_defaults(r->rated_heat_kw);
    par.eta_pu = either(r->eta_pu, par.eta_pu);
    par.min_pu = either(r->kw_min / r->rated_heat_kw, par.min_pu);
    if (tank) {
        par.on_degc = tank->degc_min + 2;
        par.off_degc = tank->degc_min + 8;
    }
    enum err e = body_take(b, a, sizeof(struct plant_boiler));
    return e ? e : plant_boiler_init(b->plant, &par);
}

static void boiler_step(struct body *b, const struct env *e, double h_s)
{
    struct plant_boiler *g = b->plant;
    struct plant_boiler_in in = {.set_heat_kw = b->cmd[BOILER_SET_HEAT_KW],
                                 .tank_degc = e->top_degc,
                                 .run = b->cmd[BOILER_RUN] > 0.5,
                                 .trip = body_tripped(b)};
    plant_boiler_step(g, &in, h_s);
    b->heat_kw = g->heat_kw;
    b->gas_m3_per_h = g->gas_m3_per_h;
    b->degc_out = e->top_degc + 8 * g->heat_kw / g->par.rated_heat_kw; /* its outlet */
}

static double boiler_get(const struct body *b, int row)
{
    const struct plant_boiler *g = b->plant;
    const double rows[] = {
        [BOILER_HEAT_KW] = g->heat_kw,
        [BOILER_STATE] = g->state,
        [BOILER_RUN] = b->cmd[BOILER_RUN],
        [BOILER_SET_HEAT_KW] = b->cmd[BOILER_SET_HEAT_KW],
        [BOILER_GAS_M3_PER_H] = g->gas_m3_per_h,
        [BOILER_DEGC] = b->degc_out,
    };
    return row < (int)(sizeof rows / sizeof *rows) ? rows[row] : NAN;
}
const struct body_def body_gas_boiler = {false, boiler_init, boiler_step, boiler_get, NULL};

/* ---- Heat pump: lifts process waste water of about 40 degC to 5 K below the tank's end. ----
 */
static enum err hp_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    const struct rating *r = &b->device->rating;
    struct plant_hp_params par = plant_hp_defaults(r->rated_kw);
    par.min_pu = either(r->kw_min / r->rated_kw, par.min_pu);
    par.run_s_min = either(60 * r->up_min, par.run_s_min);
    par.off_s_min = either(60 * r->down_min, par.off_s_min);
    for (int i = 0; i < par.map.lifts && r->cop > 1; i++) {
        par.map.lift_cop[i] *= r->cop / 3.2; /* the default map's value at the design lift */
    }
    enum err e = body_take(b, a, sizeof(struct plant_hp));
    return e ? e : plant_hp_init(b->plant, &par);
}

static void hp_step(struct body *b, const struct env *e, double h_s)
{
    struct plant_hp *hp = b->plant;
    const struct rating *tank = tank_rating(b);
    b->degc_in = 40 + 0.1 * (e->outdoor_degc - 20); /* its source */
    struct plant_hp_in in = {.run = b->cmd[HP_RUN] > 0.5,
                             .trip = body_tripped(b),
                             .limit_kw = b->cmd[HP_LIMIT_KW],
                             .source_degc = b->degc_in,
                             .sink_degc = tank ? tank->degc_max - 5 : 85,
                             .return_degc = e->return_degc,
                             .iced = fault_is(b->fault, FAULT_DEFROST)};
    plant_hp_step(hp, &in, h_s);
    b->kw = hp->kw;
    b->heat_kw = hp->heat_kw;
    b->degc_out = e->return_degc;
}

static double hp_get(const struct body *b, int row)
{
    const struct plant_hp *hp = b->plant;
    const double rows[] = {
        [P_KW] = hp->kw,
        [HP_HEAT_KW] = hp->heat_kw,
        [HP_STATE] = hp->state,
        [HP_RUN] = b->cmd[HP_RUN],
        [HP_LIMIT_KW] = b->cmd[HP_LIMIT_KW],
        [HP_SUPPLY_DEGC] = hp->supply_degc,
        [HP_RETURN_DEGC] = b->degc_out,
        [HP_SOURCE_DEGC] = b->degc_in,
        [HP_DRAW_KWH] = hp->draw_kwh,
        [HP_HEAT_KWH] = hp->heat_kwh,
    };
    return row < (int)(sizeof rows / sizeof *rows) ? rows[row] : NAN;
}
const struct body_def body_heat_pump = {false, hp_init, hp_step, hp_get, NULL};

/* ---- Electric storage boiler ---- */
static enum err sb_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    const struct rating *r = &b->device->rating;
    struct plant_sb_params par =
        plant_sb_defaults(r->rated_kw, r->rated_heat_kw, r->energy_kwh);
    par.steps = r->steps >= 1 ? (int)r->steps : par.steps;
    par.eta_pu = either(r->eta_pu, par.eta_pu);
    par.loss_pu_per_h = either(r->loss_pu_per_h, par.loss_pu_per_h);
    enum err e = body_take(b, a, sizeof(struct plant_sb));
    return e ? e : plant_sb_init(b->plant, &par, 0.5);
}

static void sb_step(struct body *b, const struct env *e, double h_s)
{
    struct plant_sb *s = b->plant;
    struct plant_sb_in in = {.set_draw_kw = b->cmd[SB_SET_DRAW_KW],
                             .set_heat_kw = b->cmd[SB_SET_HEAT_KW],
                             .water_degc = e->top_degc,
                             .trip = body_tripped(b)};
    plant_sb_step(s, &in, h_s);
    b->kw = s->kw;
    b->heat_kw = s->heat_kw;
}

static double sb_get(const struct body *b, int row)
{
    const struct plant_sb *s = b->plant;
    const double rows[] = {
        [P_KW] = s->kw,
        [SB_HEAT_KW] = s->heat_kw,
        [SB_SOC_PU] = s->soc_pu,
        [SB_STATE] = s->state,
        [SB_SET_DRAW_KW] = b->cmd[SB_SET_DRAW_KW],
        [SB_SET_HEAT_KW] = b->cmd[SB_SET_HEAT_KW],
        [SB_CORE_DEGC] = s->core_degc,
        [SB_DRAW_KWH] = s->draw_kwh,
    };
    return row < (int)(sizeof rows / sizeof *rows) ? rows[row] : NAN;
}
const struct body_def body_storage_boiler = {false, sb_init, sb_step, sb_get, NULL};

/* ---- Tank: stepped by the world once all sources have moved. ---- */
static enum err tank_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    const struct rating *r = &b->device->rating;
    struct plant_tank_params par =
        plant_tank_defaults(r->volume_m3, r->degc_max, r->degc_min, r->loss_pu_per_h);
    enum err e = body_take(b, a, sizeof(struct plant_tank));
    return e ? e : plant_tank_init(b->plant, &par, 0.5);
}

static void tank_step(struct body *b, const struct env *e, double h_s)
{
    struct plant_tank_in in = {.heat_kw = e->heat_in_kw, .demand_kw = e->heat_demand_kw};
    plant_tank_step(b->plant, &in, h_s);
}

static double tank_get(const struct body *b, int row)
{
    const struct plant_tank *t = b->plant;
    return row == TANK_SOC_PU        ? t->soc_pu
           : row == TANK_TOP_DEGC    ? t->top_degc
           : row == TANK_BOTTOM_DEGC ? t->bottom_degc
           : row == TANK_DEMAND_KW   ? t->served_kw
                                     : NAN;
}
const struct body_def body_tank = {false, tank_init, tank_step, tank_get, NULL};

void body_tank_truth(const struct body *b, struct body_tank_truth *out)
{
    const struct plant_tank *t = b->plant;
    *out = (struct body_tank_truth){.unserved_kwh = t->unserved_kwh,
                                    .stored_kwh = t->stored_kwh,
                                    .refused_kwh = t->refused_kwh,
                                    .unserved_kw = t->unserved_kw,
                                    .soc_pu = t->soc_pu,
                                    .served_kwh = t->served_kwh};
}

/* ---- Waste heat behind another device ---- */
struct behind {
    struct plant_waste waste;
    int source; /* device that it follows, < 0 = none */
};

static enum err waste_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    const struct rating *r = &b->device->rating;
    struct plant_waste_params par = {.rated_heat_kw = r->rated_heat_kw,
                                     .follow_pu = 1,
                                     .lag_s = 600,
                                     .gas_degc_min = 60,
                                     .gas_degc_max = 280};
    enum err e = body_take(b, a, sizeof(struct behind));
    if (e) {
        return e;
    }
    struct behind *w = b->plant;
    w->source = park_device(b->park, b->device->follows);
    return plant_waste_init(&w->waste, &par);
}

static void waste_step(struct body *b, const struct env *e, double h_s)
{
    struct behind *w = b->plant;
    int s = w->source;
    /* a gas kiln is followed by its fans: its heat may be several times their power */
    double kw = s < 0 ? 0 : fmax(0, -b->all[s].kw) * b->device->rating.follow_pu;
    struct plant_waste_in in = {.source_kw = kw, .open = e->tank_soc_pu < 1};
    plant_waste_step(&w->waste, &in, h_s);
    b->heat_kw = w->waste.heat_kw;
}

static double waste_get(const struct body *b, int row)
{
    const struct plant_waste *w = &((const struct behind *)b->plant)->waste;
    return row == WASTE_HEAT_KW ? w->heat_kw : row == WASTE_DEGC ? w->degc : NAN;
}
const struct body_def body_waste_heat = {false, waste_init, waste_step, waste_get, NULL};
