/* The routes as one table: it answers requests, and the test of openapi.json walks it. Runs in
 * the web role; constant data. */
#ifndef KILNWATT_WEB_ROUTES_H
#define KILNWATT_WEB_ROUTES_H

#include "controller/web/web.h"

/* Who may use a route. The server listens on loopback only; what changes the park needs the
 * token. */
enum access { ACCESS_READER, ACCESS_OPERATOR };

struct route {
    enum http_method method;
    const char *pattern; /* "{name}" at its end stands for one segment */
    enum access access;
    void (*fn)(struct web *w, struct http_call *c, const char *param);
    const char *summary;
};
extern const struct route routes_table[];
extern const int routes_count;

/* Answers one request: host and origin, route, token, handler. arg: struct web. */
void routes_handle(struct http_call *c, void *arg);
/* true if a path fits a pattern; param (cap bytes) gets what stands for {name}. */
bool routes_match(const char *pattern, const char *path, char *param, size_t cap);
/* true if a Host header names this machine's loopback: 127.0.0.1, localhost, with or without
 * port. */
bool routes_host_ok(const char *host);

#endif
