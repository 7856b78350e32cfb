/* Buffered sockets over libevent's bufferevent, bounded both ways. Runs wherever msg.c or the
 * simulator does; a stream owns its descriptor. */
#include "controller/base/stream.h"
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/util.h>
#include <stdlib.h>

/* Most bytes taken from the socket before the loop sees to others. */
enum { READ_ONCE_MAX = 128 * 1024 };

struct stream {
    struct bufferevent *bev; /* NULL once closed */
    size_t in_max, out_max;
    const struct stream_hooks *hooks;
    void *arg;
    bool at_once;
    bool busy; /* a hook runs: the struct must outlive it */
    bool gone; /* on_gone has been called */
    bool full; /* in_max bytes wait: reading pauses */
};

/* Lets the socket give as much as there is room for. Not libevent's own high mark: it calls the
 * reader again and again while the buffer is full, which burns the processor when the owner
 * waits. */
static void reading_adjust(struct stream *s)
{
    size_t room = s->in_max - evbuffer_get_length(bufferevent_get_input(s->bev));
    bool full = room == 0;
    if (!full) {
        (void)bufferevent_set_max_single_read(s->bev,
                                              room < READ_ONCE_MAX ? room : READ_ONCE_MAX);
    }
    if (full != s->full) {
        s->full = full;
        (void)(full ? bufferevent_disable(s->bev, EV_READ)
                    : bufferevent_enable(s->bev, EV_READ));
    }
}

/* Runs one hook; frees the stream afterwards if it was closed inside. */
static void call(struct stream *s, void (*hook)(struct stream *s, void *arg))
{
    bool outer = s->busy;
    s->busy = true;
    hook(s, s->arg);
    s->busy = outer;
    if (s->bev == NULL && !outer) {
        free(s);
    }
}

static void data_came(struct bufferevent *bev, void *arg)
{
    (void)bev;
    struct stream *s = arg;
    reading_adjust(s); /* before: the hook may free the stream */
    call(s, s->hooks->on_data);
}

static void event_came(struct bufferevent *bev, short what, void *arg)
{
    struct stream *s = arg;
    if (s->gone || (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) == 0) {
        return;
    }
    s->gone = true;
    (void)bufferevent_disable(bev, EV_READ | EV_WRITE);
    call(s, s->hooks->on_gone);
}

enum err stream_open(struct loop *l, int fd, const struct stream_spec *spec,
                     struct stream **out)
{
    if (evutil_make_socket_nonblocking(fd) != 0) {
        return ERR_IO;
    }
    struct stream *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return ERR_NOMEM;
    }
    *s = (struct stream){.in_max = spec->in_max,
                         .out_max = spec->out_max,
                         .hooks = spec->hooks,
                         .at_once = spec->at_once || loop_clock(l)->granted,
                         .arg = spec->arg};
    s->bev = bufferevent_socket_new(loop_base(l), fd, 0);
    if (s->bev == NULL) {
        free(s);
        return ERR_NOMEM;
    }
    bufferevent_setcb(s->bev, data_came, NULL, event_came, s);
    reading_adjust(s);
    (void)bufferevent_set_max_single_write(s->bev, READ_ONCE_MAX);
    if (bufferevent_enable(s->bev, EV_READ | EV_WRITE) != 0) {
        bufferevent_free(s->bev);
        free(s);
        return ERR_IO;
    }
    *out = s;
    return ERR_OK;
}

/* One more write without waiting, so that a last word is usually heard. */
static void flush_once(struct stream *s)
{
    struct evbuffer *output = bufferevent_get_output(s->bev);
    if (!s->gone && evbuffer_get_length(output) > 0) {
        (void)evbuffer_unfreeze(output, 1);
        (void)evbuffer_write(output, bufferevent_getfd(s->bev));
    }
}

void stream_close(struct stream *s)
{
    if (s == NULL || s->bev == NULL) {
        return;
    }
    flush_once(s);
    /* Closed here and not by libevent, which would defer it to the end of its callback. */
    int fd = bufferevent_getfd(s->bev);
    (void)bufferevent_disable(s->bev, EV_READ | EV_WRITE);
    bufferevent_setcb(s->bev, NULL, NULL, NULL, NULL);
    (void)bufferevent_setfd(s->bev, -1);
    bufferevent_free(s->bev);
    (void)evutil_closesocket(fd);
    s->bev = NULL;
    if (!s->busy) {
        free(s);
    }
}

size_t stream_ready(const struct stream *s)
{
    return s->bev == NULL ? 0 : evbuffer_get_length(bufferevent_get_input(s->bev));
}

size_t stream_peek(struct stream *s, void *out, size_t n)
{
    if (s->bev == NULL) {
        return 0;
    }
    ev_ssize_t got = evbuffer_copyout(bufferevent_get_input(s->bev), out, n);
    return got < 0 ? 0 : (size_t)got;
}

size_t stream_take(struct stream *s, void *out, size_t n)
{
    if (s->bev == NULL) {
        return 0;
    }
    size_t got = bufferevent_read(s->bev, out, n);
    if (!s->gone) {
        reading_adjust(s);
    }
    return got;
}

/* What the socket takes at once, without the loop; 0 also on errors, which the loop will meet
 * again. Saves a round through the loop and three system calls per message. */
static size_t write_now(struct stream *s, const struct iovec *parts, int n)
{
    if (!s->at_once || evbuffer_get_length(bufferevent_get_output(s->bev)) > 0) {
        return 0;
    }
    ssize_t sent = writev(bufferevent_getfd(s->bev), parts, n);
    return sent > 0 ? (size_t)sent : 0;
}

enum err stream_write_parts(struct stream *s, const struct iovec *parts, int n)
{
    if (s->bev == NULL || s->gone) {
        return ERR_CLOSED;
    }
    struct evbuffer *output = bufferevent_get_output(s->bev);
    size_t room = s->out_max - evbuffer_get_length(output);
    size_t total = 0;
    for (int i = 0; i < n; i++) {
        if (parts[i].iov_len > room - total) {
            return ERR_FULL;
        }
        total += parts[i].iov_len;
    }
    /* Room for all first: what follows cannot stop half way. */
    if (evbuffer_expand(output, total) != 0) {
        return ERR_NOMEM;
    }
    size_t sent = write_now(s, parts, n);
    for (int i = 0; i < n; i++) {
        size_t done = sent < parts[i].iov_len ? sent : parts[i].iov_len;
        const char *rest = (const char *)parts[i].iov_base + done;
        sent -= done;
        must(evbuffer_add(output, rest, parts[i].iov_len - done) == 0);
    }
    return ERR_OK;
}

enum err stream_write(struct stream *s, const void *data, size_t n)
{
    struct iovec part = {.iov_base = (void *)(uintptr_t)data, .iov_len = n};
    return stream_write_parts(s, &part, 1);
}

size_t stream_pending(const struct stream *s)
{
    return s->bev == NULL ? 0 : evbuffer_get_length(bufferevent_get_output(s->bev));
}

int stream_fd(const struct stream *s)
{
    return s->bev == NULL ? -1 : bufferevent_getfd(s->bev);
}
