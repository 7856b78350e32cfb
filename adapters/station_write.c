/* Writing a station's setpoints: the watchdog is armed first, values are clamped, written by
 * value or by procedure, read back, refreshed; and the heartbeat. Runs in the field role. */
#include "adapters/station_own.h"
#include "controller/base/log.h"
#include <math.h>
#include <string.h>

static const double retry_s = 0.5, retry_late_s = 5, again_s = 10, rate_step_s = 1;

/* ---- What to write ---- */

static bool armed(const struct station *s)
{
    for (int i = 0; i < s->sets; i++) {
        if (s->set[i].arm && s->set[i].lease.dirty) {
            return false;
        }
    }
    return true;
}

/* First step at or after `from` of the procedure for this value; -1 = none. */
static int step_from(const struct profile_point *pt, int from, double value)
{
    for (int i = from; i < pt->steps; i++) {
        if (pt->step[i].when == value) {
            return i;
        }
    }
    return -1;
}

static void refuse(struct station *s, struct setpoint *sp)
{
    station_tell_once(s, sp, WRITE_REFUSED);
    sp->lease.dirty = false;
    sp->lease.every = (mono_t){0};
}

/* The value to go out now, as registers or as the first step. false when there is nothing to
 * write. */
static bool prepare(struct station *s, struct setpoint *sp, mono_t now)
{
    const struct profile_point *pt = point_of(s, sp);
    uint16_t word[4];
    bool reverts = sp->lease.state == LEASE_REVERTED;
    struct clamp_out may = {sp->lease.value, false};
    enum err e = clamp_step(&sp->clamp, sp->lease.value, now, reverts, &may);
    sp->out = may.value;
    sp->whole = may.whole;
    if (e == ERR_OK && pt->steps > 0) {
        sp->step = step_from(pt, 0, sp->out);
        e = sp->step < 0 ? ERR_RANGE : ERR_OK;
    } else if (e == ERR_OK) {
        memcpy(word, s->raw[sp->pt], sizeof(word));
        e = profile_encode(pt, &s->park->device[s->device].rating, sp->out, s->sf[sp->pt],
                           word);
    }
    if (e != ERR_OK) {
        refuse(s, sp);
        return false;
    }
    bool refresh = sp->lease.every.us > 0 && !mono_before(now, sp->lease.refresh_at);
    size_t bytes = sizeof(uint16_t) * (size_t)reg_words(pt->type);
    if (pt->steps == 0 && sp->written && !sp->once && !refresh && !reverts && sp->whole &&
        memcmp(word, sp->word, bytes) == 0) {
        lease_written(&sp->lease, now); /* the same registers: nothing to write */
        station_tell_once(s, sp, WRITE_OK);
        return false;
    }
    if (pt->steps == 0) {
        memcpy(sp->word, word, bytes);
    }
    return true;
}

static void ask_write(const struct station *s, const struct setpoint *sp, struct frame_ask *ask)
{
    const struct profile_point *pt = point_of(s, sp);
    ask->unit = s->unit;
    if (pt->steps > 0) {
        const struct reg_step *st = &pt->step[sp->step];
        ask->fc = (uint8_t)st->fc;
        ask->addr = (uint16_t)st->addr;
        ask->count = (uint16_t)st->words;
        memcpy(ask->word, st->word, sizeof(st->word));
        return;
    }
    ask->fc = (uint8_t)pt->write_fc;
    ask->addr = (uint16_t)(pt->write_addr >= 0 ? pt->write_addr : pt->addr);
    ask->count = (uint16_t)reg_words(pt->type);
    memcpy(ask->word, sp->word, sizeof(sp->word));
}

static bool setpoint_due(const struct station *s, const struct setpoint *sp, mono_t now)
{
    return lease_due(&sp->lease, now) && !mono_before(now, sp->next_try) &&
           (sp->arm || armed(s));
}

static bool setpoint_next(struct station *s, int i, mono_t now, struct frame_ask *ask)
{
    struct setpoint *sp = &s->set[i];
    const struct profile_point *pt = point_of(s, sp);
    if (sp->verifying) {
        s->job = (struct job){JOB_VERIFY, i};
        *ask = (struct frame_ask){.unit = s->unit,
                                  .fc = (uint8_t)pt->read_fc,
                                  .addr = (uint16_t)pt->addr,
                                  .count = (uint16_t)reg_words(pt->type)};
        return true;
    }
    if (sp->step >= 0 || (setpoint_due(s, sp, now) && prepare(s, sp, now))) {
        s->job = (struct job){JOB_WRITE, i};
        ask_write(s, sp, ask);
        return true;
    }
    return false;
}

static bool beats(const struct station *s)
{
    return s->f->watchdog.class == WATCHDOG_B && s->f->watchdog.beat_addr >= 0;
}

bool station_write_next(struct station *s, mono_t now, struct frame_ask *ask)
{
    const struct profile_watchdog *w = &s->f->watchdog;
    for (int i = 0; i < s->sets; i++) {
        if (setpoint_next(s, i, now, ask)) {
            return true;
        }
    }
    if (!beats(s) || mono_before(now, s->beat_at)) {
        return false;
    }
    s->job = (struct job){JOB_BEAT, 0};
    s->beat++;
    *ask = (struct frame_ask){.unit = s->unit,
                              .fc = (uint8_t)w->beat_fc,
                              .addr = (uint16_t)w->beat_addr,
                              .count = 1,
                              .word = {s->beat}};
    return true;
}

/* When a setpoint wants the line next. */
static mono_t setpoint_at(const struct station *s, const struct setpoint *sp, mono_t now)
{
    mono_t at = {INT64_MAX};
    if (sp->verifying || sp->step >= 0) {
        return now;
    }
    if (sp->arm || armed(s)) {
        at = sp->lease.dirty ? now : lease_next(&sp->lease);
        at = mono_before(at, sp->next_try) ? sp->next_try : at;
    }
    bool ends = sp->lease.state == LEASE_HELD && mono_before(sp->lease.until, at);
    return ends ? sp->lease.until : at;
}

mono_t station_write_due(const struct station *s, mono_t now)
{
    mono_t due = beats(s) ? s->beat_at : (mono_t){INT64_MAX};
    for (int i = 0; i < s->sets; i++) {
        mono_t at = setpoint_at(s, &s->set[i], now);
        due = mono_before(at, due) ? at : due;
    }
    return due;
}

/* ---- How it went ---- */

static void succeeded(struct station *s, struct setpoint *sp, mono_t now)
{
    sp->verifying = false;
    sp->written = true;
    sp->tries = 0;
    s->armed_failed = s->armed_failed && !sp->arm;
    clamp_written(&sp->clamp, sp->out, now);
    if (!sp->whole) {
        sp->next_try = mono_add(now, MONO_S(rate_step_s));
        return;
    }
    lease_written(&sp->lease, now);
    station_tell_once(s, sp, sp->lease.state == LEASE_REVERTED ? WRITE_REVERTED : WRITE_OK);
}

static void failed(struct station *s, struct setpoint *sp, mono_t now,
                   enum write_outcome outcome)
{
    sp->step = -1;
    sp->verifying = false;
    sp->written = false;
    sp->lease.dirty = sp->lease.state != LEASE_NONE;
    sp->tries++;
    bool late = sp->tries >= STATION_TRIES;
    sp->next_try = mono_add(now, MONO_S(late ? retry_late_s : retry_s));
    if (!late) {
        return;
    }
    if (!sp->told) {
        log_line(LOG_WARN, "write_failed", "device=%s point=%s value=%g mismatch=%d",
                 s->park->device[s->device].name, name_of(s, sp), sp->out,
                 outcome == WRITE_MISMATCH);
    }
    station_tell_once(s, sp, outcome);
    s->armed_failed = s->armed_failed || sp->arm;
    if (outcome == WRITE_MISMATCH && sp->lease.state == LEASE_HELD && !sp->arm) {
        /* the device has a will of its own: written again only to refresh or when it changes */
        sp->stubborn = true;
        lease_written(&sp->lease, now);
    }
}

static void write_done(struct station *s, struct setpoint *sp, mono_t now)
{
    const struct profile_point *pt = point_of(s, sp);
    if (sp->step >= 0) {
        s->not_before = mono_add(now, MONO_MS(pt->step[sp->step].wait_ms));
        sp->step = step_from(pt, sp->step + 1, sp->out);
        if (sp->step >= 0) {
            return;
        }
    }
    sp->verifying = pt->read_fc != 0;
    if (!sp->verifying) {
        succeeded(s, sp, now);
    }
}

/* Does the device show what was written? By value where a procedure wrote it. */
static bool shows(const struct station *s, const struct setpoint *sp, const uint16_t *word)
{
    const struct profile_point *pt = point_of(s, sp);
    double a = NAN, b = NAN;
    const struct rating *r = &s->park->device[s->device].rating;
    if (pt->steps == 0 && profile_decode(pt, r, sp->word, s->sf[sp->pt], &b) != ERR_OK) {
        return false;
    }
    return profile_decode(pt, r, word, s->sf[sp->pt], &a) == ERR_OK &&
           a == (pt->steps > 0 ? sp->out : b);
}

static void verify_done(struct station *s, struct setpoint *sp, mono_t now,
                        const struct frame_answer *answer)
{
    const struct profile_point *pt = point_of(s, sp);
    memcpy(s->raw[sp->pt], answer->word, sizeof(uint16_t) * (size_t)reg_words(pt->type));
    if (!shows(s, sp, answer->word)) {
        failed(s, sp, now, WRITE_MISMATCH);
        return;
    }
    struct msg_reading row = {.point = (uint32_t)park_point(s->park, s->device, pt->row),
                              .quality = QUALITY_GOOD,
                              .value = sp->out,
                              .at = now};
    s->hooks->readings(s->arg, &row, 1);
    succeeded(s, sp, now);
}

void station_write_done(struct station *s, mono_t now, enum err e,
                        const struct frame_answer *answer)
{
    if (s->job.kind == JOB_BEAT) {
        double third = s->f->watchdog.timeout_s / 3;
        s->beat_at = mono_add(now, MONO_S(e == ERR_OK ? third : fmin(third, retry_s)));
        return;
    }
    struct setpoint *sp = &s->set[s->job.index];
    if (e != ERR_OK) {
        failed(s, sp, now, WRITE_FAILED);
    } else if (s->job.kind == JOB_WRITE) {
        write_done(s, sp, now);
    } else {
        verify_done(s, sp, now, answer);
    }
}

void station_write_seen(struct station *s, int pt, double value, mono_t now)
{
    for (int i = 0; i < s->sets; i++) {
        struct setpoint *sp = &s->set[i];
        if (sp->pt != pt) {
            continue;
        }
        clamp_seen(&sp->clamp, value, now);
        bool settled = sp->lease.state != LEASE_NONE && sp->written && !sp->lease.dirty &&
                       !sp->verifying && sp->step < 0 && !sp->stubborn && !sp->once;
        if (settled && !shows(s, sp, s->raw[pt])) {
            log_line(LOG_WARN, "setpoint_lost", "device=%s point=%s shows=%g wanted=%g",
                     s->park->device[s->device].name, name_of(s, sp), value, sp->lease.value);
            sp->lease.dirty = true;
            sp->written = false;
            /* a machine that stopped itself is not started again at once */
            bool runs = strcmp(name_of(s, sp), "run") == 0;
            sp->next_try = mono_add(now, MONO_S(runs ? again_s : 0));
        }
    }
}
