/* Processes: the supervisor starts roles by re-executing this binary, restarts them with
 * back-off inside a budget, forwards their messages, and tells systemd. Runs in the supervisor;
 * owns the children. */
#ifndef KILNWATT_BASE_PROC_H
#define KILNWATT_BASE_PROC_H

#include "controller/base/msg.h"

struct proc_spec {
    const char *exe;       /* path of this binary, usually /proc/self/exe resolved */
    const char *park_file; /* handed to every role */
    const char *state_dir; /* database, run files */
    const struct clock *clock;
    char *const *extra; /* further arguments for every role, NULL-terminated; may be NULL */
};

/* Messages of the supervisor itself (type numbers below 16). */
enum proc_msg {
    PROC_MSG_KILL = 1,  /* to supervisor: uint32_t role; it is killed and restarted at once */
    PROC_MSG_TICK = 2,  /* park to supervisor: the tick has run; feeds systemd's watchdog */
    PROC_MSG_STOP = 3,  /* supervisor to a role: end in good order */
    PROC_MSG_STATE = 4, /* supervisor to park, after each change: struct proc_state */
};
struct proc_state {
    struct {
        uint32_t pid;      /* 0 = down */
        uint32_t restarts; /* since the supervisor started */
    } role[ROLE_COUNT];
};

/* Runs all five roles until SIGTERM or SIGINT; returns the exit status for main: 0 ended in
 * good order, 3 a role used up its restart budget (6 in 60 real seconds; back-off 50 ms
 * doubling to 2 s). A role is told PROC_MSG_STOP, then killed after 3 s. Sends systemd READY=1
 * once park ticks, WATCHDOG=1 on each PROC_MSG_TICK, STOPPING=1 at the end, through
 * NOTIFY_SOCKET if set. */
int proc_supervise(const struct proc_spec *spec);

/* In a role: `kilnwatt role NAME --fd N --clock TEXT --park FILE --state DIR [extra…]`. */
struct proc_role {
    enum role role;
    int fd; /* message socket to the supervisor */
    struct clock clock;
    const char *park_file, *state_dir;
    int argc; /* the extra arguments */
    char **argv;
};
/* Parses a role's command line (argv[0] is the role's name), sets up logging and
 * PR_SET_PDEATHSIG. ERR_SYNTAX with a line on stderr. */
must_check enum err proc_role_init(struct proc_role *r, int argc, char **argv);

#endif
