/* Bodies of what a site has beside its production: supercapacitors behind a battery converter,
 * capacitor banks that mend the power factor, buildings with air conditioning. Supercapacitors
 * are commanded as batteries are; the others go by controllers of their own. Runs in the
 * simulator. */
#include "sim/body.h"
#include "sim/plant_building.h"
#include "sim/plant_capbank.h"
#include "sim/plant_supercap.h"
#include <math.h>

/* ---- Supercapacitors: as many cells as hold energy_kwh between 400 and 800 V. ---- */
struct supercap {
    struct plant_supercap plant;
    double ambient_degc;
};

/* Cells as in Maxwell's K2 series, document 1015370: 3000 F, 2.7 V, 0.29 mOhm, 5.2 mA of leak.
 */
static struct plant_supercap_params supercap_params(const struct rating *r)
{
    const double cell_f = 3000, cell_v = 2.7, cell_ohm = 0.29e-3, cell_leak_a = 5.2e-3;
    const double volt = 800, used_pu = 0.75; /* of the energy, down to half the voltage */
    double farad = 2 * r->energy_kwh * 3.6e6 / (used_pu * volt * volt);
    double series = volt / cell_v, strings = farad * series / cell_f;
    return (struct plant_supercap_params){
        .farad = farad,
        .ohm = cell_ohm * series / strings,
        .volt_max = volt,
        .volt_min = volt / 2,
        .leak_a = cell_leak_a * strings,
        .rated_kw = r->rated_kw,
        .eta_pu = sqrt(r->round_trip_pu), /* each way */
    };
}

static enum err supercap_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    const struct rating *r = &b->device->rating;
    struct plant_supercap_params par = supercap_params(r);
    enum err e = body_take(b, a, sizeof(struct supercap));
    if (e) {
        return e;
    }
    struct supercap *s = b->plant;
    return plant_supercap_init(&s->plant, &par, 0.5 * (r->soc_pu_min + r->soc_pu_max));
}

enum err body_supercap_begin(struct body *b, double soc_pu)
{
    struct plant_supercap *c = &((struct supercap *)b->plant)->plant;
    struct plant_supercap_params par = c->par; /* copied, because it is overwritten */
    return plant_supercap_init(c, &par, soc_pu);
}

static void supercap_step(struct body *b, const struct env *e, double h_s)
{
    struct supercap *s = b->plant;
    double most_kw =
        fault_arg(b->fault, FAULT_INVERTER_DERATED, 1) * b->device->rating.rated_kw;
    struct plant_supercap_in in = {.set_kw = plant_clamp(body_storage_kw(b), -most_kw, most_kw),
                                   .run = b->cmd[BATTERY_RUN] > 0.5,
                                   .trip = body_tripped(b)};
    s->ambient_degc = e->outdoor_degc;
    plant_supercap_step(&s->plant, &in, h_s);
    b->kw = s->plant.kw;
}

/* Its cells are as warm as the air: they lose little. It does not age here. */
static double supercap_get(const struct body *b, int row)
{
    const struct supercap *s = b->plant;
    switch (row) {
    case P_KW:
        return s->plant.kw;
    case BATTERY_SOC_PU:
        return s->plant.soc_pu;
    case BATTERY_STATE:
        return s->plant.state;
    case BATTERY_SET_KW:
    case BATTERY_RUN:
        return b->cmd[row];
    case BATTERY_DEGC:
        return s->ambient_degc;
    case BATTERY_CHARGE_KWH:
        return s->plant.charge_kwh;
    case BATTERY_DISCHARGE_KWH:
        return s->plant.discharge_kwh;
    case BATTERY_KVAR:
        return 0;
    case BATTERY_SOH_PU:
        return 1;
    default:
        return NAN;
    }
}
const struct body_def body_supercap = {true, supercap_init, supercap_step, supercap_get, NULL};

struct body_storage body_supercap_storage(const struct body *b)
{
    const struct plant_supercap *c = &((const struct supercap *)b->plant)->plant;
    bool runs = b->cmd[BATTERY_RUN] > 0.5 && c->state != PLANT_FAULT;
    double most_kw = c->par.rated_kw;
    return (struct body_storage){c->soc_pu < 1 ? most_kw : 0, c->soc_pu > 0 ? most_kw : 0,
                                 runs};
}

/* ---- Capacitor bank at the grid connection. ---- */
static enum err bank_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    const struct rating *r = &b->device->rating;
    int steps = (int)lround(r->steps);
    struct plant_capbank_params par = plant_capbank_defaults(steps, r->rated_kvar / steps);
    par.target_pf = r->target_pf;
    enum err e = body_take(b, a, sizeof(struct plant_capbank));
    return e ? e : plant_capbank_init(b->plant, &par);
}

/* What the grid would have to give without it; with the grid gone it opens. */
static void bank_step(struct body *b, const struct env *e, double h_s)
{
    struct plant_capbank *c = b->plant;
    const struct fault_set *grid = b->all[b->park->pcc].fault;
    double volt_pu = fault_is(grid, FAULT_GRID_DIP) ? grid->of[FAULT_GRID_DIP].arg[1] : 1;
    struct plant_capbank_in in = {.load_kw = e->pcc_kw + b->kw,
                                  .load_kvar = e->pcc_kvar + b->kvar,
                                  .volt_pu = volt_pu,
                                  .run = !b->grid->out,
                                  .trip = body_tripped(b)};
    plant_capbank_step(c, &in, h_s);
    b->kw = c->kw;
    b->kvar = c->kvar;
}

static double bank_get(const struct body *b, int row)
{
    const struct plant_capbank *c = b->plant;
    const double rows[] = {
        [P_KW] = c->kw,          [BANK_KVAR] = c->kvar, [BANK_STATE] = c->state,
        [BANK_STEPS_ON] = c->on, [BANK_PF] = c->pf,     [BANK_MOVES] = c->moves,
    };
    return row < (int)(sizeof rows / sizeof *rows) ? rows[row] : NAN;
}
const struct body_def body_capacitor_bank = {false, bank_init, bank_step, bank_get, NULL};

/* ---- Building: what its schedule says is used in the rooms and becomes heat there; the air
 * conditioning heats below 20 and cools above 26 degC. ---- */
enum { BUILDING_EACH_S = 60, WALLS = 4 };

struct building {
    struct plant_building plant;
    struct noise wander; /* of what is used in the rooms */
    double used_kw, draw_kwh;
    struct sun_plane wall[WALLS];
    double glass_m2; /* of each wall, with what of the sun's energy comes through */
    int wait_s;      /* until its next minute */
};

static enum err building_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    const struct rating *r = &b->device->rating;
    /* g of double glazing 0.6, frames 0.3 of the window, U of plant_building_defaults():
     * assumed
     */
    const double through_pu = 0.6 * 0.7, u_glass = 2.0;
    struct plant_building_params par = plant_building_defaults(r->floor_m2, (int)r->storeys);
    enum err e = body_take(b, a, sizeof(struct building));
    if (e) {
        return e;
    }
    struct building *g = b->plant;
    g->glass_m2 = through_pu * par.window_w_per_k / u_glass / WALLS;
    g->wander.x = rng_normal(&b->rng);
    for (int i = 0; i < WALLS; i++) {
        g->wall[i] = sun_plane_of(90, 90 * i);
    }
    return plant_building_init(&g->plant, &par, 0.5 * (par.heat_to_degc + par.cool_to_degc));
}

static double sun_kw(const struct building *g, const struct env *e)
{
    double w = 0;
    for (int i = 0; i < WALLS; i++) {
        w += sun_on_plane(&e->sun, &e->irr, &g->wall[i], 0.2).total_w_per_m2 * g->glass_m2;
    }
    return w / 1000;
}

static void building_minute(struct body *b, const struct env *e)
{
    struct building *g = b->plant;
    double most_kw = body_tripped(b) ? 0 : b->device->rating.rated_heat_kw;
    struct plant_building_in in = {.outdoor_degc = e->outdoor_degc,
                                   .inner_kw = g->used_kw,
                                   .sun_kw = sun_kw(g, e),
                                   .heat_kw_max = most_kw,
                                   .cool_kw_max = most_kw};
    plant_building_step(&g->plant, &in, BUILDING_EACH_S);
}

static void building_step(struct body *b, const struct env *e, double h_s)
{
    struct building *g = b->plant;
    bool dark = body_tripped(b);
    noise_step(&g->wander, &b->rng, 600, h_s);
    double usual_kw = schedule_at_kw(&b->device->schedule, &e->when);
    g->used_kw = dark ? 0 : usual_kw * fmax(1 + 0.03 * g->wander.x, 0);
    if (g->wait_s-- <= 0) {
        building_minute(b, e);
        g->wait_s = BUILDING_EACH_S - 1;
    }
    double air_kw = dark ? 0 : fabs(g->plant.supply_kw) / b->device->rating.cop;
    b->kw = -(g->used_kw + air_kw);
    g->draw_kwh -= b->kw * h_s / 3600;
}

static double building_get(const struct body *b, int row)
{
    const struct building *g = b->plant;
    double supply_kw = body_tripped(b) ? 0 : g->plant.supply_kw;
    switch (row) {
    case P_KW:
        return b->kw;
    case BUILDING_STATE:
        return body_tripped(b) ? RUN_FAULT : supply_kw != 0 ? RUN_ON : RUN_OFF;
    case BUILDING_HEAT_KW:
        return fmax(0, supply_kw);
    case BUILDING_COLD_KW:
        return fmax(0, -supply_kw);
    case BUILDING_ROOM_DEGC:
        return g->plant.air_degc;
    case BUILDING_DRAW_KWH:
        return g->draw_kwh;
    default:
        return NAN;
    }
}
const struct body_def body_building = {false, building_init, building_step, building_get, NULL};
