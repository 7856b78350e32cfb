/* Published numbers of chillers, driven by electricity or by heat. */
#include "sim/plant_absorber.h"
#include "sim/plant_chiller.h"
#include "tests/support/published.h"
#include <math.h>

static const char eplus[] = "EnergyPlus StandardRatings.unit.cc";
static const char doe2[] = "EnergyPlus data sets, DOE-2 Centrifugal";
static const char oemof[] = "oemof-thermal test_absorption_chillers.py";

/* AHRI 551/591's integrated part-load value of McQuay WSC 471 kW: condenser water at 30, 24.5,
 * 19 and 19 degC for 100, 75, 50 and 25 % of the capacity that it has at the first. */
static double iplv(const double *unused)
{
    (void)unused;
    struct plant_chiller_params par = plant_chiller_defaults(471.2);
    par.cop = 5.89;
    par.capacity = (struct plant_chiller_curve){
        {2.521130e-01, 1.324053e-02, -8.637329e-03, 8.581056e-02, -4.261176e-03, 8.661899e-03},
        7.22,
        12.78,
        12.78,
        26.67
    };
    par.eir = (struct plant_chiller_curve){
        {4.475238e-01, -2.588210e-02, -1.459053e-03, 4.342595e-02, -1.000651e-03, 1.920106e-03},
        7.22,
        12.78,
        12.78,
        26.67
    };
    const double part[] = {2.778889e-01, 2.338363e-01, 4.883748e-01, 0};
    for (int i = 0; i < 4; i++) {
        par.part[i] = part[i];
    }
    par.unload_pu = 0.1;
    par.part_pu_max = 1.15;
    const double load[] = {1, 0.75, 0.5, 0.25}, condenser[] = {30, 24.5, 19, 19};
    const double weight[] = {0.01, 0.42, 0.45, 0.12};
    double full_kw = plant_chiller_kw_max(&par, 6.67, condenser[0]), sum = 0;
    for (int i = 0; i < 4; i++) {
        double cold_kw = load[i] * full_kw;
        sum += weight[i] * cold_kw / plant_chiller_power_kw(&par, cold_kw, 6.67, condenser[i]);
    }
    return sum;
}

/* A chiller that has come up to its reference point. */
static double chiller_cop(const double *a)
{
    struct plant_chiller_params par = plant_chiller_defaults(1000);
    struct plant_chiller c;
    if (plant_chiller_init(&c, &par) != ERR_OK) {
        return NAN;
    }
    struct plant_chiller_in in = {.cold_kw = 1000,
                                  .limit_kw = 1000,
                                  .water_degc = a[0],
                                  .condenser_degc = a[1],
                                  .run = true};
    for (int i = 0; i < 1200; i++) {
        plant_chiller_step(&c, &in, 1);
    }
    return c.cop;
}

/* Hot, cool and chilled water, a, e. */
static double difference(const double *a)
{
    struct plant_absorber_params par = plant_absorber_defaults(10);
    par.a = a[3];
    par.e = a[4];
    return plant_absorber_difference_k(&par, a[0], a[1], a[2]);
}

/* Difference, s, r. */
static double absorber_cold(const double *a)
{
    struct plant_absorber_params par = {.cold_kw_per_k = a[1], .cold_kw = a[2]};
    return plant_absorber_cold_kw(&par, a[0]);
}

static double absorber_heat(const double *a)
{
    struct plant_absorber_params par = {.heat_kw_per_k = a[1], .heat_kw = a[2]};
    return plant_absorber_heat_kw(&par, a[0]);
}

static const struct published rows[] = {
    {"chiller 471 kW, integrated part load",
     "COP", eplus,
     PUBLISHED_IS_NEAR(5.44,    0.005),
     iplv,          {0}                       },
    {"chiller at its reference point",
     "COP", doe2,
     PUBLISHED_IS_PART(5.5,     0.01),
     chiller_cop,   {6.67, 29.4}              },
    {"absorption chiller Kuehn, characteristic difference",
     "K",   oemof,
     PUBLISHED_IS_NEAR(37,      1e-9),
     difference,    {85, 30, 15, 2.5, 1.8}    },
    {"absorption chiller Broad, characteristic difference",
     "K",   oemof,
     PUBLISHED_IS_NEAR(61.45,   1e-9),
     difference,    {85, 30, 15, 1.707, 1.844}},
    {"absorption chiller Broad 768 kW, cold at 50 K",
     "kW",  oemof,
     PUBLISHED_IS_NEAR(652.856, 1e-6),
     absorber_cold, {50, 24.121, -553.194}    },
    {"absorption chiller Broad 1163 kW, heat at 110 K",
     "kW",  oemof,
     PUBLISHED_IS_NEAR(584.92,  1e-6),
     absorber_heat, {110, 10.807, -603.85}    },
};

const struct published_table published_cold = {"cold", rows, sizeof rows / sizeof rows[0]};
