/* The keys of a device in a park file: those that all have, those of each kind, those of a
 * part. Pure tables; they drive the reader, `check` and the documentation. */
#include "controller/park/park_load.h"
#include <math.h>
#include <stddef.h>

#define AT(m) offsetof(struct device_raw, m)
#define TEXT(key, m, need, about) \
    { \
        key, FIELD_TEXT, AT(m), sizeof(((struct device_raw *)0)->m), 0, 0, need, 0, "-", NULL, \
            about \
    }
#define NODE(key, m, need, about) \
    { \
        key, FIELD_NODE, AT(m), 0, 0, 0, need, 0, "-", NULL, about \
    }
#define INT(key, m, min, max, otherwise, about) \
    { \
        key, FIELD_INT, AT(m), 0, min, max, false, otherwise, "-", NULL, about \
    }
/* a rating that must be given, and one with a default */
#define NEED(m, min, max, unit, about) \
    { \
#m, FIELD_NUMBER, AT(d.rating.m), 0, min, max, true, 0, unit, NULL, about \
    }
#define MAY(m, min, max, otherwise, unit, about) \
    { \
#m, FIELD_NUMBER, AT(d.rating.m), 0, min, max, false, otherwise, unit, NULL, about \
    }

static const struct field common_keys[] = {
    TEXT("name", d.name, true, "name in points, [a-z][a-z0-9_]*"),
    TEXT("kind", kind, true, "kind of device"),
    NODE("title", title, false, "{zh, en} for screens"),
    TEXT("profile", profile, false, "device profile; or `parts`"),
    NODE("parts", parts, false, "two profiles: a list of {profile, host, port, unit}"),
    TEXT("host", host, false, "IPv4 address"),
    INT("port", port, 1, 65535, 502, "TCP port"),
    INT("unit", unit, 0, 255, 1, "Modbus unit id"),
    {"sign",   FIELD_NUMBER, AT(d.sign),       0, -1,   1,    false, 1,   "-", NULL,
                                                 "1, or -1 where the meter is mounted the other way"                                  },
    {"poll_s", FIELD_NUMBER, AT(d.poll_s),     0, 0.05, 3600, false, 1,   "s", NULL,
                                                 "period of its fast points"                                                          },
    {"safe",   FIELD_NUMBER, AT(d.safe_value), 0, -1e6, 1e6,  false, NAN, "-", NULL,
                                                 "value of its main setpoint when the controller is lost; the dictionary's by default"},
    TEXT("signed_off", d.signed_off, false,
         "who accepted that it has no safe state of its own"),
    INT("rank", rank, 0, 10000, -1, "merit among its kind, lower first; file order by default"),
};

#define RATED_KW NEED(rated_kw, 0.1, 1e6, "kW", "electrical nameplate")
#define RATED_HEAT_KW NEED(rated_heat_kw, 0.1, 1e6, "kW", "heat nameplate")
#define KW_MIN MAY(kw_min, 0, 1e6, 0, "kW", "least running power")
#define SOC_MIN(v) MAY(soc_pu_min, 0, 1, v, "pu", "lower edge of the band")
#define SOC_MAX(v) MAY(soc_pu_max, 0, 1, v, "pu", "upper edge of the band")
#define ETA(v, about) MAY(eta_pu, 0.01, 1.2, v, "pu", about)
#define LOSS(v) MAY(loss_pu_per_h, 0, 1, v, "1/h", "standing loss of the content")
#define OM MAY(om_yuan_per_kwh, 0, 100, 0, "yuan/kWh", "operation and maintenance")
#define START_YUAN MAY(start_yuan, 0, 1e5, 0, "yuan", "wear of one start")
#define START_MIN MAY(start_min, 0, 1440, 0, "min", "from start command to power")
#define UP_MIN(v) MAY(up_min, 0, 1440, v, "min", "least time on")
#define DOWN_MIN MAY(down_min, 0, 1440, 0, "min", "least time off")
#define RAMP(v) MAY(ramp_pu_per_s, 1e-5, 100, v, "1/s", "of rated power")
#define SCHEDULE NODE("schedule", schedule, false, "rigid power by time of day")

static const struct field meter_keys[] = {RATED_KW};
static const struct field pv_keys[] = {
    RATED_KW,
    NEED(dc_kwp, 0.1, 1e6, "kWp", "power of the modules"),
    MAY(tilt_deg, 0, 90, 10, "deg", "0 = horizontal"),
    MAY(azimuth_deg, 0, 360, 180, "deg", "clockwise from north, 180 = south"),
    RAMP(0.1),
};
static const struct field wind_keys[] = {RATED_KW, RAMP(0.1)};
static const struct field battery_keys[] = {
    RATED_KW,
    NEED(energy_kwh, 0.1, 1e7, "kWh", "usable content from 0 to 1"),
    SOC_MIN(0.1),
    SOC_MAX(0.9),
    MAY(round_trip_pu, 0.3, 1, 0.88, "pu", "AC to AC"),
    LOSS(0),
    MAY(wear_yuan_per_kwh, 0, 100, 0.1, "yuan/kWh", "per kWh delivered"),
    RAMP(5),
    {"cells",      FIELD_ENUM, AT(d.cells),      0, 0, 0, false, CELLS_LFP, "-", "lfp supercapacitor",
         "what it stores in"                  },
    {"forms_grid", FIELD_BOOL, AT(d.forms_grid), 0, 0, 0, false, 0,         "-", NULL,
         "holds the bus when the grid is gone"},
};
static const struct field chp_keys[] = {
    RATED_KW, RATED_HEAT_KW, KW_MIN,    ETA(0.4, "electric efficiency"),
    OM,       START_YUAN,    START_MIN, UP_MIN(0),
    DOWN_MIN, RAMP(0.01),
};
static const struct field boiler_keys[] = {
    RATED_HEAT_KW,
    MAY(kw_min, 0, 1e6, 0, "kW", "least heat while firing"),
    ETA(0.92, "heat out over gas in"),
    OM,
    START_YUAN,
    RAMP(0.02),
};
static const struct field hp_keys[] = {
    RATED_KW,  MAY(rated_heat_kw, 0, 1e6, 0, "kW", "heat nameplate; rated_kw x cop by default"),
    KW_MIN,    NEED(cop, 1, 12, "-", "heat out over electricity in at the design point"),
    OM,        START_YUAN,
    START_MIN, UP_MIN(0),
    DOWN_MIN,  RAMP(0.05),
};
static const struct field storage_boiler_keys[] = {
    RATED_KW,
    RATED_HEAT_KW,
    NEED(energy_kwh, 0.1, 1e7, "kWh", "content from 0 to 1"),
    SOC_MIN(0),
    SOC_MAX(1),
    MAY(steps, 0, 100, 0, "-", "contactor steps; 0 = continuous"),
    ETA(0.98, "electricity to stored heat"),
    LOSS(0.005),
    RAMP(1),
};
static const struct field tank_keys[] = {
    NEED(volume_m3, 0.1, 1e6, "m3", "water"),
    NEED(degc_min, 1, 99, "degC", "empty"),
    NEED(degc_max, 1, 110, "degC", "full"),
    SOC_MIN(0),
    SOC_MAX(1),
    LOSS(0.004),
};
static const struct field waste_heat_keys[] = {
    RATED_HEAT_KW,
    TEXT("follows", d.follows, true, "device whose power it follows"),
    MAY(follow_pu, 0, 100, 1, "-",
        "heat per kW that the followed device draws, up to rated_heat_kw"),
};
static const struct field kiln_keys[] = {RATED_KW};
static const struct field roller_keys[] = {
    RATED_KW,
    NEED(steady_kw, 0.1, 1e6, "kW", "in steady production"),
    NEED(keep_kw, 0, 1e6, "kW", "kept warm"),
    MAY(trim_pu, 0, 0.5, 0.08, "pu", "power trim for a quarter of an hour"),
    SCHEDULE,
};
static const struct field mill_keys[] = {
    RATED_KW,
    NEED(batch_h, 0.1, 200, "h", "running time of a batch"),
    MAY(pauses_max, 0, 100, 3, "-", "pauses of a batch"),
    MAY(run_min, 0, 1440, 60, "min", "least minutes of a run"),
    START_YUAN,
};
static const struct field chiller_keys[] = {
    RATED_KW,
    MAY(cop, 1, 12, 5.5, "-", "cold out over electricity in at the design point"),
    SCHEDULE,
};
static const struct field compressor_keys[] = {
    RATED_KW,
    MAY(volume_m3, 0, 1e6, 0, "m3", "receiver; 0 = 1 m3 for each 100 m3/h of free air"),
    SCHEDULE,
};
static const struct field orc_keys[] = {
    RATED_KW,
    ETA(0.095, "electricity out over heat in at the design point"),
    NEED(source_degc, 60, 400, "degC", "heat source at the design point"),
    TEXT("follows", d.follows, true, "device whose power it follows"),
    MAY(follow_pu, 0, 100, 1, "-", "heat per kW that the followed device draws"),
};
static const struct field pump_keys[] = {
    RATED_KW,
    NEED(head_m, 1, 2000, "m", "at the rated point"),
    NEED(volume_m3, 0.1, 1e6, "m3", "tank that it fills"),
    SCHEDULE,
};
static const struct field capacitor_bank_keys[] = {
    NEED(rated_kvar, 1, 1e5, "kvar", "all steps together"),
    MAY(steps, 1, 24, 12, "-", "equal steps"),
    MAY(target_pf, 0.8, 1, 0.95, "-", "power factor that its own controller keeps"),
};
static const struct field building_keys[] = {
    RATED_KW,
    RATED_HEAT_KW,
    NEED(floor_m2, 10, 1e6, "m2", "heated and cooled floor"),
    MAY(storeys, 1, 100, 2, "-", "of 4 m"),
    MAY(cop, 1, 12, 3.2, "-", "heat or cold out over electricity in"),
    SCHEDULE,
};
static const struct field load_keys[] = {RATED_KW, SCHEDULE};
static const struct field charger_keys[] = {
    RATED_KW,
    MAY(plugs, 1, 200, 1, "-", "connectors behind this device"),
    KW_MIN,
};
static const struct field transformer_keys[] = {NEED(kva, 1, 1e6, "kVA", "nameplate")};

#define KEYS(table) \
    { \
        table, (int)(sizeof(table) / sizeof(table)[0]) \
    }
static const struct {
    const struct field *row;
    int n;
} kind_keys[KIND_COUNT] = {
    [KIND_METER] = KEYS(meter_keys),
    [KIND_PV] = KEYS(pv_keys),
    [KIND_WIND] = KEYS(wind_keys),
    [KIND_BATTERY] = KEYS(battery_keys),
    [KIND_CHP] = KEYS(chp_keys),
    [KIND_GAS_BOILER] = KEYS(boiler_keys),
    [KIND_HEAT_PUMP] = KEYS(hp_keys),
    [KIND_STORAGE_BOILER] = KEYS(storage_boiler_keys),
    [KIND_TANK] = KEYS(tank_keys),
    [KIND_WASTE_HEAT] = KEYS(waste_heat_keys),
    [KIND_KILN] = KEYS(kiln_keys),
    [KIND_ROLLER_KILN] = KEYS(roller_keys),
    [KIND_MILL] = KEYS(mill_keys),
    [KIND_LOAD] = KEYS(load_keys),
    [KIND_CHARGER] = KEYS(charger_keys),
    [KIND_WEATHER] = {NULL, 0},
    [KIND_TRANSFORMER] = KEYS(transformer_keys),
    [KIND_CHILLER] = KEYS(chiller_keys),
    [KIND_COMPRESSOR] = KEYS(compressor_keys),
    [KIND_ORC] = KEYS(orc_keys),
    [KIND_PUMP] = KEYS(pump_keys),
    [KIND_CAPACITOR_BANK] = KEYS(capacitor_bank_keys),
    [KIND_BUILDING] = KEYS(building_keys),
};

static const struct field part_keys[] = {
    TEXT("profile", profile, true, "device profile"),
    TEXT("host", host, false, "IPv4 address; the device's by default"),
    INT("port", port, 1, 65535, -1, "TCP port; the device's by default"),
    INT("unit", unit, 0, 255, -1, "Modbus unit id; the device's by default"),
};

const struct field *park_kind_keys(enum kind k, int *n)
{
    *n = kind_keys[k].n;
    return kind_keys[k].row;
}

const struct field *park_common_keys(int *n)
{
    *n = (int)(sizeof common_keys / sizeof common_keys[0]);
    return common_keys;
}

const struct field *park_part_keys(int *n)
{
    *n = (int)(sizeof part_keys / sizeof part_keys[0]);
    return part_keys;
}
