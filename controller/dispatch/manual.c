/* Taking and giving back by hand. Pure. */
#include "controller/dispatch/manual.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static void take(struct unit *u, int row, double value, wall_t until)
{
    u->manual = true;
    u->manual_row = row;
    u->manual_value = value;
    u->manual_given = false;
    u->manual_until = until;
}

enum err manual_set(struct core *c, const struct msg_command *m, wall_t wall, char *why)
{
    double lo = 0;
    double hi = 0;
    if (m->point >= (uint32_t)c->park->points ||
        !park_point_def(c->park, (int)m->point)->writable) {
        snprintf(why, MSG_TEXT, "point: is not a setpoint; see the points marked writable");
        return ERR_RANGE;
    }
    park_point_range(c->park, (int)m->point, &lo, &hi);
    if (!isfinite(m->value) || m->value < lo || m->value > hi) {
        snprintf(why, MSG_TEXT, "value: %g is outside %g to %g", m->value, lo, hi);
        return ERR_RANGE;
    }
    int d = c->park->point_device[m->point];
    wall_t until = m->for_s > 0 ? wall_add_s(wall, m->for_s) : (wall_t){0};
    take(&c->unit[d], (int)m->point - c->park->device[d].first_point, m->value, until);
    c->manual_changed = true;
    c->replan = true;
    core_event(c, SEVERITY_INFO, c->park->device[d].name, "manual", "by=%s value=%g", m->actor,
               m->value);
    return ERR_OK;
}

void manual_give_back(struct core *c, int device, const char *by)
{
    c->unit[device].manual = false;
    setpoints_forget(&c->setpoints, device);
    c->manual_changed = true;
    c->replan = true;
    core_event(c, SEVERITY_INFO, c->park->device[device].name, "automatic", "by=%s", by);
}

void manual_expire(struct core *c, wall_t wall)
{
    for (int d = 0; d < c->park->devices; d++) {
        const struct unit *u = &c->unit[d];
        if (u->manual && u->manual_until.ms != 0 && wall.ms >= u->manual_until.ms) {
            manual_give_back(c, d, "its time is over");
        }
    }
}

int manual_list(const struct core *c, struct msg_manual *out)
{
    int n = 0;
    for (int d = 0; d < c->park->devices; d++) {
        const struct unit *u = &c->unit[d];
        if (u->manual) {
            struct msg_manual *k = &out[n++];
            *k = (struct msg_manual){.value = u->manual_value, .until = u->manual_until};
            park_point_name(c->park, u->dev->first_point + u->manual_row, k->point,
                            sizeof k->point);
        }
    }
    return n;
}

static void restore_one(struct core *c, const struct msg_manual *k, const char *name,
                        wall_t wall)
{
    int point = park_point_from_name(c->park, name);
    double lo = 0;
    double hi = 0;
    if (point < 0 || (k->until.ms != 0 && wall.ms >= k->until.ms)) {
        return;
    }
    const struct point_def *def = park_point_def(c->park, point);
    park_point_range(c->park, point, &lo, &hi);
    if (!def->writable || !(k->value >= lo && k->value <= hi)) {
        return;
    }
    int d = c->park->point_device[point];
    take(&c->unit[d], point - c->park->device[d].first_point, k->value, k->until);
    c->unit[d].manual_given = def->revert == REVERT_KEEP;
    c->manual_changed = true;
    core_event(c, SEVERITY_INFO, c->park->device[d].name, "manual", "by=restart value=%g",
               k->value);
}

void manual_restore(struct core *c, const struct msg_manual *kept, int n, wall_t wall)
{
    for (int i = 0; i < n; i++) {
        char name[sizeof kept[i].point];
        memcpy(name, kept[i].point, sizeof name);
        name[sizeof name - 1] = '\0';
        restore_one(c, &kept[i], name, wall);
    }
}
