/* Frames between roles: the event-driven end over a stream and the blocking end over a
 * descriptor. Runs in every role; a link owns its stream and one payload buffer. */
#include "controller/base/msg.h"
#include "controller/base/log.h"
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUF_KEEP_MAX = 64 * 1024 }; /* a larger buffer is given back after its frame */

static_assert(sizeof(struct msg_head) == 16, "the head has no holes");

struct msg_link {
    struct stream *stream; /* NULL after a broken frame */
    enum role self;
    msg_fn *on_msg;
    msg_gone_fn *on_gone;
    void *arg;
    void *buf;
    size_t cap;
    uint64_t dropped;
    bool busy;   /* a callback of the owner runs */
    bool closed; /* msg_close() came while busy */
};

static void link_free(struct msg_link *k)
{
    free(k->buf);
    free(k);
}

/* After a callback: true if the owner has closed the link, which is freed then. */
static bool link_ended(struct msg_link *k)
{
    k->busy = false;
    if (k->closed) {
        link_free(k);
        return true;
    }
    return false;
}

static void say_gone(struct msg_link *k)
{
    k->busy = true;
    k->on_gone(k, k->arg);
    (void)link_ended(k);
}

static enum err head_check(const struct msg_head *h)
{
    if (h->version != MSG_VERSION) {
        return ERR_VERSION;
    }
    return h->len <= MSG_LEN_MAX && h->from < ROLE_COUNT && h->to < ROLE_COUNT ? ERR_OK
                                                                               : ERR_PROTOCOL;
}

/* Room for n payload bytes. */
static bool buf_room(struct msg_link *k, size_t n)
{
    if (n <= k->cap) {
        return true;
    }
    /* Nothing in it is worth keeping, so no realloc(). */
    size_t cap = n < 1024 ? 1024 : n;
    void *buf = malloc(cap);
    if (buf == NULL) {
        return false;
    }
    free(k->buf);
    k->buf = buf;
    k->cap = cap;
    return true;
}

static void buf_shrink(struct msg_link *k)
{
    if (k->cap > BUF_KEEP_MAX) {
        free(k->buf);
        k->buf = NULL;
        k->cap = 0;
    }
}

static void link_break(struct msg_link *k, const struct msg_head *h, enum err why)
{
    log_line(LOG_ERROR, "frame_refused", "why=%s version=%u type=%u from=%u to=%u len=%u",
             err_name(why), h->version, h->type, h->from, h->to, h->len);
    stream_close(k->stream);
    k->stream = NULL;
    say_gone(k);
}

static void frames_read(struct stream *s, void *arg)
{
    struct msg_link *k = arg;
    struct msg_head h;
    while (stream_peek(s, &h, sizeof h) == sizeof h) {
        enum err e = head_check(&h);
        if (e == ERR_OK && stream_ready(s) - sizeof h < h.len) {
            return;
        }
        if (e == ERR_OK && !buf_room(k, h.len)) {
            e = ERR_NOMEM;
        }
        if (e != ERR_OK) {
            link_break(k, &h, e);
            return;
        }
        (void)stream_take(s, &h, sizeof h);
        (void)stream_take(s, k->buf, h.len);
        k->busy = true;
        k->on_msg(k, &h, k->buf, k->arg);
        if (link_ended(k)) {
            return;
        }
        buf_shrink(k);
    }
}

static void stream_gone(struct stream *s, void *arg)
{
    (void)s;
    say_gone(arg);
}

static const struct stream_hooks hooks = {.on_data = frames_read, .on_gone = stream_gone};

enum err msg_open(struct loop *l, int fd, enum role self, size_t out_max, msg_fn *on_msg,
                  msg_gone_fn *on_gone, void *arg, struct msg_link **out)
{
    struct msg_link *k = calloc(1, sizeof *k);
    if (k == NULL) {
        return ERR_NOMEM;
    }
    *k = (struct msg_link){.self = self, .on_msg = on_msg, .on_gone = on_gone, .arg = arg};
    size_t in_max = sizeof(struct msg_head) + MSG_LEN_MAX;
    enum err e = stream_open(l, fd, in_max, out_max, &hooks, k, &k->stream);
    if (e != ERR_OK) {
        free(k);
        return e;
    }
    *out = k;
    return ERR_OK;
}

void msg_close(struct msg_link *k)
{
    if (k == NULL || k->closed) {
        return;
    }
    stream_close(k->stream);
    k->stream = NULL;
    k->closed = true;
    if (!k->busy) {
        link_free(k);
    }
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

/* A head of our own; len has been checked. */
static struct msg_head head_make(enum role self, enum role to, uint16_t type, uint32_t seq,
                                 size_t len)
{
    return (struct msg_head){.version = MSG_VERSION,
                             .type = type,
                             .from = (uint8_t)self,
                             .to = (uint8_t)to,
                             .seq = seq,
                             .len = (uint32_t)len};
}

enum err msg_send(struct msg_link *k, enum role to, uint16_t type, uint32_t seq,
                  const void *payload, size_t len)
{
    if (len > MSG_LEN_MAX) {
        return ERR_RANGE;
    }
    struct msg_head h = head_make(k->self, to, type, seq, len);
    return msg_forward(k, &h, payload);
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

enum err msg_send_blocking(int fd, enum role self, enum role to, uint16_t type, uint32_t seq,
                           const void *payload, size_t len)
{
    if (len > MSG_LEN_MAX) {
        return ERR_RANGE;
    }
    struct msg_head h = head_make(self, to, type, seq, len);
    enum err e = write_all(fd, &h, sizeof h);
    return e == ERR_OK ? write_all(fd, payload, len) : e;
}
