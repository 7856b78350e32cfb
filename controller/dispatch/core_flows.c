/* One pass over the units. */
#include "controller/dispatch/core_flows.h"
#include <math.h>
#include <string.h>

/* Row of a kind's heat, gas; -1 where it has none. */
static const struct {
    int heat, gas;
} rows[KIND_COUNT] = {
    [KIND_METER] = {-1,             -1                 },
    [KIND_PV] = {-1,             -1                 },
    [KIND_WIND] = {-1,             -1                 },
    [KIND_BATTERY] = {-1,             -1                 },
    [KIND_CHP] = {CHP_HEAT_KW,    CHP_GAS_M3_PER_H   },
    [KIND_GAS_BOILER] = {BOILER_HEAT_KW, BOILER_GAS_M3_PER_H},
    [KIND_HEAT_PUMP] = {HP_HEAT_KW,     -1                 },
    [KIND_STORAGE_BOILER] = {SB_HEAT_KW,     -1                 },
    [KIND_TANK] = {-1,             -1                 },
    [KIND_WASTE_HEAT] = {-1,             -1                 },
    [KIND_KILN] = {-1,             -1                 },
    [KIND_ROLLER_KILN] = {-1,             -1                 },
    [KIND_MILL] = {-1,             -1                 },
    [KIND_LOAD] = {-1,             -1                 },
    [KIND_CHARGER] = {-1,             -1                 },
    [KIND_WEATHER] = {-1,             -1                 },
    [KIND_TRANSFORMER] = {-1,             -1                 },
    [KIND_CHILLER] = {-1,             -1                 },
    [KIND_COMPRESSOR] = {-1,             -1                 },
    [KIND_ORC] = {-1,             -1                 },
    [KIND_PUMP] = {-1,             -1                 },
    [KIND_CAPACITOR_BANK] = {-1,             -1                 },
    [KIND_BUILDING] = {-1,             -1                 },
};

static void add(const struct core *c, int d, struct core_flows *s)
{
    const struct unit *u = &c->unit[d];
    enum kind k = u->dev->kind;
    double kw = u->measured ? u->now_kw : 0;
    s->on_bus_kw += kw;
    s->heat_kw += rows[k].heat < 0 ? 0 : image_value(&c->frozen, d, rows[k].heat, 0);
    s->gas_m3_per_h += rows[k].gas < 0 ? 0 : image_value(&c->frozen, d, rows[k].gas, 0);
    if (k == KIND_PV) {
        s->pv_kw += kw;
    } else if (k == KIND_WIND) {
        s->wind_kw += kw;
    } else if (k == KIND_CHP || k == KIND_ORC) {
        s->chp_kw += kw;
    } else if (k == KIND_BATTERY) {
        s->battery_kw += kw;
        s->discharge_kw += fmax(kw, 0);
    } else {
        s->load_kw -= kw;
    }
}

void core_flows(const struct core *c, struct core_flows *out)
{
    memset(out, 0, sizeof *out);
    out->pcc_kw = reading_or(image_pcc(&c->frozen), NAN);
    for (int d = 0; d < c->park->devices; d++) {
        add(c, d, out);
    }
}
