/* Doubts the PCC meter: one that shows the same value to the last digit while the devices'
 * powers move is not measuring any more. Pure; belongs to the core. Fault D8 and INV-08: data
 * in doubt only reduce what is allowed. */
#ifndef KILNWATT_DISPATCH_DOUBT_H
#define KILNWATT_DISPATCH_DOUBT_H

#include "controller/dispatch/unit.h"

/* The value must have stood for so long that every device has been polled since, and then once
 * more. */
enum { DOUBT_SETTLED_S = 5, DOUBT_S = 10 };

struct doubt {
    double value_kw; /* as last read */
    mono_t since;    /* when it was read first; 0 = never */
    bool settled;    /* it has stood for DOUBT_SETTLED_S, and this was seen then: */
    int measured;    /* units with a good reading */
    double sum_kw;   /* of their powers */
};

struct doubt_in {
    double pcc_kw; /* as read; NaN if it cannot be used: then nothing is known of it */
    const struct unit *units;
    int n;
    double moved_kw; /* change of the sum that cannot leave the PCC as it is */
    mono_t now;
};

/* true while the PCC is in doubt; ends with the first other value. */
bool doubt_pcc(struct doubt *d, const struct doubt_in *in);

#endif
