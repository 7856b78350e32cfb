/* Cells of a battery: see plant_cells.h. Pure. */
#include "sim/plant_cells.h"

static const double inside_k = 2; /* air conditioning ends so far inside its band */

/* Rates over temperature, 1/h. */
struct rate {
    double degc, c;
};
static const struct rate charge_rate[] = {
    {0,  0   },
    {10, 0.16},
    {25, 0.65},
    {45, 0.65},
    {55, 0   }
};
static const struct rate discharge_rate[] = {
    {-20, 0},
    {0,   1},
    {45,  1},
    {60,  0}
};

static double rate_at(const struct rate *r, int n, double degc)
{
    if (degc <= r[0].degc) {
        return r[0].c;
    }
    for (int i = 1; i < n; i++) {
        if (degc < r[i].degc) {
            double part = (degc - r[i - 1].degc) / (r[i].degc - r[i - 1].degc);
            return r[i - 1].c + part * (r[i].c - r[i - 1].c);
        }
    }
    return r[n - 1].c;
}

struct plant_cells_params plant_cells_defaults(void)
{
    return (struct plant_cells_params){.rise_k = 10, .tau_s = 7200, .hvac_cop = 2.5};
}

struct plant_cells_params plant_cells_container(double rated_kw)
{
    struct plant_cells_params par = plant_cells_defaults();
    par.limits = par.ages = true;
    par.rise_k = 260;
    par.tau_s = 70000;
    par.hvac_kw = 0.02 * rated_kw;
    par.low_degc = 18;
    par.high_degc = 30;
    return par;
}

enum err plant_cells_init(struct plant_cells *c, const struct plant_cells_params *par,
                          double loss_rated_kw, double soc_pu)
{
    bool good = par->rise_k >= 0 && par->tau_s > 0 && par->hvac_kw >= 0 && par->hvac_cop > 0 &&
                loss_rated_kw >= 0 &&
                (par->hvac_kw <= 0 || par->low_degc + 2 * inside_k < par->high_degc);
    if (!good) {
        return ERR_RANGE;
    }
    *c = (struct plant_cells){.par = *par, .lag = plant_lag_make(par->tau_s), .degc = 25};
    c->k_per_kw = loss_rated_kw > 0 ? par->rise_k / loss_rated_kw : 0;
    plant_ageing_init(&c->ageing, soc_pu);
    return ERR_OK;
}

static void air_conditioning(struct plant_cells *c)
{
    const struct plant_cells_params *par = &c->par;
    if (par->hvac_kw <= 0) {
        return;
    }
    if (c->degc < par->low_degc) {
        c->hvac = 1;
    } else if (c->degc > par->high_degc) {
        c->hvac = -1;
    } else if (c->degc > par->low_degc + inside_k && c->degc < par->high_degc - inside_k) {
        c->hvac = 0;
    }
    c->hvac_kw = c->hvac != 0 ? par->hvac_kw : 0;
}

void plant_cells_step(struct plant_cells *c, const struct plant_cells_in *in, double h_s)
{
    air_conditioning(c);
    double air_kw = c->hvac > 0 ? c->hvac_kw : -c->hvac_kw * c->par.hvac_cop;
    double rise_k = c->k_per_kw * (in->loss_kw + air_kw);
    c->degc = plant_lag_step(&c->lag, c->degc, in->ambient_degc + rise_k, h_s);
    if (c->par.ages) {
        plant_ageing_step(&c->ageing, in->soc_pu, c->degc, h_s);
    }
}

double plant_cells_health_pu(const struct plant_cells *c)
{
    return c->par.ages ? plant_ageing_health_pu(&c->ageing) : 1;
}

double plant_cells_charge_c(const struct plant_cells *c)
{
    int n = sizeof charge_rate / sizeof charge_rate[0];
    return c->par.limits ? rate_at(charge_rate, n, c->degc) : INFINITY;
}

double plant_cells_discharge_c(const struct plant_cells *c)
{
    int n = sizeof discharge_rate / sizeof discharge_rate[0];
    return c->par.limits ? rate_at(discharge_rate, n, c->degc) : INFINITY;
}
