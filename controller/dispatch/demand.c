/* The sliding window kept as 90 slots of 10 s. */
#include "controller/dispatch/demand.h"
#include <math.h>
#include <string.h>

static const double window_s = DEMAND_SLOT_S * DEMAND_SLOTS;

void demand_init(struct demand *d)
{
    memset(d, 0, sizeof *d);
}

void demand_restore(struct demand *d, const struct demand *kept, mono_t now)
{
    double age_s = mono_s(mono_sub(now, kept->last));
    if (kept->head >= 0 && kept->head < DEMAND_SLOTS && age_s >= 0 && age_s < window_s) {
        *d = *kept;
    }
}

/* Opens slots until the one that holds `slot_no`; skipped ones take the present value. */
static void advance(struct demand *d, int64_t slot_no, double import_kw)
{
    if (slot_no - d->slot_no > DEMAND_SLOTS) {
        d->slot_no = slot_no - DEMAND_SLOTS;
    }
    while (d->slot_no < slot_no) {
        double missing_s = DEMAND_SLOT_S - d->slot_s[d->head];
        if (missing_s > 0) {
            d->slot_kws[d->head] += import_kw * missing_s;
            d->slot_s[d->head] = DEMAND_SLOT_S;
        }
        d->slot_no++;
        d->head = (d->head + 1) % DEMAND_SLOTS;
        d->slot_kws[d->head] = 0;
        d->slot_s[d->head] = 0;
    }
}

void demand_add(struct demand *d, mono_t now, double import_kw)
{
    double kw = fmax(import_kw, 0);
    int64_t slot_no = now.us / (DEMAND_SLOT_S * 1000000LL);
    if (!d->started) {
        d->started = true;
        d->slot_no = slot_no;
        d->last = now;
        return;
    }
    double dt_s = mono_s(mono_sub(now, d->last));
    if (dt_s <= 0) {
        return;
    }
    d->last = now;
    if (slot_no == d->slot_no) {
        double room_s = DEMAND_SLOT_S - d->slot_s[d->head];
        dt_s = fmin(dt_s, room_s);
        d->slot_kws[d->head] += kw * dt_s;
        d->slot_s[d->head] += dt_s;
    } else {
        advance(d, slot_no, kw);
        double into_s = mono_s((mono_t){now.us - slot_no * DEMAND_SLOT_S * 1000000LL});
        d->slot_kws[d->head] = kw * into_s;
        d->slot_s[d->head] = into_s;
    }
}

double demand_mean_kw(const struct demand *d)
{
    double covered_s;
    return demand_mean_covered_kw(d, &covered_s);
}

double demand_mean_covered_kw(const struct demand *d, double *covered_s)
{
    double sum_kws = 0;
    double sum_s = 0;
    for (int i = 0; i < DEMAND_SLOTS; i++) {
        sum_kws += d->slot_kws[i];
        sum_s += d->slot_s[i];
    }
    *covered_s = sum_s;
    return sum_kws / window_s;
}

double demand_permitted_kw(const struct demand *d, double target_kw)
{
    double best_kw = target_kw; /* windows that begin from now on */
    double past_kws = 0;
    /* The window that still holds k whole slots besides the one being filled: what it lacks is
     * the rest of that slot and all slots to come. */
    int at = d->head;
    for (int k = 0; k < DEMAND_SLOTS; k++) {
        past_kws += d->slot_kws[at];
        at = at > 0 ? at - 1 : DEMAND_SLOTS - 1;
        double ahead_s = window_s - k * DEMAND_SLOT_S - d->slot_s[d->head];
        double kw = (target_kw * window_s - past_kws) / (ahead_s > 1 ? ahead_s : 1);
        best_kw = kw < best_kw ? kw : best_kw;
    }
    return fmax(best_kw, 0);
}
