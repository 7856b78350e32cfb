/* Loss of capacity of lithium iron phosphate cells: see plant_ageing.h. Pure. */
#include "sim/plant_ageing.h"
#include <math.h>

static const double ripple_pu = 0.01;
static const double zero_k = 273.15;
static const double time_power = 0.526, cycle_power = 0.828;

void plant_ageing_init(struct plant_ageing *a, double soc_pu)
{
    *a = (struct plant_ageing){
        .turn_soc_pu = soc_pu, .far_soc_pu = soc_pu, .last_soc_pu = soc_pu};
}

/* Graphite against lithium, V, at a state of charge of the cell. */
static double graphite_volt(double soc_pu)
{
    double x = 8.5e-3 + soc_pu * (0.78 - 8.5e-3);
    return 0.6379 + 0.5416 * exp(-305.5309 * x) + 0.044 * tanh((0.1958 - x) / 0.1088) -
           0.1978 * tanh((x - 1.0571) / 0.0854) - 0.6875 * tanh((x + 0.0117) / 0.0529) -
           0.0175 * tanh((x - 0.5692) / 0.0875);
}

/* The law k x^power, continued by dx from the loss reached. */
static double power_on(double loss, double k, double power, double dx)
{
    return k > 0 ? k * pow(pow(loss / k, 1 / power) + dx, power) : loss;
}

void plant_ageing_rest(struct plant_ageing *a, double days, double soc_pu, double degc)
{
    double t = degc + zero_k;
    double k = 8.37e4 * exp(-5210 / t) * exp(-3560 * graphite_volt(soc_pu) / t);
    a->time_pu = power_on(a->time_pu, k, time_power, days);
}

void plant_ageing_cycle(struct plant_ageing *a, double n, double depth_pu, double c_per_h,
                        double degc)
{
    double t = degc + zero_k;
    double k =
        (4.38e-8 + 1.55e-8 * depth_pu + 1.68e-7 * c_per_h) * (exp(2190 / t) + exp(-1.55e5 / t));
    a->cycle_pu = power_on(a->cycle_pu, k, cycle_power, n);
    a->full_cycles += n;
}

/* The half cycle from its turning point to its farthest point is over. */
static void half_cycle(struct plant_ageing *a)
{
    double depth_pu = fabs(a->far_soc_pu - a->turn_soc_pu);
    if (a->move_s > 0 && depth_pu > 0) {
        plant_ageing_cycle(a, depth_pu / 2, depth_pu, depth_pu * 3600 / a->move_s,
                           a->move_degc_s / a->move_s);
    }
    a->turn_soc_pu = a->far_soc_pu;
    a->move_s = a->move_degc_s = 0;
}

static void follow(struct plant_ageing *a, double soc_pu, double degc, double h_s)
{
    double change = soc_pu - a->last_soc_pu;
    a->last_soc_pu = soc_pu;
    if (a->way == 0) {
        if (fabs(soc_pu - a->turn_soc_pu) >= ripple_pu) {
            a->way = soc_pu > a->turn_soc_pu ? 1 : -1;
        }
        a->far_soc_pu = soc_pu;
    } else if (a->way * (soc_pu - a->far_soc_pu) >= 0) {
        a->far_soc_pu = soc_pu;
    } else if (fabs(soc_pu - a->far_soc_pu) >= ripple_pu) {
        half_cycle(a);
        a->way = -a->way;
        a->far_soc_pu = soc_pu;
    }
    /* Self-discharge, some 1e-9 a second, is no cycling. */
    if (fabs(change) > 1e-7 * h_s) {
        a->move_s += h_s;
        a->move_degc_s += degc * h_s;
    }
}

void plant_ageing_step(struct plant_ageing *a, double soc_pu, double degc, double h_s)
{
    follow(a, soc_pu, degc, h_s);
    a->hour_s += h_s;
    a->hour_soc_s += soc_pu * h_s;
    a->hour_degc_s += degc * h_s;
    if (a->hour_s >= 3600) {
        plant_ageing_rest(a, a->hour_s / 86400, a->hour_soc_s / a->hour_s,
                          a->hour_degc_s / a->hour_s);
        a->hour_s = a->hour_soc_s = a->hour_degc_s = 0;
    }
}

double plant_ageing_health_pu(const struct plant_ageing *a)
{
    return fmax(0, 1 - a->time_pu - a->cycle_pu);
}
