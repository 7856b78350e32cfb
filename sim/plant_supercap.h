/* Bank of supercapacitors behind a converter. Runs in `kilnwatt sim` and in studies; state is
 * the caller's.
 *
 * - bank: capacitance C behind a series resistance R; energy C V^2/2 with the open voltage V
 * - a step: constant current I, so that V falls by I h/C and the terminal gives
 *   (V - I h/(2C) - R I) I on average: solved for I, energy closes to rounding
 * - most it can give: V^2/(4R), at half the open voltage (matched load)
 * - leak: conductance from the leakage current at the rated voltage
 * - converter: efficiency eta each way; limits: rated_kw, volt_min to discharge, volt_max at
 *   the terminal to charge
 * Data sheets: Maxwell K2 series, document 1015370 (energy, resistance, matched power). */
#ifndef KILNWATT_SIM_PLANT_SUPERCAP_H
#define KILNWATT_SIM_PLANT_SUPERCAP_H

#include "controller/base/err.h"
#include "sim/plant_state.h"

struct plant_supercap_params {
    double farad, ohm;         /* > 0, of the bank */
    double volt_max, volt_min; /* max > min >= 0 */
    double leak_a;             /* >= 0, at volt_max */
    double rated_kw;           /* > 0, converter */
    double eta_pu;             /* (0.5, 1] */
};

struct plant_supercap_in {
    double set_kw; /* bus sign, discharge positive */
    bool run, trip;
};

struct plant_supercap {
    struct plant_supercap_params par;
    double volt; /* open, of the capacitance */
    enum plant_state state;
    double kw;      /* bus sign */
    double soc_pu;  /* of the energy between volt_min and volt_max */
    double loss_kw; /* resistance, converter and leak over the last step */
    double charge_kwh, discharge_kwh, loss_kwh;
};

/* A bank of equal cells: `series` in a row, `strings` beside each other. */
struct plant_supercap_params plant_supercap_bank(double cell_farad, double cell_ohm,
                                                 double cell_volt, int series, int strings);
/* Starts at soc_pu in [0, 1]. */
must_check enum err plant_supercap_init(struct plant_supercap *c,
                                        const struct plant_supercap_params *par, double soc_pu);
void plant_supercap_step(struct plant_supercap *c, const struct plant_supercap_in *in,
                         double h_s);
/* Energy of the capacitance at a voltage, kWh. */
double plant_supercap_kwh(const struct plant_supercap_params *par, double volt);
/* Most power that its terminals can give at its voltage over h_s > 0, kW, without converter. */
double plant_supercap_kw_max(const struct plant_supercap *c, double h_s);

#endif
