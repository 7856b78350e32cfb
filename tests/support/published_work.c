/* Published numbers of kilns, compressed air, pumps and vehicles. */
#include "sim/plant_compressor.h"
#include "sim/plant_ev.h"
#include "sim/plant_pump.h"
#include "sim/plant_roller.h"
#include "tests/support/golden_plants.h"
#include "tests/support/published.h"
#include <math.h>

static const char potters[] = "potters.org forum 43125";
static const char lakeside[] = "lakesidepottery.com, firing cost";
static const char survey[] = "UK survey, osti.gov etde 10124706";
static const char analytic[] = "analytic";
static const char handbook1[] = "Machinery's Handbook 31, table 36";
static const char handbook2[] = "Machinery's Handbook 31, table 37";
static const char eplus[] = "EnergyPlus Pumps.unit.cc";
static const char alpitronic[] = "evcc charger/alpitronic.go";

/* A firing from 25 degC; NaN if it does not end. */
static struct plant_kiln_quality fire(const struct plant_kiln_params *par,
                                      const struct plant_kiln_recipe *recipe)
{
    struct plant_kiln k;
    struct plant_kiln_in in = {.run = PLANT_KILN_RUN, .recipe = recipe, .ambient_degc = 25};
    if (plant_kiln_init(&k, par, 25) != ERR_OK) {
        return (struct plant_kiln_quality){.energy_kwh = NAN};
    }
    for (int i = 0; i < 200000 && k.firings == 0; i++) {
        plant_kiln_step(&k, &in, 1);
    }
    return k.firings > 0 ? k.quality : (struct plant_kiln_quality){.energy_kwh = NAN};
}

/* Top temperature and minutes. */
static double small_kiln_kwh(const double *a)
{
    struct plant_kiln_params par = golden_small_kiln();
    struct plant_kiln_recipe r = {1, {{a[0], a[1], 0}}};
    return fire(&par, &r).energy_kwh;
}

static double seven_foot_duty(const double *a)
{
    struct plant_kiln_params par = golden_seven_foot_kiln();
    struct plant_kiln_recipe r = {1, {{a[0], a[1], 0}}};
    struct plant_kiln_quality q = fire(&par, &r);
    return q.energy_kwh / (par.rated_kw * q.minutes / 60);
}

/* 6 m3 shuttle: 1.2 t of ware and as much furniture of 1.05 kJ/kgK, fibre lining of 0.2 m
 * around 1.5 x 2 x 2 m; per kg of ware, after the firing's 16.8 h to 1280 degC. */
static double shuttle_kwh_per_kg(const double *a)
{
    struct plant_kiln_params par = {
        .rated_kw = 200,
        .band_k = 8,
        .thermal = {.lump_kj_per_k = 2400 * 1.05,
                    .area_m2 = 2 * (1.5 * 2 + 1.5 * 2 + 2 * 2) * 1.2,
                    .lining_m = 0.2,
                    .lining_w_per_mk = 0.2,
                    .lining_kg_per_m3 = 500,
                    .lining_j_per_kgk = 1000,
                    .leak_m2 = 0.02,
                    .element_s = 180}
    };
    struct plant_kiln_recipe r = {
        5, {{300, 120, 0}, {600, 120, 0}, {1050, 288, 0}, {1280, 360, 0}, {1280, 120, 0}}
    };
    return fire(&par, &r).energy_kwh / a[0];
}

/* A roller kiln without ware for a day at its set temperature over its keep-warm power. */
static double hold_loss(const double *keep_kw)
{
    struct plant_roller_params par = plant_roller_defaults(500, 400, keep_kw[0], 2000);
    struct plant_roller r;
    if (plant_roller_init(&r, &par) != ERR_OK) {
        return NAN;
    }
    struct plant_roller_in in = {.limit_pu = 1, .ambient_degc = par.ambient_degc};
    for (int i = 0; i < 86400; i++) {
        plant_roller_step(&r, &in, 1);
    }
    double lift_k = par.set_degc - par.ambient_degc;
    return r.draw_kwh / 24 / (r.g_kw_per_k * lift_k);
}

/* Mean effective pressure in lb/in2: work over volume of free air. */
static double mean_pressure(const double *a)
{
    const double bar_per_psi = 0.0689476;
    return plant_compressor_kwh_per_m3(a[0] * bar_per_psi, (int)a[1]) * 36 / bar_per_psi;
}

/* m3/s, Pa, W of shaft per W of water, motor. */
static double pump_w(const double *a)
{
    const double pascal_per_m = 9806.65;
    return 1000 * plant_pump_kw(a[0] * 3600, a[1] / pascal_per_m, a[3] / a[2]);
}

/* Least power at which a charger of one plug still charges, found by lowering its limit. */
static double charger_floor_w(const double *a)
{
    struct plant_ev_params par = {.plugs = 1,
                                  .plug_kw = 60,
                                  .group_kw = 60,
                                  .floor_kw = a[0] / 1000,
                                  .lag_s = 0,
                                  .battery_kwh = 80,
                                  .full_pu = 0.9};
    struct plant_ev_session s = {.arrive_s = 0, .depart_s = 1e6, .wanted_kwh = 60};
    struct plant_ev ev;
    if (plant_ev_init(&ev, &par) != ERR_OK || plant_ev_add(&ev, &s) != ERR_OK) {
        return NAN;
    }
    double least_w = NAN;
    for (int w = 2000; w > 1000; w--) {
        struct plant_ev_in in = {.now_s = 2000 - w + 1, .limit_kw = w / 1000.0};
        plant_ev_step(&ev, &in, 1);
        if (ev.kw < 0) {
            least_w = -1000 * ev.kw;
        }
    }
    return least_w;
}

static const struct published rows[] = {
    {"kiln 2.6 ft3 to cone 06 (999 degC) in 10.5 h",
     "kWh",    potters,
     PUBLISHED_IS_IN(26,         29),
     small_kiln_kwh,     {999, 630}                       },
    {"kiln 2.6 ft3 to cone 9 (1260 degC) in 8.3 h",
     "kWh",    potters,
     PUBLISHED_IS_IN(34,         36),
     small_kiln_kwh,     {1260, 498}                      },
    {"kiln 7 ft3, 11.52 kW, duty to cone 6",
     "pu",     lakeside,
     PUBLISHED_IS_NEAR(0.65,     0.07),
     seven_foot_duty,    {1222, 534}                      },
    {"shuttle kiln 6 m3, earthenware",
     "kWh/kg", survey,
     PUBLISHED_IS_IN(0.70,       15.2),
     shuttle_kwh_per_kg, {1200}                           },
    {"roller kiln kept warm over UA dT",
     "pu",     analytic,
     PUBLISHED_IS_NEAR(1,        0.01),
     hold_loss,          {150}                            },
    {"air to 50 lb/in2, one stage",
     "lb/in2", handbook1,
     PUBLISHED_IS_PART(27.23,    0.01),
     mean_pressure,      {50, 1}                          },
    {"air to 100 lb/in2, one stage",
     "lb/in2", handbook1,
     PUBLISHED_IS_PART(41.28,    0.01),
     mean_pressure,      {100, 1}                         },
    {"air to 150 lb/in2, one stage",
     "lb/in2", handbook1,
     PUBLISHED_IS_PART(51.47,    0.01),
     mean_pressure,      {150, 1}                         },
    {"air to 50 lb/in2, two stages",
     "lb/in2", handbook2,
     PUBLISHED_IS_PART(24.30,    0.01),
     mean_pressure,      {50, 2}                          },
    {"air to 100 lb/in2, two stages",
     "lb/in2", handbook2,
     PUBLISHED_IS_PART(35.20,    0.01),
     mean_pressure,      {100, 2}                         },
    {"air to 150 lb/in2, two stages",
     "lb/in2", handbook2,
     PUBLISHED_IS_PART(42.60,    0.01),
     mean_pressure,      {150, 2}                         },
    {"pump, 1 l/s against 179352 Pa",
     "W",      eplus,
     PUBLISHED_IS_PART(255.4872, 1e-6),
     pump_w,             {0.001, 179352, 1.282051282, 0.9}},
    {"DC charger's least power",
     "W",      alpitronic,
     PUBLISHED_IS_NEAR(1547,     1),
     charger_floor_w,    {1547}                           },
};

const struct published_table published_work = {"kilns, air, water, vehicles", rows,
                                               sizeof rows / sizeof rows[0]};
