/* How soon the kernel runs this process when others want the processor too. The roles that hold
 * the grid limits go first, whatever the planner or a browser costs. Used by every role, the
 * supervisor and the simulator. */
#ifndef KILNWATT_BASE_SCHED_H
#define KILNWATT_BASE_SCHED_H

#include <stdbool.h>

enum urgency {
    URGENCY_CONTROL,   /* SCHED_RR, the lowest of its priorities: ahead of all ordinary work */
    URGENCY_ORDINARY,  /* SCHED_OTHER */
    URGENCY_BACKGROUND /* SCHED_BATCH, nice 10: takes what is left */
};

/* Processor time without a pause after which a process in URGENCY_CONTROL is ended by SIGXCPU
 * (and restarted if it is a role): an endless loop must not shut out the rest. */
enum { SCHED_SPIN_S = 5 };

/* Sets the calling process; what it starts is ordinary again. false where URGENCY_CONTROL is
 * not permitted (no CAP_SYS_NICE, RLIMIT_RTPRIO 0): it stays ordinary. */
bool sched_claim(enum urgency u);

#endif
