/* Slots, dead band, renewal at a third of the lease. */
#include "controller/dispatch/setpoints.h"
#include <math.h>

enum { ONCE_S = 5, ONCE_LEASE_S = 60 };

enum err setpoints_init(struct setpoints *s, struct arena *a, const struct park *p)
{
    s->park = p;
    s->slot = arena_take(a, (size_t)p->points, sizeof *s->slot);
    s->writable = arena_take(a, (size_t)p->points, sizeof *s->writable);
    s->writables = 0;
    if (s->slot == NULL || s->writable == NULL) {
        return ERR_NOMEM;
    }
    for (int i = 0; i < p->points; i++) {
        struct setpoint_slot *slot = &s->slot[i];
        if (park_point_def(p, i)->writable) {
            park_point_range(p, i, &slot->lo, &slot->hi);
            s->writable[s->writables++] = i;
        }
        slot->dead_band = 0.002 * (slot->hi - slot->lo);
        slot->sent = NAN;
    }
    return ERR_OK;
}

void setpoints_put(struct setpoints *s, int device, int row, double value, double lease_s)
{
    int point = park_point(s->park, device, row);
    struct setpoint_slot *slot = &s->slot[point];
    must(dict_kind(s->park->device[device].kind)->point[row].writable && isfinite(value));
    slot->value = value < slot->lo ? slot->lo : value > slot->hi ? slot->hi : value;
    slot->lease_s = lease_s;
    slot->active = true;
    slot->fresh = true;
}

void setpoints_forget(struct setpoints *s, int device)
{
    const struct device *dev = &s->park->device[device];
    for (int row = 0; row < dict_kind(dev->kind)->points; row++) {
        struct setpoint_slot *slot = &s->slot[park_point(s->park, device, row)];
        slot->sent = NAN;
        slot->active = false;
    }
}

/* A third of the lease is over. */
static bool renewal_due(const struct setpoint_slot *slot, mono_t now)
{
    return 3 * mono_sub(now, slot->sent_at).us >= MONO_S(slot->lease_s).us;
}

static bool must_speak(const struct setpoint_slot *slot, mono_t now)
{
    if (!slot->active) {
        return false;
    }
    if (!isfinite(slot->sent)) {
        return true;
    }
    if (slot->lease_s <= 0) {
        /* another value is another command */
        return slot->value < slot->sent || slot->value > slot->sent ||
               mono_s(mono_sub(now, slot->sent_at)) >= ONCE_S;
    }
    return slot->fresh &&
           (fabs(slot->value - slot->sent) > slot->dead_band || renewal_due(slot, now));
}

int setpoints_flush(struct setpoints *s, mono_t now, uint32_t cause, struct msg_setpoint *out,
                    int max)
{
    int n = 0;
    for (int i = 0; i < s->writables && n < max; i++) {
        int point = s->writable[i];
        struct setpoint_slot *slot = &s->slot[point];
        if (!slot->active && !slot->fresh) {
            continue;
        }
        if (!must_speak(slot, now)) {
            slot->fresh = false;
            /* a command that came too early does not come later by itself */
            slot->active = slot->active && slot->lease_s > 0;
            continue;
        }
        double lease_s = slot->lease_s > 0 ? slot->lease_s : ONCE_LEASE_S;
        out[n++] = (struct msg_setpoint){.point = (uint32_t)point,
                                         .cause = cause,
                                         .value = slot->value,
                                         .lease_ms = (uint32_t)(lease_s * 1000)};
        slot->sent = slot->value;
        slot->sent_at = now;
        slot->cause = cause;
        slot->fresh = false;
        if (slot->lease_s <= 0) {
            slot->active = false;
        }
    }
    return n;
}
