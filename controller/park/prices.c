/* Look-ups in the quarter hours. */
#include "controller/park/prices.h"
#include <math.h>

enum { DAY_STEPS = 96 };

/* Quarter hours since the first price, not yet held to those that there are. */
static double step_of(const struct prices *p, wall_t at)
{
    return floor(wall_diff_s(p->from, at) / PRICES_STEP_S);
}

double prices_import(const struct prices *p, wall_t at)
{
    return p->import_yuan_per_kwh[(int)fmin(fmax(step_of(p, at), 0), PRICES_STEPS - 1)];
}

void prices_day(const struct prices *p, wall_t midnight, double *least, double *most)
{
    double first = fmin(fmax(step_of(p, midnight), -DAY_STEPS), PRICES_STEPS - 1);
    int from = (int)first;
    int last =
        from + DAY_STEPS - 1 < PRICES_STEPS - 1 ? from + DAY_STEPS - 1 : PRICES_STEPS - 1;
    double low = INFINITY, high = -INFINITY;
    for (int i = from > 0 ? from : 0; i <= (last > 0 ? last : 0); i++) {
        double price = p->import_yuan_per_kwh[i];
        low = price < low ? price : low;
        high = price > high ? price : high;
    }
    *least = low;
    *most = high;
}
