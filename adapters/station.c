/* Identity, polling, decoding and back-off of a station. Runs in the field role. */
#include "adapters/station.h"
#include "adapters/link.h"
#include "controller/base/log.h"
#include <math.h>
#include <string.h>

static const double backoff_s = 1, backoff_max_s = 10, foreign_s = 10;

/* Identity registers in runs that one read can take. */
static enum err identity_init(struct station *s)
{
    const struct profile *f = s->f;
    for (int i = 0; i < f->consts; i++) {
        const struct profile_const *c = &f->fixed[i];
        struct identity_run *last = s->runs > 0 ? &s->run[s->runs - 1] : NULL;
        if (!c->identity) {
            continue;
        }
        if (last != NULL && last->first + last->count == i && last->count < f->max_read &&
            f->fixed[i - 1].fc == c->fc && f->fixed[i - 1].addr + 1 == c->addr) {
            last->count++;
            continue;
        }
        if (s->runs == STATION_IDENTITY_MAX) {
            return ERR_RANGE;
        }
        s->run[s->runs++] = (struct identity_run){i, 1};
    }
    return ERR_OK;
}

enum err station_init(struct station *s, const struct park *park, const struct profile *f,
                      int device, int part)
{
    const struct device *d = &park->device[device];
    memset(s, 0, sizeof(*s));
    s->park = park;
    s->f = f;
    s->device = device;
    s->part = part;
    s->unit = (uint8_t)d->part[part].unit;
    s->rng = (uint32_t)(device * PARTS_MAX + part) * 2654435761u + 1;
    /* due at once, and on a grid of its own, so that not all devices are asked at the same
     * moment */
    mono_t since = MONO_S(-100 * link_jitter(&s->rng));
    poll_build(&s->poll, f, d->poll_s, since);
    enum err e = identity_init(s);
    return e == ERR_OK ? station_write_init(s) : e;
}

bool station_trusted(const struct station *s)
{
    return s->online && s->identified && poll_complete(&s->poll);
}

static void ask_read(const struct station *s, struct frame_ask *ask, int fc, int addr,
                     int count)
{
    ask->unit = s->unit;
    ask->fc = (uint8_t)fc;
    ask->addr = (uint16_t)addr;
    ask->count = (uint16_t)count;
}

static bool identity_next(struct station *s, struct frame_ask *ask)
{
    if (s->run_next == s->runs) {
        s->identified = true;
        return false;
    }
    const struct profile_const *c = &s->f->fixed[s->run[s->run_next].first];
    s->job = (struct job){JOB_IDENTITY, s->run_next};
    ask_read(s, ask, c->fc, c->addr, s->run[s->run_next].count);
    return true;
}

bool station_next(struct station *s, mono_t now, bool urgent, struct frame_ask *ask)
{
    if (mono_before(now, s->not_before)) {
        return false;
    }
    if (urgent) {
        station_pass(s, now);
        return station_trusted(s) && station_write_next(s, now, ask);
    }
    if (!s->identified && identity_next(s, ask)) {
        return true;
    }
    int block = poll_next(&s->poll, now);
    if (block < 0) {
        return false;
    }
    const struct poll_block *b = &s->poll.block[block];
    s->job = (struct job){JOB_POLL, block};
    ask_read(s, ask, b->fc, b->addr, b->count);
    s->missed += poll_asked(&s->poll, block, now);
    return true;
}

mono_t station_due(const struct station *s, mono_t now)
{
    mono_t due = s->identified ? poll_due(&s->poll) : now;
    if (station_trusted(s)) {
        mono_t write = station_write_due(s, now);
        due = mono_before(write, due) ? write : due;
    }
    return mono_before(due, s->not_before) ? s->not_before : due;
}

/* ---- Answers ---- */

static void identity_done(struct station *s, mono_t now, const struct frame_answer *answer)
{
    const struct identity_run *run = &s->run[s->job.index];
    for (int i = 0; i < run->count; i++) {
        const struct profile_const *c = &s->f->fixed[run->first + i];
        if (answer->word[i] != c->value) {
            log_line(LOG_ERROR, "identity",
                     "device=%s profile=%s register=%d found=%u wanted=%u",
                     s->park->device[s->device].name, s->f->name, c->addr, answer->word[i],
                     c->value);
            s->run_next = 0;
            s->not_before = mono_add(now, MONO_S(foreign_s));
            return;
        }
    }
    s->run_next++;
    s->identified = s->run_next == s->runs;
}

/* In bus sign: a meter may be mounted the other way. */
static double signed_value(const struct station *s, int row, double value)
{
    const struct device *d = &s->park->device[s->device];
    const char *name = dict_kind(d->kind)->point[row].name;
    bool turns = strcmp(name, "kw") == 0 || strcmp(name, "kvar") == 0;
    return turns ? value * d->sign : value;
}

static struct msg_reading reading_of(const struct station *s, const struct profile_point *pt,
                                     enum err e, double value, mono_t now)
{
    int point = park_point(s->park, s->device, pt->row);
    double lo, hi;
    park_point_range(s->park, point, &lo, &hi);
    double v = e == ERR_OK ? signed_value(s, pt->row, value) : 0;
    bool possible = e == ERR_OK && v >= lo - 1e-9 && v <= hi + 1e-9;
    return (struct msg_reading){.point = (uint32_t)point,
                                .quality = possible ? QUALITY_GOOD : QUALITY_BAD,
                                .value = v,
                                .at = now};
}

/* One point out of a read that started at register `from`. */
static struct msg_reading point_done(struct station *s, int i,
                                     const struct frame_answer *answer, int from, mono_t now)
{
    const struct profile_point *pt = &s->f->point[i];
    const struct rating *r = &s->park->device[s->device].rating;
    double value = NAN;
    s->sf[i] = pt->sf_addr >= 0 ? (int16_t)answer->word[pt->sf_addr - from] : 0;
    memcpy(s->raw[i], &answer->word[pt->addr - from],
           sizeof(uint16_t) * (size_t)reg_words(pt->type));
    enum err e = profile_decode(pt, r, s->raw[i], s->sf[i], &value);
    if (e == ERR_OK) {
        station_write_seen(s, i, value, now);
    }
    return reading_of(s, pt, e, value, now);
}

static void smooth(double *mean, double x)
{
    *mean = *mean == 0 ? x : *mean + 0.2 * (x - *mean);
}

static void poll_done(struct station *s, mono_t now, const struct frame_answer *answer)
{
    struct msg_reading row[PROFILE_POINTS_MAX];
    struct poll_block *b = &s->poll.block[s->job.index];
    int n = 0;
    for (int i = 0; i < s->f->points; i++) {
        if (b->points >> i & 1) {
            row[n++] = point_done(s, i, answer, b->addr, now);
        }
    }
    s->fast_points = s->fast_points == 0 && b->poll == POLL_FAST ? b->points : s->fast_points;
    if (b->points == s->fast_points) {
        if (s->last_fast.us > 0) {
            smooth(&s->period_us, (double)mono_sub(now, s->last_fast).us);
        }
        s->last_fast = now;
    }
    b->seen = true;
    b->read_at = now;
    s->hooks->readings(s->arg, row, n);
}

static void distrust(struct station *s)
{
    s->online = false;
    s->identified = false;
    s->run_next = 0;
    for (int i = 0; i < s->poll.n; i++) {
        s->poll.block[i].seen = s->poll.block[i].refused;
    }
    s->last_fast = (mono_t){0};
    station_write_lost(s);
}

/* The device did not answer, or not by its protocol. */
static void silent(struct station *s, mono_t now)
{
    s->fails++;
    if (s->fails < STATION_TRIES) {
        return;
    }
    int doublings = s->fails - STATION_TRIES < 5 ? s->fails - STATION_TRIES : 5;
    double wait = fmin(backoff_s * (double)(1 << doublings), backoff_max_s);
    s->not_before = mono_add(now, MONO_S(wait * link_jitter(&s->rng)));
    distrust(s);
}

void station_lost(struct station *s, mono_t now)
{
    s->fails = s->fails > STATION_TRIES ? s->fails : STATION_TRIES;
    distrust(s);
    /* the line's own back-off holds; ask at once when it is up again */
    s->not_before = now;
}

static void answered(struct station *s, mono_t now, enum err e,
                     const struct frame_answer *answer)
{
    enum { ILLEGAL_ADDRESS = 2 };
    s->online = true;
    s->fails = 0;
    if (s->job.kind == JOB_POLL && e == ERR_OK) {
        poll_done(s, now, answer);
    } else if (s->job.kind == JOB_POLL && answer->exception == ILLEGAL_ADDRESS) {
        log_line(LOG_WARN, "read_refused", "device=%s profile=%s register=%d count=%d",
                 s->park->device[s->device].name, s->f->name, s->poll.block[s->job.index].addr,
                 s->poll.block[s->job.index].count);
        poll_refused(&s->poll, s->job.index, s->f);
    } else if (s->job.kind == JOB_IDENTITY && e == ERR_OK) {
        identity_done(s, now, answer);
    } else if (s->job.kind == JOB_IDENTITY) {
        s->not_before = mono_add(now, MONO_S(foreign_s));
    }
}

void station_done(struct station *s, mono_t now, enum err e, const struct frame_answer *answer,
                  int64_t took_us)
{
    bool spoke = e == ERR_OK || e == ERR_EXCEPTION;
    if (s->job.kind >= JOB_WRITE) {
        station_write_done(s, now, e, answer);
    }
    if (spoke) {
        smooth(&s->latency_us, (double)took_us);
        answered(s, now, e, answer);
    } else {
        silent(s, now);
    }
    s->good += e == ERR_OK;
    s->failed += e != ERR_OK;
    s->timeouts += e == ERR_TIMEOUT;
    s->job.kind = JOB_NONE;
    s->ever_trusted = s->ever_trusted || station_trusted(s);
}
