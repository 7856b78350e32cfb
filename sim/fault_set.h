/* What is wrong with one simulated device now: one state per fault, asked by the plant bodies,
 * the firmware, the register images and the Modbus server, each for its own faults. Set and
 * cleared by sim/faults.h alone. Pure state; runs in the simulator and in studies. */
#ifndef KILNWATT_SIM_FAULT_SET_H
#define KILNWATT_SIM_FAULT_SET_H

#include "sim/rng.h"

/* In the order of the rows of sim/fault_table.c. */
enum fault_id {
    /* plant */
    FAULT_STRINGS_LOST,
    FAULT_CLOUD,
    FAULT_INVERTER_TRIP,
    FAULT_INVERTER_DERATED,
    FAULT_CELL_HOT,
    FAULT_CONTACTOR_OPEN,
    FAULT_SOC_JUMP,
    FAULT_CAPACITY_LOST,
    FAULT_LOCKED_OUT,
    FAULT_DEFROST,
    FAULT_ELEMENT_BROKEN,
    FAULT_THERMOCOUPLE_BROKEN,
    FAULT_DOOR_OPEN,
    FAULT_CHP_FAILS,
    FAULT_GAS_LOST,
    FAULT_WIND_CUT_OUT,
    FAULT_LOAD_STEP,
    FAULT_TRAFO_HOT,
    FAULT_GRID_OUTAGE,
    FAULT_GRID_DIP,
    FAULT_SWITCH_STUCK,
    FAULT_SETPOINT_STUCK,
    /* firmware */
    FAULT_WATCHDOG_EARLY,
    FAULT_WATCHDOG_DEAD,
    FAULT_REBOOT,
    FAULT_LOCAL_MODE,
    FAULT_WRITES_CLAMPED,
    FAULT_WRITES_IGNORED,
    FAULT_EEPROM_WORN,
    FAULT_FREEZE,
    FAULT_SCALE_FACTOR,
    FAULT_WRONG_SCALE,
    FAULT_SENTINEL,
    FAULT_COUNTER_RESET,
    FAULT_CLOCK_JUMP,
    FAULT_SIGN_FLIPPED,
    FAULT_BUSY,
    FAULT_DEADLOCK,
    /* protocol */
    FAULT_EXCEPTION,
    FAULT_WRONG_TRANSACTION,
    FAULT_WRONG_UNIT,
    FAULT_WRONG_FUNCTION,
    FAULT_BYTE_COUNT,
    FAULT_JUNK,
    FAULT_SPLIT,
    FAULT_DUPLICATE,
    FAULT_LATE,
    FAULT_TORN,
    /* the wire itself */
    FAULT_SILENT,
    FAULT_DRIP,
    FAULT_REFUSE,
    FAULT_RESET,
    FAULT_COUNT
};

enum { FAULT_ARGS = 2 };

struct fault_state {
    bool on;
    double arg[FAULT_ARGS];
    double left_s; /* simulated seconds until it clears itself; INFINITY = never */
};
struct fault_set {
    int active; /* faults that are on */
    int trips;  /* of them those that keep the plant tripped */
    struct fault_state of[FAULT_COUNT];
    struct rng rng; /* draws of the faults that need chance */
};

/* A device without any fault. */
extern const struct fault_set fault_none;

static inline bool fault_is(const struct fault_set *s, enum fault_id id)
{
    return s->active && s->of[id].on;
}
/* First argument of a fault that is on, else `otherwise`. */
static inline double fault_arg(const struct fault_set *s, enum fault_id id, double otherwise)
{
    return fault_is(s, id) ? s->of[id].arg[0] : otherwise;
}

#endif
