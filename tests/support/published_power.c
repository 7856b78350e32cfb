/* Published numbers of stores, engines and the bus. */
#include "sim/plant_ageing.h"
#include "sim/plant_battery.h"
#include "sim/plant_capbank.h"
#include "sim/plant_chp.h"
#include "sim/plant_island.h"
#include "sim/plant_orc.h"
#include "sim/plant_supercap.h"
#include "tests/support/published.h"
#include <math.h>

static const char reopt[] = "NREL REopt electric_storage.jl";
static const char blast[] = "NREL BLAST-Lite lfp_gr_250AhPrismatic";
static const char k2[] = "Maxwell 1015370, K2 series";
static const char j208[] = "Jenbacher J208 data sheet";
static const char j420[] = "Jenbacher J420 data sheet";
static const char itri[] = "Fu et al., Energies 7(6) 2014, ITRI";
static const char eep[] = "electrical-engineering-portal, kW factors";
static const char elmeasure[] = "Elmeasure, power factor table";
static const char mgcp[] = "EPHCC MGCP packet, tables 14, 15";

/* Rated power from 20 to 80 % and back to where it was. */
static double round_trip(const double *a)
{
    struct plant_battery_params par = plant_battery_defaults(1000, 2000);
    par.round_trip_pu = a[0] * a[1] * a[2];
    struct plant_battery b;
    struct plant_battery_in in = {.run = true, .ambient_degc = 25};
    if (plant_battery_init(&b, &par, 0.2) != ERR_OK) {
        return NAN;
    }
    plant_battery_step(&b, &in, 20);
    double begin_kwh = b.stored_kwh;
    in.set_kw = -1000;
    while (b.soc_pu < 0.8) {
        plant_battery_step(&b, &in, 1);
    }
    in.set_kw = 1000;
    while (b.stored_kwh > begin_kwh) {
        plant_battery_step(&b, &in, 1);
    }
    return b.discharge_kwh / b.charge_kwh;
}

/* Days, cycles a day, SOC, degC; depth 0.9 at 0.5 C. Loss in points, day by day. */
static double capacity_loss(const double *a)
{
    struct plant_ageing cells;
    plant_ageing_init(&cells, a[2]);
    for (int i = 0; i < (int)a[0]; i++) {
        plant_ageing_rest(&cells, 1, a[2], a[3]);
        plant_ageing_cycle(&cells, a[1], 0.9, 0.5, a[3]);
    }
    return 100 * (1 - plant_ageing_health_pu(&cells));
}

static struct plant_supercap full_cell(const double *a)
{
    struct plant_supercap_params par = plant_supercap_bank(a[0], a[1], 2.7, 1, 1);
    struct plant_supercap c = {0};
    return plant_supercap_init(&c, &par, 1) == ERR_OK ? c : (struct plant_supercap){0};
}

static double cell_wh(const double *a)
{
    struct plant_supercap c = full_cell(a);
    return 1000 * plant_supercap_kwh(&c.par, c.volt);
}

/* Asked for more, the bank gives its usable power. */
static double cell_usable_w(const double *a)
{
    struct plant_supercap c = full_cell(a);
    struct plant_supercap_in in = {.run = true, .set_kw = 100};
    c.par.eta_pu = 1;
    plant_supercap_step(&c, &in, 1e-3);
    return 1000 * c.kw;
}

/* Matched power per mass; third: kg. */
static double cell_w_per_kg(const double *a)
{
    struct plant_supercap c = full_cell(a);
    return 1000 * plant_supercap_kw_max(&c, 1e-6) / a[2];
}

/* Fuel of an engine that has reached its load, kW. */
static double fuel_after_hours(const struct plant_chp_params *par, double load_kw)
{
    struct plant_chp c;
    if (plant_chp_init(&c, par) != ERR_OK) {
        return NAN;
    }
    struct plant_chp_in in = {.run = true, .set_kw = load_kw};
    for (int i = 0; i < 3600; i++) {
        plant_chp_step(&c, &in, 1);
    }
    return c.kw == load_kw ? c.fuel_kw : NAN;
}

static double j208_fuel(const double *load_kw)
{
    struct plant_chp_params par = plant_chp_defaults(330, 393.2, 330.0 / 851);
    par.min_pu = 0.4;
    return fuel_after_hours(&par, load_kw[0]);
}

static double j208_eta(const double *load_kw)
{
    return 100 * load_kw[0] / j208_fuel(load_kw);
}

static double j420_eta(const double *load_pu)
{
    const double load[] = {0.5, 0.75, 1}, eta[] = {0.390, 0.413, 0.424};
    struct plant_chp_params par = plant_chp_defaults(1500, 1500, 0.424);
    par.fuel = plant_chp_curve_of_eta(3, load, eta);
    return 100 * load_pu[0] * 1500 / fuel_after_hours(&par, load_pu[0] * 1500);
}

/* Heat and a start from cold; net power. */
static double orc_kw(const double *heat_kw)
{
    struct plant_orc_params par = plant_orc_defaults(243, 120, 30);
    struct plant_orc o;
    if (plant_orc_init(&o, &par) != ERR_OK) {
        return NAN;
    }
    struct plant_orc_in in = {
        .heat_kw = heat_kw[0], .source_degc = 120, .sink_degc = 30, .run = true};
    for (int i = 0; i < 7200; i++) {
        plant_orc_step(&o, &in, 1);
    }
    return o.kw;
}

/* One set of 4,000 kVA; a step of load by a[0] kW; Hz below 50 after a[1] s; no damping. */
static double island_fall(const double *a)
{
    struct plant_island_params par = plant_island_defaults();
    par.sources = 1;
    par.source[0] = plant_island_source_defaults(4000);
    par.source[0].lag_s = a[2];
    par.damping_pu = 0;
    struct plant_island i;
    struct plant_island_in in = {.load_kw = 1000, .set_kw = {1000}, .on = {true}};
    if (plant_island_init(&i, &par) != ERR_OK) {
        return NAN;
    }
    plant_island_begin(&i, &in);
    in.load_kw += a[0];
    for (double t = 0; t < a[1] - 1e-9; t += 0.001) {
        plant_island_step(&i, &in, 0.001);
    }
    return 50 - i.hz;
}

static double island_rocof(const double *a)
{
    return island_fall(a) / a[1];
}

static double kvar_per_kw(const double *a)
{
    return plant_capbank_kvar_per_kw(a[0], a[1]);
}

/* Load in kW, its power factor, bank in kvar of 17 steps, target: the factor once it has
 * switched.
 */
static double mended_pf(const double *a)
{
    struct plant_capbank_params par = plant_capbank_defaults(17, a[2] / 17);
    par.target_pf = a[3];
    struct plant_capbank c;
    if (plant_capbank_init(&c, &par) != ERR_OK) {
        return NAN;
    }
    struct plant_capbank_in in = {.load_kw = a[0],
                                  .load_kvar = a[0] * sqrt(1 - a[1] * a[1]) / a[1],
                                  .volt_pu = 1,
                                  .run = true};
    for (int i = 0; i < 3600; i++) {
        plant_capbank_step(&c, &in, 1);
    }
    return c.pf;
}

static const struct published rows[] = {
    {"battery AC to AC, 0.96 x 0.96 x 0.975",
     "pu",      reopt,
     PUBLISHED_IS_NEAR(0.8986,         0.005),
     round_trip,    {0.96, 0.96, 0.975}   },
    {"LFP loss, 10 a at rest, 25 degC, SOC 50 %",
     "points",  blast,
     PUBLISHED_IS_NEAR(3.70,           0.05),
     capacity_loss, {3650, 0, 0.5, 25}    },
    {"LFP loss, 1 a, 1 cycle/day",
     "points",  blast,
     PUBLISHED_IS_NEAR(4.01,           0.05),
     capacity_loss, {365, 1, 0.5, 25}     },
    {"LFP loss, 10 a, 1 cycle/day",
     "points",  blast,
     PUBLISHED_IS_NEAR(23.25,          0.05),
     capacity_loss, {3650, 1, 0.5, 25}    },
    {"LFP loss, 10 a, 2 cycles/day",
     "points",  blast,
     PUBLISHED_IS_NEAR(38.40,          0.05),
     capacity_loss, {3650, 2, 0.5, 25}    },
    {"LFP loss, 10 a, 1 cycle/day, 35 degC",
     "points",  blast,
     PUBLISHED_IS_NEAR(22.24,          0.05),
     capacity_loss, {3650, 1, 0.5, 35}    },
    {"LFP loss, 10 a, 1 cycle/day, SOC 90 %",
     "points",  blast,
     PUBLISHED_IS_NEAR(25.17,          0.05),
     capacity_loss, {3650, 1, 0.9, 25}    },
    {"supercapacitor 650 F, energy",
     "Wh",      k2,
     PUBLISHED_IS_NEAR(0.66,           0.005),
     cell_wh,       {650, 0.8e-3}         },
    {"supercapacitor 1200 F, energy",
     "Wh",      k2,
     PUBLISHED_IS_NEAR(1.22,           0.005),
     cell_wh,       {1200, 0.58e-3}       },
    {"supercapacitor 1500 F, energy",
     "Wh",      k2,
     PUBLISHED_IS_NEAR(1.52,           0.005),
     cell_wh,       {1500, 0.47e-3}       },
    {"supercapacitor 2000 F, energy",
     "Wh",      k2,
     PUBLISHED_IS_NEAR(2.03,           0.005),
     cell_wh,       {2000, 0.35e-3}       },
    {"supercapacitor 3000 F, energy",
     "Wh",      k2,
     PUBLISHED_IS_NEAR(3.04,           0.005),
     cell_wh,       {3000, 0.29e-3}       },
    {"supercapacitor 3000 F, usable power",
     "W",       k2,
     PUBLISHED_IS_PART(3020,           0.005),
     cell_usable_w, {3000, 0.29e-3}       },
    {"supercapacitor 650 F, matched power",
     "W/kg",    k2,
     PUBLISHED_IS_PART(14200,          0.01),
     cell_w_per_kg, {650, 0.8e-3, 0.160}  },
    {"supercapacitor 3000 F, matched power",
     "W/kg",    k2,
     PUBLISHED_IS_PART(12300,          0.01),
     cell_w_per_kg, {3000, 0.29e-3, 0.510}},
    {"gas engine 330 kW, fuel at 330 kW",
     "kW",      j208,
     PUBLISHED_IS_PART(851,            0.01),
     j208_fuel,     {330}                 },
    {"gas engine 330 kW, fuel at 247 kW",
     "kW",      j208,
     PUBLISHED_IS_PART(657,            0.01),
     j208_fuel,     {247}                 },
    {"gas engine 330 kW, fuel at 163 kW",
     "kW",      j208,
     PUBLISHED_IS_PART(463,            0.01),
     j208_fuel,     {163}                 },
    {"gas engine 330 kW, efficiency at 330 kW",
     "%",       j208,
     PUBLISHED_IS_NEAR(38.7,           0.2),
     j208_eta,      {330}                 },
    {"gas engine 330 kW, efficiency at 247 kW",
     "%",       j208,
     PUBLISHED_IS_NEAR(37.6,           0.2),
     j208_eta,      {247}                 },
    {"gas engine 330 kW, efficiency at 163 kW",
     "%",       j208,
     PUBLISHED_IS_NEAR(35.3,           0.2),
     j208_eta,      {163}                 },
    {"gas engine J420, efficiency at full load",
     "%",       j420,
     PUBLISHED_IS_NEAR(42.4,           0.2),
     j420_eta,      {1}                   },
    {"gas engine J420, efficiency at 3/4 load",
     "%",       j420,
     PUBLISHED_IS_NEAR(41.3,           0.2),
     j420_eta,      {0.75}                },
    {"gas engine J420, efficiency at half load",
     "%",       j420,
     PUBLISHED_IS_NEAR(39.0,           0.2),
     j420_eta,      {0.5}                 },
    {"ORC at 9.5 % of 2557.9 kW of heat",
     "kW",      itri,
     PUBLISHED_IS_PART(243,            0.01),
     orc_kw,        {2557.9}              },
    {"capacitors from cos phi 0.65 to 1",
     "kvar/kW", elmeasure,
     PUBLISHED_IS_NEAR(1.169,          0.0005),
     kvar_per_kw,   {0.65, 1}             },
    {"capacitors from cos phi 0.65 to 0.90",
     "kvar/kW", eep,
     PUBLISHED_IS_NEAR(0.685,          0.0005),
     kvar_per_kw,   {0.65, 0.90}          },
    {"620 kW at 0.65 behind a bank of 425 kvar",
     "cos phi", eep,
     PUBLISHED_IS_NEAR(0.90,           0.005),
     mended_pf,     {620, 0.65, 425, 0.90}},
    {"island, 2000 of 4000 kVA on droop 3 %, at rest",
     "Hz",      mgcp,
     PUBLISHED_IS_PART(0.75,           0.005),
     island_fall,   {2000, 20, 0.2}       },
    {"island, first slope with H 0.35 s",
     "Hz/s",    mgcp,
     PUBLISHED_IS_PART(50 * 0.5 / 0.7, 0.02),
     island_rocof,  {2000, 0.002, 2}      },
};

const struct published_table published_power = {"stores, engines, island", rows,
                                                sizeof rows / sizeof rows[0]};
