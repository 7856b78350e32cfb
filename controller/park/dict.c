/* The dictionary's tables: one row per kind, one row per point. Pure data with three look-ups.
 */
#include "controller/park/dict.h"
#include <string.h>

/* Short forms for the rows below: read-only, and writable with its revert rule. */
#define RO(name, unit, lo, hi, of, en, zh) \
    { \
        name, unit, false, REVERT_NONE, 0, lo, hi, of, 0, en, zh \
    }
#define RW(name, unit, revert, value, lo, hi, of, rate, en, zh) \
    { \
        name, unit, true, revert, value, lo, hi, of, rate, en, zh \
    }
#define KW(lo, hi) RO("kw", "kW", lo, hi, OF_RATED_KW, "active power, bus sign", "有功功率")
#define KVAR RO("kvar", "kvar", -1.5, 1.5, OF_RATED_KW, "reactive power, bus sign", "无功功率")
#define STATE \
    RO("state", "-", 0, 5, OF_ONE, "0 off 1 starting 2 on 3 limited 4 stopping 5 fault", \
       "运行状态")
#define KWH(name, en, zh) RO(name, "kWh", 0, 1e12, OF_ONE, en, zh)
#define DEGC(name, lo, hi, en, zh) RO(name, "degC", lo, hi, OF_ONE, en, zh)
#define RUN RW("run", "-", REVERT_VALUE, 0, 0, 1, OF_ONE, 0, "1 run, 0 stop", "启停")
#define LIMIT_PU \
    RW("limit_pu", "pu", REVERT_VALUE, 1, 0, 1, OF_ONE, 0, "active power limit", "有功限值")
#define LIMIT_ON \
    RW("limit_on", "-", REVERT_KEEP, 0, 0, 1, OF_ONE, 0, "limit in force", "限功率使能")
#define TIMEOUT \
    RW("timeout_s", "s", REVERT_KEEP, 60, 0, 3600, OF_ONE, 0, "device's own watchdog time", \
       "通信超时")

static const struct point_def meter[] = {
    KW(-1.5, 1.5),
    KVAR,
    RO("v", "V", 0, 100000, OF_ONE, "voltage L-N, mean", "相电压"),
    RO("a", "A", 0, 100000, OF_ONE, "current, mean of phases", "电流"),
    RO("hz", "Hz", 0, 70, OF_ONE, "frequency", "频率"),
    RO("pf", "-", -1, 1, OF_ONE, "power factor", "功率因数"),
    KWH("import_kwh", "energy imported", "正向有功电量"),
    KWH("export_kwh", "energy exported", "反向有功电量"),
};

static const struct point_def pv[] = {
    KW(-0.05, 1.2),
    KVAR,
    STATE,
    KWH("yield_kwh", "energy produced", "累计发电量"),
    LIMIT_PU,
    LIMIT_ON,
    RW("limit_timeout_s", "s", REVERT_KEEP, 60, 0, 3600, OF_ONE, 0,
       "reversion time of the limit", "限值恢复时间"),
    DEGC("degc", -40, 120, "inside temperature", "机内温度"),
    RW("fallback_pu", "pu", REVERT_KEEP, 1, 0, 1, OF_ONE, 0,
       "limit when the controller is lost", "失联限值"),
    RW("fallback_on", "-", REVERT_KEEP, 1, 0, 1, OF_ONE, 0,
       "whether it is in force then, 1 or 0", "失联限值使能"),
};

static const struct point_def wind[] = {
    KW(-0.05, 1.2),
    STATE,
    KWH("yield_kwh", "energy produced", "累计发电量"),
    RO("wind_m_per_s", "m/s", 0, 80, OF_ONE, "wind speed at the hub", "风速"),
    LIMIT_PU,
    LIMIT_ON,
};

static const struct point_def battery[] = {
    KW(-1.2, 1.2),
    RO("soc_pu", "pu", 0, 1, OF_ONE, "state of charge", "荷电状态"),
    STATE,
    RW("set_kw", "kW", REVERT_VALUE, 0, -1, 1, OF_RATED_KW, 0,
       "power setpoint, discharge positive", "功率设定"),
    RW("run", "-", REVERT_KEEP, 0, 0, 1, OF_ONE, 0, "1 run, 0 stop", "启停"),
    TIMEOUT,
    DEGC("degc", -40, 100, "cell temperature", "电芯温度"),
    KWH("charge_kwh", "energy charged", "累计充电量"),
    KWH("discharge_kwh", "energy discharged", "累计放电量"),
    KVAR,
    RO("soh_pu", "pu", 0, 1.05, OF_ONE, "state of health", "健康度"),
};

static const struct point_def chp[] = {
    KW(-0.1, 1.2),
    RO("heat_kw", "kW", 0, 1.3, OF_RATED_HEAT_KW, "heat delivered", "供热功率"),
    STATE,
    RW("run", "-", REVERT_KEEP, 0, 0, 1, OF_ONE, 0, "1 run, 0 stop", "启停"),
    RW("set_kw", "kW", REVERT_KEEP, 0, 0, 1, OF_RATED_KW, 0, "power setpoint", "功率设定"),
    RO("gas_m3_per_h", "m3/h", 0, 1e5, OF_ONE, "gas flow", "燃气流量"),
    KWH("yield_kwh", "energy produced", "累计发电量"),
    RO("hours_h", "h", 0, 1e6, OF_ONE, "hours run", "运行小时"),
};

static const struct point_def gas_boiler[] = {
    RO("heat_kw", "kW", 0, 1.2, OF_RATED_HEAT_KW, "heat delivered", "供热功率"),
    STATE,
    RW("run", "-", REVERT_VALUE, 1, 0, 1, OF_ONE, 0, "1 released, 0 blocked", "启停"),
    RW("set_heat_kw", "kW", REVERT_VALUE, 0, 0, 1, OF_RATED_HEAT_KW, 0,
       "heat setpoint; its own thermostat may give more", "供热设定"),
    RO("gas_m3_per_h", "m3/h", 0, 1e5, OF_ONE, "gas flow", "燃气流量"),
    DEGC("degc", -20, 150, "water temperature", "出水温度"),
};

static const struct point_def heat_pump[] = {
    KW(-1.2, 0.05),
    RO("heat_kw", "kW", 0, 1.5, OF_RATED_HEAT_KW, "heat delivered", "供热功率"),
    STATE,
    RUN,
    RW("limit_kw", "kW", REVERT_VALUE, 1, 0, 1, OF_RATED_KW, 0,
       "power input limitation, magnitude", "输入功率限值"),
    DEGC("supply_degc", -20, 150, "supply temperature", "供水温度"),
    DEGC("return_degc", -20, 150, "return temperature", "回水温度"),
    DEGC("source_degc", -40, 120, "source temperature", "热源温度"),
    KWH("draw_kwh", "electricity drawn", "累计用电量"),
    KWH("heat_kwh", "heat delivered", "累计供热量"),
};

static const struct point_def storage_boiler[] = {
    KW(-1.2, 0.05),
    RO("heat_kw", "kW", 0, 1.3, OF_RATED_HEAT_KW, "heat delivered", "供热功率"),
    RO("soc_pu", "pu", 0, 1, OF_ONE, "state of charge of the core", "蓄热率"),
    STATE,
    RW("set_draw_kw", "kW", REVERT_VALUE, 0, 0, 1, OF_RATED_KW, 0, "charging power, magnitude",
       "加热功率设定"),
    RW("set_heat_kw", "kW", REVERT_VALUE, 0, 0, 1, OF_RATED_HEAT_KW, 0,
       "heat discharge setpoint", "放热设定"),
    DEGC("core_degc", 0, 1000, "core temperature", "蓄热体温度"),
    KWH("draw_kwh", "electricity drawn", "累计用电量"),
};

static const struct point_def tank[] = {
    RO("soc_pu", "pu", -0.5, 1.5, OF_ONE, "usable heat between least and greatest temperature",
       "蓄热率"),
    DEGC("top_degc", -20, 150, "temperature at the top", "上部温度"),
    DEGC("bottom_degc", -20, 150, "temperature at the bottom", "下部温度"),
    RO("demand_kw", "kW", 0, 1e5, OF_ONE, "heat drawn by the network", "用热功率"),
};

static const struct point_def waste_heat[] = {
    RO("heat_kw", "kW", 0, 1.5, OF_RATED_HEAT_KW, "heat recovered", "余热功率"),
    DEGC("degc", -20, 600, "source temperature", "烟气温度"),
};

static const struct point_def kiln[] = {
    KW(-1.2, 0.05),
    DEGC("degc", -50, 1800, "temperature", "炉温"),
    DEGC("target_degc", -50, 1800, "programmer's target", "设定温度"),
    RO("out_pu", "pu", 0, 1, OF_ONE, "heating output", "输出"),
    RO("state", "-", 0, 3, OF_ONE, "0 stopped 1 running 2 holding 3 fault", "运行状态"),
    RO("segment", "-", 0, 99, OF_ONE, "segment of the programme, from 1", "程序段"),
    RO("segment_min", "min", 0, 1e5, OF_ONE, "minutes in the segment", "段内时间"),
    RW("program", "-", REVERT_KEEP, 1, 1, 50, OF_ONE, 0, "programme to run", "程序号"),
    RW("run", "-", REVERT_KEEP, 0, 0, 2, OF_ONE, 0, "0 stop, 1 run, 2 hold", "启停"),
};

static const struct point_def roller_kiln[] = {
    KW(-1.2, 0.05),
    DEGC("degc", -50, 1800, "peak-zone temperature", "炉温"),
    STATE,
    RW("limit_pu", "pu", REVERT_VALUE, 1, 0.5, 1, OF_ONE, 0.01, "power trim, 1 = full",
       "功率微调"),
    RO("rate_kg_per_h", "kg/h", 0, 1e5, OF_ONE, "throughput", "产量"),
};

static const struct point_def mill[] = {
    KW(-1.5, 0.05),
    STATE,
    RUN,
    RO("batch_h", "h", 0, 1000, OF_ONE, "hours ground of this batch", "已磨时间"),
    KWH("draw_kwh", "electricity drawn", "累计用电量"),
};

static const struct point_def load[] = {
    KW(-1.5, 0.5),
    KVAR,
    KWH("draw_kwh", "electricity drawn", "累计用电量"),
};

static const struct point_def charger[] = {
    KW(-1.2, 0.05),
    STATE,
    RW("limit_kw", "kW", REVERT_VALUE, 0.1, 0, 1, OF_RATED_KW, 0, "power limit, magnitude",
       "功率限值"),
    RO("sessions", "-", 0, 1000, OF_ONE, "vehicles connected", "在充车辆数"),
    KWH("session_kwh", "energy of the sessions under way", "本次充电量"),
    KWH("wanted_kwh", "energy still wanted", "剩余需求电量"),
    TIMEOUT,
    RW("fallback_kw", "kW", REVERT_KEEP, 0.1, 0, 1, OF_RATED_KW, 0,
       "limit when the controller is lost", "失联限值"),
    KWH("draw_kwh", "electricity drawn", "累计用电量"),
};

static const struct point_def weather[] = {
    RO("ghi_w_per_m2", "W/m2", -20, 1600, OF_ONE, "global horizontal irradiance",
       "水平面总辐射"),
    RO("poa_w_per_m2", "W/m2", -20, 1800, OF_ONE, "irradiance in the roof's plane", "斜面辐射"),
    DEGC("outdoor_degc", -50, 60, "outdoor temperature", "室外温度"),
    RO("wind_m_per_s", "m/s", 0, 80, OF_ONE, "wind speed", "风速"),
};

static const struct point_def transformer[] = {
    DEGC("oil_degc", -50, 200, "hot-spot temperature", "变压器温度"),
    RO("load_pu", "pu", 0, 3, OF_ONE, "apparent power over rating", "负载率"),
};

static const struct point_def chiller[] = {
    KW(-1.3, 0.05),
    RO("cold_kw", "kW", 0, 1.3, OF_RATED_HEAT_KW, "cold delivered", "供冷功率"),
    STATE,
    DEGC("water_degc", -20, 40, "chilled water, leaving", "冷冻水出水温度"),
    DEGC("condenser_degc", -20, 60, "cooling water, entering", "冷却水进水温度"),
    KWH("draw_kwh", "electricity drawn", "累计用电量"),
    KWH("cold_kwh", "cold delivered", "累计供冷量"),
};

static const struct point_def compressor[] = {
    KW(-1.3, 0.05),
    STATE,
    RO("bar", "bar", 0, 60, OF_ONE, "pressure of the receiver, gauge", "储气罐压力"),
    RO("air_m3_per_h", "m3/h", 0, 1e6, OF_ONE, "free air delivered", "供气量"),
    KWH("draw_kwh", "electricity drawn", "累计用电量"),
};

static const struct point_def orc[] = {
    KW(-0.1, 1.2),
    STATE,
    RO("heat_kw", "kW", 0, 1e5, OF_ONE, "heat taken from the source", "吸热功率"),
    DEGC("source_degc", -20, 600, "heat source, entering", "热源温度"),
    KWH("yield_kwh", "energy produced", "累计发电量"),
};

static const struct point_def pump[] = {
    KW(-1.3, 0.05),
    STATE,
    RO("level_pu", "pu", 0, 1, OF_ONE, "content of the tank that it fills", "水箱液位"),
    RO("flow_m3_per_h", "m3/h", 0, 1e6, OF_ONE, "water pumped", "流量"),
    KWH("draw_kwh", "electricity drawn", "累计用电量"),
};

static const struct point_def capacitor_bank[] = {
    RO("kw", "kW", -1e4, 1, OF_ONE, "active power, bus sign: its losses", "有功功率"),
    RO("kvar", "kvar", -1, 1e5, OF_ONE, "reactive power given", "无功功率"),
    STATE,
    RO("steps_on", "-", 0, 100, OF_ONE, "steps that are switched in", "投入组数"),
    RO("pf", "-", 0, 1, OF_ONE, "power factor at the connection", "功率因数"),
    RO("moves", "-", 0, 1e9, OF_ONE, "times that a step was switched", "投切次数"),
};

static const struct point_def building[] = {
    KW(-1.3, 0.05),
    STATE,
    RO("heat_kw", "kW", 0, 1.3, OF_RATED_HEAT_KW, "heat given to the rooms", "供热功率"),
    RO("cold_kw", "kW", 0, 1.3, OF_RATED_HEAT_KW, "cold given to the rooms", "供冷功率"),
    DEGC("room_degc", -20, 60, "air in the rooms", "室内温度"),
    KWH("draw_kwh", "electricity drawn", "累计用电量"),
};

/* A kind's rows and their number. */
#define ROWS(list) (int)(sizeof(list) / sizeof(list)[0]), list

const struct kind_def dict_kinds[KIND_COUNT] = {
    [KIND_METER] = {"meter",          "电表",                   "meter",                   false, 1, ROWS(meter)      },
    [KIND_PV] = {"pv",             "光伏",                   "photovoltaics",           true,  0, ROWS(pv)         },
    [KIND_WIND] = {"wind",           "风电",                   "wind turbine",            true,  0, ROWS(wind)       },
    [KIND_BATTERY] = {"battery",        "储能电池",             "battery",                 true,  0, ROWS(battery)    },
    [KIND_CHP] = {"chp",            "燃气热电联产",       "gas CHP",                 true,  0, ROWS(chp)        },
    [KIND_GAS_BOILER] = {"gas_boiler",     "燃气锅炉",             "gas boiler",              false, 0, ROWS(gas_boiler) },
    [KIND_HEAT_PUMP] = {"heat_pump",      "热泵",                   "heat pump",               true,  0, ROWS(heat_pump)  },
    [KIND_STORAGE_BOILER] = {"storage_boiler", "电蓄热锅炉",          "electric storage boiler", true,  0,
                    ROWS(storage_boiler)                                                                                },
    [KIND_TANK] = {"tank",           "蓄热水箱",             "hot-water tank",          false, 0, ROWS(tank)       },
    [KIND_WASTE_HEAT] = {"waste_heat",     "余热回收",             "waste-heat recovery",     false, 0,
                    ROWS(waste_heat)                                                                                    },
    [KIND_KILN] = {"kiln",           "间歇窑",                "batch kiln",              true,  1, ROWS(kiln)       },
    [KIND_ROLLER_KILN] = {"roller_kiln",    "辊道窑",                "roller kiln",             true,  1, ROWS(roller_kiln)},
    [KIND_MILL] = {"mill",           "球磨机",                "ball mill",               true,  0, ROWS(mill)       },
    [KIND_LOAD] = {"load",           "负荷",                   "metered load",            true,  1, ROWS(load)       },
    [KIND_CHARGER] = {"charger",        "充电桩",                "EV charger",              true,  1, ROWS(charger)    },
    [KIND_WEATHER] = {"weather",        "气象站",                "weather station",         false, 0, ROWS(weather)    },
    [KIND_TRANSFORMER] = {"transformer",    "变压器",                "transformer",             false, 0, ROWS(transformer)},
    [KIND_CHILLER] = {"chiller",        "冷水机组",             "chiller",                 true,  1, ROWS(chiller)    },
    [KIND_COMPRESSOR] = {"compressor",     "空压机",                "air compressor",          true,  1, ROWS(compressor) },
    [KIND_ORC] = {"orc",            "有机朗肯循环发电", "organic Rankine cycle",   true,  0, ROWS(orc)        },
    [KIND_PUMP] = {"pump",           "水泵",                   "pump with tank",          true,  1, ROWS(pump)       },
    [KIND_CAPACITOR_BANK] = {"capacitor_bank", "电容补偿",             "capacitor bank",          true,  0,
                    ROWS(capacitor_bank)                                                                                },
    [KIND_BUILDING] = {"building",       "建筑空调",             "building",                true,  1, ROWS(building)   },
};

enum kind dict_kind_from_name(const char *name)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        if (strcmp(dict_kinds[k].name, name) == 0) {
            return (enum kind)k;
        }
    }
    return KIND_COUNT;
}

int dict_point(enum kind k, const char *name)
{
    const struct kind_def *def = dict_kind(k);
    for (int i = 0; i < def->points; i++) {
        if (strcmp(def->point[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}
