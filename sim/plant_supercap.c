/* Bank of supercapacitors: see plant_supercap.h. Pure. Inside all is V, A, ohm, F, W. */
#include "sim/plant_supercap.h"

struct plant_supercap_params plant_supercap_bank(double cell_farad, double cell_ohm,
                                                 double cell_volt, int series, int strings)
{
    double volt = cell_volt * series, ohm = cell_ohm * series / strings;
    return (struct plant_supercap_params){
        .farad = cell_farad * strings / series,
        .ohm = ohm,
        .volt_max = volt,
        .volt_min = volt / 2,                        /* three quarters of the energy are used */
        .rated_kw = 0.12 * volt * volt / ohm / 1000, /* IEC 62391-2's usable power */
        .eta_pu = 0.97,
    };
}

double plant_supercap_kwh(const struct plant_supercap_params *par, double volt)
{
    return 0.5 * par->farad * volt * volt / 3.6e6;
}

static void show(struct plant_supercap *c)
{
    double empty = plant_supercap_kwh(&c->par, c->par.volt_min);
    double full = plant_supercap_kwh(&c->par, c->par.volt_max);
    c->soc_pu =
        plant_clamp((plant_supercap_kwh(&c->par, c->volt) - empty) / (full - empty), 0, 1);
}

enum err plant_supercap_init(struct plant_supercap *c, const struct plant_supercap_params *par,
                             double soc_pu)
{
    bool good = par->farad > 0 && par->ohm > 0 && par->volt_min >= 0 &&
                par->volt_max > par->volt_min && par->leak_a >= 0 && par->rated_kw > 0 &&
                par->eta_pu > 0.5 && par->eta_pu <= 1 && soc_pu >= 0 && soc_pu <= 1;
    if (!good) {
        return ERR_RANGE;
    }
    double low2 = par->volt_min * par->volt_min, high2 = par->volt_max * par->volt_max;
    *c = (struct plant_supercap){.par = *par, .volt = sqrt(low2 + soc_pu * (high2 - low2))};
    show(c);
    return ERR_OK;
}

/* Resistance that a step of constant current sees: half of its own voltage drop on top. */
static double step_ohm(const struct plant_supercap *c, double h_s)
{
    return c->par.ohm + h_s / (2 * c->par.farad);
}

double plant_supercap_kw_max(const struct plant_supercap *c, double h_s)
{
    return c->volt * c->volt / (4 * step_ohm(c, h_s)) / 1000;
}

/* Current for a terminal power, inside what the voltages allow. */
static double current_a(const struct plant_supercap *c, double watt, double h_s)
{
    const struct plant_supercap_params *par = &c->par;
    double r = step_ohm(c, h_s), v = c->volt;
    double want_a = (v - sqrt(fmax(0, v * v - 4 * r * watt))) / (2 * r);
    /* Full: terminal at volt_max, or the capacitance itself at the end of the step. */
    double in_a = fmin((par->volt_max - v) / par->ohm, (par->volt_max - v) * par->farad / h_s);
    double out_a = (v - par->volt_min) * par->farad / h_s;
    return plant_clamp(want_a, -fmax(0, in_a), fmax(0, out_a));
}

void plant_supercap_step(struct plant_supercap *c, const struct plant_supercap_in *in,
                         double h_s)
{
    const struct plant_supercap_params *par = &c->par;
    double before_kwh = plant_supercap_kwh(par, c->volt);
    bool works = in->run && !in->trip;
    double set_kw = works ? plant_clamp(in->set_kw, -par->rated_kw, par->rated_kw) : 0;
    double inside_kw = set_kw > 0 ? set_kw / par->eta_pu : set_kw * par->eta_pu;
    double amp = current_a(c, 1000 * inside_kw, h_s);
    double dc_kw = amp * (c->volt - step_ohm(c, h_s) * amp) / 1000;
    double leak = par->leak_a / (par->volt_max * par->farad);
    c->volt = (c->volt - amp * h_s / par->farad) * exp(-leak * h_s);
    c->kw = dc_kw > 0 ? dc_kw * par->eta_pu : dc_kw / par->eta_pu;
    c->loss_kw = (before_kwh - plant_supercap_kwh(par, c->volt)) * 3600 / h_s - c->kw;
    c->charge_kwh += fmax(0, -c->kw) * h_s / 3600;
    c->discharge_kwh += fmax(0, c->kw) * h_s / 3600;
    c->loss_kwh += c->loss_kw * h_s / 3600;
    show(c);
    if (in->trip) {
        c->state = PLANT_FAULT;
    } else if (!in->run) {
        c->state = PLANT_OFF;
    } else {
        bool cut = fabs(c->kw - in->set_kw) > 1e-3 * par->rated_kw;
        c->state = cut ? PLANT_LIMITED : PLANT_ON;
    }
}
