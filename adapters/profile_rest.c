/* The sections `const`, `watchdog` and `test` of a profile. Runs while booting. */
#include "adapters/profile_parse.h"
#include <string.h>

struct const_fields {
    int fc;
    bool identity;
    const struct doc *addr, *value, *text, *words;
};
#define CONST struct const_fields
static const struct field const_table[] = {
    ROW_INT(CONST, fc, 3, 4, true, 0, "-", "function code that reads it"),
    ROW_NODE(CONST, addr, true, "wire address of the first register"),
    ROW_NODE(CONST, value, false, "number, or list of numbers"),
    ROW_NODE(CONST, text, false, "two characters per register"),
    ROW_NODE(CONST, words, false, "registers of the text, or how often a number is repeated"),
    ROW_BOOL(CONST, identity, "must match before anything is written"),
};

struct watchdog_fields {
    int class, beat_fc;
    double timeout_s, fallback;
    char timeout_point[NAME_LEN], guards[NAME_LEN];
    char fallback_point[NAME_LEN], fallback_on_point[NAME_LEN];
    const struct doc *beat_addr;
};
#define DOG struct watchdog_fields
static const struct field watchdog_table[] = {
    ROW_CHOICE(DOG, class, "A B C D E F", true, "what happens when the controller dies"),
    ROW_NUMBER(DOG, timeout_s, 0, 86400, false, 0, "s", "time until it happens"),
    ROW_TEXT(DOG, timeout_point, NAME_LEN, false, "point that holds the time"),
    ROW_TEXT(DOG, guards, NAME_LEN, false, "setpoint that reverts"),
    ROW_NUMBER(DOG, fallback, -1e9, 1e9, false, 0, NULL, "value that it reverts to"),
    ROW_TEXT(DOG, fallback_point, NAME_LEN, false, "point that holds that value"),
    ROW_TEXT(DOG, fallback_on_point, NAME_LEN, false, "point that puts it in force"),
    ROW_INT(DOG, beat_fc, 6, 16, false, 6, "-", "6 or 16"),
    ROW_NODE(DOG, beat_addr, false, "heartbeat register, written as a counter"),
};

struct vector_fields {
    char point[NAME_LEN], also[NAME_LEN];
    double value;
    int sf;
    const struct doc *words;
};
#define VECTOR struct vector_fields
static const struct field vector_table[] = {
    ROW_TEXT(VECTOR, point, NAME_LEN, true, "dictionary point"),
    ROW_TEXT(VECTOR, also, NAME_LEN, false, "its name in another kind served"),
    ROW_NUMBER(VECTOR, value, -1e15, 1e15, true, 0, NULL, "reading"),
    ROW_INT(VECTOR, sf, -10, 10, false, 0, "-", "scale factor"),
    ROW_NODE(VECTOR, words, true, "registers in wire order"),
};

/* Adds registers from addr on. */
static enum err const_add(const struct profile_parse *p, const struct doc *entry,
                          const struct profile_const *first, const uint16_t *word, int n)
{
    if (p->f->consts + n > PROFILE_CONST_MAX || first->addr + n > 65536) {
        doc_complain(p->errors, entry, "at most %d fixed registers, none past 65535",
                     PROFILE_CONST_MAX);
        return ERR_FULL;
    }
    for (int i = 0; i < n; i++) {
        struct profile_const c = *first;
        c.addr += i;
        c.value = word[i];
        p->f->fixed[p->f->consts++] = c;
    }
    return ERR_OK;
}

/* Text into registers, two characters each, the rest NUL. */
static enum err text_words(const struct profile_parse *p, const struct const_fields *s,
                           uint16_t *word, int *n)
{
    size_t len = s->text->kind == DOC_SCALAR ? strlen(s->text->text) : 0;
    int64_t words = (int64_t)(len + 1) / 2;
    if (s->words != NULL) {
        enum err e = profile_int(s->words, words, 32, &words, p->errors);
        if (e != ERR_OK) {
            return e;
        }
    }
    if (len == 0 || words > 32) {
        doc_complain(p->errors, s->text, "give 1 to 64 characters");
        return ERR_RANGE;
    }
    for (int i = 0; i < words; i++) {
        size_t at = (size_t)i * 2;
        unsigned hi = at < len ? (unsigned char)s->text->text[at] : 0;
        unsigned lo = at + 1 < len ? (unsigned char)s->text->text[at + 1] : 0;
        word[i] = (uint16_t)(hi << 8 | lo);
    }
    *n = (int)words;
    return ERR_OK;
}

/* Numbers into registers; a single one may be repeated. */
static enum err value_words(const struct profile_parse *p, const struct const_fields *s,
                            uint16_t *word, int *n)
{
    struct profile_ints list = {.lo = -32768, .hi = 65535, .cap = 32};
    int64_t times = 1;
    enum err e = profile_ints(s->value, &list, p->errors);
    if (e == ERR_OK && s->words != NULL) {
        e = profile_int(s->words, 1, list.n == 1 ? 32 : 1, &times, p->errors);
    }
    *n = times > 1 ? (int)times : list.n;
    for (int i = 0; e == ERR_OK && i < *n; i++) {
        word[i] = (uint16_t)list.value[times > 1 ? 0 : i];
    }
    return e;
}

enum err profile_const_parse(const struct profile_parse *p, const struct doc *entry)
{
    struct const_fields s = {.fc = 0};
    int64_t addr;
    uint16_t word[32];
    int n = 0;
    enum err e = doc_fill(entry, const_table, ROWS(const_table), &s, p->errors);
    e = e == ERR_OK ? profile_int(s.addr, 0, 65535, &addr, p->errors) : e;
    if (e != ERR_OK) {
        return e;
    }
    if ((s.value == NULL) == (s.text == NULL)) {
        doc_complain(p->errors, entry, "give either value or text");
        return ERR_CONFLICT;
    }
    if (s.text != NULL) {
        e = text_words(p, &s, word, &n);
    } else {
        e = value_words(p, &s, word, &n);
    }
    struct profile_const first = {.fc = s.fc, .addr = (int)addr, .identity = s.identity};
    return e == ERR_OK ? const_add(p, entry, &first, word, n) : e;
}

static enum err optional_row(const struct profile_parse *p, const struct doc *map,
                             const char *key, const char *name, int *row)
{
    *row = -1;
    return name[0] == '\0' ? ERR_OK : profile_row(p, doc_get(map, key), name, "", row);
}

enum err profile_watchdog_parse(const struct profile_parse *p, const struct doc *map)
{
    struct profile_watchdog *w = &p->f->watchdog;
    *w = (struct profile_watchdog){.class = WATCHDOG_F,
                                   .timeout_row = -1,
                                   .fallback_row = -1,
                                   .fallback_on_row = -1,
                                   .guards_row = -1,
                                   .beat_addr = -1};
    if (map == NULL) {
        return ERR_OK;
    }
    struct watchdog_fields s = {.class = 0};
    int64_t beat = -1;
    enum err e = doc_fill(map, watchdog_table, ROWS(watchdog_table), &s, p->errors);
    e = e == ERR_OK && s.beat_addr != NULL
            ? profile_int(s.beat_addr, 0, 65535, &beat, p->errors)
            : e;
    e = e == ERR_OK ? optional_row(p, map, "timeout_point", s.timeout_point, &w->timeout_row)
                    : e;
    e = e == ERR_OK ? optional_row(p, map, "fallback_point", s.fallback_point, &w->fallback_row)
                    : e;
    e = e == ERR_OK ? optional_row(p, map, "fallback_on_point", s.fallback_on_point,
                                   &w->fallback_on_row)
                    : e;
    e = e == ERR_OK ? optional_row(p, map, "guards", s.guards, &w->guards_row) : e;
    if (e != ERR_OK) {
        return e;
    }
    w->class = (enum watchdog)s.class;
    w->timeout_s = s.timeout_s;
    w->fallback = s.fallback;
    w->beat_fc = s.beat_fc;
    w->beat_addr = (int)beat;
    if (w->class != WATCHDOG_F && w->timeout_s <= 0) {
        doc_complain(p->errors, map, "a watchdog of class A to E has a timeout_s");
        return ERR_CONFLICT;
    }
    if ((w->class == WATCHDOG_A && w->timeout_row < 0) ||
        (w->class == WATCHDOG_B && beat < 0)) {
        doc_complain(p->errors, map, "class A needs timeout_point, class B needs beat_addr");
        return ERR_CONFLICT;
    }
    return ERR_OK;
}

enum err profile_vector_parse(const struct profile_parse *p, const struct doc *entry)
{
    struct vector_fields s = {.value = 0};
    struct profile_ints word = {.lo = 0, .hi = 65535, .cap = 4};
    int row, i = 0;
    enum err e = doc_fill(entry, vector_table, ROWS(vector_table), &s, p->errors);
    e = e == ERR_OK ? profile_row(p, entry, s.point, s.also, &row) : e;
    e = e == ERR_OK ? profile_ints(s.words, &word, p->errors) : e;
    if (e != ERR_OK || row < 0) {
        return e;
    }
    while (i < p->f->points && p->f->point[i].row != row) {
        i++;
    }
    const struct profile_point *pt = &p->f->point[i];
    if (i == p->f->points || word.n != reg_words(pt->type) ||
        p->f->vectors == PROFILE_VECTORS_MAX) {
        doc_complain(p->errors, entry,
                     "%s: no such row in points, not its number of words, or too "
                     "many vectors",
                     s.point);
        return ERR_CONFLICT;
    }
    struct profile_vector v = {.row = row,
                               .fc = pt->read_fc,
                               .addr = pt->addr,
                               .words = word.n,
                               .sf = (int16_t)s.sf,
                               .value = s.value};
    for (i = 0; i < word.n; i++) {
        v.word[i] = (uint16_t)word.value[i];
    }
    p->f->vector[p->f->vectors++] = v;
    return ERR_OK;
}
