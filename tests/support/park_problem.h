/* Problems for tests: the reference park's days (park-context 6.1 to 6.8) and the small park.
 */
#ifndef KILNWATT_TESTS_SUPPORT_PARK_PROBLEM_H
#define KILNWATT_TESTS_SUPPORT_PARK_PROBLEM_H

#include "optimizer/problem.h"

enum park_day {
    DAY_SUM_CLEAR,
    DAY_SUM_MED,
    DAY_AUT_CLOUD,
    DAY_WIN_CLOUD,
    DAY_SPR_CLEAR,
    DAY_SPR_SUNDAY,
    DAY_COUNT
};

/* "SumClear" ...; published cost of full coordination and of no coordination, yuan. */
const char *park_day_name(enum park_day d);
double park_day_full_yuan(enum park_day d);
double park_day_uncoordinated_yuan(enum park_day d);

/* bench: the bench model of 6.8 (starts every 30 min, paired decal groups, mills and charging
 * as free energy, boiler without minimum). Else the park as it is controlled: 15-min starts,
 * four decal kilns, mills with minimum runs, boiler with minimum load. hours: 24 or 36, steps
 * of 15 min. */
void park_problem(struct problem *p, enum park_day d, bool bench, int hours);
/* The small park of 6.9: workday or Sunday. */
void small_problem(struct problem *p, bool sunday, int hours);

#endif
