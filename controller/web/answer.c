/* Answers in JSON and problem+json. Runs in the web role. */
#include "controller/web/web.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void answer_as(struct http_call *c, int status, const char *type, json_t *v)
{
    char *text = v != NULL
                     ? json_dumps(v, JSON_COMPACT | JSON_REAL_PRECISION(10) | JSON_ENCODE_ANY)
                     : NULL;
    json_decref(v);
    if (text == NULL) {
        http_answer(c, 503, "text/plain", "out of memory\n", 14);
        return;
    }
    http_answer(c, status, type, text, strlen(text));
    free(text);
}

void answer_json(struct http_call *c, int status, json_t *v)
{
    answer_as(c, status, "application/json", v);
}

int answer_status(enum err e)
{
    static const int table[ERR_COUNT] = {
        [ERR_OK] = 200,          [ERR_NOMEM] = 503,      [ERR_FULL] = 503,
        [ERR_SYNTAX] = 400,      [ERR_MISSING] = 422,    [ERR_TYPE] = 422,
        [ERR_RANGE] = 422,       [ERR_CONFLICT] = 409,   [ERR_NOT_FOUND] = 404,
        [ERR_TIMEOUT] = 504,     [ERR_BUSY] = 503,       [ERR_STATE] = 409,
        [ERR_DENIED] = 403,      [ERR_INFEASIBLE] = 409, [ERR_LIMIT] = 413,
        [ERR_UNKNOWN_KEY] = 422, [ERR_CLOSED] = 503,
    };
    return e < ERR_COUNT && table[e] != 0 ? table[e] : 500;
}

static const char *title_of(int status)
{
    static const struct {
        int status;
        const char *title;
    } table[] = {
        {400, "Bad request"       },
        {401, "Token needed"      },
        {403, "Not allowed"       },
        {404, "Not found"         },
        {405, "Method not allowed"},
        {409, "Conflict"          },
        {413, "Too large"         },
        {421, "Wrong host"        },
        {422, "Not valid"         },
        {503, "Not available now" },
        {504, "No answer in time" },
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].status == status) {
            return table[i].title;
        }
    }
    return "Error";
}

/* What a client sent may be cut within a character. */
static json_t *detail_of(const char *text)
{
    json_t *v = json_string(text);
    return v != NULL ? v : json_string("the request is not UTF-8 text");
}

void answer_problem(struct http_call *c, int status, enum err code, const char *fmt, ...)
{
    char detail[512];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(detail, sizeof detail, fmt, args);
    va_end(args);
    json_t *o = json_object();
    (void)json_object_set_new(o, "type", json_string("about:blank"));
    (void)json_object_set_new(o, "title", json_string(title_of(status)));
    (void)json_object_set_new(o, "status", json_integer(status));
    (void)json_object_set_new(o, "code", json_string(err_name(code)));
    (void)json_object_set_new(o, "detail", detail_of(detail));
    answer_as(c, status, "application/problem+json", o);
}
