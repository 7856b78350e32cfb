/* Problem from JSON: the field tables backwards. Every refusal names table, element and key. */
#include "optimizer/problem_fields.h"
#include "optimizer/problem_json.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct reader {
    struct problem *p;
    struct problem_fault *fault;
    const char *table;
    uint32_t index;
};

static enum err refuse(struct reader *r, enum err e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static enum err refuse(struct reader *r, enum err e, const char *fmt, ...)
{
    int n = snprintf(r->fault->text, PROBLEM_FAULT_LEN, "%s[%u]: ", r->table, r->index);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(r->fault->text + n, (size_t)(PROBLEM_FAULT_LEN - n), fmt, ap);
    va_end(ap);
    return e;
}

/* n numbers of an array into the pool. */
static enum err pool_array(struct reader *r, const char *key, const json_t *a, int32_t *at)
{
    size_t n = json_array_size(a);
    if (r->p->pool_count + n > PROBLEM_POOL_MAX) {
        return refuse(r, ERR_FULL, "%s: no room for %zu more values", key, n);
    }
    *at = (int32_t)r->p->pool_count;
    for (size_t i = 0; i < n; i++) {
        const json_t *x = json_array_get(a, i);
        if (!json_is_number(x)) {
            return refuse(r, ERR_TYPE, "%s[%zu] is not a number", key, i);
        }
        r->p->pool[r->p->pool_count++] = json_number_value(x);
    }
    return ERR_OK;
}

static enum err read_series(struct reader *r, const struct pfield *f, const json_t *v,
                            struct series *s)
{
    if (json_is_number(v)) {
        *s = series_const(json_number_value(v));
        return ERR_OK;
    }
    if (!json_is_array(v) || json_array_size(v) != r->p->steps) {
        return refuse(r, ERR_TYPE, "%s must be a number or an array of %u numbers", f->key,
                      r->p->steps);
    }
    *s = (struct series){.value = 0, .at = -1};
    return pool_array(r, f->key, v, &s->at);
}

/* Index of a named element of a table whose elements begin with their name; -1. */
static int find_name(const void *array, size_t size, uint32_t n, const char *name)
{
    for (uint32_t i = 0; i < n; i++) {
        if (strncmp((const char *)array + i * size, name, PROBLEM_NAME_LEN) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static enum err read_reference(struct reader *r, const struct pfield *f, const json_t *v,
                               int32_t *out)
{
    const struct problem *p = r->p;
    const char *name = json_string_value(v);
    if (json_is_null(v) && f->type == PF_BUS_OR_NO) {
        *out = -1;
        return ERR_OK;
    }
    if (!name) {
        return refuse(r, ERR_TYPE, "%s must be a name", f->key);
    }
    *out = f->type == PF_MACHINE
               ? find_name(p->machine, sizeof p->machine[0], p->machine_count, name)
           : f->type == PF_RECIPE
               ? find_name(p->recipe, sizeof p->recipe[0], p->recipe_count, name)
           : f->type == PF_STORAGE
               ? find_name(p->storage, sizeof p->storage[0], p->storage_count, name)
               : find_name(p->bus, sizeof p->bus[0], p->bus_count, name);
    return *out < 0 ? refuse(r, ERR_NOT_FOUND, "%s: nothing is called \"%s\"", f->key, name)
                    : ERR_OK;
}

static enum err read_member(struct reader *r, const json_t *v, struct problem_member *m)
{
    const struct problem *p = r->p;
    const char *kind = json_string_value(json_object_get(v, "kind"));
    const char *name = json_string_value(json_object_get(v, "name"));
    if (!kind || !name) {
        return refuse(r, ERR_TYPE, "a member is {\"kind\", \"name\"}");
    }
    const struct {
        const void *array;
        size_t size;
        uint32_t n;
    } rows[MEMBER_KIND_COUNT] = {
        {p->storage,   sizeof p->storage[0],   p->storage_count  },
        {p->converter, sizeof p->converter[0], p->converter_count},
        {p->order,     sizeof p->order[0],     p->order_count    },
        {p->job,       sizeof p->job[0],       p->job_count      },
        {p->load,      sizeof p->load[0],      p->load_count     },
        {p->machine,   sizeof p->machine[0],   p->machine_count  },
    };
    for (int k = 0; k < MEMBER_KIND_COUNT; k++) {
        if (strcmp(kind, PROBLEM_MEMBER_KINDS[k]) == 0) {
            m->kind = k;
            m->index = find_name(rows[k].array, rows[k].size, rows[k].n, name);
            return m->index >= 0 ? ERR_OK
                                 : refuse(r, ERR_NOT_FOUND, "no %s \"%s\"", kind, name);
        }
    }
    return refuse(r, ERR_UNKNOWN_KEY, "member kind \"%s\"", kind);
}

static enum err read_members(struct reader *r, const json_t *v, struct problem_limit *l)
{
    if (!json_is_array(v) || json_array_size(v) > PROBLEM_MEMBERS_MAX) {
        return refuse(r, ERR_RANGE, "members: an array of at most %d", PROBLEM_MEMBERS_MAX);
    }
    enum err e = ERR_OK;
    l->member_count = (uint32_t)json_array_size(v);
    for (uint32_t i = 0; i < l->member_count && e == ERR_OK; i++) {
        e = read_member(r, json_array_get(v, i), &l->member[i]);
    }
    return e;
}

static enum err read_profile(struct reader *r, const struct pfield *f, const json_t *v, void *x)
{
    struct problem_recipe *rec = x;
    if (!json_is_array(v) || json_array_size(v) != rec->cells) {
        return refuse(r, ERR_TYPE, "%s must be an array of %u numbers (cells)", f->key,
                      rec->cells);
    }
    return pool_array(r, f->key, v, (int32_t *)(void *)((char *)x + f->offset));
}

static enum err read_whole(struct reader *r, const struct pfield *f, const json_t *v, void *at)
{
    json_int_t i = json_is_boolean(v) ? json_is_true(v) : json_integer_value(v);
    if ((!json_is_integer(v) && !(f->type == PF_FLAG && json_is_boolean(v))) || i < -1 ||
        i > INT32_MAX || (i < 0 && f->type != PF_INT)) {
        return refuse(r, ERR_TYPE, "%s must be a %s", f->key,
                      f->type == PF_FLAG ? "boolean" : "whole number");
    }
    *(int32_t *)at = (int32_t)i;
    return ERR_OK;
}

static enum err read_text(struct reader *r, const struct pfield *f, const json_t *v, char *at)
{
    const char *s = json_string_value(v);
    if (!s || strlen(s) >= PROBLEM_NAME_LEN || !s[0]) {
        return refuse(r, ERR_TYPE, "%s must be a text of 1 to %d bytes", f->key,
                      PROBLEM_NAME_LEN - 1);
    }
    problem_name(at, s);
    return ERR_OK;
}

/* A word of an enum; the refusal lists those there are. */
static enum err read_word(struct reader *r, const struct pfield *f, const json_t *v,
                          int32_t *at)
{
    struct pwords w = problem_words(f->type);
    const char *s = json_string_value(v);
    char all[PROBLEM_FAULT_LEN] = "";
    for (int k = 0; k < w.count; k++) {
        if (s && strcmp(s, w.word[k]) == 0) {
            *at = k;
            return ERR_OK;
        }
        size_t n = strlen(all);
        snprintf(all + n, sizeof all - n, "%s%s", k ? ", " : "", w.word[k]);
    }
    return refuse(r, ERR_RANGE, "%s must be one of %s", f->key, all);
}

static enum err read_field(struct reader *r, const struct pfield *f, const json_t *v, void *x)
{
    void *at = (char *)x + f->offset;
    switch (f->type) {
    case PF_NAME:
        return read_text(r, f, v, at);
    case PF_NUMBER:
        if (!json_is_number(v)) {
            return refuse(r, ERR_TYPE, "%s must be a number", f->key);
        }
        *(double *)at = json_number_value(v);
        return ERR_OK;
    case PF_INT:
    case PF_COUNT:
    case PF_FLAG:
        return read_whole(r, f, v, at);
    case PF_SERIES:
        return read_series(r, f, v, at);
    case PF_FIRST:
    case PF_BUS_KIND:
    case PF_STATE:
        return read_word(r, f, v, at);
    case PF_BUS:
    case PF_BUS_OR_NO:
    case PF_MACHINE:
    case PF_RECIPE:
    case PF_STORAGE:
        return read_reference(r, f, v, at);
    case PF_PROFILE:
    case PF_PROFILE_OR_NO:
        return json_is_null(v) ? ERR_OK : read_profile(r, f, v, x);
    case PF_MEMBERS:
        return read_members(r, v, x);
    }
    return ERR_TYPE;
}

/* Fields in the table's order (a recipe's `cells` before its profiles); unknown keys refused.
 */
static enum err read_object(struct reader *r, const json_t *o, const struct pfield *f, int n,
                            void *x)
{
    const char *key;
    json_t *v;
    if (!json_is_object(o)) {
        return refuse(r, ERR_TYPE, "must be an object");
    }
    enum err e = ERR_OK;
    for (int i = 0; i < n && e == ERR_OK; i++) {
        v = json_object_get(o, f[i].key);
        e = v ? read_field(r, &f[i], v, x) : ERR_OK;
        if (!v && f[i].type == PF_NAME) {
            e = refuse(r, ERR_MISSING, "has no %s", f[i].key);
        }
    }
    json_object_foreach((json_t *)(uintptr_t)o, key, v)
    {
        bool known = e != ERR_OK;
        for (int i = 0; i < n && !known; i++) {
            known = strcmp(key, f[i].key) == 0;
        }
        if (!known) {
            return refuse(r, ERR_UNKNOWN_KEY, "unknown key \"%.60s\"", key);
        }
    }
    return e;
}

static enum err read_table(struct reader *r, const json_t *json, const struct ptable *t)
{
    const json_t *a = json_object_get(json, t->key);
    uint32_t *count = (uint32_t *)(void *)((char *)r->p + t->count);
    r->table = t->key;
    r->index = 0;
    if (!a) {
        return ERR_OK;
    }
    if (!json_is_array(a) || json_array_size(a) > t->max) {
        return refuse(r, ERR_RANGE, "must be an array of at most %u", t->max);
    }
    enum err e = ERR_OK;
    uint32_t n = (uint32_t)json_array_size(a);
    for (r->index = 0; r->index < n && e == ERR_OK; r->index++) {
        void *x = (char *)r->p + t->array + r->index * t->size;
        memset(x, 0, t->size);
        if (t->init) {
            t->init(x);
        }
        e = read_object(r, json_array_get(a, r->index), t->field, t->field_count, x);
        *count = r->index + 1;
    }
    return e;
}

static enum err read_head(struct reader *r, const json_t *json)
{
    const json_t *steps = json_object_get(json, "step_s");
    json_int_t version = json_integer_value(json_object_get(json, "version"));
    if (version != PROBLEM_VERSION) {
        return refuse(r, ERR_VERSION, "version must be %d", PROBLEM_VERSION);
    }
    size_t n = json_array_size(steps);
    enum err e = problem_init(r->p, (uint32_t)(n > PROBLEM_STEPS_MAX ? 0 : n), 900,
                              json_integer_value(json_object_get(json, "start_ms")));
    if (e != ERR_OK) {
        return refuse(r, e, "step_s must be an array of 1 to %d seconds", PROBLEM_STEPS_MAX);
    }
    for (size_t t = 0; t < n; t++) {
        r->p->step_s[t] = json_number_value(json_array_get(steps, t));
    }
    for (int i = 0; i < PROBLEM_HEAD_FIELD_COUNT && e == ERR_OK; i++) {
        const json_t *v = json_object_get(json, PROBLEM_HEAD_FIELDS[i].key);
        e = v ? read_field(r, &PROBLEM_HEAD_FIELDS[i], v, r->p) : ERR_OK;
    }
    return e;
}

static bool head_knows(const char *key)
{
    bool known = !strcmp(key, "version") || !strcmp(key, "start_ms") ||
                 !strcmp(key, "step_s") || !strcmp(key, "grid") || !strcmp(key, "about") ||
                 !strcmp(key, "objective");
    for (int i = 0; i < PROBLEM_HEAD_FIELD_COUNT; i++) {
        known = known || !strcmp(key, PROBLEM_HEAD_FIELDS[i].key);
    }
    for (int i = 0; i < PROBLEM_TABLE_COUNT; i++) {
        known = known || !strcmp(key, PROBLEM_TABLES[i].key);
    }
    return known;
}

enum err problem_from_json(struct problem *p, const json_t *json, struct problem_fault *fault)
{
    struct reader r = {.p = p, .fault = fault, .table = "problem"};
    const char *key;
    json_t *v;
    if (!json_is_object(json)) {
        return refuse(&r, ERR_TYPE, "must be an object");
    }
    json_object_foreach((json_t *)(uintptr_t)json, key, v)
    {
        if (!head_knows(key)) {
            return refuse(&r, ERR_UNKNOWN_KEY, "unknown key \"%.60s\"", key);
        }
    }
    enum err e = read_head(&r, json);
    for (int i = 0; i < PROBLEM_TABLE_COUNT && e == ERR_OK; i++) {
        e = read_table(&r, json, &PROBLEM_TABLES[i]);
    }
    const json_t *grid = json_object_get(json, "grid"),
                 *goal = json_object_get(json, "objective");
    r.index = 0;
    if (e == ERR_OK && goal) {
        r.table = "objective";
        e = read_object(&r, goal, PROBLEM_GOAL_FIELDS, PROBLEM_GOAL_FIELD_COUNT, &p->goal);
    }
    if (e == ERR_OK && grid) {
        r.table = "grid";
        p->grid.present = 1;
        e = read_object(&r, grid, PROBLEM_GRID_FIELDS, PROBLEM_GRID_FIELD_COUNT, &p->grid);
    }
    return e == ERR_OK ? problem_validate(p, fault) : e;
}
