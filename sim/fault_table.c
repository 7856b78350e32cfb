/* The table of faults. P: the plant itself; D: the device's firmware; M: the protocol; the last
 * rows: the wire, of which links have a table of their own. Left out: bad checksums and answers
 * to a broadcast (M6, M12), which need a serial line (sim/link.h); faults of the controller's
 * own machine (S1 to S7: the controller killed, disk full, forecast missing ...), which are no
 * part of a simulated park (tests/fault). A step of a device's clock is D13.
 *
 * Numbers without another source are assumptions of this simulator. 2 s at 0.85 and 1.1 of the
 * voltage: GB/T 29319-2012, from memory, to be checked against the text in force. */
#include "sim/fault_table.h"
#include <math.h>

#define K(kind) (1u << KIND_##kind)
#define ANY ((1u << KIND_COUNT) - 1)
/* kinds with something that can be set */
#define SETTABLE \
    (K(PV) | K(WIND) | K(BATTERY) | K(CHP) | K(GAS_BOILER) | K(HEAT_PUMP) | \
     K(STORAGE_BOILER) | K(KILN) | K(ROLLER_KILN) | K(MILL) | K(CHARGER))

#define ARG(name, unit, lo, hi, usual) \
    { \
        name, unit, lo, hi, usual, false \
    }
#define WHOLE(name, unit, lo, hi, usual) \
    { \
        name, unit, lo, hi, usual, true \
    }
#define ARGS(...) \
    { \
        __VA_ARGS__ \
    }
#define NONE \
    { \
        { \
            NULL, NULL, 0, 0, 0, false \
        } \
    }
#define ROW(number, ...) [FAULT_##number] = {__VA_ARGS__}

const struct fault_def fault_table[FAULT_COUNT] = {
    ROW(STRINGS_LOST, "P1", "strings_lost", FAULT_OF_PLANT, K(PV), 0,
        ARGS(ARG("share", "pu", 0.01, 1, 0.25)), "a part of the strings gives nothing",
        fault_begin_light, NULL),
    ROW(CLOUD, "P2", "cloud", FAULT_OF_PLANT, K(PV), 0, ARGS(ARG("depth", "pu", 0.01, 1, 0.8)),
        "a cloud over the whole park takes this share of the light, with edges of 5 s",
        fault_begin_cloud, fault_end_cloud),
    ROW(INVERTER_TRIP, "P3", "inverter_trip", FAULT_OF_PLANT, K(PV) | K(WIND) | K(BATTERY),
        K(PV) | K(WIND) | K(BATTERY), NONE, "protection opens: no power, state fault", NULL,
        NULL),
    ROW(INVERTER_DERATED, "P4", "inverter_derated", FAULT_OF_PLANT, K(PV) | K(BATTERY), 0,
        ARGS(ARG("limit_pu", "pu", 0, 0.99, 0.5)),
        "heat holds the converter below this share of its rated power", NULL, NULL),
    ROW(CELL_HOT, "P5", "cell_hot", FAULT_OF_PLANT, K(BATTERY), 0,
        ARGS(ARG("degc", "degC", 46, 80, 60)),
        "a hot cell: the BMS takes power back from 45 degC on, to nothing at 55",
        fault_begin_cells, NULL),
    ROW(CONTACTOR_OPEN, "P6", "contactor_open", FAULT_OF_PLANT, K(BATTERY), K(BATTERY), NONE,
        "the BMS opens its contactor: no power, state fault", NULL, NULL),
    ROW(SOC_JUMP, "P7", "soc_jump", FAULT_OF_READING, K(BATTERY), 0,
        ARGS(ARG("delta_pu", "pu", -0.9, 0.9, 0.1)),
        "the BMS calibrates anew: the state of charge that it shows is off by this much", NULL,
        NULL),
    ROW(CAPACITY_LOST, "P8", "capacity_lost", FAULT_OF_PLANT, K(BATTERY), 0,
        ARGS(ARG("share", "pu", 0.01, 0.9, 0.2)),
        "racks of this share of the capacity are cut off with what they hold",
        fault_begin_capacity, fault_end_capacity),
    ROW(LOCKED_OUT, "P9", "lockout", FAULT_OF_PLANT, K(HEAT_PUMP), K(HEAT_PUMP), NONE,
        "its protection locks it out: it stops, and starts again only when cleared", NULL,
        NULL),
    ROW(DEFROST, "P10", "defrost", FAULT_OF_PLANT, K(HEAT_PUMP), 0, NONE,
        "a defrost that does not end: power is drawn, no heat comes", fault_begin_defrost,
        NULL),
    ROW(ELEMENT_BROKEN, "P11", "element_broken", FAULT_OF_PLANT, K(KILN), 0,
        ARGS(ARG("share", "pu", 0.01, 1, 0.3333)),
        "a part of the heating elements gives nothing", fault_begin_firing, NULL),
    ROW(THERMOCOUPLE_BROKEN, "P12", "thermocouple_broken", FAULT_OF_PLANT, K(KILN), K(KILN),
        NONE, "the controller reads beyond its range and stops heating", NULL, NULL),
    ROW(DOOR_OPEN, "P13", "door_open", FAULT_OF_PLANT, K(KILN), K(KILN), NONE,
        "the door's interlock stops heating; heat is lost as with the damper wide open",
        fault_begin_firing, NULL),
    ROW(CHP_FAILS, "P14", "chp_fails", FAULT_OF_PLANT, K(CHP), 0, NONE,
        "trips under load; at rest its next start fails", NULL, NULL),
    ROW(GAS_LOST, "P15", "gas_lost", FAULT_OF_PLANT, K(CHP) | K(GAS_BOILER),
        K(CHP) | K(GAS_BOILER), NONE, "no gas: it stops, state fault", NULL, NULL),
    ROW(WIND_CUT_OUT, "P16", "wind_cut_out", FAULT_OF_PLANT, K(WIND), 0,
        ARGS(ARG("speed_m_per_s", "m/s", 25, 60, 27)),
        "a storm at its hub: it cuts out until the wind has gone down", NULL, NULL),
    ROW(LOAD_STEP, "P17", "load_step", FAULT_OF_PLANT, K(LOAD), 0,
        ARGS(ARG("kw", "kW", -100000, 100000, NAN)),
        "so much is switched on beside the schedule, or off", fault_begin_load_step,
        fault_end_load_step),
    ROW(TRAFO_HOT, "P18", "trafo_hot", FAULT_OF_PLANT, K(TRANSFORMER), 0,
        ARGS(ARG("rise_k", "K", 1, 120, 50)),
        "its cooling fails: its oil is hotter by this much", NULL, NULL),
    ROW(GRID_OUTAGE, "P19", "grid_outage", FAULT_OF_PLANT, K(METER), 0, NONE,
        "the grid is gone: from the next second on nothing on the bus has power, unless a "
        "storage "
        "forms an island",
        fault_begin_grid, NULL),
    ROW(GRID_DIP, "P20", "grid_dip", FAULT_OF_PLANT, K(METER), 0,
        ARGS(ARG("hz", "Hz", 45, 55, 49.2), ARG("v_pu", "pu", 0.1, 1.3, 0.8)),
        "frequency and voltage change; below 0.85 or above 1.1 of the voltage PV and wind trip "
        "after 2 s",
        fault_begin_grid, NULL),
    ROW(SWITCH_STUCK, "P21", "switch_stuck", FAULT_OF_PLANT,
        K(BATTERY) | K(CHP) | K(GAS_BOILER) | K(HEAT_PUMP) | K(KILN) | K(MILL), 0, NONE,
        "its breaker stays as it is whatever is commanded; the command is shown as accepted",
        fault_begin_stuck, fault_end_stuck),
    ROW(SETPOINT_STUCK, "P22", "setpoint_stuck", FAULT_OF_PLANT,
        K(PV) | K(WIND) | K(BATTERY) | K(CHP) | K(GAS_BOILER) | K(HEAT_PUMP) |
            K(STORAGE_BOILER) | K(ROLLER_KILN) | K(CHARGER),
        0, NONE, "setpoints are accepted and shown, the actuator stays where it is",
        fault_begin_stuck, fault_end_stuck),
    ROW(WATCHDOG_EARLY, "D1", "watchdog_early", FAULT_OF_DEVICE, ANY, 0,
        ARGS(ARG("timeout_s", "s", 1, 3600, 5)),
        "its watchdog runs out so soon, whatever its time-out says", fault_begin_watchdog,
        NULL),
    ROW(WATCHDOG_DEAD, "D2", "watchdog_dead", FAULT_OF_DEVICE, ANY, 0, NONE,
        "its watchdog never acts: setpoints stay when the controller dies",
        fault_begin_watchdog, NULL),
    ROW(REBOOT, "D3", "reboot", FAULT_OF_DEVICE, ANY, K(PV) | K(WIND) | K(BATTERY) | K(CHARGER),
        ARGS(ARG("boot_s", "s", 1, 600, 20)),
        "all values read 0 for so long and its power stops; then its defaults are in force",
        fault_begin_reboot, NULL),
    ROW(LOCAL_MODE, "D4", "local_mode", FAULT_OF_DEVICE, SETTABLE, 0, NONE,
        "switched to local: writes over the wire are answered by exception 4",
        fault_begin_writable, NULL),
    ROW(WRITES_CLAMPED, "D5", "writes_clamped", FAULT_OF_DEVICE, SETTABLE, 0,
        ARGS(ARG("share", "pu", 0, 0.99, 0.5)),
        "setpoints are cut to this share of their range, without a word", fault_begin_clamp,
        NULL),
    ROW(WRITES_IGNORED, "D6", "writes_ignored", FAULT_OF_DEVICE, SETTABLE, 0, NONE,
        "writes are acknowledged and do nothing", fault_begin_writable, NULL),
    ROW(EEPROM_WORN, "D7", "eeprom_worn", FAULT_OF_DEVICE, SETTABLE, 0,
        ARGS(WHOLE("writes", "-", 0, 1000000, 0)),
        "after so many more writes each is answered by exception 4", fault_begin_eeprom, NULL),
    ROW(FREEZE, "D8", "freeze", FAULT_OF_DEVICE, ANY, 0, ARGS(ARG("every_s", "s", 0, 3600, 0)),
        "values stay as they are, or are renewed only so often; writes act", fault_begin_freeze,
        NULL),
    ROW(SCALE_FACTOR, "D9", "scale_factor", FAULT_OF_WIRE, ANY, 0,
        ARGS(WHOLE("step", "-", -2, 2, 1)),
        "its scale factor registers change by this exponent, and its values with them",
        fault_begin_scale_factor, NULL),
    ROW(WRONG_SCALE, "D10", "wrong_scale", FAULT_OF_READING, ANY, 0,
        ARGS(ARG("factor", "-", 0.001, 1000, 10)),
        "powers that it shows are wrong by this factor", NULL, NULL),
    ROW(SENTINEL, "D11", "sentinel", FAULT_OF_READING, ANY, 0, NONE,
        "measured values are \"not implemented\"", NULL, NULL),
    ROW(COUNTER_RESET, "D12", "counter_reset", FAULT_OF_READING, ANY, 0,
        ARGS(ARG("start", "kWh", 0, 1e9, 0)), "its counters begin anew from here",
        fault_begin_counters, NULL),
    ROW(CLOCK_JUMP, "D13", "clock_jump", FAULT_OF_DEVICE, ANY, 0,
        ARGS(ARG("step_s", "s", -1000000, 1000000, 3600)),
        "its clock jumps, and the running watchdog that is timed by it; cleared it jumps back",
        fault_begin_clock, fault_end_clock),
    ROW(SIGN_FLIPPED, "D14", "sign_flipped", FAULT_OF_READING, ANY, 0, NONE,
        "active and reactive power are shown with the other sign", NULL, NULL),
    ROW(BUSY, "D15", "busy", FAULT_OF_WIRE, ANY, 0, ARGS(ARG("share", "pu", 0.01, 1, 0.5)),
        "so many of the requests are answered by exception 6", fault_begin_served, NULL),
    ROW(DEADLOCK, "D16", "deadlock", FAULT_OF_DEVICE, K(PV), 0, NONE,
        "a limit below 1 % puts it to sleep for good", NULL, NULL),
    ROW(EXCEPTION, "M1", "exception", FAULT_OF_WIRE, ANY, 0,
        ARGS(WHOLE("code", "-", 1, 11, NAN), WHOLE("register", "-", 0, 65535, -1)),
        "requests, or those of one register, are answered by this exception",
        fault_begin_exception, NULL),
    ROW(WRONG_TRANSACTION, "M2", "wrong_transaction", FAULT_OF_WIRE, ANY, 0, NONE,
        "answers carry the next transaction number", fault_begin_served, NULL),
    ROW(WRONG_UNIT, "M3", "wrong_unit", FAULT_OF_WIRE, ANY, 0, NONE,
        "answers carry the next unit number", fault_begin_served, NULL),
    ROW(WRONG_FUNCTION, "M4", "wrong_function", FAULT_OF_WIRE, ANY, 0, NONE,
        "answers carry another function code", fault_begin_served, NULL),
    ROW(BYTE_COUNT, "M5", "byte_count", FAULT_OF_WIRE, ANY, 0,
        ARGS(WHOLE("delta", "-", -250, 250, 2)),
        "the byte count of read answers is wrong by this much", fault_begin_byte_count, NULL),
    ROW(JUNK, "M7", "junk", FAULT_OF_WIRE, ANY, 0, ARGS(WHOLE("bytes", "-", 1, 64, 4)),
        "so many bytes that mean nothing come before each answer", fault_begin_served, NULL),
    ROW(SPLIT, "M8", "split", FAULT_OF_WIRE, ANY, 0,
        ARGS(WHOLE("bytes", "-", 1, 259, 3), WHOLE("gap_ms", "ms", 1, 60000, 100)),
        "answers come in pieces of so many bytes with gaps", fault_begin_served, NULL),
    ROW(DUPLICATE, "M9", "duplicate", FAULT_OF_WIRE, ANY, 0, NONE, "each answer comes twice",
        fault_begin_served, NULL),
    ROW(LATE, "M10", "late", FAULT_OF_WIRE, ANY, 0, ARGS(WHOLE("ms", "ms", 1, 60000, NAN)),
        "answers come so late", fault_begin_served, NULL),
    ROW(TORN, "M11", "torn", FAULT_OF_WIRE, ANY, 0, NONE,
        "the first word of longer values is that of the reading before", fault_begin_torn,
        NULL),
    ROW(SILENT, "", "silent", FAULT_OF_WIRE, ANY, 0, NONE,
        "requests are taken and never answered", fault_begin_served, NULL),
    ROW(DRIP, "", "drip", FAULT_OF_WIRE, ANY, 0, NONE, "answers come one byte per 0.4 s",
        fault_begin_served, NULL),
    ROW(REFUSE, "", "refuse", FAULT_OF_WIRE, ANY, 0, NONE,
        "connections are refused, of all devices behind the same port", fault_begin_served,
        NULL),
    ROW(RESET, "", "reset", FAULT_OF_WIRE, ANY, 0, NONE,
        "connections are reset at each request", fault_begin_served, NULL),
};
