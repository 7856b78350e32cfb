/* `kilnwatt plan`: asks the planner once, for a park without a field or for a written-down
 * problem, and prints the answer. Owns an arena for the time of the call; the solver runs in a
 * child (optimizer/guard.h). */
#include "controller/base/arena.h"
#include "controller/cli/commands.h"
#include "controller/cli/plan_compare.h"
#include "controller/cli/plan_explain.h"
#include "controller/cli/plan_page.h"
#include "controller/cli/plan_plot.h"
#include "controller/cli/plan_site.h"
#include "controller/cli/plan_table.h"
#include "optimizer/guard.h"
#include "optimizer/plan_json.h"
#include "optimizer/problem_json.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { STATUS_OK, STATUS_NO, STATUS_USE, STATUS_RUN };
static const size_t arena_bytes = (size_t)256 << 20;

static const char usage_text[] =
    "usage: kilnwatt plan PARK.yaml [options]\n"
    "       kilnwatt plan --problem FILE.json [options]\n"
    "\n"
    "Solves once and prints the plan, its cost by terms, the proven bound and gap, and every "
    "wish\n"
    "that it could not keep. A park is asked as it would stand at rest: every device answers,\n"
    "batteries, storage boiler and hot-water tank are half full, kilns are cold, machines "
    "stand\n"
    "still, the month has no demand peak yet, the sky is half clear unless --series says "
    "more.\n"
    "\n"
    "  --at TIME            start, ISO 8601; without an offset in the park's time; now by "
    "default\n"
    "  --hours H            horizon, 1 to 48 (30)\n"
    "  --series FILE.csv    forecasts that replace the controller's own\n"
    "  --gap P              stop when this gap is proven: 0.01 or 1% (0.2%)\n"
    "  --seconds S          budget of time (10)\n"
    "  --work N             budget of work instead of time: the same answer on every machine\n"
    "  --policy milp|rule   the search, or the rules that stand in for it (milp)\n"
    "  --explain            what binds, and what other decisions would have cost\n"
    "  --compare rule       the rules' plan beside it: costs, self-consumption, peak\n"
    "  --plot FILE.html     a page that shows all of it, in one file\n"
    "  --json               the plan as JSON\n"
    "  --trace              a line on stderr per improvement of plan or bound\n"
    "  --export-mps FILE    the model in free MPS, for other solvers\n"
    "  --lp FILE            the model in CPLEX LP format\n"
    "  --export-problem FILE  the question as JSON, for --problem\n"
    "\n"
    "Exit status: 0 done, 1 a file or the problem is wrong, 2 wrong use, 3 could not run.\n"
    "\n"
    "examples:\n"
    "  kilnwatt plan etc/parks/ceramics.yaml --at 2025-07-14\n"
    "  kilnwatt plan etc/parks/small.yaml --policy rule --json\n"
    "  kilnwatt plan etc/parks/small.yaml --explain --compare rule --plot day.html\n"
    "  kilnwatt plan etc/parks/ceramics.yaml --at 2025-07-14 --export-problem day.json\n"
    "  kilnwatt plan --problem day.json --gap 1% --work 50000\n";

struct options {
    struct plan_site site;
    const char *problem, *mps, *lp, *save, *policy, *compare, *plot;
    struct solve_limits limits;
    bool json, explain;
};

/* The answer and what was asked for beside it; NULL: not asked for. */
struct outcome {
    struct plan *pl, *rule;
    struct plan_explain *explain;
};

/* A number in a range, perhaps in per cent. */
static bool take_number(const char *name, const char *text, const double range[2], double *out)
{
    char *end = NULL;
    double v = strtod(text, &end);
    if (end != text && strcmp(end, "%") == 0) {
        v /= 100;
        end++;
    }
    if (end == text || *end != '\0' || !(v >= range[0] && v <= range[1])) {
        fprintf(stderr, "plan: %s: \"%s\" is not a number from %g to %g\n", name, text,
                range[0], range[1]);
        return false;
    }
    *out = v;
    return true;
}

/* Takes the option at argv[*at] with its value; false after a line on stderr. */
static bool take_option(int argc, char **argv, int *at, struct options *o)
{
    const struct {
        const char *name;
        const char **text;
        double *number;
        double range[2];
    } rows[] = {
        {"--at",             &o->site.at,          NULL,               {0, 0}      },
        {"--series",         &o->site.series_path, NULL,               {0, 0}      },
        {"--problem",        &o->problem,          NULL,               {0, 0}      },
        {"--export-mps",     &o->mps,              NULL,               {0, 0}      },
        {"--export-problem", &o->save,             NULL,               {0, 0}      },
        {"--lp",             &o->lp,               NULL,               {0, 0}      },
        {"--policy",         &o->policy,           NULL,               {0, 0}      },
        {"--compare",        &o->compare,          NULL,               {0, 0}      },
        {"--plot",           &o->plot,             NULL,               {0, 0}      },
        {"--hours",          NULL,                 &o->site.hours,     {1, 48}     },
        {"--gap",            NULL,                 &o->limits.gap_pu,  {0, 1}      },
        {"--seconds",        NULL,                 &o->limits.seconds, {0.1, 86400}},
        {"--work",           NULL,                 &o->limits.work,    {1, 1e12}   },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(argv[*at], rows[i].name) != 0) {
            continue;
        }
        if (*at + 1 >= argc) {
            fprintf(stderr, "plan: %s wants a value\n", rows[i].name);
            return false;
        }
        const char *value = argv[++*at];
        if (rows[i].number != NULL) {
            return take_number(rows[i].name, value, rows[i].range, rows[i].number);
        }
        *rows[i].text = value;
        return true;
    }
    fprintf(stderr, "plan: no option \"%s\"; see kilnwatt plan --help\n", argv[*at]);
    return false;
}

/* Takes a word that must be one of two. */
static bool take_word(const char *name, const char *text, const char *const words[2])
{
    bool good = text == NULL || strcmp(text, words[0]) == 0 || strcmp(text, words[1]) == 0;
    if (!good) {
        bool one = words[1] == words[0];
        fprintf(stderr, "plan: %s: \"%s\" is not known; %s%s%s would be right\n", name, text,
                words[0], one ? "" : " or ", one ? "" : words[1]);
    }
    return good;
}

static bool parse(int argc, char **argv, struct options *o)
{
    for (int at = 1; at < argc; at++) {
        if (strcmp(argv[at], "--json") == 0) {
            o->json = true;
        } else if (strcmp(argv[at], "--trace") == 0) {
            o->limits.trace = stderr;
        } else if (strcmp(argv[at], "--explain") == 0) {
            o->explain = true;
        } else if (argv[at][0] != '-' && o->site.park_path == NULL) {
            o->site.park_path = argv[at];
        } else if (!take_option(argc, argv, &at, o)) {
            return false;
        }
    }
    bool known = take_word("--policy", o->policy, (const char *const[]){"milp", "rule"}) &&
                 take_word("--compare", o->compare, (const char *const[]){"rule", "rule"});
    if (!known) {
        return false;
    }
    bool rule = o->policy != NULL && strcmp(o->policy, "rule") == 0;
    o->limits.policy = rule ? PLAN_POLICY_RULE : PLAN_POLICY_MILP;
    if (o->limits.seconds <= 0 && o->limits.work <= 0) {
        o->limits.seconds = 10;
    }
    if ((o->site.park_path == NULL) == (o->problem == NULL)) {
        fprintf(stderr, "plan: give either a park file or --problem FILE.json\n");
        return false;
    }
    return true;
}

static int status_of(enum err e)
{
    bool machine = e == ERR_NOMEM || e == ERR_IO || e == ERR_NOT_FOUND;
    return machine ? STATUS_RUN : STATUS_NO;
}

/* Says what is wrong with `what`; the status to end with. */
static int complain(const char *what, const struct problem_fault *fault, enum err e)
{
    fprintf(stderr, "%s: %s\n", what, fault->text[0] ? fault->text : err_text(e));
    return status_of(e);
}

static int write_files(const struct options *o, const struct problem *p)
{
    struct problem_fault none = {""};
    enum err e = o->save != NULL ? problem_json_save(p, o->save) : ERR_OK;
    if (e != ERR_OK) {
        return complain(o->save, &none, e);
    }
    e = o->mps != NULL ? solve_export_mps(p, o->mps) : ERR_OK;
    if (e != ERR_OK) {
        return complain(o->mps, &none, e);
    }
    e = o->lp != NULL ? solve_export_lp(p, o->lp) : ERR_OK;
    return e != ERR_OK ? complain(o->lp, &none, e) : STATUS_OK;
}

/* The plan with what was asked for beside it. */
static json_t *outcome_json(const struct problem *p, const struct outcome *out)
{
    json_t *json = plan_json(out->pl);
    if (out->rule != NULL) {
        json_object_set_new(json, "compare", plan_compare_json(p, out->pl, out->rule));
    }
    if (out->explain != NULL) {
        json_object_set_new(json, "explain", plan_explain_json(out->explain));
    }
    return json;
}

/* The most that a solver had in memory, MiB: of the children that have ended. */
static double solver_mib(void)
{
    struct rusage u;
    return getrusage(RUSAGE_CHILDREN, &u) == 0 ? (double)u.ru_maxrss / 1024 : 0;
}

static int show(const struct options *o, const struct problem *p, const struct outcome *out)
{
    json_t *json = outcome_json(p, out);
    int status = STATUS_OK;
    if (o->plot != NULL) {
        json_t *question = plan_page_question(p, out->pl);
        enum err e = plan_plot(json, question, o->plot);
        json_decref(question);
        status = e == ERR_OK ? STATUS_OK : complain(o->plot, &(struct problem_fault){""}, e);
    }
    if (o->json) {
        bool written = json != NULL && json_dumpf(json, stdout, JSON_INDENT(1)) == 0;
        (void)putchar('\n');
        status = written ? status : STATUS_RUN;
    } else {
        plan_table(stdout, p, out->pl);
        printf("\nsolver's memory %.1f MiB at most\n", solver_mib());
        if (out->rule != NULL) {
            plan_compare_table(stdout, p, out->pl, out->rule);
        }
        if (out->explain != NULL) {
            plan_explain_table(stdout, out->explain);
        }
    }
    json_decref(json);
    return status;
}

/* The rules' plan and the reasons, where asked for. */
static enum err beside(const struct options *o, const struct problem *p, struct arena *a,
                       struct outcome *out)
{
    struct solve_limits rules = {.seconds = 1, .policy = PLAN_POLICY_RULE};
    struct problem_fault fault;
    enum err e = ERR_OK;
    if (o->compare != NULL) {
        out->rule = arena_take(a, 1, sizeof *out->rule);
        e = out->rule == NULL ? ERR_NOMEM
                              : guard_solve(&(struct guard_question){p, NULL, &rules},
                                            out->rule, &fault, NULL);
    }
    if (o->explain && e == ERR_OK) {
        out->explain = arena_take(a, 1, sizeof *out->explain);
        e = out->explain == NULL ? ERR_NOMEM : plan_explain_ask(out->explain, p, out->pl, a);
    }
    return e;
}

static int answer(const struct options *o, struct problem *p, struct plan *pl, struct arena *a)
{
    struct problem_fault fault = {""};
    struct outcome out = {.pl = pl};
    const char *name = o->problem != NULL ? o->problem : o->site.park_path;
    enum guard_end end = GUARD_DONE;
    enum err e = problem_validate(p, &fault);
    int status = e == ERR_OK ? write_files(o, p) : complain(name, &fault, e);
    if (status != STATUS_OK) {
        return status;
    }
    e = guard_solve(&(struct guard_question){p, NULL, &o->limits}, pl, &fault, &end);
    e = e == ERR_OK ? beside(o, p, a, &out) : e;
    if (e != ERR_OK) {
        return complain(name, &fault, e);
    }
    if (end == GUARD_KILLED || end == GUARD_DIED) {
        fprintf(stderr, "plan: the solver %s; this is the best plan it left\n",
                end == GUARD_KILLED ? "did not end in time" : "died");
    }
    return show(o, p, &out);
}

int plan_main(int argc, char **argv)
{
    struct options o = {.site = {.hours = 30}, .limits = {.gap_pu = 0.002}};
    struct problem_fault fault = {""};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            (void)fputs(usage_text, stdout);
            return STATUS_OK;
        }
    }
    if (!parse(argc, argv, &o)) {
        return STATUS_USE;
    }
    struct arena arena;
    arena_init(&arena, arena_bytes);
    struct problem *p = arena_take(&arena, 1, sizeof *p);
    struct plan *pl = arena_take(&arena, 1, sizeof *pl);
    int status = STATUS_RUN;
    if (p == NULL || pl == NULL) {
        fprintf(stderr, "plan: %s\n", err_text(ERR_NOMEM));
    } else if (o.problem == NULL) {
        status = plan_site_question(&arena, &o.site, p);
    } else {
        enum err e = problem_json_load(p, o.problem, &fault);
        status = e == ERR_OK ? STATUS_OK : complain(o.problem, &fault, e);
    }
    status = status == STATUS_OK ? answer(&o, p, pl, &arena) : status;
    arena_fini(&arena);
    return status;
}
