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
    const char *hello;     /* a line for stderr once nobody waits for it; may be NULL */
    const struct clock *clock;
    char *const *extra; /* further arguments for every role, NULL-terminated; may be NULL */
    int sim_fd; /* with a granted clock: connected to the control socket of the simulator that
                   grants the time; taken over. 0 = none */
};

/* Messages of the supervisor itself (type numbers below 16). */
enum proc_msg {
    PROC_MSG_KILL = 1,  /* to supervisor: uint32_t role; it is killed and restarted at once */
    PROC_MSG_TICK = 2,  /* park to supervisor: the tick has run; feeds systemd's watchdog */
    PROC_MSG_STOP = 3,  /* supervisor to a role: end in good order */
    PROC_MSG_STATE = 4, /* supervisor to park, after each change: struct proc_state */
    /* lock-step only, see lock.h */
    PROC_MSG_TIME = 5,  /* supervisor to a role: mono_t, the time that it has reached */
    PROC_MSG_IDLE = 6,  /* a role to the supervisor: struct proc_idle */
    PROC_MSG_AWAIT = 7, /* field to supervisor: uint32_t[], TCP ports of ours on which something
                           is awaited; answered by PROC_MSG_HELD */
    PROC_MSG_HELD = 8,  /* to field: uint32_t[], those that the simulator knows, with
                           PROC_PORT_HELD where it holds an answer back */
    PROC_MSG_MOVED = 9, /* to field: uint32_t[], ports on which something comes once it is asked
                           for by PROC_MSG_AWAIT */
};
enum { PROC_PORT_HELD = 0x10000 }; /* added to a port */
/* A role has done all that is due at the present time. */
struct proc_idle {
    mono_t until;   /* when it has something to do by itself; INT64_MAX us = never */
    uint64_t taken; /* frames that it has had from the supervisor */
};
struct proc_state {
    struct {
        uint32_t pid;      /* 0 = down */
        uint32_t restarts; /* since the supervisor started */
    } role[ROLE_COUNT];
};

/* Runs all five roles until SIGTERM or SIGINT, or until the simulator that grants the time has
 * ended; returns the exit status for main: 0 ended in good order, 3 the lock-step is stuck or a
 * role used up its restart budget (6 in 60 real seconds; back-off 50 ms
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
