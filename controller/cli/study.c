/* `kilnwatt study`: days of a park in virtual time under one policy or several, with one seed
 * or several; each run in a process of its own, as many at a time as asked for. Tables and
 * pages for people, JSON for machines. */
#include "sim/study.h"
#include "controller/cli/commands.h"
#include "controller/cli/study_report.h"
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SERIES_MAX = 8, LIST_LEN = 256 };
static const double days_most = 366, day_s = 86400, work_otherwise = 20000;

struct study_cli {
    const char *park, *from, *policies, *seeds, *report;
    const char *series[SERIES_MAX];
    int series_n;
    char devices[PATH_LEN];
    double days, work;
    int jobs;
    bool json;
    int runs;
    struct study_slot *slot; /* [STUDY_RUNS_MAX], shared */
};

static int help(FILE *to, int status)
{
    fprintf(
        to,
        "usage: kilnwatt study PARK.yaml [--from DATE] [--days N] [--policy "
        "none|rule|mpc|oracle,...]\n"
        "                      [--seed N,...] [--jobs N] [--series F.csv]... [--work N]\n"
        "                      [--report DIR|F.html] [--json]\n\n"
        "Plants and controller in one process in virtual time, a second a step, through the "
        "roles'\n"
        "messages and leases but without a wire. The same seed gives the same hash.\n"
        "  --from DATE    first day, park time (2025-07-14)\n"
        "  --days N       1; parts of a day are allowed, 366 at most\n"
        "  --policy P     none: nobody controls; rule: by rules (default); mpc: by the "
        "optimizer's\n"
        "                 plan, asked every five minutes; oracle: the same, told what sky, "
        "loads "
        "and\n"
        "                 heat demand will do. Several: rule,mpc,oracle\n"
        "  --seed N       of all random draws (1). Several: 1,2,3\n"
        "  --jobs N       runs at a time (1)\n"
        "  --series F     recorded powers, weather or prices; may be repeated\n"
        "  --devices DIR  device profiles (../devices beside the park file, else etc/devices)\n"
        "  --work N       what one plan may cost, simplex iterations + 20 x nodes (20000)\n"
        "  --report DIR   study.html with charts for a browser, and study.json, into this "
        "folder;\n"
        "                 with a name that ends in .html the page alone\n"
        "  --json         one object: runs, each as the referee tells it\n\n"
        "examples:\n"
        "  kilnwatt study etc/parks/ceramics.yaml --days 7\n"
        "  kilnwatt study etc/parks/ceramics.yaml --policy none,rule,mpc,oracle --jobs 2 "
        "--report out\n"
        "  kilnwatt study etc/parks/small.yaml --policy none,rule,mpc --jobs 2 --json\n");
    return status;
}

static int wrong(const char *option, const char *value, const char *right)
{
    fprintf(stderr, "kilnwatt study: %s \"%s\": %s\n", option, value, right);
    return 2;
}

/* ---- Options ---- */

static bool number(const char *text, double lo, double hi, double *out)
{
    char *end;
    double v = strtod(text, &end);
    if (end == text || *end != '\0' || !(v >= lo && v <= hi)) {
        return false;
    }
    *out = v;
    return true;
}

static int take(struct study_cli *o, int c)
{
    double jobs = 1;
    switch (c) {
    case 'd':
        return number(optarg, 1 / day_s, days_most, &o->days)
                   ? 0
                   : wrong("--days", optarg, "above 0 and at most 366 would be right");
    case 'j':
        if (!number(optarg, 1, STUDY_RUNS_MAX, &jobs) || jobs != floor(jobs)) {
            return wrong("--jobs", optarg, "a whole number from 1 on would be right");
        }
        o->jobs = (int)jobs;
        return 0;
    case 'w':
        return number(optarg, 1, 1e9, &o->work)
                   ? 0
                   : wrong("--work", optarg, "a number from 1 to 1e9 would be right");
    case 'R':
        return study_report_ready(optarg) ? 0 : 3;
    case 'S':
        if (o->series_n == SERIES_MAX) {
            return wrong("--series", optarg, "at most 8 series files");
        }
        o->series[o->series_n++] = optarg;
        return 0;
    default:
        return 0;
    }
}

static int parse(int argc, char **argv, struct study_cli *o)
{
    static const struct option known[] = {
        {"from",    required_argument, NULL, 'f'},
        {"days",    required_argument, NULL, 'd'},
        {"policy",  required_argument, NULL, 'p'},
        {"seed",    required_argument, NULL, 's'},
        {"jobs",    required_argument, NULL, 'j'},
        {"series",  required_argument, NULL, 'S'},
        {"devices", required_argument, NULL, 'D'},
        {"work",    required_argument, NULL, 'w'},
        {"report",  required_argument, NULL, 'R'},
        {"json",    no_argument,       NULL, 'J'},
        {"help",    no_argument,       NULL, 'h'},
        {NULL,      0,                 NULL, 0  }
    };
    int c, status = 0;
    optind = 1;
    while (status == 0 && (c = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        o->from = c == 'f' ? optarg : o->from;
        o->policies = c == 'p' ? optarg : o->policies;
        o->seeds = c == 's' ? optarg : o->seeds;
        o->report = c == 'R' ? optarg : o->report;
        o->json = o->json || c == 'J';
        if (c == 'D') {
            (void)snprintf(o->devices, sizeof o->devices, "%s", optarg);
        }
        if (c == 'h' || c == '?') {
            return help(c == 'h' ? stdout : stderr, c == 'h' ? 0 : 2);
        }
        status = take(o, c);
    }
    if (status != 0) {
        return status;
    }
    if (optind + 1 != argc) {
        return help(stderr, 2);
    }
    o->park = argv[optind];
    if (o->devices[0] == '\0') {
        setup_find_devices(o->park, o->devices, sizeof o->devices);
    }
    return -1;
}

static int add_run(struct study_cli *o, const char *policy, const char *seed)
{
    char *end;
    enum study_policy p = study_policy_named(policy);
    uint64_t s = strtoull(seed, &end, 10);
    if (p == STUDY_POLICIES) {
        return wrong("--policy", policy, "is unknown; give none, rule, mpc or oracle");
    }
    if (end == seed || *end != '\0' || *seed == '-') {
        return wrong("--seed", seed, "a whole number from 0 on would be right");
    }
    if (o->runs == STUDY_RUNS_MAX) {
        return wrong("--seed", seed, "at most 64 runs, seeds times policies");
    }
    o->slot[o->runs].policy = p;
    o->slot[o->runs].seed = s;
    o->runs++;
    return 0;
}

/* Every policy with every seed. */
static int list_runs(struct study_cli *o)
{
    char policies[LIST_LEN], seeds[LIST_LEN];
    int status = 0;
    (void)snprintf(seeds, sizeof seeds, "%s", o->seeds);
    char *rest_s = seeds;
    for (char *s = strsep(&rest_s, ","); s && status == 0; s = strsep(&rest_s, ",")) {
        (void)snprintf(policies, sizeof policies, "%s", o->policies);
        char *rest_p = policies;
        for (char *p = strsep(&rest_p, ","); p && status == 0; p = strsep(&rest_p, ",")) {
            status = add_run(o, p, s);
        }
    }
    return status;
}

/* ---- Runs ---- */

static _Noreturn void run_child(const struct study_cli *o, struct study_slot *s)
{
    struct study study = {
        .ask = {.who = "kilnwatt study",
                .park = o->park,
                .devices = o->devices,
                .start = o->from,
                .series = o->series,
                .series_n = o->series_n,
                .seed = s->seed},
        .policy = s->policy,
        .seconds = floor(o->days * day_s),
        .work = o->work
    };
    struct study_watch watch;
    if (o->report) {
        study_trace_begin(&s->trace, study.seconds, &watch);
        study.watch = &watch;
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    int64_t began = clock_real_us();
    int status = study_run(&study, s->json, sizeof s->json, &s->outcome);
    s->wall_s = (double)(clock_real_us() - began) / 1e6;
    _exit(status);
}

static int start(const struct study_cli *o, struct study_slot *s)
{
    pid_t pid = fork();
    if (pid == 0) {
        run_child(o, s);
    }
    s->pid = pid; /* not in the child: the slot is shared */
    if (pid < 0) {
        fprintf(stderr, "kilnwatt study: %s\n", strerror(errno));
        s->status = 3;
    }
    return pid > 0;
}

/* Waits for one of them to end. */
static void reap(struct study_cli *o)
{
    int status = 0;
    pid_t pid = waitpid(-1, &status, 0);
    for (int i = 0; i < o->runs && pid > 0; i++) {
        if (o->slot[i].pid == pid) {
            o->slot[i].status = WIFEXITED(status) ? WEXITSTATUS(status) : 3;
        }
    }
}

static int run_all(struct study_cli *o)
{
    int going = 0, worst = 0;
    for (int i = 0; i < o->runs || going > 0;) {
        if (i < o->runs && going < o->jobs) {
            going += start(o, &o->slot[i++]);
            continue;
        }
        reap(o);
        going--;
    }
    for (int i = 0; i < o->runs; i++) {
        worst = o->slot[i].status > worst ? o->slot[i].status : worst;
    }
    return worst;
}

/* ---- What is shown ---- */

static int show(const struct study_cli *o)
{
    json_t *top = NULL;
    int status = study_show_json(o->slot, o->runs, &top) == ERR_OK ? 0 : 3;
    if (status == 0 && o->report) {
        status = study_report_write(o->report, o->slot, o->runs, top);
    }
    if (status == 0 && o->json) {
        status = json_dumpf(top, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12)) == 0 ? 0 : 3;
        printf("\n");
    } else if (status == 0) {
        study_show_table(o->slot, o->runs, json_object_get(top, "runs"));
    }
    json_decref(top);
    return status;
}

int study_main(int argc, char **argv)
{
    struct study_cli o = {.from = "2025-07-14",
                          .policies = "rule",
                          .seeds = "1",
                          .days = 1,
                          .work = work_otherwise,
                          .jobs = 1};
    int status = parse(argc, argv, &o);
    if (status >= 0) {
        return status;
    }
    size_t bytes = sizeof(struct study_slot) * STUDY_RUNS_MAX;
    o.slot = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (o.slot == MAP_FAILED) {
        fprintf(stderr, "kilnwatt study: %s\n", strerror(errno));
        return 3;
    }
    status = list_runs(&o);
    status = status == 0 ? run_all(&o) : status;
    status = status == 0 ? show(&o) : status;
    (void)munmap(o.slot, bytes);
    return status;
}
