/* A role in lock-step. Used in park, field, store and web. */
#include "controller/base/lock_role.h"
#include "controller/base/log.h"
#include <string.h>

/* An answer over the loopback takes microseconds; only one that is held back takes so long. */
enum { ASK_REAL_MS = 5 };

static void say(struct lock_role *k, uint16_t type, const void *data, size_t len)
{
    enum err e = msg_send(k->link, msg_to(ROLE_SUPERVISOR, type, 0, len), data);
    if (e != ERR_OK) { /* the guard of the supervisor will name us */
        log_line(LOG_ERROR, "lockstep_message_lost", "type=%u why=%s", type, err_name(e));
    }
}

/* Answers that are under way; > 0: not idle. */
static int awaited(struct lock_role *k)
{
    return k->wire == NULL ? 0 : k->wire->awaited(k->wire->arg, k->port, LOCK_PORTS_MAX);
}

static void on_ask(void *arg)
{
    struct lock_role *k = arg;
    int n = awaited(k);
    if (n > 0) {
        k->asking = true;
        say(k, PROC_MSG_AWAIT, k->port, sizeof k->port[0] * (size_t)n);
    }
}

static bool on_idle(void *arg)
{
    struct lock_role *k = arg;
    if (awaited(k) > 0) {
        if (!k->ask.set && !k->asking) {
            real_timer_after(&k->ask, ASK_REAL_MS);
        }
        return false;
    }
    real_timer_stop(&k->ask);
    struct proc_idle now = {.until = loop_due(k->loop), .taken = k->taken};
    if (now.until.us != k->told.until.us || now.taken != k->told.taken) {
        k->told = now;
        say(k, PROC_MSG_IDLE, &now, sizeof now);
    }
    return false;
}

static void noticed(struct lock_role *k, const struct msg_head *head, const void *payload)
{
    int n = (int)(head->len / sizeof(uint32_t));
    if (k->wire != NULL) {
        k->wire->notice(k->wire->arg, payload, n, head->type == PROC_MSG_MOVED);
    }
}

static bool on_frame(void *arg, const struct msg_head *head, const void *payload)
{
    struct lock_role *k = arg;
    k->taken++;
    switch (head->type) {
    case PROC_MSG_TIME: {
        mono_t now;
        memcpy(&now, payload, sizeof now);
        clock_grant(k->clock, now);
        return true;
    }
    case PROC_MSG_HELD:
        k->asking = false;
        noticed(k, head, payload);
        return true;
    case PROC_MSG_MOVED:
        noticed(k, head, payload);
        on_ask(k);
        return true;
    default:
        return false;
    }
}

enum err lock_role_open(struct lock_role *k, struct proc_role *role, struct loop *l,
                        struct msg_link *link, const struct lock_wire *wire)
{
    memset(k, 0, sizeof *k);
    if (!role->clock.granted) {
        return ERR_OK;
    }
    k->clock = &role->clock;
    k->loop = l;
    k->link = link;
    k->wire = wire;
    k->told.until.us = -1; /* nothing has been told yet */
    enum err e = real_timer_open(&k->ask, l, on_ask, k);
    if (e == ERR_OK) {
        msg_tap(link, on_frame, k);
        loop_on_idle(l, on_idle, k);
    }
    return e;
}

void lock_role_close(struct lock_role *k)
{
    real_timer_close(&k->ask);
}
