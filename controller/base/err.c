/* The table of error codes, and the end of a process that found a bug of its own. Runs in every
 * role; owns nothing. */
#include "controller/base/err.h"
#include "controller/base/log.h"
#include <stdlib.h>

struct err_row {
    const char *name;
    const char *text;
    bool retryable;
};

static const struct err_row rows[ERR_COUNT] = {
    [ERR_OK] = {"ok",          "no error",                                                  false},
    [ERR_NOMEM] = {"nomem",       "a memory arena or a bounded pool is full",                  false},
    [ERR_FULL] = {"full",        "a bounded queue has no room now",                           true },
    [ERR_SYNTAX] = {"syntax",      "the text cannot be parsed",                                 false},
    [ERR_UNKNOWN_KEY] = {"unknown_key", "nobody knows this key, name or unit",                       false},
    [ERR_MISSING] = {"missing",     "something required is absent",                              false},
    [ERR_TYPE] = {"type",        "a value has the wrong type",                                false},
    [ERR_RANGE] = {"range",       "a value is outside its bounds",                             false},
    [ERR_CONFLICT] = {"conflict",    "two statements contradict each other",                      false},
    [ERR_NOT_FOUND] = {"not_found",   "there is no such thing",                                    false},
    [ERR_IO] = {"io",          "the operating system refused a read, write or socket call", true },
    [ERR_TIMEOUT] = {"timeout",     "no answer came before the deadline",                        true },
    [ERR_CLOSED] = {"closed",      "the other side has gone",                                   true },
    [ERR_PROTOCOL] = {"protocol",    "the other side broke its protocol",                         true },
    [ERR_EXCEPTION] = {"exception",   "the device answered with an exception",                     false},
    [ERR_BUSY] = {"busy",        "it is being done already, or the device is busy",           true },
    [ERR_STATE] = {"state",       "this is not allowed in the present state",                  false},
    [ERR_DENIED] = {"denied",      "this caller may not do that",                               false},
    [ERR_INFEASIBLE] = {"infeasible",  "no plan satisfies the physics",                             false},
    [ERR_LIMIT] = {"limit",       "a limit of work or time was reached without a result",      true },
    [ERR_NUMERIC] = {"numeric",     "a number is not finite, or a solver is in numeric trouble",
                false                                                                            },
    [ERR_VERSION] = {"version",     "the frame or file has another version",                     false},
};

static const struct err_row unknown = {"unknown", "an error code that does not exist", false};

static const struct err_row *row_of(enum err e)
{
    unsigned index = (unsigned)e;
    return index < ERR_COUNT ? &rows[index] : &unknown;
}

const char *err_text(enum err e)
{
    return row_of(e)->text;
}

const char *err_name(enum err e)
{
    return row_of(e)->name;
}

bool err_retryable(enum err e)
{
    return row_of(e)->retryable;
}

void err_must_failed(const char *cond, const char *file, int line)
{
    log_line(LOG_ERROR, "must_failed", "at=%s:%d cond=\"%s\"", file, line, cond);
    abort();
}
