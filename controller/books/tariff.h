/* The tariff as data: energy price by band, demand charge, gas, carbon. Read once from a tariff
 * file (YAML) into a boot arena, constant afterwards. Pure after loading; local time through
 * base/civil. Rules: two-part tariff of NDRC 1583 (2016) with the 1.05 band; see the file's own
 * `source`. */
#ifndef KILNWATT_BOOKS_TARIFF_H
#define KILNWATT_BOOKS_TARIFF_H

#include "controller/park/park.h"
#include "controller/park/prices.h"

enum { BANDS_MAX = 8, BAND_ROWS_MAX = 48 };
enum demand_mode { DEMAND_NONE, DEMAND_CONTRACT, DEMAND_ACTUAL, DEMAND_CAPACITY };
enum tariff_status { TARIFF_ASSUMED, TARIFF_HISTORICAL, TARIFF_CONFIRMED };

/* A band's price is adder + base x ratio. */
struct tariff_band {
    char name[16];
    double ratio;
    double yuan_per_kwh;
};

/* From from_min until to_min of the local day, in the months of the mask (bit 0 = January). Of
 * rows that hold together the one that names fewer months and kinds of day wins (sharp hours
 * inside peak hours). */
struct tariff_row {
    int band;
    int from_min, to_min;
    unsigned months;
    enum days days; /* by the calendar's weekday alone: tariffs know no holidays */
};

struct tariff {
    char id[48], source[200];
    enum tariff_status status;
    double adder_yuan_per_kwh, base_yuan_per_kwh, export_yuan_per_kwh;
    int bands;
    struct tariff_band band[BANDS_MAX];
    int rows;
    struct tariff_row row[BAND_ROWS_MAX];
    enum demand_mode mode;
    double contract_kw, demand_yuan_per_kw, free_band, over_multiplier, capacity_kva;
    double target_kw;       /* of the month, in mode actual; 0: none */
    double floor_pu;        /* least contract demand, of the capacity */
    bool over_charges_band; /* an excess also charges the band between contract and free band */
    double gas_yuan_per_m3, gas_mj_per_m3, gas_kgco2_per_gj; /* as written */
    double gas_kwh_per_m3, gas_kgco2_per_kwh;                /* derived, lower heating value */
    double grid_kgco2_per_kwh, carbon_yuan_per_t;
};

/* Reads and checks a tariff: prices, and that each minute of each month's day has exactly one
 * band. Errors with their places go to `errors`. */
must_check enum err tariff_load(struct arena *a, const char *path, struct tariff **out,
                                struct doc_errors *errors);
/* Row that holds at a minute (0..1439) of a kind of day (not DAYS_ALL) in a month (1..12);
 * TARIFF_NO_ROW, or TARIFF_TWO_ROWS where two rows of equal weight name different bands
 * (neither occurs in a tariff that tariff_load() accepted). */
enum { TARIFF_NO_ROW = -1, TARIFF_TWO_ROWS = -2 };
int tariff_row_at(const struct tariff *t, int month, enum days days, int minute);
/* Index of the band in force. */
int tariff_band_at(const struct tariff *t, wall_t at);
/* Name of the band in force. */
const char *tariff_band_name(const struct tariff *t, wall_t at);
/* First time after `at` at which another band holds; a year later if none does. */
wall_t tariff_next_change(const struct tariff *t, wall_t at);
/* Gas bought, yuan. */
static inline double tariff_gas_yuan(const struct tariff *t, double m3)
{
    return t->gas_yuan_per_m3 * m3;
}
double tariff_import_yuan_per_kwh(const struct tariff *t, wall_t at);
static inline double tariff_export_yuan_per_kwh(const struct tariff *t)
{
    return t->export_yuan_per_kwh;
}
static inline double tariff_gas_yuan_per_kwh(const struct tariff *t)
{
    return t->gas_yuan_per_m3 / t->gas_kwh_per_m3;
}
static inline double tariff_gas_kgco2_per_kwh(const struct tariff *t)
{
    return t->gas_kgco2_per_kwh;
}
static inline double tariff_grid_kgco2_per_kwh(const struct tariff *t)
{
    return t->grid_kgco2_per_kwh;
}
static inline double tariff_carbon_yuan_per_kg(const struct tariff *t)
{
    return t->carbon_yuan_per_t / 1000;
}
/* Demand that plans may reach: contract x free band, where no charge is due for less; INFINITY
 * where the mode puts no price on the month's peak (none, capacity); in mode actual the month's
 * target, 0 without one. */
double tariff_demand_free_kw(const struct tariff *t);
/* Price of a kW above it, and the amount due once when it is passed. */
double tariff_demand_over_yuan_per_kw(const struct tariff *t);
double tariff_demand_jump_yuan(const struct tariff *t);
/* Basic charge of a month with this greatest 15-min mean, yuan. */
double tariff_demand_yuan(const struct tariff *t, double month_peak_kw);

/* Prices of 80 h from the local midnight at or before `at`, and the contract's constants. */
void tariff_prices(const struct tariff *t, wall_t at, struct prices *out);

/* Field table of a section of a tariff file that is a plain map ("energy", "demand", "gas",
 * "carbon"); *n rows; NULL for another section. All fill a struct tariff. */
const struct field *tariff_section_keys(const char *section, int *n);

#endif
