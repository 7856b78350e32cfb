/* Setpoints of a station: which there are, what the park wants of them, and their leases.
 * Writing them is in station_write.c. Runs in the field role. */
#include "adapters/station_own.h"
#include "controller/base/log.h"
#include <math.h>
#include <string.h>

/* The value that arms the device's own watchdog, if this row is part of it. */
static bool arming_value(const struct station *s, int row, double *value)
{
    const struct profile_watchdog *w = &s->f->watchdog;
    if (row == w->timeout_row) {
        *value = w->timeout_s;
        return true;
    }
    if (row == w->fallback_row) {
        *value = park_point_revert(s->park, park_point(s->park, s->device, w->guards_row));
        return true;
    }
    if (row == w->fallback_on_row) {
        *value = 1;
        return true;
    }
    return false;
}

static enum err setpoint_init(struct station *s, int i)
{
    const struct profile_point *pt = &s->f->point[i];
    int point = park_point(s->park, s->device, pt->row);
    struct setpoint *sp = &s->set[s->sets];
    double lo, hi, value;
    park_point_range(s->park, point, &lo, &hi);
    memset(sp, 0, sizeof(*sp));
    sp->pt = i;
    sp->step = -1;
    sp->told = true;
    sp->end.keep = park_point_def(s->park, point)->revert != REVERT_VALUE;
    /* a firing that has ended must not be started again because somebody still says "run" */
    sp->once = sp->end.keep && s->f->kind == KIND_KILN;
    sp->end.revert = park_point_revert(s->park, point);
    enum err e = clamp_init(&sp->clamp, fmax(lo, pt->lo), fmin(hi, pt->hi),
                            park_point_rate(s->park, point), pt->wear_per_day);
    if (e != ERR_OK) {
        return e;
    }
    if (arming_value(s, pt->row, &value)) {
        sp->arm = true;
        sp->lease = (struct lease){
            .state = LEASE_HELD, .value = value, .dirty = true, .until = {INT64_MAX}};
    }
    s->sets++;
    return ERR_OK;
}

/* In the dictionary's order, so that a kiln's programme is written before its run command. */
enum err station_write_init(struct station *s)
{
    for (int row = 0; row < dict_kind(s->f->kind)->points; row++) {
        for (int i = 0; i < s->f->points; i++) {
            const struct profile_point *pt = &s->f->point[i];
            if (pt->row != row || (pt->write_fc == 0 && pt->steps == 0)) {
                continue;
            }
            enum err e = s->sets < STATION_SETPOINTS_MAX ? setpoint_init(s, i) : ERR_RANGE;
            if (e != ERR_OK) {
                return e;
            }
        }
    }
    return ERR_OK;
}

struct setpoint *station_setpoint(struct station *s, int row)
{
    for (int i = 0; i < s->sets; i++) {
        if (point_of(s, &s->set[i])->row == row) {
            return &s->set[i];
        }
    }
    return NULL;
}

static void tell(const struct station *s, const struct setpoint *sp, enum write_outcome outcome)
{
    struct msg_write_result row = {
        .point = (uint32_t)park_point(s->park, s->device, point_of(s, sp)->row),
        .outcome = outcome,
        .value = sp->lease.value,
        .cause = sp->lease.cause};
    s->hooks->wrote(s->arg, &row);
}

void station_tell_once(const struct station *s, struct setpoint *sp, enum write_outcome outcome)
{
    if (!sp->told && !sp->arm) {
        tell(s, sp, outcome);
    }
    sp->told = true;
}

static void renewed(struct setpoint *sp, mono_t now)
{
    if (sp->lease.dirty) {
        sp->told = false;
        sp->stubborn = false;
        sp->tries = 0;
        sp->next_try = now;
    }
}

/* A limit works only when it is switched on: the switch goes with it. */
static void companion(struct station *s, const struct setpoint *sp, mono_t now, mono_t length)
{
    int row = dict_point(s->f->kind, "limit_on");
    struct setpoint *on = row >= 0 ? station_setpoint(s, row) : NULL;
    if (on != NULL && strcmp(name_of(s, sp), "limit_pu") == 0) {
        lease_hold(&on->lease, 1, now, length, 0);
        on->lease.cause = sp->lease.cause;
        renewed(on, now);
    }
}

void station_set(struct station *s, int row, const struct msg_setpoint *m, mono_t now)
{
    struct setpoint *sp = station_setpoint(s, row);
    must(sp != NULL);
    if (m->lease_ms == 0) {
        if (lease_give_up(&sp->lease, &sp->end, now)) {
            renewed(sp, now);
        }
        return;
    }
    if (!s->ever_trusted || s->armed_failed || clamp_accept(&sp->clamp, m->value) != ERR_OK) {
        struct msg_write_result no = {
            .point = m->point, .outcome = WRITE_REFUSED, .value = m->value, .cause = m->cause};
        s->hooks->wrote(s->arg, &no);
        return;
    }
    mono_t length = MONO_MS(m->lease_ms);
    /* sticky devices wear, procedures are pulses: neither is repeated without need */
    bool quiet =
        s->f->watchdog.class == WATCHDOG_F || sp->arm || sp->once || point_of(s, sp)->steps > 0;
    lease_hold(&sp->lease, m->value, now, length, quiet ? 0 : s->f->watchdog.timeout_s);
    sp->lease.until = sp->arm ? (mono_t){INT64_MAX} : sp->lease.until;
    sp->lease.cause = m->cause;
    renewed(sp, now);
    companion(s, sp, now, length);
}

void station_pass(struct station *s, mono_t now)
{
    for (int i = 0; i < s->sets; i++) {
        struct setpoint *sp = &s->set[i];
        if (lease_pass(&sp->lease, &sp->end, now)) {
            log_line(LOG_WARN, "lease_out", "device=%s point=%s revert=%g",
                     s->park->device[s->device].name, name_of(s, sp), sp->lease.value);
            renewed(sp, now);
        }
    }
}

void station_write_lost(struct station *s)
{
    for (int i = 0; i < s->sets; i++) {
        struct setpoint *sp = &s->set[i];
        if (sp->lease.state != LEASE_NONE && !sp->once) {
            sp->written = false;
            sp->lease.dirty = true;
            sp->stubborn = false;
        }
        sp->step = -1;
        sp->verifying = false;
    }
}

void station_give_up(struct station *s, mono_t now)
{
    for (int i = 0; i < s->sets; i++) {
        struct setpoint *sp = &s->set[i];
        if (!sp->arm && lease_give_up(&sp->lease, &sp->end, now)) {
            renewed(sp, now);
        }
    }
}

bool station_settled(const struct station *s)
{
    for (int i = 0; i < s->sets; i++) {
        if (s->set[i].lease.state == LEASE_REVERTED && s->set[i].lease.dirty) {
            return false;
        }
    }
    return true;
}
