/* Look-ups in the quarter hours. */
#include "controller/park/prices.h"
#include <math.h>

enum { DAY_STEPS = 96 };

double prices_import(const struct prices *p, wall_t at)
{
    double step = floor(wall_diff_s(p->from, at) / PRICES_STEP_S);
    return p->import_yuan_per_kwh[(int)fmin(fmax(step, 0), PRICES_STEPS - 1)];
}

void prices_day(const struct prices *p, wall_t midnight, double *least, double *most)
{
    *least = INFINITY;
    *most = -INFINITY;
    for (int i = 0; i < DAY_STEPS; i++) {
        double price = prices_import(p, wall_add_s(midnight, i * (double)PRICES_STEP_S));
        *least = fmin(*least, price);
        *most = fmax(*most, price);
    }
}
