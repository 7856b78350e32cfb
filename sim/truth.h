/* Names of what a scenario may look at: dictionary points as the plants have them
 * (`bess1.soc_pu`), and figures of the whole park as the referee counts them
 * (`park.orders_done`). Never what the controller believes. Used in scenarios; owns nothing. */
#ifndef KILNWATT_SIM_TRUTH_H
#define KILNWATT_SIM_TRUTH_H

#include "sim/judge.h"

struct truth {
    int device; /* -1: of the whole park */
    int row;    /* of the device's kind, or of the park's own table */
};

/* ERR_NOT_FOUND if the park has no such name. */
must_check enum err truth_find(const struct park *p, const char *name, struct truth *out);
/* true if its values are whole numbers (states, counts), which need no tolerance. */
bool truth_whole(const struct park *p, struct truth t);
const char *truth_unit(const struct park *p, struct truth t);
/* The value now; NaN if there is none, as before the first quarter of an hour is full. */
double truth_value(const struct judge *j, struct truth t);
/* Mean import of the last up to 15 minutes, kW; NaN before the first second is over. */
double truth_mean_kw(const struct judge *j);
/* Names of the park's own figures, for help and error messages. */
const char *truth_names(void);

#endif
