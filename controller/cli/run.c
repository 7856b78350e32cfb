/* `kilnwatt run`: the supervisor and its five roles on a park. */
#include "controller/base/civil.h"
#include "controller/base/log.h"
#include "controller/base/proc.h"
#include "controller/cli/alone.h"
#include "controller/cli/commands.h"
#include "controller/cli/site.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>

static int help(FILE *to, int status)
{
    fprintf(
        to,
        "usage: kilnwatt run PARK.yaml [--state DIR] [--policy plan|rule] [--sim SOCKET]\n\n"
        "Runs the controller on a park until SIGTERM.\n"
        "  --state DIR    database, token and run files (default run/<park name>)\n"
        "  --policy P     plan: follow the optimizer (default); rule: rules only\n"
        "  --sim SOCKET   take the clock from a simulator's control socket; with one in "
        "lock-step,\n"
        "                 wait for its time\n\n"
        "examples:\n"
        "  kilnwatt run etc/parks/small.yaml\n"
        "  kilnwatt run etc/parks/ceramics.yaml --policy rule --state /var/lib/kilnwatt\n");
    return status;
}

struct run_options {
    const char *park, *state, *policy, *sim;
};

static int parse(int argc, char **argv, struct run_options *o)
{
    static const struct option known[] = {
        {"state",  required_argument, NULL, 's'},
        {"policy", required_argument, NULL, 'p'},
        {"sim",    required_argument, NULL, 'c'},
        {"help",   no_argument,       NULL, 'h'},
        {NULL,     0,                 NULL, 0  }
    };
    int c;
    optind = 1;
    while ((c = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        if (c == 's') {
            o->state = optarg;
        } else if (c == 'p') {
            o->policy = optarg;
        } else if (c == 'c') {
            o->sim = optarg;
        } else {
            return help(c == 'h' ? stdout : stderr, c == 'h' ? 0 : 2);
        }
    }
    if (strcmp(o->policy, "plan") != 0 && strcmp(o->policy, "rule") != 0) {
        fprintf(stderr, "--policy: \"%s\" is unknown; give plan or rule\n", o->policy);
        return 2;
    }
    if (optind + 1 != argc) {
        return help(stderr, 2);
    }
    o->park = argv[optind];
    return -1;
}

int run_main(int argc, char **argv)
{
    struct run_options o = {.policy = "plan"};
    struct arena arena;
    struct park *park = NULL;
    struct clock clock;
    char state[PATH_LEN];
    char exe[PATH_LEN];
    char text[128];
    int sim_fd = 0;
    int status = parse(argc, argv, &o);
    if (status >= 0) {
        return status;
    }
    arena_init(&arena, 64u << 20);
    status = site_load(&arena, o.park, &park);
    status = status == 0 ? site_state_dir(park, o.state, state, sizeof state) : status;
    status = status == 0 ? alone_claim(park, state) : status;
    clock_init_live(&clock);
    if (status == 0 && o.sim != NULL) {
        if (site_ask(o.sim, "clock", text, sizeof text) != ERR_OK ||
            clock_parse(&clock, text) != ERR_OK) {
            fprintf(stderr,
                    "--sim: %s does not answer with a clock; is the simulator running?\n",
                    o.sim);
            status = 3;
        }
    }
    if (status == 0 && clock.granted && (sim_fd = site_connect(o.sim)) < 0) {
        perror(o.sim);
        status = 3;
    }
    if (status == 0) {
        char *extra[] = {(char *)"--policy", (char *)o.policy, NULL};
        site_exe(exe, sizeof exe);
        (void)snprintf(text, sizeof text, "kilnwatt: dashboard http://%s:%d/\n",
                       park->listen_host, park->listen_port);
        struct proc_spec spec = {.exe = exe,
                                 .hello = text,
                                 .park_file = o.park,
                                 .state_dir = state,
                                 .clock = &clock,
                                 .sim_fd = sim_fd,
                                 .extra = extra};
        log_setup("supervisor", &clock, LOG_INFO);
        status = proc_supervise(&spec);
    }
    arena_fini(&arena);
    return status;
}
