/* The door to libevent's HTTP server: requests in, one answer each, now or later, whole or as a
 * stream of server-sent events. Bounds what a client may send and how long it may take. Runs in
 * the web role; a struct http owns its listener, its connections and its calls. */
#ifndef KILNWATT_WEB_HTTP_H
#define KILNWATT_WEB_HTTP_H

#include "controller/base/loop.h"

enum {
    HTTP_CONNECTIONS_MAX = 64,
    HTTP_STREAMS_MAX = 16,
    HTTP_HEAD_MAX = 8 * 1024,
    HTTP_BODY_MAX = 64 * 1024,
    HTTP_PATH_MAX = 256,          /* decoded */
    HTTP_REQUEST_S = 10,          /* from a request's first byte to its last */
    HTTP_IDLE_S = 30,             /* of a kept connection, and for reading an answer */
    HTTP_BEHIND_MAX = 512 * 1024, /* bytes that a stream's reader may be behind */
    HTTP_HEADERS_MAX = 4          /* of an answer, besides the fixed ones */
};

struct http;
struct http_call; /* one request; valid until it has been answered */

enum http_method { HTTP_GET, HTTP_POST, HTTP_DELETE, HTTP_OTHER };

/* Called once per request. It must be answered exactly once, here or later. */
typedef void http_fn(struct http_call *c, void *arg);

struct http_at {
    const char *host; /* numeric IPv4 */
    int port;         /* 0 picks one */
};

/* ERR_IO (errno kept), ERR_NOMEM, ERR_RANGE. */
must_check enum err http_open(struct loop *l, struct http_at at, http_fn *fn, void *arg,
                              struct http **out);
/* Calls that are not answered yet are dropped. NULL is allowed. */
void http_close(struct http *h);
int http_port(const struct http *h);
/* Connections open now; requests refused by a bound so far. */
int http_connections(const struct http *h);
uint64_t http_refused(const struct http *h);

enum http_method http_method(const struct http_call *c);
/* Decoded path; "" if it cannot be decoded or holds a NUL. */
const char *http_path(const struct http_call *c);
/* A header's value, NULL if absent. */
const char *http_header(const struct http_call *c, const char *name);
/* Body bytes; valid until the answer. */
const char *http_body(const struct http_call *c, size_t *len);
/* Decoded value of a query parameter. ERR_NOT_FOUND, ERR_RANGE (longer than cap-1), ERR_SYNTAX.
 */
must_check enum err http_query(const struct http_call *c, const char *key, char *out,
                               size_t cap);
/* Calls fn for each query parameter's name until it returns false; false if one of them did. */
bool http_query_names(const struct http_call *c, bool (*fn)(const char *name, void *arg),
                      void *arg);

/* A further header of the answer; name and value must not contain line ends. */
void http_answer_header(struct http_call *c, const char *name, const char *value);
/* Answers and ends the call; data is copied. */
void http_answer(struct http_call *c, int status, const char *type, const void *data,
                 size_t len);

/* Turns the answer into a stream of server-sent events. ERR_FULL: HTTP_STREAMS_MAX are open
 * (the call is still to be answered). */
must_check enum err http_stream(struct http_call *c);
/* Sends one event; data holds no line end. ERR_CLOSED: the client has gone; ERR_FULL: it is too
 * far behind and has been dropped. On error the call has ended. */
must_check enum err http_stream_send(struct http_call *c, const char *data, size_t len);
#endif
