/* Published numbers beside what the plant models say: one table row a number. The program
 * tests/golden/test_published.c prints them (`make verify-plants`) and fails on a row out of
 * its tolerance. Parameters in the rows come from the source that the row names; none is
 * chosen so that a row passes. */
#ifndef KILNWATT_TESTS_SUPPORT_PUBLISHED_H
#define KILNWATT_TESTS_SUPPORT_PUBLISHED_H

#include <stdbool.h>

enum { PUBLISHED_ARGS = 10 };

enum published_kind { PUBLISHED_NEAR, PUBLISHED_PART, PUBLISHED_BAND };

struct published {
    const char *what, *unit, *source;
    enum published_kind kind;
    double value, tol;               /* near: absolute; part: of the value; band: half of it */
    double (*ours)(const double *a); /* of the arguments beside it */
    double a[PUBLISHED_ARGS];
};

/* Tolerances in rows. */
#define PUBLISHED_IS_NEAR(v, t) PUBLISHED_NEAR, (v), (t)
#define PUBLISHED_IS_PART(v, t) PUBLISHED_PART, (v), (t)
#define PUBLISHED_IS_IN(lo, hi) PUBLISHED_BAND, 0.5 * ((lo) + (hi)), 0.5 * ((hi) - (lo))

struct published_table {
    const char *title;
    const struct published *row;
    int rows;
};

/* True if `ours` is inside the row's tolerance; false for NaN. */
bool published_holds(const struct published *p, double ours);

extern const struct published_table published_sky; /* sun, PV, wind */
extern const struct published_table published_weather;
extern const struct published_table published_power; /* stores, engines, bus */
extern const struct published_table published_heat;  /* heat pumps, stores, building */
extern const struct published_table published_cold;  /* chillers */
extern const struct published_table published_work;  /* kilns, air, water, vehicles */

#endif
