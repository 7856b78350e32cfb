/* One role's process as the supervisor keeps it: started, watched, restarted with back-off
 * inside a budget. Runs in the supervisor; a child owns its message link, the link's arena and
 * its timer. */
#ifndef KILNWATT_BASE_CHILD_H
#define KILNWATT_BASE_CHILD_H

#include "controller/base/proc.h"
#include <sys/types.h>

enum { CHILD_BUDGET = 6, CHILD_BUDGET_S = 60, CHILD_FD = 3 };

struct child;
struct child_hooks {
    msg_fn *on_msg;                        /* arg: the child */
    void (*on_change)(struct child *c);    /* it came up, or it has ended altogether */
    void (*on_exhausted)(struct child *c); /* the budget of an essential role is used up */
};

struct child {
    enum role role;
    bool essential; /* used-up budget ends the supervisor; else it is tried every 10 s */
    const struct proc_spec *spec;
    struct loop *loop;
    const struct child_hooks *hooks;
    void *arg;             /* the hooks' owner */
    pid_t pid;             /* 0: down */
    struct msg_link *link; /* NULL: down */
    struct arena arena;    /* of the link; emptied before each start */
    struct loop_timer *again;
    uint32_t restarts;
    bool no_restart; /* stopping */
    bool asked;      /* killed on request: costs no budget, no waiting */
    int backoff_ms;  /* before the next restart */
    int64_t started_us;
    int64_t spent_us[CHILD_BUDGET]; /* when the last restarts were charged; a ring */
    int spent;                      /* charged so far */
    uint64_t dropped;               /* frames that found it down or full */
};

/* Prepares a child whose role, essential, spec, loop, hooks and arg are set. ERR_NOMEM. */
must_check enum err child_open(struct child *c);
void child_close(struct child *c);
/* Starts the process now; on failure it is tried again like after a crash. */
void child_start(struct child *c);
/* Asks waitpid() for this child; call for every child on SIGCHLD. */
void child_reap(struct child *c);
/* Kills it at once; it is started again at once unless no_restart. */
void child_kill(struct child *c);
/* Process and link are gone. */
bool child_is_down(const struct child *c);

#endif
