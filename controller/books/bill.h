/* The books of the running day and month: energy and money by band, the meter's maximum demand,
 * gas, wear, carbon. Lives in the park role's core and in studies; plain data without pointers,
 * so it can be kept as bytes and put back after a restart. Pure. */
#ifndef KILNWATT_BOOKS_BILL_H
#define KILNWATT_BOOKS_BILL_H

#include "controller/books/kpi.h"
#include "controller/books/tariff.h"
#include "controller/park/messages.h"

enum { BILL_VERSION = 1, DEMAND_MINUTES = 15 };

/* Totals of a day or a month. */
struct bill_period {
    wall_t from, end; /* local midnights; from 0 = not begun */
    double import_band_kwh[BANDS_MAX];
    double import_kwh, import_yuan;
    double export_kwh, export_yuan;
    double pv_kwh, wind_kwh, other_kwh, available_kwh, dumped_kwh;
    double load_kwh, discharge_kwh;
    double gas_m3, gas_yuan;
    double wear_yuan;
    double kgco2;
    double peak_kw; /* greatest 15-min mean of import */
};

/* The meter's demand: a mean of 15 minutes that slides by the minute. */
struct bill_demand {
    double minute_kw[DEMAND_MINUTES]; /* means of the last whole minutes, a ring */
    int32_t next, filled;
    double kwh, seconds; /* of the minute under way */
};

struct bill {
    uint32_t version, pad;
    wall_t at; /* end of the last stretch; 0 = nothing yet */
    double month_peak_kw;
    double demand_kw; /* last 15-min mean; NaN before 15 whole minutes */
    struct bill_demand demand;
    struct bill_period day, month, last_day, last_month;
};

/* Mean powers over a stretch, kW, magnitudes. What is not known stays 0. */
struct bill_input {
    double import_kw, export_kw;
    double pv_kw, wind_kw; /* generated */
    double available_kw;   /* PV and wind available; 0 = as generated */
    double other_kw;       /* CHP */
    double dumped_kw;      /* heat thrown away that renewable electricity made */
    double load_kw, discharge_kw;
    double gas_m3_per_h;
    double wear_yuan_per_h;
};

void bill_init(struct bill *b);
/* Adds the stretch of dt_s seconds that ends at `end`. It may cross minutes, bands, days and
 * months. A stretch that is not finite, not positive or longer than a day is ignored; parts of
 * it before the end of the last stretch (a clock set back) too. A hole of more than two minutes
 * empties the demand window. */
void bill_add(struct bill *b, const struct tariff *t, wall_t end, double dt_s,
              const struct bill_input *in);
/* Puts books back that were kept as bytes. ERR_VERSION if they are of another layout; b
 * untouched. */
must_check enum err bill_restore(struct bill *b, const void *bytes, size_t len);
/* Energy, gas and wear of a period less export, yuan; without the basic charge. */
double bill_period_yuan(const struct bill_period *p);
/* Month so far with the basic charge for its peak, yuan. */
double bill_month_yuan(const struct bill *b, const struct tariff *t);
/* Metrics of a period. */
struct kpi bill_kpi(const struct bill_period *p);
/* Fills today_* and self_consumption_pu of a status. */
void bill_status(const struct bill *b, struct msg_status *out);

#endif
