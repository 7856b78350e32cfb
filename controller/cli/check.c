/* `kilnwatt check`: reads each file by its kind and says what is wrong, for people or for
 * machines. Owns an arena per file. */
#include "controller/cli/check.h"
#include "adapters/profile.h"
#include "controller/base/json.h"
#include "controller/books/tariff.h"
#include "controller/forecast/series.h"
#include "sim/scenario.h"
#include <stdio.h>
#include <string.h>

enum { STATUS_OK, STATUS_WRONG, STATUS_USE, STATUS_UNREAD };
static const size_t arena_bytes = (size_t)512 << 20;

struct options {
    bool verbose, json;
    const char *devices; /* folder of the profiles; NULL = beside the park file's folder */
};

/* One file under way. */
struct job {
    struct arena arena;
    const char *path, *kind;
    struct doc *root;
    struct doc_errors errors;
    bool ok;
};

static const char usage_text[] =
    "usage: kilnwatt check [--verbose] [--json] [--devices DIR] FILE...\n"
    "\n"
    "Validates park, device profile, tariff and scenario files; the kind is known by the "
    "file's "
    "content.\n"
    "With a park its tariff, its weather series and the profiles of its devices are checked "
    "too.\n"
    "\n"
    "  --verbose      says also what a valid park or tariff leaves at its defaults\n"
    "  --json         one JSON array on standard output\n"
    "  --devices DIR  folder of the device profiles; otherwise `devices` beside the park "
    "file's folder\n"
    "\n"
    "Errors go to standard error as file:line:col: key: what is wrong, what would be right.\n"
    "Exit status: 0 all right, 1 a file is wrong, 2 wrong use, 3 a file cannot be read.\n"
    "\n"
    "examples:\n"
    "  kilnwatt check etc/parks/ceramics.yaml\n"
    "  kilnwatt check --verbose etc/tariffs/chongqing-10kv-2part.yaml\n"
    "  kilnwatt check --json etc/devices/*.yaml etc/scenarios/*.yaml\n";

/* etc/parks/x.yaml -> etc/parks/../devices */
static void devices_dir(const struct options *o, const char *park_path, char *out, size_t cap)
{
    const char *slash = strrchr(park_path, '/');
    if (o->devices != NULL) {
        (void)snprintf(out, cap, "%s", o->devices);
    } else if (slash == NULL) {
        (void)snprintf(out, cap, "../devices");
    } else {
        (void)snprintf(out, cap, "%.*s/../devices", (int)(slash - park_path), park_path);
    }
}

static enum err check_park(struct job *j, const struct options *o)
{
    struct park *park = NULL;
    struct tariff *tariff = NULL;
    enum err e = park_load(&j->arena, j->path, &park, &j->errors);
    if (e != ERR_OK) {
        return e;
    }
    e = tariff_load(&j->arena, park->tariff, &tariff, &j->errors);
    if (park->weather[0] != '\0') {
        struct series_file *weather = NULL;
        enum err e2 = series_load(&j->arena, park->weather, &weather, &j->errors);
        e = e == ERR_OK ? e2 : e;
    }
    char dir[PATH_LEN + 16];
    const struct profile **profiles = NULL;
    devices_dir(o, j->path, dir, sizeof dir);
    enum err e3 = profile_load_park(&j->arena, park, dir, &profiles, &j->errors);
    return e == ERR_OK ? e3 : e;
}

static enum err check_tariff(struct job *j, const struct options *o)
{
    (void)o;
    struct tariff *tariff = NULL;
    return tariff_load(&j->arena, j->path, &tariff, &j->errors);
}

static enum err check_profile(struct job *j, const struct options *o)
{
    (void)o;
    struct profile *profile = NULL;
    return profile_load(&j->arena, j->path, KIND_COUNT, &profile, &j->errors);
}

static enum err check_scenario(struct job *j, const struct options *o)
{
    (void)o;
    struct scenario *scenario = NULL;
    return scenario_read(&j->arena, j->path, &scenario, &j->errors);
}

static const struct {
    const char *key; /* that only files of this kind have at the top */
    const char *kind;
    enum err (*check)(struct job *j, const struct options *o);
} kinds[] = {
    {"scenario", "scenario", check_scenario}, /* has a key `park`, too */
    {"park",     "park",     check_park    },
    {"tariff",   "tariff",   check_tariff  },
    {"device",   "profile",  check_profile },
};

/* Reads a file, finds its kind and checks it. Returns the exit status for it. */
static int check_file(struct job *j, const struct options *o)
{
    enum err e = doc_read(&j->arena, j->path, &j->root, &j->errors);
    if (e != ERR_OK) {
        return e == ERR_NOT_FOUND || e == ERR_IO || e == ERR_NOMEM ? STATUS_UNREAD
                                                                   : STATUS_WRONG;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (doc_get(j->root, kinds[i].key) == NULL) {
            continue;
        }
        j->kind = kinds[i].kind;
        e = kinds[i].check(j, o);
        if (e != ERR_OK && j->errors.count == 0) {
            doc_complain(&j->errors, j->root, "could not be checked: %s", err_text(e));
        }
        j->ok = j->errors.count == 0;
        return j->ok ? STATUS_OK : STATUS_WRONG;
    }
    doc_complain(
        &j->errors, j->root,
        "is of no known kind; a top key `park`, `tariff`, `device` or `scenario` would be "
        "right");
    return STATUS_WRONG;
}

static void say_line(void *to, const char *text)
{
    (void)to;
    printf("  default %s\n", text);
}

static void say_people(const struct job *j, const struct options *o)
{
    int told = j->errors.count < DOC_ERRORS_MAX ? j->errors.count : DOC_ERRORS_MAX;
    for (int i = 0; i < told; i++) {
        fprintf(stderr, "%s\n", j->errors.text[i]);
    }
    if (j->errors.count > told) {
        fprintf(stderr, "%s: %d more errors\n", j->path, j->errors.count - told);
    }
    if (j->ok) {
        printf("%s: ok\n", j->path);
        if (o->verbose) {
            check_defaults(j->root, say_line, NULL);
        }
    }
}

static void say_member(void *to, const char *text)
{
    (void)json_array_append_new(to, json_string(text));
}

/* {"file", "kind", "ok", "errors": [text], "defaults": [text]} */
static json_t *say_machine(const struct job *j, const struct options *o)
{
    json_t *errors = json_array(), *out = json_object();
    for (int i = 0; i < j->errors.count && i < DOC_ERRORS_MAX; i++) {
        (void)json_array_append_new(errors, json_string(j->errors.text[i]));
    }
    (void)json_object_set_new(out, "file", json_string(j->path));
    (void)json_object_set_new(out, "kind",
                              j->kind != NULL ? json_string(j->kind) : json_null());
    (void)json_object_set_new(out, "ok", json_boolean(j->ok));
    (void)json_object_set_new(out, "errors", errors);
    if (j->ok && o->verbose) {
        json_t *defaults = json_array();
        check_defaults(j->root, say_member, defaults);
        (void)json_object_set_new(out, "defaults", defaults);
    }
    return out;
}

/* Checks all files; the worst status wins, a wrong file over an unread one. */
static int check_files(char **file, int n, const struct options *o)
{
    int status = STATUS_OK;
    json_t *all = o->json ? json_array() : NULL;
    for (int i = 0; i < n; i++) {
        struct job j = {.path = file[i]};
        arena_init(&j.arena, arena_bytes);
        int s = check_file(&j, o);
        if (all != NULL) {
            (void)json_array_append_new(all, say_machine(&j, o));
        } else {
            say_people(&j, o);
        }
        arena_fini(&j.arena);
        if (s == STATUS_WRONG || status == STATUS_OK) {
            status = s;
        }
    }
    if (all != NULL) {
        (void)json_dumpf(all, stdout, JSON_INDENT(1));
        (void)putchar('\n');
        json_decref(all);
    }
    return status;
}

/* Takes the option at argv[*at]; false if there is no such option. */
static bool take_option(int argc, char **argv, int *at, struct options *o)
{
    const char *word = argv[*at];
    if (strcmp(word, "--verbose") == 0) {
        o->verbose = true;
    } else if (strcmp(word, "--json") == 0) {
        o->json = true;
    } else if (strcmp(word, "--devices") == 0 && *at + 1 < argc) {
        o->devices = argv[++*at];
    } else {
        return false;
    }
    return true;
}

int check_main(int argc, char **argv)
{
    struct options o = {0};
    int files = 0; /* gathered at argv[1] .. argv[files] */
    for (int at = 1; at < argc; at++) {
        if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0) {
            (void)fputs(usage_text, stdout);
            return STATUS_OK;
        }
        if (argv[at][0] != '-') {
            argv[++files] = argv[at];
        } else if (!take_option(argc, argv, &at, &o)) {
            fprintf(stderr, "check: no option \"%s\"; see kilnwatt check --help\n", argv[at]);
            return STATUS_USE;
        }
    }
    if (files == 0) {
        (void)fputs(usage_text, stderr);
        return STATUS_USE;
    }
    return check_files(argv + 1, files, &o);
}
