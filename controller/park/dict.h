/* The point dictionary: every kind of device and the points that it may have, with unit, access
 * and range. Profiles map registers to these points, the simulator serves them, the image, the
 * API, the history and the scenarios name them `<device>.<point>`. Pure tables; used in every
 * role and in sim.
 *
 * Signs: `kw` and `kvar` are in bus sign (positive flows into the park bus). Names with a
 * direction (draw_kw, heat_kw, import_kwh) are magnitudes. */
#ifndef KILNWATT_PARK_DICT_H
#define KILNWATT_PARK_DICT_H

#include "controller/base/err.h"

enum kind {
    KIND_METER,
    KIND_PV,
    KIND_WIND,
    KIND_BATTERY,
    KIND_CHP,
    KIND_GAS_BOILER,
    KIND_HEAT_PUMP,
    KIND_STORAGE_BOILER,
    KIND_TANK,
    KIND_WASTE_HEAT,
    KIND_KILN,
    KIND_ROLLER_KILN,
    KIND_MILL,
    KIND_LOAD,
    KIND_CHARGER,
    KIND_WEATHER,
    KIND_TRANSFORMER,
    KIND_CHILLER,
    KIND_COMPRESSOR,
    KIND_ORC,
    KIND_PUMP,
    KIND_CAPACITOR_BANK,
    KIND_BUILDING,
    KIND_COUNT
};

/* How a writable point behaves when its lease runs out in `field`. */
enum revert {
    REVERT_NONE,  /* read-only */
    REVERT_VALUE, /* the row's revert value, or the park file's `safe` for the device */
    REVERT_KEEP   /* stays: an interrupted command would do more harm (a firing under way) */
};

/* What a bound is relative to. */
enum scale_of { OF_ONE, OF_RATED_KW, OF_RATED_HEAT_KW };

struct point_def {
    const char *name; /* "soc_pu" */
    const char *unit; /* "pu", "kW", "-" */
    bool writable;
    enum revert revert;
    double revert_value; /* times the scale */
    double lo, hi;       /* engineering range, times the scale */
    enum scale_of of;
    double rate_per_s; /* most change per second of a write, times the scale; 0 = no limit */
    const char *about_en, *about_zh;
};

enum { POINTS_PER_KIND_MAX = 16 };

struct kind_def {
    const char *name; /* "storage_boiler" */
    const char *zh, *en;
    bool on_bus;     /* its kw counts in the park's electrical balance */
    double hurts_kw; /* when silent: share of rated kW assumed lost to us (+1 keeps its last
                        power) */
    int points;      /* at most POINTS_PER_KIND_MAX */
    const struct point_def *point;
};

/* Point numbers within a kind, in the order of its rows. kw is 0 wherever the kind has it. */
enum { P_KW = 0 };
enum {
    METER_KVAR = 1,
    METER_V,
    METER_A,
    METER_HZ,
    METER_PF,
    METER_IMPORT_KWH,
    METER_EXPORT_KWH
};
enum {
    PV_KVAR = 1,
    PV_STATE,
    PV_YIELD_KWH,
    PV_LIMIT_PU,
    PV_LIMIT_ON,
    PV_LIMIT_TIMEOUT_S,
    PV_DEGC,
    PV_FALLBACK_PU,
    PV_FALLBACK_ON
};
enum { WIND_STATE = 1, WIND_YIELD_KWH, WIND_WIND_M_PER_S, WIND_LIMIT_PU, WIND_LIMIT_ON };
enum {
    BATTERY_SOC_PU = 1,
    BATTERY_STATE,
    BATTERY_SET_KW,
    BATTERY_RUN,
    BATTERY_TIMEOUT_S,
    BATTERY_DEGC,
    BATTERY_CHARGE_KWH,
    BATTERY_DISCHARGE_KWH,
    BATTERY_KVAR,
    BATTERY_SOH_PU
};
enum {
    CHP_HEAT_KW = 1,
    CHP_STATE,
    CHP_RUN,
    CHP_SET_KW,
    CHP_GAS_M3_PER_H,
    CHP_YIELD_KWH,
    CHP_HOURS_H
};
/* a gas boiler has no kw of its own: row 0 is its heat */
enum {
    BOILER_HEAT_KW = 0,
    BOILER_STATE,
    BOILER_RUN,
    BOILER_SET_HEAT_KW,
    BOILER_GAS_M3_PER_H,
    BOILER_DEGC
};
enum {
    HP_HEAT_KW = 1,
    HP_STATE,
    HP_RUN,
    HP_LIMIT_KW,
    HP_SUPPLY_DEGC,
    HP_RETURN_DEGC,
    HP_SOURCE_DEGC,
    HP_DRAW_KWH,
    HP_HEAT_KWH
};
enum {
    SB_HEAT_KW = 1,
    SB_SOC_PU,
    SB_STATE,
    SB_SET_DRAW_KW,
    SB_SET_HEAT_KW,
    SB_CORE_DEGC,
    SB_DRAW_KWH
};
enum { TANK_SOC_PU = 0, TANK_TOP_DEGC, TANK_BOTTOM_DEGC, TANK_DEMAND_KW };
enum { WASTE_HEAT_KW = 0, WASTE_DEGC };
enum {
    KILN_DEGC = 1,
    KILN_TARGET_DEGC,
    KILN_OUT_PU,
    KILN_STATE,
    KILN_SEGMENT,
    KILN_SEGMENT_MIN,
    KILN_PROGRAM, /* before run, so that both written at once arrive in this order */
    KILN_RUN
};
enum { ROLLER_DEGC = 1, ROLLER_STATE, ROLLER_LIMIT_PU, ROLLER_RATE_KG_PER_H };
enum { MILL_STATE = 1, MILL_RUN, MILL_BATCH_H, MILL_DRAW_KWH };
enum { LOAD_KVAR = 1, LOAD_DRAW_KWH };
enum {
    CHARGER_STATE = 1,
    CHARGER_LIMIT_KW,
    CHARGER_SESSIONS,
    CHARGER_SESSION_KWH,
    CHARGER_WANTED_KWH,
    CHARGER_TIMEOUT_S,
    CHARGER_FALLBACK_KW,
    CHARGER_DRAW_KWH
};
enum { WEATHER_GHI = 0, WEATHER_POA, WEATHER_OUTDOOR_DEGC, WEATHER_WIND_M_PER_S };
enum { TRAFO_OIL_DEGC = 0, TRAFO_LOAD_PU };
/* Chillers, compressors, ORCs, pumps, capacitor banks and buildings are read and counted on,
 * never written. */
enum {
    CHILLER_COLD_KW = 1,
    CHILLER_STATE,
    CHILLER_WATER_DEGC,
    CHILLER_CONDENSER_DEGC,
    CHILLER_DRAW_KWH,
    CHILLER_COLD_KWH
};
enum { COMPRESSOR_STATE = 1, COMPRESSOR_BAR, COMPRESSOR_AIR_M3_PER_H, COMPRESSOR_DRAW_KWH };
enum { ORC_STATE = 1, ORC_HEAT_KW, ORC_SOURCE_DEGC, ORC_YIELD_KWH };
enum { PUMP_STATE = 1, PUMP_LEVEL_PU, PUMP_FLOW_M3_PER_H, PUMP_DRAW_KWH };
enum { BANK_KVAR = 1, BANK_STATE, BANK_STEPS_ON, BANK_PF, BANK_MOVES };
enum {
    BUILDING_STATE = 1,
    BUILDING_HEAT_KW,
    BUILDING_COLD_KW,
    BUILDING_ROOM_DEGC,
    BUILDING_DRAW_KWH
};

/* States shared by pv, wind, battery, chp, gas_boiler, heat_pump, storage_boiler, mill,
 * charger, chiller, compressor, orc, pump, capacitor_bank, building. */
enum run_state { RUN_OFF, RUN_STARTING, RUN_ON, RUN_LIMITED, RUN_STOPPING, RUN_FAULT };
/* kiln.state and kiln.run */
enum kiln_state { KILN_STOPPED, KILN_RUNNING, KILN_HOLDING, KILN_FAULT };

extern const struct kind_def dict_kinds[KIND_COUNT];
/* Never NULL for a kind below KIND_COUNT. In the header because every look at the image asks
 * it. */
static inline const struct kind_def *dict_kind(enum kind k)
{
    must(k >= 0 && k < KIND_COUNT);
    return &dict_kinds[k];
}
/* KIND_COUNT if unknown. */
enum kind dict_kind_from_name(const char *name);
/* Row number of a point by name in a kind, -1 if unknown. */
int dict_point(enum kind k, const char *name);

#endif
