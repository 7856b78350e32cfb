/* Field tables: one row per key of a map reads, checks and stores its value. Runs in every role
 * while it boots; owns nothing. */
#include "controller/base/doc.h"
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_LEN = 40, WORD_LEN = 64, CHOICES_MAX = 32, KEYS_MAX = 128 };

/* The scalar text of a value; NULL, with a complaint, if it is a list, a map or empty. */
static const char *scalar_text(const struct doc *node, const char *wanted,
                               struct doc_errors *errors)
{
    if (node->kind != DOC_SCALAR) {
        doc_complain(errors, node, "is a %s; give %s", node->kind == DOC_MAP ? "map" : "list",
                     wanted);
        return NULL;
    }
    if (node->text[0] == '\0' && !node->quoted) {
        doc_complain(errors, node, "is empty; give %s", wanted);
        return NULL;
    }
    return node->text;
}

/* ---- Numbers ---- */

/* What a row or a caller asks of a number. */
struct number_ask {
    double min, max;
    const char *unit; /* NULL or "-": none */
    bool whole;
};

/* A row's unit; "" if it has none. */
static const char *unit_word(const char *unit)
{
    return unit == NULL || strcmp(unit, "-") == 0 ? "" : unit;
}

/* "0 to 1000 kW" */
static void range_text(const struct number_ask *ask, char *out, size_t cap)
{
    const char *unit = unit_word(ask->unit);
    (void)snprintf(out, cap, "%s%.10g to %.10g%s%s", ask->whole ? "a whole number from " : "",
                   ask->min, ask->max, unit[0] ? " " : "", unit);
}

/* Splits "500 kW" into number and unit; false if it does not begin with a decimal number. */
static bool number_split(const char *text, double *value, const char **unit)
{
    size_t n = strspn(text, "0123456789+-.eE");
    char word[NUMBER_LEN];
    if (n == 0 || n >= sizeof word || (text[n] != '\0' && text[n] != ' ')) {
        return false;
    }
    memcpy(word, text, n);
    word[n] = '\0';
    char *end = NULL;
    *value = strtod(word, &end);
    *unit = text + n + strspn(text + n, " ");
    return *end == '\0' && end != word;
}

static enum err number_read(const struct doc *node, const struct number_ask *ask, double *out,
                            struct doc_errors *errors)
{
    char range[96];
    range_text(ask, range, sizeof range);
    const char *text = scalar_text(node, range, errors);
    double value = 0;
    const char *unit = "";
    if (text == NULL) {
        return ERR_TYPE;
    }
    if (!number_split(text, &value, &unit)) {
        doc_complain(errors, node, "\"%.64s\" is not a number; give %s", text, range);
        return ERR_TYPE;
    }
    const char *want = unit_word(ask->unit);
    if (unit[0] != '\0' && want[0] == '\0') {
        doc_complain(errors, node, "\"%.64s\" has a unit, but none is expected; give %s", text,
                     range);
        return ERR_TYPE;
    }
    if (unit[0] != '\0' && strcmp(unit, want) != 0) {
        doc_complain(errors, node, "\"%.64s\" is in %.32s, but %s is expected; give %s", text,
                     unit, want, range);
        return ERR_TYPE;
    }
    if (!isfinite(value) || value < ask->min || value > ask->max) {
        bool low = value < ask->min;
        doc_complain(errors, node, "%.*s is %s %.10g%s%s; give %s",
                     (int)strspn(text, "0123456789+-.eE"), text, low ? "below" : "above",
                     low ? ask->min : ask->max, want[0] ? " " : "", want, range);
        return ERR_RANGE;
    }
    if (ask->whole && value != floor(value)) {
        doc_complain(errors, node, "%.64s is not whole; give %s", text, range);
        return ERR_TYPE;
    }
    *out = value;
    return ERR_OK;
}

enum err doc_number(const struct doc *node, double min, double max, double *out,
                    struct doc_errors *errors)
{
    if (node == NULL) {
        doc_complain(errors, NULL, "a number from %.10g to %.10g is missing", min, max);
        return ERR_MISSING;
    }
    struct number_ask ask = {.min = min, .max = max};
    return number_read(node, &ask, out, errors);
}

/* ---- Words ---- */

static int min3(int a, int b, int c)
{
    int ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Insertions, deletions and substitutions that make b of a (Levenshtein 1966); both below
 * WORD_LEN. */
static int edit_distance(const char *a, const char *b)
{
    int row[WORD_LEN + 1];
    int nb = (int)strlen(b);
    for (int j = 0; j <= nb; j++) {
        row[j] = j;
    }
    for (int i = 0; a[i] != '\0'; i++) {
        int corner = row[0];
        row[0] = i + 1;
        for (int j = 0; j < nb; j++) {
            int above = row[j + 1];
            row[j + 1] = min3(above + 1, row[j] + 1, corner + (a[i] == b[j] ? 0 : 1));
            corner = above;
        }
    }
    return row[nb];
}

int doc_nearest(const char *word, const char *const *names, int n)
{
    int best = -1;
    int best_distance = 4;
    size_t len = strlen(word);
    if (len >= WORD_LEN) {
        return -1;
    }
    for (int i = 0; i < n; i++) {
        if (strlen(names[i]) >= WORD_LEN) {
            continue;
        }
        int d = edit_distance(word, names[i]);
        /* A short word changed altogether is another word. */
        if (d < best_distance && d < (int)len) {
            best = i;
            best_distance = d;
        }
    }
    return best;
}

/* Index of a word among space-separated choices, or -1. */
static int choice_index(const char *choices, const char *word)
{
    size_t len = strlen(word);
    int index = 0;
    for (const char *at = choices; *at != '\0'; index++) {
        size_t n = strcspn(at, " ");
        if (n == len && memcmp(at, word, n) == 0) {
            return index;
        }
        at += n + strspn(at + n, " ");
    }
    return -1;
}

/* ---- One row ---- */

static enum err fill_number(const struct doc *node, const struct field *f, void *at,
                            struct doc_errors *errors)
{
    struct number_ask ask = {.min = f->min, .max = f->max, .unit = f->unit};
    double value = 0;
    enum err e = number_read(node, &ask, &value, errors);
    if (e == ERR_OK) {
        *(double *)at = value;
    }
    return e;
}

static enum err fill_int(const struct doc *node, const struct field *f, void *at,
                         struct doc_errors *errors)
{
    struct number_ask ask = {.min = fmax(f->min, INT_MIN),
                             .max = fmin(f->max, INT_MAX),
                             .unit = f->unit,
                             .whole = true};
    double value = 0;
    enum err e = number_read(node, &ask, &value, errors);
    if (e == ERR_OK) {
        *(int *)at = (int)value;
    }
    return e;
}

static enum err fill_bool(const struct doc *node, const struct field *f, void *at,
                          struct doc_errors *errors)
{
    (void)f;
    const char *text = scalar_text(node, "true or false", errors);
    if (text == NULL) {
        return ERR_TYPE;
    }
    /* Even places are true. */
    int index = node->quoted ? -1 : choice_index("true false yes no on off", text);
    if (index < 0) {
        doc_complain(errors, node, "\"%.64s\" is not a yes or no; give true or false", text);
        return ERR_TYPE;
    }
    *(bool *)at = index % 2 == 0;
    return ERR_OK;
}

static enum err fill_text(const struct doc *node, const struct field *f, void *at,
                          struct doc_errors *errors)
{
    const char *text = scalar_text(node, "a text", errors);
    if (text == NULL) {
        return ERR_TYPE;
    }
    size_t n = strlen(text);
    if (n >= f->size) {
        doc_complain(errors, node, "\"%.64s%s\" has %zu bytes; give at most %zu", text,
                     n > 64 ? "..." : "", n, f->size - 1);
        return ERR_RANGE;
    }
    memcpy(at, text, n + 1);
    return ERR_OK;
}

/* The choice nearest to a word, as `; did you mean "x"?`; empty if none is near. */
static void choice_hint(const char *choices, const char *word, char *out, size_t cap)
{
    char words[CHOICES_MAX][WORD_LEN];
    const char *names[CHOICES_MAX];
    int n = 0;
    for (const char *at = choices; *at != '\0' && n < CHOICES_MAX;) {
        size_t len = strcspn(at, " ");
        (void)snprintf(words[n], sizeof words[n], "%.*s", (int)len, at);
        names[n] = words[n];
        n++;
        at += len + strspn(at + len, " ");
    }
    int near = doc_nearest(word, names, n);
    (void)snprintf(out, cap, near >= 0 ? "; did you mean \"%s\"?" : "%s",
                   near >= 0 ? names[near] : "");
}

static enum err fill_enum(const struct doc *node, const struct field *f, void *at,
                          struct doc_errors *errors)
{
    char wanted[200];
    (void)snprintf(wanted, sizeof wanted, "one of: %s", f->choices);
    const char *text = scalar_text(node, wanted, errors);
    if (text == NULL) {
        return ERR_TYPE;
    }
    int index = choice_index(f->choices, text);
    if (index < 0) {
        char hint[WORD_LEN + 32];
        choice_hint(f->choices, text, hint, sizeof hint);
        doc_complain(errors, node, "\"%.64s\" is not %s%s", text, wanted, hint);
        return ERR_RANGE;
    }
    *(int *)at = index;
    return ERR_OK;
}

static enum err fill_node(const struct doc *node, const struct field *f, void *at,
                          struct doc_errors *errors)
{
    (void)f;
    (void)errors;
    *(const struct doc **)at = node;
    return ERR_OK;
}

typedef enum err fill_fn(const struct doc *node, const struct field *f, void *at,
                         struct doc_errors *errors);

static const struct {
    fill_fn *fill;
    const char *word;
} types[] = {
    [FIELD_NUMBER] = {fill_number, "number"       },
      [FIELD_INT] = {fill_int,    "whole number" },
    [FIELD_BOOL] = {fill_bool,   "true or false"},
      [FIELD_TEXT] = {fill_text,   "text"         },
    [FIELD_ENUM] = {fill_enum,   "one of"       },
      [FIELD_NODE] = {fill_node,   "map or list"  },
};

static void default_set(const struct field *f, void *at)
{
    switch (f->type) {
    case FIELD_NUMBER:
        *(double *)at = f->otherwise;
        break;
    case FIELD_INT:
    case FIELD_ENUM:
        *(int *)at = (int)f->otherwise;
        break;
    case FIELD_BOOL:
        *(bool *)at = f->otherwise != 0.0;
        break;
    case FIELD_TEXT:
        *(char *)at = '\0';
        break;
    case FIELD_NODE:
        *(const struct doc **)at = NULL;
        break;
    }
}

/* ---- The table ---- */

static void complain_missing(const struct doc *map, const struct field *f,
                             struct doc_errors *errors)
{
    bool choice = f->type == FIELD_ENUM;
    const char *unit = unit_word(f->unit);
    doc_complain(errors, map, "missing key \"%s\" (%s%s%s%s%s: %s)", f->key,
                 types[f->type].word, unit[0] ? " in " : "", unit, choice ? " " : "",
                 choice ? f->choices : "", f->about != NULL ? f->about : "required");
}

static void complain_unknown(const struct doc *node, const struct field *table, int n,
                             struct doc_errors *errors)
{
    const char *names[KEYS_MAX] = {NULL};
    int count = n < KEYS_MAX ? n : KEYS_MAX;
    for (int i = 0; i < count; i++) {
        names[i] = table[i].key;
    }
    int near = doc_nearest(node->key, names, count);
    if (near >= 0) {
        doc_complain_key(errors, node, "unknown key \"%.64s\"; did you mean \"%s\"?", node->key,
                         names[near]);
        return;
    }
    char known[240] = "";
    size_t len = 0;
    for (int i = 0; i < count && len < sizeof known; i++) {
        len += (size_t)snprintf(known + len, sizeof known - len, "%s%s", i > 0 ? ", " : "",
                                names[i]);
    }
    doc_complain_key(errors, node, "unknown key \"%.64s\"; known here: %s", node->key, known);
}

static bool key_known(const char *key, const struct field *table, int n)
{
    for (int i = 0; i < n; i++) {
        if (strcmp(table[i].key, key) == 0) {
            return true;
        }
    }
    return false;
}

enum err doc_fill(const struct doc *map, const struct field *table, int n, void *into,
                  struct doc_errors *errors)
{
    enum err first = ERR_OK;
    if (map == NULL || map->kind != DOC_MAP) {
        doc_complain(errors, map, "needs a map of keys and values here");
        return map == NULL ? ERR_MISSING : ERR_TYPE;
    }
    for (int i = 0; i < n; i++) {
        const struct field *f = &table[i];
        void *at = (char *)into + f->offset;
        const struct doc *node = doc_get(map, f->key);
        enum err e = ERR_OK;
        default_set(f, at);
        if (node != NULL) {
            e = types[f->type].fill(node, f, at, errors);
        } else if (f->required) {
            complain_missing(map, f, errors);
            e = ERR_MISSING;
        }
        first = first == ERR_OK ? e : first;
    }
    for (const struct doc *d = map->first; d != NULL; d = d->next) {
        if (!key_known(d->key, table, n)) {
            complain_unknown(d, table, n, errors);
            first = first == ERR_OK ? ERR_UNKNOWN_KEY : first;
        }
    }
    return first;
}
