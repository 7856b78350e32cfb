/* Where renewable energy goes in a plan, and how much of it was not absorbed. Pure; used by the
 * planners to state it, by the model for which buses and units matter, by the checker to prove
 * it.
 *
 * Not absorbed is what was available and not used (curtailed), what ended as surplus heat or
 * power (dumped), and what storages and converters lost of it (lost), each in kWh of the
 * carrier that it had. Heat counts kWh for kWh: dumping what a heat pump made undoes more than
 * its running absorbed, so that nothing is won by running for the dump.
 *
 * Mixed energy has no colour, so a plan is explained by a trace: for every storage, converter
 * and dump the part of the flow that is renewable, in balance on every bus and in every store.
 * A trace may say that renewable energy met the draws that lose nothing first (loads, firings,
 * jobs, export); it may not say that it vanished. What a trace leaves unabsorbed is therefore
 * proven to be at most so much; the planner looks for the plan and the trace that leave least.
 * Content that was in a store at the start is not renewable; what is left at the end counts
 * with the loss of taking it out.
 *
 * Buses are walked from electricity to heat (bus kinds in the order electricity, gas, other,
 * heat; within a kind in the problem's order). What a unit feeds back against that order, or
 * makes with a negative offset, is met demand: the trace ends there. */
#ifndef KILNWATT_OPTIMIZER_TRACE_H
#define KILNWATT_OPTIMIZER_TRACE_H

#include "optimizer/plan.h"

/* What of a problem renewable energy can reach. */
struct trace {
    uint32_t buses;
    uint32_t bus[PROBLEM_BUSES_MAX]; /* reached, in the order of the walk */
    bool reached[PROBLEM_BUSES_MAX];
    bool storage[PROBLEM_STORAGES_MAX], converter[PROBLEM_CONVERTERS_MAX]; /* followed */
};

void trace_init(struct trace *tr, const struct problem *p);
/* Of each traced kWh that goes into a converter, the part that comes out nowhere, 0..1. */
double trace_converter_loss_pu(const struct problem *p, uint32_t converter, uint32_t step);

/* Of a plan with traced series: renewable flow into a bus in a step, and from it into stores,
 * units and dump; what is left met draws. kW. */
double trace_inflow_kw(const struct trace *tr, const struct problem *p, const struct plan *pl,
                       uint32_t bus, uint32_t step);
double trace_outflow_kw(const struct trace *tr, const struct problem *p, const struct plan *pl,
                        uint32_t bus, uint32_t step);
/* What a bus's draws take in a step in which nothing of it is lost: loads, orders, jobs,
 * export, units that are not followed. kW. */
double trace_draws_kw(const struct trace *tr, const struct problem *p, const struct plan *pl,
                      uint32_t bus, uint32_t step);
/* Renewable content of a storage at the end of a step, from that before it, kWh. */
double trace_content_kwh(const struct problem *p, const struct plan *pl, uint32_t storage,
                         uint32_t step, double before_kwh);

/* Writes a trace into a plan that has none yet, following the walk: draws first, then units,
 * then stores, then the dump; what is in a store leaves it as soon as something does. */
void trace_fill(struct plan *pl, const struct problem *p);
/* Available, curtailed, dumped and lost energy by the plan's trace, kWh; bound and price are
 * left. */
void trace_measure(struct plan_absorption *a, const struct problem *p, const struct plan *pl);

#endif
