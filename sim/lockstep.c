/* Requests and grants of virtual time. Runs in the simulator. */
#include "sim/lockstep.h"
#include "controller/base/log.h"
#include "sim/control_own.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STUCK_S = 10, GUARD_MS = 1000, PORTS_MAX = 1024, STEP_S_MAX = 1, GRID_US = 50000 };

static const int64_t held_flag = 65536;

static double now_s(const struct lockstep *k)
{
    return mono_s(k->clock->now);
}

static void say_all(const struct lockstep *k, const char *text)
{
    for (struct session *s = k->control->open; s; s = s->next) {
        if (s->lock.joined) {
            control_say(s, "%s\n", text);
        }
    }
}

/* A line that may be longer than an answer of control_say(). */
static void say_long(struct session *s, const char *head, const char *rest)
{
    struct iovec part[3] = {
        {(void *)(uintptr_t)head,  strlen(head)},
        {(void *)(uintptr_t)rest,  strlen(rest)},
        {(void *)(uintptr_t) "\n", 1           }
    };
    s->gone = s->gone || stream_write_parts(s->stream, part, 3) != ERR_OK;
}

static void end(struct lockstep *k, const char *why)
{
    if (k->ended) {
        return;
    }
    k->ended = true;
    k->stuck = why != NULL;
    if (why) {
        char text[LINE_LEN];
        (void)snprintf(text, sizeof text, "over stuck %s", why);
        fprintf(stderr, "kilnwatt sim: stuck at %.6f s of virtual time: %s\n", now_s(k), why);
        server_print_waiting(k->control->of.server, stderr);
        say_all(k, text);
    } else {
        say_all(k, "over");
    }
    loop_stop(k->loop);
}

/* ---- Time ---- */

/* Everybody who has joined has asked; *until is the first time that one of them wants. */
static bool all_asked(const struct lockstep *k, mono_t *until)
{
    bool any = false;
    *until = (mono_t){INT64_MAX};
    for (const struct session *s = k->control->open; s; s = s->next) {
        if (s->lock.joined && !s->lock.asked) {
            return false;
        }
        any = any || s->lock.joined;
        *until = s->lock.joined && mono_before(s->lock.until, *until) ? s->lock.until : *until;
    }
    return any;
}

/* Ports of a member on which something is due, as words. */
static void moved_ports(const struct lockstep *k, char *text, size_t cap)
{
    uint16_t port[PORTS_MAX];
    int n = server_moved(k->control->of.server, port, PORTS_MAX);
    size_t at = 0;
    for (int i = 0; i < n && at < cap - 8; i++) {
        at += (size_t)snprintf(text + at, cap - at, " %u", port[i]);
    }
}

/* Answers one whose time has come, or to whom something is to be sent; all have asked. */
static bool grant_next(struct lockstep *k)
{
    struct session *next = NULL;
    bool moved = server_has_moved(k->control->of.server);
    for (struct session *s = k->control->open; s; s = s->next) {
        bool due = !mono_before(k->clock->now, s->lock.until) || (moved && s->lock.wired);
        if (s->lock.joined && due && (!next || s->lock.turn < next->lock.turn)) {
            next = s;
        }
    }
    if (!next) {
        return false;
    }
    char head[40], text[LINE_IN_LEN] = "";
    if (next->lock.wired) {
        moved_ports(k, text, sizeof text);
    }
    next->lock.asked = false;
    next->lock.spoke_us = clock_real_us();
    (void)snprintf(head, sizeof head, "grant %" PRId64, k->clock->now.us);
    say_long(next, head, text);
    return true;
}

static bool on_idle(void *arg)
{
    struct lockstep *k = arg;
    mono_t until;
    if (k->ended || !all_asked(k, &until) || grant_next(k)) {
        return false;
    }
    mono_t own = loop_due(k->loop), most = mono_add(k->clock->now, MONO_S(STEP_S_MAX));
    until = mono_before(own, until) ? own : until;
    until = mono_before(most, until) ? most : until;
    until.us = (until.us + GRID_US - 1) / GRID_US * GRID_US;
    if (mono_before(k->clock->now, until)) {
        clock_grant(k->clock, until);
        k->plant.step(k->plant.arg, until);
    }
    if (k->plant.over(k->plant.arg)) {
        end(k, NULL);
    }
    return true; /* our own timers of that moment come first, then the grants */
}

/* ---- Commands ---- */

static void do_join(struct lockstep *k, struct session *s, const char *rest)
{
    s->lock.joined = true;
    s->lock.turn = ++k->joins;
    s->lock.asked = false;
    (void)snprintf(s->lock.name, sizeof s->lock.name, "%s", rest);
    control_say(s, "ok\n");
}

static void do_idle(struct lockstep *k, struct session *s, const char *rest)
{
    char *end_at;
    long long us = strtoll(rest, &end_at, 10);
    (void)k;
    if (!s->lock.joined || end_at == rest || us < 0) {
        control_say(s, "error use: join NAME, then idle MICROSECONDS\n");
        return;
    }
    s->lock.until.us = us;
    s->lock.asked = true;
}

static void do_held(struct lockstep *k, struct session *s, const char *rest)
{
    char text[LINE_IN_LEN] = "held";
    size_t n = 4;
    char *next;
    s->lock.wired = true;
    for (long port = strtol(rest, &next, 10); next != rest && n < sizeof text - 12;
         port = strtol(rest, &next, 10)) {
        enum server_wait w = server_asked(k->control->of.server, (int)port);
        rest = next;
        if (w != SERVER_UNKNOWN) {
            n += (size_t)snprintf(text + n, sizeof text - n, " %" PRId64,
                                  port + (w == SERVER_HOLDS ? held_flag : 0));
        }
    }
    say_long(s, text, "");
}

static void do_members(struct lockstep *k, struct session *s, const char *rest)
{
    (void)rest;
    control_say(s, "ok");
    for (const struct session *m = k->control->open; m; m = m->next) {
        if (m->lock.joined) {
            control_say(s, " %s", m->lock.name);
        }
    }
    control_say(s, "\n");
}

static void do_busy(struct lockstep *k, struct session *s, const char *rest)
{
    (void)k;
    (void)s;
    (void)rest;
}

static void do_stuck(struct lockstep *k, struct session *s, const char *rest)
{
    char why[LINE_LEN - 64];
    (void)snprintf(why, sizeof why, "%s: %.400s", s->lock.name, rest);
    s->lock.joined = false; /* it knows */
    end(k, why);
}

bool lockstep_line(struct lockstep *k, struct session *s, const char *line)
{
    static const struct {
        const char *word;
        void (*fn)(struct lockstep *k, struct session *s, const char *rest);
    } rows[] = {
        {"join",    do_join   },
        {"idle",    do_idle   },
        {"held",    do_held   },
        {"members", do_members},
        {"busy",    do_busy   },
        {"stuck",   do_stuck  }
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n = strlen(rows[i].word);
        if (strncmp(line, rows[i].word, n) == 0 && (line[n] == ' ' || line[n] == '\0')) {
            s->lock.spoke_us = clock_real_us();
            rows[i].fn(k, s, line + n + (line[n] == ' '));
            return true;
        }
    }
    return false;
}

void lockstep_moved(struct lockstep *k, mono_t now)
{
    must(!mono_before(now, k->clock->now));
    clock_grant(k->clock, now);
}

void lockstep_left(struct lockstep *k, const struct session *s)
{
    if (s->lock.joined && !k->ended) {
        log_line(LOG_WARN, "lockstep_left", "who=\"%s\" at_s=%.6f", s->lock.name, now_s(k));
    }
}

/* ---- The guard ---- */

static void on_guard(void *arg)
{
    struct lockstep *k = arg;
    char why[LINE_LEN - 64];
    int64_t now_us = clock_real_us();
    for (const struct session *s = k->control->open; s && !k->ended; s = s->next) {
        double still_s = (double)(now_us - s->lock.spoke_us) / 1e6;
        if (s->lock.joined && !s->lock.asked && still_s > STUCK_S) {
            (void)snprintf(why, sizeof why,
                           "the simulator waits for %s, which has said nothing for %.0f s",
                           s->lock.name, still_s);
            end(k, why);
        }
    }
    real_timer_after(&k->guard, GUARD_MS);
}

enum err lockstep_open(struct lockstep *k, struct loop *l, struct clock *c,
                       const struct lockstep_plant *plant)
{
    *k = (struct lockstep){.clock = c, .loop = l, .plant = *plant};
    enum err e = real_timer_open(&k->guard, l, on_guard, k);
    if (e == ERR_OK) {
        real_timer_after(&k->guard, GUARD_MS);
        loop_on_idle(l, on_idle, k);
    }
    return e;
}

void lockstep_close(struct lockstep *k)
{
    real_timer_close(&k->guard);
}
