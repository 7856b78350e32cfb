/* The table of a status's numbers. Pure; used in the web role. */
#include "controller/web/fields.h"
#include "controller/park/messages.h"
#include <string.h>

#define ROW(name, as, about) \
    { \
#name, as, offsetof(struct msg_status, name), about \
    }

const struct status_field status_fields[] = {
    ROW(pcc_kw, AS_DOUBLE, "power at the grid connection, import positive"),
    ROW(plan_pcc_kw, AS_DOUBLE, "the same as planned"),
    ROW(import_limit_kw, AS_DOUBLE, "import limit in force"),
    ROW(export_limit_kw, AS_DOUBLE, "export limit in force"),
    ROW(demand_15min_kw, AS_DOUBLE, "sliding 15 min mean of import"),
    ROW(demand_target_kw, AS_DOUBLE, "target of the month for it"),
    ROW(month_peak_kw, AS_DOUBLE, "greatest 15 min mean of this month"),
    ROW(pv_kw, AS_DOUBLE, "photovoltaics, sum"),
    ROW(wind_kw, AS_DOUBLE, "wind, sum"),
    ROW(battery_kw, AS_DOUBLE, "batteries, sum, discharge positive"),
    ROW(load_kw, AS_DOUBLE, "all loads, magnitude"),
    ROW(heat_kw, AS_DOUBLE, "heat delivered, sum"),
    ROW(residual_kw, AS_DOUBLE, "what the meters do not explain"),
    ROW(today_import_kwh, AS_DOUBLE, "imported since midnight"),
    ROW(today_export_kwh, AS_DOUBLE, "exported since midnight"),
    ROW(today_pv_kwh, AS_DOUBLE, "photovoltaic energy since midnight"),
    ROW(today_yuan, AS_DOUBLE, "energy cost since midnight"),
    ROW(today_kgco2, AS_DOUBLE, "emissions since midnight"),
    ROW(self_consumption_pu, AS_DOUBLE, "share of own generation used on site"),
    ROW(plan_gap_pu, AS_DOUBLE, "proven gap of the plan in force"),
    ROW(plan_cost_yuan, AS_DOUBLE, "cost of the plan in force"),
    ROW(fallback, AS_U32, "step of the plan ladder: 0 plan, 1 shifted, 2 rule, 3 safe actions"),
    ROW(ticks, AS_U64, "ticks since start"),
    ROW(ticks_missed, AS_U64, "ticks skipped since start"),
    ROW(loop_lag_us, AS_U32, "worst lag of park's loop in the last second"),
};
const int status_fields_count = sizeof status_fields / sizeof status_fields[0];

double status_field_value(const struct status_field *f, const struct msg_status *s)
{
    const unsigned char *at = (const unsigned char *)s + f->offset;
    double number = 0;
    uint32_t small = 0;
    uint64_t large = 0;
    switch (f->as) {
    case AS_DOUBLE:
        memcpy(&number, at, sizeof number);
        return number;
    case AS_U32:
        memcpy(&small, at, sizeof small);
        return small;
    case AS_U64:
        memcpy(&large, at, sizeof large);
        return (double)large;
    }
    return 0;
}
