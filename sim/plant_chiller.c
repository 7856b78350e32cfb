/* Electric chiller: see plant_chiller.h. Pure. */
#include "sim/plant_chiller.h"

struct plant_chiller_params plant_chiller_defaults(double rated_kw)
{
    return (struct plant_chiller_params){
        .rated_kw = rated_kw,
        .cop = 5.5,
        .capacity = {{0.257896, 0.0389016, -0.00021708, 0.0468684, -0.00094284, -0.00034344},
                     5,                                                                 10,
                     24,                                                                                                                                             35},
        .eir = {{0.933884, -0.058212, 0.00450036, 0.00243, 0.000486, -0.001215},                                                                       5, 10, 24, 35},
        .part = {0.222903,                                                                     0.313387,                                                             0.463710,                                                                                                                             0                                                  },
        .unload_pu = 0.2,
        .part_pu_max = 1,
        .run_s_min = 600,
        .off_s_min = 300,
        .start_s = 120,
        .ramp_pu_per_s = 0.01,
    };
}

static double curve_of(const struct plant_chiller_curve *k, double water_degc,
                       double condenser_degc)
{
    double x = plant_clamp(water_degc, k->water_degc_min, k->water_degc_max);
    double y = plant_clamp(condenser_degc, k->condenser_degc_min, k->condenser_degc_max);
    return k->c[0] + x * (k->c[1] + k->c[2] * x) + y * (k->c[3] + k->c[4] * y) +
           k->c[5] * x * y;
}

static double part_of(const struct plant_chiller_params *par, double pu)
{
    return par->part[0] + pu * (par->part[1] + pu * (par->part[2] + pu * par->part[3]));
}

double plant_chiller_kw_max(const struct plant_chiller_params *par, double water_degc,
                            double condenser_degc)
{
    return par->rated_kw * fmax(0.01, curve_of(&par->capacity, water_degc, condenser_degc));
}

double plant_chiller_power_kw(const struct plant_chiller_params *par, double cold_kw,
                              double water_degc, double condenser_degc)
{
    double most_kw = plant_chiller_kw_max(par, water_degc, condenser_degc);
    double load = cold_kw / most_kw;
    double pu = plant_clamp(load, par->unload_pu, par->part_pu_max);
    double full_kw = most_kw * curve_of(&par->eir, water_degc, condenser_degc) / par->cop;
    double on_pu = fmin(1, load / par->unload_pu);
    return full_kw * part_of(par, pu) * on_pu * (1.13 - 0.13 * on_pu);
}

static bool curve_good(const struct plant_chiller_curve *k)
{
    return k->water_degc_min <= k->water_degc_max &&
           k->condenser_degc_min <= k->condenser_degc_max &&
           curve_of(k, k->water_degc_min, k->condenser_degc_min) > 0 &&
           curve_of(k, k->water_degc_max, k->condenser_degc_max) > 0;
}

enum err plant_chiller_init(struct plant_chiller *c, const struct plant_chiller_params *par)
{
    bool good = par->rated_kw > 0 && par->cop > 1 && curve_good(&par->capacity) &&
                curve_good(&par->eir) && par->unload_pu > 0 && par->unload_pu < 1 &&
                par->part_pu_max >= 1 && part_of(par, par->unload_pu) > 0 &&
                par->run_s_min >= 0 && par->off_s_min >= 0 && par->start_s >= 0 &&
                par->ramp_pu_per_s > 0 && par->standby_kw >= 0;
    if (!good) {
        return ERR_RANGE;
    }
    *c = (struct plant_chiller){.par = *par, .in_state_s = par->off_s_min, .cop = par->cop};
    return ERR_OK;
}

static void enter(struct plant_chiller *c, enum plant_state state)
{
    c->state = state;
    c->in_state_s = 0;
}

static void chiller_states(struct plant_chiller *c, const struct plant_chiller_in *in)
{
    const struct plant_chiller_params *par = &c->par;
    bool wanted = in->run && in->cold_kw > 0 && in->limit_kw > 0;
    bool off = c->state == PLANT_OFF || c->state == PLANT_FAULT;
    if (in->trip) {
        c->in_state_s = off ? c->in_state_s : 0;
        c->state = PLANT_FAULT;
    } else if (off) {
        c->state = PLANT_OFF;
        if (wanted && c->in_state_s >= par->off_s_min) {
            enter(c, PLANT_STARTING);
            c->starts++;
        }
    } else if (c->state == PLANT_STARTING) {
        if (c->in_state_s >= par->start_s) {
            enter(c, PLANT_ON);
        }
    } else if (!wanted && c->in_state_s >= par->run_s_min) {
        enter(c, PLANT_OFF);
    }
}

/* The most cold that fits under the electric limit; power rises with cold. */
static double under_limit_kw(const struct plant_chiller *c, const struct plant_chiller_in *in,
                             double cold_kw)
{
    double lo = 0, hi = cold_kw;
    if (plant_chiller_power_kw(&c->par, hi, in->water_degc, in->condenser_degc) <=
        in->limit_kw) {
        return hi;
    }
    for (int i = 0; i < 40; i++) {
        double mid = 0.5 * (lo + hi);
        double kw = plant_chiller_power_kw(&c->par, mid, in->water_degc, in->condenser_degc);
        *(kw > in->limit_kw ? &hi : &lo) = mid;
    }
    return lo;
}

void plant_chiller_step(struct plant_chiller *c, const struct plant_chiller_in *in, double h_s)
{
    const struct plant_chiller_params *par = &c->par;
    c->in_state_s += h_s;
    chiller_states(c, in);
    bool works = c->state == PLANT_ON || c->state == PLANT_LIMITED;
    if (works) {
        double most_kw = plant_chiller_kw_max(par, in->water_degc, in->condenser_degc);
        double want_kw = in->run ? in->cold_kw : 0;
        double aim_kw = under_limit_kw(c, in, plant_clamp(want_kw, 0, most_kw));
        double step_kw = par->ramp_pu_per_s * par->rated_kw * h_s;
        c->cold_kw = plant_slew(c->cold_kw, aim_kw, step_kw);
        double kw = plant_chiller_power_kw(par, c->cold_kw, in->water_degc, in->condenser_degc);
        c->draw_kw = fmax(par->standby_kw, kw);
        c->cop = c->draw_kw > 0 ? c->cold_kw / c->draw_kw : 0;
        c->state = aim_kw < want_kw * 0.999 ? PLANT_LIMITED : PLANT_ON;
    } else {
        c->cold_kw = 0;
        c->draw_kw = par->standby_kw;
    }
    c->reject_kw = c->cold_kw + c->draw_kw;
    c->kw = -c->draw_kw;
    c->draw_kwh += c->draw_kw * h_s / 3600;
    c->cold_kwh += c->cold_kw * h_s / 3600;
}
