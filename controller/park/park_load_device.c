/* Reads the devices of a park file: the keys that all have, and those of each kind. Runs once
 * while booting. */
#include "controller/park/park_load.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { KEYS_MAX = 48 };

static bool has_key(const struct field *row, int n, const char *key)
{
    for (int i = 0; i < n; i++) {
        if (strcmp(row[i].key, key) == 0) {
            return true;
        }
    }
    return false;
}

static bool kind_has_key(enum kind k, const char *key)
{
    int n;
    const struct field *row = park_kind_keys(k, &n);
    return has_key(row, n, key);
}

/* Names of the kinds that have a key, "" if none. */
static void kinds_with(const char *key, char *out, size_t cap)
{
    size_t len = 0;
    out[0] = '\0';
    for (int k = 0; k < KIND_COUNT && len < cap; k++) {
        if (kind_has_key((enum kind)k, key)) {
            len += (size_t)snprintf(out + len, cap - len, "%s%s", len > 0 ? ", " : "",
                                    dict_kind((enum kind)k)->name);
        }
    }
}

/* Common keys, those of the kind, and a row for each key that belongs to another kind,
 * complained about here so that doc_fill() does not call it unknown. Returns the rows. */
static int table_for(const struct doc *map, enum kind kind, struct field *row,
                     struct doc_errors *errors)
{
    int n, more;
    const struct field *common = park_common_keys(&n), *own = park_kind_keys(kind, &more);
    must(n + more < KEYS_MAX);
    memcpy(row, common, (size_t)n * sizeof *row);
    for (int i = 0; i < more; i++) {
        row[n++] = own[i];
    }
    for (const struct doc *c = map->first; c != NULL && n < KEYS_MAX; c = c->next) {
        char kinds[200];
        kinds_with(c->key, kinds, sizeof kinds);
        if (kinds[0] != '\0' && !has_key(row, n, c->key)) {
            doc_complain_key(errors, c, "%s is no key of a %s; it belongs to: %s", c->key,
                             dict_kind(kind)->name, kinds);
            row[n++] = (struct field){.key = c->key,
                                      .type = FIELD_NODE,
                                      .offset = offsetof(struct device_raw, foreign)};
        }
    }
    return n;
}

struct low_high {
    enum kind kind; /* KIND_COUNT = every kind that has both keys */
    const char *low, *high;
    size_t low_at, high_at; /* in struct rating */
    bool equal_ok;
};
#define PAIR(kind, a, b, equal) \
    { \
        kind, #a, #b, offsetof(struct rating, a), offsetof(struct rating, b), equal \
    }
static const struct low_high pairs[] = {
    PAIR(KIND_COUNT, soc_pu_min, soc_pu_max, false),
    PAIR(KIND_COUNT, kw_min, rated_kw, true),
    PAIR(KIND_GAS_BOILER, kw_min, rated_heat_kw, true),
    PAIR(KIND_COUNT, degc_min, degc_max, false),
    PAIR(KIND_COUNT, keep_kw, steady_kw, true),
    PAIR(KIND_COUNT, steady_kw, rated_kw, true),
};

/* Pairs of ratings of which one must stay below the other. */
static void check_pairs(const struct doc *map, const struct device *d,
                        struct doc_errors *errors)
{
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const struct low_high *p = &pairs[i];
        if ((p->kind != KIND_COUNT && p->kind != d->kind) || !kind_has_key(d->kind, p->low) ||
            !kind_has_key(d->kind, p->high)) {
            continue;
        }
        double low = *(const double *)((const char *)&d->rating + p->low_at);
        double high = *(const double *)((const char *)&d->rating + p->high_at);
        if (low > high || (low == high && !p->equal_ok)) {
            const struct doc *at = doc_get(map, p->low);
            at = at != NULL ? at : doc_get(map, p->high);
            doc_complain(errors, at, "%s of %g is not below %s of %g; less would be right",
                         p->low, low, p->high, high);
        }
    }
}

/* What follows from other ratings: a tank's content (4.187 kJ/kg/K = 1.163 kWh/m3/K), a heat
 * pump's heat, a chiller's cold. */
static void derive_rating(struct device *d)
{
    struct rating *r = &d->rating;
    if (d->kind == KIND_TANK) {
        r->energy_kwh = r->volume_m3 * 1.163 * (r->degc_max - r->degc_min);
    }
    bool moves_heat = d->kind == KIND_HEAT_PUMP || d->kind == KIND_CHILLER;
    if (moves_heat && r->rated_heat_kw <= 0) {
        r->rated_heat_kw = r->rated_kw * r->cop;
    }
}

/* `safe` must be a value that the device's main setpoint can take. */
static void check_safe(const struct doc *map, const struct device *d, struct doc_errors *errors)
{
    const struct doc *node = doc_get(map, "safe");
    if (node == NULL) {
        return;
    }
    int row = park_main_setpoint(d->kind);
    if (row < 0) {
        doc_complain(errors, node,
                     "a %s has no setpoint that reverts; leaving it out would be right",
                     dict_kind(d->kind)->name);
        return;
    }
    const struct point_def *def = &dict_kind(d->kind)->point[row];
    double scale = def->of == OF_RATED_KW ? d->rating.rated_kw
                   : def->of == OF_ONE    ? 1
                                          : d->rating.rated_heat_kw;
    if (d->safe_value < def->lo * scale || d->safe_value > def->hi * scale) {
        doc_complain(errors, node, "%g is outside the range of %s; %g to %g %s would be right",
                     d->safe_value, def->name, def->lo * scale, def->hi * scale, def->unit);
    }
}

/* One place on the wire. map: the device or the row of `parts` that names it; the row's host
 * may be the device's. */
static void add_part(struct device_raw *raw, const struct doc *map,
                     const struct device_raw *from, struct doc_errors *errors)
{
    struct part *p = &raw->d.part[raw->d.parts++];
    const struct doc *profile = doc_get(map, "profile"), *host_node = doc_get(map, "host");
    const char *host = from->host[0] != '\0' ? from->host : raw->host;
    memcpy(p->profile, from->profile, sizeof p->profile);
    memcpy(p->host, host, sizeof p->host);
    p->port = from->port >= 0 ? from->port : raw->port;
    p->unit = from->unit >= 0 ? from->unit : raw->unit;
    p->file = profile->file;
    p->line = profile->line;
    p->col = profile->col;
    if (host[0] == '\0') {
        doc_complain(errors, profile, "has no host; the device's IPv4 address would be right");
    } else if (!read_ipv4_ok(host)) {
        doc_complain(errors, host_node != NULL ? host_node : profile,
                     "'%s' is no IPv4 address; one like 127.0.0.1 would be right", host);
    }
}

static void load_wire(const struct doc *map, struct device_raw *raw, struct doc_errors *errors)
{
    const struct doc *profile = doc_get(map, "profile");
    if ((profile == NULL) == (raw->parts == NULL)) {
        doc_complain(errors, profile != NULL ? profile : map,
                     "names %s; one of the two would be right",
                     profile != NULL ? "both profile and parts" : "neither profile nor parts");
        return;
    }
    if (profile != NULL) {
        add_part(raw, map, raw, errors);
        return;
    }
    if (!read_has_rows(raw->parts, PARTS_MAX, errors)) {
        return;
    }
    int n;
    const struct field *keys = park_part_keys(&n);
    for (const struct doc *row = raw->parts->first; row != NULL; row = row->next) {
        struct device_raw part = {0};
        if (doc_fill(row, keys, n, &part, errors) == ERR_OK) {
            add_part(raw, row, &part, errors);
        }
    }
}

static enum kind kind_of(const struct doc *map, struct doc_errors *errors)
{
    const struct doc *node = doc_get(map, "kind");
    if (node == NULL || node->kind != DOC_SCALAR) {
        doc_complain(errors, map, "has no kind; one of the dictionary's kinds would be right");
        return KIND_COUNT;
    }
    enum kind kind = dict_kind_from_name(node->text);
    if (kind == KIND_COUNT) {
        const char *names[KIND_COUNT];
        for (int k = 0; k < KIND_COUNT; k++) {
            names[k] = dict_kind((enum kind)k)->name;
        }
        int near = doc_nearest(node->text, names, KIND_COUNT);
        doc_complain(errors, node, "'%s' is no kind of device; %s would be right", node->text,
                     near >= 0 ? names[near]
                               : "one like pv, battery, heat_pump, kiln, load, meter");
    }
    return kind;
}

static void load_one(const struct doc *map, struct device *d, struct doc_errors *errors)
{
    struct device_raw raw = {0};
    struct field row[KEYS_MAX];
    int before = errors->count;
    if (map->kind != DOC_MAP) {
        doc_complain(errors, map, "is no device; keys like name, kind, profile would be right");
        return;
    }
    enum kind kind = kind_of(map, errors);
    if (kind == KIND_COUNT) {
        return;
    }
    int n = table_for(map, kind, row, errors);
    enum err e = doc_fill(map, row, n, &raw, errors);
    if (e != ERR_OK || errors->count > before ||
        !read_name_ok(doc_get(map, "name"), raw.d.name, errors)) {
        return;
    }
    raw.d.kind = kind;
    raw.d.line = map->line;
    raw.d.col = map->col;
    raw.d.rank = raw.rank;
    if (fabs(raw.d.sign) != 1) {
        doc_complain(errors, doc_get(map, "sign"), "%g is no sign; 1 or -1 would be right",
                     raw.d.sign);
    }
    load_wire(map, &raw, errors);
    check_pairs(map, &raw.d, errors);
    derive_rating(&raw.d);
    check_safe(map, &raw.d, errors);
    if (raw.schedule != NULL &&
        read_schedule(raw.schedule, raw.d.rating.rated_kw, &raw.d.schedule, errors) != ERR_OK) {
        return;
    }
    if (read_title(raw.title, raw.d.name, raw.d.title_zh, raw.d.title_en, errors) == ERR_OK) {
        *d = raw.d;
    }
}

/* Numbers the points and gives each device its place in the merit order of its kind. */
static enum err number_points(struct park_reader *r)
{
    struct park *p = r->park;
    int seen[KIND_COUNT] = {0};
    for (int d = 0; d < p->devices; d++) {
        struct device *dev = &p->device[d];
        dev->first_point = p->points;
        dev->rank = dev->rank >= 0 ? dev->rank : seen[dev->kind];
        seen[dev->kind]++;
        p->points += dict_kind(dev->kind)->points;
    }
    p->point_device = arena_take(r->arena, (size_t)p->points + 1, sizeof *p->point_device);
    if (p->point_device == NULL) {
        return ERR_NOMEM;
    }
    for (int d = 0; d < p->devices; d++) {
        for (int i = 0; i < dict_kind(p->device[d].kind)->points; i++) {
            p->point_device[p->device[d].first_point + i] = d;
        }
    }
    return ERR_OK;
}

enum err park_load_devices(struct park_reader *r, const struct doc *list)
{
    struct park *p = r->park;
    int before = r->errors->count;
    if (!read_has_rows(list, DEVICES_MAX, r->errors)) {
        return ERR_SYNTAX;
    }
    p->device = arena_take(r->arena, (size_t)list->count, sizeof *p->device);
    if (p->device == NULL) {
        return ERR_NOMEM;
    }
    for (const struct doc *row = list->first; row != NULL; row = row->next) {
        load_one(row, &p->device[p->devices++], r->errors);
    }
    if (r->errors->count > before) {
        return ERR_SYNTAX;
    }
    return number_points(r);
}

/* The earlier part at the same place on the wire, or NULL. */
static const struct device *same_place(const struct park *p, int d, int part)
{
    const struct part *mine = &p->device[d].part[part];
    for (int e = 0; e <= d; e++) {
        int parts = e == d ? part : p->device[e].parts;
        for (int i = 0; i < parts; i++) {
            const struct part *other = &p->device[e].part[i];
            if (mine->port == other->port && mine->unit == other->unit &&
                strcmp(mine->host, other->host) == 0) {
                return &p->device[e];
            }
        }
    }
    return NULL;
}

void park_check_devices(struct park_reader *r, const struct doc *list)
{
    const struct park *p = r->park;
    const struct doc *row = list->first;
    for (int d = 0; d < p->devices; d++, row = row->next) {
        const struct device *dev = &p->device[d];
        int first = park_device(p, dev->name);
        if (first < d) {
            doc_complain(r->errors, doc_get(row, "name"),
                         "'%s' is already the device of line %d; another name would be right",
                         dev->name, p->device[first].line);
            continue;
        }
        for (int i = 0; i < dev->parts; i++) {
            const struct device *other = same_place(p, d, i);
            if (other != NULL) {
                struct doc at = *row;
                at.line = dev->part[i].line;
                at.col = dev->part[i].col;
                at.key = "profile";
                doc_complain(
                    r->errors, &at,
                    "%s and %s are both at %s:%d unit %d; another port or unit would be right",
                    dev->name, other->name, dev->part[i].host, dev->part[i].port,
                    dev->part[i].unit);
            }
        }
        if (dev->follows[0] != '\0' && park_device(p, dev->follows) < 0) {
            doc_complain(r->errors, doc_get(row, "follows"),
                         "no device is called '%s'; the name of a kiln would be right",
                         dev->follows);
        }
    }
}
