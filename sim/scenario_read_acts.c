/* What happens in a scenario: faults, a person's hand, calls of demand response. Runs before a
 * scenario does and in `kilnwatt check`. */
#include "controller/park/read.h"
#include "sim/scenario.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

/* One row after the other, as many as there is room for. */
typedef void read_row(struct scenario_reader *r, const struct doc *map);

static void each_row(struct scenario_reader *r, const struct doc *list, read_row *row)
{
    if (list == NULL || !read_has_rows(list, SCENARIO_ROWS_MAX, r->errors)) {
        return;
    }
    for (const struct doc *d = list->first; d != NULL; d = d->next) {
        row(r, d);
    }
}

/* ---- Faults ---- */

struct event_raw {
    char fault[SCENARIO_WORD];
    bool cleared;
    const struct doc *at, *device, *length;
};
#define AT(m) offsetof(struct event_raw, m)
static const struct field event_keys[] = {
    {"at",     FIELD_NODE, AT(at),      0,             0, 0, true,  0, "-", NULL, "moment"      },
    {"device", FIELD_NODE, AT(device),  0,             0, 0, false, 0, "-", NULL, "whom it hits"},
    {"fault",  FIELD_TEXT, AT(fault),   SCENARIO_WORD, 0, 0, false, 0, "-", NULL,
     "name, with its argument after a :"                                                        },
    {"for",    FIELD_NODE, AT(length),  0,             0, 0, false, 0, "-", NULL,
     "how long; until cleared by default"                                                       },
    {"clear",  FIELD_BOOL, AT(cleared), 0,             0, 0, false, 0, "-", NULL,
     "true: ends the faults of the device"                                                      },
};
#undef AT

static void read_event(struct scenario_reader *r, const struct doc *map)
{
    struct event_raw raw;
    struct scenario_event e = {.device = -1, .node = map};
    if (doc_fill(map, event_keys, ROWS(event_keys), &raw, r->errors) != ERR_OK ||
        !scenario_read_at(r, raw.at, 0, &e.at_s) ||
        !scenario_read_for(r, raw.length, INFINITY, &e.for_s)) {
        return;
    }
    if ((raw.fault[0] != '\0') == raw.cleared || (raw.cleared && raw.device == NULL)) {
        doc_complain(
            r->errors, map,
            "is no event; fault: NAME, or device: NAME with clear: true would be right");
        return;
    }
    e.device = raw.device ? scenario_read_device(r, raw.device) : -1;
    memcpy(e.fault, raw.fault, sizeof e.fault);
    if (raw.device == NULL || e.device >= 0) {
        r->s->event[r->s->events++] = e;
    }
}

void scenario_read_events(struct scenario_reader *r, const struct doc *list)
{
    each_row(r, list, read_event);
}

/* ---- Commands ---- */

struct command_raw {
    double value;
    const struct doc *at, *set, *give, *length;
};
#define AT(m) offsetof(struct command_raw, m)
static const struct field command_keys[] = {
    {"at",    FIELD_NODE,   AT(at),     0, 0,    0,   true,  0,   "-", NULL, "moment"                      },
    {"set",   FIELD_NODE,   AT(set),    0, 0,    0,   false, 0,   "-", NULL, "setpoint, as in pv1.limit_pu"},
    {"value", FIELD_NUMBER, AT(value),  0, -1e6, 1e6, false, NAN, "-", NULL,
     "in the setpoint's unit"                                                                              },
    {"for",   FIELD_NODE,   AT(length), 0, 0,    0,   false, 0,   "-", NULL,
     "how long; until `auto` by default"                                                                   },
    {"auto",  FIELD_NODE,   AT(give),   0, 0,    0,   false, 0,   "-", NULL,
     "device that becomes automatic again"                                                                 },
};
#undef AT

static bool read_set(const struct scenario_reader *r, const struct doc *map,
                     const struct command_raw *raw, struct scenario_command *c)
{
    double lo, hi;
    c->point =
        raw->set->kind == DOC_SCALAR ? park_point_from_name(r->park, raw->set->text) : -1;
    if (c->point < 0 || !park_point_def(r->park, c->point)->writable) {
        doc_complain(
            r->errors, raw->set,
            "'%s' is no setpoint of this park; pv1.limit_pu or the like would be right",
            raw->set->kind == DOC_SCALAR ? raw->set->text : "a list or map");
        return false;
    }
    park_point_range(r->park, c->point, &lo, &hi);
    if (!(raw->value >= lo && raw->value <= hi)) {
        doc_complain(r->errors, doc_get(map, "value") ? doc_get(map, "value") : map,
                     "a value from %g to %g %s would be right", lo, hi,
                     park_point_def(r->park, c->point)->unit);
        return false;
    }
    c->device = r->park->point_device[c->point];
    c->value = raw->value;
    return true;
}

static void read_command(struct scenario_reader *r, const struct doc *map)
{
    struct command_raw raw;
    struct scenario_command c = {.point = -1, .node = map};
    if (doc_fill(map, command_keys, ROWS(command_keys), &raw, r->errors) != ERR_OK ||
        !scenario_read_at(r, raw.at, 0, &c.at_s) ||
        !scenario_read_for(r, raw.length, 0, &c.for_s)) {
        return;
    }
    if ((raw.set != NULL) == (raw.give != NULL)) {
        doc_complain(r->errors, map,
                     "is no command; set: POINT, or auto: DEVICE would be right");
        return;
    }
    bool good;
    if (raw.set) {
        good = read_set(r, map, &raw, &c);
    } else {
        c.device = scenario_read_device(r, raw.give);
        good = c.device >= 0;
    }
    if (good) {
        r->s->command[r->s->commands++] = c;
    }
}

void scenario_read_commands(struct scenario_reader *r, const struct doc *list)
{
    each_row(r, list, read_command);
}

/* ---- Demand response ---- */

struct call_raw {
    char id[NAME_LEN];
    int direction;
    double kw;
    const struct doc *at, *start, *length;
};
#define AT(m) offsetof(struct call_raw, m)
static const struct field call_keys[] = {
    {"at",        FIELD_NODE,   AT(at),        0,        0, 0,   true,  0, "-",  NULL,          "when it is called"      },
    {"start",     FIELD_NODE,   AT(start),     0,        0, 0,   false, 0, "-",  NULL,          "when it begins; at once"},
    {"for",       FIELD_NODE,   AT(length),    0,        0, 0,   true,  0, "-",  NULL,          "how long"               },
    {"direction", FIELD_ENUM,   AT(direction), 0,        0, 0,   false, 0, "-",  "shave limit",
     "shave: kw below the baseline; limit: import at most kw"                                                            },
    {"kw",        FIELD_NUMBER, AT(kw),        0,        0, 1e6, true,  0, "kW", NULL,          "how much"               },
    {"id",        FIELD_TEXT,   AT(id),        NAME_LEN, 0, 0,   false, 0, "-",  NULL,
     "name of the event; one is made"                                                                                    },
};
#undef AT

static void read_call(struct scenario_reader *r, const struct doc *map)
{
    struct call_raw raw;
    struct scenario_dr c = {.node = map};
    if (doc_fill(map, call_keys, ROWS(call_keys), &raw, r->errors) != ERR_OK ||
        !scenario_read_at(r, raw.at, 0, &c.at_s) ||
        !scenario_read_at(r, raw.start, c.at_s, &c.start_s) ||
        !scenario_read_for(r, raw.length, 0, &c.for_s)) {
        return;
    }
    if (c.start_s < c.at_s) {
        doc_complain(r->errors, raw.start,
                     "is before `at`: it cannot begin before it is called");
        return;
    }
    c.direction = raw.direction;
    c.kw = raw.kw;
    memcpy(c.id, raw.id, sizeof c.id);
    r->s->call[r->s->calls++] = c;
}

void scenario_read_calls(struct scenario_reader *r, const struct doc *list)
{
    each_row(r, list, read_call);
}
