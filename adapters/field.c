/* Lines and stations of a park: who may use a line next, and what is told to the park. Runs in
 * the field role. */
#include "adapters/field.h"
#include "controller/base/log.h"
#include "controller/base/proc.h"
#include <math.h>
#include <string.h>

static const double pass_s = 0.1;
enum { PASS_REAL_MS = 5, CONNECT_TIMEOUT_MS = 1000 };

/* ---- News ---- */

static void on_readings(void *arg, const struct msg_reading *row, int n)
{
    struct line *line = arg;
    line->field->hooks->readings(line->field->arg, row, n);
}

static void on_wrote(void *arg, const struct msg_write_result *row)
{
    struct line *line = arg;
    line->field->hooks->wrote(line->field->arg, row);
}

static const struct station_hooks station_hooks = {on_readings, on_wrote};

struct msg_link_state field_link(const struct fieldbus *f, int device)
{
    struct msg_link_state m = {.device = (uint16_t)device, .online = 1, .trusted = 1};
    for (int i = 0; i < f->park->device[device].parts; i++) {
        const struct station *s = f->of_device[device * PARTS_MAX + i];
        m.online = m.online && s->online;
        m.trusted = m.trusted && station_trusted(s);
        m.good += s->good;
        m.failed += s->failed;
        m.timeouts += s->timeouts;
        m.missed += s->missed;
        m.reconnects += f->line_of[device * PARTS_MAX + i]->link.connects;
        m.latency_us = (uint32_t)fmax(m.latency_us, s->latency_us);
        m.period_us = i == 0 ? (uint32_t)s->period_us : m.period_us;
    }
    return m;
}

static void tell_changes(struct fieldbus *f, int device)
{
    struct msg_link_state m = field_link(f, device);
    uint8_t now = (uint8_t)(m.online | m.trusted << 1);
    if (now == f->shown[device]) {
        return;
    }
    log_line(LOG_INFO, m.online ? "link_up" : "link_down", "device=%s trusted=%d",
             f->park->device[device].name, m.trusted);
    f->shown[device] = now;
    f->hooks->link(f->arg, &m);
}

/* ---- Who is next ---- */

/* Writes of any station go first, in turn; then the read that has waited longest. */
static struct station *choose(struct line *k, mono_t now, struct frame_ask *ask)
{
    for (int i = 0; i < k->stations; i++) {
        struct station *s = k->station[(k->turn + i) % k->stations];
        if (station_next(s, now, true, ask)) {
            return s;
        }
    }
    struct station *first = NULL;
    for (int i = 0; i < k->stations; i++) {
        struct station *s = k->station[(k->turn + i) % k->stations];
        if (first == NULL || mono_before(station_due(s, now), station_due(first, now))) {
            first = s;
        }
    }
    return first != NULL && station_next(first, now, false, ask) ? first : NULL;
}

static void wake_later(struct line *k, mono_t now)
{
    mono_t due = {INT64_MAX};
    for (int i = 0; i < k->stations; i++) {
        mono_t at = station_due(k->station[i], now);
        due = mono_before(at, due) ? at : due;
    }
    if (due.us != INT64_MAX) {
        mono_t wait = mono_sub(due, now);
        loop_timer_after(k->wake, mono_before(wait, MONO_MS(1)) ? MONO_MS(1) : wait);
    }
}

static bool line_next(void *arg, struct frame_ask *ask, int *timeout_ms)
{
    struct line *k = arg;
    mono_t now = loop_now(k->field->loop);
    k->current = choose(k, now, ask);
    if (k->current == NULL) {
        wake_later(k, now);
        return false;
    }
    k->turn = (k->turn + 1) % k->stations;
    *timeout_ms = k->current->f->timeout_ms;
    return true;
}

static void line_done(void *arg, enum err e, const struct frame_answer *answer, int64_t took_us)
{
    struct line *k = arg;
    struct station *s = k->current;
    must(s != NULL);
    k->current = NULL;
    station_done(s, loop_now(k->field->loop), e, answer, took_us);
    tell_changes(k->field, s->device);
}

static void line_lost(void *arg, enum err e)
{
    struct line *k = arg;
    (void)e;
    for (int i = 0; k->link.failures > 0 && i < k->stations; i++) {
        station_lost(k->station[i], loop_now(k->field->loop));
        tell_changes(k->field, k->station[i]->device);
    }
}

static const struct link_hooks link_hooks = {line_next, line_done, line_lost};

static void on_wake(void *arg)
{
    link_kick(&((struct line *)arg)->link);
}

static void on_pass(void *arg)
{
    struct fieldbus *f = arg;
    mono_t now = loop_now(f->loop);
    for (int i = 0; i < f->stations; i++) {
        station_pass(&f->station[i], now);
    }
}

/* ---- Building ---- */

static struct line *line_at(struct fieldbus *f, const struct part *at)
{
    for (int i = 0; i < f->lines; i++) {
        if (f->line[i].at->port == at->port && strcmp(f->line[i].at->host, at->host) == 0) {
            return &f->line[i];
        }
    }
    struct line *k = &f->line[f->lines++];
    k->field = f;
    k->at = at;
    return k;
}

static enum err take(struct fieldbus *f, struct arena *a, int parts)
{
    size_t all = (size_t)f->park->devices * PARTS_MAX;
    f->line = arena_take(a, (size_t)parts, sizeof(*f->line));
    f->station = arena_take(a, (size_t)parts, sizeof(*f->station));
    f->of_device = arena_take(a, all, sizeof(struct station *));
    f->line_of = arena_take(a, all, sizeof(struct line *));
    f->shown = arena_take(a, (size_t)f->park->devices, 1);
    bool got = f->line != NULL && f->station != NULL && f->of_device != NULL &&
               f->line_of != NULL && f->shown != NULL;
    return got ? ERR_OK : ERR_NOMEM;
}

static enum err add_stations(struct fieldbus *f, const struct profile *const *profile)
{
    for (int d = 0; d < f->park->devices; d++) {
        for (int i = 0; i < f->park->device[d].parts; i++) {
            struct station *s = &f->station[f->stations++];
            struct line *k = line_at(f, &f->park->device[d].part[i]);
            enum err e = station_init(s, f->park, profile[d * PARTS_MAX + i], d, i);
            if (e != ERR_OK) {
                log_line(LOG_ERROR, "station", "device=%s profile=%s error=%s",
                         f->park->device[d].name, profile[d * PARTS_MAX + i]->name,
                         err_name(e));
                return e;
            }
            s->hooks = &station_hooks;
            s->arg = k;
            k->stations++;
            f->of_device[d * PARTS_MAX + i] = s;
            f->line_of[d * PARTS_MAX + i] = k;
        }
    }
    return ERR_OK;
}

/* A line has the worst manners of those behind it. */
static void manners_of(const struct line *k, struct link_manners *m)
{
    *m = (struct link_manners){.connect_timeout_ms = CONNECT_TIMEOUT_MS};
    for (int i = 0; i < k->stations; i++) {
        const struct profile *p = k->station[i]->f;
        m->connect_quiet_ms = p->connect_quiet_ms > m->connect_quiet_ms ? p->connect_quiet_ms
                                                                        : m->connect_quiet_ms;
        m->min_gap_ms = p->min_gap_ms > m->min_gap_ms ? p->min_gap_ms : m->min_gap_ms;
    }
}

static enum err open_line(struct fieldbus *f, struct arena *a, struct line *k)
{
    struct link_manners m;
    int n = 0;
    k->station = arena_take(a, (size_t)k->stations, sizeof(struct station *));
    if (k->station == NULL) {
        return ERR_NOMEM;
    }
    for (int i = 0; i < f->stations; i++) {
        if (f->station[i].arg == k) {
            k->station[n++] = &f->station[i];
        }
    }
    manners_of(k, &m);
    enum err e = loop_timer_open(f->loop, on_wake, k, &k->wake);
    return e == ERR_OK ? link_open(&k->link, f->loop, k->at->host, k->at->port, &m) : e;
}

enum err field_open(struct fieldbus *f, struct arena *a, const struct field_setup *setup)
{
    int parts = 0;
    *f = (struct fieldbus){
        .loop = setup->loop, .park = setup->park, .hooks = setup->hooks, .arg = setup->arg};
    for (int d = 0; d < f->park->devices; d++) {
        parts += f->park->device[d].parts;
    }
    enum err e = take(f, a, parts);
    e = e == ERR_OK ? add_stations(f, setup->profile) : e;
    for (int i = 0; i < f->lines && e == ERR_OK; i++) {
        e = open_line(f, a, &f->line[i]);
    }
    e = e == ERR_OK ? loop_timer_open(f->loop, on_pass, f, &f->pass) : e;
    if (e != ERR_OK) {
        field_close(f);
    }
    return e;
}

void field_start(struct fieldbus *f)
{
    mono_t least = link_real_ms(f->loop, PASS_REAL_MS);
    loop_timer_every(f->pass, least.us > MONO_S(pass_s).us ? least : MONO_S(pass_s));
    for (int i = 0; i < f->lines; i++) {
        link_start(&f->line[i].link, &link_hooks, &f->line[i], (uint32_t)i + 1);
    }
}

void field_close(struct fieldbus *f)
{
    for (int i = 0; i < f->lines; i++) {
        link_close(&f->line[i].link);
        loop_timer_close(f->line[i].wake);
        f->line[i].wake = NULL;
    }
    loop_timer_close(f->pass);
    f->pass = NULL;
    f->lines = 0;
}

/* ---- Setpoints ---- */

static void set_one(struct fieldbus *f, const struct msg_setpoint *m, mono_t now)
{
    struct msg_write_result no = {
        .point = m->point, .outcome = WRITE_REFUSED, .value = m->value, .cause = m->cause};
    if (m->point >= (uint32_t)f->park->points) {
        return;
    }
    int device = f->park->point_device[m->point];
    int row = (int)m->point - f->park->device[device].first_point;
    for (int i = 0; i < f->park->device[device].parts; i++) {
        struct station *s = f->of_device[device * PARTS_MAX + i];
        if (station_setpoint(s, row) != NULL) {
            station_set(s, row, m, now);
            link_kick(&f->line_of[device * PARTS_MAX + i]->link);
            return;
        }
    }
    f->hooks->wrote(f->arg, &no);
}

void field_set(struct fieldbus *f, const struct msg_setpoint *row, int n)
{
    mono_t now = loop_now(f->loop);
    for (int i = 0; i < n; i++) {
        set_one(f, &row[i], now);
    }
}

/* Puts power into the park: a source, or a battery that is told to discharge. */
static bool feeds(struct station *s)
{
    static const bool source[KIND_COUNT] = {
        [KIND_PV] = true, [KIND_WIND] = true, [KIND_CHP] = true};
    const struct setpoint *set =
        s->f->kind == KIND_BATTERY ? station_setpoint(s, BATTERY_SET_KW) : NULL;
    return source[s->f->kind] || (set != NULL && set->lease.value > 0);
}

void field_give_up(struct fieldbus *f, bool feeding_only)
{
    mono_t now = loop_now(f->loop);
    for (int i = 0; i < f->stations; i++) {
        if (!feeding_only || feeds(&f->station[i])) {
            station_give_up(&f->station[i], now);
        }
    }
    for (int i = 0; i < f->lines; i++) {
        link_kick(&f->line[i].link);
    }
}

int field_awaited(void *bus, uint32_t *port, int max)
{
    const struct fieldbus *f = bus;
    int n = 0;
    for (int i = 0; i < f->lines && n < max; i++) {
        uint16_t at = link_awaits(&f->line[i].link);
        if (at != 0) {
            port[n++] = at;
        }
    }
    return n;
}

void field_notice(void *bus, const uint32_t *port, int n, bool moved)
{
    struct fieldbus *f = bus;
    for (int i = 0; i < f->lines; i++) {
        struct link *k = &f->line[i].link;
        for (int m = 0; m < n; m++) {
            if (k->local == 0 || k->local != port[m] % PROC_PORT_HELD) {
                continue;
            }
            if (moved) {
                link_moved(k);
            } else {
                link_seen(k, port[m] >= PROC_PORT_HELD);
            }
        }
    }
}

bool field_settled(const struct fieldbus *f)
{
    for (int i = 0; i < f->stations; i++) {
        if (f->station[i].online && !station_settled(&f->station[i])) {
            return false;
        }
    }
    return true;
}
