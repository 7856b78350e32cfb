/* Prices as the dispatcher needs them: import by quarter hours from a local midnight on, and
 * the constants of the contract. Filled from the tariff by the park role's host, so that
 * dispatch knows no tariff. Pure. */
#ifndef KILNWATT_PARK_PRICES_H
#define KILNWATT_PARK_PRICES_H

#include "controller/base/clock.h"

enum { PRICES_STEP_S = 900, PRICES_STEPS = 320 }; /* 80 h */

struct prices {
    wall_t from; /* a local midnight */
    double import_yuan_per_kwh[PRICES_STEPS];
    double export_yuan_per_kwh;
    double gas_yuan_per_kwh, gas_kgco2_per_kwh; /* lower heating value */
    double grid_kgco2_per_kwh, carbon_yuan_per_kg;
    /* demand charge: what is free, the price of a kW above it, the amount due once above it */
    double demand_free_kw; /* INFINITY: no price on the month's peak; 0: each kW is billed */
    double demand_over_yuan_per_kw, demand_jump_yuan;
    bool demand_spread; /* a peak serves the rest of the month: a plan pays its days' share */
};

/* Import price at a time; the nearest known one outside. */
double prices_import(const struct prices *p, wall_t at);
/* Least and greatest import price of the 24 h from the local midnight `from` on. */
void prices_day(const struct prices *p, wall_t midnight, double *least, double *most);

#endif
