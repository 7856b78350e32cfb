/* Reads recipes and production orders of a park file. Runs once while booting. */
#include "controller/park/park_load.h"
#include <string.h>

enum { DAY_MIN = 1440, WEEK_MIN = 7 * DAY_MIN };

struct recipe_raw {
    char name[NAME_LEN];
    double energy_kwh, busy_h;
    const struct doc *segments, *powers;
};
#define AT(m) offsetof(struct recipe_raw, m)
static const struct field recipe_keys[] = {
    {"name",       FIELD_TEXT,   AT(name),       NAME_LEN, 0,   0,   true, 0, "-",   NULL, "name, [a-z][a-z0-9_]*"},
    {"energy_kwh", FIELD_NUMBER, AT(energy_kwh), 0,        0.1, 1e6, true, 0, "kWh", NULL,
     "of one firing"                                                                                              },
    {"busy_h",     FIELD_NUMBER, AT(busy_h),     0,        0.1, 500, true, 0, "h",   NULL,
     "from start until the kiln can take the next load"                                                           },
    {"segments",   FIELD_NODE,   AT(segments),   0,        0,   0,   true, 0, "-",   NULL,
     "programme: list of {to_degc, minutes, hold_min}"                                                            },
    {"powers",     FIELD_NODE,   AT(powers),     0,        0,   0,   true, 0, "-",   NULL,
     "shape of the mean power: list of {hours, relative}, scaled to energy_kwh"                                   },
};
#undef AT
#define AT(m) offsetof(struct recipe_segment, m)
static const struct field segment_keys[] = {
    {"to_degc",  FIELD_NUMBER, AT(to_degc),  0, 0,   1800,  true,  0, "degC", NULL,
     "temperature at its end"                                                                   },
    {"minutes",  FIELD_NUMBER, AT(minutes),  0, 0.1, 10000, true,  0, "min",  NULL, "its length"},
    {"hold_min", FIELD_NUMBER, AT(hold_min), 0, 0,   1440,  false, 0, "min",  NULL,
     "longest pause inside; 0 = must not be paused"                                             },
};
#undef AT
static const struct field power_keys[] = {
    {"hours",    FIELD_NUMBER, offsetof(struct recipe_power, hours),    0, 0.01, 500, true, 0, "h",
     NULL, "length of the stretch"  },
    {"relative", FIELD_NUMBER, offsetof(struct recipe_power, relative), 0, 0,    1e6, true, 0, "-",
     NULL, "mean power, in any unit"},
};

struct order_raw {
    char id[NAME_LEN], device[NAME_LEN], recipe[NAME_LEN];
    int type, days;
    const struct doc *from, *to, *due;
    double energy_kwh, late_yuan_per_h;
};
#define AT(m) offsetof(struct order_raw, m)
static const struct field order_keys[] = {
    {"id",              FIELD_TEXT,   AT(id),              NAME_LEN, 0, 0,   true,  0,  "-",      NULL,                  "name, [a-z][a-z0-9_]*"},
    {"type",            FIELD_ENUM,   AT(type),            0,        0, 0,   true,  0,  "-",      "firing batch charge",
     "what is done"                                                                                                                             },
    {"device",          FIELD_TEXT,   AT(device),          NAME_LEN, 0, 0,   true,  0,  "-",      NULL,
     "kiln of a firing, mill of a batch, charger of a charge"                                                                                   },
    {"recipe",          FIELD_TEXT,   AT(recipe),          NAME_LEN, 0, 0,   false, 0,  "-",      NULL,                  "of a firing"          },
    {"days",            FIELD_ENUM,   AT(days),            0,        0, 0,   false, 0,  "-",      "all workday sunday",
     "days on which it recurs"                                                                                                                  },
    {"from",            FIELD_NODE,   AT(from),            0,        0, 0,   true,  0,  "-",      NULL,                  "earliest start, HH:MM"},
    {"to",              FIELD_NODE,   AT(to),              0,        0, 0,   true,  0,  "-",      NULL,
     "firing: latest start; else end of the window; HH:MM or HH:MM+1d"                                                                          },
    {"due",             FIELD_NODE,   AT(due),             0,        0, 0,   false, 0,  "-",      NULL,
     "firing: kiln free again; latest start + busy_h by default"                                                                                },
    {"energy_kwh",      FIELD_NUMBER, AT(energy_kwh),      0,        0, 1e6, false, 0,  "kWh",    NULL,
     "batch, charge: to be drawn in the window"                                                                                                 },
    {"late_yuan_per_h", FIELD_NUMBER, AT(late_yuan_per_h), 0,        0, 1e6, false, 50, "yuan/h", NULL,
     "price of lateness"                                                                                                                        },
};
#undef AT
#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

static void load_segments(struct park_reader *r, const struct doc *list, struct recipe *into)
{
    if (!read_has_rows(list, SEGMENTS_MAX, r->errors)) {
        return;
    }
    for (const struct doc *row = list->first; row != NULL; row = row->next) {
        if (doc_fill(row, segment_keys, ROWS(segment_keys), &into->segment[into->segments],
                     r->errors) == ERR_OK) {
            into->segments++;
        }
    }
}

static void load_powers(struct park_reader *r, const struct doc *list, struct recipe *into)
{
    int before = r->errors->count;
    if (!read_has_rows(list, SEGMENTS_MAX, r->errors)) {
        return;
    }
    for (const struct doc *row = list->first; row != NULL; row = row->next) {
        if (doc_fill(row, power_keys, ROWS(power_keys), &into->power[into->powers],
                     r->errors) == ERR_OK) {
            into->powers++;
        }
    }
    if (r->errors->count == before && recipe_peak_kw(into) <= 0) {
        doc_complain(r->errors, list,
                     "has no power above 0; one row above 0 at least would be right");
    }
}

static int recipe_index(const struct park *p, const char *name)
{
    for (int i = 0; i < p->recipes; i++) {
        if (strcmp(p->recipe[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static void load_recipe(struct park_reader *r, const struct doc *map)
{
    struct park *p = r->park;
    struct recipe_raw raw;
    int before = r->errors->count;
    if (doc_fill(map, recipe_keys, ROWS(recipe_keys), &raw, r->errors) != ERR_OK ||
        !read_name_ok(doc_get(map, "name"), raw.name, r->errors)) {
        return;
    }
    struct recipe *into = &p->recipe[p->recipes];
    int twin = recipe_index(p, raw.name);
    if (twin >= 0) {
        doc_complain(r->errors, doc_get(map, "name"),
                     "'%s' is already the recipe of line %d; another name would be right",
                     raw.name, p->recipe[twin].line);
        return;
    }
    memcpy(into->name, raw.name, sizeof into->name);
    into->energy_kwh = raw.energy_kwh;
    into->busy_h = raw.busy_h;
    into->line = map->line;
    into->col = map->col;
    load_segments(r, raw.segments, into);
    load_powers(r, raw.powers, into);
    if (r->errors->count == before && recipe_hours(into) > raw.busy_h) {
        doc_complain(
            r->errors, doc_get(map, "busy_h"),
            "%g h is shorter than the power profile of %g h; that much at least would be right",
            raw.busy_h, recipe_hours(into));
    }
    p->recipes++;
}

enum err park_load_recipes(struct park_reader *r, const struct doc *list)
{
    int before = r->errors->count;
    if (list == NULL) {
        return ERR_OK;
    }
    if (!read_has_rows(list, RECIPES_MAX, r->errors)) {
        return ERR_SYNTAX;
    }
    r->park->recipe = arena_take(r->arena, (size_t)list->count, sizeof *r->park->recipe);
    if (r->park->recipe == NULL) {
        return ERR_NOMEM;
    }
    for (const struct doc *row = list->first; row != NULL; row = row->next) {
        load_recipe(r, row);
    }
    return r->errors->count > before ? ERR_SYNTAX : ERR_OK;
}

static const enum kind kind_of_type[] = {
    [ORDER_FIRING] = KIND_KILN, [ORDER_BATCH] = KIND_MILL, [ORDER_CHARGE] = KIND_CHARGER};

/* The order's device, or -1 and a complaint. */
static int order_device(struct park_reader *r, const struct doc *map,
                        const struct order_raw *raw)
{
    enum kind want = kind_of_type[raw->type];
    int d = park_device(r->park, raw->device);
    if (d < 0) {
        doc_complain(r->errors, doc_get(map, "device"),
                     "no device is called '%s'; the name of a %s would be right", raw->device,
                     dict_kind(want)->name);
    } else if (r->park->device[d].kind != want) {
        doc_complain(r->errors, doc_get(map, "device"),
                     "'%s' is a %s; a %s needs a device of kind %s", raw->device,
                     dict_kind(r->park->device[d].kind)->name, doc_get(map, "type")->text,
                     dict_kind(want)->name);
        d = -1;
    }
    return d;
}

/* A firing's recipe must be known and fit the kiln's rating. */
static int order_recipe(struct park_reader *r, const struct doc *map,
                        const struct order_raw *raw, int d)
{
    const struct doc *node = doc_get(map, "recipe");
    if (node == NULL) {
        doc_complain(r->errors, map, "a firing has no recipe; recipe: NAME would be right");
        return -1;
    }
    int i = recipe_index(r->park, raw->recipe);
    if (i < 0) {
        doc_complain(r->errors, node,
                     "no recipe is called '%s'; one of `recipes` would be right", raw->recipe);
        return -1;
    }
    const struct recipe *recipe = &r->park->recipe[i];
    double peak_kw = recipe_peak_kw(recipe), rated_kw = r->park->device[d].rating.rated_kw;
    if (peak_kw > rated_kw * 1.000001) {
        doc_complain(r->errors, node,
                     "'%s' of %g kWh peaks at %.1f kW, but %s is rated %g kW; at most %.0f kWh "
                     "or another "
                     "kiln would be right",
                     recipe->name, recipe->energy_kwh, peak_kw, raw->device, rated_kw,
                     recipe->energy_kwh * rated_kw / peak_kw);
        return -1;
    }
    return i;
}

/* Window of a firing: starts between from and to, kiln free again by due. */
static void firing_window(struct park_reader *r, const struct order_raw *raw, struct order *o)
{
    double busy_min = r->park->recipe[o->recipe].busy_h * 60;
    o->energy_kwh = r->park->recipe[o->recipe].energy_kwh;
    o->due_min = o->to_min + (int)busy_min;
    if (raw->due == NULL ||
        read_minutes(raw->due, 0, WEEK_MIN, &o->due_min, r->errors) != ERR_OK) {
        return;
    }
    if (o->from_min + busy_min > o->due_min) {
        char free[16];
        read_minutes_format(o->from_min + (int)busy_min, free, sizeof free);
        doc_complain(
            r->errors, raw->due,
            "%s cannot be met: started at the earliest, the kiln is free at %s; that or later "
            "would be right",
            raw->due->text, free);
    }
}

/* Energy of a batch or charge: given, or what the mill draws in a batch; must fit its window.
 */
static void window_energy(struct park_reader *r, const struct doc *map,
                          const struct order_raw *raw, struct order *o)
{
    const struct device *d = &r->park->device[o->device];
    const struct doc *node = doc_get(map, "energy_kwh");
    o->due_min = o->to_min;
    o->energy_kwh = raw->energy_kwh;
    if (node == NULL && o->type == ORDER_BATCH) {
        o->energy_kwh = d->rating.rated_kw * d->rating.batch_h;
    } else if (node == NULL || raw->energy_kwh <= 0) {
        doc_complain(r->errors, node != NULL ? node : map,
                     "has no energy; energy_kwh above 0 would be right");
        return;
    }
    double most_kwh = d->rating.rated_kw * (o->to_min - o->from_min) / 60;
    if (o->energy_kwh > most_kwh * 1.000001) {
        doc_complain(r->errors, node != NULL ? node : doc_get(map, "to"),
                     "%g kWh do not fit the window: %s at %g kW takes %g kWh at most",
                     o->energy_kwh, d->name, d->rating.rated_kw, most_kwh);
    }
}

static void load_order(struct park_reader *r, const struct doc *map)
{
    struct park *p = r->park;
    struct order_raw raw;
    struct order *o = &p->order[p->orders];
    if (doc_fill(map, order_keys, ROWS(order_keys), &raw, r->errors) != ERR_OK ||
        !read_name_ok(doc_get(map, "id"), raw.id, r->errors) ||
        read_minutes(raw.from, 0, DAY_MIN - 1, &o->from_min, r->errors) != ERR_OK ||
        read_minutes(raw.to, 0, 2 * DAY_MIN, &o->to_min, r->errors) != ERR_OK) {
        return;
    }
    for (int i = 0; i < p->orders; i++) {
        if (strcmp(p->order[i].id, raw.id) == 0) {
            doc_complain(r->errors, doc_get(map, "id"),
                         "'%s' is already the order of line %d; another id would be right",
                         raw.id, p->order[i].line);
            return;
        }
    }
    if (o->to_min < o->from_min || (o->to_min == o->from_min && raw.type != ORDER_FIRING)) {
        doc_complain(
            r->errors, raw.to,
            "%s is not after from: %s; a later time, or %s+1d for the next day, would be right",
            raw.to->text, raw.from->text, raw.to->text);
        return;
    }
    memcpy(o->id, raw.id, sizeof o->id);
    o->type = (enum order_type)raw.type;
    o->days = (enum days)raw.days;
    o->late_yuan_per_h = raw.late_yuan_per_h;
    o->line = map->line;
    o->col = map->col;
    o->recipe = -1;
    o->device = order_device(r, map, &raw);
    if (o->device < 0) {
        return;
    }
    if (o->type == ORDER_FIRING) {
        o->recipe = order_recipe(r, map, &raw, o->device);
        if (o->recipe < 0) {
            return;
        }
        firing_window(r, &raw, o);
    } else {
        window_energy(r, map, &raw, o);
    }
    p->orders++;
}

enum err park_load_orders(struct park_reader *r, const struct doc *list)
{
    int before = r->errors->count;
    if (list == NULL) {
        return ERR_OK;
    }
    if (!read_has_rows(list, ORDERS_MAX, r->errors)) {
        return ERR_SYNTAX;
    }
    struct park *p = r->park;
    int room = p->orders + list->count;
    if (room > ORDERS_MAX) {
        doc_complain(r->errors, list, "makes %d orders; at most %d would be right", room,
                     ORDERS_MAX);
        return ERR_SYNTAX;
    }
    struct order *order = arena_take(r->arena, (size_t)room, sizeof *order);
    if (order == NULL) {
        return ERR_NOMEM;
    }
    if (p->orders > 0) {
        memcpy(order, p->order, (size_t)p->orders * sizeof *order);
    }
    p->order = order;
    for (const struct doc *row = list->first; row != NULL; row = row->next) {
        load_order(r, row);
    }
    return r->errors->count > before ? ERR_SYNTAX : ERR_OK;
}
