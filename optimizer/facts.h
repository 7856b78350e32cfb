/* What a plan has an asset do, in a few numbers: energies, what they are worth at the marginal
 * values of the buses, hours and runs. Pure; the material of `kilnwatt plan --explain`. */
#ifndef KILNWATT_OPTIMIZER_FACTS_H
#define KILNWATT_OPTIMIZER_FACTS_H

#include "optimizer/plan.h"

enum facts_kind {
    FACTS_ORDER,
    FACTS_JOB,
    FACTS_CONVERTER,
    FACTS_STORAGE,
    FACTS_SOURCE,
    FACTS_KIND_COUNT
};

/* Energies in kWh; values are means at the margin, yuan/kWh, weighted with the energy; 0
 * without energy. Direction as seen from the asset. */
struct facts {
    double in_kwh, in_yuan_per_kwh;
    double out_kwh, out_yuan_per_kwh;
    double lost_kwh, lost_yuan_per_kwh; /* for nothing and yet not used: curtailed */
    double earns_yuan; /* outputs less inputs at the margin, less wear, running, starts, stops;
                          and what more is left in a storage, at its terminal value */
    double hours;      /* in which it works */
    int runs;          /* spans without a break */
    int from_step;     /* first step of work; -1: none */
    int to_step;       /* after the last */
    int best_step;     /* of a unit: where one more kWh of input earns most */
    double best_yuan_per_kwh;
};

/* How many assets of a kind the problem has; an asset's name; "order" …; never NULL. */
uint32_t facts_count(const struct problem *p, enum facts_kind k);
const char *facts_asset(const struct problem *p, enum facts_kind k, uint32_t index);
const char *facts_name(enum facts_kind k);
/* pl must be a checked plan for p. */
void facts_of(const struct problem *p, const struct plan *pl, enum facts_kind k, uint32_t index,
              struct facts *out);

/* Net power of a storage at its bus, kW: charging and discharging at once, which a loss-free
 * tank may do in a plan, cancel out; as planned between different buses. charge, discharge:
 * `steps` values. */
void facts_net(const struct problem *p, const struct plan *pl, uint32_t storage, double *charge,
               double *discharge);
/* Energy of a power series in steps [from, to), kWh. */
double facts_kwh(const struct problem *p, const double *kw, int from, int to);

#endif
