/* `kilnwatt demo`: the simulated park and the controller on it, as two child processes of this
 * one. */
#include "controller/cli/commands.h"
#include "controller/cli/site.h"
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int help(FILE *to, int status)
{
    fprintf(
        to,
        "usage: kilnwatt demo PARK.yaml [--speed N] [--hours H] [--policy plan|rule] [--start "
        "TIME]\n"
        "                     [--seed N] [--report FILE] [--state DIR]\n\n"
        "Starts the simulated park and the controller on it; Ctrl-C ends both.\n\n"
        "examples:\n"
        "  kilnwatt demo etc/parks/ceramics.yaml\n"
        "  kilnwatt demo etc/parks/ceramics.yaml --speed 60 --hours 24 --report day.json\n");
    return status;
}

struct demo {
    const char *park_file, *speed, *hours, *policy, *start, *seed, *report, *state;
    char dir[PATH_LEN], socket[PATH_LEN + 16], exe[PATH_LEN];
    pid_t sim, run;
};

static int parse(int argc, char **argv, struct demo *o)
{
    static const struct option known[] = {
        {"speed",  required_argument, NULL, 0  },
        {"hours",  required_argument, NULL, 1  },
        {"policy", required_argument, NULL, 2  },
        {"start",  required_argument, NULL, 3  },
        {"seed",   required_argument, NULL, 4  },
        {"report", required_argument, NULL, 5  },
        {"state",  required_argument, NULL, 6  },
        {"help",   no_argument,       NULL, 'h'},
        {NULL,     0,                 NULL, 0  }
    };
    const char **into[] = {&o->speed, &o->hours,  &o->policy, &o->start,
                           &o->seed,  &o->report, &o->state};
    int c;
    optind = 1;
    while ((c = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        if (c >= 0 && c < 7) {
            *into[c] = optarg;
        } else {
            return help(c == 'h' ? stdout : stderr, c == 'h' ? 0 : 2);
        }
    }
    if (optind + 1 != argc) {
        return help(stderr, 2);
    }
    o->park_file = argv[optind];
    return -1;
}

static pid_t spawn(const char *exe, char **args)
{
    pid_t pid = fork();
    if (pid == 0) {
        sigset_t none;
        /* Ctrl-C is for us: we end both in good order, and they end with us */
        (void)setpgid(0, 0);
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        execv(exe, args);
        _exit(127);
    }
    return pid;
}

static void add(char **args, int *n, const char *key, const char *value)
{
    if (value != NULL) {
        args[(*n)++] = (char *)key;
        args[(*n)++] = (char *)value;
    }
}

static void start_sim(struct demo *o)
{
    char *args[24] = {(char *)"kilnwatt", (char *)"sim", (char *)o->park_file};
    int n = 3;
    add(args, &n, "--speed", o->speed);
    add(args, &n, "--hours", o->hours);
    add(args, &n, "--start", o->start);
    add(args, &n, "--seed", o->seed);
    add(args, &n, "--report", o->report);
    add(args, &n, "--control", o->socket);
    o->sim = spawn(o->exe, args);
}

static void start_run(struct demo *o)
{
    char *args[16] = {(char *)"kilnwatt", (char *)"run", (char *)o->park_file};
    int n = 3;
    add(args, &n, "--state", o->dir);
    add(args, &n, "--policy", o->policy);
    add(args, &n, "--sim", o->socket);
    o->run = spawn(o->exe, args);
}

static void nap(long ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000L};
    nanosleep(&t, NULL);
}

/* Waits until the simulator answers; false when it ended or said nothing for ten seconds. */
static bool sim_ready(struct demo *o)
{
    char text[128];
    for (int i = 0; i < 100; i++) {
        int status;
        if (waitpid(o->sim, &status, WNOHANG) == o->sim) {
            o->sim = 0;
            return false;
        }
        if (site_ask(o->socket, "clock", text, sizeof text) == ERR_OK) {
            return true;
        }
        nap(100);
    }
    return false;
}

static void end(pid_t pid)
{
    int status;
    if (pid <= 0) {
        return;
    }
    kill(pid, SIGTERM);
    for (int i = 0; i < 60; i++) {
        if (waitpid(pid, &status, WNOHANG) == pid) {
            return;
        }
        nap(100);
    }
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
}

/* Until a signal, the simulator's end (0) or the controller's (its status). */
static int wait_all(struct demo *o, const sigset_t *signals)
{
    for (;;) {
        int status = 0;
        siginfo_t info;
        if (sigwaitinfo(signals, &info) < 0 && errno != EINTR) {
            return 3;
        }
        if (info.si_signo != SIGCHLD) {
            return 0;
        }
        pid_t pid;
        while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
            int code = WIFEXITED(status) ? WEXITSTATUS(status) : 3;
            if (pid == o->sim) {
                o->sim = 0;
                return code;
            }
            if (pid == o->run) {
                o->run = 0;
                return code != 0 ? code : 3;
            }
        }
    }
}

int demo_main(int argc, char **argv)
{
    struct demo o = {.speed = "1", .policy = "plan"};
    struct arena arena;
    struct park *park = NULL;
    sigset_t signals;
    int status = parse(argc, argv, &o);
    if (status >= 0) {
        return status;
    }
    arena_init(&arena, 64u << 20);
    status = site_load(&arena, o.park_file, &park);
    status = status == 0 ? site_state_dir(park, o.state, o.dir, sizeof o.dir) : status;
    if (status != 0) {
        arena_fini(&arena);
        return status;
    }
    site_exe(o.exe, sizeof o.exe);
    snprintf(o.socket, sizeof o.socket, "%s/sim.sock", o.dir);
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    start_sim(&o);
    if (!sim_ready(&o)) {
        fprintf(stderr, "kilnwatt demo: the simulator did not start\n");
        status = 3;
    } else {
        start_run(&o);
        printf("\nPark %s at x%s: open http://%s:%d/ in a browser; Ctrl-C ends it.\n\n",
               park->name, o.speed, park->listen_host, park->listen_port);
        fflush(stdout);
        status = wait_all(&o, &signals);
    }
    end(o.run);
    end(o.sim);
    arena_fini(&arena);
    return status;
}
