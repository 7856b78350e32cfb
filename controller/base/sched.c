/* One row per urgency. sched(7), setrlimit(2). */
#include "controller/base/sched.h"
#include "controller/base/err.h"
#include <sched.h>
#include <sys/resource.h>

static const struct {
    int policy, priority, nice;
} rows[] = {
    [URGENCY_CONTROL] = {SCHED_RR,    1, 0 },
    [URGENCY_ORDINARY] = {SCHED_OTHER, 0, 0 },
    [URGENCY_BACKGROUND] = {SCHED_BATCH, 0, 10},
};

bool sched_claim(enum urgency u)
{
    must(u <= URGENCY_BACKGROUND);
    struct sched_param param = {.sched_priority = rows[u].priority};
    /* first, so that no process is ever urgent without it */
    struct rlimit spin;
    if (u == URGENCY_CONTROL && getrlimit(RLIMIT_RTTIME, &spin) == 0) {
        spin.rlim_cur = SCHED_SPIN_S * 1000000UL;
        if (spin.rlim_cur <= spin.rlim_max) {
            (void)setrlimit(RLIMIT_RTTIME, &spin);
        }
    }
    if (sched_setscheduler(0, rows[u].policy | SCHED_RESET_ON_FORK, &param) != 0) {
        return false;
    }
    int nice = getpriority(PRIO_PROCESS, 0);
    return nice >= rows[u].nice || setpriority(PRIO_PROCESS, 0, rows[u].nice) == 0;
}
