/* The table of bodies by kind, and actuators that stick. Runs in the simulator. */
#include "sim/body.h"
#include "sim/plant_battery.h"
#include "sim/snap.h"
#include <math.h>
#include <string.h>

const struct body_def *body_def(const struct device *d)
{
    static const struct body_def *const defs[KIND_COUNT] = {
        [KIND_METER] = &body_meter,
        [KIND_PV] = &body_pv,
        [KIND_WIND] = &body_wind,
        [KIND_BATTERY] = &body_battery,
        [KIND_CHP] = &body_chp,
        [KIND_GAS_BOILER] = &body_gas_boiler,
        [KIND_HEAT_PUMP] = &body_heat_pump,
        [KIND_STORAGE_BOILER] = &body_storage_boiler,
        [KIND_TANK] = &body_tank,
        [KIND_WASTE_HEAT] = &body_waste_heat,
        [KIND_KILN] = &body_kiln,
        [KIND_ROLLER_KILN] = &body_roller_kiln,
        [KIND_MILL] = &body_mill,
        [KIND_LOAD] = &body_load,
        [KIND_CHARGER] = &body_charger,
        [KIND_WEATHER] = &body_weather,
        [KIND_TRANSFORMER] = &body_transformer,
        [KIND_CHILLER] = &body_chiller,
        [KIND_COMPRESSOR] = &body_compressor,
        [KIND_ORC] = &body_orc,
        [KIND_PUMP] = &body_pump,
        [KIND_CAPACITOR_BANK] = &body_capacitor_bank,
        [KIND_BUILDING] = &body_building,
    };
    must(d->kind >= 0 && d->kind < KIND_COUNT);
    return d->kind == KIND_BATTERY && d->cells == CELLS_SUPERCAPACITOR ? &body_supercap
                                                                       : defs[d->kind];
}

enum err body_take(struct body *b, struct arena *a, size_t size)
{
    b->plant = arena_take(a, 1, size);
    b->plant_size = size;
    return b->plant ? ERR_OK : ERR_NOMEM;
}

/* Rows that stick together: the switch, or what says how much. */
static bool sticks(const struct body *b, int row, bool switches)
{
    const struct point_def *p = &dict_kind(b->device->kind)->point[row];
    bool run = strcmp(p->name, "run") == 0, time = strcmp(p->unit, "s") == 0;
    return p->writable && !time && run == switches;
}

int body_stick(struct body *b, bool switches)
{
    int n = 0, rows = dict_kind(b->device->kind)->points;
    for (int r = 0; r < rows; r++) {
        double now = b->def->get(b, r);
        if (sticks(b, r, switches) && !isnan(now) && isnan(b->asked[r])) {
            b->asked[r] = now;
            n++;
        }
    }
    return n;
}

void body_unstick(struct body *b, bool switches)
{
    const struct body_def *def = b->def;
    int rows = dict_kind(b->device->kind)->points;
    for (int r = 0; r < rows; r++) {
        double last = b->asked[r];
        if (!sticks(b, r, switches) || isnan(last)) {
            continue;
        }
        b->asked[r] = NAN;
        if (last != def->get(b, r)) {
            b->cmd[r] = last;
            if (def->command) {
                def->command(b, r);
            }
        }
    }
}

struct body_storage body_storage(const struct body *b)
{
    return b->def == &body_battery    ? body_cells_storage(b)
           : b->def == &body_supercap ? body_supercap_storage(b)
                                      : (struct body_storage){.runs = false};
}

void body_cut(struct body *b, double share)
{
    plant_battery_cut(b->plant, share);
}

void body_snap(struct body *b, struct snap *s)
{
    SNAP_TAIL(s, b, kw);
    snap_bytes(s, b->plant, b->plant_size);
}
