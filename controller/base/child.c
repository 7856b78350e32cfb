/* Starting, watching and restarting one role's process. Runs in the supervisor. */
#include "controller/base/child.h"
#include "controller/base/log.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    BACKOFF_MS_MIN = 50,
    BACKOFF_MS_MAX = 2000,
    HEALTHY_S = 10,    /* alive that long: the next crash is a first one again */
    SLOW_RETRY_S = 10, /* a role that used up its budget and is not essential */
    LINGER_MS = 100,   /* for what a dead role's socket still holds */
    GRACE_MS = 500,    /* for a role that has closed its socket to end by itself */
    OUT_MAX = 8 * 1024 * 1024,
    LINK_BYTES_MAX = MSG_LEN_MAX + 4096, /* the receive buffer and the link itself */
    ARGS_MAX = 64
};

/* ---- In the new process, between fork() and execv(): system calls only ---- */

static _Noreturn void become_role(char *const *args, const char *exe, int fd, pid_t parent)
{
    sigset_t none;
    (void)sigemptyset(&none);
    struct sigaction plain = {.sa_handler = SIG_DFL};
    static const int caught[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGPIPE};
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++) {
        (void)sigaction(caught[i], &plain, NULL);
    }
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(0); /* the supervisor died before the line above */
    }
    int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0) {
        _exit(126);
    }
    if (fd == CHILD_FD ? fcntl(fd, F_SETFD, 0) != 0 : dup2(fd, CHILD_FD) < 0) {
        _exit(126);
    }
    (void)close_range(CHILD_FD + 1, ~0U, 0);
    (void)execv(exe, args);
    _exit(127);
}

/* ---- Restarting ---- */

/* true if another restart may be charged now. */
static bool budget_left(const struct child *c, int64_t now_us)
{
    if (c->spent < CHILD_BUDGET) {
        return true;
    }
    int64_t oldest = c->spent_us[c->spent % CHILD_BUDGET];
    return now_us - oldest >= (int64_t)CHILD_BUDGET_S * 1000000;
}

/* Milliseconds to wait; moves the back-off on. */
static int backoff_take(struct child *c, int64_t now_us)
{
    if (now_us - c->started_us >= (int64_t)HEALTHY_S * 1000000) {
        c->backoff_ms = 0;
    }
    int wait_ms = c->backoff_ms;
    int next = wait_ms == 0 ? BACKOFF_MS_MIN : wait_ms * 2;
    c->backoff_ms = next < BACKOFF_MS_MAX ? next : BACKOFF_MS_MAX;
    return wait_ms;
}

/* Process and link are gone: decides when it is started again. */
static void plan_restart(struct child *c)
{
    int64_t now_us = clock_real_us();
    int wait_ms = 0;
    if (!c->no_restart && !c->asked) {
        if (budget_left(c, now_us)) {
            c->spent_us[c->spent++ % CHILD_BUDGET] = now_us;
            wait_ms = backoff_take(c, now_us);
        } else if (c->essential) {
            log_line(LOG_ERROR, "restarts_used_up", "of=%s restarts=%u", role_name(c->role),
                     c->restarts);
            c->no_restart = true;
            c->hooks->on_exhausted(c);
        } else {
            wait_ms = SLOW_RETRY_S * 1000;
            log_line(LOG_ERROR, "restarts_used_up", "of=%s restarts=%u next_s=%d",
                     role_name(c->role), c->restarts, SLOW_RETRY_S);
        }
    }
    c->asked = false;
    if (!c->no_restart) {
        loop_timer_after(c->again, MONO_MS(wait_ms));
    }
    c->hooks->on_change(c);
}

static void link_drop(struct child *c)
{
    c->dropped += msg_dropped(c->link);
    msg_close(c->link);
    c->link = NULL;
}

static void link_gone(struct msg_link *k, void *arg)
{
    (void)k;
    struct child *c = arg;
    link_drop(c);
    if (c->pid == 0) {
        plan_restart(c);
    } else if (!c->no_restart) {
        /* It is ending, or it wrote nonsense and nobody can talk to it any more. */
        loop_timer_after(c->again, MONO_MS(GRACE_MS));
    }
}

static void link_frame(struct msg_link *k, const struct msg_head *head, const void *payload,
                       void *arg)
{
    struct child *c = arg;
    c->hooks->on_msg(k, head, payload, c);
}

static void again(void *arg)
{
    struct child *c = arg;
    if (c->pid > 0) {
        (void)kill(c->pid, SIGKILL);
    } else if (c->link !=
               NULL) { /* it died long enough ago; what its socket still holds is lost */
        link_drop(c);
        plan_restart(c);
    } else if (!c->no_restart) {
        c->restarts++;
        child_start(c);
    }
}

void child_reap(struct child *c)
{
    int status = 0;
    if (c->pid <= 0 || waitpid(c->pid, &status, WNOHANG) != c->pid) {
        return;
    }
    bool by_signal = WIFSIGNALED(status);
    log_line(c->no_restart || c->asked ? LOG_INFO : LOG_ERROR, "role_ended",
             "of=%s pid=%d %s=%d alive_s=%.1f dropped=%" PRIu64, role_name(c->role),
             (int)c->pid, by_signal ? "signal" : "status",
             by_signal ? WTERMSIG(status) : WEXITSTATUS(status),
             (double)(clock_real_us() - c->started_us) / 1e6, c->dropped);
    c->pid = 0;
    if (c->link != NULL) {
        loop_timer_after(c->again, MONO_MS(LINGER_MS)); /* usually link_gone() comes at once */
    } else {
        plan_restart(c);
    }
}

void child_kill(struct child *c)
{
    if (c->pid > 0) {
        c->asked = true;
        (void)kill(c->pid, SIGKILL);
    }
}

bool child_is_down(const struct child *c)
{
    return c->pid == 0 && c->link == NULL;
}

/* ---- Starting ---- */

/* Both ends of the new process's socket; the first is the supervisor's. */
static enum err fork_role(struct child *c, char *const *args, const int ends[2])
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    pid_t parent = getpid();
    /* A signal that came here before execv() would be handled twice: here and by the
     * supervisor. */
    (void)sigprocmask(SIG_BLOCK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        become_role(args, c->spec->exe, ends[1], parent);
    }
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    if (pid < 0) {
        return ERR_IO;
    }
    c->pid = pid;
    c->started_us = clock_real_us();
    return ERR_OK;
}

/* The supervisor's end. The last link's memory goes only here, where none of its callbacks
 * runs: they end in a timer, and the timer starts the next process. */
static enum err link_open(struct child *c, int fd)
{
    arena_fini(&c->arena);
    struct msg_spec link = {.self = ROLE_SUPERVISOR,
                            .out_max = OUT_MAX,
                            .arena = &c->arena,
                            .in_max = MSG_LEN_MAX,
                            .on_msg = link_frame,
                            .on_gone = link_gone,
                            .at_once = c->spec->clock->granted,
                            .arg = c};
    return msg_open(c->loop, fd, &link, &c->link);
}

static enum err launch(struct child *c)
{
    char clock[96];
    char fd[12];
    clock_format(c->spec->clock, clock, sizeof clock);
    (void)snprintf(fd, sizeof fd, "%d", CHILD_FD);
    /* execv() takes char *const[] and changes nothing. */
    const char *args[ARGS_MAX + 1] = {
        "kilnwatt",
        "role",
        role_name(c->role),
        "--fd",
        fd,
        "--clock",
        clock,
        "--park",
        c->spec->park_file,
        "--state",
        c->spec->state_dir,
    };
    int n = 11;
    for (char *const *x = c->spec->extra; x != NULL && *x != NULL && n < ARGS_MAX; x++) {
        args[n++] = *x;
    }
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return ERR_IO;
    }
    enum err e = link_open(c, ends[0]);
    if (e != ERR_OK) {
        (void)close(ends[0]);
        (void)close(ends[1]);
        return e;
    }
    e = fork_role(c, (char *const *)(uintptr_t)args, ends);
    (void)close(ends[1]);
    if (e != ERR_OK) {
        link_drop(c);
    }
    return e;
}

void child_start(struct child *c)
{
    enum err e = launch(c);
    if (e != ERR_OK) {
        log_line(LOG_ERROR, "role_not_started", "of=%s why=%s errno=%d", role_name(c->role),
                 err_name(e), errno);
        plan_restart(c);
        return;
    }
    log_line(LOG_INFO, "role_started", "of=%s pid=%d restarts=%u", role_name(c->role),
             (int)c->pid, c->restarts);
    c->hooks->on_change(c);
}

enum err child_open(struct child *c)
{
    c->backoff_ms = BACKOFF_MS_MIN;
    arena_init(&c->arena, LINK_BYTES_MAX);
    return loop_timer_open(c->loop, again, c, &c->again);
}

void child_close(struct child *c)
{
    if (c->link != NULL) {
        link_drop(c);
    }
    loop_timer_close(c->again);
    c->again = NULL;
    arena_fini(&c->arena);
}
