/* The table of bodies by kind. Runs in the simulator. */
#include "sim/body.h"

const struct body_def *body_def(enum kind k)
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
    };
    must(k >= 0 && k < KIND_COUNT);
    return defs[k];
}

enum err body_take(struct body *b, struct arena *a, size_t size)
{
    b->plant = arena_take(a, 1, size);
    return b->plant ? ERR_OK : ERR_NOMEM;
}
