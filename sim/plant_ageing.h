/* Loss of capacity of lithium iron phosphate cells, by time and by cycles. Runs in `kilnwatt
 * sim` and in studies; state is the caller's.
 *
 * - time: loss = k d^0.526 over d days, k = 8.37e4 exp(-5210/T) exp(-3560 Ua(SOC)/T), T in K,
 *   Ua the graphite's potential (M. Safari, C. Delacourt, J. Electrochem. Soc. 158(5), 2011)
 * - cycles: loss = k n^0.828 over n equivalent full cycles, k = (4.38e-8 + 1.55e-8 DoD +
 *   1.68e-7 C)(exp(2190/T) + exp(-1.55e5/T)), C in 1/h
 * - constants: large prismatic cells above 250 Ah, tested at 10..45 degC, DoD 0.8..1, at most
 *   0.65 C in and 1 C out (NREL BLAST-Lite, lfp_gr_250AhPrismatic_2019; test data:
 *   doi.org/10.1016/j.est.2023.109042). Outside that range it extrapolates
 * - changing conditions: both laws as d(loss) at the loss reached, so that their order does
 *   not matter and constant conditions give the power law itself
 *
 * plant_ageing_step() finds half cycles between turning points of the state of charge;
 * reversals below 1 % are ripple. */
#ifndef KILNWATT_SIM_PLANT_AGEING_H
#define KILNWATT_SIM_PLANT_AGEING_H

struct plant_ageing {
    double time_pu, cycle_pu; /* losses, of the new capacity */
    double full_cycles;       /* equivalent, so far */
    /* of the hour under way: time, and SOC and temperature over it */
    double hour_s, hour_soc_s, hour_degc_s;
    /* of the half cycle under way */
    int way; /* 1 charging, -1 discharging, 0 not begun */
    double turn_soc_pu, far_soc_pu, last_soc_pu;
    double move_s, move_degc_s; /* while it moved */
};

/* New cells at a state of charge. */
void plant_ageing_init(struct plant_ageing *a, double soc_pu);
/* Time passes: days >= 0 at soc_pu in [0, 1] and degc. */
void plant_ageing_rest(struct plant_ageing *a, double days, double soc_pu, double degc);
/* n >= 0 equivalent full cycles of a depth in (0, 1] at c_per_h, the mean of charge and
 * discharge. */
void plant_ageing_cycle(struct plant_ageing *a, double n, double depth_pu, double c_per_h,
                        double degc);
/* Both from the state of charge at the end of each step of h_s > 0. */
void plant_ageing_step(struct plant_ageing *a, double soc_pu, double degc, double h_s);
/* Capacity left over the new one, >= 0. */
double plant_ageing_health_pu(const struct plant_ageing *a);

#endif
