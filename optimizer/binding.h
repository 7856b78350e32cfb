/* Which limits a plan runs into, by name, and what one more kilowatt of them would be worth:
 * read from the plan's series and its marginal values, without a solver. Pure; runs in the
 * command line and in studies. */
#ifndef KILNWATT_OPTIMIZER_BINDING_H
#define KILNWATT_OPTIMIZER_BINDING_H

#include "optimizer/plan.h"

enum binding_kind {
    BINDING_IMPORT,    /* import limit of the connection point */
    BINDING_EXPORT,    /* export limit, while a source is curtailed or heat is dumped */
    BINDING_GUARD,     /* least import against reverse flow */
    BINDING_DEMAND,    /* demand that the month or the contract gives for nothing */
    BINDING_CAP,       /* demand response: import cap or floor */
    BINDING_GROUP,     /* group limit */
    BINDING_SOURCE,    /* all that is available is used */
    BINDING_CHARGE,    /* storage charges with all its power */
    BINDING_DISCHARGE, /* storage discharges with all its power */
    BINDING_FULL,      /* storage at the top of its band */
    BINDING_EMPTY,     /* storage at the bottom of its band */
    BINDING_MOST,      /* unit at its largest input */
    BINDING_LEAST,     /* unit at its minimum load */
    BINDING_RAMP_UP,   /* unit rises as fast as it may */
    BINDING_RAMP_DOWN, /* unit falls as fast as it may */
    BINDING_UP,        /* a run of the unit as short as its minimum time */
    BINDING_DOWN,      /* a rest of the unit as short as its minimum time */
    BINDING_EARLIEST,  /* order starts at the beginning of its window */
    BINDING_LATEST,    /* order starts at the end of its window */
    BINDING_MACHINE,   /* order starts as soon as its machine is free */
    BINDING_NEXT,      /* order starts as late as the next one on its machine allows */
    BINDING_KIND_COUNT
};

/* A limit that binds in [from_step, to_step). */
struct binding {
    int32_t kind;  /* enum binding_kind */
    int32_t index; /* of the asset among its like; 0 for the connection point */
    int32_t from_step, to_step;
    char asset[PROBLEM_NAME_LEN];
    double limit;       /* in the first step: kW; kWh for bands; steps' begin in s for orders */
    double yuan_per_kw; /* saved by one more kW of it over these steps; NAN: not known */
};

/* Writes them by kind, asset and step; returns how many of at most `max`. pl must be a checked
 * plan for p. */
int binding_list(const struct problem *p, const struct plan *pl, struct binding *out, int max);
/* What one more kWh of a unit's input in a step earns at the marginal values of its buses, less
 * what it costs: yuan per kWh. */
double binding_unit_yuan_per_kwh(const struct problem *p, const struct plan *pl,
                                 uint32_t converter, uint32_t step);
/* "import" …; never NULL. */
const char *binding_name(enum binding_kind k);

#endif
