/* Bounded and typed access to JSON. Runs in web, cli and sim; owns nothing. */
#include "controller/base/json.h"
#include "controller/base/doc.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void json_complain(struct json_ask *ask, const char *key, const char *fmt, ...)
{
    if (ask->error[0] != '\0') {
        return;
    }
    int n = snprintf(ask->error, sizeof ask->error, "%s: %.64s%s", ask->where, key ? key : "",
                     key ? ": " : "");
    if (n < 0 || n >= (int)sizeof ask->error) {
        return;
    }
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(ask->error + n, sizeof ask->error - (size_t)n, fmt, args);
    va_end(args);
}

/* Levels of a text before jansson, which calls itself per level, sees it. */
static int depth_of(const char *text, size_t len)
{
    int depth = 0;
    int worst = 0;
    bool quoted = false;
    for (size_t i = 0; i < len; i++) {
        char ch = text[i];
        if (quoted && ch == '\\') {
            i++;
        } else if (ch == '"') {
            quoted = !quoted;
        } else if (!quoted && (ch == '[' || ch == '{')) {
            depth++;
            worst = depth > worst ? depth : worst;
        } else if (!quoted && (ch == ']' || ch == '}')) {
            depth--;
        }
    }
    return worst;
}

enum err json_read(struct json_ask *ask, const char *text, size_t len, size_t max, json_t **out)
{
    if (len > max) {
        json_complain(ask, NULL, "%zu bytes; at most %zu are taken", len, max);
        return ERR_LIMIT;
    }
    if (depth_of(text, len) > JSON_DEPTH_MAX) {
        json_complain(ask, NULL, "more than %d levels inside each other", JSON_DEPTH_MAX);
        return ERR_LIMIT;
    }
    json_error_t why;
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
    if (root == NULL) {
        json_complain(ask, NULL, "line %d column %d: %s", why.line, why.column, why.text);
        return ERR_SYNTAX;
    }
    *out = root;
    return ERR_OK;
}

/* ---- Getters ---- */

static const char *type_word(const json_t *v)
{
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a text";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    case JSON_NULL:
        return "null";
    }
    return "something else";
}

bool json_has(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    return v != NULL && !json_is_null(v);
}

/* The value of a key, or NULL with a complaint. */
static json_t *value_of(struct json_ask *ask, const json_t *object, const char *key,
                        const char *wanted)
{
    json_t *v = json_object_get(object, key);
    if (v == NULL || json_is_null(v)) {
        json_complain(ask, key, "is missing; give %s", wanted);
        return NULL;
    }
    return v;
}

static enum err wrong_type(struct json_ask *ask, const char *key, const json_t *v,
                           const char *wanted)
{
    json_complain(ask, key, "is %s; give %s", type_word(v), wanted);
    return ERR_TYPE;
}

enum err json_take_number(struct json_ask *ask, const json_t *object, const char *key,
                          const double range[2], double *out)
{
    const json_t *v = value_of(ask, object, key, "a number");
    if (v == NULL) {
        return ERR_MISSING;
    }
    if (!json_is_number(v)) {
        return wrong_type(ask, key, v, "a number");
    }
    double x = json_number_value(v);
    if (!isfinite(x) || x < range[0] || x > range[1]) {
        json_complain(ask, key, "%.10g is out of range; give %.10g to %.10g", x, range[0],
                      range[1]);
        return ERR_RANGE;
    }
    *out = x;
    return ERR_OK;
}

enum err json_take_int(struct json_ask *ask, const json_t *object, const char *key,
                       const json_int_t range[2], json_int_t *out)
{
    const json_t *v = value_of(ask, object, key, "a whole number");
    if (v == NULL) {
        return ERR_MISSING;
    }
    if (!json_is_integer(v)) {
        return wrong_type(ask, key, v, "a whole number");
    }
    json_int_t x = json_integer_value(v);
    if (x < range[0] || x > range[1]) {
        json_complain(ask, key, "%lld is out of range; give %lld to %lld", x, range[0],
                      range[1]);
        return ERR_RANGE;
    }
    *out = x;
    return ERR_OK;
}

enum err json_take_bool(struct json_ask *ask, const json_t *object, const char *key, bool *out)
{
    const json_t *v = value_of(ask, object, key, "true or false");
    if (v == NULL) {
        return ERR_MISSING;
    }
    if (!json_is_boolean(v)) {
        return wrong_type(ask, key, v, "true or false");
    }
    *out = json_is_true(v);
    return ERR_OK;
}

enum err json_take_text(struct json_ask *ask, const json_t *object, const char *key, char *out,
                        size_t cap)
{
    const json_t *v = value_of(ask, object, key, "a text");
    if (v == NULL) {
        return ERR_MISSING;
    }
    if (!json_is_string(v)) {
        return wrong_type(ask, key, v, "a text");
    }
    size_t n = json_string_length(v);
    if (n >= cap) {
        json_complain(ask, key, "has %zu bytes; give at most %zu", n, cap - 1);
        return ERR_RANGE;
    }
    memcpy(out, json_string_value(v), n + 1);
    return ERR_OK;
}

enum err json_take_array(struct json_ask *ask, const json_t *object, const char *key,
                         json_t **out)
{
    json_t *v = value_of(ask, object, key, "an array");
    if (v == NULL) {
        return ERR_MISSING;
    }
    if (!json_is_array(v)) {
        return wrong_type(ask, key, v, "an array");
    }
    *out = v;
    return ERR_OK;
}

enum err json_take_object(struct json_ask *ask, const json_t *object, const char *key,
                          json_t **out)
{
    json_t *v = value_of(ask, object, key, "an object");
    if (v == NULL) {
        return ERR_MISSING;
    }
    if (!json_is_object(v)) {
        return wrong_type(ask, key, v, "an object");
    }
    *out = v;
    return ERR_OK;
}

enum err json_keys_known(struct json_ask *ask, const json_t *object, const char *const *known,
                         int n)
{
    /* jansson walks objects without changing them, but asks for them without const. */
    json_t *walk = (json_t *)(uintptr_t)object;
    for (void *at = json_object_iter(walk); at != NULL; at = json_object_iter_next(walk, at)) {
        const char *key = json_object_iter_key(at);
        bool found = false;
        for (int i = 0; i < n && !found; i++) {
            found = strcmp(known[i], key) == 0;
        }
        if (!found) {
            int near = doc_nearest(key, known, n);
            json_complain(ask, key, "is an unknown key%s%s%s",
                          near >= 0 ? "; did you mean \"" : "", near >= 0 ? known[near] : "",
                          near >= 0 ? "\"?" : "");
            return ERR_UNKNOWN_KEY;
        }
    }
    return ERR_OK;
}

/* ---- Setters ---- */

json_t *json_number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

enum err json_put_number(json_t *object, const char *key, double value)
{
    return json_object_set_new(object, key, json_number_or_null(value)) == 0 ? ERR_OK
                                                                             : ERR_NOMEM;
}
