/* Holding, refreshing and reverting setpoints. Pure; runs in the field role. */
#include "adapters/lease.h"

void lease_hold(struct lease *l, double value, mono_t now, mono_t length, double dog_s)
{
    if (l->state == LEASE_NONE || l->value != value) {
        l->dirty = true;
    }
    l->state = LEASE_HELD;
    l->value = value;
    l->until = mono_add(now, length);
    l->every = MONO_S(dog_s / 3);
    if (l->dirty) {
        l->refresh_at = now;
    }
}

bool lease_give_up(struct lease *l, const struct lease_end *end, mono_t now)
{
    if (l->state != LEASE_HELD) {
        return false;
    }
    if (end->keep) {
        l->state = LEASE_NONE;
        l->dirty = false;
        return false;
    }
    /* written even if it is the same value: the device may be on its way elsewhere */
    l->state = LEASE_REVERTED;
    l->value = end->revert;
    l->dirty = true;
    l->refresh_at = now;
    l->every = (mono_t){0};
    return true;
}

bool lease_pass(struct lease *l, const struct lease_end *end, mono_t now)
{
    return l->state == LEASE_HELD && !mono_before(now, l->until) && lease_give_up(l, end, now);
}

bool lease_due(const struct lease *l, mono_t now)
{
    if (l->state == LEASE_NONE) {
        return false;
    }
    return l->dirty || (l->every.us > 0 && !mono_before(now, l->refresh_at));
}

void lease_written(struct lease *l, mono_t now)
{
    l->dirty = false;
    l->refresh_at = mono_add(now, l->every);
}

mono_t lease_next(const struct lease *l)
{
    mono_t at = {INT64_MAX};
    if (l->state == LEASE_HELD) {
        at = l->until;
    }
    if (l->state != LEASE_NONE && l->every.us > 0 && mono_before(l->refresh_at, at)) {
        at = l->refresh_at;
    }
    return at;
}
