/* Centrifugal pumps that fill a tank: see plant_pump.h. Pure. */
#include "sim/plant_pump.h"

struct plant_pump_params plant_pump_defaults(double flow_m3_per_h, double head_m,
                                             double tank_m3)
{
    return (struct plant_pump_params){
        .flow_m3_per_h = flow_m3_per_h,
        .head_m = head_m,
        .shut_off_m = 1.25 * head_m,
        .static_m = 0.5 * head_m,
        .eta_pu = 0.68,
        .speed_pu_min = 0.5,
        .ramp_pu_per_s = 0.05,
        .tank_m3 = tank_m3,
        .level_on_pu = 0.3,
        .level_off_pu = 0.9,
    };
}

double plant_pump_kw(double flow_m3_per_h, double head_m, double eta_pu)
{
    return flow_m3_per_h / 3600 * 9.80665 * head_m / eta_pu; /* 1,000 kg/m3 and 1,000 W/kW */
}

double plant_pump_flow_m3_per_h(const struct plant_pump_params *par, double speed_pu)
{
    double lift = par->shut_off_m * speed_pu * speed_pu - par->static_m;
    if (lift <= 0 || speed_pu <= 0) {
        return 0;
    }
    double pump = par->shut_off_m - par->head_m, pipe = par->head_m - par->static_m;
    return par->flow_m3_per_h * sqrt(lift / (pump + pipe));
}

enum err plant_pump_init(struct plant_pump *p, const struct plant_pump_params *par,
                         double level_pu)
{
    bool good = par->flow_m3_per_h > 0 && par->head_m > 0 && par->shut_off_m > par->head_m &&
                par->static_m >= 0 && par->static_m < par->head_m && par->eta_pu > 0 &&
                par->eta_pu < 1 && par->speed_pu_min > 0 && par->speed_pu_min <= 1 &&
                par->ramp_pu_per_s > 0 && par->tank_m3 > 0 && par->level_on_pu >= 0 &&
                par->level_off_pu > par->level_on_pu && par->level_off_pu <= 1 &&
                level_pu >= 0 && level_pu <= 1;
    if (!good) {
        return ERR_RANGE;
    }
    *p = (struct plant_pump){.par = *par, .level_pu = level_pu};
    return ERR_OK;
}

static bool pump_wants(const struct plant_pump *p, enum plant_pump_order order)
{
    const struct plant_pump_params *par = &p->par;
    double on = par->level_on_pu, off = par->level_off_pu;
    if (order == PLANT_PUMP_FORCE) {
        on = off = 0.999; /* it stops just below the brim */
    } else if (order == PLANT_PUMP_HOLD) {
        on = 0.02; /* the low-level switch goes before the plan */
        off = 0.05;
    }
    return p->level_pu < on || (p->wants && p->level_pu < off);
}

static void pump_tank(struct plant_pump *p, double demand_m3_per_h, double h)
{
    double held_m3 = p->level_pu * p->par.tank_m3 + p->flow_m3_per_h * h;
    double served_m3 = fmin(demand_m3_per_h * h, held_m3);
    double over_m3 = fmax(0, held_m3 - served_m3 - p->par.tank_m3);
    p->level_pu = (held_m3 - served_m3 - over_m3) / p->par.tank_m3;
    p->pumped_m3 += p->flow_m3_per_h * h;
    p->served_m3 += served_m3;
    p->short_m3 += demand_m3_per_h * h - served_m3;
    p->over_m3 += over_m3;
}

void plant_pump_step(struct plant_pump *p, const struct plant_pump_in *in, double h_s)
{
    const struct plant_pump_params *par = &p->par;
    p->wants = !in->trip && pump_wants(p, in->order);
    double aim_pu = p->wants ? plant_clamp(in->speed_pu, par->speed_pu_min, 1) : 0;
    p->speed_pu = in->trip ? 0 : plant_slew(p->speed_pu, aim_pu, par->ramp_pu_per_s * h_s);
    p->flow_m3_per_h = plant_pump_flow_m3_per_h(par, p->speed_pu);
    double q = p->flow_m3_per_h / par->flow_m3_per_h;
    p->head_m = par->static_m + (par->head_m - par->static_m) * q * q;
    if (p->flow_m3_per_h > 0) {
        double x = q / p->speed_pu;
        p->draw_kw = plant_pump_kw(p->flow_m3_per_h, p->head_m, par->eta_pu * x * (2 - x));
    } else {
        /* Against a closed check valve: about a third of the speed's full power. */
        double full_kw = plant_pump_kw(par->flow_m3_per_h, par->head_m, par->eta_pu);
        p->draw_kw = full_kw / 3 * p->speed_pu * p->speed_pu * p->speed_pu;
    }
    p->kw = -p->draw_kw;
    p->draw_kwh += p->draw_kw * h_s / 3600;
    pump_tank(p, in->demand_m3_per_h, h_s / 3600);
    if (in->trip) {
        p->state = PLANT_FAULT;
    } else if (p->speed_pu <= 0) {
        p->state = PLANT_OFF;
    } else {
        p->state = p->speed_pu < 0.999 ? PLANT_LIMITED : PLANT_ON;
    }
}
