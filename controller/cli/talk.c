/* Sub-commands that talk to a running controller: status, points, dr, set, auto, ack. */
#include "controller/cli/client.h"
#include "controller/cli/commands.h"
#include "controller/cli/site.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct talk {
    struct client client;
    bool json;
    const char *park, *url, *token;
    const char *kw, *minutes, *start, *id, *direction, *program, *reason;
};

static const char common[] =
    "  --park PARK.yaml   whose controller (default etc/parks/ceramics.yaml)\n"
    "  --url URL          its address, instead of the park's\n"
    "  --token FILE       operator's token (default run/<park>/token)\n"
    "  --json             print the answer as it is\n";

static int help(const char *text, bool asked)
{
    (void)fprintf(asked ? stdout : stderr, "usage: kilnwatt %s\n%s", text, common);
    return asked ? 0 : 2;
}

/* -1 to go on, else the exit status. */
static int parse(struct talk *t, int argc, char **argv, const char *usage)
{
    static const struct option known[] = {
        {"park",      required_argument, NULL, 0  },
        {"url",       required_argument, NULL, 1  },
        {"token",     required_argument, NULL, 2  },
        {"kw",        required_argument, NULL, 3  },
        {"minutes",   required_argument, NULL, 4  },
        {"start",     required_argument, NULL, 5  },
        {"id",        required_argument, NULL, 6  },
        {"direction", required_argument, NULL, 7  },
        {"program",   required_argument, NULL, 8  },
        {"json",      no_argument,       NULL, 'j'},
        {"help",      no_argument,       NULL, 'h'},
        {NULL,        0,                 NULL, 0  }
    };
    const char **into[] = {&t->park,  &t->url, &t->token,     &t->kw,     &t->minutes,
                           &t->start, &t->id,  &t->direction, &t->program};
    int c;
    optind = 1;
    while ((c = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        if (c >= 0 && c < (int)(sizeof into / sizeof into[0])) {
            *into[c] = optarg;
        } else if (c == 'j') {
            t->json = true;
        } else {
            return help(usage, c == 'h');
        }
    }
    return -1;
}

static void read_token(struct talk *t, const char *path)
{
    FILE *f = fopen(path, "re");
    if (f == NULL) {
        return;
    }
    if (fgets(t->client.token, sizeof t->client.token, f) != NULL) {
        t->client.token[strcspn(t->client.token, "\r\n")] = '\0';
    }
    (void)fclose(f);
}

/* Address and token from the park file, unless both were given. */
static int find_site(struct talk *t)
{
    char path[PATH_LEN];
    struct arena arena;
    struct park *park = NULL;
    int status = 0;
    if (t->url != NULL) {
        (void)snprintf(t->client.url, sizeof t->client.url, "%s", t->url);
    }
    if (t->token != NULL) {
        read_token(t, t->token);
    }
    if (t->url != NULL && t->token != NULL) {
        return 0;
    }
    arena_init(&arena, 64u << 20);
    status = site_load(&arena, t->park, &park);
    if (status == 0 && t->url == NULL) {
        (void)snprintf(t->client.url, sizeof t->client.url, "http://%s:%d", park->listen_host,
                       park->listen_port);
    }
    if (status == 0 && t->token == NULL) {
        (void)snprintf(path, sizeof path, "run/%s/token", park->name);
        read_token(t, path);
    }
    arena_fini(&arena);
    return status == 0 ? 0 : 3;
}

static int begin(struct talk *t, int argc, char **argv, const char *usage)
{
    t->park = "etc/parks/ceramics.yaml";
    int status = parse(t, argc, argv, usage);
    if (status >= 0) {
        return status;
    }
    status = find_site(t);
    return status == 0 ? -1 : status;
}

static int status_of(enum err rc)
{
    return rc == ERR_OK ? 0 : rc == ERR_IO || rc == ERR_PROTOCOL || rc == ERR_NOMEM ? 3 : 1;
}

static void print_json(const json_t *o)
{
    (void)json_dumpf(o, stdout, JSON_INDENT(2));
    (void)printf("\n");
}

/* "key   value" lines, sections for objects inside. */
static void print_flat(json_t *o)
{
    const char *key;
    json_t *v;
    json_object_foreach(o, key, v)
    {
        if (json_is_real(v) || json_is_integer(v)) {
            (void)printf("  %-26s %14.2f\n", key, json_number_value(v));
        } else if (json_is_string(v)) {
            (void)printf("  %-26s %s\n", key, json_string_value(v));
        } else if (json_is_boolean(v)) {
            (void)printf("  %-26s %s\n", key, json_is_true(v) ? "yes" : "no");
        } else if (json_is_null(v)) {
            (void)printf("  %-26s %14s\n", key, "-");
        }
    }
}

int status_main(int argc, char **argv)
{
    struct talk t = {0};
    json_t *answer = NULL;
    const char *key;
    json_t *v;
    int status = begin(&t, argc, argv,
                       "status\n\nWhat the controller sees and does.\n\n"
                       "example:\n  kilnwatt status --park etc/parks/small.yaml\n\n");
    if (status >= 0) {
        return status;
    }
    enum err rc = client_ask(&t.client, "GET", "/api/v1/status", NULL, &answer);
    if (rc == ERR_OK && t.json) {
        print_json(answer);
    } else if (rc == ERR_OK) {
        print_flat(answer);
        json_object_foreach(answer, key, v)
        {
            if (json_is_object(v)) {
                (void)printf("%s\n", key);
                print_flat(v);
            }
        }
    }
    json_decref(answer);
    return status_of(rc);
}

int points_main(int argc, char **argv)
{
    struct talk t = {0};
    json_t *answer = NULL;
    size_t i;
    json_t *p;
    int status = begin(&t, argc, argv,
                       "points [PREFIX]\n\nAll points, or those that begin so.\n\n"
                       "example:\n  kilnwatt points bess1\n\n");
    if (status >= 0) {
        return status;
    }
    const char *prefix = optind < argc ? argv[optind] : "";
    enum err rc = client_ask(&t.client, "GET", "/api/v1/points", NULL, &answer);
    if (rc == ERR_OK && t.json) {
        print_json(answer);
    } else if (rc == ERR_OK) {
        json_array_foreach(json_object_get(answer, "points"), i, p)
        {
            const char *name = json_string_value(json_object_get(p, "name"));
            const char *unit = json_string_value(json_object_get(p, "unit"));
            const char *quality = json_string_value(json_object_get(p, "quality"));
            json_t *value = json_object_get(p, "value");
            if (name == NULL || strncmp(name, prefix, strlen(prefix)) != 0) {
                continue;
            }
            if (json_is_number(value)) {
                (void)printf("%-32s %14.3f %-6s %s\n", name, json_number_value(value), unit,
                             quality);
            } else {
                (void)printf("%-32s %14s %-6s %s\n", name, "-", unit, quality);
            }
        }
    }
    json_decref(answer);
    return status_of(rc);
}

/* A number given as text; false with a line on stderr. */
static bool number(const char *name, const char *text, double *out)
{
    char *end = NULL;
    *out = text != NULL ? strtod(text, &end) : 0;
    if (text == NULL || end == text || *end != '\0') {
        (void)fprintf(stderr, "%s: %s is no number; give one like 500\n", name,
                      text != NULL ? text : "(nothing)");
        return false;
    }
    return true;
}

static void print_event(const json_t *e)
{
    static const char *const keys[] = {"kw", "baseline_kw", "cap_kw", "delivered_kw"};
    (void)printf("%-26s %-10s %-6s", json_string_value(json_object_get(e, "id")),
                 json_string_value(json_object_get(e, "state")),
                 json_string_value(json_object_get(e, "direction")));
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const json_t *v = json_object_get(e, keys[i]);
        if (json_is_number(v)) {
            (void)printf(" %9.1f", json_number_value(v));
        } else {
            (void)printf(" %9s", "-");
        }
    }
    const char *start = json_string_value(json_object_get(e, "start"));
    const char *end = json_string_value(json_object_get(e, "end"));
    const char *reason = json_string_value(json_object_get(e, "reason"));
    (void)printf("  %s .. %s %s\n", start != NULL ? start : "-", end != NULL ? end : "-",
                 reason != NULL ? reason : "");
}

static void print_events_head(void)
{
    (void)printf("%-26s %-10s %-6s %9s %9s %9s %9s\n", "id", "state", "what", "kW", "baseline",
                 "cap", "delivered");
}

static int dr_list(const struct talk *t)
{
    json_t *answer = NULL;
    size_t i;
    json_t *e;
    enum err rc = client_ask(&t->client, "GET", "/api/v1/dr/events", NULL, &answer);
    if (rc == ERR_OK && t->json) {
        print_json(answer);
    } else if (rc == ERR_OK) {
        print_events_head();
        json_array_foreach(json_object_get(answer, "events"), i, e)
        {
            print_event(e);
        }
    }
    json_decref(answer);
    return status_of(rc);
}

static int show_one(const struct talk *t, enum err rc, json_t *answer)
{
    if (rc == ERR_OK && t->json) {
        print_json(answer);
    } else if (rc == ERR_OK && json_object_get(answer, "id") != NULL) {
        print_events_head();
        print_event(answer);
    }
    json_decref(answer);
    return status_of(rc);
}

static void put_text(json_t *o, const char *key, const char *text)
{
    if (text != NULL) {
        (void)json_object_set_new(o, key, json_string(text));
    }
}

static int dr_trigger(const struct talk *t)
{
    double kw = 0;
    double minutes = 60;
    json_t *answer = NULL;
    if (!number("--kw", t->kw, &kw) ||
        (t->minutes != NULL && !number("--minutes", t->minutes, &minutes))) {
        return 2;
    }
    json_t *body = json_object();
    put_text(body, "direction", t->direction != NULL ? t->direction : "shave");
    (void)json_put_number(body, "kw", kw);
    (void)json_put_number(body, "duration_min", minutes);
    put_text(body, "start", t->start);
    put_text(body, "id", t->id);
    put_text(body, "program", t->program);
    enum err rc = client_ask(&t->client, "POST", "/api/v1/dr/events", body, &answer);
    json_decref(body);
    return show_one(t, rc, answer);
}

static int dr_cancel(const struct talk *t, const char *id)
{
    char path[128];
    json_t *answer = NULL;
    (void)snprintf(path, sizeof path, "/api/v1/dr/events/%s", id);
    enum err rc = client_ask(&t->client, "DELETE", path, NULL, &answer);
    return show_one(t, rc, answer);
}

int dr_main(int argc, char **argv)
{
    static const char usage[] =
        "dr trigger --kw KW [--minutes M] [--start TIME] [--direction shave|limit] [--id ID]\n"
        "       kilnwatt dr list\n"
        "       kilnwatt dr cancel ID\n\n"
        "shave: import falls by KW against the mean of the 15 min before; limit: import stays\n"
        "at or below KW.\n\n"
        "examples:\n  kilnwatt dr trigger --kw 500 --minutes 60\n  kilnwatt dr list --json\n\n";
    struct talk t = {0};
    int status = begin(&t, argc, argv, usage);
    if (status >= 0) {
        return status;
    }
    const char *verb = optind < argc ? argv[optind] : "";
    if (strcmp(verb, "trigger") == 0 && optind + 1 == argc) {
        return dr_trigger(&t);
    }
    if (strcmp(verb, "list") == 0 && optind + 1 == argc) {
        return dr_list(&t);
    }
    if (strcmp(verb, "cancel") == 0 && optind + 2 == argc) {
        return dr_cancel(&t, argv[optind + 1]);
    }
    return help(usage, false);
}

static int post(const struct talk *t, const char *path, json_t *body)
{
    json_t *answer = NULL;
    enum err rc = client_ask(&t->client, "POST", path, body, &answer);
    json_decref(body);
    return show_one(t, rc, answer);
}

/* Takes the negative number after a POINT out of the arguments: getopt would take it for an
 * option. NULL if there is none. */
static const char *take_negative(int *argc, char **argv)
{
    for (int i = 2; i < *argc; i++) {
        bool negative = argv[i][0] == '-' && strspn(argv[i] + 1, "0123456789.") > 0;
        if (negative && strchr(argv[i - 1], '.') != NULL && argv[i - 1][0] != '-') {
            const char *text = argv[i];
            memmove(&argv[i], &argv[i + 1], sizeof argv[0] * (size_t)(*argc - i));
            (*argc)--;
            return text;
        }
    }
    return NULL;
}

int set_main(int argc, char **argv)
{
    static const char usage[] = "set POINT VALUE\n\nGives a setpoint by hand; its device goes "
                                "to manual until `auto`.\n\n"
                                "example:\n  kilnwatt set bess1.set_kw -200\n\n";
    struct talk t = {0};
    double value = 0;
    const char *text = take_negative(&argc, argv);
    int status = begin(&t, argc, argv, usage);
    if (status >= 0) {
        return status;
    }
    if (optind + (text != NULL ? 1 : 2) != argc) {
        return help(usage, false);
    }
    if (!number("VALUE", text != NULL ? text : argv[optind + 1], &value)) {
        return 2;
    }
    json_t *body = json_object();
    put_text(body, "point", argv[optind]);
    (void)json_put_number(body, "value", value);
    return post(&t, "/api/v1/set", body);
}

int auto_main(int argc, char **argv)
{
    static const char usage[] = "auto DEVICE\n\nGives a device back to automatic.\n\n"
                                "example:\n  kilnwatt auto bess1\n\n";
    struct talk t = {0};
    int status = begin(&t, argc, argv, usage);
    if (status >= 0) {
        return status;
    }
    if (optind + 1 != argc) {
        return help(usage, false);
    }
    json_t *body = json_object();
    put_text(body, "device", argv[optind]);
    return post(&t, "/api/v1/auto", body);
}

int ack_main(int argc, char **argv)
{
    static const char usage[] = "ack [SOURCE/WHAT]\n\nAcknowledges one alarm, or all.\n\n"
                                "example:\n  kilnwatt ack pv_a/offline\n\n";
    struct talk t = {0};
    int status = begin(&t, argc, argv, usage);
    if (status >= 0) {
        return status;
    }
    json_t *body = json_object();
    put_text(body, "id", optind < argc ? argv[optind] : "");
    return post(&t, "/api/v1/ack", body);
}
