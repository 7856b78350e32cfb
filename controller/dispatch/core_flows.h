/* Sums of measured power over the park, from the core's frozen image. Pure. */
#ifndef KILNWATT_DISPATCH_CORE_FLOWS_H
#define KILNWATT_DISPATCH_CORE_FLOWS_H

#include "controller/dispatch/core.h"

/* kW; battery in bus sign, the others as their names say. Unmeasured devices count as 0. */
struct core_flows {
    double pcc_kw; /* import positive; NaN when unknown */
    double pv_kw, wind_kw, chp_kw, battery_kw, discharge_kw;
    /* chp_kw with that of ORCs */
    double load_kw;   /* all that draws, a magnitude */
    double heat_kw;   /* made by CHP, boilers, heat pumps */
    double on_bus_kw; /* sum in bus sign without the grid */
    double gas_m3_per_h;
};

void core_flows(const struct core *c, struct core_flows *out);

#endif
