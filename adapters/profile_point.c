/* The `points` section of a profile: one entry into one struct profile_point. Runs while
 * booting. */
#include "adapters/profile_parse.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct point_fields {
    char name[NAME_LEN], also[NAME_LEN], unit[16];
    int fc, write_fc, type, bit, by, poll;
    double scale, offset, wear_per_day;
    const struct doc *addr, *write_addr, *sf, *mask, *range, *map, *shown_as, *absent, *write;
};
#define POINT struct point_fields
static const struct field point_table[] = {
    ROW_TEXT(POINT, name, NAME_LEN, true, "dictionary point"),
    ROW_TEXT(POINT, also, NAME_LEN, false, "its name in another kind served"),
    ROW_TEXT(POINT, unit, 16, false, "unit of the value; absent for plain numbers"),
    ROW_INT(POINT, fc, 0, 4, false, 0, "-", "function code that reads it; 0: cannot be read"),
    ROW_INT(POINT, write_fc, 0, 16, false, 0, "-", "function code that writes it: 5, 6 or 16"),
    ROW_NODE(POINT, addr, true, "wire address, from 0"),
    ROW_NODE(POINT, write_addr, false, "wire address of the write, where it is another"),
    ROW_CHOICE(POINT, type, "u16 i16 u32 i32 u64 f32 bit", false, "register type"),
    ROW_INT(POINT, bit, 0, 15, false, 0, "-", "bit number inside the register"),
    ROW_NODE(POINT, mask, false, "bits of the register that count"),
    ROW_NUMBER(POINT, scale, -1e9, 1e9, false, 1, "-", "value of one raw unit"),
    ROW_NUMBER(POINT, offset, -1e9, 1e9, false, 0, NULL, "added at last"),
    ROW_CHOICE(POINT, by, "one rated_kw rated_heat_kw", false, "rating that it is a share of"),
    ROW_NODE(POINT, sf, false, "wire address of the SunSpec scale factor"),
    ROW_CHOICE(POINT, poll, "fast normal slow", false, "how often it is read"),
    ROW_NODE(POINT, range, false, "[least, greatest] value that may be written"),
    ROW_NODE(POINT, map, false, "raw: value pairs"),
    ROW_NODE(POINT, shown_as, false,
             "value: raw pairs for values that no raw of the map is for"),
    ROW_NODE(POINT, absent, false, "raw value that means not implemented"),
    ROW_NODE(POINT, write, false, "steps that set it"),
    ROW_NUMBER(POINT, wear_per_day, 0, 1e6, false, 0, "-", "most writes per day; 0 = any"),
};

struct step_fields {
    double when;
    int fc, wait_ms;
    const struct doc *addr, *value;
};
#define STEP struct step_fields
static const struct field step_table[] = {
    ROW_NUMBER(STEP, when, -1e9, 1e9, true, 0, "-", "value that the point is set to"),
    ROW_INT(STEP, fc, 5, 16, true, 0, "-", "5, 6 or 16"),
    ROW_NODE(STEP, addr, true, "wire address"),
    ROW_NODE(STEP, value, true, "word, or [word, word]"),
    ROW_INT(STEP, wait_ms, 0, 10000, false, 0, "ms", "silence after it"),
};

/* -1 when the text is no integer. */
static enum err int_of_text(const char *text, int64_t *out)
{
    char *end;
    bool hex = strncmp(text, "0x", 2) == 0 || strncmp(text, "0X", 2) == 0;
    errno = 0;
    long long x = strtoll(text, &end, hex ? 16 : 10);
    if (end == text || *end != '\0' || errno != 0) {
        return ERR_TYPE;
    }
    *out = x;
    return ERR_OK;
}

enum err profile_int(const struct doc *node, int64_t lo, int64_t hi, int64_t *out,
                     struct doc_errors *errors)
{
    int64_t x;
    if (node->kind != DOC_SCALAR || int_of_text(node->text, &x) != ERR_OK || x < lo || x > hi) {
        doc_complain(errors, node, "give a whole number, %lld to %lld, decimal or 0x",
                     (long long)lo, (long long)hi);
        return ERR_RANGE;
    }
    *out = x;
    return ERR_OK;
}

enum err profile_ints(const struct doc *node, struct profile_ints *list,
                      struct doc_errors *errors)
{
    int k = 0;
    if (node->kind == DOC_SCALAR) {
        list->n = 1;
        return profile_int(node, list->lo, list->hi, list->value, errors);
    }
    if (node->kind != DOC_LIST || node->count < 1 || node->count > list->cap) {
        doc_complain(errors, node, "give 1 to %d whole numbers", list->cap);
        return ERR_TYPE;
    }
    for (const struct doc *x = node->first; x != NULL; x = x->next) {
        enum err e = profile_int(x, list->lo, list->hi, &list->value[k++], errors);
        if (e != ERR_OK) {
            return e;
        }
    }
    list->n = k;
    return ERR_OK;
}

enum err profile_row(const struct profile_parse *p, const struct doc *node, const char *name,
                     const char *also, int *row)
{
    *row = dict_point(p->f->kind, name);
    if (*row < 0 && also[0] != '\0') {
        *row = dict_point(p->f->kind, also);
    }
    for (int i = 0; i < p->n && *row < 0; i++) {
        if (dict_point(p->kinds[i], name) >= 0) {
            return ERR_OK;
        }
    }
    if (*row < 0) {
        doc_complain(p->errors, node, "a %s has no point '%s'", dict_kind(p->f->kind)->name,
                     name);
        return ERR_UNKNOWN_KEY;
    }
    return ERR_OK;
}

static enum err map_row(const struct profile_parse *p, const struct doc *node,
                        struct profile_point *pt, int64_t raw, double value)
{
    if (pt->maps == PROFILE_MAP_MAX) {
        doc_complain(p->errors, node, "at most %d map rows", PROFILE_MAP_MAX);
        return ERR_FULL;
    }
    pt->map[pt->maps++] = (struct reg_map){raw, value};
    return ERR_OK;
}

/* raw: value pairs, and the other way round for `shown_as`. */
static enum err map_parse(const struct profile_parse *p, const struct doc *map,
                          struct profile_point *pt, bool value_first)
{
    for (const struct doc *x = map == NULL ? NULL : map->first; x != NULL; x = x->next) {
        int64_t key, raw;
        double value;
        if (map->kind != DOC_MAP || int_of_text(x->key, &key) != ERR_OK) {
            doc_complain(p->errors, x, "give number: number pairs");
            return ERR_TYPE;
        }
        enum err e = value_first ? profile_int(x, -2147483648LL, 4294967295LL, &raw, p->errors)
                                 : doc_number(x, -1e12, 1e12, &value, p->errors);
        if (e == ERR_OK) {
            e = value_first ? map_row(p, x, pt, raw, (double)key)
                            : map_row(p, x, pt, key, value);
        }
        if (e != ERR_OK) {
            return e;
        }
    }
    return ERR_OK;
}

static enum err step_parse(const struct profile_parse *p, const struct doc *entry,
                           struct profile_point *pt)
{
    struct step_fields s;
    int64_t addr;
    struct profile_ints word = {.lo = 0, .hi = 65535, .cap = 2};
    enum err e = doc_fill(entry, step_table, ROWS(step_table), &s, p->errors);
    if (e == ERR_OK) {
        e = profile_int(s.addr, 0, 65535, &addr, p->errors);
    }
    if (e == ERR_OK) {
        e = profile_ints(s.value, &word, p->errors);
    }
    if (e != ERR_OK) {
        return e;
    }
    if (pt->steps == PROFILE_STEPS_MAX || (s.fc != 5 && s.fc != 6 && s.fc != 16) ||
        (word.n == 2 && s.fc != 16)) {
        doc_complain(p->errors, entry, "at most %d steps with fc 5, 6 or 16; two words need 16",
                     PROFILE_STEPS_MAX);
        return ERR_RANGE;
    }
    uint16_t second = (uint16_t)(word.n == 2 ? word.value[1] : 0);
    pt->step[pt->steps++] = (struct reg_step){
        s.when, s.fc, (int)addr, word.n, {(uint16_t)word.value[0], second},
            s.wait_ms
    };
    return ERR_OK;
}

static enum err steps_parse(const struct profile_parse *p, const struct doc *list,
                            struct profile_point *pt)
{
    enum err e = ERR_OK;
    for (const struct doc *x = list == NULL ? NULL : list->first; x != NULL && e == ERR_OK;
         x = x->next) {
        e = step_parse(p, x, pt);
    }
    return e;
}

static enum err range_parse(const struct profile_parse *p, const struct doc *node,
                            struct profile_point *pt)
{
    const struct doc *lo = doc_at(node, 0), *hi = doc_at(node, 1);
    if (lo == NULL || hi == NULL || node->count != 2) {
        doc_complain(p->errors, node, "give [least, greatest]");
        return ERR_TYPE;
    }
    enum err e = doc_number(lo, -1e12, 1e12, &pt->lo, p->errors);
    return e == ERR_OK ? doc_number(hi, pt->lo, 1e12, &pt->hi, p->errors) : e;
}

/* Fields that are absent, or whole numbers in either notation. */
static enum err numbers_parse(const struct profile_parse *p, const struct point_fields *s,
                              struct profile_point *pt)
{
    int64_t addr = -1, write_addr = -1, sf = -1, absent = 0, mask = -1;
    const int64_t wide = 4294967295LL;
    struct {
        const struct doc *node;
        int64_t lo, hi, *out;
    } const rows[] = {
        {s->addr,       0, 65535, &addr      },
        {s->write_addr, 0, 65535, &write_addr},
        {s->sf,         0, 65535, &sf        },
        {s->mask,       1, wide,  &mask      },
        {s->absent,     0, wide,  &absent    }
    };
    for (int i = 0; i < ROWS(rows); i++) {
        if (rows[i].node == NULL) {
            continue;
        }
        enum err e = profile_int(rows[i].node, rows[i].lo, rows[i].hi, rows[i].out, p->errors);
        if (e != ERR_OK) {
            return e;
        }
    }
    pt->addr = (int)addr;
    pt->write_addr = (int)write_addr;
    pt->sf_addr = (int)sf;
    pt->mask = (uint64_t)mask;
    pt->has_absent = s->absent != NULL;
    pt->absent = (uint64_t)absent;
    return ERR_OK;
}

/* What the dictionary says about the point against what the file says. */
static enum err against_dict(const struct profile_parse *p, const struct doc *entry,
                             const struct point_fields *s, const struct profile_point *pt)
{
    const struct point_def *def = &dict_kind(p->f->kind)->point[pt->row];
    const struct doc *unit = doc_get(entry, "unit");
    bool writes = pt->write_fc != 0 || pt->steps > 0;
    int last = pt->addr + reg_words(pt->type) - 1;
    const char *wrong =
        pt->write_fc != 0 && pt->write_fc != 5 && pt->write_fc != 6 && pt->write_fc != 16
            ? "write_fc is 5, 6 or 16"
        : pt->read_fc == 0 && !writes ? "needs fc, write_fc or write"
        : last > 65535                ? "runs past address 65535"
        : pt->write_fc == 6 && reg_words(pt->type) > 1
            ? "takes more than one register: write_fc 16"
        : writes && !def->writable    ? "cannot be written by the dictionary"
        : writes && s->range == NULL  ? "can be written: give range: [least, greatest]"
        : !writes && s->range != NULL ? "has a range but no write_fc or write"
        : pt->type == REG_BIT && pt->write_fc != 0 && pt->write_fc != 5
            ? "a bit is written by write_fc 5 or by steps"
            : NULL;
    if (wrong != NULL) {
        doc_complain(p->errors, entry, "%s: %s", s->name, wrong);
        return ERR_CONFLICT;
    }
    if (strcmp(s->unit[0] == '\0' ? "-" : s->unit, def->unit) != 0) {
        doc_complain(p->errors, unit == NULL ? entry : unit, "%s is in %s, not '%s'", s->name,
                     def->unit, s->unit);
        return ERR_CONFLICT;
    }
    return ERR_OK;
}

static enum err parts_parse(const struct profile_parse *p, const struct point_fields *s,
                            struct profile_point *pt)
{
    enum err e = numbers_parse(p, s, pt);
    e = e == ERR_OK ? map_parse(p, s->map, pt, false) : e;
    e = e == ERR_OK ? map_parse(p, s->shown_as, pt, true) : e;
    e = e == ERR_OK ? steps_parse(p, s->write, pt) : e;
    return e == ERR_OK && s->range != NULL ? range_parse(p, s->range, pt) : e;
}

enum err profile_point_parse(const struct profile_parse *p, const struct doc *entry)
{
    struct point_fields s = {.fc = 0};
    int row;
    enum err e = doc_fill(entry, point_table, ROWS(point_table), &s, p->errors);
    e = e == ERR_OK ? profile_row(p, entry, s.name, s.also, &row) : e;
    if (e != ERR_OK || row < 0) {
        return e;
    }
    if (p->f->points == PROFILE_POINTS_MAX) {
        doc_complain(p->errors, entry, "at most %d points", PROFILE_POINTS_MAX);
        return ERR_FULL;
    }
    struct profile_point pt = {.row = row,
                               .read_fc = s.fc,
                               .write_fc = s.write_fc,
                               .type = (enum reg_type)s.type,
                               .bit = s.bit,
                               .scale = s.scale,
                               .offset = s.offset,
                               .by = (enum scale_by)s.by,
                               .poll = (enum poll_class)s.poll,
                               .words = p->f->words,
                               .wear_per_day = s.wear_per_day,
                               .line = entry->line,
                               .col = entry->col};
    e = parts_parse(p, &s, &pt);
    e = e == ERR_OK ? against_dict(p, entry, &s, &pt) : e;
    if (e == ERR_OK) {
        p->f->point[p->f->points++] = pt;
    }
    return e;
}
