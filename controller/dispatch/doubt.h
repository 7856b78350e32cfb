/* Doubts the PCC meter. One that shows the same value to the last digit while the devices'
 * powers move is not measuring any more. One that leaps to less than the devices draw has
 * another scale or sign than before: what the devices do not explain may be loads without a
 * meter and losses, never supply. Pure; belongs to the core. Faults D8, D10, D14 and INV-08:
 * data in doubt only reduce what is allowed. */
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

/* The slowest device has been polled within so many seconds. */
enum { DOUBT_ODD_S = 8 };

struct balance {
    double good_kw;   /* PCC when it was last in balance; NaN = never */
    mono_t odd_since; /* 0 = it is in balance */
    bool leapt;       /* then it was the PCC that changed, not a device */
    mono_t again;     /* in balance again since; 0 = no */
    bool doubted;
};

void balance_init(struct balance *b);
/* true while the PCC shows less import than the devices draw by more than 5 % of import_kw_max
 * and the rated power of those that cannot be read, because it leapt. Ends after three seconds
 * in balance. */
bool balance_pcc(struct balance *b, const struct doubt_in *in, double import_kw_max);

#endif
