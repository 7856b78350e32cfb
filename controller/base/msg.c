/* Frames between roles: the event-driven end over a stream and the blocking end over a
 * descriptor. Runs in every role; a link owns its stream; it and its payload buffer lie in an
 * arena of the caller's. */
#include "controller/base/msg.h"
#include "controller/base/log.h"
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static_assert(sizeof(struct msg_head) == 16, "the head has no holes");

struct msg_link {
    struct stream *stream; /* NULL after a broken frame */
    enum role self;
    msg_fn *on_msg;
    msg_gone_fn *on_gone;
    void *arg;
    msg_tap_fn *tap; /* NULL: none */
    void *tap_arg;
    void *buf; /* in_max bytes */
    size_t in_max;
    uint64_t dropped;
    bool closed; /* perhaps by a callback that still runs */
};

static enum err head_check(const struct msg_head *h)
{
    if (h->version != MSG_VERSION) {
        return ERR_VERSION;
    }
    return h->len <= MSG_LEN_MAX && h->from < ROLE_COUNT && h->to < ROLE_COUNT ? ERR_OK
                                                                               : ERR_PROTOCOL;
}

static void link_break(struct msg_link *k, const struct msg_head *h, enum err why)
{
    log_line(LOG_ERROR, "frame_refused", "why=%s version=%u type=%u from=%u to=%u len=%u",
             err_name(why), h->version, h->type, h->from, h->to, h->len);
    stream_close(k->stream);
    k->stream = NULL;
    k->on_gone(k, k->arg);
}

static void frames_read(struct stream *s, void *arg)
{
    struct msg_link *k = arg;
    struct msg_head h;
    while (stream_peek(s, &h, sizeof h) == sizeof h) {
        enum err e = head_check(&h);
        if (e == ERR_OK && h.len > k->in_max) {
            e = ERR_RANGE;
        }
        if (e == ERR_OK && stream_ready(s) - sizeof h < h.len) {
            return;
        }
        if (e != ERR_OK) {
            link_break(k, &h, e);
            return;
        }
        (void)stream_take(s, &h, sizeof h);
        (void)stream_take(s, k->buf, h.len);
        if (k->tap == NULL || !k->tap(k->tap_arg, &h, k->buf)) {
            k->on_msg(k, &h, k->buf, k->arg);
        }
        if (k->closed) {
            return;
        }
    }
}

static void stream_gone(struct stream *s, void *arg)
{
    struct msg_link *k = arg;
    (void)s;
    k->on_gone(k, k->arg);
}

static const struct stream_hooks hooks = {.on_data = frames_read, .on_gone = stream_gone};

enum err msg_open(struct loop *l, int fd, const struct msg_spec *spec, struct msg_link **out)
{
    must(spec->in_max <= MSG_LEN_MAX);
    struct msg_link *k = arena_take(spec->arena, 1, sizeof *k);
    void *buf = arena_take(spec->arena, 1, spec->in_max);
    if (k == NULL || buf == NULL) {
        return ERR_NOMEM;
    }
    *k = (struct msg_link){.self = spec->self,
                           .on_msg = spec->on_msg,
                           .on_gone = spec->on_gone,
                           .arg = spec->arg,
                           .buf = buf,
                           .in_max = spec->in_max};
    struct stream_spec stream = {.in_max = sizeof(struct msg_head) + spec->in_max,
                                 .out_max = spec->out_max,
                                 .hooks = &hooks,
                                 .at_once = spec->at_once,
                                 .arg = k};
    enum err e = stream_open(l, fd, &stream, &k->stream);
    if (e == ERR_OK) {
        *out = k;
    }
    return e;
}

void msg_tap(struct msg_link *k, msg_tap_fn *fn, void *arg)
{
    k->tap = fn;
    k->tap_arg = arg;
}

void msg_close(struct msg_link *k)
{
    if (k == NULL || k->closed) {
        return;
    }
    stream_close(k->stream);
    k->stream = NULL;
    k->closed = true;
}

enum err msg_forward(struct msg_link *k, const struct msg_head *head, const void *payload)
{
    if (head->len > MSG_LEN_MAX) {
        return ERR_RANGE;
    }
    if (k->stream == NULL) {
        return ERR_CLOSED;
    }
    struct iovec parts[2] = {
        {.iov_base = (void *)(uintptr_t)head,    .iov_len = sizeof *head},
        {.iov_base = (void *)(uintptr_t)payload, .iov_len = head->len   },
    };
    enum err e = stream_write_parts(k->stream, parts, head->len > 0 ? 2 : 1);
    if (e == ERR_FULL || e == ERR_NOMEM) {
        k->dropped++;
    }
    return e;
}

enum err msg_send(struct msg_link *k, struct msg_head head, const void *payload)
{
    head.from = (uint8_t)k->self;
    return msg_forward(k, &head, payload);
}

uint64_t msg_dropped(const struct msg_link *k)
{
    return k->dropped;
}

/* ---- The blocking end ---- */

/* After a failed call: true if it is worth calling again (waits when the socket does not
 * block). */
static bool retry(int fd, short what)
{
    if (errno == EINTR) {
        return true;
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
        return false;
    }
    struct pollfd p = {.fd = fd, .events = what};
    return poll(&p, 1, -1) >= 0 || errno == EINTR;
}

static enum err read_all(int fd, void *out, size_t n)
{
    unsigned char *at = out;
    while (n > 0) {
        ssize_t got = read(fd, at, n);
        if (got == 0 || (got < 0 && errno == ECONNRESET)) {
            return ERR_CLOSED;
        }
        if (got > 0) {
            at += got;
            n -= (size_t)got;
        } else if (!retry(fd, POLLIN)) {
            return ERR_IO;
        }
    }
    return ERR_OK;
}

static enum err write_all(int fd, const void *data, size_t n)
{
    const unsigned char *at = data;
    while (n > 0) {
        ssize_t put = send(fd, at, n, MSG_NOSIGNAL);
        if (put < 0 && (errno == EPIPE || errno == ECONNRESET)) {
            return ERR_CLOSED;
        }
        if (put >= 0) {
            at += put;
            n -= (size_t)put;
        } else if (!retry(fd, POLLOUT)) {
            return ERR_IO;
        }
    }
    return ERR_OK;
}

/* Reads away n payload bytes that do not fit, so that the next frame is found. */
static enum err read_away(int fd, size_t n)
{
    unsigned char waste[4096];
    enum err e = ERR_OK;
    while (n > 0 && e == ERR_OK) {
        size_t part = n < sizeof waste ? n : sizeof waste;
        e = read_all(fd, waste, part);
        n -= part;
    }
    return e;
}

enum err msg_recv_blocking(int fd, struct msg_head *head, void *buf, size_t cap)
{
    struct msg_head h;
    enum err e = read_all(fd, &h, sizeof h);
    if (e != ERR_OK) {
        return e;
    }
    if (head_check(&h) != ERR_OK) {
        return ERR_PROTOCOL;
    }
    if (h.len > cap) {
        e = read_away(fd, h.len);
        return e == ERR_OK ? ERR_RANGE : e;
    }
    e = read_all(fd, buf, h.len);
    if (e == ERR_OK) {
        *head = h;
    }
    return e;
}

enum err msg_send_blocking(int fd, struct msg_head head, const void *payload)
{
    must(head.from < ROLE_COUNT);
    if (head.len > MSG_LEN_MAX) {
        return ERR_RANGE;
    }
    enum err e = write_all(fd, &head, sizeof head);
    return e == ERR_OK ? write_all(fd, payload, head.len) : e;
}
