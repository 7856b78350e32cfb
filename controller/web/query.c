/* Query parameters. Runs in the web role. */
#include "controller/web/query.h"
#include "controller/base/civil.h"
#include "controller/base/doc.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct unknown {
    const struct query_ask *q;
    char name[64];
};

static bool is_known(const char *name, void *arg)
{
    struct unknown *u = arg;
    for (int i = 0; i < u->q->n; i++) {
        if (strcmp(u->q->known[i], name) == 0) {
            return true;
        }
    }
    size_t len = strnlen(name, sizeof u->name - 1);
    memcpy(u->name, name, len);
    u->name[len] = '\0';
    return false;
}

bool query_names(struct query_ask *q)
{
    struct unknown u = {.q = q};
    char probe[2];
    if (http_query(q->call, "", probe, sizeof probe) == ERR_SYNTAX) {
        answer_problem(q->call, 400, ERR_SYNTAX, "query: cannot be decoded; give name=value&…");
        return false;
    }
    if (http_query_names(q->call, is_known, &u)) {
        return true;
    }
    int near = doc_nearest(u.name, q->known, q->n);
    answer_problem(q->call, 422, ERR_UNKNOWN_KEY, "query: %s: is an unknown parameter%s%s%s",
                   u.name, near >= 0 ? "; did you mean \"" : "",
                   near >= 0 ? q->known[near] : "", near >= 0 ? "\"?" : "");
    return false;
}

bool query_text(struct query_ask *q, const char *key, char *out, size_t cap)
{
    enum err rc = http_query(q->call, key, out, cap);
    if (rc == ERR_RANGE) {
        answer_problem(q->call, 422, rc, "query: %s: is too long; at most %zu bytes", key,
                       cap - 1);
    }
    return rc == ERR_OK || rc == ERR_NOT_FOUND;
}

bool query_time(struct query_ask *q, const char *key, wall_t *out)
{
    char text[64] = "";
    wall_t at = *out;
    if (!query_text(q, key, text, sizeof text)) {
        return false;
    }
    if (text[0] != '\0' && civil_parse(text, &at) != ERR_OK) {
        answer_problem(q->call, 422, ERR_SYNTAX,
                       "query: %s: %s is no time; give one like 2025-07-14T08:00:00%%2B08:00",
                       key, text);
        return false;
    }
    *out = at;
    return true;
}

bool query_int(struct query_ask *q, const char *key, const int range[2], int *out)
{
    char text[32] = "";
    char *end = NULL;
    if (!query_text(q, key, text, sizeof text)) {
        return false;
    }
    if (text[0] == '\0') {
        return true;
    }
    errno = 0;
    long v = strtol(text, &end, 10);
    if (*end != '\0' || errno != 0 || v < range[0] || v > range[1]) {
        answer_problem(q->call, 422, ERR_RANGE, "query: %s: %s; give a whole number %d to %d",
                       key, text, range[0], range[1]);
        return false;
    }
    *out = (int)v;
    return true;
}
