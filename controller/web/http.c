/* libevent's evhttp behind one file. Runs in the web role.
 *
 * evhttp 2.1 has no connection cap and restarts its timeout with each byte. Both are done here:
 * each connection's bufferevent is made by us and kept in a table with a second reference; a
 * sweep sees which of them evhttp has given up (no callbacks left), and cuts those that have
 * taken too long. */
#include "controller/web/http.h"
#include "controller/base/log.h"
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { CALLS_MAX = 2 * HTTP_CONNECTIONS_MAX, SWEEP_MS = 250, BACKLOG = 64 };

struct conn {
    struct http *http;
    struct bufferevent *bev; /* NULL: free slot */
    struct evbuffer_cb_entry *entry;
    int64_t idle_us;  /* waits for a request since */
    int64_t first_us; /* first byte of the request under way; 0 = none */
    bool busy;        /* with us, or being answered as a stream */
    uint32_t number;  /* of this connection; slots are used again */
};

struct http_call {
    struct http *http;
    struct evhttp_request *req; /* NULL: free slot */
    struct conn *conn;
    uint32_t conn_number;
    char path[HTTP_PATH_MAX];
    struct evkeyvalq query;
    bool query_ok;
    bool streams;
    bool gone;
};

struct http {
    struct loop *loop;
    struct evhttp *evhttp;
    struct evconnlistener *listener;
    struct loop_timer *sweep;
    http_fn *fn;
    void *arg;
    int port;
    int connections, streams;
    bool paused;
    uint32_t accepted;
    uint64_t refused;
    struct conn conn[HTTP_CONNECTIONS_MAX];
    struct http_call call[CALLS_MAX];
};

/* ---- Connections ---- */

static void on_bytes(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *arg)
{
    struct conn *c = arg;
    (void)buffer;
    if (info->n_added > 0 && !c->busy && c->first_us == 0) {
        c->first_us = clock_real_us();
    }
}

static struct bufferevent *on_connection(struct event_base *base, void *arg)
{
    struct http *h = arg;
    for (int i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        struct conn *c = &h->conn[i];
        if (c->bev != NULL) {
            continue;
        }
        struct bufferevent *bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
        if (bev == NULL) {
            return NULL;
        }
        *c = (struct conn){
            .http = h, .bev = bev, .idle_us = clock_real_us(), .number = ++h->accepted};
        c->entry = evbuffer_add_cb(bufferevent_get_input(bev), on_bytes, c);
        bufferevent_incref(bev);
        h->connections++;
        if (h->connections == HTTP_CONNECTIONS_MAX) {
            h->paused = true;
            (void)evconnlistener_disable(h->listener);
        }
        return bev;
    }
    return NULL; /* evhttp makes its own; the request is refused as it has no slot */
}

/* evhttp takes its callbacks off a bufferevent when it frees it. */
static bool given_up(const struct conn *c)
{
    bufferevent_data_cb on_read = NULL;
    bufferevent_event_cb on_event = NULL;
    bufferevent_getcb(c->bev, &on_read, NULL, &on_event, NULL);
    return on_read == NULL && on_event == NULL;
}

static void conn_release(struct conn *c)
{
    struct bufferevent *bev = c->bev;
    (void)evbuffer_remove_cb_entry(bufferevent_get_input(bev), c->entry);
    c->bev = NULL;
    c->http->connections--;
    (void)bufferevent_decref(bev);
}

/* evhttp sees the end of the connection and cleans up by itself. */
static void conn_cut(const struct conn *c)
{
    evutil_socket_t fd = bufferevent_getfd(c->bev);
    if (fd >= 0) {
        (void)shutdown(fd, SHUT_RDWR);
    }
}

static bool too_late(const struct conn *c, int64_t now_us)
{
    if (c->busy) {
        return false;
    }
    return c->first_us != 0 ? now_us - c->first_us > HTTP_REQUEST_S * 1000000LL
                            : now_us - c->idle_us > HTTP_IDLE_S * 1000000LL;
}

static void on_sweep(void *arg)
{
    struct http *h = arg;
    int64_t now_us = clock_real_us();
    for (int i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        struct conn *c = &h->conn[i];
        if (c->bev == NULL) {
            continue;
        }
        if (given_up(c)) {
            conn_release(c);
        } else if (too_late(c, now_us)) {
            h->refused++;
            conn_cut(c);
        }
    }
    if (h->paused && h->connections < HTTP_CONNECTIONS_MAX) {
        h->paused = false;
        (void)evconnlistener_enable(h->listener);
    }
}

/* ---- Calls ---- */

static struct conn *conn_of(struct http *h, struct evhttp_request *req)
{
    struct evhttp_connection *ec = evhttp_request_get_connection(req);
    struct bufferevent *bev = ec != NULL ? evhttp_connection_get_bufferevent(ec) : NULL;
    for (int i = 0; i < HTTP_CONNECTIONS_MAX && bev != NULL; i++) {
        if (h->conn[i].bev == bev) {
            return &h->conn[i];
        }
    }
    return NULL;
}

static struct http_call *free_call(struct http *h)
{
    for (int i = 0; i < CALLS_MAX; i++) {
        if (h->call[i].req == NULL) {
            return &h->call[i];
        }
    }
    return NULL;
}

/* Percent-decodes; false for a hidden NUL or too long a text. */
static bool decode(const char *text, bool plus, char *out, size_t cap)
{
    size_t len = 0;
    char *plain = evhttp_uridecode(text, plus, &len);
    bool ok = plain != NULL && len < cap && strlen(plain) == len;
    if (ok) {
        memcpy(out, plain, len + 1);
    }
    free(plain);
    return ok;
}

static bool has_nul(const char *query)
{
    return query != NULL && strstr(query, "%00") != NULL;
}

/* The call's connection, NULL once it has gone. */
static struct conn *own_conn(const struct http_call *c)
{
    bool there = c->conn->bev != NULL && c->conn->number == c->conn_number;
    return there && !c->gone ? c->conn : NULL;
}

static void call_free(struct http_call *c)
{
    struct conn *conn = own_conn(c);
    if (c->streams) {
        c->http->streams--;
    }
    if (conn != NULL) {
        conn->busy = false;
        conn->first_us = 0;
        conn->idle_us = clock_real_us();
    }
    evhttp_clear_headers(&c->query);
    c->req = NULL;
}

static void on_request(struct evhttp_request *req, void *arg)
{
    struct http *h = arg;
    struct conn *conn = conn_of(h, req);
    struct http_call *c = free_call(h);
    if (conn == NULL || c == NULL) {
        h->refused++;
        evhttp_send_reply(req, HTTP_SERVUNAVAIL, NULL, NULL);
        return;
    }
    memset(c, 0, sizeof *c);
    c->http = h;
    c->req = req;
    c->conn = conn;
    c->conn_number = conn->number;
    conn->busy = true;
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(req);
    const char *path = uri != NULL ? evhttp_uri_get_path(uri) : NULL;
    const char *query = uri != NULL ? evhttp_uri_get_query(uri) : NULL;
    if (path == NULL || !decode(path, false, c->path, sizeof c->path)) {
        c->path[0] = '\0';
    }
    c->query_ok =
        !has_nul(query) && evhttp_parse_query_str(query != NULL ? query : "", &c->query) == 0;
    h->fn(c, h->arg);
}

enum http_method http_method(const struct http_call *c)
{
    enum evhttp_cmd_type type = evhttp_request_get_command(c->req);
    return type == EVHTTP_REQ_GET      ? HTTP_GET
           : type == EVHTTP_REQ_POST   ? HTTP_POST
           : type == EVHTTP_REQ_DELETE ? HTTP_DELETE
                                       : HTTP_OTHER;
}

const char *http_path(const struct http_call *c)
{
    return c->path;
}

const char *http_header(const struct http_call *c, const char *name)
{
    return evhttp_find_header(evhttp_request_get_input_headers(c->req), name);
}

const char *http_body(const struct http_call *c, size_t *len)
{
    struct evbuffer *b = evhttp_request_get_input_buffer(c->req);
    *len = evbuffer_get_length(b);
    const void *bytes = *len > 0 ? evbuffer_pullup(b, -1) : NULL;
    if (bytes == NULL) {
        *len = 0;
        return "";
    }
    return bytes;
}

enum err http_query(const struct http_call *c, const char *key, char *out, size_t cap)
{
    if (!c->query_ok) {
        return ERR_SYNTAX;
    }
    const char *value = evhttp_find_header(&c->query, key);
    if (value == NULL) {
        return ERR_NOT_FOUND;
    }
    size_t len = strlen(value);
    if (len >= cap) {
        return ERR_RANGE;
    }
    memcpy(out, value, len + 1);
    return ERR_OK;
}

bool http_query_names(const struct http_call *c, bool (*fn)(const char *name, void *arg),
                      void *arg)
{
    const struct evkeyval *kv = c->query_ok ? c->query.tqh_first : NULL;
    for (; kv != NULL; kv = kv->next.tqe_next) {
        if (!fn(kv->key, arg)) {
            return false;
        }
    }
    return true;
}

/* ---- Answers ---- */

void http_answer_header(struct http_call *c, const char *name, const char *value)
{
    if (evhttp_add_header(evhttp_request_get_output_headers(c->req), name, value) != 0) {
        log_line(LOG_WARN, "header_refused", "name=%s", name);
    }
}

/* The page may load from its own origin only and be shown in no frame. */
static void fixed_headers(struct http_call *c, const char *type)
{
    static const char *const table[][2] = {
        {"X-Content-Type-Options",       "nosniff"                                        },
        {"X-Frame-Options",              "DENY"                                           },
        {"Referrer-Policy",              "no-referrer"                                    },
        {"Cross-Origin-Resource-Policy", "same-origin"                                    },
        {"Content-Security-Policy",
         "default-src 'self'; img-src 'self' data:;"
         " object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        http_answer_header(c, table[i][0], table[i][1]);
    }
    http_answer_header(c, "Content-Type", type);
    struct evkeyvalq *out = evhttp_request_get_output_headers(c->req);
    if (evhttp_find_header(out, "Cache-Control") == NULL) {
        http_answer_header(c, "Cache-Control", "no-store");
    }
}

void http_answer(struct http_call *c, int status, const char *type, const void *data,
                 size_t len)
{
    struct evbuffer *body = evbuffer_new();
    fixed_headers(c, type);
    if (body == NULL || evbuffer_add(body, data, len) != 0) {
        evhttp_send_reply(c->req, HTTP_SERVUNAVAIL, NULL, NULL);
    } else {
        evhttp_send_reply(c->req, status, NULL, body);
    }
    if (body != NULL) {
        evbuffer_free(body);
    }
    call_free(c);
}

/* evhttp has taken the request off its connection before it says so; freeing it is left to us.
 */
static void on_stream_gone(struct evhttp_connection *ec, void *arg)
{
    struct http_call *c = arg;
    (void)ec;
    c->gone = true;
}

enum err http_stream(struct http_call *c)
{
    if (c->http->streams >= HTTP_STREAMS_MAX) {
        return ERR_FULL;
    }
    struct evhttp_connection *ec = evhttp_request_get_connection(c->req);
    c->http->streams++;
    c->streams = true;
    fixed_headers(c, "text/event-stream; charset=utf-8");
    evhttp_send_reply_start(c->req, HTTP_OK, NULL);
    if (ec != NULL) {
        evhttp_connection_set_closecb(ec, on_stream_gone, c);
    } else {
        c->gone = true;
    }
    return ERR_OK;
}

static void stream_end(struct http_call *c)
{
    struct evhttp_connection *ec = evhttp_request_get_connection(c->req);
    if (ec != NULL) {
        evhttp_connection_set_closecb(ec, NULL, NULL);
    }
    evhttp_send_reply_end(c->req);
    call_free(c);
}

enum err http_stream_send(struct http_call *c, const char *data, size_t len)
{
    struct conn *conn = own_conn(c);
    if (conn == NULL || evhttp_request_get_connection(c->req) == NULL) {
        c->gone = true;
        stream_end(c);
        return ERR_CLOSED;
    }
    if (evbuffer_get_length(bufferevent_get_output(conn->bev)) > HTTP_BEHIND_MAX) {
        c->http->refused++;
        conn_cut(conn);
        stream_end(c);
        return ERR_FULL;
    }
    struct evbuffer *piece = evbuffer_new();
    if (piece != NULL && evbuffer_add(piece, "data: ", 6) == 0 &&
        evbuffer_add(piece, data, len) == 0 && evbuffer_add(piece, "\n\n", 2) == 0) {
        evhttp_send_reply_chunk(c->req, piece);
    }
    if (piece != NULL) {
        evbuffer_free(piece);
    }
    return ERR_OK;
}

/* ---- The server ---- */

static void tune(struct http *h)
{
    evhttp_set_max_headers_size(h->evhttp, HTTP_HEAD_MAX);
    evhttp_set_max_body_size(h->evhttp, HTTP_BODY_MAX);
    evhttp_set_timeout(h->evhttp, HTTP_IDLE_S);
    evhttp_set_default_content_type(h->evhttp, NULL);
    evhttp_set_allowed_methods(h->evhttp, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_DELETE |
                                              EVHTTP_REQ_PUT | EVHTTP_REQ_PATCH |
                                              EVHTTP_REQ_OPTIONS | EVHTTP_REQ_HEAD);
    evhttp_set_bevcb(h->evhttp, on_connection, h);
    evhttp_set_gencb(h->evhttp, on_request, h);
}

static enum err listen_on(struct http *h, const char *host, int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    socklen_t len = sizeof at;
    if (port < 0 || port > 65535 || inet_pton(AF_INET, host, &at.sin_addr) != 1) {
        return ERR_RANGE;
    }
    h->listener = evconnlistener_new_bind(loop_base(h->loop), NULL, NULL,
                                          LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC |
                                              LEV_OPT_REUSEABLE,
                                          BACKLOG, (struct sockaddr *)&at, (int)sizeof at);
    if (h->listener == NULL) {
        return ERR_IO;
    }
    if (getsockname(evconnlistener_get_fd(h->listener), (struct sockaddr *)&at, &len) != 0) {
        return ERR_IO;
    }
    h->port = ntohs(at.sin_port);
    /* evhttp owns the listener from here on */
    return evhttp_bind_listener(h->evhttp, h->listener) != NULL ? ERR_OK : ERR_NOMEM;
}

enum err http_open(struct loop *l, struct http_at at, http_fn *fn, void *arg, struct http **out)
{
    struct http *h = calloc(1, sizeof *h);
    if (h == NULL) {
        return ERR_NOMEM;
    }
    h->loop = l;
    h->fn = fn;
    h->arg = arg;
    h->evhttp = evhttp_new(loop_base(l));
    enum err rc = h->evhttp != NULL ? ERR_OK : ERR_NOMEM;
    if (rc == ERR_OK) {
        tune(h);
        rc = listen_on(h, at.host, at.port);
    }
    rc = rc == ERR_OK ? loop_timer_open(l, on_sweep, h, &h->sweep) : rc;
    if (rc != ERR_OK) {
        http_close(h);
        return rc;
    }
    loop_timer_every(h->sweep, MONO_S(SWEEP_MS / 1000.0 * loop_clock(l)->speed));
    *out = h;
    return ERR_OK;
}

void http_close(struct http *h)
{
    if (h == NULL) {
        return;
    }
    for (int i = 0; i < CALLS_MAX; i++) {
        struct http_call *c = &h->call[i];
        if (c->req == NULL) {
            continue;
        }
        struct evhttp_connection *ec = evhttp_request_get_connection(c->req);
        if (ec == NULL) {
            evhttp_send_reply_end(c->req); /* only frees it */
        } else {
            evhttp_connection_set_closecb(ec, NULL, NULL);
        }
        call_free(c);
    }
    if (h->evhttp != NULL) {
        evhttp_free(h->evhttp);
    }
    for (int i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        if (h->conn[i].bev != NULL) {
            conn_release(&h->conn[i]);
        }
    }
    if (h->sweep != NULL) {
        loop_timer_close(h->sweep);
    }
    free(h);
}

int http_port(const struct http *h)
{
    return h->port;
}

int http_connections(const struct http *h)
{
    return h->connections;
}

uint64_t http_refused(const struct http *h)
{
    return h->refused;
}
