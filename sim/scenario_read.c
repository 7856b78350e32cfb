/* Reads a scenario: top level, park, beginnings, orders. Runs before a scenario does and in
 * `kilnwatt check`. */
#include "controller/base/civil.h"
#include "controller/park/park_load.h"
#include "sim/scenario.h"
#include <math.h>
#include <string.h>

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

static const double hours_max = 48, hour_s = 3600, work_otherwise = 3000,
                    warm_otherwise_s = 300;

struct raw {
    char scenario[SCENARIO_TITLE], about[4 * SCENARIO_TITLE], start[48];
    double hours, work, tick_s;
    int policy, seed;
    const struct doc *warm_up, *park, *series, *initial, *orders, *dr, *events, *commands,
        *alarms, *assertions, *allow, *campaign;
};
#define AT(m) offsetof(struct raw, m)
#define NODE(key, need, about) \
    { \
#key, FIELD_NODE, AT(key), 0, 0, 0, need, 0, "-", NULL, about \
    }
static const struct field keys[] = {
    {"scenario", FIELD_TEXT,   AT(scenario), SCENARIO_TITLE,     0,        0,   true,  0,    "-", NULL,
     "what it is about, one line"                                                                                                          },
    {"about",    FIELD_TEXT,   AT(about),    4 * SCENARIO_TITLE, 0,        0,   false, 0,    "-", NULL,
     "why it matters"                                                                                                                      },
    {"start",    FIELD_TEXT,   AT(start),    48,                 0,        0,   true,  0,    "-", NULL,            "first moment, ISO 8601"},
    {"hours",    FIELD_NUMBER, AT(hours),    0,                  1.0 / 60, 48,  true,  0,    "h", NULL,            "length"                },
    {"policy",   FIELD_ENUM,   AT(policy),   0,                  0,        0,   false, 1,    "-", "none rule mpc",
     "who controls: nobody, rules or plans"                                                                                                },
    {"seed",     FIELD_INT,    AT(seed),     0,                  0,        1e9, false, 1,    "-", NULL,            "of all random draws"   },
    {"work",     FIELD_NUMBER, AT(work),     0,                  1,        1e9, false, 3000, "-", NULL,
     "mpc: what one plan may cost"                                                                                                         },
    {"tick_s",   FIELD_NUMBER, AT(tick_s),   0,                  0.1,      1,   false, 1,    "s", NULL,
     "step of plants and controller; live 0.2"                                                                                             },
    NODE(warm_up, false, "how long it all runs before the start; 5m"),
    NODE(park, true, "park file, relative to this one"),
    NODE(series, false, "list of series files, relative to this one"),
    NODE(initial, false, "content of stores: bess1.soc_pu: 0.5"),
    NODE(orders, false, "more production orders, in the form of a park's"),
    NODE(dr, false, "calls of demand response"),
    NODE(events, false, "faults and their ends"),
    NODE(campaign, false, "random faults at a rate"),
    NODE(commands, false, "what a person sets by hand"),
    NODE(alarms, false, "alarms that must stand"),
    NODE(assertions, true, "what must be true"),
    NODE(allow, false, "breaches that the referee may see"),
};
#undef NODE
#undef AT

bool scenario_read_at(const struct scenario_reader *r, const struct doc *node,
                      double otherwise_s, double *out_s)
{
    *out_s = otherwise_s;
    return node == NULL || scenario_moment(node, &r->s->span, out_s, r->errors) == ERR_OK;
}

bool scenario_read_for(const struct scenario_reader *r, const struct doc *node,
                       double otherwise_s, double *out_s)
{
    *out_s = otherwise_s;
    return node == NULL || scenario_duration(node, out_s, r->errors) == ERR_OK;
}

int scenario_read_device(const struct scenario_reader *r, const struct doc *node)
{
    int d = node->kind == DOC_SCALAR ? park_device(r->park, node->text) : -1;
    if (d < 0) {
        doc_complain(r->errors, node,
                     "no device is called '%s'; the name of one of the park's "
                     "would be right",
                     node->kind == DOC_SCALAR ? node->text : "a list or map");
    }
    return d;
}

static void read_initial(struct scenario_reader *r, const struct doc *map)
{
    struct setup_ask *ask = &r->s->ask;
    for (const struct doc *d = map ? map->first : NULL; d != NULL; d = d->next) {
        int point = d->key ? park_point_from_name(r->park, d->key) : -1;
        const char *name = point < 0 ? "" : park_point_def(r->park, point)->name;
        if (strcmp(name, "soc_pu") != 0) {
            doc_complain_key(r->errors, d,
                             "is no store's content; soc_pu of a battery, storage boiler or "
                             "tank would be right");
        } else if (ask->begins == SETUP_BEGINS_MAX) {
            doc_complain(r->errors, d, "is one too many; at most %d", SETUP_BEGINS_MAX);
        } else {
            struct setup_begin *b = &ask->begin[ask->begins];
            b->device = r->park->point_device[point];
            b->row = point - r->park->device[b->device].first_point;
            ask->begins += doc_number(d, 0, 1, &b->value, r->errors) == ERR_OK;
        }
    }
}

static void read_series(struct scenario_reader *r, const struct doc *list)
{
    struct scenario *s = r->s;
    if (list == NULL || !read_has_rows(list, SCENARIO_SERIES_MAX, r->errors)) {
        return;
    }
    for (const struct doc *d = list->first; d != NULL; d = d->next) {
        char *path = s->series_path[s->ask.series_n];
        if (read_path(d, path, r->errors) == ERR_OK) {
            s->series[s->ask.series_n++] = path;
        }
    }
}

static void read_allowed(struct scenario_reader *r, const struct doc *list)
{
    struct scenario *s = r->s;
    if (list == NULL || !read_has_rows(list, SCENARIO_ALLOW_MAX, r->errors)) {
        return;
    }
    for (const struct doc *d = list->first; d != NULL; d = d->next) {
        if (d->kind != DOC_SCALAR || strlen(d->text) >= SCENARIO_WORD) {
            doc_complain(r->errors, d, "is no name of a breach, such as import_limit");
            continue;
        }
        memcpy(s->allow[s->allowed++], d->text, strlen(d->text) + 1);
    }
}

static void read_start(struct scenario_reader *r, const struct doc *root, const struct raw *raw)
{
    struct scenario *s = r->s;
    s->span.end_s = floor(fmin(raw->hours, hours_max) * hour_s);
    if (civil_parse(raw->start, &s->span.start) != ERR_OK) {
        doc_complain(r->errors, doc_get(root, "start"),
                     "'%s' is no time; 2025-07-14T05:00:00+08:00 would be right", raw->start);
    }
    if (scenario_read_for(r, raw->warm_up, warm_otherwise_s, &s->warm_s)) {
        s->warm_s = floor(s->warm_s);
    }
    double steps = 1 / raw->tick_s;
    if (fabs(steps - round(steps)) > 1e-9) {
        doc_complain(r->errors, doc_get(root, "tick_s"),
                     "%g s is no whole fraction of a second; 1, 0.5, 0.2 or 0.1 would be right",
                     raw->tick_s);
    }
    civil_format(wall_add_s(s->span.start, -s->warm_s), s->start, sizeof s->start);
}

/* Orders are read into a park of this reader's own, for their errors; the run reads them again
 * into its own. */
static void read_orders(struct scenario_reader *r, struct arena *a, struct park *park,
                        const struct doc *list)
{
    struct park_reader orders = {.arena = a, .park = park, .errors = r->errors};
    int before = r->errors->count;
    enum err e = park_load_orders(&orders, list);
    if (e != ERR_OK && r->errors->count == before) {
        doc_complain(r->errors, list, "could not be read: %s", err_text(e));
    }
    r->s->order = list;
}

static void read_parts(struct scenario_reader *r, const struct raw *raw)
{
    read_initial(r, raw->initial);
    read_series(r, raw->series);
    read_allowed(r, raw->allow);
    scenario_read_events(r, raw->events);
    scenario_read_campaign(r, raw->campaign);
    scenario_read_commands(r, raw->commands);
    scenario_read_calls(r, raw->dr);
    scenario_read_alarms(r, raw->alarms);
    scenario_read_assertions(r, raw->assertions);
}

static void refuse_without_core(const struct scenario_reader *r, const struct raw *raw)
{
    const struct doc *node[] = {raw->dr, raw->commands, raw->alarms};
    for (int i = 0; i < ROWS(node) && r->s->policy == STUDY_NONE; i++) {
        if (node[i]) {
            doc_complain(r->errors, node[i],
                         "needs a controller; policy: rule or mpc would be right");
        }
    }
}

static enum err read_all(struct arena *a, const struct doc *root, const struct raw *raw,
                         struct scenario_reader *r)
{
    struct scenario *s = r->s;
    struct park *park = NULL;
    memcpy(s->title, raw->scenario, sizeof s->title);
    memcpy(s->about, raw->about, sizeof s->about);
    s->policy = (enum study_policy)raw->policy;
    s->work = raw->work > 0 ? raw->work : work_otherwise;
    enum err e = read_path(raw->park, s->park, r->errors);
    e = e == ERR_OK ? park_load(a, s->park, &park, r->errors) : e;
    if (e != ERR_OK) {
        return e;
    }
    r->park = park;
    setup_find_devices(s->park, s->devices, sizeof s->devices);
    s->ask = (struct setup_ask){.who = "kilnwatt scenario",
                                .park = s->park,
                                .devices = s->devices,
                                .start = s->start,
                                .series = s->series,
                                .dt_s = raw->tick_s,
                                .seed = (uint64_t)raw->seed};
    read_start(r, root, raw);
    if (raw->orders) {
        read_orders(r, a, park, raw->orders);
    }
    read_parts(r, raw);
    refuse_without_core(r, raw);
    return ERR_OK;
}

enum err scenario_read(struct arena *a, const char *path, struct scenario **out,
                       struct doc_errors *errors)
{
    int before = errors->count;
    struct doc *root = NULL;
    struct raw raw;
    enum err e = doc_read(a, path, &root, errors);
    e = e == ERR_OK ? doc_fill(root, keys, ROWS(keys), &raw, errors) : e;
    if (e != ERR_OK) {
        return e;
    }
    struct scenario *s = arena_take(a, 1, sizeof *s);
    if (s == NULL) {
        return ERR_NOMEM;
    }
    s->file = path;
    struct scenario_reader r = {.s = s, .errors = errors};
    e = read_all(a, root, &raw, &r);
    if (e == ERR_OK && errors->count > before) {
        e = ERR_CONFLICT;
    }
    *out = e == ERR_OK ? s : *out;
    return e;
}
