/* Prices, energy, money; questions in time. Runs in the park role and in studies. */
#include "controller/dispatch/ledger.h"
#include "controller/dispatch/core_flows.h"
#include <math.h>

enum { REFRESH_S = 3600, STRETCH_S_MAX = 10, REPLAN_S = 300, REPLAN_EVENT_S = 20 };

static void refresh(struct ledger *l, wall_t now)
{
    double age_s = wall_diff_s(l->priced, now);
    if (l->priced.ms == 0 || age_s < 0 || age_s >= REFRESH_S) {
        tariff_prices(l->tariff, now, &l->prices);
        l->priced = now;
    }
}

void ledger_init(struct ledger *l, const struct tariff *tariff, wall_t now)
{
    *l = (struct ledger){.tariff = tariff};
    bill_init(&l->bill);
    refresh(l, now);
}

void ledger_second(struct ledger *l, struct core *c, wall_t now)
{
    struct core_flows f;
    double dt_s = l->booked.ms == 0 ? 0 : wall_diff_s(l->booked, now);
    refresh(l, now);
    core_flows(c, &f);
    l->booked = now;
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
    bill_add(&l->bill, l->tariff, now, fmin(dt_s, STRETCH_S_MAX), &in);
    c->month_peak_kw = l->bill.month_peak_kw;
}

bool replan_due(struct core *c, mono_t now, mono_t *next)
{
    /* the first plan waits until the devices have been read */
    bool ready = c->pcc_known && c->ticks >= 10;
    bool due = next->us == 0 || !mono_before(now, *next);
    mono_t soonest = mono_add(mono_sub(*next, MONO_S(REPLAN_S)), MONO_S(REPLAN_EVENT_S));
    bool event = c->replan && !mono_before(now, soonest);
    if (!ready || (!due && !event)) {
        return false;
    }
    c->replan = false;
    *next = mono_add(now, MONO_S(REPLAN_S));
    return true;
}
