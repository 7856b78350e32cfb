/* `kilnwatt scenario FILE...`: runs scenario files in virtual time and says which of their
 * demands were true. A table for people, JSON and JUnit for machines. Each file runs in a
 * process of its own: a park sets its process's zone. */
#include "controller/cli/commands.h"
#include "controller/cli/scenario_junit.h"
#include "sim/scenario_run.h"
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILES_MAX = 256, TOLD_MAX = 1024 * 1024 };

struct scenario_cli {
    bool json, verbose;
    const char *junit;
    char *told; /* [TOLD_MAX], shared with the child: its outcome as JSON */
};

static int help(FILE *to, int status)
{
    fprintf(
        to,
        "usage: kilnwatt scenario [--json] [--junit F.xml] [--verbose] FILE...\n\n"
        "Runs scenario files in virtual time, plants and controller in one process, and says "
        "which of their\n"
        "assertions hold. They look at the plants, at what the referee counts, and at the "
        "alarms.\n"
        "  --json      one object: scenarios, each with its checks\n"
        "  --junit F   the same as JUnit XML into a file\n"
        "  --verbose   lists the checks that hold, too\n\n"
        "Exit status: 0 all hold, 1 one does not or a file is wrong, 2 wrong use, 3 could "
        "not run.\n\n"
        "examples:\n"
        "  kilnwatt scenario etc/scenarios/*.yaml\n"
        "  kilnwatt scenario --verbose etc/scenarios/kiln-rush-order.yaml\n"
        "  kilnwatt scenario --junit scenarios.xml etc/scenarios/*.yaml\n");
    return status;
}

static int parse(int argc, char **argv, struct scenario_cli *o)
{
    static const struct option known[] = {
        {"json",    no_argument,       NULL, 'J'},
        {"verbose", no_argument,       NULL, 'v'},
        {"junit",   required_argument, NULL, 'u'},
        {"help",    no_argument,       NULL, 'h'},
        {NULL,      0,                 NULL, 0  }
    };
    int c;
    optind = 1;
    while ((c = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        o->json = o->json || c == 'J';
        o->verbose = o->verbose || c == 'v';
        o->junit = c == 'u' ? optarg : o->junit;
        if (c == 'h' || c == '?') {
            return help(c == 'h' ? stdout : stderr, c == 'h' ? 0 : 2);
        }
    }
    if (optind == argc || argc - optind > FILES_MAX) {
        return help(stderr, 2);
    }
    return -1;
}

/* ---- Runs ---- */

static _Noreturn void run_child(const struct scenario_cli *o, const char *file)
{
    json_t *out = NULL;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    int status = scenario_run(file, &out);
    size_t n =
        out ? json_dumpb(out, o->told, TOLD_MAX - 1, JSON_COMPACT | JSON_REAL_PRECISION(12))
            : 0;
    o->told[n < TOLD_MAX ? n : 0] = '\0';
    (void)fflush(NULL);
    _exit(n < TOLD_MAX ? status : 3);
}

/* A scenario that could not run has no checks, and is not ok. */
static json_t *without_checks(const char *file)
{
    json_t *o = json_object();
    (void)json_object_set_new(o, "file", json_string(file));
    (void)json_object_set_new(o, "scenario", json_string("could not run"));
    (void)json_object_set_new(o, "ok", json_false());
    (void)json_object_set_new(o, "checks", json_array());
    return o;
}

static int run_file(const struct scenario_cli *o, const char *file, json_t **out)
{
    int status = 0;
    struct json_ask ask = {.where = file};
    o->told[0] = '\0';
    *out = NULL;
    (void)fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        run_child(o, file);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid) {
        fprintf(stderr, "kilnwatt scenario: %s\n", strerror(errno));
        status = 3 << 8;
    }
    status = WIFEXITED(status) ? WEXITSTATUS(status) : 3;
    if (o->told[0] && json_read(&ask, o->told, strlen(o->told), TOLD_MAX, out) != ERR_OK) {
        fprintf(stderr, "%s\n", ask.error);
        status = 3;
    }
    *out = *out ? *out : without_checks(file);
    return status;
}

/* ---- What is shown ---- */

static const char *text_of(const json_t *o, const char *key, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(o, key));
    return text && text[0] ? text : otherwise;
}

static bool ok_of(const json_t *o)
{
    return json_is_true(json_object_get(o, "ok"));
}

static void show_check(const json_t *c)
{
    char value[48] = "";
    const json_t *v = json_object_get(c, "value");
    if (v) {
        (void)snprintf(value, sizeof value, "%.6g %s", json_number_value(v),
                       text_of(c, "unit", ""));
    }
    printf("  %-4s %-9s %-50s %-11s %-18s %s\n", ok_of(c) ? "ok" : "FAIL",
           text_of(c, "kind", ""), text_of(c, "text", ""), text_of(c, "at", ""), value,
           text_of(c, "why", ""));
}

static void show(const struct scenario_cli *o, const json_t *s)
{
    const json_t *c, *checks = json_object_get(s, "checks");
    size_t i, good = 0;
    json_array_foreach(checks, i, c)
    {
        good += ok_of(c);
    }
    printf("%-4s %-50s %zu of %zu hold  %s\n", ok_of(s) ? "ok" : "FAIL",
           text_of(s, "scenario", ""), good, json_array_size(checks), text_of(s, "file", ""));
    json_array_foreach(checks, i, c)
    {
        if (o->verbose || !ok_of(c)) {
            show_check(c);
        }
    }
    (void)fflush(stdout);
}

static int run_all(const struct scenario_cli *o, char **file, int n, json_t *all)
{
    int worst = 0;
    for (int i = 0; i < n; i++) {
        json_t *s;
        int status = run_file(o, file[i], &s);
        worst = status > worst ? status : worst;
        (void)json_array_append_new(all, s);
        if (!o->json) {
            show(o, s);
        }
    }
    return worst;
}

static int tell(const struct scenario_cli *o, json_t *all, int status)
{
    json_t *top = json_object();
    (void)json_object_set(top, "scenarios", all);
    if (o->json) {
        (void)json_dumpf(top, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12));
        (void)putchar('\n');
    }
    json_decref(top);
    if (o->junit && scenario_junit_write(o->junit, all) != ERR_OK) {
        fprintf(stderr, "kilnwatt scenario: %s: %s\n", o->junit, strerror(errno));
        return 3;
    }
    return status;
}

int scenario_main(int argc, char **argv)
{
    struct scenario_cli o = {0};
    int status = parse(argc, argv, &o);
    if (status >= 0) {
        return status;
    }
    o.told = mmap(NULL, TOLD_MAX, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (o.told == MAP_FAILED) {
        fprintf(stderr, "kilnwatt scenario: %s\n", strerror(errno));
        return 3;
    }
    json_t *all = json_array();
    status = run_all(&o, argv + optind, argc - optind, all);
    status = tell(&o, all, status);
    json_decref(all);
    (void)munmap(o.told, TOLD_MAX);
    return status;
}
