/* One value, one sum. */
#include "controller/dispatch/doubt.h"
#include <math.h>

static double sum_kw(const struct doubt_in *in, int *measured)
{
    double sum = 0;
    *measured = 0;
    for (int i = 0; i < in->n; i++) {
        if (in->units[i].measured) {
            sum += in->units[i].now_kw;
            ++*measured;
        }
    }
    return sum;
}

bool doubt_pcc(struct doubt *d, const struct doubt_in *in)
{
    if (!isfinite(in->pcc_kw) || d->since.us == 0 || in->pcc_kw != d->value_kw) {
        *d = (struct doubt){.value_kw = in->pcc_kw, .since = in->now};
        return false;
    }
    int measured;
    double sum = sum_kw(in, &measured);
    double stood_s = mono_s(mono_sub(in->now, d->since));
    if (!d->settled || measured != d->measured) { /* one device less is no movement */
        bool again = d->settled;
        d->settled = stood_s >= DOUBT_SETTLED_S;
        d->measured = measured;
        d->sum_kw = sum;
        d->since = again ? mono_add(in->now, MONO_S(-DOUBT_SETTLED_S)) : d->since;
        return false;
    }
    return stood_s >= DOUBT_S && fabs(sum - d->sum_kw) > in->moved_kw;
}
