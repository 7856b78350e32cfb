/* Stderr as a pipe that never makes a writer wait: a process of its own takes the lines out of
 * it and writes them to where stderr went before, however slow, full or hung that is. Runs in
 * the supervisor, whose roles inherit it; owns the pipe and that process.
 *
 * Why: control must not wait for a disk. A line to a file blocks while the file system commits,
 * and a journald that hangs blocks for good. */
#ifndef KILNWATT_BASE_LOG_PIPE_H
#define KILNWATT_BASE_LOG_PIPE_H

#include "controller/base/err.h"
#include <stdint.h>
#include <sys/types.h>

struct log_pipe {
    int in, out; /* both ends; stderr is one more copy of out. -1: none */
    int sink;    /* where stderr went before */
    pid_t pid;   /* of the process between; 0 = none */
    int64_t started_us;
};

/* ERR_IO: stderr is what it was. What does not fit (1 MiB, or what the kernel allows) is
 * dropped and counted by log_line(). */
must_check enum err log_pipe_open(struct log_pipe *p);

/* On SIGCHLD: if the process has ended, another takes its place, unless it did not live for
 * a second; nobody writes the lines then. */
void log_pipe_reap(struct log_pipe *p);

/* Gives stderr back and waits, for at most 3 s, until all lines have been written; they
 * are still written later if it takes longer. Does nothing after a failed log_pipe_open(). */
void log_pipe_close(struct log_pipe *p);

#endif
