/* Rounds and grants. Runs in the supervisor. */
#include "controller/base/lock.h"
#include "controller/base/log.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    QUEUE_MAX = 32 * 1024 * 1024, /* what all roles may say in one round */
    LINE_MAX_BYTES = 12 * 1024,   /* a thousand ports in decimal */
    GUARD_MS = 1000,
    STUCK_S = 10,
    STUCK_PLAN_S = 660 /* above what the guard around the solver allows a solve */
};

struct member {
    bool up, again; /* again: down, but to be waited for */
    bool told;      /* it has been idle once since it was started */
    uint64_t given; /* frames */
    struct proc_idle idle;
    mono_t now; /* as it knows it */
};

struct lock {
    struct lock_spec spec;
    struct stream *sim; /* NULL: it has ended, the roles go on among themselves */
    struct loop_timer *guard;
    struct member member[ROLE_COUNT];
    mono_t asked;     /* the simulator was asked for this time; 0 = it is not */
    int64_t moved_us; /* real time of the last progress */
    unsigned char *queue;
    size_t queued;
    uint32_t port[LINE_MAX_BYTES / 2]; /* of the line that is being read */
    char line[LINE_MAX_BYTES];
    char awaits[128]; /* ports on which field last awaited an answer, for the guard */
    bool asking;      /* field has asked about them */
};

/* ---- To the roles ---- */

static void give(struct lock *k, const struct msg_head *head, const void *payload)
{
    if (k->spec.hooks->send(k->spec.arg, (enum role)head->to, head, payload)) {
        k->member[head->to].given++;
    }
}

static void give_own(struct lock *k, enum role to, uint16_t type, const void *data, size_t len)
{
    struct msg_head head = msg_from(ROLE_SUPERVISOR, msg_to(to, type, 0, len));
    give(k, &head, data);
}

static void give_time(struct lock *k, enum role r)
{
    if (mono_before(k->member[r].now, k->spec.clock->now)) {
        k->member[r].now = k->spec.clock->now;
        give_own(k, r, PROC_MSG_TIME, &k->member[r].now, sizeof(mono_t));
    }
}

static size_t padded(uint32_t len)
{
    return ((size_t)len + 7) / 8 * 8;
}

/* Gives out what was said in the last round. */
static void next_round(struct lock *k)
{
    for (unsigned from = 0; from < ROLE_COUNT; from++) {
        for (size_t at = 0; at < k->queued;) {
            struct msg_head head;
            memcpy(&head, k->queue + at, sizeof head);
            const unsigned char *payload = k->queue + at + sizeof head;
            if (head.from == from && k->member[head.to].up) {
                give_time(k, (enum role)head.to);
                give(k, &head, payload);
            }
            at += sizeof head + padded(head.len);
        }
    }
    k->queued = 0;
}

enum err lock_queue(struct lock *k, const struct msg_head *head, const void *payload)
{
    size_t n = sizeof *head + padded(head->len);
    if (n > QUEUE_MAX - k->queued) {
        return ERR_FULL;
    }
    memcpy(k->queue + k->queued, head, sizeof *head);
    memcpy(k->queue + k->queued + sizeof *head, payload, head->len);
    k->queued += n;
    return ERR_OK;
}

/* ---- Who has finished ---- */

static bool finished(const struct member *m)
{
    return m->up ? m->told && m->idle.taken == m->given : !m->again;
}

static bool all_finished(const struct lock *k)
{
    for (int r = ROLE_PARK; r < ROLE_COUNT; r++) {
        if (!finished(&k->member[r])) {
            return false;
        }
    }
    return true;
}

static mono_t first_due(const struct lock *k)
{
    mono_t due = {INT64_MAX};
    for (int r = ROLE_PARK; r < ROLE_COUNT; r++) {
        const struct member *m = &k->member[r];
        due = m->up && mono_before(m->idle.until, due) ? m->idle.until : due;
    }
    return due;
}

/* ---- Time ---- */

/* What the simulator knows of ports, or nothing: then field asks again. */
static void give_held(struct lock *k, const uint32_t *port, size_t n)
{
    k->asking = false;
    give_own(k, ROLE_FIELD, PROC_MSG_HELD, port, n * sizeof *port);
}

static void ended(struct lock *k, bool good)
{
    if (k->sim == NULL) {
        return;
    }
    stream_close(k->sim);
    k->sim = NULL;
    k->asked = (mono_t){0};
    if (k->asking) {
        give_held(k, NULL, 0);
    }
    k->spec.hooks->ended(k->spec.arg, good);
}

static void tell_sim(struct lock *k, const char *text)
{
    if (k->sim != NULL && stream_write(k->sim, text, strlen(text)) != ERR_OK) {
        log_line(LOG_ERROR, "lockstep_lost", "why=\"the simulator takes no more\"%s", "");
        ended(k, false);
    }
}

/* The moment now is reached: those who wanted it get to work. */
static void reach(struct lock *k, mono_t now)
{
    if (mono_before(k->spec.clock->now, now)) {
        clock_grant(k->spec.clock, now);
    }
    for (int r = ROLE_PARK; r < ROLE_COUNT; r++) {
        const struct member *m = &k->member[r];
        if (m->up && !mono_before(k->spec.clock->now, m->idle.until)) {
            give_time(k, (enum role)r);
        }
    }
}

static void advance(struct lock *k)
{
    if (all_finished(k) && k->queued > 0) {
        next_round(k); /* perhaps to nobody who is still there */
    }
    if (!all_finished(k)) {
        return;
    }
    mono_t due = first_due(k);
    if (k->sim == NULL) {
        if (due.us != INT64_MAX) {
            reach(k, due);
        }
    } else if (due.us != k->asked.us) {
        char text[40];
        k->asked = due;
        (void)snprintf(text, sizeof text, "idle %" PRId64 "\n", due.us);
        tell_sim(k, text);
    }
}

/* Asks the simulator about ports; without one, nothing will come there any more. */
static void await(struct lock *k, size_t n, const uint32_t *port)
{
    char text[LINE_MAX_BYTES] = "held";
    size_t at = 4;
    k->asking = true;
    for (size_t i = 0; i < n && at < sizeof text - 16; i++) {
        k->port[i] = port[i] + PROC_PORT_HELD;
        at += (size_t)snprintf(text + at, sizeof text - at, " %" PRIu32, port[i]);
    }
    (void)snprintf(k->awaits, sizeof k->awaits, "%.120s", text + 4);
    text[at] = '\n';
    text[at + 1] = '\0';
    if (k->sim == NULL) {
        give_held(k, k->port, n);
    } else {
        tell_sim(k, text);
    }
}

bool lock_own(struct lock *k, const struct msg_head *head, const void *payload)
{
    struct member *m = &k->member[head->from];
    if (head->type == PROC_MSG_IDLE && head->len == sizeof m->idle) {
        memcpy(&m->idle, payload, sizeof m->idle);
        m->told = true;
        k->awaits[0] = head->from == ROLE_FIELD ? '\0' : k->awaits[0];
        k->moved_us = clock_real_us();
        advance(k);
        return true;
    }
    if (head->type != PROC_MSG_AWAIT || head->len > sizeof k->port) {
        return false;
    }
    await(k, head->len / sizeof k->port[0], payload);
    return true;
}

/* ---- From the simulator ---- */

/* Numbers after the first word of k->line into k->port; returns how many. */
static size_t read_ports(struct lock *k, char *at)
{
    size_t n = 0;
    char *end = at;
    unsigned long v = strtoul(at, &end, 10);
    while (end != at && n < sizeof k->port / sizeof k->port[0]) {
        k->port[n++] = (uint32_t)v;
        at = end;
        v = strtoul(at, &end, 10);
    }
    return n;
}

static void on_grant(struct lock *k, char *at)
{
    char *rest = at;
    mono_t now = {strtoll(at, &rest, 10)};
    size_t ports = read_ports(k, rest);
    k->asked = (mono_t){0};
    k->moved_us = clock_real_us();
    reach(k, now);
    if (ports > 0 && k->member[ROLE_FIELD].up) {
        give_time(k, ROLE_FIELD);
        give_own(k, ROLE_FIELD, PROC_MSG_MOVED, k->port, ports * sizeof k->port[0]);
    }
    advance(k);
}

static void on_held(struct lock *k, char *at)
{
    size_t n = read_ports(k, at);
    give_held(k, k->port, n);
}

static void on_over(struct lock *k, char *at)
{
    bool good = strncmp(at, " stuck", 6) != 0;
    log_line(good ? LOG_INFO : LOG_ERROR, "simulator_ended", "at_s=%.3f why=\"%s\"",
             mono_s(k->spec.clock->now), good ? "its time is over" : at + 1);
    ended(k, good);
}

static void on_line(struct lock *k)
{
    static const struct {
        const char *word;
        void (*fn)(struct lock *k, char *rest);
    } rows[] = {
        {"grant", on_grant},
        {"held",  on_held },
        {"over",  on_over }
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n = strlen(rows[i].word);
        if (strncmp(k->line, rows[i].word, n) == 0) {
            rows[i].fn(k, k->line + n);
            return;
        }
    }
    if (strncmp(k->line, "ok", 2) != 0) {
        log_line(LOG_ERROR, "lockstep_refused", "answer=\"%s\"", k->line);
        ended(k, false);
    }
}

static void on_data(struct stream *st, void *arg)
{
    struct lock *k = arg;
    while (k->sim != NULL) {
        size_t n = stream_peek(st, k->line, sizeof k->line - 1);
        char *end = memchr(k->line, '\n', n);
        if (end == NULL) {
            return;
        }
        (void)stream_take(st, k->line, (size_t)(end - k->line) + 1);
        *end = '\0';
        on_line(k);
    }
}

static void on_gone(struct stream *st, void *arg)
{
    struct lock *k = arg;
    (void)st;
    log_line(LOG_ERROR, "lockstep_lost", "at_s=%.3f why=\"the simulator has gone\"",
             mono_s(k->spec.clock->now));
    ended(k, false);
}

static const struct stream_hooks sim_hooks = {on_data, on_gone};

/* ---- The guard ---- */

/* Says of each role that has not finished what it waits for. */
static void who_waits(const struct lock *k, char *out, size_t cap)
{
    size_t n = 0;
    out[0] = '\0';
    for (int r = ROLE_PARK; r < ROLE_COUNT && n < cap; r++) {
        const struct member *m = &k->member[r];
        const char *name = role_name((enum role)r);
        if (finished(m)) {
            continue;
        }
        if (!m->up) {
            n += (size_t)snprintf(out + n, cap - n, "%s is down; ", name);
        } else if (r == ROLE_FIELD && k->awaits[0] != '\0') {
            n += (size_t)snprintf(out + n, cap - n,
                                  "field waits for answers of devices on its ports%s; ",
                                  k->awaits);
        } else {
            n += (size_t)snprintf(out + n, cap - n, "%s has not finished %" PRIu64 " frames; ",
                                  name, m->given - m->idle.taken);
        }
    }
}

static void on_guard(void *arg)
{
    struct lock *k = arg;
    char who[512], text[640];
    if (k->sim == NULL || all_finished(k)) {
        return;
    }
    struct member plan = k->member[ROLE_PLAN];
    k->member[ROLE_PLAN].told = true;
    k->member[ROLE_PLAN].idle.taken = plan.given;
    bool plan_only = all_finished(k);
    k->member[ROLE_PLAN] = plan;
    double still_s = (double)(clock_real_us() - k->moved_us) / 1e6;
    if (still_s < (plan_only ? STUCK_PLAN_S : STUCK_S)) {
        tell_sim(k, "busy\n");
        return;
    }
    who_waits(k, who, sizeof who);
    log_line(LOG_ERROR, "lockstep_stuck", "at_s=%.6f waited_s=%.0f who=\"%s\"",
             mono_s(k->spec.clock->now), still_s, who);
    (void)snprintf(text, sizeof text, "stuck %sthe simulator waits for the controller\n", who);
    tell_sim(k, text);
    ended(k, false);
}

/* ---- Life ---- */

enum err lock_open(struct lock **out, struct arena *a, const struct lock_spec *spec)
{
    struct lock *k = arena_take(a, 1, sizeof *k);
    unsigned char *queue = arena_take(a, 1, QUEUE_MAX);
    if (k == NULL || queue == NULL) {
        return ERR_NOMEM;
    }
    memset(k, 0, sizeof *k);
    k->spec = *spec;
    k->queue = queue;
    k->moved_us = clock_real_us();
    struct stream_spec sim = {2 * LINE_MAX_BYTES, 8 * LINE_MAX_BYTES, &sim_hooks, k, true};
    enum err e = loop_timer_open(spec->loop, on_guard, k, &k->guard);
    e = e == ERR_OK ? stream_open(spec->loop, spec->fd, &sim, &k->sim) : e;
    if (e == ERR_OK) {
        loop_timer_every(k->guard, MONO_MS(GUARD_MS));
        tell_sim(k, "join controller\n");
        *out = k;
    }
    return e;
}

void lock_close(struct lock *k)
{
    stream_close(k->sim);
    k->sim = NULL;
    loop_timer_close(k->guard);
}

void lock_up(struct lock *k, enum role r)
{
    k->member[r] = (struct member){.up = true, .now = k->spec.clock->now};
    k->moved_us = clock_real_us();
}

void lock_down(struct lock *k, enum role r, bool again)
{
    k->member[r] = (struct member){.again = again};
    advance(k);
}

void lock_given(struct lock *k, enum role r)
{
    k->member[r].given++;
}
