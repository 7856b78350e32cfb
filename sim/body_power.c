/* Bodies of the electrical kinds: meters, PV, wind, batteries, loads, transformers, and the
 * weather station. Runs in the simulator. */
#include "sim/body.h"
#include "sim/plant_battery.h"
#include "sim/plant_pv.h"
#include "sim/plant_trafo.h"
#include "sim/plant_wind.h"
#include <math.h>
#include <stdio.h>

/* ---- Meter: the point of common coupling, or a check meter beside it. ---- */
static enum err meter_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)a;
    (void)seed;
    b->hz = 50;
    return ERR_OK;
}

static void meter_step(struct body *b, const struct env *e, double h_s)
{
    b->kw = e->pcc_kw;
    b->kvar = e->pcc_kvar;
    b->import_kwh += fmax(b->kw, 0) * h_s / 3600;
    b->export_kwh += fmax(-b->kw, 0) * h_s / 3600;
    noise_length(&b->slow, 30, h_s);
    b->hz = 50 + (b->hz - 50) * b->slow.keep + 0.015 * b->slow.spread * rng_normal(&b->rng);
}

/* Phase voltage: of a 10 kV connection above 1 MW, else of 400 V; 3 % less at full power. */
static double meter_v(const struct body *b)
{
    double nominal = b->park->import_kw_max > 1000 ? 10000 / sqrt(3) : 230;
    double grid = b->grid->out ? 0 : b->grid->island ? b->grid->volt_pu : 1;
    if (fault_is(b->fault, FAULT_GRID_DIP)) {
        grid *= b->fault->of[FAULT_GRID_DIP].arg[1];
    }
    return grid * nominal * (1 - 0.03 * b->kw / fmax(b->park->import_kw_max, 1));
}

static double meter_hz(const struct body *b)
{
    return b->grid->out      ? 0
           : b->grid->island ? b->grid->hz
                             : b->hz + fault_arg(b->fault, FAULT_GRID_DIP, 50) - 50;
}

static double meter_get(const struct body *b, int row)
{
    double s = row == METER_A || row == METER_PF ? hypot(b->kw, b->kvar) : 0;
    switch (row) {
    case P_KW:
        return b->kw;
    case METER_KVAR:
        return b->kvar;
    case METER_V:
        return meter_v(b);
    case METER_A:
        return b->grid->out ? 0 : s * 1000 / 3 / meter_v(b);
    case METER_HZ:
        return meter_hz(b);
    case METER_PF:
        return s > 0.1 ? b->kw / s : 1;
    case METER_IMPORT_KWH:
        return b->import_kwh;
    case METER_EXPORT_KWH:
        return b->export_kwh;
    default:
        return NAN;
    }
}
const struct body_def body_meter = {true, meter_init, meter_step, meter_get, NULL};

/* ---- PV ---- */
static enum err pv_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    const struct rating *r = &b->device->rating;
    struct plant_pv_params par =
        plant_pv_defaults(r->dc_kwp > 0 ? r->dc_kwp : 1.2 * r->rated_kw, r->rated_kw);
    par.tilt_deg = r->tilt_deg;
    par.azimuth_deg = r->azimuth_deg;
    if (r->ramp_pu_per_s > 0) {
        par.ramp_pu_per_s = r->ramp_pu_per_s;
    }
    snprintf(b->column, sizeof b->column, "%s.available_kw", b->device->name);
    enum err e = body_take(b, a, sizeof(struct plant_pv));
    return e ? e : plant_pv_init(b->plant, &par);
}

/* A recorded available power instead of the sun; the limit works the same. */
static void pv_follow(struct plant_pv *pv, const struct plant_pv_in *in, double given,
                      double h_s)
{
    double to = in->limit_on ? plant_clamp(in->limit_pu, 0, 1) : 1;
    pv->limit_pu = plant_slew(pv->limit_pu, to, pv->par.ramp_pu_per_s * h_s);
    pv->available_kw = plant_clamp(given * (1 - in->lost_pu), 0, pv->par.ac_kw);
    pv->kw = in->trip || !in->run ? 0 : fmin(pv->available_kw, pv->limit_pu * pv->par.ac_kw);
    pv->state = in->trip                    ? PLANT_FAULT
                : !in->run || given <= 0    ? PLANT_OFF
                : pv->kw < pv->available_kw ? PLANT_LIMITED
                                            : PLANT_ON;
    pv->yield_kwh += pv->kw * h_s / 3600;
}

/* Limit in force: what is commanded, or what heat leaves. */
static double pv_limit_pu(const struct body *b)
{
    double set = b->cmd[PV_LIMIT_ON] > 0.5 ? b->cmd[PV_LIMIT_PU] : 1;
    return fmin(set, fault_arg(b->fault, FAULT_INVERTER_DERATED, 1));
}

/* Some inverters that were limited to less than 1 % never come back by themselves. */
static bool pv_asleep(const struct body *b)
{
    return fault_is(b->fault, FAULT_DEADLOCK) && (b->asleep || pv_limit_pu(b) < 0.01);
}

static void pv_step(struct body *b, const struct env *e, double h_s)
{
    struct plant_pv *pv = b->plant;
    b->asleep = pv_asleep(b);
    /* down at once, without the ramp of its limit; it comes back by that */
    pv->limit_pu = fmin(pv->limit_pu, b->grid->give_pu);
    struct plant_pv_in in = {.sun = e->sun,
                             .irr = e->irr,
                             .ambient_degc = e->outdoor_degc,
                             .wind_m_per_s = e->wind_m_per_s,
                             .limit_pu = fmin(pv_limit_pu(b), b->grid->give_pu),
                             .limit_on = true,
                             .run = !b->asleep,
                             .trip = body_tripped(b),
                             .lost_pu = fault_arg(b->fault, FAULT_STRINGS_LOST, 0)};
    if (isnan(b->given_kw)) {
        plant_pv_step(pv, &in, h_s);
    } else {
        pv_follow(pv, &in, b->given_kw, h_s);
    }
    b->kw = pv->kw;
    b->available_kw = pv->available_kw;
}

static double pv_get(const struct body *b, int row)
{
    const struct plant_pv *pv = b->plant;
    switch (row) {
    case P_KW:
        return pv->kw;
    case PV_KVAR:
        return b->kvar;
    case PV_STATE:
        return pv->state;
    case PV_YIELD_KWH:
        return pv->yield_kwh;
    case PV_LIMIT_PU:
    case PV_LIMIT_ON:
        return b->cmd[row];
    case PV_DEGC:
        return pv->cell_degc;
    default:
        return NAN;
    }
}
const struct body_def body_pv = {true, pv_init, pv_step, pv_get, NULL};

/* ---- Wind ---- */
static enum err wind_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    struct plant_wind_params par = plant_wind_defaults(b->device->rating.rated_kw);
    snprintf(b->column, sizeof b->column, "%s.available_kw", b->device->name);
    enum err e = body_take(b, a, sizeof(struct plant_wind));
    return e ? e : plant_wind_init(b->plant, &par);
}

static void wind_step(struct body *b, const struct env *e, double h_s)
{
    struct plant_wind *w = b->plant;
    double gust = fault_arg(b->fault, FAULT_WIND_CUT_OUT, 0);
    double set = b->cmd[WIND_LIMIT_ON] > 0.5 ? b->cmd[WIND_LIMIT_PU] : 1;
    struct plant_wind_in in = {.wind_m_per_s = fmax(e->wind_m_per_s, gust / w->par.hub_factor),
                               .limit_pu = fmin(set, b->grid->give_pu),
                               .limit_on = b->cmd[WIND_LIMIT_ON] > 0.5 || b->grid->give_pu < 1,
                               .run = true,
                               .trip = body_tripped(b)};
    plant_wind_step(w, &in, h_s);
    b->kw = w->kw;
    b->available_kw = w->available_kw;
}

static double wind_get(const struct body *b, int row)
{
    const struct plant_wind *w = b->plant;
    switch (row) {
    case P_KW:
        return w->kw;
    case WIND_STATE:
        return w->state;
    case WIND_YIELD_KWH:
        return w->yield_kwh;
    case WIND_WIND_M_PER_S:
        return w->hub_m_per_s;
    case WIND_LIMIT_PU:
    case WIND_LIMIT_ON:
        return b->cmd[row];
    default:
        return NAN;
    }
}
const struct body_def body_wind = {true, wind_init, wind_step, wind_get, NULL};

/* ---- Battery ---- */
static enum err battery_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    const struct rating *r = &b->device->rating;
    struct plant_battery_params par = plant_battery_defaults(r->rated_kw, r->energy_kwh);
    if (r->round_trip_pu > 0.5) {
        par.round_trip_pu = r->round_trip_pu;
    }
    enum err e = body_take(b, a, sizeof(struct plant_battery));
    return e ? e : plant_battery_init(b->plant, &par, 0.5 * (r->soc_pu_min + r->soc_pu_max));
}

/* The hottest cell: the BMS takes power back from 45 degC on, to nothing at 55 (assumed). */
static double battery_degc(const struct body *b)
{
    const struct plant_battery *p = b->plant;
    return fmax(p->degc, fault_arg(b->fault, FAULT_CELL_HOT, p->degc));
}

static double battery_lost_pu(const struct body *b)
{
    double heat = (fault_arg(b->fault, FAULT_CELL_HOT, 45) - 45) / 10;
    return plant_clamp(fmax(heat, 1 - fault_arg(b->fault, FAULT_INVERTER_DERATED, 1)), 0, 1);
}

static void battery_step(struct body *b, const struct env *e, double h_s)
{
    struct plant_battery *p = b->plant;
    struct plant_battery_in in = {.set_kw = body_storage_kw(b),
                                  .forms = !isnan(b->forming_kw),
                                  .ambient_degc = e->outdoor_degc,
                                  .run = b->cmd[BATTERY_RUN] > 0.5,
                                  .trip = body_tripped(b),
                                  .lost_pu = battery_lost_pu(b)};
    plant_battery_step(p, &in, h_s);
    b->kw = p->kw;
    b->kvar = p->kvar;
}

static double battery_get(const struct body *b, int row)
{
    const struct plant_battery *p = b->plant;
    switch (row) {
    case P_KW:
        return p->kw;
    case BATTERY_SOC_PU:
        return p->soc_pu;
    case BATTERY_STATE:
        return p->state;
    case BATTERY_SET_KW:
    case BATTERY_RUN:
        return b->cmd[row];
    case BATTERY_DEGC:
        return battery_degc(b);
    case BATTERY_CHARGE_KWH:
        return p->charge_kwh;
    case BATTERY_DISCHARGE_KWH:
        return p->discharge_kwh;
    case BATTERY_KVAR:
        return p->kvar;
    case BATTERY_SOH_PU:
        return p->soh_pu;
    default:
        return NAN;
    }
}
const struct body_def body_battery = {true, battery_init, battery_step, battery_get, NULL};

struct body_storage body_cells_storage(const struct body *b)
{
    const struct plant_battery *p = b->plant;
    bool runs = p->state == PLANT_ON || p->state == PLANT_LIMITED;
    return (struct body_storage){p->charge_kw_max, p->discharge_kw_max, runs};
}

/* ---- Rigid load: its schedule with two AR(1) noises (minutes and seconds), or a series. ----
 */
static enum err load_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)a;
    (void)seed;
    snprintf(b->column, sizeof b->column, "load.%s_kw", b->device->name);
    b->slow.x = rng_normal(&b->rng);
    return ERR_OK;
}

static void load_step(struct body *b, const struct env *e, double h_s)
{
    noise_step(&b->slow, &b->rng, 600, h_s);
    noise_step(&b->fast, &b->rng, 8, h_s);
    double noise = 1 + 0.03 * b->slow.x + 0.01 * b->fast.x;
    double kw = isnan(b->given_kw)
                    ? schedule_at_kw(&b->device->schedule, &e->when) * fmax(noise, 0)
                    : b->given_kw;
    kw = body_tripped(b) ? 0 : kw + b->extra_kw;
    b->kw = -kw;
    b->kvar = -0.33 * kw; /* power factor 0.95 */
    b->draw_kwh += kw * h_s / 3600;
}

static double load_get(const struct body *b, int row)
{
    return row == P_KW            ? b->kw
           : row == LOAD_KVAR     ? b->kvar
           : row == LOAD_DRAW_KWH ? b->draw_kwh
                                  : NAN;
}
const struct body_def body_load = {false, load_init, load_step, load_get, NULL};

/* ---- Transformer: carries its share of what flows through the PCC. Its losses are on the bus
 * of the PCC meter (world.c), so that all of them together are metered once. ---- */
struct carrier {
    struct plant_trafo trafo;
    double share; /* of what flows through the PCC */
};

static double all_kva(const struct park *p)
{
    double sum = 0;
    for (int i = 0; i < p->devices; i++) {
        sum += p->device[i].kind == KIND_TRANSFORMER ? p->device[i].rating.kva : 0;
    }
    return sum;
}

static enum err transformer_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    struct plant_trafo_params par = plant_trafo_defaults(b->device->rating.kva);
    enum err e = body_take(b, a, sizeof(struct carrier));
    if (e) {
        return e;
    }
    struct carrier *c = b->plant;
    c->share = b->device->rating.kva / all_kva(b->park);
    return plant_trafo_init(&c->trafo, &par, 40);
}

static void transformer_step(struct body *b, const struct env *e, double h_s)
{
    struct carrier *c = b->plant;
    struct plant_trafo_in in = {.kw = -e->pcc_kw * c->share,
                                .kvar = -e->pcc_kvar * c->share,
                                .ambient_degc = e->outdoor_degc};
    plant_trafo_step(&c->trafo, &in, h_s);
}

static double transformer_get(const struct body *b, int row)
{
    const struct plant_trafo *t = &((const struct carrier *)b->plant)->trafo;
    double oil_degc = t->degc + fault_arg(b->fault, FAULT_TRAFO_HOT, 0);
    return row == TRAFO_OIL_DEGC ? oil_degc : row == TRAFO_LOAD_PU ? t->load_pu : NAN;
}
const struct body_def body_transformer = {false, transformer_init, transformer_step,
                                          transformer_get, NULL};

double body_loss_kw(const struct body *b)
{
    return ((const struct carrier *)b->plant)->trafo.loss_kw;
}

/* ---- Weather station: looks at the first PV's plane. ---- */
struct station {
    struct sun_plane plane;
    double ghi, poa, degc, wind;
};

static enum err weather_init(struct body *b, struct arena *a, uint64_t seed)
{
    (void)seed;
    enum err e = body_take(b, a, sizeof(struct station));
    if (e) {
        return e;
    }
    struct station *s = b->plant;
    s->plane = sun_plane_of(0, 180);
    for (int i = b->park->devices - 1; i >= 0; i--) {
        const struct device *d = &b->park->device[i];
        if (d->kind == KIND_PV) {
            s->plane = sun_plane_of(d->rating.tilt_deg, d->rating.azimuth_deg);
        }
    }
    return ERR_OK;
}

static void weather_step(struct body *b, const struct env *e, double h_s)
{
    (void)h_s;
    struct station *s = b->plant;
    s->ghi = e->irr.ghi_w_per_m2;
    s->poa = sun_on_plane(&e->sun, &e->irr, &s->plane, 0.2).total_w_per_m2;
    s->degc = e->outdoor_degc;
    s->wind = e->wind_m_per_s;
}

static double weather_get(const struct body *b, int row)
{
    const struct station *s = b->plant;
    return row == WEATHER_GHI            ? s->ghi
           : row == WEATHER_POA          ? s->poa
           : row == WEATHER_OUTDOOR_DEGC ? s->degc
           : row == WEATHER_WIND_M_PER_S ? s->wind
                                         : NAN;
}
const struct body_def body_weather = {false, weather_init, weather_step, weather_get, NULL};
