/* Reads a park file: its top level, grid, heat, weather, web, holidays. Runs once while
 * booting, in every role and in the simulator; leaves a constant struct park in the arena. */
#include "controller/park/park_load.h"
#include "controller/base/civil.h"
#include <stdio.h>
#include <string.h>

enum { HOLIDAYS_MAX = 366 };

struct top_raw {
    const struct doc *park, *grid, *objective, *heat, *weather, *web, *holidays, *recipes,
        *devices, *orders;
};
#define NODE(key, need, about) \
    { \
#key, FIELD_NODE, offsetof(struct top_raw, key), 0, 0, 0, need, 0, "-", NULL, about \
    }
static const struct field top_keys[] = {
    NODE(park, true, "name and place of the park"),
    NODE(grid, true, "grid connection and contract"),
    NODE(objective, false, "what plans are chosen by; absent = cost"),
    NODE(heat, false, "heat network; absent = none"),
    NODE(weather, false, "weather series for simulator and forecast"),
    NODE(web, false, "where the web server listens"),
    NODE(holidays, false, "dates, or ranges FROM..TO, that count as Sundays"),
    NODE(recipes, false, "firing programmes of batch kilns"),
    NODE(devices, true, "all devices on the wire"),
    NODE(orders, false, "production orders that recur"),
};
#undef NODE

struct site_raw {
    char name[NAME_LEN], zone[48];
    const struct doc *title;
    double latitude_deg, longitude_deg, altitude_m;
};
#define AT(m) offsetof(struct site_raw, m)
static const struct field site_keys[] = {
    {"name",          FIELD_TEXT,   AT(name),          NAME_LEN, 0,    0,    true,  0, "-",   NULL, "short name, [a-z0-9_]"   },
    {"title",         FIELD_NODE,   AT(title),         0,        0,    0,    false, 0, "-",   NULL, "{zh, en} for screens"    },
    {"zone",          FIELD_TEXT,   AT(zone),          48,       0,    0,    true,  0, "-",   NULL, "time zone, Asia/Shanghai"},
    {"latitude_deg",  FIELD_NUMBER, AT(latitude_deg),  0,        -90,  90,   true,  0, "deg", NULL,
     "north positive"                                                                                                         },
    {"longitude_deg", FIELD_NUMBER, AT(longitude_deg), 0,        -180, 180,  true,  0, "deg", NULL,
     "east positive"                                                                                                          },
    {"altitude_m",    FIELD_NUMBER, AT(altitude_m),    0,        -500, 6000, false, 0, "m",   NULL,
     "above the sea"                                                                                                          },
};
#undef AT

struct grid_raw {
    double import_kw_max, export_kw_max, guard_kw, demand_margin_pu;
    char meter[NAME_LEN];
    const struct doc *tariff;
};
#define AT(m) offsetof(struct grid_raw, m)
static const struct field grid_keys[] = {
    {"import_kw_max",    FIELD_NUMBER, AT(import_kw_max),    0,        1, 1e6, true,  0,    "kW", NULL,
     "greatest import that the connection allows"             },
    {"export_kw_max",    FIELD_NUMBER, AT(export_kw_max),    0,        0, 1e6, false, 0,    "kW", NULL,
     "greatest export; 0 = not permitted"                     },
    {"guard_kw",         FIELD_NUMBER, AT(guard_kw),         0,        0, 1e5, false, 0,    "kW", NULL,
     "least import kept where export is not permitted"        },
    {"demand_margin_pu", FIELD_NUMBER, AT(demand_margin_pu), 0,        0, 0.5, false, 0.02, "pu", NULL,
     "plan and governor stay this far below the demand target"},
    {"meter",            FIELD_TEXT,   AT(meter),            NAME_LEN, 0, 0,   true,  0,    "-",  NULL,
     "name of the meter at the connection point"              },
    {"tariff",           FIELD_NODE,   AT(tariff),           0,        0, 0,   true,  0,    "-",  NULL,
     "tariff file, relative to this one"                      },
};
#undef AT

#define AT(m) offsetof(struct park, m)
static const struct field objective_keys[] = {
    {"first",                          FIELD_ENUM,   AT(absorption_first),               0, 0, 0,   false, 0, "-",        "cost absorption",
     "what comes first; cost decides what it leaves open"                                                                                                                                  },
    {"carbon_weight_yuan_per_kg",      FIELD_NUMBER, AT(carbon_weight_yuan_per_kg),      0, 0, 1e3, false,
     0,                                                                                                       "-",        NULL,              "put on each kg of CO2 beside its price"      },
    {"unabsorbed_weight_yuan_per_kwh", FIELD_NUMBER, AT(unabsorbed_weight_yuan_per_kwh), 0, 0,
     1e3,                                                                                           false, 0, "yuan/kWh", NULL,              "put on renewable energy that is not absorbed"},
};
#undef AT

struct heat_raw {
    char tank[NAME_LEN];
    const struct doc *demand;
};
static const struct field heat_keys[] = {
    {"tank",   FIELD_TEXT, offsetof(struct heat_raw, tank),   NAME_LEN, 0, 0, true, 0, "-", NULL,
     "name of the hot-water tank"},
    {"demand", FIELD_NODE, offsetof(struct heat_raw, demand), 0,        0, 0, true, 0, "-", NULL,
     "schedule of the heat drawn"},
};

struct weather_raw {
    const struct doc *series;
    double latitude_deg, longitude_deg, utc_offset_h;
};
#define AT(m) offsetof(struct weather_raw, m)
static const struct field weather_keys[] = {
    {"series",        FIELD_NODE,   AT(series),        0, 0,    0,   true, 0, "-",   NULL,
     "series file, relative to this one"},
    {"latitude_deg",  FIELD_NUMBER, AT(latitude_deg),  0, -90,  90,  true, 0, "deg", NULL,
     "of the station, north positive"   },
    {"longitude_deg", FIELD_NUMBER, AT(longitude_deg), 0, -180, 180, true, 0, "deg", NULL,
     "of the station, east positive"    },
    {"utc_offset_h",  FIELD_NUMBER, AT(utc_offset_h),  0, -12,  14,  true, 0, "h",   NULL,
     "of the station's local time"      },
};
#undef AT

static const struct field web_keys[] = {
    {"listen", FIELD_NODE, 0, 0, 0, 0, false, 0, "-", NULL, "IPv4:port of the web server"},
};

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

const struct field *park_section_keys(const char *section, int *n)
{
    static const struct {
        const char *name;
        const struct field *row;
        int n;
    } sections[] = {
        {"park",      site_keys,      ROWS(site_keys)     },
        {"grid",      grid_keys,      ROWS(grid_keys)     },
        {"weather",   weather_keys,   ROWS(weather_keys)  },
        {"objective", objective_keys, ROWS(objective_keys)},
    };
    for (int i = 0; i < ROWS(sections); i++) {
        if (strcmp(sections[i].name, section) == 0) {
            *n = sections[i].n;
            return sections[i].row;
        }
    }
    *n = 0;
    return NULL;
}

static void load_site(struct park_reader *r, const struct doc *map)
{
    struct park *p = r->park;
    struct site_raw raw;
    if (doc_fill(map, site_keys, ROWS(site_keys), &raw, r->errors) != ERR_OK ||
        !read_name_ok(doc_get(map, "name"), raw.name, r->errors) ||
        read_title(raw.title, raw.name, p->title_zh, p->title_en, r->errors) != ERR_OK) {
        return;
    }
    if (civil_zone_set(raw.zone) != ERR_OK) {
        doc_complain(r->errors, doc_get(map, "zone"),
                     "this system knows no zone '%s'; a name like Asia/Shanghai would be right",
                     raw.zone);
    }
    memcpy(p->name, raw.name, sizeof p->name);
    memcpy(p->zone, raw.zone, sizeof p->zone);
    p->latitude_deg = raw.latitude_deg;
    p->longitude_deg = raw.longitude_deg;
    p->altitude_m = raw.altitude_m;
}

/* Index of a device of this kind, or a complaint at `node` and -1. */
static int device_of_kind(struct park_reader *r, const struct doc *node, enum kind kind)
{
    int d = park_device(r->park, node->text);
    if (d < 0) {
        doc_complain(r->errors, node,
                     "no device is called '%s'; the name of a %s would be right", node->text,
                     dict_kind(kind)->name);
        return -1;
    }
    if (r->park->device[d].kind != kind) {
        doc_complain(r->errors, node, "'%s' is a %s; a device of kind %s would be right",
                     node->text, dict_kind(r->park->device[d].kind)->name,
                     dict_kind(kind)->name);
        return -1;
    }
    return d;
}

/* References to devices are followed only where the devices could be read. */
static void load_grid(struct park_reader *r, const struct doc *map, bool devices_ok)
{
    struct park *p = r->park;
    struct grid_raw raw;
    if (doc_fill(map, grid_keys, ROWS(grid_keys), &raw, r->errors) != ERR_OK ||
        read_path(raw.tariff, p->tariff, r->errors) != ERR_OK) {
        return;
    }
    p->import_kw_max = raw.import_kw_max;
    p->export_kw_max = raw.export_kw_max;
    p->guard_kw = raw.guard_kw;
    p->demand_margin_pu = raw.demand_margin_pu;
    if (raw.guard_kw >= raw.import_kw_max) {
        doc_complain(r->errors, doc_get(map, "guard_kw"),
                     "%g kW is not below import_kw_max of %g kW; less would be right",
                     raw.guard_kw, raw.import_kw_max);
    }
    if (devices_ok) {
        p->pcc = device_of_kind(r, doc_get(map, "meter"), KIND_METER);
    }
}

static void load_heat(struct park_reader *r, const struct doc *map, bool devices_ok)
{
    struct park *p = r->park;
    struct heat_raw raw;
    p->tank = -1;
    if (map == NULL || doc_fill(map, heat_keys, ROWS(heat_keys), &raw, r->errors) != ERR_OK ||
        read_schedule(raw.demand, 1e6, &p->heat_demand, r->errors) != ERR_OK) {
        return;
    }
    if (devices_ok) {
        p->tank = device_of_kind(r, doc_get(map, "tank"), KIND_TANK);
    }
}

static void load_weather(struct park_reader *r, const struct doc *map)
{
    struct park *p = r->park;
    struct weather_raw raw;
    if (map == NULL ||
        doc_fill(map, weather_keys, ROWS(weather_keys), &raw, r->errors) != ERR_OK ||
        read_path(raw.series, p->weather, r->errors) != ERR_OK) {
        return;
    }
    p->weather_latitude_deg = raw.latitude_deg;
    p->weather_longitude_deg = raw.longitude_deg;
    p->weather_utc_offset_h = raw.utc_offset_h;
}

static void load_web(struct park_reader *r, const struct doc *map)
{
    const struct doc *listen = NULL;
    (void)snprintf(r->park->listen_host, sizeof r->park->listen_host, "127.0.0.1");
    r->park->listen_port = 8080;
    if (map == NULL || doc_fill(map, web_keys, ROWS(web_keys), &listen, r->errors) != ERR_OK ||
        listen == NULL) {
        return;
    }
    enum err e = read_listen(listen, r->park->listen_host, &r->park->listen_port, r->errors);
    (void)e; /* the complaint is enough */
}

/* First and last midnight of "2025-10-01" or "2025-10-01..2025-10-03". */
static enum err holiday_range(const char *text, wall_t *first, wall_t *last)
{
    char from[16];
    const char *dots = strstr(text, "..");
    size_t n = dots == NULL ? strlen(text) : (size_t)(dots - text);
    if (n != 10 || (dots != NULL && strlen(dots + 2) != 10)) {
        return ERR_SYNTAX;
    }
    memcpy(from, text, n);
    from[n] = '\0';
    enum err e = civil_parse(from, first);
    if (e == ERR_OK) {
        e = civil_parse(dots == NULL ? from : dots + 2, last);
    }
    return e == ERR_OK && last->ms < first->ms ? ERR_RANGE : e;
}

static enum err load_holidays(struct park_reader *r, const struct doc *list)
{
    if (list == NULL || !read_is_list(list, r->errors)) {
        return ERR_OK;
    }
    struct park *p = r->park;
    p->holiday = arena_take(r->arena, HOLIDAYS_MAX, sizeof *p->holiday);
    if (p->holiday == NULL) {
        return ERR_NOMEM;
    }
    for (const struct doc *d = list->first; d != NULL; d = d->next) {
        wall_t at = {0}, last = {0};
        if (d->kind != DOC_SCALAR || holiday_range(d->text, &at, &last) != ERR_OK) {
            doc_complain(r->errors, d,
                         "'%s' is no date; 2025-10-01 or 2025-10-01..2025-10-03 would be right",
                         d->kind == DOC_SCALAR ? d->text : "a list or map");
            continue;
        }
        for (; at.ms <= last.ms; at = civil_midnight(at, 1)) {
            if (p->holidays == HOLIDAYS_MAX) {
                doc_complain(r->errors, d,
                             "are too many holidays; at most %d days would be right",
                             HOLIDAYS_MAX);
                return ERR_OK;
            }
            p->holiday[p->holidays++] = at;
        }
    }
    return ERR_OK;
}

static void load_objective(struct park_reader *r, const struct doc *map)
{
    int n = ROWS(objective_keys);
    if (map != NULL && doc_fill(map, objective_keys, n, r->park, r->errors) != ERR_OK) {
        r->park->absorption_first = 0; /* the errors refuse the park */
    }
}

/* Everything below the top level, in the order in which it refers to what was read before. */
static enum err load_parts(struct park_reader *r, const struct top_raw *top)
{
    int before = r->errors->count;
    load_site(r, top->park);
    bool zone_ok = r->errors->count == before;
    enum err e = park_load_devices(r, top->devices);
    if (e == ERR_NOMEM) {
        return e;
    }
    bool devices_ok = e == ERR_OK;
    if (devices_ok) {
        park_check_devices(r, top->devices);
    }
    load_grid(r, top->grid, devices_ok);
    load_objective(r, top->objective);
    load_heat(r, top->heat, devices_ok);
    load_weather(r, top->weather);
    load_web(r, top->web);
    if (zone_ok && load_holidays(r, top->holidays) != ERR_OK) {
        return ERR_NOMEM;
    }
    e = park_load_recipes(r, top->recipes);
    if (e == ERR_OK && devices_ok) {
        e = park_load_orders(r, top->orders);
    }
    return e == ERR_NOMEM ? e : ERR_OK;
}

enum err park_load(struct arena *a, const char *path, struct park **out,
                   struct doc_errors *errors)
{
    int before = errors->count;
    struct doc *root = NULL;
    enum err e = doc_read(a, path, &root, errors);
    if (e != ERR_OK) {
        return e;
    }
    struct top_raw top;
    e = doc_fill(root, top_keys, ROWS(top_keys), &top, errors);
    if (e != ERR_OK) {
        return e;
    }
    struct park_reader r = {
        .arena = a, .park = arena_take(a, 1, sizeof(struct park)), .errors = errors};
    if (r.park == NULL) {
        return ERR_NOMEM;
    }
    e = load_parts(&r, &top);
    if (e == ERR_OK && errors->count > before) {
        e = ERR_CONFLICT;
    }
    if (e == ERR_OK) {
        *out = r.park;
    }
    return e;
}
