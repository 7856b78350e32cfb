/* Talking to a running controller over HTTP: the one door to libcurl. Used by the command line
 * only; a struct client owns its connection. */
#ifndef KILNWATT_CLI_CLIENT_H
#define KILNWATT_CLI_CLIENT_H

#include "controller/base/json.h"

enum { CLIENT_URL_LEN = 128, CLIENT_TOKEN_LEN = 128 };

struct client {
    char url[CLIENT_URL_LEN];     /* "http://127.0.0.1:8080" */
    char token[CLIENT_TOKEN_LEN]; /* "" = none */
};

/* Asks once (5 s to connect, 15 s in all). method "GET", "POST" or "DELETE"; body may be NULL
 * and stays the caller's. On success *answer is a new reference. Otherwise the reason is
 * printed to stderr: ERR_IO nobody answers, ERR_DENIED, ERR_NOT_FOUND, ERR_RANGE for other
 * refusals, ERR_PROTOCOL for an answer that is no JSON. */
must_check enum err client_ask(const struct client *c, const char *method, const char *path,
                               const json_t *body, json_t **answer);

#endif
