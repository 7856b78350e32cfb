/* The tree of a document: looking things up in it, and complaining about a place in it. Runs in
 * every role while it boots; owns nothing. */
#include "controller/base/doc.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PLACE_LEN = 320 };

/* Adds one text; counts it even where there is no room for it any more. */
static void add(struct doc_errors *errors, const char *place, const char *fmt, va_list args)
{
    int index = errors->count++;
    if (index >= DOC_ERRORS_MAX) {
        return;
    }
    char *out = errors->text[index];
    int n = snprintf(out, DOC_ERROR_LEN, "%s", place);
    if (n >= 0 && n < DOC_ERROR_LEN) {
        (void)vsnprintf(out + n, (size_t)(DOC_ERROR_LEN - n), fmt, args);
    }
}

/* The tail of a long path: its end says more than its beginning. */
static const char *tail(const char *file)
{
    size_t n = strlen(file);
    return n > 200 ? file + n - 200 : file;
}

void doc_complain(struct doc_errors *errors, const struct doc *node, const char *fmt, ...)
{
    char place[PLACE_LEN] = "";
    if (node != NULL && node->key != NULL) {
        (void)snprintf(place, sizeof place, "%s:%d:%d: %.64s: ", tail(node->file), node->line,
                       node->col, node->key);
    } else if (node != NULL) {
        (void)snprintf(place, sizeof place, "%s:%d:%d: ", tail(node->file), node->line,
                       node->col);
    }
    va_list args;
    va_start(args, fmt);
    add(errors, place, fmt, args);
    va_end(args);
}

void doc_complain_key(struct doc_errors *errors, const struct doc *node, const char *fmt, ...)
{
    bool keyed = node->key != NULL;
    char place[PLACE_LEN];
    (void)snprintf(place, sizeof place, "%s:%d:%d: ", tail(node->file),
                   keyed ? node->key_line : node->line, keyed ? node->key_col : node->col);
    va_list args;
    va_start(args, fmt);
    add(errors, place, fmt, args);
    va_end(args);
}

void doc_complain_file(struct doc_errors *errors, const char *name, const char *fmt, ...)
{
    char place[PLACE_LEN];
    (void)snprintf(place, sizeof place, "%s: ", tail(name));
    va_list args;
    va_start(args, fmt);
    add(errors, place, fmt, args);
    va_end(args);
}

const struct doc *doc_get(const struct doc *map, const char *key)
{
    if (map == NULL || map->kind != DOC_MAP) {
        return NULL;
    }
    for (const struct doc *d = map->first; d != NULL; d = d->next) {
        if (strcmp(d->key, key) == 0) {
            return d;
        }
    }
    return NULL;
}

const struct doc *doc_at(const struct doc *list, int index)
{
    if (list == NULL || list->kind != DOC_LIST || index < 0 || index >= list->count) {
        return NULL;
    }
    const struct doc *d = list->first;
    for (int i = 0; i < index; i++) {
        d = d->next;
    }
    return d;
}
