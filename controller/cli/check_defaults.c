/* What a valid park or tariff file leaves at its defaults, from the field tables that read it.
 * Runs in `kilnwatt check --verbose`. */
#include "controller/books/tariff.h"
#include "controller/cli/check.h"
#include "controller/park/park_load.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

struct teller {
    check_say *say;
    void *to;
};

/* The word at an index of space-separated choices. */
static void choice_word(const char *choices, int index, char *out, size_t cap)
{
    const char *at = choices;
    for (int i = 0; i < index; i++) {
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    (void)snprintf(out, cap, "%.*s", (int)strcspn(at, " "), at);
}

/* A row's default as text; false where there is none to tell (it follows from something else).
 */
static bool default_text(const struct field *f, char *out, size_t cap)
{
    bool unit = f->unit != NULL && strcmp(f->unit, "-") != 0;
    switch (f->type) {
    case FIELD_NUMBER:
    case FIELD_INT:
        if (!isfinite(f->otherwise) || f->otherwise < f->min) {
            return false;
        }
        (void)snprintf(out, cap, "%g%s%s", f->otherwise, unit ? " " : "", unit ? f->unit : "");
        return true;
    case FIELD_BOOL:
        (void)snprintf(out, cap, "%s", f->otherwise != 0 ? "true" : "false");
        return true;
    case FIELD_ENUM:
        choice_word(f->choices, (int)f->otherwise, out, cap);
        return true;
    case FIELD_TEXT:
    case FIELD_NODE:
        break;
    }
    return false;
}

static void say_map(const struct teller *t, const struct doc *map, const char *where,
                    const struct field *row, int n)
{
    for (int i = 0; i < n; i++) {
        char value[64], text[320];
        if (row[i].required || doc_get(map, row[i].key) != NULL ||
            !default_text(&row[i], value, sizeof value)) {
            continue;
        }
        (void)snprintf(text, sizeof text, "%s.%s: %s (%s)", where, row[i].key, value,
                       row[i].about);
        t->say(t->to, text);
    }
}

static void say_device(const struct teller *t, const struct doc *map)
{
    const struct doc *name = doc_get(map, "name"), *kind_node = doc_get(map, "kind");
    enum kind kind = kind_node != NULL ? dict_kind_from_name(kind_node->text) : KIND_COUNT;
    if (name == NULL || kind == KIND_COUNT) {
        return;
    }
    int n;
    const struct field *row = park_common_keys(&n);
    say_map(t, map, name->text, row, n);
    row = park_kind_keys(kind, &n);
    say_map(t, map, name->text, row, n);
}

void check_defaults(const struct doc *root, check_say *say, void *to)
{
    struct teller t = {say, to};
    bool is_park = doc_get(root, "park") != NULL, is_tariff = doc_get(root, "tariff") != NULL;
    if (!is_park && !is_tariff) {
        return;
    }
    for (const struct doc *d = root->first; d != NULL; d = d->next) {
        int n;
        const struct field *row =
            is_park ? park_section_keys(d->key, &n) : tariff_section_keys(d->key, &n);
        say_map(&t, d, d->key, row, n);
    }
    const struct doc *devices = is_park ? doc_get(root, "devices") : NULL;
    for (const struct doc *d = devices != NULL ? devices->first : NULL; d != NULL;
         d = d->next) {
        say_device(&t, d);
    }
}
