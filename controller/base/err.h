/* Error codes of the whole program: one table gives each its sentence, whether trying again can
 * help, and whose fault it is. Used in every role; owns nothing. */
#ifndef KILNWATT_BASE_ERR_H
#define KILNWATT_BASE_ERR_H

#include <stdbool.h>

/* A function that can fail returns one of these and leaves its outputs untouched on error. */
enum err {
    ERR_OK = 0,
    ERR_NOMEM,       /* a boot arena or a bounded pool is full */
    ERR_FULL,        /* a bounded queue has no room now */
    ERR_SYNTAX,      /* text that cannot be parsed */
    ERR_UNKNOWN_KEY, /* a key, name or unit that nobody knows */
    ERR_MISSING,     /* something required is absent */
    ERR_TYPE,        /* a value of the wrong type */
    ERR_RANGE,       /* a value outside its bounds */
    ERR_CONFLICT,    /* two statements that contradict each other */
    ERR_NOT_FOUND,   /* no such file, point, device, event */
    ERR_IO,          /* the operating system refused a read, write or socket call */
    ERR_TIMEOUT,     /* no answer before the deadline */
    ERR_CLOSED,      /* the other side has gone */
    ERR_PROTOCOL,    /* the other side spoke, but not by its protocol */
    ERR_EXCEPTION,   /* a Modbus device answered with an exception */
    ERR_BUSY,        /* already doing it, or the device says busy */
    ERR_STATE,       /* not allowed in the present state */
    ERR_DENIED,      /* not allowed for this caller */
    ERR_INFEASIBLE,  /* no plan satisfies the physics */
    ERR_LIMIT,       /* a work or time limit was reached without a result */
    ERR_NUMERIC,     /* a number that is not finite, or a solver in numeric trouble */
    ERR_VERSION,     /* a frame or file of another version */
    ERR_COUNT
};

#define must_check __attribute__((warn_unused_result))

/* One sentence in English for a code; never NULL, also for a value outside the enum. */
const char *err_text(enum err e);
/* The code's name without prefix, lower case ("range"); never NULL. */
const char *err_name(enum err e);
/* true if the same call may succeed later without anything being corrected. */
bool err_retryable(enum err e);

/* must(cond): for our own bugs only, never for input; logs file:line and aborts, in production
 * too. */
#define must(cond) ((cond) ? (void)0 : err_must_failed(#cond, __FILE__, __LINE__))
_Noreturn void err_must_failed(const char *cond, const char *file, int line);

#endif
