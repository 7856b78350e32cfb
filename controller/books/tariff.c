/* Look-ups in a loaded tariff. */
#include "controller/books/tariff.h"
#include "controller/base/civil.h"
#include <math.h>

static int months_of(const struct tariff_row *r)
{
    return __builtin_popcount(r->months);
}

/* Of the rows that hold, the one that names the fewest months. */
static int row_at(const struct tariff *t, int month, int minute)
{
    int best = -1;
    for (int i = 0; i < t->rows; i++) {
        const struct tariff_row *r = &t->row[i];
        bool holds = (r->months >> (month - 1) & 1u) != 0 && minute >= r->from_min && minute < r->to_min;
        if (holds && (best < 0 || months_of(r) < months_of(&t->row[best]))) {
            best = i;
        }
    }
    return best;
}

int tariff_band_at(const struct tariff *t, wall_t at)
{
    struct civil c;
    civil_from_wall(at, &c);
    int row = row_at(t, c.month, c.hour * 60 + c.minute);
    must(row >= 0);
    return t->row[row].band;
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
        return 0;
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
    return t->mode == DEMAND_CONTRACT ? (t->free_band - 1) * t->contract_kw * t->demand_yuan_per_kw : 0;
}

double tariff_demand_yuan(const struct tariff *t, double month_peak_kw)
{
    double free_kw = tariff_demand_free_kw(t);
    switch (t->mode) {
    case DEMAND_CONTRACT:
        if (month_peak_kw <= free_kw) {
            return t->contract_kw * t->demand_yuan_per_kw;
        }
        return (free_kw + t->over_multiplier * (month_peak_kw - free_kw)) * t->demand_yuan_per_kw;
    case DEMAND_ACTUAL:
        return month_peak_kw * t->demand_yuan_per_kw;
    case DEMAND_CAPACITY:
        return t->capacity_kva * t->demand_yuan_per_kw;
    case DEMAND_NONE:
        break;
    }
    return 0;
}
