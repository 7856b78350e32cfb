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

void balance_init(struct balance *b)
{
    *b = (struct balance){.good_kw = NAN};
}

/* Power that devices without a good reading may draw or give. */
static double unread_kw(const struct doubt_in *in)
{
    double kw = 0;
    for (int i = 0; i < in->n; i++) {
        const struct unit *u = &in->units[i];
        kw += !u->measured && dict_kind(u->dev->kind)->on_bus ? u->dev->rating.rated_kw : 0;
    }
    return kw;
}

bool balance_pcc(struct balance *b, const struct doubt_in *in, double import_kw_max)
{
    int measured;
    double unexplained_kw = in->pcc_kw + sum_kw(in, &measured);
    double slack_kw = 0.05 * import_kw_max + unread_kw(in);
    if (!isfinite(in->pcc_kw)) {
        return b->doubted;
    }
    if (unexplained_kw >= -slack_kw) {
        b->good_kw = in->pcc_kw;
        b->odd_since = (mono_t){0};
        b->again = b->again.us == 0 ? in->now : b->again;
        b->doubted = b->doubted && mono_s(mono_sub(in->now, b->again)) < 3;
        return b->doubted;
    }
    b->again = (mono_t){0};
    if (b->odd_since.us == 0) {
        b->odd_since = in->now;
        b->leapt =
            b->good_kw - in->pcc_kw > -unexplained_kw / 2; /* false if it never was good */
    }
    b->doubted =
        b->doubted || (b->leapt && mono_s(mono_sub(in->now, b->odd_since)) >= DOUBT_ODD_S);
    return b->doubted;
}
