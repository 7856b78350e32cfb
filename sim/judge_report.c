/* What the referee says: JSON in the form of a study's, and a table. Runs in the simulator and
 * in studies. */
#include "controller/base/civil.h"
#include "sim/body.h"
#include "sim/judge.h"
#include <math.h>
#include <stdarg.h>
#include <string.h>

struct text {
    char *out;
    size_t cap, n;
    bool full;
};

static void add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(t->out + t->n, t->cap - t->n, fmt, ap);
    va_end(ap);
    t->full = t->full || n < 0 || (size_t)n >= t->cap - t->n;
    t->n += t->full ? 0 : (size_t)n;
}

/* Sums that the parts of the report share. */
struct sums {
    double renewable_kwh, co2_kg, gas_yuan, carbon_yuan, demand_yuan, month_demand_yuan,
        cost_yuan;
    double unserved_heat_kwh, dumped_heat_kwh, tank_soc_pu, served_heat_kwh;
    double charge_asked_kwh, charge_short_kwh;
    int done, late, missed, fired_in_window;
    int vehicles, vehicles_satisfied, vehicles_missed;
    struct judge_carry carry;
};

static void sum_orders(const struct judge *j, struct sums *s)
{
    for (int i = 0; i < j->park->orders; i++) {
        s->done += j->order[i].done;
        s->late += j->order[i].late;
        s->missed += j->order[i].missed;
    }
    for (int i = 0; i < j->firings; i++) {
        s->fired_in_window += j->firing[i].in_window;
    }
    for (int i = 0; i < j->park->devices; i++) {
        if (j->park->device[i].kind == KIND_CHARGER) {
            struct body_charger_truth t;
            body_charger_truth(world_body(j->world, i), &t);
            s->vehicles += t.left;
            s->vehicles_satisfied += t.satisfied;
            s->vehicles_missed += t.missed;
            s->charge_asked_kwh += t.asked_kwh;
            s->charge_short_kwh += t.short_kwh;
        }
    }
}

static double stored_kwh(const struct judge *j, int device)
{
    const struct device *d = &j->park->device[device];
    struct body_tank_truth tank;
    switch ((int)d->kind) {
    case KIND_BATTERY:
        return world_get(j->world, device, BATTERY_SOC_PU) * d->rating.energy_kwh;
    case KIND_STORAGE_BOILER:
        return world_get(j->world, device, SB_SOC_PU) * d->rating.energy_kwh;
    case KIND_TANK:
        body_tank_truth(world_body(j->world, device), &tank);
        return tank.stored_kwh;
    case KIND_CHARGER:
        return -world_get(j->world, device, CHARGER_WANTED_KWH);
    default:
        return 0;
    }
}

double judge_stock_kwh(const struct judge *j)
{
    double kwh = 0;
    for (int i = 0; i < j->park->devices; i++) {
        kwh += stored_kwh(j, i);
    }
    return kwh + judge_work_kwh(j);
}

struct judge_carry judge_carry(const struct judge *j)
{
    struct judge_carry c = {.kwh = j->stock_kwh_begin - judge_stock_kwh(j)};
    double lowest = INFINITY;
    for (int q = 0; j->tariff && q < 96; q++) {
        lowest = fmin(lowest,
                      tariff_import_yuan_per_kwh(j->tariff, wall_add_s(j->started, 900.0 * q)));
    }
    c.yuan = isfinite(lowest) ? c.kwh * lowest : 0;
    return c;
}

static void sum_up(const struct judge *j, struct sums *s)
{
    const struct tariff *t = j->tariff;
    *s = (struct sums){.renewable_kwh = j->pv_kwh + j->wind_kwh};
    if (t) {
        s->co2_kg = j->import_kwh * tariff_grid_kgco2_per_kwh(t) +
                    j->gas_m3 * t->gas_kwh_per_m3 * tariff_gas_kgco2_per_kwh(t);
        s->gas_yuan = tariff_gas_yuan(t, j->gas_m3);
        s->carbon_yuan = s->co2_kg * tariff_carbon_yuan_per_kg(t);
        s->month_demand_yuan = tariff_demand_yuan(t, j->peak_sliding_kw);
        s->demand_yuan = s->month_demand_yuan * j->seconds / (30 * 86400.0);
    }
    s->cost_yuan = j->energy_yuan - j->export_yuan + s->demand_yuan + s->gas_yuan +
                   s->carbon_yuan + j->wear_yuan + j->om_yuan;
    if (j->park->tank >= 0) {
        struct body_tank_truth tank;
        body_tank_truth(world_body(j->world, j->park->tank), &tank);
        s->unserved_heat_kwh = tank.unserved_kwh;
        s->dumped_heat_kwh = tank.refused_kwh;
        s->tank_soc_pu = tank.soc_pu;
        s->served_heat_kwh = tank.served_kwh;
    }
    sum_orders(j, s);
    s->carry = judge_carry(j);
}

double judge_cost_yuan(const struct judge *j)
{
    struct sums s;
    sum_up(j, &s);
    return s.cost_yuan;
}

static double share(double a, double b)
{
    return b > 0 ? fmin(fmax(a / b, 0), 1) : 0;
}

static void add_kpi(const struct judge *j, const struct sums *s, struct text *t)
{
    add(t,
        "\"kpi\":{\"cost_yuan\":%.4f,\"cost\":{\"energy_yuan\":%.4f,\"demand_yuan\":%.4f,"
        "\"gas_yuan\":%.4f,\"export_yuan\":%.4f,\"wear_yuan\":%.4f,\"om_yuan\":%.4f,"
        "\"carbon_yuan\":%.4f},\"month_demand_yuan\":%.2f,",
        s->cost_yuan, j->energy_yuan, s->demand_yuan, s->gas_yuan, -j->export_yuan,
        j->wear_yuan, j->om_yuan, s->carbon_yuan, s->month_demand_yuan);
    add(t,
        "\"import_kwh\":%.6f,\"export_kwh\":%.6f,\"peak_kw\":%.3f,\"peak_sliding_kw\":%.3f,"
        "\"pv_kwh\":%.4f,\"wind_kwh\":%.4f,\"chp_kwh\":%.4f,\"orc_kwh\":%.4f,\"available_kwh\":"
        "%.4f,"
        "\"curtailed_kwh\":%.4f,\"load_kwh\":%.4f,\"gas_m3\":%.4f,\"dumped_heat_kwh\":%.4f,",
        j->import_kwh, j->export_kwh, j->peak_kw, j->peak_sliding_kw, j->pv_kwh, j->wind_kwh,
        j->chp_kwh, j->orc_kwh, j->available_kwh, j->curtailed_kwh, j->load_kwh, j->gas_m3,
        s->dumped_heat_kwh);
    add(t,
        "\"self_consumption_pu\":%.6f,\"useful_self_consumption_pu\":%.6f,"
        "\"self_sufficiency_pu\":%.6f,\"co2_kg\":%.4f,\"unserved_kwh\":%.4f,"
        "\"unserved_heat_kwh\":%.4f,\"served_heat_kwh\":%.4f,\"orders_done\":%d,"
        "\"orders_late\":%d,\"charge_asked_kwh\":%.3f,\"charge_short_kwh\":%.3f,\"vehicles\":%"
        "d,"
        "\"vehicles_satisfied\":%d,\"vehicles_missed\":%d,\"firings\":%d,"
        "\"firings_in_window\":%d,\"carry_kwh\":%.2f,\"carry_yuan\":%.2f}",
        share(j->self_kwh, s->renewable_kwh),
        share(j->self_kwh - s->dumped_heat_kwh, s->renewable_kwh),
        j->load_kwh > 0 ? fmax(1 - j->import_kwh / j->load_kwh, 0) : 0, s->co2_kg,
        j->tripped_kwh + s->charge_short_kwh, s->unserved_heat_kwh, s->served_heat_kwh, s->done,
        s->late + s->missed, s->charge_asked_kwh, s->charge_short_kwh, s->vehicles,
        s->vehicles_satisfied, s->vehicles_missed, j->firings, s->fired_in_window, s->carry.kwh,
        s->carry.yuan);
}

static void add_watch(const char *key, const struct judge_watch *w, struct text *t)
{
    char at[40];
    civil_format(w->longest_at, at, sizeof at);
    add(t, "\"%s\":{\"count\":%d,\"longest_s\":%.2f,\"longest_at\":", key, w->count,
        w->longest_s);
    add(t, w->longest_at.ms ? "\"%s\"" : "null%.0s", at);
    add(t, ",\"total_s\":%.2f,\"beyond_max\":%.4f,\"now\":%s}", w->total_s, w->peak,
        w->on ? "true" : "false");
}

static void add_breach(const struct judge_breach *b, bool first, struct text *t)
{
    char at[40];
    civil_format(b->at, at, sizeof at);
    add(t, "%s{\"invariant\":\"%s\",\"at\":\"%s\",\"for_s\":%.2f,\"value\":%.4f,\"limit\":%.4f",
        first ? "" : ",", b->name, at, b->for_s, b->value, b->limit);
    if (b->device) {
        add(t, ",\"device\":\"%s\"", b->device);
    }
    add(t, "}");
}

/* How often each invariant was broken, those that were. */
static void add_broken(const struct judge *j, struct text *t)
{
    const char *comma = "";
    add(t, "\"invariants\":{");
    for (int i = 1; i < JUDGE_INVARIANTS; i++) {
        if (j->broken[i]) {
            add(t, "%s\"INV-%02d\":%d", comma, i, j->broken[i]);
            comma = ",";
        }
    }
    add(t, "},");
}

static void add_limits(const struct judge *j, struct text *t)
{
    add_watch("import_over", &j->import, t);
    add(t, ",");
    add_watch("export_over", &j->export, t);
    add(t, ",\"export_event_kwh_max\":%.6f,\"relay_trips\":%d,\"batteries\":{",
        j->export_kwh_worst, j->relay_trips);
    for (int i = 0; i < j->batteries; i++) {
        const struct judge_battery *b = &j->battery[i];
        add(t, "%s\"%s\":{\"soc_pu\":%.6f,\"flips\":%d,\"flips_10min_max\":%d,", i ? "," : "",
            j->park->device[b->device].name, world_get(j->world, b->device, BATTERY_SOC_PU),
            b->flips, b->flips_10min_max);
        add(t, "\"flip_gap_s_min\":");
        add(t, isfinite(b->gap_s_min) ? "%.2f," : "null,", b->gap_s_min);
        add_watch("soc_low", &b->low, t);
        add(t, ",");
        add_watch("soc_high", &b->high, t);
        add(t, "}");
    }
    add(t, "}");
}

static void add_firings(const struct judge *j, struct text *t)
{
    add(t, "\"firings\":[");
    for (int i = 0; i < j->firings; i++) {
        const struct judge_firing *f = &j->firing[i];
        char start[40], end[40];
        civil_format(f->start, start, sizeof start);
        civil_format(f->end, end, sizeof end);
        add(t, "%s{\"device\":\"%s\",\"order\":", i ? "," : "",
            j->park->device[f->device].name);
        add(t, f->order >= 0 ? "\"%s\"" : "null%s",
            f->order >= 0 ? j->park->order[f->order].id : "");
        add(t, ",\"start\":\"%s\",\"end\":", start);
        add(t, f->end.ms ? "\"%s\"" : "null%.0s", end);
        add(t,
            ",\"in_window\":%s,\"late\":%s,\"paused_wrong\":%s,\"paused_min\":%.2f,"
            "\"deviation_k\":%.2f,\"rate_error_k_per_h\":%.2f,\"energy_kwh\":%.2f}",
            f->in_window ? "true" : "false", f->late ? "true" : "false",
            f->paused_wrong ? "true" : "false", f->paused_min, f->deviation_k,
            f->rate_error_k_per_h, f->energy_kwh);
    }
    add(t, "],\"orders\":[");
    for (int i = 0; i < j->park->orders; i++) {
        const struct judge_order *o = &j->order[i];
        add(t,
            "%s{\"id\":\"%s\",\"done\":%d,\"late\":%d,\"missed\":%d,\"asked_kwh\":%.2f,"
            "\"served_kwh\":%.2f}",
            i ? "," : "", j->park->order[i].id, o->done, o->late, o->missed, o->asked_kwh,
            o->served_kwh);
    }
    add(t, "]");
}

static void add_safe(const struct judge *j, struct text *t)
{
    bool all = true;
    add(t, "\"safe\":{");
    for (int i = 0; i < j->park->devices; i++) {
        bool safe = judge_safe(j, i);
        all = all && safe;
        add(t, "%s\"%s\":%s", i ? "," : "", j->park->device[i].name, safe ? "true" : "false");
    }
    add(t, "},\"all_safe\":%s", all ? "true" : "false");
}

size_t judge_json(struct judge *j, char *out, size_t cap)
{
    struct text t = {out, cap, 0, false};
    struct sums s;
    char from[40], now[40];
    sum_up(j, &s);
    civil_format(j->started, from, sizeof from);
    civil_format(world_wall(j->world), now, sizeof now);
    add(&t, "{");
    add_kpi(j, &s, &t);
    add(&t, ",\"breaches\":[");
    for (int i = 0; i < j->listed; i++) {
        add_breach(&j->breach[i], i == 0, &t);
    }
    add(&t, "],\"breaches_count\":%d,", j->breaches);
    add_broken(j, &t);
    add_limits(j, &t);
    add(&t, ",");
    add_firings(j, &t);
    add(&t, ",");
    add_safe(j, &t);
    add(&t,
        ",\"from\":\"%s\",\"to\":\"%s\",\"seed\":%llu,\"hash\":\"%016llx\",\"seconds\":%.1f}",
        from, now, (unsigned long long)j->seed, (unsigned long long)j->hash, j->seconds);
    if (t.full) {
        return (size_t)snprintf(out, cap, "{}");
    }
    return t.n;
}

void judge_print(const struct judge *j, FILE *to)
{
    struct sums s;
    sum_up(j, &s);
    const struct {
        const char *what, *unit;
        double value;
    } rows[] = {
        {"time judged",      "h",                j->seconds / 3600      },
        {"grid import",      "kWh",              j->import_kwh          },
        {"grid export",      "kWh",              j->export_kwh          },
        {"PV and wind",      "kWh",              s.renewable_kwh        },
        {"curtailed",        "kWh",              j->curtailed_kwh       },
        {"self-consumption", "%",                100 * share(j->self_kwh, s.renewable_kwh)},
        {"greatest 15-min mean",                  "kW",               j->peak_sliding_kw                },
        {"import limit passed, times",                  "",         j->import.count},
        {"  longest",                  "s",                          j->import.longest_s                                },
        {"export limit passed, times",                  "",         j->export.count},
        {"  longest",                  "s",                          j->export.longest_s                                                },
        {"  worst event",                  "kWh",                      j->export_kwh_worst},
        {"reverse-power relay, trips",                  "",         j->relay_trips                                      },
        {"heat not served",                  "kWh",                    s.unserved_heat_kwh},
        {"heat dumped",                  "kWh",                        s.dumped_heat_kwh                                          },
        {"gas",                  "m3",                                j->gas_m3},
        {"CO2",                  "kg",                                s.co2_kg                                          },
        {"orders done",                  "",                        s.done},
        {"orders late or missed",                  "",              s.late + s.missed                                },
        {"vehicles left short",                  "",                s.vehicles - s.vehicles_satisfied},
        {"cost of energy, gas, wear",                  "yuan",          s.cost_yuan - s.demand_yuan                      },
        {"  left to the next period",                  "yuan",          s.carry.yuan},
        {"demand charge of a month like this",                  "yuan", s.month_demand_yuan             },
    };
    fprintf(to, "\nwhat the referee saw\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fprintf(to, "  %-36s %14.2f %s\n", rows[i].what, rows[i].value, rows[i].unit);
    }
    fprintf(to, "  breaches: %d\n", j->breaches);
}
