/* Real time beside a standing clock, by a timer descriptor. Used in lock-step. */
#include "controller/base/real_timer.h"
#include <sys/timerfd.h>
#include <unistd.h>

static void ready(int fd, unsigned what, void *arg)
{
    struct real_timer *t = arg;
    uint64_t times = 0;
    (void)what;
    if (read(fd, &times, sizeof times) == (ssize_t)sizeof times && t->set) {
        t->set = false;
        t->fn(t->arg);
    }
}

enum err real_timer_open(struct real_timer *t, struct loop *l, loop_timer_fn *fn, void *arg)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (fd < 0) {
        return ERR_IO;
    }
    *t = (struct real_timer){.fd = fd, .fn = fn, .arg = arg};
    struct loop_watch_spec watch = {.fd = fd, .want = LOOP_READ, .fn = ready, .arg = t};
    enum err e = loop_watch_open(l, &watch, &t->watch);
    if (e != ERR_OK) {
        close(fd);
    }
    return e;
}

void real_timer_close(struct real_timer *t)
{
    if (t->watch != NULL) {
        loop_watch_close(t->watch);
        t->watch = NULL;
        close(t->fd);
    }
}

static void arm(struct real_timer *t, int ms)
{
    struct itimerspec when = {
        .it_value = {.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000L}
    };
    t->set = ms > 0;
    must(timerfd_settime(t->fd, 0, &when, NULL) == 0);
}

void real_timer_after(struct real_timer *t, int ms)
{
    arm(t, ms > 0 ? ms : 1);
}

void real_timer_stop(struct real_timer *t)
{
    if (t->set) {
        arm(t, 0);
    }
}
