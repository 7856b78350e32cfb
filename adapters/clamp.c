/* Range, rate and wear. Pure; runs in the field role. */
#include "adapters/clamp.h"
#include <math.h>

enum { DAY_S = 86400 };

enum err clamp_init(struct clamp *c, double lo, double hi, double rate_per_s,
                    double wear_per_day)
{
    if (!(lo <= hi)) {
        return ERR_RANGE;
    }
    *c = (struct clamp){
        .lo = lo, .hi = hi, .rate_per_s = rate_per_s, .wear_per_day = wear_per_day};
    return ERR_OK;
}

enum err clamp_accept(const struct clamp *c, double want)
{
    double slack = 1e-6 * fmax(c->hi - c->lo, 1e-9);
    if (!isfinite(want)) {
        return ERR_NUMERIC;
    }
    return want < c->lo - slack || want > c->hi + slack ? ERR_RANGE : ERR_OK;
}

enum err clamp_step(struct clamp *c, double want, mono_t now, bool revert,
                    struct clamp_out *out)
{
    double to = fmin(fmax(want, c->lo), c->hi);
    double may = to;
    if (c->rate_per_s > 0 && c->has_last) {
        /* a long silence does not save up a jump: one second's worth at the most per write */
        double s = fmin(fmax(mono_s(mono_sub(now, c->last_at)), 0), 1);
        double reach = c->rate_per_s * s;
        may = fmin(fmax(to, c->last - reach), c->last + reach);
    }
    if (mono_sub(now, c->day_at).us >= MONO_S(DAY_S).us) {
        c->day_at = now;
        c->writes = 0;
    }
    if (c->wear_per_day > 0 && c->writes >= c->wear_per_day && !revert) {
        return ERR_LIMIT;
    }
    *out = (struct clamp_out){may, may == to};
    return ERR_OK;
}

void clamp_seen(struct clamp *c, double value, mono_t now)
{
    if (!c->has_last) {
        c->has_last = true;
        c->last = value;
        c->last_at = now;
    }
}

void clamp_written(struct clamp *c, double value, mono_t now)
{
    c->has_last = true;
    c->last = value;
    c->last_at = now;
    c->writes++;
}
