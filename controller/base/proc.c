/* The supervisor: five roles, their messages, systemd. Runs in the process that `kilnwatt run`
 * starts; owns the children and a loop of its own in real time. */
#include "controller/base/proc.h"
#include "controller/base/child.h"
#include "controller/base/lock.h"
#include "controller/base/log.h"
#include "controller/base/log_pipe.h"
#include "controller/base/notify.h"
#include "controller/base/sched.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { STOP_S = 3, STOP_STAGES = 2, STATUS_OK = 0, STATUS_BOOT = 1, STATUS_FAILED = 3 };

/* essential: the park is not safe or not run without it. stage: in which turn it is told to
 * stop; the store goes last, so that the others' last words are kept. */
static const struct {
    bool essential;
    int stage;
} rules[ROLE_COUNT] = {
    [ROLE_PARK] = {true,  0},
      [ROLE_FIELD] = {true,  0},
      [ROLE_PLAN] = {false, 0},
    [ROLE_STORE] = {false, 1},
      [ROLE_WEB] = {false, 0},
};

struct supervisor {
    struct clock clock; /* live: back-off and deadlines are real seconds at any speed */
    struct loop *loop;
    struct loop_timer *stop_timer;
    struct notify notify;
    struct log_pipe log;               /* for the roles, too */
    struct child children[ROLE_COUNT]; /* [ROLE_SUPERVISOR] is not used */
    struct proc_spec spec;             /* what they are started with */
    struct clock role_clock;           /* theirs */
    struct arena arena;                /* of the lock-step */
    struct lock *lock;                 /* NULL: not in lock-step */
    bool ready;                        /* READY=1 has been sent */
    int stop_stage;                    /* -1: running */
    bool signalled;                    /* told to stop from outside */
    int status;
};

static struct child *child_of(struct supervisor *s, unsigned role)
{
    return role > ROLE_SUPERVISOR && role < ROLE_COUNT ? &s->children[role] : NULL;
}

/* A frame of our own or in passing; false if the role is down or its link is full, which the
 * link counts: nobody waits for a slow role. */
static bool role_send(void *arg, enum role to, const struct msg_head *head, const void *payload)
{
    struct supervisor *s = arg;
    struct child *c = child_of(s, to);
    if (c == NULL || c->link == NULL) {
        return false;
    }
    return msg_forward(c->link, head, payload) == ERR_OK;
}

static bool say(struct supervisor *s, enum role to, uint16_t type, const void *data, size_t len)
{
    struct msg_head head = msg_from(ROLE_SUPERVISOR, msg_to(to, type, 0, len));
    bool sent = role_send(s, to, &head, data);
    if (sent && s->lock != NULL) {
        lock_given(s->lock, to);
    }
    return sent;
}

/* ---- Stopping ---- */

static bool stage_is_down(struct supervisor *s, int stage)
{
    for (unsigned r = ROLE_PARK; r < ROLE_COUNT; r++) {
        if (rules[r].stage == stage && !child_is_down(&s->children[r])) {
            return false;
        }
    }
    return true;
}

static void stage_stop(struct supervisor *s)
{
    for (unsigned r = ROLE_PARK; r < ROLE_COUNT; r++) {
        struct child *c = &s->children[r];
        if (rules[r].stage != s->stop_stage || c->link == NULL) {
            continue;
        }
        if (!say(s, c->role, PROC_MSG_STOP, NULL, 0)) {
            child_kill(c); /* it does not even read: it will not stop either */
        }
    }
    loop_timer_after(s->stop_timer, MONO_S(STOP_S));
}

/* Goes on to the next stage when the present one is down; ends the loop after the last. */
static void stop_advance(struct supervisor *s)
{
    while (s->stop_stage < STOP_STAGES && stage_is_down(s, s->stop_stage)) {
        s->stop_stage++;
        if (s->stop_stage < STOP_STAGES) {
            stage_stop(s);
        }
    }
    if (s->stop_stage == STOP_STAGES) {
        loop_stop(s->loop);
    }
}

static void stop_begin(struct supervisor *s, int status)
{
    if (s->stop_stage >= 0) {
        return;
    }
    s->status = status;
    s->stop_stage = 0;
    notify_send(&s->notify, "STOPPING=1");
    log_line(LOG_INFO, "stopping", "status=%d", status);
    for (unsigned r = ROLE_PARK; r < ROLE_COUNT; r++) {
        struct child *c = &s->children[r];
        c->no_restart = true;
        if (c->link == NULL) { /* else the timer may still wait for the link */
            loop_timer_stop(c->again);
        }
    }
    stage_stop(s);
}

static void stop_overdue(void *arg)
{
    struct supervisor *s = arg;
    for (unsigned r = ROLE_PARK; r < ROLE_COUNT; r++) {
        struct child *c = &s->children[r];
        if (rules[r].stage <= s->stop_stage && c->pid > 0) {
            log_line(LOG_WARN, "role_killed", "of=%s why=\"did not stop in %d s\"",
                     role_name(c->role), STOP_S);
            child_kill(c);
        }
    }
    stop_advance(s);
}

/* ---- Messages ---- */

static void state_tell(struct supervisor *s)
{
    struct proc_state state = {0};
    for (unsigned r = ROLE_PARK; r < ROLE_COUNT; r++) {
        state.role[r].pid = (uint32_t)s->children[r].pid;
        state.role[r].restarts = s->children[r].restarts;
    }
    state.role[ROLE_SUPERVISOR].pid = (uint32_t)getpid();
    (void)say(s, ROLE_PARK, PROC_MSG_STATE, &state,
              sizeof state); /* the next tells all again */
}

static void ticked(struct supervisor *s)
{
    if (!s->ready) {
        s->ready = true;
        log_line(LOG_INFO, "ready", "roles=%d", ROLE_COUNT - 1);
        notify_send(&s->notify, "READY=1");
    }
    notify_send(&s->notify, "WATCHDOG=1");
}

static void own_frame(struct supervisor *s, const struct msg_head *head, const void *payload)
{
    if (head->type == PROC_MSG_TICK && head->from == ROLE_PARK) {
        ticked(s);
        return;
    }
    uint32_t role = ROLE_COUNT;
    if (head->type == PROC_MSG_KILL && head->len == sizeof role) {
        memcpy(&role, payload, sizeof role);
    }
    struct child *victim = child_of(s, role);
    if (victim == NULL) {
        log_line(LOG_WARN, "frame_not_understood", "from=%s type=%u len=%u",
                 role_name((enum role)head->from), head->type, head->len);
        return;
    }
    log_line(LOG_WARN, "role_killed", "of=%s by=%s", role_name(victim->role),
             role_name((enum role)head->from));
    child_kill(victim);
}

static void frame_came(struct msg_link *k, const struct msg_head *head, const void *payload,
                       void *arg)
{
    (void)k;
    struct child *from = arg;
    struct supervisor *s = from->arg;
    struct msg_head h = *head;
    h.from = (uint8_t)from->role; /* who really sent it */
    if (h.to == ROLE_SUPERVISOR) {
        if (s->lock == NULL || !lock_own(s->lock, &h, payload)) {
            own_frame(s, &h, payload);
        }
        return;
    }
    struct child *to = child_of(s, h.to);
    bool lost = s->lock != NULL ? lock_queue(s->lock, &h, payload) != ERR_OK : to->link == NULL;
    if (lost) {
        to->dropped++;
    } else if (s->lock == NULL) {
        (void)role_send(s, to->role, &h, payload);
    }
}

static void child_changed(struct child *c)
{
    struct supervisor *s = c->arg;
    if (s->lock != NULL && c->link != NULL) {
        lock_up(s->lock, c->role);
    }
    state_tell(s);
    if (s->lock != NULL && c->link == NULL) {
        lock_down(s->lock, c->role, !c->no_restart);
    }
    if (s->stop_stage >= 0) {
        stop_advance(s);
    }
}

static void child_exhausted(struct child *c)
{
    stop_begin(c->arg, STATUS_FAILED);
}

static const struct child_hooks hooks = {
    .on_msg = frame_came, .on_change = child_changed, .on_exhausted = child_exhausted};

/* ---- Signals and life ---- */

static void on_sigchld(int sig, void *arg)
{
    (void)sig;
    struct supervisor *s = arg;
    for (unsigned r = ROLE_PARK; r < ROLE_COUNT; r++) {
        child_reap(&s->children[r]);
    }
    log_pipe_reap(&s->log);
}

static void on_stop_signal(int sig, void *arg)
{
    struct supervisor *s = arg;
    log_line(LOG_INFO, "signal", "number=%d", sig);
    if (s->signalled && s->stop_stage >= 0) {
        stop_overdue(s); /* asked twice: no more patience */
        return;
    }
    s->signalled = true;
    if (s->stop_stage >= 0) {
        return; /* it stops already, for a reason of its own */
    }
    stop_begin(s, STATUS_OK);
    stop_advance(s);
}

static void lock_ended(void *arg, bool good)
{
    struct supervisor *s = arg;
    stop_begin(s, good ? STATUS_OK : STATUS_FAILED);
}

static enum err lock_begin(struct supervisor *s)
{
    static const struct lock_hooks lock_hooks = {role_send, lock_ended};
    struct lock_spec lock = {s->loop, s->spec.sim_fd, &s->role_clock, &lock_hooks, s};
    return s->role_clock.granted ? lock_open(&s->lock, &s->arena, &lock) : ERR_OK;
}

static enum err supervisor_open(struct supervisor *s, const struct proc_spec *spec)
{
    static const size_t arena_max = 64u << 20; /* taken in lock-step only */
    s->spec = *spec;
    s->role_clock = *spec->clock;
    s->spec.clock = &s->role_clock;
    arena_init(&s->arena, arena_max);
    enum err e = loop_open(&s->loop, &s->clock);
    if (e == ERR_OK) {
        e = loop_timer_open(s->loop, stop_overdue, s, &s->stop_timer);
    }
    static const int stop_signals[] = {SIGTERM, SIGINT};
    for (size_t i = 0; e == ERR_OK && i < sizeof stop_signals / sizeof *stop_signals; i++) {
        e = loop_signal(s->loop, stop_signals[i], on_stop_signal, s);
    }
    if (e == ERR_OK) {
        e = loop_signal(s->loop, SIGCHLD, on_sigchld, s);
    }
    for (unsigned r = ROLE_PARK; e == ERR_OK && r < ROLE_COUNT; r++) {
        s->children[r] = (struct child){.role = (enum role)r,
                                        .essential = rules[r].essential,
                                        .spec = &s->spec,
                                        .loop = s->loop,
                                        .hooks = &hooks,
                                        .arg = s};
        e = child_open(&s->children[r]);
    }
    return e == ERR_OK ? lock_begin(s) : e;
}

static void supervisor_close(struct supervisor *s)
{
    for (unsigned r = ROLE_PARK; r < ROLE_COUNT; r++) {
        child_close(&s->children[r]);
    }
    if (s->lock != NULL) {
        lock_close(s->lock);
    }
    loop_timer_close(s->stop_timer);
    loop_close(s->loop);
    arena_fini(&s->arena);
}

int proc_supervise(const struct proc_spec *spec)
{
    struct supervisor s = {.stop_stage = -1, .status = STATUS_OK};
    clock_init_live(&s.clock);
    log_setup(role_name(ROLE_SUPERVISOR), spec->clock, LOG_INFO);
    notify_init(&s.notify);
    if (log_pipe_open(&s.log) != ERR_OK) {
        log_line(LOG_WARN, "log_may_wait", "errno=%d", errno);
    }
    if (spec->hello != NULL) {
        (void)dprintf(STDERR_FILENO, "%s", spec->hello);
    }
    if (!spec->clock->granted) {
        (void)sched_claim(URGENCY_CONTROL); /* what it forwards waits with it; roles report */
    }
    enum err e = supervisor_open(&s, spec);
    if (e != ERR_OK) {
        log_line(LOG_ERROR, "supervisor_not_started", "why=%s", err_name(e));
        supervisor_close(&s);
        log_pipe_close(&s.log);
        return STATUS_BOOT;
    }
    for (unsigned r = ROLE_PARK; r < ROLE_COUNT; r++) {
        child_start(&s.children[r]);
    }
    loop_run(s.loop);
    log_line(LOG_INFO, "stopped", "status=%d", s.status);
    supervisor_close(&s);
    log_pipe_close(&s.log);
    return s.status;
}
