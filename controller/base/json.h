/* The door to jansson: bounded reading, typed getters with a sentence for what is wrong, and a
 * setter that never writes NaN. Used in web, cli and sim's control socket; owns nothing. The
 * includer may use jansson's own json_*() calls as well. */
#ifndef KILNWATT_BASE_JSON_H
#define KILNWATT_BASE_JSON_H

#include "controller/base/err.h"
#include <jansson.h>
#include <stddef.h>

enum { JSON_DEPTH_MAX = 32, JSON_ERROR_LEN = 256 };

/* Where values come from and what was wrong with the first bad one: `where: key: problem`. */
struct json_ask {
    const char *where;          /* "POST /api/orders" */
    char error[JSON_ERROR_LEN]; /* "" while all is well */
};

/* Reads one whole text of at most `max` bytes; duplicate keys, trailing text and more than
 * JSON_DEPTH_MAX levels are refused. *out is the caller's (json_decref). ERR_LIMIT, ERR_SYNTAX.
 */
must_check enum err json_read(struct json_ask *ask, const char *text, size_t len, size_t max,
                              json_t **out);

/* Typed getters of a key of an object. ERR_MISSING if the key is absent or null, ERR_TYPE,
 * ERR_RANGE; *out is untouched on error. The first problem is kept in ask->error. A key that
 * may be absent is asked for only if json_has(). */
bool json_has(const json_t *object, const char *key);
/* A finite number in min..max. */
must_check enum err json_take_number(struct json_ask *ask, const json_t *object,
                                     const char *key, const double range[2], double *out);
/* An integer in min..max. */
must_check enum err json_take_int(struct json_ask *ask, const json_t *object, const char *key,
                                  const json_int_t range[2], json_int_t *out);
must_check enum err json_take_bool(struct json_ask *ask, const json_t *object, const char *key,
                                   bool *out);
/* A text of at most cap-1 bytes, copied. */
must_check enum err json_take_text(struct json_ask *ask, const json_t *object, const char *key,
                                   char *out, size_t cap);
/* Borrowed array or object. */
must_check enum err json_take_array(struct json_ask *ask, const json_t *object, const char *key,
                                    json_t **out);
must_check enum err json_take_object(struct json_ask *ask, const json_t *object,
                                     const char *key, json_t **out);
/* Refuses keys that are not among n known ones; the nearest is offered. ERR_UNKNOWN_KEY. */
must_check enum err json_keys_known(struct json_ask *ask, const json_t *object,
                                    const char *const *known, int n);
/* Keeps a problem of the caller's own in ask->error, if it is the first. */
void json_complain(struct json_ask *ask, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A number for an array; null if it is not finite. New reference; NULL without memory. */
json_t *json_number_or_null(double value);
/* object[key] = value, null if it is not finite. ERR_NOMEM. */
enum err json_put_number(json_t *object, const char *key, double value);

#endif
