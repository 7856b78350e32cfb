/* Published numbers of heat pumps, tank, storage boiler and building. */
#include "sim/plant_building.h"
#include "sim/plant_heat_pump.h"
#include "sim/plant_storage_boiler.h"
#include "sim/plant_tank.h"
#include "tests/support/published.h"
#include <math.h>

static const char phnix[] = "Keymark PHNIX PASRW015-BP-PS-D (hplib)";
static const char su110[] = "Keymark Midea MH-SU110-RN8L (hplib)";
static const char su90[] = "Keymark Midea MC-SU90-RN8L-B (hplib)";
static const char arpagaus[] = "Arpagaus et al., Energy 152 (2018)";
static const char oemof_hp[] = "oemof-thermal test_compression_heat...";
static const char oemof_tank[] = "oemof-thermal test_functions.py";
static const char analytic[] = "analytic";
static const char rc[] = "RC_BuildingSimulator testRCmodel.py";

enum { PHNIX, SU110, SU90 };
static const struct plant_hp_map certificate[] = {
    [PHNIX] = {.rows = 4,
               .row = {{-7, 2, {34, 52}, {3.18, 2.25}},
                       {2, 2, {30, 42}, {4.69, 3.44}},
                       {7, 2, {27, 36}, {6.42, 4.37}},
                       {12, 2, {24, 30}, {8.82, 6.36}}}},
    [SU110] = {.rows = 3,
               .row = {{-7, 2, {34, 52}, {3.03, 2.01}},
                       {2, 2, {30, 42}, {3.73, 3.10}},
                       {7, 2, {27, 36}, {6.23, 4.52}}} },
    [SU90] = {.rows = 4,
               .row = {{-7, 1, {34}, {2.49}},
                      {2, 1, {30}, {3.78}},
                      {7, 1, {27}, {5.63}},
                      {12, 1, {24}, {5.70}}}           },
};

/* Heat over power of a machine that has run for two hours at full load. */
static double running_cop(const struct plant_hp_map *map, double source_degc, double sink_degc)
{
    struct plant_hp_params par = plant_hp_defaults(27);
    par.map = *map;
    par.sink_degc_max = 200;
    struct plant_hp hp;
    if (plant_hp_init(&hp, &par) != ERR_OK) {
        return NAN;
    }
    struct plant_hp_in in = {.run = true,
                             .limit_kw = 27,
                             .source_degc = source_degc,
                             .sink_degc = sink_degc,
                             .return_degc = sink_degc - 5};
    for (int i = 0; i < 7200; i++) {
        plant_hp_step(&hp, &in, 1);
    }
    return hp.heat_kw / hp.draw_kw;
}

static double certified(const double *a)
{
    return running_cop(&certificate[(int)a[0]], a[1], a[2]);
}

static double hot_cop(const double *a)
{
    struct plant_hp_params par = plant_hp_hot(500, 130);
    return running_cop(&par.map, a[0], a[1]);
}

/* Source, sink, quality, factor of ice below 2 degC (0 = none). */
static double quality_cop(const double *a)
{
    struct plant_hp_map map = {.quality_pu = a[2], .icing_degc = 2, .icing_pu = a[3]};
    return running_cop(&map, a[0], a[1]);
}

/* The tank of oemof's test: U 1 W/m2K, 10 m wide, 100 and 50 degC, surroundings 10 degC. Its
 * water is that of 80 degC, the model's that of 75 degC: 0.25 % between them. */
static struct plant_tank_params wide_tank(void)
{
    struct plant_tank_params par = plant_tank_defaults(1000, 100, 50, 0);
    plant_tank_losses(&par, 10, 1, 10);
    return par;
}

static double tank_full_mwh(const double *volume_m3)
{
    struct plant_tank_params par = plant_tank_defaults(volume_m3[0], 100, 50, 0);
    struct plant_tank t;
    return plant_tank_init(&t, &par, 1) == ERR_OK ? t.full_kwh / 1000 : NAN;
}

static double tank_loss(const double *which)
{
    struct plant_tank_params par = wide_tank();
    const double loss[] = {par.loss_pu_per_h, par.still_loss_pu_per_h, par.end_loss_kw / 1000};
    return loss[(int)which[0]];
}

static double tank_after_days(const double *a)
{
    struct plant_tank_params par = plant_tank_defaults(200, 90, 60, a[1]);
    struct plant_tank t;
    if (plant_tank_init(&t, &par, 1) != ERR_OK) {
        return NAN;
    }
    for (int i = 0; i < (int)(a[0] * 8640); i++) {
        plant_tank_step(&t, &(struct plant_tank_in){0, 0}, 10);
    }
    return t.soc_pu;
}

/* Charged for 8 h at night, drawn evenly for 16 h: heat of a day over the power for it. */
static double brick_day(const double *a)
{
    struct plant_sb_params par = plant_sb_defaults(1000, 600, 8000);
    par.loss_pu_per_h = a[0];
    struct plant_sb b;
    if (plant_sb_init(&b, &par, 0.05) != ERR_OK) {
        return NAN;
    }
    double begin_kwh = b.stored_kwh;
    struct plant_sb_in in = {.set_draw_kw = 1000, .water_degc = 60};
    for (int i = 0; i < 24 * 360; i++) {
        bool night = i < 8 * 360;
        in.set_draw_kw = night ? 900 : 0;
        in.set_heat_kw = night ? 0 : 430;
        plant_sb_step(&b, &in, 10);
    }
    /* In: what the elements took. Out: heat, loss and what is left. */
    return (b.heat_kwh + b.loss_kwh + b.stored_kwh - begin_kwh) / b.draw_kwh;
}

enum { ROOM_MASS, ROOM_SUPPLY };

/* One hour of the test suite's office: outdoor, mass before, sun W, recovery; then what to
 * tell. */
static double office(const double *a)
{
    struct plant_building_params par = {
        .floor_m2 = 7 * 4.9,
        .inside_m2 = 2 * (7 * 4.9 + 7 * 3.1 + 4.9 * 3.1),
        .volume_m3 = 7 * 4.9 * 3.1,
        .opaque_w_per_k = 0.2 * (15.19 - 13.5),
        .window_w_per_k = 1.1 * 13.5,
        .vent_per_h = 1.5,
        .leak_per_h = 0.5,
        .recovery_pu = a[3],
        .mass_kj_per_m2k = 165,
        .heat_to_degc = 20,
        .cool_to_degc = 26,
    };
    struct plant_building b;
    if (plant_building_init(&b, &par, a[1]) != ERR_OK) {
        return NAN;
    }
    double most_kw = 0.012 * par.floor_m2;
    struct plant_building_in in = {.outdoor_degc = a[0],
                                   .inner_kw = 0.01,
                                   .sun_kw = a[2] / 1000,
                                   .heat_kw_max = most_kw,
                                   .cool_kw_max = most_kw};
    plant_building_step(&b, &in, 3600);
    return a[4] == ROOM_MASS ? b.mean_degc : 1000 * b.supply_kw;
}

static const struct published rows[] = {
    {"heat pump PHNIX A-7/W34",
     "COP",  phnix,
     PUBLISHED_IS_PART(3.18,                   0.01),
     certified,       {PHNIX, -7, 34}                },
    {"heat pump PHNIX A2/W30",
     "COP",  phnix,
     PUBLISHED_IS_PART(4.69,                   0.01),
     certified,       {PHNIX, 2, 30}                 },
    {"heat pump PHNIX A7/W27",
     "COP",  phnix,
     PUBLISHED_IS_PART(6.42,                   0.01),
     certified,       {PHNIX, 7, 27}                 },
    {"heat pump PHNIX A12/W24",
     "COP",  phnix,
     PUBLISHED_IS_PART(8.82,                   0.01),
     certified,       {PHNIX, 12, 24}                },
    {"heat pump PHNIX A-7/W52",
     "COP",  phnix,
     PUBLISHED_IS_PART(2.25,                   0.01),
     certified,       {PHNIX, -7, 52}                },
    {"heat pump PHNIX A2/W42",
     "COP",  phnix,
     PUBLISHED_IS_PART(3.44,                   0.01),
     certified,       {PHNIX, 2, 42}                 },
    {"heat pump PHNIX A7/W36",
     "COP",  phnix,
     PUBLISHED_IS_PART(4.37,                   0.01),
     certified,       {PHNIX, 7, 36}                 },
    {"heat pump PHNIX A12/W30",
     "COP",  phnix,
     PUBLISHED_IS_PART(6.36,                   0.01),
     certified,       {PHNIX, 12, 30}                },
    {"heat pump Midea SU110 A-7/W34",
     "COP",  su110,
     PUBLISHED_IS_PART(3.03,                   0.01),
     certified,       {SU110, -7, 34}                },
    {"heat pump Midea SU110 A2/W30",
     "COP",  su110,
     PUBLISHED_IS_PART(3.73,                   0.01),
     certified,       {SU110, 2, 30}                 },
    {"heat pump Midea SU110 A7/W27",
     "COP",  su110,
     PUBLISHED_IS_PART(6.23,                   0.01),
     certified,       {SU110, 7, 27}                 },
    {"heat pump Midea SU110 A-7/W52",
     "COP",  su110,
     PUBLISHED_IS_PART(2.01,                   0.01),
     certified,       {SU110, -7, 52}                },
    {"heat pump Midea SU110 A2/W42",
     "COP",  su110,
     PUBLISHED_IS_PART(3.10,                   0.01),
     certified,       {SU110, 2, 42}                 },
    {"heat pump Midea SU110 A7/W36",
     "COP",  su110,
     PUBLISHED_IS_PART(4.52,                   0.01),
     certified,       {SU110, 7, 36}                 },
    {"heat pump Midea SU90 A-7/W34",
     "COP",  su90,
     PUBLISHED_IS_PART(2.49,                   0.01),
     certified,       {SU90, -7, 34}                 },
    {"heat pump Midea SU90 A2/W30",
     "COP",  su90,
     PUBLISHED_IS_PART(3.78,                   0.01),
     certified,       {SU90, 2, 30}                  },
    {"heat pump Midea SU90 A7/W27",
     "COP",  su90,
     PUBLISHED_IS_PART(5.63,                   0.01),
     certified,       {SU90, 7, 27}                  },
    {"heat pump Midea SU90 A12/W24",
     "COP",  su90,
     PUBLISHED_IS_PART(5.70,                   0.01),
     certified,       {SU90, 12, 24}                 },
    {"high-temperature heat pump, 90 to 120 degC",
     "COP",  arpagaus,
     PUBLISHED_IS_IN(5.7,                      6.5),
     hot_cop,         {90, 120}                      },
    {"high-temperature heat pump, 50 to 120 degC",
     "COP",  arpagaus,
     PUBLISHED_IS_IN(2.2,                      2.8),
     hot_cop,         {50, 120}                      },
    {"quality 0.4, 12 to 40 degC",
     "COP",  oemof_hp,
     PUBLISHED_IS_NEAR(4.473571428571428,      1e-6),
     quality_cop,     {12, 40, 0.4, 0}               },
    {"quality 0.5, 1.3 to 40 degC, ice 0.8",
     "COP",  oemof_hp,
     PUBLISHED_IS_NEAR(3.236692506459949,      1e-6),
     quality_cop,     {1.3, 40, 0.5, 0.8}            },
    {"quality 0.5, 2.3 to 40 degC, above the ice",
     "COP",  oemof_hp,
     PUBLISHED_IS_NEAR(4.15318302387268,       1e-6),
     quality_cop,     {2.3, 40, 0.5, 0.8}            },
    {"tank, 1000 m3 from 50 to 100 degC",
     "MWh",  oemof_tank,
     PUBLISHED_IS_PART(56.62804059111111,      0.01),
     tank_full_mwh,   {1000}                         },
    {"tank's loss per hour of what is stored",
     "1/h",  oemof_tank,
     PUBLISHED_IS_PART(0.0003531819182021882,  0.01),
     tank_loss,       {0}                            },
    {"tank's loss per hour of what it could store",
     "1/h",  oemof_tank,
     PUBLISHED_IS_PART(0.00028254553456175054, 0.01),
     tank_loss,       {1}                            },
    {"tank's loss at its ends",
     "MW",   oemof_tank,
     PUBLISHED_IS_PART(0.010210176124166827,   0.01),
     tank_loss,       {2}                            },
    {"tank left alone for 5 days at 0.4 %/h",
     "SOC",  analytic,
     PUBLISHED_IS_PART(0.61878339180614084,    0.001),
     tank_after_days, {5, 0.004}                     },
    {"brick store, 8 h in and 16 h out, balance",
     "pu",   analytic,
     PUBLISHED_IS_NEAR(1,                      1e-9),
     brick_day,       {0.005}                        },
    {"office floating, mass",
     "degC", rc,
     PUBLISHED_IS_NEAR(22.33,                  0.01),
     office,          {10, 22, 2000, 0, ROOM_MASS}   },
    {"office cooled, mass",
     "degC", rc,
     PUBLISHED_IS_NEAR(25.15,                  0.01),
     office,          {25, 24, 4000, 0, ROOM_MASS}   },
    {"office cooled, demand",
     "W",    rc,
     PUBLISHED_IS_NEAR(-264.75,                0.01),
     office,          {25, 24, 4000, 0, ROOM_SUPPLY} },
    {"office heated, mass",
     "degC", rc,
     PUBLISHED_IS_NEAR(20.46,                  0.01),
     office,          {10, 20, 2000, 0, ROOM_MASS}   },
    {"office heated, demand",
     "W",    rc,
     PUBLISHED_IS_NEAR(328.09,                 0.01),
     office,          {10, 20, 2000, 0, ROOM_SUPPLY} },
    {"office cooled at the limit, mass",
     "degC", rc,
     PUBLISHED_IS_NEAR(26.49,                  0.01),
     office,          {30, 25, 5000, 0, ROOM_MASS}   },
    {"office cooled at the limit, demand",
     "W",    rc,
     PUBLISHED_IS_NEAR(-411.6,                 0.01),
     office,          {30, 25, 5000, 0, ROOM_SUPPLY} },
    {"office heated at the limit, mass",
     "degC", rc,
     PUBLISHED_IS_NEAR(19.39,                  0.01),
     office,          {5, 19, 2000, 0, ROOM_MASS}    },
    {"office heated at the limit, demand",
     "W",    rc,
     PUBLISHED_IS_NEAR(411.6,                  0.01),
     office,          {5, 19, 2000, 0, ROOM_SUPPLY}  },
    {"office floating, heat recovery 0.66, mass",
     "degC", rc,
     PUBLISHED_IS_NEAR(22.44,                  0.01),
     office,          {10, 22, 2000, 0.66, ROOM_MASS}},
};

const struct published_table published_heat = {"heat", rows, sizeof rows / sizeof rows[0]};
