/* The books beside the core: prices for the hours ahead, energy and money each second. */
#include "controller/dispatch/core_flows.h"
#include "controller/dispatch/park_host.h"
#include <math.h>

enum { REFRESH_S = 3600, STRETCH_S_MAX = 10 };

void host_prices(struct host *h)
{
    wall_t now = host_wall(h);
    double age_s = wall_diff_s(h->priced, now);
    if (h->priced.ms == 0 || age_s < 0 || age_s >= REFRESH_S) {
        tariff_prices(h->tariff, now, &h->prices);
        h->priced = now;
    }
}

void host_books(struct host *h)
{
    struct core_flows f;
    wall_t now = host_wall(h);
    double dt_s = h->booked.ms == 0 ? 0 : wall_diff_s(h->booked, now);
    host_prices(h);
    core_flows(h->core, &f);
    h->booked = now;
    if (!isfinite(f.pcc_kw) || dt_s <= 0) {
        return;
    }
    struct bill_input in = {.import_kw = fmax(f.pcc_kw, 0),
                            .export_kw = fmax(-f.pcc_kw, 0),
                            .pv_kw = f.pv_kw,
                            .wind_kw = f.wind_kw,
                            .other_kw = f.chp_kw,
                            .load_kw = f.load_kw,
                            .discharge_kw = f.discharge_kw,
                            .gas_m3_per_h = f.gas_m3_per_h};
    bill_add(&h->bill, h->tariff, now, fmin(dt_s, STRETCH_S_MAX), &in);
    h->core->month_peak_kw = h->bill.month_peak_kw;
}
