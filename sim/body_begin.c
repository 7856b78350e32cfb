/* Stores that begin with another content than their model gives them: a battery at noon is not
 * half full. Runs while the plants are built. */
#include "sim/body.h"
#include "sim/plant_battery.h"
#include "sim/plant_storage_boiler.h"
#include "sim/plant_tank.h"

/* The plant is made anew from its own parameters; those are copied, because it is overwritten.
 */
static enum err battery_begin(struct body *b, double soc_pu)
{
    if (b->device->cells == CELLS_SUPERCAPACITOR) {
        return body_supercap_begin(b, soc_pu);
    }
    struct plant_battery_params par = ((struct plant_battery *)b->plant)->par;
    return plant_battery_init(b->plant, &par, soc_pu);
}

static enum err boiler_begin(struct body *b, double soc_pu)
{
    struct plant_sb_params par = ((struct plant_sb *)b->plant)->par;
    return plant_sb_init(b->plant, &par, soc_pu);
}

static enum err tank_begin(struct body *b, double soc_pu)
{
    struct plant_tank_params par = ((struct plant_tank *)b->plant)->par;
    return plant_tank_init(b->plant, &par, soc_pu);
}

enum err body_begin(struct body *b, int row, double value)
{
    static const struct {
        enum kind kind;
        int row;
        enum err (*begin)(struct body *b, double value);
    } rows[] = {
        {KIND_BATTERY,        BATTERY_SOC_PU, battery_begin},
        {KIND_STORAGE_BOILER, SB_SOC_PU,      boiler_begin },
        {KIND_TANK,           TANK_SOC_PU,    tank_begin   },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].kind == b->device->kind && rows[i].row == row) {
            return rows[i].begin(b, value);
        }
    }
    return ERR_UNKNOWN_KEY;
}
