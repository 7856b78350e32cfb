/* The referee's eyes: limits, energy, money, batteries. Runs in the simulator and in studies.
 */
#include "sim/judge.h"
#include "controller/base/civil.h"
#include "sim/body.h"
#include "sim/judge_wire.h"
#include <math.h>
#include <string.h>

/* How long a limit may be passed: import, export where it is limited, where it is forbidden. */
enum { IMPORT_ALLOWED_S = 5, EXPORT_ALLOWED_S = 5, NO_EXPORT_ALLOWED_S = 2 };

static const double soc_slack = 0.005; /* of the band, control.md */
static const double limit_slack_kw = 0.5;

void judge_breach_add(struct judge *j, const struct judge_breach *b)
{
    int same = 0;
    for (int i = 0; i < j->listed; i++) {
        same += strcmp(j->breach[i].name, b->name) == 0;
    }
    if (j->listed < JUDGE_BREACHES_MAX && same < JUDGE_SAME_MAX) {
        j->breach[j->listed++] = *b;
    }
    j->breaches++;
    j->broken[judge_invariant_number(b->name)]++;
}

void judge_watch(struct judge *j, struct judge_watch *w, double beyond, double value)
{
    double dt = world_dt_s(j->world);
    if (beyond <= 0) {
        if (w->on && w->for_s > w->allowed_s + dt / 2) { /* steps do not sum up exactly */
            judge_breach_add(j, &(struct judge_breach){w->name, w->device, w->since, w->for_s,
                                                       w->worst, w->limit});
        }
        w->on = false;
        return;
    }
    if (!w->on) {
        w->on = true;
        w->count++;
        w->since = world_wall(j->world);
        w->for_s = 0;
        w->worst = value;
    }
    w->for_s += dt;
    w->total_s += dt;
    if (w->for_s > w->longest_s) {
        w->longest_s = w->for_s;
        w->longest_at = w->since;
    }
    w->worst = fabs(value - w->limit) > fabs(w->worst - w->limit) ? value : w->worst;
    w->peak = fmax(w->peak, beyond);
}

void judge_end(struct judge *j)
{
    judge_watch(j, &j->import, 0, 0);
    judge_watch(j, &j->export, 0, 0);
    for (int i = 0; i < j->batteries; i++) {
        judge_watch(j, &j->battery[i].low, 0, 0);
        judge_watch(j, &j->battery[i].high, 0, 0);
    }
    if (j->wire) {
        judge_watch(j, &j->wire->discharge, 0, 0);
        judge_watch(j, &j->wire->pv, 0, 0);
    }
}

static enum err take_batteries(struct judge *j, struct arena *a)
{
    const struct park *p = j->park;
    j->battery = arena_take(a, (size_t)p->devices, sizeof *j->battery);
    for (int i = 0; j->battery && i < p->devices; i++) {
        if (p->device[i].kind != KIND_BATTERY) {
            continue;
        }
        const char *name = p->device[i].name;
        const struct rating *r = &p->device[i].rating;
        j->battery[j->batteries++] = (struct judge_battery){
            .device = i,
            .low = {.name = "soc_low",  .device = name, .limit = r->soc_pu_min},
            .high = {.name = "soc_high", .device = name, .limit = r->soc_pu_max},
            .gap_s_min = INFINITY
        };
    }
    return j->battery ? ERR_OK : ERR_NOMEM;
}

enum err judge_init(struct judge *j, struct arena *a, const struct world *w,
                    const struct tariff *tariff, uint64_t seed)
{
    const struct park *p = world_park(w);
    memset(j, 0, sizeof *j);
    j->world = w;
    j->park = p;
    j->tariff = tariff;
    j->started = world_wall(w);
    j->relay_trips_before = world_relay_trips(w);
    j->seed = seed;
    j->hash = UINT64_C(0xcbf29ce484222325);
    j->import = (struct judge_watch){
        .name = "import_limit", .limit = p->import_kw_max, .allowed_s = IMPORT_ALLOWED_S};
    j->export = (struct judge_watch){.name = "export_limit",
                                     .limit = -p->export_kw_max,
                                     .allowed_s = p->export_kw_max > 0 ? EXPORT_ALLOWED_S
                                                                       : NO_EXPORT_ALLOWED_S};
    j->fired = arena_take(a, (size_t)p->devices, sizeof *j->fired);
    j->order = arena_take(a, (size_t)p->orders + 1, sizeof *j->order);
    if (!j->fired || !j->order) {
        return ERR_NOMEM;
    }
    j->stock_kwh_begin = judge_stock_kwh(j);
    return take_batteries(j, a);
}

static void limits(struct judge *j, double kw, double dt)
{
    judge_watch(j, &j->import, kw - j->park->import_kw_max - limit_slack_kw, kw);
    bool out = kw < -j->park->export_kw_max - limit_slack_kw;
    judge_watch(j, &j->export, out ? -kw - j->park->export_kw_max : 0, kw);
    j->export_kwh_event =
        out ? j->export_kwh_event + (-kw - j->park->export_kw_max) * dt / 3600 : 0;
    j->export_kwh_worst = fmax(j->export_kwh_worst, j->export_kwh_event);
    j->peak_kw = fmax(j->peak_kw, kw);
    int trips = world_relay_trips(j->world) - j->relay_trips_before;
    if (trips > j->relay_trips) {
        judge_breach_add(j, &(struct judge_breach){"reverse_power_trip", NULL,
                                                   world_wall(j->world), RELAY_TRIP_S, kw,
                                                   -RELAY_PU * j->park->import_kw_max});
    }
    j->relay_trips = trips;
}

/* A reversal counts between 1 % of rated power one way and 1 % the other way. */
static void battery(struct judge *j, struct judge_battery *b, double dt)
{
    const struct rating *r = &j->park->device[b->device].rating;
    double kw = world_body(j->world, b->device)->kw;
    double soc = world_get(j->world, b->device, BATTERY_SOC_PU);
    judge_watch(j, &b->low, r->soc_pu_min - soc_slack - soc, soc);
    judge_watch(j, &b->high, soc - r->soc_pu_max - soc_slack, soc);
    b->discharge_kwh += fmax(kw, 0) * dt / 3600;
    j->wear_yuan += fmax(kw, 0) * dt / 3600 * r->wear_yuan_per_kwh;
    int way = kw > 0.01 * r->rated_kw ? 1 : kw < -0.01 * r->rated_kw ? -1 : 0;
    if (way == 0 || way == b->direction) {
        return;
    }
    double now = world_elapsed_s(j->world);
    if (b->direction != 0) {
        double last = b->flips ? b->flip_s[(b->flips - 1) % JUDGE_FLIPS] : -INFINITY;
        b->gap_s_min = fmin(b->gap_s_min, now - last);
        b->flip_s[b->flips % JUDGE_FLIPS] = now;
        b->flips++;
        int recent = 0;
        for (int i = 0; i < JUDGE_FLIPS && i < b->flips; i++) {
            recent += now - b->flip_s[i] <= 600;
        }
        b->flips_10min_max = recent > b->flips_10min_max ? recent : b->flips_10min_max;
    }
    b->direction = way;
}

static double above_0(double x)
{
    return x > 0 ? x : 0;
}

static void energy(struct judge *j, double kw, double dt)
{
    const struct park *p = j->park;
    const struct body *all = world_body(j->world, 0)->all;
    double h = dt / 3600, renewable = 0;
    for (int i = 0; i < p->devices; i++) {
        const struct body *b = &all[i];
        enum kind k = b->device->kind;
        bool sky = k == KIND_PV || k == KIND_WIND;
        if (b->on_bus && k != KIND_BATTERY) {
            j->load_kwh += above_0(-b->kw) * h;
        }
        if (sky) {
            double *kwh = k == KIND_PV ? &j->pv_kwh : &j->wind_kwh;
            *kwh += b->kw * h;
            j->available_kwh += b->available_kw * h;
            j->curtailed_kwh += above_0(b->available_kw - b->kw) * h;
            renewable += above_0(b->kw);
        } else if (k == KIND_CHP) {
            j->chp_kwh += fmax(b->kw, 0) * h;
            j->om_yuan += fmax(b->kw, 0) * h * b->device->rating.om_yuan_per_kwh;
        } else if (k == KIND_ORC) {
            j->orc_kwh += fmax(b->kw, 0) * h;
        }
        j->gas_m3 += b->gas_m3_per_h * h;
        if (k == KIND_LOAD && body_tripped(b)) {
            j->tripped_kwh += schedule_kw(p, &b->device->schedule, world_wall(j->world)) * h;
        }
    }
    j->load_kwh += world_loss_kw(j->world) * h;
    j->self_kwh += fmax(renewable - fmax(-kw, 0), 0) * h;
    j->import_kwh += fmax(kw, 0) * h;
    j->export_kwh += fmax(-kw, 0) * h;
    j->second_sum += fmax(kw, 0) * dt;
}

/* FNV-1a over the bits of a number. */
static void mix(uint64_t *hash, double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    for (int i = 0; i < 8; i++) {
        *hash = (*hash ^ (bits >> 8 * i & 255)) * UINT64_C(0x100000001b3);
    }
}

static void second(struct judge *j, double kw)
{
    double mean = j->second_sum;
    double *slot = &j->window[j->whole_s % JUDGE_WINDOW_S];
    j->window_sum += mean - *slot;
    *slot = mean;
    j->whole_s++;
    j->second_sum = 0;
    if (j->whole_s >= JUDGE_WINDOW_S) {
        j->peak_sliding_kw = fmax(j->peak_sliding_kw, j->window_sum / JUDGE_WINDOW_S);
    }
    if (j->tariff) {
        wall_t at = wall_add_s(world_wall(j->world), -1);
        j->energy_yuan += mean / 3600 * tariff_import_yuan_per_kwh(j->tariff, at);
        j->export_yuan += fmax(-kw, 0) / 3600 * tariff_export_yuan_per_kwh(j->tariff);
    }
    mix(&j->hash, kw);
    for (int i = 0; i < j->batteries; i++) {
        mix(&j->hash, world_get(j->world, j->battery[i].device, BATTERY_SOC_PU));
    }
    judge_orders_second(j);
}

void judge_step(struct judge *j)
{
    double dt = world_dt_s(j->world), kw = world_pcc_kw(j->world);
    j->seconds += dt;
    limits(j, kw, dt);
    for (int i = 0; i < j->batteries; i++) {
        battery(j, &j->battery[i], dt);
    }
    energy(j, kw, dt);
    judge_wire_step(j);
    if (world_second(j->world)) {
        second(j, kw);
        judge_wire_second(j);
    }
}

/* PV and wind are safe under their revert limit, loads always. */
bool judge_safe(const struct judge *j, int device)
{
    const struct device *d = &j->park->device[device];
    const struct body *b = world_body(j->world, device);
    double safe = isnan(d->safe_value) ? 1 : d->safe_value;
    switch (d->kind) {
    case KIND_BATTERY:
        return fabs(b->kw) <= 0.02 * d->rating.rated_kw;
    case KIND_PV:
    case KIND_WIND:
        return b->kw <= (safe + 0.02) * d->rating.rated_kw;
    case KIND_HEAT_PUMP:
    case KIND_STORAGE_BOILER:
    case KIND_MILL:
        return fabs(b->kw) <= 0.02 * d->rating.rated_kw;
    case KIND_CHARGER:
        return -b->kw <= (isnan(d->safe_value) ? 0.12 * d->rating.rated_kw
                                               : d->safe_value + 0.02 * d->rating.rated_kw);
    case KIND_METER:
    case KIND_CHP:
    case KIND_GAS_BOILER:
    case KIND_TANK:
    case KIND_WASTE_HEAT:
    case KIND_KILN:
    case KIND_ROLLER_KILN:
    case KIND_LOAD:
    case KIND_WEATHER:
    case KIND_TRANSFORMER:
    case KIND_CHILLER:
    case KIND_COMPRESSOR:
    case KIND_ORC:
    case KIND_PUMP:
    case KIND_CAPACITOR_BANK:
    case KIND_BUILDING:
    case KIND_COUNT:
        return true; /* local protection, or a process that must go on */
    }
    return true;
}
