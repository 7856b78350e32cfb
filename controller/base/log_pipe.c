/* The process between the roles' stderr and what it was. Runs in the supervisor; in the new
 * process only system calls, for it shares the state of a loop that is not its own. */
#include "controller/base/log_pipe.h"
#include "controller/base/clock.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PIPE_BYTES = 1 << 20,
    READ_BYTES = 1 << 16,
    LIFE_US_MIN = 1000000, /* one that ends sooner would end again */
    CLOSE_MS = 3000,
    CLOSE_STEP_MS = 5,
};

/* ---- In the new process ---- */

/* What cannot be written is lost: the next lines may have better luck. */
static void pass_on(const char *at, size_t left)
{
    while (left > 0) {
        ssize_t n = write(STDOUT_FILENO, at, left);
        if (n > 0) {
            at += n;
            left -= (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            struct pollfd room = {.fd = STDOUT_FILENO, .events = POLLOUT};
            (void)poll(&room, 1, -1);
        } else if (n == 0 || errno != EINTR) {
            return;
        }
    }
}

/* Ends when the last writer has gone; a signal to the whole group does not end it before. */
static _Noreturn void become_writer(int in, int sink)
{
    static const int deaf[] = {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGCHLD};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    for (size_t i = 0; i < sizeof deaf / sizeof *deaf; i++) {
        (void)sigaction(deaf[i], &ignore, NULL);
    }
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)prctl(PR_SET_NAME, "kilnwatt-log");
    if (dup2(in, STDIN_FILENO) < 0 || dup2(sink, STDOUT_FILENO) < 0 ||
        dup2(sink, STDERR_FILENO) < 0) {
        _exit(126);
    }
    (void)close_range(STDERR_FILENO + 1, ~0U, 0);
    char block[READ_BYTES];
    ssize_t n;
    while ((n = read(STDIN_FILENO, block, sizeof block)) != 0) {
        if (n > 0) {
            pass_on(block, (size_t)n);
        } else if (errno != EINTR) {
            _exit(1);
        }
    }
    _exit(0);
}

/* ---- In the supervisor ---- */

static enum err writer_start(struct log_pipe *p)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    /* The supervisor's handlers must not run in the child. */
    (void)sigprocmask(SIG_BLOCK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        become_writer(p->in, p->sink);
    }
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    if (pid < 0) {
        return ERR_IO;
    }
    p->pid = pid;
    p->started_us = clock_real_us();
    return ERR_OK;
}

static void ends_close(struct log_pipe *p)
{
    int *const fds[] = {&p->in, &p->out, &p->sink};
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
        if (*fds[i] >= 0) {
            (void)close(*fds[i]);
        }
        *fds[i] = -1;
    }
}

enum err log_pipe_open(struct log_pipe *p)
{
    *p = (struct log_pipe){.in = -1, .out = -1, .sink = -1};
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return ERR_IO;
    }
    p->in = ends[0];
    p->out = ends[1];
    (void)fcntl(p->out, F_SETPIPE_SZ, PIPE_BYTES); /* else the usual 64 KiB do */
    p->sink = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (p->sink < 0 || fcntl(p->out, F_SETFL, O_NONBLOCK) != 0 || writer_start(p) != ERR_OK) {
        ends_close(p);
        return ERR_IO;
    }
    if (dup2(p->out, STDERR_FILENO) < 0) {
        ends_close(p); /* the writer ends with its last writer */
        return ERR_IO;
    }
    return ERR_OK;
}

/* true if the process has ended. */
static bool writer_reap(struct log_pipe *p)
{
    if (p->pid > 0 && waitpid(p->pid, NULL, WNOHANG) == p->pid) {
        p->pid = 0;
        return true;
    }
    return false;
}

void log_pipe_reap(struct log_pipe *p)
{
    if (writer_reap(p) && clock_real_us() - p->started_us >= LIFE_US_MIN) {
        (void)writer_start(p); /* without it lines are dropped and counted */
    }
}

void log_pipe_close(struct log_pipe *p)
{
    if (p->sink < 0) {
        return;
    }
    (void)dup2(p->sink, STDERR_FILENO);
    ends_close(p);
    for (int waited = 0; p->pid > 0 && !writer_reap(p) && waited < CLOSE_MS;
         waited += CLOSE_STEP_MS) {
        (void)poll(NULL, 0, CLOSE_STEP_MS);
    }
    p->pid = 0;
}
