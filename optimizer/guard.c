/* The solve in a child process; its answer comes back through shared memory. Owns the child and
 * the mapping for the time of the call. */
#include "optimizer/guard.h"
#include "optimizer/checker.h"
#include "optimizer/rule.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const double WORK_ONLY_S = 600;

struct shared {
    enum err err;
    uint32_t written;
    struct problem_fault fault;
    struct plan plan;
};

/* Address space that the child may still take on top of what it inherits. */
static void bound_memory(void)
{
#ifndef __SANITIZE_ADDRESS__
    struct rlimit r = {.rlim_cur = (rlim_t)GUARD_MEMORY_MIB << 20,
                       .rlim_max = (rlim_t)GUARD_MEMORY_MIB << 20};
    setrlimit(RLIMIT_AS, &r);
#endif
    struct rlimit core = {0, 0};
    setrlimit(RLIMIT_CORE, &core);
}

static _Noreturn void child_main(const struct guard_question *q, struct shared *s, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    if (getppid() != parent) {
        _exit(1);
    }
    bound_memory();
    s->err = solve_problem(q->p, q->previous, q->limits, &s->plan, &s->fault);
    s->written = 1;
    _exit(0);
}

/* Waits for the child until its deadline, then kills it. */
static enum guard_end wait_child(pid_t pid, double seconds)
{
    int fd = pidfd_open(pid, 0), status = 0, ready = 0;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    do {
        ready = fd >= 0 ? poll(&p, 1, (int)(seconds * 1000)) : 0;
    } while (ready < 0 && errno == EINTR);
    if (ready <= 0) {
        kill(pid, SIGKILL);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (fd >= 0) {
        close(fd);
    }
    if (ready <= 0) {
        return GUARD_KILLED;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? GUARD_DONE : GUARD_DIED;
}

/* The plan without a solver: rules, or the last plan shifted where that is better. */
static enum err plan_without(const struct guard_question *q, struct plan *out,
                             struct plan *spare)
{
    struct checker_fault why;
    enum err e = rule_plan(q->p, out);
    e = e == ERR_OK ? checker_check(q->p, out, &why) : e;
    if (q->previous && shift_plan(q->p, q->previous, spare) == ERR_OK &&
        checker_check(q->p, spare, &why) == ERR_OK &&
        (e != ERR_OK || spare->objective_yuan < out->objective_yuan)) {
        plan_copy(out, spare);
        e = ERR_OK;
    }
    return e == ERR_OK ? ERR_OK : ERR_INFEASIBLE;
}

static enum guard_end run_child(const struct guard_question *q, struct shared *s)
{
    double seconds = q->limits->seconds > 0 ? q->limits->seconds * 1.1 + 0.25 : WORK_ONLY_S;
    pid_t parent = getpid(), pid = fork();
    if (pid < 0) {
        return GUARD_NOT_STARTED;
    }
    if (pid == 0) {
        child_main(q, s, parent);
    }
    return wait_child(pid, seconds);
}

enum err guard_solve(const struct guard_question *q, struct plan *out,
                     struct problem_fault *fault, enum guard_end *end)
{
    enum guard_end how = GUARD_NOT_STARTED;
    enum err e = problem_validate(q->p, fault);
    if (e != ERR_OK) {
        return e;
    }
    struct shared *s =
        mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED) {
        return ERR_NOMEM;
    }
    struct checker_fault why;
    if (q->limits->policy == PLAN_POLICY_MILP) {
        how = run_child(q, s);
    }
    /* A child that was lost leaves its best plan so far; one torn in the middle is refused. */
    bool done = how == GUARD_DONE && s->written && s->err == ERR_OK;
    bool lost = how == GUARD_KILLED || how == GUARD_DIED;
    bool good = (done || (lost && s->plan.version == PLAN_VERSION)) &&
                checker_check(q->p, &s->plan, &why) == ERR_OK;
    if (good) {
        plan_copy(out, &s->plan);
    } else {
        e = plan_without(q, out, &s->plan);
    }
    munmap(s, sizeof *s);
    if (end) {
        *end = how;
    }
    return e;
}
