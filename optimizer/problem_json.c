/* Problem to JSON, and files. Owns nothing beyond the call. */
#include "optimizer/problem_json.h"
#include "optimizer/problem_fields.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 64 * 1024 * 1024 };

static json_t *values(const double *v, uint32_t n)
{
    json_t *a = json_array();
    for (uint32_t i = 0; i < n; i++) {
        json_array_append_new(a, json_real(v[i]));
    }
    return a;
}

static json_t *name_of(const struct problem *p, enum pfield_type type, int32_t i)
{
    if (i < 0) {
        return json_null();
    }
    return json_string(type == PF_MACHINE   ? p->machine[i].name
                       : type == PF_RECIPE  ? p->recipe[i].name
                       : type == PF_STORAGE ? p->storage[i].name
                                            : p->bus[i].name);
}

static json_t *members(const struct problem *p, const struct problem_limit *l)
{
    json_t *a = json_array();
    for (uint32_t k = 0; k < l->member_count; k++) {
        int32_t i = l->member[k].index;
        const char *name = "";
        switch ((enum member_kind)l->member[k].kind) {
        case MEMBER_STORAGE:
            name = p->storage[i].name;
            break;
        case MEMBER_CONVERTER:
            name = p->converter[i].name;
            break;
        case MEMBER_ORDER:
            name = p->order[i].name;
            break;
        case MEMBER_JOB:
            name = p->job[i].name;
            break;
        case MEMBER_LOAD:
            name = p->load[i].name;
            break;
        case MEMBER_MACHINE:
            name = p->machine[i].name;
            break;
        case MEMBER_KIND_COUNT:
            break;
        }
        json_t *m = json_object();
        json_object_set_new(m, "kind", json_string(PROBLEM_MEMBER_KINDS[l->member[k].kind]));
        json_object_set_new(m, "name", json_string(name));
        json_array_append_new(a, m);
    }
    return a;
}

static json_t *field(const struct problem *p, const struct pfield *f, const void *x)
{
    const void *at = (const char *)x + f->offset;
    switch (f->type) {
    case PF_NAME:
        return json_string(at);
    case PF_NUMBER:
        return json_real(*(const double *)at);
    case PF_INT:
        return json_integer(*(const int32_t *)at);
    case PF_COUNT:
        return json_integer(*(const uint32_t *)at);
    case PF_FLAG:
        return json_boolean(*(const uint32_t *)at);
    case PF_SERIES: {
        const struct series *s = at;
        return s->at < 0 ? json_real(s->value) : values(&p->pool[s->at], p->steps);
    }
    case PF_FIRST:
    case PF_BUS_KIND:
    case PF_STATE:
        return json_string(problem_words(f->type).word[*(const int32_t *)at]);
    case PF_BUS:
    case PF_BUS_OR_NO:
    case PF_MACHINE:
    case PF_RECIPE:
    case PF_STORAGE:
        return name_of(p, f->type, *(const int32_t *)at);
    case PF_PROFILE:
    case PF_PROFILE_OR_NO: {
        const struct problem_recipe *r = x;
        int32_t from = *(const int32_t *)at;
        return from < 0 ? json_null() : values(&p->pool[from], r->cells);
    }
    case PF_MEMBERS:
        return members(p, x);
    }
    return NULL;
}

/* Fields of one element; those equal to `plain` (its defaults) are left out, names and
 * references never. */
static void put_fields(const struct problem *p, json_t *o, const struct ptable *t,
                       const void *x)
{
    union {
        char bytes[4096];
        double aligned;
    } plain;
    must(t->size <= sizeof plain);
    memset(&plain, 0, sizeof plain);
    if (t->init) {
        t->init(plain.bytes);
    }
    for (int i = 0; i < t->field_count; i++) {
        const struct pfield *f = &t->field[i];
        json_t *mine = field(p, f, x);
        bool number = f->type == PF_NUMBER || f->type == PF_INT || f->type == PF_COUNT ||
                      f->type == PF_FLAG || f->type == PF_SERIES || f->type == PF_STATE;
        json_t *other = number ? field(p, f, plain.bytes) : NULL;
        bool same = (other && json_equal(mine, other)) || json_is_null(mine);
        json_decref(other);
        if (same) {
            json_decref(mine);
        } else {
            json_object_set_new(o, f->key, mine);
        }
    }
}

/* All fields of a part of the problem that is no table. */
static json_t *part(const struct problem *p, const struct pfield *f, int n, const void *x)
{
    json_t *o = json_object();
    for (int i = 0; i < n; i++) {
        json_object_set_new(o, f[i].key, field(p, &f[i], x));
    }
    return o;
}

json_t *problem_json(const struct problem *p)
{
    json_t *o = json_object();
    json_object_set_new(o, "version", json_integer(PROBLEM_VERSION));
    json_object_set_new(o, "start_ms", json_integer(p->start_ms));
    json_object_set_new(o, "step_s", values(p->step_s, p->steps));
    for (int i = 0; i < PROBLEM_HEAD_FIELD_COUNT; i++) {
        json_object_set_new(o, PROBLEM_HEAD_FIELDS[i].key,
                            field(p, &PROBLEM_HEAD_FIELDS[i], p));
    }
    json_object_set_new(o, "objective",
                        part(p, PROBLEM_GOAL_FIELDS, PROBLEM_GOAL_FIELD_COUNT, &p->goal));
    if (p->grid.present) {
        json_object_set_new(o, "grid",
                            part(p, PROBLEM_GRID_FIELDS, PROBLEM_GRID_FIELD_COUNT, &p->grid));
    }
    for (int i = 0; i < PROBLEM_TABLE_COUNT; i++) {
        const struct ptable *t = &PROBLEM_TABLES[i];
        uint32_t n = *(const uint32_t *)(const void *)((const char *)p + t->count);
        json_t *a = json_array();
        for (uint32_t k = 0; k < n; k++) {
            json_t *x = json_object();
            put_fields(p, x, t, (const char *)p + t->array + k * t->size);
            json_array_append_new(a, x);
        }
        json_object_set_new(o, t->key, a);
    }
    return o;
}

enum err problem_json_save(const struct problem *p, const char *path)
{
    json_t *o = problem_json(p);
    int bad = json_dump_file(o, path, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    json_decref(o);
    return bad ? ERR_IO : ERR_OK;
}

/* The whole file, mapped. */
static enum err map_file(const char *path, void **text, size_t *len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0) {
        return ERR_NOT_FOUND;
    }
    enum err e = ERR_IO;
    if (fstat(fd, &st) == 0 && st.st_size > 0 && st.st_size <= FILE_MAX) {
        *len = (size_t)st.st_size;
        *text = mmap(NULL, *len, PROT_READ, MAP_PRIVATE, fd, 0);
        e = *text == MAP_FAILED ? ERR_IO : ERR_OK;
    }
    close(fd);
    return e;
}

enum err problem_json_load(struct problem *p, const char *path, struct problem_fault *fault)
{
    void *text = NULL;
    size_t len = 0;
    json_t *json = NULL;
    struct json_ask ask = {.where = path};
    problem_name(fault->text, "cannot be read");
    enum err e = map_file(path, &text, &len);
    if (e != ERR_OK) {
        return e;
    }
    e = json_read(&ask, text, len, FILE_MAX, &json);
    munmap(text, len);
    if (e != ERR_OK) {
        snprintf(fault->text, sizeof fault->text, "%.*s", PROBLEM_FAULT_LEN - 1, ask.error);
        return e;
    }
    e = problem_from_json(p, json, fault);
    json_decref(json);
    return e;
}
