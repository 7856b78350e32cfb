/* Photovoltaic plant behind one inverter group. Runs in `kilnwatt sim` and in studies; state
 * is the caller's.
 *
 * - plane of array: Hay-Davies with glass loss on the beam (sim/sun.h)
 * - cell: Tc = Ta + G/(u0 + u1 v), u0 = 25, u1 = 6.84 (D. Faiman, Prog. Photovoltaics 16,
 *   2008)
 * - DC: P = G/1000 Pdc0 (1 + gamma (Tc - 25)) (1 - losses) (PVWatts v5, NREL 2014)
 * - inverter: eta = (eta_nom/0.9637)(-0.0162 z - 0.0059/z + 0.9858), z = Pdc/Pdc0, capped at
 *   Pac0
 * - control: the limit follows its command at ramp_pu_per_s; below 1 % the inverter stands
 *   by */
#ifndef KILNWATT_SIM_PLANT_PV_H
#define KILNWATT_SIM_PLANT_PV_H

#include "controller/base/err.h"
#include "controller/park/sun.h"
#include "sim/plant_state.h"

struct plant_pv_params {
    double dc_kwp, ac_kw;         /* > 0 */
    double tilt_deg, azimuth_deg; /* azimuth clockwise from north, 180 = south */
    double gamma_per_k;           /* <= 0; -0.0034 modern, -0.0047 PVWatts standard */
    double losses_pu;             /* [0, 1); 0.1408 = PVWatts standard */
    double eta_nom_pu;            /* (0.5, 1]; 0.96 */
    double albedo_pu;             /* [0, 1]; 0.2 */
    double ramp_pu_per_s;         /* > 0, of ac_kw */
    double start_s;               /* >= 0, from light to first power */
};

struct plant_pv_in {
    struct sun sun;
    struct sun_irradiance irr;
    double ambient_degc;
    double wind_m_per_s; /* >= 0 */
    double limit_pu;     /* of ac_kw; counts while limit_on */
    bool limit_on;
    bool run;       /* released by the operator */
    bool trip;      /* protection has opened */
    double lost_pu; /* share of the strings that gives nothing, [0, 1] */
};

struct plant_pv {
    struct plant_pv_params par;
    struct sun_plane plane;
    double dark_kw;  /* DC power below which the inverter sleeps */
    double limit_pu; /* in force, on its ramp */
    double started_s;
    enum plant_state state;
    double kw;           /* bus sign, >= 0 */
    double available_kw; /* what it would give now without a limit */
    double poa_w_per_m2, cell_degc;
    double yield_kwh;
};

/* Parameters of a usual roof: gamma -0.0034, losses 0.1408, eta 0.96, albedo 0.2, 10 %/s, 60 s.
 */
struct plant_pv_params plant_pv_defaults(double dc_kwp, double ac_kw);
/* ERR_RANGE if a parameter is outside the range given above. */
must_check enum err plant_pv_init(struct plant_pv *pv, const struct plant_pv_params *par);
/* One step of h_s > 0 seconds. */
void plant_pv_step(struct plant_pv *pv, const struct plant_pv_in *in, double h_s);

/* The steps on their own, for tests and for the available power of forecasts. */
/* Cell temperature, degC, from irradiance in W/m2 and wind >= 0. */
double plant_pv_cell_degc(double poa_w_per_m2, double ambient_degc, double wind_m_per_s);
/* DC power in the unit of dc0. */
double plant_pv_dc(double poa_w_per_m2, double cell_degc, double dc0, double gamma_per_k);
/* AC power in the unit of dc0, the DC power at which it gives eta_nom * dc0; >= 0. */
double plant_pv_inverter(double dc, double dc0, double eta_nom_pu);

#endif
