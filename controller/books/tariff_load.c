/* Reads a tariff file. Runs once while booting; leaves a constant struct tariff in the arena.
 */
#include "controller/books/tariff.h"
#include "controller/park/read.h"
#include <stdio.h>
#include <string.h>

enum { DAY_MIN = 1440, MONTHS = 12, ALL_MONTHS = 0xfff };

struct top_raw {
    const struct doc *tariff, *energy, *bands, *hours, *demand, *gas, *carbon;
};
#define NODE(key, need, about) \
    { \
#key, FIELD_NODE, offsetof(struct top_raw, key), 0, 0, 0, need, 0, "-", NULL, about \
    }
static const struct field top_keys[] = {
    NODE(tariff, true, "identity"),
    NODE(energy, true, "parts of the energy price"),
    NODE(bands, true, "price bands"),
    NODE(hours, true, "when each band holds"),
    NODE(demand, false, "basic charge; absent = none"),
    NODE(gas, false, "gas price and content; absent = no gas"),
    NODE(carbon, false, "grid factor and carbon price"),
};
#undef NODE

#define AT(m) offsetof(struct tariff, m)
#define NUM(key, m, min, max, need, otherwise, unit, about) \
    { \
        key, FIELD_NUMBER, AT(m), 0, min, max, need, otherwise, unit, NULL, about \
    }
static const struct field identity_keys[] = {
    {"id",     FIELD_TEXT, AT(id),     sizeof(((struct tariff *)0)->id),     0, 0, true, 0, "-", NULL,
     "short name"                                                                                                                                            },
    {"status", FIELD_ENUM, AT(status), 0,                                    0, 0, true, 0, "-", "assumed historical confirmed",
     "how far the prices are to be trusted"                                                                                                                  },
    {"source", FIELD_TEXT, AT(source), sizeof(((struct tariff *)0)->source), 0, 0, true, 0, "-",
     NULL,                                                                                                                       "where the prices come from"},
};
static const struct field energy_keys[] = {
    NUM("adder_yuan_per_kwh", adder_yuan_per_kwh, -10, 100, false, 0, "yuan/kWh",
        "part of the price that no ratio scales"),
    NUM("base_yuan_per_kwh", base_yuan_per_kwh, -10, 100, true, 0, "yuan/kWh",
        "part that bands scale"),
    NUM("export_yuan_per_kwh", export_yuan_per_kwh, -10, 100, false, 0, "yuan/kWh",
        "paid for export"),
};
static const struct field demand_keys[] = {
    {"mode",              FIELD_ENUM, AT(mode),              0, 0, 0, true,  0, "-", "none contract actual capacity",
     "what the basic charge is counted on"                           },
    NUM("contract_kw", contract_kw, 0, 1e6, false, 0, "kW", "contract maximum demand"),
    NUM("demand_yuan_per_kw", demand_yuan_per_kw, 0, 1e4, false, 0, "-",
        "a month, per kW or kVA"),
    NUM("target_kw", target_kw, 0, 1e6, false, 0, "kW",
        "of the month's peak, in mode actual; 0 = none, its price is spread over the month"),
    NUM("capacity_kva", capacity_kva, 0, 1e7, false, 0, "kVA", "of the transformers"),
    NUM("floor_pu", floor_pu, 0, 1, false, 0.4, "pu", "least contract demand, of capacity_kva"),
    NUM("free_band", free_band, 1, 2, false, 1.05, "-", "of the contract that costs no excess"),
    NUM("over_multiplier", over_multiplier, 1, 10, false, 2, "-",
        "price of the excess, times the price"),
    {"over_charges_band", FIELD_BOOL, AT(over_charges_band), 0, 0, 0, false, 1, "-", NULL,
     "an excess also charges the band between contract and free_band"},
};
static const struct field gas_keys[] = {
    NUM("price_yuan_per_m3", gas_yuan_per_m3, 0, 1000, true, 0, "yuan/m3",
        "at normal conditions"),
    NUM("lhv_mj_per_m3", gas_mj_per_m3, 1, 100, false, 35.59, "MJ/m3", "lower heating value"),
    NUM("kgco2_per_gj", gas_kgco2_per_gj, 0, 200, false, 55.54, "kg/GJ",
        "emission of burning it"),
};
static const struct field carbon_keys[] = {
    NUM("grid_kgco2_per_kwh", grid_kgco2_per_kwh, 0, 2, true, 0, "kg/kWh",
        "of imported electricity"),
    NUM("price_yuan_per_t", carbon_yuan_per_t, 0, 1e5, false, 0, "yuan/t",
        "that plans count with"),
};
#undef AT

struct band_raw {
    char name[16];
    double ratio;
};
static const struct field band_keys[] = {
    {"name",  FIELD_TEXT,   offsetof(struct band_raw, name),  16, 0,   0,   true, 0, "-", NULL,
     "sharp, peak, flat, valley, ..."},
    {"ratio", FIELD_NUMBER, offsetof(struct band_raw, ratio), 0,  -10, 100, true, 0, "-", NULL,
     "times the base price"          },
};
struct hours_raw {
    char band[16];
    const struct doc *from, *to, *months;
    int days;
};
#define AT(m) offsetof(struct hours_raw, m)
static const struct field hours_keys[] = {
    {"band",   FIELD_TEXT, AT(band),   16, 0, 0, true,  0, "-", NULL,                 "one of `bands`"    },
    {"from",   FIELD_NODE, AT(from),   0,  0, 0, true,  0, "-", NULL,                 "HH:MM"             },
    {"to",     FIELD_NODE, AT(to),     0,  0, 0, true,  0, "-", NULL,                 "HH:MM, up to 24:00"},
    {"months", FIELD_NODE, AT(months), 0,  0, 0, false, 0, "-", NULL,
     "list of 1..12; all by default"                                                                      },
    {"days",   FIELD_ENUM, AT(days),   0,  0, 0, false, 0, "-", "all workday sunday", "kind of day"       },
};
#undef AT
#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

static int band_index(const struct tariff *t, const char *name)
{
    for (int i = 0; i < t->bands; i++) {
        if (strcmp(t->band[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static void load_bands(struct tariff *t, const struct doc *list, struct doc_errors *errors)
{
    if (!read_has_rows(list, BANDS_MAX, errors)) {
        return;
    }
    for (const struct doc *row = list->first; row != NULL; row = row->next) {
        struct band_raw raw;
        if (doc_fill(row, band_keys, ROWS(band_keys), &raw, errors) != ERR_OK) {
            continue;
        }
        if (band_index(t, raw.name) >= 0) {
            doc_complain(errors, doc_get(row, "name"),
                         "'%s' is there twice; another name would be right", raw.name);
            continue;
        }
        struct tariff_band *b = &t->band[t->bands++];
        memcpy(b->name, raw.name, sizeof b->name);
        b->ratio = raw.ratio;
        b->yuan_per_kwh = t->adder_yuan_per_kwh + t->base_yuan_per_kwh * raw.ratio;
    }
}

static enum err load_months(const struct doc *list, unsigned *months, struct doc_errors *errors)
{
    *months = ALL_MONTHS;
    if (list == NULL) {
        return ERR_OK;
    }
    if (!read_has_rows(list, MONTHS, errors)) {
        return ERR_TYPE;
    }
    *months = 0;
    for (const struct doc *d = list->first; d != NULL; d = d->next) {
        double month;
        if (doc_number(d, 1, MONTHS, &month, errors) != ERR_OK) {
            return ERR_RANGE;
        }
        *months |= 1u << ((int)month - 1);
    }
    return ERR_OK;
}

static void load_row(struct tariff *t, const struct doc *map, struct doc_errors *errors)
{
    struct hours_raw raw;
    struct tariff_row row = {0};
    if (doc_fill(map, hours_keys, ROWS(hours_keys), &raw, errors) != ERR_OK ||
        read_minutes(raw.from, 0, DAY_MIN - 1, &row.from_min, errors) != ERR_OK ||
        read_minutes(raw.to, 1, DAY_MIN, &row.to_min, errors) != ERR_OK ||
        load_months(raw.months, &row.months, errors) != ERR_OK) {
        return;
    }
    row.days = (enum days)raw.days;
    row.band = band_index(t, raw.band);
    if (row.band < 0) {
        doc_complain(errors, doc_get(map, "band"),
                     "no band is called '%s'; one of `bands` would be right", raw.band);
    }
    if (row.to_min <= row.from_min) {
        doc_complain(errors, raw.to,
                     "%s is not after from: %s; a row ends by 24:00, the rest of the night "
                     "is a row from 00:00",
                     raw.to->text, raw.from->text);
    }
    t->row[t->rows++] = row;
}

/* First minute from `minute` on at which the day's band is not the one at `minute`. */
static int stretch_end(const struct tariff *t, int month, enum days days, int minute)
{
    int band = tariff_row_at(t, month, days, minute), end = minute + 1;
    while (end < DAY_MIN && tariff_row_at(t, month, days, end) == band) {
        end++;
    }
    return end;
}

/* Complains about the first minute of a kind of day that has no band or two; false if it did.
 */
static bool check_day(const struct tariff *t, int month, enum days days,
                      const struct doc *hours, struct doc_errors *errors)
{
    for (int m = 0; m < DAY_MIN; m = stretch_end(t, month, days, m)) {
        int row = tariff_row_at(t, month, days, m);
        if (row >= 0) {
            continue;
        }
        char from[16], to[16];
        read_minutes_format(m, from, sizeof from);
        read_minutes_format(stretch_end(t, month, days, m), to, sizeof to);
        doc_complain(errors, hours,
                     "%s to %s has %s in month %d on a %s; one row would be right", from, to,
                     row == TARIFF_NO_ROW ? "no band" : "two bands", month,
                     days == DAYS_SUNDAY ? "Sunday" : "workday");
        return false;
    }
    return true;
}

/* Each minute of each kind of day in each month has exactly one band. Reports the first hole or
 * overlap only: one wrong row makes many of them. */
static void check_cover(const struct tariff *t, const struct doc *hours,
                        struct doc_errors *errors)
{
    for (int month = 1; month <= MONTHS; month++) {
        if (!check_day(t, month, DAYS_WORKDAY, hours, errors) ||
            !check_day(t, month, DAYS_SUNDAY, hours, errors)) {
            return;
        }
    }
}

static void load_hours(struct tariff *t, const struct doc *list, struct doc_errors *errors)
{
    int before = errors->count;
    if (!read_has_rows(list, BAND_ROWS_MAX, errors)) {
        return;
    }
    for (const struct doc *row = list->first; row != NULL; row = row->next) {
        load_row(t, row, errors);
    }
    if (errors->count == before) {
        check_cover(t, list, errors);
    }
}

/* A mode needs its figures; a contract stays above its floor. */
static void load_demand(struct tariff *t, const struct doc *map, struct doc_errors *errors)
{
    if (doc_fill(map, demand_keys, ROWS(demand_keys), t, errors) != ERR_OK) {
        return;
    }
    const struct doc *mode = doc_get(map, "mode");
    if (t->mode != DEMAND_NONE && t->demand_yuan_per_kw <= 0) {
        doc_complain(errors, mode,
                     "'%s' needs a price; demand_yuan_per_kw above 0 would be right",
                     mode->text);
    } else if (t->mode == DEMAND_CONTRACT && t->contract_kw <= 0) {
        doc_complain(errors, mode, "'contract' needs contract_kw; above 0 kW would be right");
    } else if (t->mode != DEMAND_ACTUAL && t->target_kw > 0) {
        doc_complain(errors, doc_get(map, "target_kw"),
                     "a target belongs to mode actual; %s would be right without it",
                     mode->text);
    } else if (t->mode == DEMAND_CAPACITY && t->capacity_kva <= 0) {
        doc_complain(errors, mode, "'capacity' needs capacity_kva; above 0 kVA would be right");
    } else if (t->mode == DEMAND_CONTRACT && t->contract_kw < t->floor_pu * t->capacity_kva) {
        doc_complain(errors, doc_get(map, "contract_kw"),
                     "%g kW is below the floor of %g x %g kVA; at least %g kW would be right",
                     t->contract_kw, t->floor_pu, t->capacity_kva,
                     t->floor_pu * t->capacity_kva);
    }
}

/* Without gas nothing divides by its content. */
static void load_gas(struct tariff *t, const struct doc *map, struct doc_errors *errors)
{
    t->gas_mj_per_m3 = 35.59;
    t->gas_kgco2_per_gj = 55.54;
    if (map != NULL && doc_fill(map, gas_keys, ROWS(gas_keys), t, errors) != ERR_OK) {
        return;
    }
    t->gas_kwh_per_m3 = t->gas_mj_per_m3 / 3.6;
    t->gas_kgco2_per_kwh = t->gas_kgco2_per_gj * 0.0036;
}

const struct field *tariff_section_keys(const char *section, int *n)
{
    static const struct {
        const char *name;
        const struct field *row;
        int n;
    } sections[] = {
        {"energy", energy_keys, ROWS(energy_keys)},
        {"demand", demand_keys, ROWS(demand_keys)},
        {"gas",    gas_keys,    ROWS(gas_keys)   },
        {"carbon", carbon_keys, ROWS(carbon_keys)},
    };
    for (int i = 0; i < ROWS(sections); i++) {
        if (strcmp(sections[i].name, section) == 0) {
            *n = sections[i].n;
            return sections[i].row;
        }
    }
    *n = 0;
    return NULL;
}

enum err tariff_load(struct arena *a, const char *path, struct tariff **out,
                     struct doc_errors *errors)
{
    int before = errors->count;
    struct doc *root = NULL;
    struct top_raw top;
    enum err e = doc_read(a, path, &root, errors);
    if (e == ERR_OK) {
        e = doc_fill(root, top_keys, ROWS(top_keys), &top, errors);
    }
    if (e != ERR_OK) {
        return e;
    }
    struct tariff *t = arena_take(a, 1, sizeof *t);
    if (t == NULL) {
        return ERR_NOMEM;
    }
    t->free_band = 1.05;
    t->over_multiplier = 2;
    bool fine = doc_fill(top.tariff, identity_keys, ROWS(identity_keys), t, errors) == ERR_OK;
    fine = doc_fill(top.energy, energy_keys, ROWS(energy_keys), t, errors) == ERR_OK && fine;
    load_bands(t, top.bands, errors);
    if (errors->count == before) {
        load_hours(t, top.hours, errors);
    }
    if (top.demand != NULL) {
        load_demand(t, top.demand, errors);
    }
    load_gas(t, top.gas, errors);
    if (top.carbon != NULL) {
        fine =
            doc_fill(top.carbon, carbon_keys, ROWS(carbon_keys), t, errors) == ERR_OK && fine;
    }
    if (!fine || errors->count > before) {
        return ERR_CONFLICT;
    }
    *out = t;
    return ERR_OK;
}
