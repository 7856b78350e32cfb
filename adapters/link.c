/* The line's state machine. Its moves are a table; every event ends in a state from which the
 * timer or the socket brings it on. Runs in the field role. */
#include "adapters/link.h"
#include "controller/base/log.h"
#include <errno.h>
#include <string.h>

/* Reconnects keep at least this distance, in process time: 2/s, and 10 s once it keeps failing.
 */
static const double connect_gap_s = 0.5, connect_gap_max_s = 10;

#define TO(state) (1u << (state))
static const unsigned successors[LINK_STATES] = {
    [LINK_DOWN] = TO(LINK_CONNECTING) | TO(LINK_DOWN),
    [LINK_CONNECTING] = TO(LINK_QUIET) | TO(LINK_IDLE) | TO(LINK_DOWN),
    [LINK_QUIET] = TO(LINK_IDLE) | TO(LINK_DOWN),
    [LINK_IDLE] = TO(LINK_WAITING) | TO(LINK_DOWN),
    [LINK_WAITING] = TO(LINK_QUIET) | TO(LINK_IDLE) | TO(LINK_DOWN),
};

static void move(struct link *k, enum link_state to)
{
    must(successors[k->state] & TO(to));
    k->state = to;
}

mono_t link_real_ms(const struct loop *l, int ms)
{
    return MONO_S((double)ms / 1e3 * loop_clock(l)->speed);
}

double link_jitter(uint32_t *rng)
{
    uint32_t x = *rng != 0 ? *rng : 1;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    *rng = x;
    return 0.5 + (double)x / 4294967296.0;
}

/* Counts the time of a call that must not wait. */
static void measured(struct link *k, int64_t since_us)
{
    int64_t took = clock_real_us() - since_us;
    k->call_us_max = took > k->call_us_max ? took : k->call_us_max;
}

static void go_down(struct link *k)
{
    loop_watch_close(k->watch);
    k->watch = NULL;
    wire_hangup(&k->wire);
    k->known = k->held = k->moved = false;
    k->local = 0;
    move(k, LINK_DOWN);
    mono_t now = loop_now(k->loop);
    mono_t wait = mono_before(now, k->connect_at) ? mono_sub(k->connect_at, now) : MONO_MS(1);
    loop_timer_after(k->timer, wait);
}

/* After a failed connect: doubling gaps with jitter, so that many lines do not knock in step.
 */
static void connect_failed(struct link *k, enum err e)
{
    double gap = connect_gap_s * (double)(1u << (k->failures < 5 ? k->failures : 5));
    gap = gap < connect_gap_max_s ? gap : connect_gap_max_s;
    k->failures++;
    mono_t at = mono_add(loop_now(k->loop), MONO_S(gap * link_jitter(&k->rng)));
    k->connect_at = mono_before(k->connect_at, at) ? at : k->connect_at;
    go_down(k);
    k->hooks->lost(k->arg, e);
}

static void on_socket(int fd, unsigned ready, void *arg);

static void connect_now(struct link *k)
{
    int64_t start = clock_real_us();
    k->connect_at = mono_add(loop_now(k->loop), MONO_S(connect_gap_s));
    move(k, LINK_CONNECTING);
    enum err e = wire_connect(&k->wire);
    if (e == ERR_OK) {
        struct loop_watch_spec watch = {
            .fd = k->wire.fd, .want = LOOP_WRITE, .fn = on_socket, .arg = k};
        e = loop_watch_open(k->loop, &watch, &k->watch);
    }
    measured(k, start);
    if (e != ERR_OK) {
        connect_failed(k, e);
        return;
    }
    loop_timer_after(k->timer, link_real_ms(k->loop, k->manners.connect_timeout_ms));
}

/* Free again, perhaps after a silence. */
static void rest(struct link *k, int quiet_ms)
{
    loop_timer_stop(k->timer);
    if (quiet_ms > 0) {
        move(k, LINK_QUIET);
        loop_timer_after(k->timer, link_real_ms(k->loop, quiet_ms));
        return;
    }
    move(k, LINK_IDLE);
    link_kick(k);
}

static void on_connected(struct link *k)
{
    enum err e = wire_connected(&k->wire);
    if (e != ERR_OK) {
        connect_failed(k, e);
        return;
    }
    k->failures = 0;
    k->local = wire_port(&k->wire);
    k->connects++;
    loop_watch_want(k->watch, LOOP_READ);
    rest(k, k->manners.connect_quiet_ms);
}

/* A transaction has ended badly, and its connection with it. */
static void give_up(struct link *k, enum err e)
{
    struct frame_answer none = {.exception = 0};
    go_down(k);
    k->hooks->done(k->arg, e, &none, clock_real_us() - k->sent_us);
}

/* ERR_BUSY if the answer is not there yet; else the transaction has ended. */
static enum err on_answer(struct link *k)
{
    struct frame_answer answer;
    int64_t start = clock_real_us();
    enum err e = wire_ready(&k->wire);
    if (e == ERR_OK) {
        e = wire_receive(&k->wire, &k->ask, &answer);
    }
    measured(k, start);
    if (e == ERR_OK || e == ERR_EXCEPTION) {
        /* first the owner learns of it, then it is asked for more */
        k->hooks->done(k->arg, e, &answer, clock_real_us() - k->sent_us);
        rest(k, k->manners.min_gap_ms);
    } else if (e != ERR_BUSY) {
        give_up(k, e);
    }
    return e;
}

/* The other side closed an idle connection, or spoke unasked: both end it. */
static void on_unasked(struct link *k)
{
    enum err e = wire_ready(&k->wire) == ERR_CLOSED ? ERR_CLOSED : ERR_PROTOCOL;
    go_down(k);
    k->hooks->lost(k->arg, e);
}

static void on_socket(int fd, unsigned ready, void *arg)
{
    struct link *k = arg;
    (void)fd;
    (void)ready;
    k->held = k->moved = false;
    if (k->state == LINK_CONNECTING) {
        on_connected(k);
    } else if (k->state == LINK_WAITING) {
        (void)on_answer(k);
    } else {
        on_unasked(k);
    }
}

static void on_timer(void *arg)
{
    struct link *k = arg;
    switch (k->state) {
    case LINK_DOWN:
        connect_now(k);
        break;
    case LINK_CONNECTING:
        connect_failed(k, ERR_TIMEOUT);
        break;
    case LINK_QUIET:
        move(k, LINK_IDLE);
        link_kick(k);
        break;
    case LINK_WAITING:
        /* it may have come while the loop was busy; a later one must not be taken for the next
         * answer, so the connection goes */
        if (on_answer(k) == ERR_BUSY) {
            give_up(k, ERR_TIMEOUT);
        }
        break;
    case LINK_IDLE:
    case LINK_STATES:
        break;
    }
}

uint16_t link_awaits(const struct link *k)
{
    bool waits = k->state == LINK_WAITING && !k->held;
    return k->state == LINK_CONNECTING                         ? UINT16_MAX
           : waits || k->moved || (k->local != 0 && !k->known) ? k->local
                                                               : 0;
}

void link_seen(struct link *k, bool held)
{
    k->known = true;
    k->held = held && k->state == LINK_WAITING;
}

void link_moved(struct link *k)
{
    k->moved = true;
}

void link_kick(struct link *k)
{
    int timeout_ms = 0;
    if (k->state != LINK_IDLE || !k->hooks->next(k->arg, &k->ask, &timeout_ms)) {
        return;
    }
    int64_t start = clock_real_us();
    move(k, LINK_WAITING);
    k->sent_us = start;
    enum err e = wire_send(&k->wire, &k->ask);
    measured(k, start);
    if (e != ERR_OK) {
        give_up(k, e);
        return;
    }
    loop_timer_after(k->timer, link_real_ms(k->loop, timeout_ms));
}

enum err link_open(struct link *k, struct loop *l, const char *host, int port,
                   const struct link_manners *manners)
{
    memset(k, 0, sizeof(*k));
    enum err e = wire_init(&k->wire, host, port);
    if (e != ERR_OK) {
        return e;
    }
    e = loop_timer_open(l, on_timer, k, &k->timer);
    if (e != ERR_OK) {
        wire_fini(&k->wire);
        return e;
    }
    k->loop = l;
    k->manners = *manners;
    return ERR_OK;
}

void link_start(struct link *k, const struct link_hooks *hooks, void *arg, uint32_t seed)
{
    k->hooks = hooks;
    k->arg = arg;
    k->rng = seed * 2654435761u + 1;
    loop_timer_after(k->timer, MONO_MS(1));
}

void link_close(struct link *k)
{
    if (k->loop == NULL) {
        return;
    }
    loop_watch_close(k->watch);
    k->watch = NULL;
    loop_timer_close(k->timer);
    k->timer = NULL;
    wire_fini(&k->wire);
    k->loop = NULL;
}
