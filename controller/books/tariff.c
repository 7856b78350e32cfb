/* Look-ups in a loaded tariff. Pure; used in every role that counts money. */
#include "controller/books/tariff.h"
#include "controller/base/civil.h"
#include <math.h>

/* How much of the year a row names: the smaller, the more it weighs. */
static int breadth(const struct tariff_row *r)
{
    return __builtin_popcount(r->months) * (r->days == DAYS_ALL ? 2 : 1);
}

int tariff_row_at(const struct tariff *t, int month, enum days days, int minute)
{
    int best = TARIFF_NO_ROW;
    bool twice = false;
    for (int i = 0; i < t->rows; i++) {
        const struct tariff_row *r = &t->row[i];
        bool holds = (r->months >> (month - 1) & 1u) != 0 && minute >= r->from_min &&
                     minute < r->to_min && (r->days == DAYS_ALL || r->days == days);
        if (!holds) {
            continue;
        }
        if (best < 0 || breadth(r) < breadth(&t->row[best])) {
            best = i;
            twice = false;
        } else if (breadth(r) == breadth(&t->row[best]) && r->band != t->row[best].band) {
            twice = true;
        }
    }
    return twice ? TARIFF_TWO_ROWS : best;
}

static int band_of(const struct tariff *t, const struct civil *c, int minute)
{
    int row = tariff_row_at(t, c->month, c->weekday == 0 ? DAYS_SUNDAY : DAYS_WORKDAY, minute);
    must(row >= 0);
    return t->row[row].band;
}

int tariff_band_at(const struct tariff *t, wall_t at)
{
    struct civil c;
    civil_from_wall(at, &c);
    return band_of(t, &c, c.hour * 60 + c.minute);
}

const char *tariff_band_name(const struct tariff *t, wall_t at)
{
    return t->band[tariff_band_at(t, at)].name;
}

/* Earliest minute of the day after `minute` at which a band other than `band` begins; -1 if
 * none. */
static int next_in_day(const struct tariff *t, const struct civil *c, int minute, int band)
{
    int best = -1;
    for (int i = 0; i < 2 * t->rows; i++) {
        int edge = i % 2 == 0 ? t->row[i / 2].from_min : t->row[i / 2].to_min;
        if (edge > minute && edge < 1440 && (best < 0 || edge < best) &&
            band_of(t, c, edge) != band) {
            best = edge;
        }
    }
    return best;
}

wall_t tariff_next_change(const struct tariff *t, wall_t at)
{
    int band = tariff_band_at(t, at);
    struct civil c;
    civil_from_wall(at, &c);
    int minute = c.hour * 60 + c.minute;
    wall_t midnight = civil_midnight(at, 0);
    for (int day = 0; day < 366; day++) {
        int edge = day > 0 && band_of(t, &c, 0) != band ? 0 : next_in_day(t, &c, minute, band);
        if (edge >= 0) {
            c.hour = edge / 60;
            c.minute = edge % 60;
            c.second = 0;
            return civil_to_wall(&c);
        }
        midnight = civil_midnight(midnight, 1);
        civil_from_wall(midnight, &c);
        minute = 0;
    }
    return midnight;
}

double tariff_import_yuan_per_kwh(const struct tariff *t, wall_t at)
{
    return t->band[tariff_band_at(t, at)].yuan_per_kwh;
}

double tariff_demand_free_kw(const struct tariff *t)
{
    switch (t->mode) {
    case DEMAND_CONTRACT:
        return t->contract_kw * t->free_band;
    case DEMAND_ACTUAL:
        return t->target_kw;
    case DEMAND_NONE:
    case DEMAND_CAPACITY:
        break;
    }
    return INFINITY;
}

double tariff_demand_over_yuan_per_kw(const struct tariff *t)
{
    return t->mode == DEMAND_CONTRACT ? t->over_multiplier * t->demand_yuan_per_kw
           : t->mode == DEMAND_ACTUAL ? t->demand_yuan_per_kw
                                      : 0;
}

double tariff_demand_jump_yuan(const struct tariff *t)
{
    bool jumps = t->mode == DEMAND_CONTRACT && t->over_charges_band;
    return jumps ? (t->free_band - 1) * t->contract_kw * t->demand_yuan_per_kw : 0;
}

double tariff_demand_yuan(const struct tariff *t, double month_peak_kw)
{
    double free_kw = tariff_demand_free_kw(t);
    switch (t->mode) {
    case DEMAND_CONTRACT:
        if (month_peak_kw <= free_kw) {
            return t->contract_kw * t->demand_yuan_per_kw;
        }
        return t->contract_kw * t->demand_yuan_per_kw + tariff_demand_jump_yuan(t) +
               tariff_demand_over_yuan_per_kw(t) * (month_peak_kw - free_kw);
    case DEMAND_ACTUAL:
        return month_peak_kw * t->demand_yuan_per_kw;
    case DEMAND_CAPACITY:
        return t->capacity_kva * t->demand_yuan_per_kw;
    case DEMAND_NONE:
        break;
    }
    return 0;
}

/* Mean of a quarter hour, looked at each five minutes, for bands that change in between. */
static double quarter_yuan_per_kwh(const struct tariff *t, wall_t from)
{
    enum { LOOKS = 3 };
    double sum = 0;
    for (int i = 0; i < LOOKS; i++) {
        wall_t at = wall_add_s(from, PRICES_STEP_S * (i + 0.5) / LOOKS);
        sum += tariff_import_yuan_per_kwh(t, at);
    }
    return sum / LOOKS;
}

void tariff_prices(const struct tariff *t, wall_t at, struct prices *out)
{
    *out = (struct prices){.from = civil_midnight(at, 0),
                           .export_yuan_per_kwh = tariff_export_yuan_per_kwh(t),
                           .gas_yuan_per_kwh = tariff_gas_yuan_per_kwh(t),
                           .gas_kgco2_per_kwh = tariff_gas_kgco2_per_kwh(t),
                           .grid_kgco2_per_kwh = tariff_grid_kgco2_per_kwh(t),
                           .carbon_yuan_per_kg = tariff_carbon_yuan_per_kg(t),
                           .demand_free_kw = tariff_demand_free_kw(t),
                           .demand_over_yuan_per_kw = tariff_demand_over_yuan_per_kw(t),
                           .demand_jump_yuan = tariff_demand_jump_yuan(t),
                           .demand_spread = t->mode == DEMAND_ACTUAL && t->target_kw <= 0};
    for (int i = 0; i < PRICES_STEPS; i++) {
        wall_t from = wall_add_s(out->from, i * (double)PRICES_STEP_S);
        out->import_yuan_per_kwh[i] = quarter_yuan_per_kwh(t, from);
    }
}
