/* `kilnwatt study`: days of a park in virtual time under one policy or several, with one seed
 * or several; each run in a process of its own, as many at a time as asked for. Tables for
 * people, JSON for machines. */
#include "sim/study.h"
#include "controller/base/json.h"
#include "controller/cli/commands.h"
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

enum { RUNS_MAX = 64, SERIES_MAX = 8, JSON_MAX = 4 * 1024 * 1024, LIST_LEN = 256 };
static const double days_most = 366, day_s = 86400, work_otherwise = 20000;

/* What a run's process leaves behind, in memory that both share. */
struct slot {
    enum study_policy policy;
    uint64_t seed;
    pid_t pid;
    int status;
    double wall_s;
    struct study_outcome outcome;
    char json[JSON_MAX];
};

struct study_cli {
    const char *park, *from, *policies, *seeds;
    const char *series[SERIES_MAX];
    int series_n;
    char devices[PATH_LEN];
    double days, work;
    int jobs;
    bool json;
    int runs;
    struct slot *slot; /* [RUNS_MAX], shared */
};

static int help(FILE *to, int status)
{
    fprintf(
        to,
        "usage: kilnwatt study PARK.yaml [--from DATE] [--days N] [--policy "
        "none|rule|mpc,...]\n"
        "                      [--seed N,...] [--jobs N] [--series F.csv]... [--work N] "
        "[--json]\n\n"
        "Plants and controller in one process in virtual time, a second a step, through the "
        "roles'\n"
        "messages and leases but without a wire. The same seed gives the same hash.\n"
        "  --from DATE    first day, park time (2025-07-14)\n"
        "  --days N       1; parts of a day are allowed, 366 at most\n"
        "  --policy P     none: nobody controls; rule: by rules (default); mpc: by the "
        "optimizer's\n"
        "                 plan, asked every five minutes. Several: rule,mpc\n"
        "  --seed N       of all random draws (1). Several: 1,2,3\n"
        "  --jobs N       runs at a time (1)\n"
        "  --series F     recorded powers, weather or prices; may be repeated\n"
        "  --devices DIR  device profiles (../devices beside the park file, else etc/devices)\n"
        "  --work N       what one plan may cost, simplex iterations + 20 x nodes (20000)\n"
        "  --json         one object: runs, each as the referee tells it\n\n"
        "examples:\n"
        "  kilnwatt study etc/parks/ceramics.yaml --days 7\n"
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
        if (!number(optarg, 1, RUNS_MAX, &jobs) || jobs != floor(jobs)) {
            return wrong("--jobs", optarg, "a whole number from 1 on would be right");
        }
        o->jobs = (int)jobs;
        return 0;
    case 'w':
        return number(optarg, 1, 1e9, &o->work)
                   ? 0
                   : wrong("--work", optarg, "a number from 1 to 1e9 would be right");
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
        return wrong("--policy", policy,
                     strcmp(policy, "oracle") == 0
                         ? "perfect foresight is not built yet; give none, rule or mpc"
                         : "is unknown; give none, rule or mpc");
    }
    if (end == seed || *end != '\0' || *seed == '-') {
        return wrong("--seed", seed, "a whole number from 0 on would be right");
    }
    if (o->runs == RUNS_MAX) {
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

static _Noreturn void run_child(const struct study_cli *o, struct slot *s)
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
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    int64_t began = clock_real_us();
    int status = study_run(&study, s->json, sizeof s->json, &s->outcome);
    s->wall_s = (double)(clock_real_us() - began) / 1e6;
    _exit(status);
}

static int start(const struct study_cli *o, struct slot *s)
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

static const struct row {
    const char *title, *key, *sub; /* kpi.key, or kpi.key.sub */
} rows[] = {
    {"cost of energy, gas, wear, carbon, yuan", "cost_yuan",           NULL         },
    {"  left to the next period, yuan",         "carry_yuan",          NULL         },
    {"  energy, yuan",                          "cost",                "energy_yuan"},
    {"  demand charge, its share, yuan",        "cost",                "demand_yuan"},
    {"  gas, yuan",                             "cost",                "gas_yuan"   },
    {"  storage wear, yuan",                    "cost",                "wear_yuan"  },
    {"  carbon, yuan",                          "cost",                "carbon_yuan"},
    {"grid import, kWh",                        "import_kwh",          NULL         },
    {"grid export, kWh",                        "export_kwh",          NULL         },
    {"greatest 15-min mean, kW",                "peak_sliding_kw",     NULL         },
    {"PV, kWh",                                 "pv_kwh",              NULL         },
    {"wind, kWh",                               "wind_kwh",            NULL         },
    {"curtailed, kWh",                          "curtailed_kwh",       NULL         },
    {"self-consumption",                        "self_consumption_pu", NULL         },
    {"CO2, kg",                                 "co2_kg",              NULL         },
    {"heat not served, kWh",                    "unserved_heat_kwh",   NULL         },
    {"charging short, kWh",                     "charge_short_kwh",    NULL         },
    {"orders done",                             "orders_done",         NULL         },
    {"orders late or missed",                   "orders_late",         NULL         },
};

static double kpi_of(const json_t *run, const struct row *r)
{
    const json_t *v = json_object_get(json_object_get(run, "kpi"), r->key);
    return json_number_value(r->sub ? json_object_get(v, r->sub) : v);
}

static double speed(const struct slot *s, const json_t *run)
{
    return json_number_value(json_object_get(run, "seconds")) / fmax(s->wall_s, 1e-6);
}

static void table(const struct study_cli *o, json_t *const *run)
{
    printf("%-42s", "policy, seed");
    for (int i = 0; i < o->runs; i++) {
        char head[32];
        (void)snprintf(head, sizeof head, "%s %llu", study_policy_name(o->slot[i].policy),
                       (unsigned long long)o->slot[i].seed);
        printf(" %16s", head);
    }
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        printf("\n%-42s", rows[r].title);
        for (int i = 0; i < o->runs; i++) {
            printf(" %16.2f", kpi_of(run[i], &rows[r]));
        }
    }
    printf("\n%-42s", "breaches");
    for (int i = 0; i < o->runs; i++) {
        printf(" %16lld", json_integer_value(json_object_get(run[i], "breaches_count")));
    }
    printf("\n%-42s", "plans, not answered");
    for (int i = 0; i < o->runs; i++) {
        printf(" %10d, %4d", o->slot[i].outcome.plans, o->slot[i].outcome.failed);
    }
    printf("\n%-42s", "hash");
    for (int i = 0; i < o->runs; i++) {
        printf(" %16s", json_string_value(json_object_get(run[i], "hash")));
    }
    printf("\n%-42s", "times real time");
    for (int i = 0; i < o->runs; i++) {
        printf(" %16.0f", speed(&o->slot[i], run[i]));
    }
    printf("\n");
}

static void add_facts(const struct slot *s, json_t *run)
{
    double x = speed(s, run);
    json_t *plans = json_object();
    (void)json_object_set_new(run, "policy", json_string(study_policy_name(s->policy)));
    (void)json_object_set_new(plans, "solved", json_integer(s->outcome.plans));
    (void)json_object_set_new(plans, "failed", json_integer(s->outcome.failed));
    (void)json_object_set_new(run, "plans", plans);
    (void)json_put_number(run, "wall_s", s->wall_s);
    (void)json_put_number(run, "cpu_s", s->outcome.cpu_s);
    (void)json_put_number(run, "times_real_time", x);
}

static int show(const struct study_cli *o)
{
    json_t *run[RUNS_MAX] = {NULL}, *all = json_array(), *top = json_object();
    struct json_ask ask = {.where = "kilnwatt study"};
    int status = 0;
    for (int i = 0; i < o->runs && status == 0; i++) {
        const char *text = o->slot[i].json;
        if (json_read(&ask, text, strlen(text), JSON_MAX, &run[i]) != ERR_OK) {
            fprintf(stderr, "%s\n", ask.error);
            status = 3;
            break;
        }
        add_facts(&o->slot[i], run[i]);
        (void)json_array_append_new(all, run[i]);
    }
    if (status == 0 && !o->json) {
        table(o, run);
    }
    (void)json_object_set_new(top, "runs", all);
    if (status == 0 && o->json) {
        status = json_dumpf(top, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12)) == 0 ? 0 : 3;
        printf("\n");
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
    size_t bytes = sizeof(struct slot) * RUNS_MAX;
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
