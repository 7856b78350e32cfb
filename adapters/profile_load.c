/* Reads a device profile: the file's sections `device`, `link`, `const`, `points`, `watchdog`,
 * `test` into a struct profile. Runs while booting, in the field role, in sim and in `check`.
 */
#include "adapters/profile_parse.h"
#include <stddef.h>
#include <string.h>

/* The file's sections; `const` is a word of C. */
struct file_fields {
    const struct doc *device, *link, *fixed, *points, *watchdog, *test;
};
#define FILE_AT(k) offsetof(struct file_fields, k)
#define SECTION(key, member, need, about) \
    { \
        key, FIELD_NODE, FILE_AT(member), 0, 0, 0, need, 0, NULL, NULL, about \
    }
static const struct field file_table[] = {
    SECTION("device", device, true, "what it is and how far the profile can be trusted"),
    SECTION("link", link, false, "how it wants to be spoken to"),
    SECTION("const", fixed, false, "registers of fixed content"),
    SECTION("points", points, true, "registers of dictionary points"),
    SECTION("watchdog", watchdog, false, "what it does when the controller dies"),
    SECTION("test", test, false, "golden vectors"),
};

struct device_fields {
    char vendor[48], model[48], source[200];
    const struct doc *kinds;
    int trust;
};
#define DEVICE struct device_fields
static const struct field device_table[] = {
    ROW_TEXT(DEVICE, vendor, 48, true, "who makes it"),
    ROW_TEXT(DEVICE, model, 48, true, "series or type"),
    ROW_TEXT(DEVICE, source, 200, true, "where the register facts come from"),
    ROW_NODE(DEVICE, kinds, true, "kinds of device that it can serve as"),
    ROW_INT(DEVICE, trust, 0, 4, true, 0, "-",
            "0 remembered, 1 third-party code, 2 maker's document, 3 bench, 4 hardware"),
};

struct link_fields {
    int word_order, max_read, max_write, max_gap;
    int connect_quiet_ms, min_gap_ms, timeout_ms, max_clients;
};
#define LINK struct link_fields
static const struct field link_table[] = {
    ROW_CHOICE(LINK, word_order, "high_first low_first", false,
               "order of the words of a long value"),
    ROW_INT(LINK, max_read, 1, 125, false, 125, "-", "registers per read"),
    ROW_INT(LINK, max_write, 1, 123, false, 123, "-", "registers per write"),
    ROW_INT(LINK, max_gap, 0, 124, false, 0, "-",
            "unused registers that a read may run across"),
    ROW_INT(LINK, connect_quiet_ms, 0, 10000, false, 0, "ms", "silence after connecting"),
    ROW_INT(LINK, min_gap_ms, 0, 10000, false, 0, "ms", "silence between requests"),
    ROW_INT(LINK, timeout_ms, 10, 30000, false, 500, "ms", "longest wait for an answer"),
    ROW_INT(LINK, max_clients, 0, 64, false, 0, "-", "connections it accepts; 0 = any"),
};

static enum err kinds_parse(struct profile_parse *p, const struct doc *list, enum kind want)
{
    p->n = 0;
    for (const struct doc *k = list->kind == DOC_LIST ? list->first : NULL; k != NULL;
         k = k->next) {
        enum kind kind = k->kind == DOC_SCALAR ? dict_kind_from_name(k->text) : KIND_COUNT;
        if (kind == KIND_COUNT || p->n == PROFILE_KINDS_MAX) {
            doc_complain(p->errors, k, "%s",
                         kind == KIND_COUNT ? "unknown kind of device" : "at most 4 kinds");
            return ERR_UNKNOWN_KEY;
        }
        p->kinds[p->n++] = kind;
    }
    if (p->n == 0) {
        doc_complain(p->errors, list, "give a list of kinds, such as [meter, load]");
        return ERR_TYPE;
    }
    p->f->kind = want == KIND_COUNT ? p->kinds[0] : want;
    for (int i = 0; i < p->n; i++) {
        if (p->kinds[i] == p->f->kind) {
            return ERR_OK;
        }
    }
    doc_complain(p->errors, list, "does not serve as a %s", dict_kind(want)->name);
    return ERR_CONFLICT;
}

static enum err device_parse(struct profile_parse *p, const struct doc *map, enum kind want)
{
    struct device_fields d = {.trust = 0};
    enum err e = doc_fill(map, device_table, ROWS(device_table), &d, p->errors);
    if (e != ERR_OK) {
        return e;
    }
    memcpy(p->f->vendor, d.vendor, sizeof(d.vendor));
    memcpy(p->f->model, d.model, sizeof(d.model));
    memcpy(p->f->source, d.source, sizeof(d.source));
    p->f->trust = d.trust;
    return kinds_parse(p, d.kinds, want);
}

static enum err link_parse(struct profile_parse *p, const struct doc *map)
{
    static const struct doc nothing = {.kind = DOC_MAP, .file = "", .text = ""};
    struct link_fields k = {.max_read = 0};
    enum err e =
        doc_fill(map == NULL ? &nothing : map, link_table, ROWS(link_table), &k, p->errors);
    p->f->words = (enum word_order)k.word_order;
    p->f->max_read = k.max_read;
    p->f->max_write = k.max_write;
    p->f->max_gap = k.max_gap;
    p->f->connect_quiet_ms = k.connect_quiet_ms;
    p->f->min_gap_ms = k.min_gap_ms;
    p->f->timeout_ms = k.timeout_ms;
    p->f->max_clients = k.max_clients;
    return e;
}

/* Each entry of a list by one of the section parsers; goes on after an error, returns the
 * first. */
static enum err each(struct profile_parse *p, const struct doc *list,
                     enum err (*parse)(const struct profile_parse *, const struct doc *))
{
    enum err first = ERR_OK;
    if (list == NULL) {
        return ERR_OK;
    }
    if (list->kind != DOC_LIST) {
        doc_complain(p->errors, list,
                     "give a list, one entry per line, each starting with '- '");
        return ERR_TYPE;
    }
    for (const struct doc *entry = list->first; entry != NULL; entry = entry->next) {
        enum err e = parse(p, entry);
        first = first == ERR_OK ? e : first;
    }
    return first;
}

static enum err sections_parse(struct profile_parse *p, const struct doc *root, enum kind want)
{
    struct file_fields s = {.device = NULL};
    enum err e = doc_fill(root, file_table, ROWS(file_table), &s, p->errors);
    if (s.device == NULL || s.points == NULL) {
        return e;
    }
    enum err first = e;
    e = device_parse(p, s.device, want);
    if (e != ERR_OK) {
        return first == ERR_OK ? e : first;
    }
    enum err of[] = {link_parse(p, s.link), each(p, s.fixed, profile_const_parse),
                     each(p, s.points, profile_point_parse),
                     profile_watchdog_parse(p, s.watchdog),
                     each(p, s.test, profile_vector_parse)};
    for (int i = 0; i < ROWS(of); i++) {
        first = first == ERR_OK ? of[i] : first;
    }
    return first == ERR_OK ? profile_check(p, root) : first;
}

/* File name without folder and ".yaml". */
static void name_from_path(const char *path, char *out)
{
    const char *slash = strrchr(path, '/');
    const char *from = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(from, '.');
    size_t n = dot == NULL ? strlen(from) : (size_t)(dot - from);
    n = n < NAME_LEN - 1 ? n : NAME_LEN - 1;
    memcpy(out, from, n);
    out[n] = '\0';
}

enum err profile_load(struct arena *a, const char *path, enum kind want, struct profile **out,
                      struct doc_errors *errors)
{
    struct doc *root;
    enum err e = doc_read(a, path, &root, errors);
    if (e != ERR_OK) {
        return e;
    }
    struct profile *f = arena_take(a, 1, sizeof(*f));
    if (f == NULL) {
        return ERR_NOMEM;
    }
    name_from_path(path, f->name);
    struct profile_parse p = {.f = f, .errors = errors};
    e = sections_parse(&p, root, want);
    if (e == ERR_OK) {
        *out = f;
    }
    return e;
}
