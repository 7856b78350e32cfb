/* The event loop over libevent: timers in process time, watches, signals, and the loop's own
 * lag. Runs in every role that has a loop; owns libevent's base and everything opened on it. */
#include "controller/base/loop.h"
#include "controller/base/log.h"
#include "controller/base/timers.h"
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Links an object into its loop's list, so that loop_close() finds what is left. */
struct loop_node {
    struct loop_node *next, **back;
};

struct loop_timer {
    struct loop_node node; /* first member */
    struct loop *loop;
    struct event *event; /* NULL on a granted clock */
    loop_timer_fn *fn;
    void *arg;
    struct timer_node
        when;      /* process time of the next firing; in the heap on a granted clock */
    mono_t period; /* 0: once */
};

struct loop_watch {
    struct loop_node node; /* first member */
    struct loop *loop;
    struct event *event;
    struct loop_watch_spec spec;
};

struct loop_sig {
    struct loop_node node; /* first member */
    struct event *event;
    loop_signal_fn *fn;
    void *arg;
};

struct loop {
    struct event_base *base;
    const struct clock *clock;
    struct loop_node *timers, *watches, *signals;
    int64_t lag_us;
    uint64_t missed;
    bool stop;
    /* granted clock */
    struct timers due;
    int timers_open, timers_room;
    loop_idle_fn *on_idle;
    void *idle_arg;
};

/* ---- Lists ---- */

static void node_link(struct loop_node **list, struct loop_node *n)
{
    n->next = *list;
    n->back = list;
    if (n->next != NULL) {
        n->next->back = &n->next;
    }
    *list = n;
}

static void node_unlink(struct loop_node *n)
{
    *n->back = n->next;
    if (n->next != NULL) {
        n->next->back = n->back;
    }
}

/* ---- The loop ---- */

static void libevent_says(int severity, const char *text)
{
    static const enum log_level levels[] = {LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR};
    enum log_level level = severity >= 0 && severity <= 3 ? levels[severity] : LOG_ERROR;
    log_line(level, "libevent", "text=\"%s\"", text);
}

static void libevent_dies(int code)
{
    log_line(LOG_ERROR, "libevent_fatal", "code=%d", code);
    abort();
}

enum err loop_open(struct loop **out, const struct clock *c)
{
    event_set_log_callback(libevent_says);
    event_set_fatal_callback(libevent_dies);
    /* A peer that closes must give an error code, not end the process. */
    (void)signal(SIGPIPE, SIG_IGN);
    struct loop *l = calloc(1, sizeof *l);
    struct event_config *config = event_config_new();
    if (l != NULL && config != NULL) {
        /* Not the cached time: a delay asked for late in a long callback would end too early.
         */
        enum event_base_config_flag precise =
            c->granted ? EVENT_BASE_FLAG_NOLOCK : EVENT_BASE_FLAG_PRECISE_TIMER;
        (void)event_config_set_flag(config, precise);
        (void)event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME);
        l->base = event_base_new_with_config(config);
    }
    if (config != NULL) {
        event_config_free(config);
    }
    if (l == NULL || l->base == NULL) {
        free(l);
        return ERR_NOMEM;
    }
    l->clock = c;
    *out = l;
    return ERR_OK;
}

static void timer_close(struct loop_node *n)
{
    loop_timer_close((struct loop_timer *)n);
}

static void watch_close(struct loop_node *n)
{
    loop_watch_close((struct loop_watch *)n);
}

static void sig_close(struct loop_node *n)
{
    struct loop_sig *s = (struct loop_sig *)n;
    node_unlink(n);
    event_free(s->event);
    free(s);
}

static void close_all(struct loop_node *first, void (*close_one)(struct loop_node *n))
{
    for (struct loop_node *n = first; n != NULL;) {
        struct loop_node *next = n->next;
        close_one(n);
        n = next;
    }
}

void loop_close(struct loop *l)
{
    if (l == NULL) {
        return;
    }
    close_all(l->timers, timer_close);
    close_all(l->watches, watch_close);
    close_all(l->signals, sig_close);
    event_base_free(l->base);
    free(l->due.at);
    free(l);
}

static void timer_fired(evutil_socket_t fd, short what, void *arg);

/* Fires what a granted clock has reached. */
static void run_due(struct loop *l)
{
    struct timer_node *first = timers_first(&l->due);
    while (first != NULL && !mono_before(l->clock->now, first->due) && !l->stop) {
        struct loop_timer *t =
            (struct loop_timer *)((char *)first - offsetof(struct loop_timer, when));
        timers_stop(&l->due, first);
        timer_fired(-1, EV_TIMEOUT, t);
        first = timers_first(&l->due);
    }
}

void loop_run(struct loop *l)
{
    /* The flag, because libevent forgets a break that was asked for before it runs. */
    while (!l->stop) {
        run_due(l);
        bool stay = l->on_idle != NULL && !l->stop && l->on_idle(l->idle_arg);
        if (l->stop) { /* nothing more, not even what is ready: a run's last moment is fixed */
            break;
        }
        int how = stay ? EVLOOP_NONBLOCK : EVLOOP_NO_EXIT_ON_EMPTY;
        (void)event_base_loop(l->base, EVLOOP_ONCE | how);
    }
    l->stop = false;
}

mono_t loop_due(const struct loop *l)
{
    const struct timer_node *first = timers_first(&l->due);
    return first != NULL ? first->due : (mono_t){INT64_MAX};
}

void loop_on_idle(struct loop *l, loop_idle_fn *fn, void *arg)
{
    l->on_idle = fn;
    l->idle_arg = arg;
}

void loop_stop(struct loop *l)
{
    l->stop = true;
    (void)event_base_loopbreak(l->base);
}

void loop_poll(struct loop *l)
{
    /* One round: without EVLOOP_ONCE a watch that leaves its bytes unread would never let it
     * return. */
    (void)event_base_loop(l->base, EVLOOP_NONBLOCK | EVLOOP_ONCE);
    run_due(l);
}

const struct clock *loop_clock(const struct loop *l)
{
    return l->clock;
}

mono_t loop_now(const struct loop *l)
{
    return clock_mono(l->clock);
}

struct event_base *loop_base(struct loop *l)
{
    return l->base;
}

int64_t loop_lag_us(struct loop *l)
{
    int64_t worst = l->lag_us;
    l->lag_us = 0;
    return worst;
}

uint64_t loop_missed(const struct loop *l)
{
    return l->missed;
}

/* ---- Timers ---- */

/* Waits until the timer's due time. */
static void timer_arm(struct loop_timer *t)
{
    if (t->event == NULL) {
        timers_set(&t->loop->due, &t->when, t->when.due);
        return;
    }
    int64_t us = clock_to_real_us(t->loop->clock, mono_sub(t->when.due, loop_now(t->loop)));
    struct timeval tv = {.tv_sec = us / 1000000, .tv_usec = us % 1000000};
    must(event_add(t->event, &tv) == 0);
}

/* Moves due to the next grid point after now; grid points passed by are counted. */
static void timer_advance(struct loop_timer *t, mono_t now)
{
    int64_t steps = mono_sub(now, t->when.due).us / t->period.us + 1;
    t->when.due.us += steps * t->period.us;
    t->loop->missed += (uint64_t)(steps - 1);
}

static void timer_fired(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct loop_timer *t = arg;
    struct loop *l = t->loop;
    mono_t now = loop_now(l);
    if (mono_before(now, t->when.due)) {
        timer_arm(t); /* a hair too early */
        return;
    }
    int64_t lag = clock_to_real_us(l->clock, mono_sub(now, t->when.due));
    l->lag_us = lag > l->lag_us ? lag : l->lag_us;
    if (t->period.us > 0) {
        timer_advance(t, now);
        timer_arm(t);
    }
    t->fn(t->arg); /* last: it may close the timer */
}

/* Room in the heap for one timer more, so that setting it cannot fail. */
static bool heap_grows(struct loop *l)
{
    if (l->timers_open < l->timers_room) {
        return true;
    }
    int room = l->timers_room > 0 ? 2 * l->timers_room : 16;
    void *more = realloc(l->due.at, (size_t)room * sizeof(struct timer_node *));
    if (more == NULL) {
        return false;
    }
    l->due.at = more;
    l->timers_room = room;
    return true;
}

enum err loop_timer_open(struct loop *l, loop_timer_fn *fn, void *arg, struct loop_timer **out)
{
    struct loop_timer *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return ERR_NOMEM;
    }
    *t = (struct loop_timer){.loop = l, .fn = fn, .arg = arg};
    if (!l->clock->granted) {
        t->event = event_new(l->base, -1, 0, timer_fired, t);
    }
    if (l->clock->granted ? !heap_grows(l) : t->event == NULL) {
        free(t);
        return ERR_NOMEM;
    }
    l->timers_open++;
    node_link(&l->timers, &t->node);
    *out = t;
    return ERR_OK;
}

void loop_timer_close(struct loop_timer *t)
{
    if (t == NULL) {
        return;
    }
    loop_timer_stop(t);
    node_unlink(&t->node);
    if (t->event != NULL) {
        event_free(t->event);
    }
    t->loop->timers_open--;
    free(t);
}

void loop_timer_after(struct loop_timer *t, mono_t delay)
{
    t->period = (mono_t){0};
    t->when.due = mono_add(loop_now(t->loop), delay);
    timer_arm(t);
}

void loop_timer_every(struct loop_timer *t, mono_t period)
{
    must(period.us > 0);
    t->period = period;
    t->when.due = mono_add(loop_now(t->loop), period);
    timer_arm(t);
}

void loop_timer_stop(struct loop_timer *t)
{
    if (t->event == NULL) {
        timers_stop(&t->loop->due, &t->when);
        return;
    }
    (void)event_del(t->event);
}

/* ---- Watches and signals ---- */

static void watch_ready(evutil_socket_t fd, short what, void *arg)
{
    struct loop_watch *w = arg;
    unsigned ready = (what & EV_READ ? LOOP_READ : 0U) | (what & EV_WRITE ? LOOP_WRITE : 0U);
    w->spec.fn(fd, ready, w->spec.arg); /* last: it may close the watch */
}

static short events_of(unsigned want)
{
    unsigned what =
        EV_PERSIST | (want & LOOP_READ ? EV_READ : 0U) | (want & LOOP_WRITE ? EV_WRITE : 0U);
    return (short)what;
}

enum err loop_watch_open(struct loop *l, const struct loop_watch_spec *spec,
                         struct loop_watch **out)
{
    struct loop_watch *w = calloc(1, sizeof *w);
    if (w == NULL) {
        return ERR_NOMEM;
    }
    *w = (struct loop_watch){.loop = l, .spec = *spec};
    w->event = event_new(l->base, spec->fd, events_of(spec->want), watch_ready, w);
    if (w->event == NULL) {
        free(w);
        return ERR_NOMEM;
    }
    if (spec->want != 0 && event_add(w->event, NULL) != 0) {
        event_free(w->event);
        free(w);
        return ERR_IO;
    }
    node_link(&l->watches, &w->node);
    *out = w;
    return ERR_OK;
}

void loop_watch_want(struct loop_watch *w, unsigned want)
{
    if (want == w->spec.want) {
        return;
    }
    w->spec.want = want;
    (void)event_del(w->event);
    if (want == 0) {
        return;
    }
    must(event_assign(w->event, w->loop->base, w->spec.fd, events_of(want), watch_ready, w) ==
         0);
    if (event_add(w->event, NULL) != 0) {
        log_line(LOG_ERROR, "watch_refused", "fd=%d errno=%d", w->spec.fd, errno);
    }
}

void loop_watch_close(struct loop_watch *w)
{
    if (w == NULL) {
        return;
    }
    node_unlink(&w->node);
    event_free(w->event);
    free(w);
}

static void signal_came(evutil_socket_t sig, short what, void *arg)
{
    (void)what;
    struct loop_sig *s = arg;
    s->fn(sig, s->arg);
}

enum err loop_signal(struct loop *l, int sig, loop_signal_fn *fn, void *arg)
{
    struct loop_sig *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return ERR_NOMEM;
    }
    *s = (struct loop_sig){.fn = fn, .arg = arg};
    s->event = event_new(l->base, sig, EV_SIGNAL | EV_PERSIST, signal_came, s);
    if (s->event == NULL || event_add(s->event, NULL) != 0) {
        if (s->event != NULL) {
            event_free(s->event);
        }
        free(s);
        return ERR_NOMEM;
    }
    node_link(&l->signals, &s->node);
    return ERR_OK;
}
