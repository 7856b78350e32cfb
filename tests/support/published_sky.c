/* Published numbers of sun, photovoltaics and wind. */
#include "sim/plant_wind.h"
#include "tests/support/golden_plants.h"
#include "tests/support/published.h"
#include <math.h>
#include <stdio.h>

#define RAD (M_PI / 180)

static const char spa[] = "NREL/TP-560-34302, worked example";
static const char sky[] = "pvlib 0.9.5 test_clearsky.py";
static const char irradiance[] = "pvlib 0.9.5 test_irradiance.py";
static const char iam[] = "pvlib 0.9.5 test_iam.py";
static const char cells[] = "pvlib 0.9.5 test_temperature.py";
static const char pvsystem[] = "pvlib 0.9.5 test_pvsystem.py";
static const char inverters[] = "pvlib 0.9.5 test_inverter.py";
static const char watts[] = "PVWatts, Golden CO, 8760 hours";
static const char e48[] = "Enercon E48/800, oedb power curve";
static const char lib[] = "windpowerlib test_power_output.py";

static struct sun example_sun(void)
{
    return sun_at(39.742476, -105.1786, 1066419030); /* 2003-10-17 12:30:30 MST */
}

static double example_elevation(const double *a)
{
    (void)a;
    struct sun s = example_sun();
    return sun_elevation_deg(&s);
}

static double example_azimuth(const double *a)
{
    (void)a;
    struct sun s = example_sun();
    return sun_azimuth_deg(&s);
}

static double haurwitz(const double *elevation_deg)
{
    return sun_haurwitz_w_per_m2(sin(elevation_deg[0] * RAD));
}

/* GHI, zenith, extraterrestrial normal; third: 0 direct, 1 diffuse. */
static double erbs(const double *a)
{
    struct sun s = {.up = cos(a[1] * RAD), .extra_w_per_m2 = a[2]};
    struct sun_irradiance irr = sun_split(&s, a[0]);
    return a[3] > 0 ? irr.dhi_w_per_m2 : irr.dni_w_per_m2;
}

/* DNI, DHI, apparent zenith, azimuth on a plane of 40 degrees to the south: the sky's part. */
static double hay_davies(const double *a)
{
    double flat = sin(a[2] * RAD);
    struct sun s = {.east = flat * sin(a[3] * RAD),
                    .north = flat * cos(a[3] * RAD),
                    .up = cos(a[2] * RAD),
                    .extra_w_per_m2 = 1321.1655834833093};
    struct sun_irradiance irr = {.dni_w_per_m2 = a[0], .dhi_w_per_m2 = a[1]};
    struct sun_plane plane = sun_plane_of(40, 180);
    double cos_inc = s.east * plane.east + s.north * plane.north + s.up * plane.up;
    double poa = sun_on_plane(&s, &irr, &plane, 0).total_w_per_m2;
    return poa - a[0] * fmax(0, cos_inc);
}

static double glass(const double *incidence_deg)
{
    return sun_glass_pu(cos(incidence_deg[0] * RAD));
}

static double faiman(const double *a)
{
    return plant_pv_cell_degc(a[0], a[1], a[2]);
}

static double dc(const double *a)
{
    return plant_pv_dc(a[0], a[1], a[2], a[3]);
}

static double inverter(const double *a)
{
    return plant_pv_inverter(a[0], a[1], a[2]);
}

/* Day of a year without a 29 February, from 0. */
static int year_day(int month, int day)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    return before[month - 1] + day - 1;
}

struct hour {
    int month, day, hour;
    double dni, dhi, degc, wind, rack_dc, rack_ac, roof_dc, roof_ac;
};

static bool hour_read(FILE *f, struct hour *h)
{
    return fscanf(f, "%d,%d,%d,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf", &h->month, &h->day, &h->hour,
                  &h->dni, &h->dhi, &h->degc, &h->wind, &h->rack_dc, &h->rack_ac, &h->roof_dc,
                  &h->roof_ac) == 11;
}

/* AC power of the chain from light and weather alone, W; the sun is that of the mid-hour. */
static double chain_w(struct plant_pv *pv, const struct hour *h)
{
    const double year_unix_s = 1546300800, offset_h = 7;
    double mid_s =
        year_unix_s + 86400.0 * year_day(h->month, h->day) + 3600 * (h->hour + 0.5 + offset_h);
    struct plant_pv_in in = {.sun = sun_at(39.73, -105.18, mid_s), .run = true};
    in.irr.dni_w_per_m2 = h->dni;
    in.irr.dhi_w_per_m2 = h->dhi;
    in.irr.ghi_w_per_m2 = h->dni * fmax(0, in.sun.up) + h->dhi;
    in.ambient_degc = h->degc;
    in.wind_m_per_s = h->wind;
    plant_pv_step(pv, &in, 1);
    return 1000 * pv->available_kw;
}

enum { YEAR_INVERTER, YEAR_CHAIN, YEAR_ERROR };

/* Roof or rack; a year's kWh from their DC or from the weather, or the mean error in per cent.
 */
static double pvwatts_year(const double *a)
{
    bool roof = a[0] > 0;
    struct plant_pv_params par = golden_pvwatts();
    struct plant_pv pv;
    FILE *f = fopen("tests/data/pvwatts_golden.csv", "r");
    if (!f || plant_pv_init(&pv, &par) != ERR_OK || fscanf(f, "%*[^\n]") == EOF) {
        return NAN;
    }
    double inverter_wh = 0, chain_wh = 0, error_wh = 0, theirs_wh = 0;
    struct hour h;
    while (hour_read(f, &h)) {
        double theirs = roof ? h.roof_ac : h.rack_ac, ours = chain_w(&pv, &h);
        inverter_wh += plant_pv_inverter(roof ? h.roof_dc : h.rack_dc, 4000 / 1.2 / 0.96, 0.96);
        chain_wh += ours;
        error_wh += fabs(ours - theirs);
        theirs_wh += theirs;
    }
    fclose(f);
    if (a[1] == YEAR_ERROR) {
        return 100 * error_wh / theirs_wh;
    }
    return (a[1] == YEAR_INVERTER ? inverter_wh : chain_wh) / 1000;
}

/* Power after the rotor's lag at a wind, kW of the machine's own 810. */
static double turbine_kw(const double *a)
{
    struct plant_wind_params par = plant_wind_defaults(810);
    struct plant_wind w;
    struct plant_wind_in in = {.wind_m_per_s = a[0], .run = true};
    if (plant_wind_init(&w, &par) != ERR_OK) {
        return NAN;
    }
    plant_wind_step(&w, &in, 600);
    return w.kw;
}

static double site_speed(const double *a)
{
    return plant_wind_curve_m_per_s(a[0], a[1]);
}

static const struct published rows[] = {
    {"sun's elevation, 2003-10-17 12:30:30 MST",
     "deg",                                                spa,
     PUBLISHED_IS_NEAR(39.872046,                                                                    0.01),
     example_elevation,                                                                                                  {0}                                                    },
    {"sun's azimuth, same instant",
     "deg",                                                spa,
     PUBLISHED_IS_NEAR(194.340241,                                                                   0.01),
     example_azimuth,                                                                                                    {0}                                                    },
    {"Haurwitz clear sky at 5 deg",
     "W/m2",                                               sky,
     PUBLISHED_IS_NEAR(48.6298687941956,                                                             1e-4),
     haurwitz,                                                                                                           {5}                                                    },
    {"Haurwitz clear sky at 10 deg",
     "W/m2",                                               sky,
     PUBLISHED_IS_NEAR(135.741748091813,                                                             1e-4),
     haurwitz,                                                                                                           {10}                                                   },
    {"Haurwitz clear sky at 30 deg",
     "W/m2",                                               sky,
     PUBLISHED_IS_NEAR(487.894132885425,                                                             1e-4),
     haurwitz,                                                                                                           {30}                                                   },
    {"Haurwitz clear sky at 50 deg",
     "W/m2",                                               sky,
     PUBLISHED_IS_NEAR(778.766689344363,                                                             1e-4),
     haurwitz,                                                                                                           {50}                                                   },
    {"Haurwitz clear sky at 90 deg",
     "W/m2",                                               sky,
     PUBLISHED_IS_NEAR(1035.09203253450,                                                             1e-4),
     haurwitz,                                                                                                           {90}                                                   },
    {"Erbs, GHI 1000, zenith 10, direct",
     "W/m2",                                               irradiance,
     PUBLISHED_IS_NEAR(794.205651,                                                                   0.01),
     erbs,                                                                                                               {1000, 10, 1413.977, 0}                                },
    {"Erbs, GHI 1000, zenith 10, diffuse",
     "W/m2",                                               irradiance,
     PUBLISHED_IS_NEAR(217.860117,                                                                   0.01),
     erbs,                                                                                                               {1000, 10, 1413.977, 1}                                },
    {"Erbs, GHI 50, zenith 85, diffuse",
     "W/m2",                                               irradiance,
     PUBLISHED_IS_NEAR(41.5703604,                                                                   0.01),
     erbs,                                                                                                               {50, 85, 1413.977, 1}                                  },
    {"Hay-Davies sky diffuse, zenith 82.9",
     "W/m2",                                               irradiance,
     PUBLISHED_IS_NEAR(27.1775,                                                                      1e-4),
     hay_davies,                                                                                                         {316.1949056, 40.46149818, 82.85457044, 66.71410338}   },
    {"Hay-Davies sky diffuse, zenith 10.6",
     "W/m2",                                               irradiance,
     PUBLISHED_IS_NEAR(102.9949,                                                                     1e-4),
     hay_davies,                                                                                                         {939.95469881, 118.45831879, 10.56413562, 144.76567754}},
    {"Hay-Davies sky diffuse, zenith 72.4",
     "W/m2",                                               irradiance,
     PUBLISHED_IS_NEAR(33.1909,                                                                      1e-4),
     hay_davies,                                                                                                         {646.22886049, 62.03376265, 72.41687122, 287.04104128} },
    {"glass n 1.526, 4/m, 2 mm at 22.5 deg",
     "pu",                                                 iam,
     PUBLISHED_IS_NEAR(0.99926198,                                                                   1e-7),
     glass,                                                                                                              {22.5}                                                 },
    {"glass at 45 deg",                              "pu", iam,        PUBLISHED_IS_NEAR(0.98797788, 1e-7),  glass,      {45}                                                   },
    {"glass at 67.5 deg",                            "pu", iam,        PUBLISHED_IS_NEAR(0.8893998,  1e-7),  glass,      {67.5}                                                 },
    {"Faiman cell, 900 W/m2, 20 degC, 5 m/s",
     "degC",                                               cells,
     PUBLISHED_IS_NEAR(35.203,                                                                       0.001),
     faiman,                                                                                                             {900, 20, 5}                                           },
    {"Faiman cell, 500 W/m2, 10 degC, 5 m/s",
     "degC",                                               cells,
     PUBLISHED_IS_NEAR(18.446,                                                                       0.001),
     faiman,                                                                                                             {500, 10, 5}                                           },
    {"PVWatts DC, 900 W/m2, 30 degC, 100 W, -0.003",
     "W",                                                  pvsystem,
     PUBLISHED_IS_NEAR(88.65,                                                                        1e-9),
     dc,                                                                                                                 {900, 30, 100, -0.003}                                 },
    {"PVWatts inverter, 90 of 100 W, 0.95",
     "W",                                                  inverters,
     PUBLISHED_IS_NEAR(85.58556604752516,                                                            1e-6),
     inverter,                                                                                                           {90, 100, 0.95}                                        },
    {"PVWatts inverter, 50 of 100 W, 0.95",
     "W",                                                  inverters,
     PUBLISHED_IS_NEAR(47.60843624,                                                                  1e-6),
     inverter,                                                                                                           {50, 100, 0.95}                                        },
    {"inverter, a year on PVWatts' DC, open rack",
     "kWh",                                                watts,
     PUBLISHED_IS_PART(6023.67124,                                                                   1e-4),
     pvwatts_year,                                                                                                       {0, YEAR_INVERTER}                                     },
    {"inverter, a year on PVWatts' DC, roof",
     "kWh",                                                watts,
     PUBLISHED_IS_PART(5938.052618,                                                                  1e-4),
     pvwatts_year,                                                                                                       {1, YEAR_INVERTER}                                     },
    {"PV chain from light and weather, open rack",
     "kWh",                                                watts,
     PUBLISHED_IS_PART(6023.67124,                                                                   0.02),
     pvwatts_year,                                                                                                       {0, YEAR_CHAIN}                                        },
    {"PV chain from light and weather, roof",
     "kWh",                                                watts,
     PUBLISHED_IS_PART(5938.052618,                                                                  0.02),
     pvwatts_year,                                                                                                       {1, YEAR_CHAIN}                                        },
    {"PV chain, hourly error over mean, open rack",
     "%",                                                  watts,
     PUBLISHED_IS_IN(0,                                                                              3),
     pvwatts_year,                                                                                                       {0, YEAR_ERROR}                                        },
    {"PV chain, hourly error over mean, roof",
     "%",                                                  watts,
     PUBLISHED_IS_IN(0,                                                                              3),
     pvwatts_year,                                                                                                       {1, YEAR_ERROR}                                        },
    {"wind turbine at 3 m/s",                        "kW", e48,        PUBLISHED_IS_NEAR(5,          1e-6),  turbine_kw, {3}                                                    },
    {"wind turbine at 4 m/s",                        "kW", e48,        PUBLISHED_IS_NEAR(25,         1e-6),  turbine_kw, {4}                                                    },
    {"wind turbine at 5 m/s",                        "kW", e48,        PUBLISHED_IS_NEAR(60,         1e-6),  turbine_kw, {5}                                                    },
    {"wind turbine at 6 m/s",                        "kW", e48,        PUBLISHED_IS_NEAR(110,        1e-6),  turbine_kw, {6}                                                    },
    {"wind turbine at 7 m/s",                        "kW", e48,        PUBLISHED_IS_NEAR(180,        1e-6),  turbine_kw, {7}                                                    },
    {"wind turbine at 8 m/s",                        "kW", e48,        PUBLISHED_IS_NEAR(275,        1e-6),  turbine_kw, {8}                                                    },
    {"wind turbine at 9 m/s",                        "kW", e48,        PUBLISHED_IS_NEAR(400,        1e-6),  turbine_kw, {9}                                                    },
    {"wind turbine at 10 m/s",                       "kW", e48,        PUBLISHED_IS_NEAR(555,        1e-6),  turbine_kw, {10}                                                   },
    {"wind turbine at 11 m/s",                       "kW", e48,        PUBLISHED_IS_NEAR(671,        1e-6),  turbine_kw, {11}                                                   },
    {"wind turbine at 12 m/s",                       "kW", e48,        PUBLISHED_IS_NEAR(750,        1e-6),  turbine_kw, {12}                                                   },
    {"wind turbine at 13 m/s",                       "kW", e48,        PUBLISHED_IS_NEAR(790,        1e-6),  turbine_kw, {13}                                                   },
    {"wind turbine at 14 m/s",                       "kW", e48,        PUBLISHED_IS_NEAR(810,        1e-6),  turbine_kw, {14}                                                   },
    {"wind for the curve, 5.5 m/s at 1.3 kg/m3",
     "m/s",                                                lib,
     PUBLISHED_IS_NEAR(5.6100290572,                                                                 1e-9),
     site_speed,                                                                                                         {5.5, 1.3}                                             },
};

const struct published_table published_sky = {"sun, photovoltaics, wind", rows,
                                              sizeof rows / sizeof rows[0]};
