/* Buffered non-blocking sockets and listeners: libevent's bufferevent behind one file, with a
 * bound on what is read ahead and on what waits to be sent. Used by msg.c, the simulator and
 * its control socket. A stream owns its descriptor. */
#ifndef KILNWATT_BASE_STREAM_H
#define KILNWATT_BASE_STREAM_H

#include "controller/base/loop.h"
#include <sys/uio.h>

struct stream;
struct listener;

struct stream_hooks {
    /* Bytes have arrived; take what is complete, leave the rest. The stream may be closed here.
     */
    void (*on_data)(struct stream *s, void *arg);
    /* The other side has gone or the socket failed; called once; close the stream here. Not
     * noticed while in_max bytes wait to be taken. */
    void (*on_gone)(struct stream *s, void *arg);
};

struct stream_spec {
    size_t in_max;                    /* bytes read ahead at the most */
    size_t out_max;                   /* bytes that may wait to be sent */
    const struct stream_hooks *hooks; /* must outlive the stream */
    void *arg;                        /* handed to the hooks */
    bool at_once; /* writes go to the socket in the call as far as it takes them, not from the
                     loop; so in every loop of a granted clock, where a round more costs time */
};

/* Takes over a connected stream socket and makes it non-blocking. On error (ERR_IO, ERR_NOMEM)
 * fd stays the caller's. */
must_check enum err stream_open(struct loop *l, int fd, const struct stream_spec *spec,
                                struct stream **out);
/* What is queued is offered to the socket once more, then dropped. NULL is allowed. */
void stream_close(struct stream *s);
/* Bytes waiting to be read. */
size_t stream_ready(const struct stream *s);
/* Copies up to n waiting bytes without taking them; returns how many. */
size_t stream_peek(struct stream *s, void *out, size_t n);
/* Copies and takes up to n waiting bytes; returns how many. */
size_t stream_take(struct stream *s, void *out, size_t n);
/* Queues n bytes. ERR_FULL (nothing queued) when out_max would be passed; ERR_CLOSED after
 * on_gone; ERR_NOMEM (nothing queued). */
must_check enum err stream_write(struct stream *s, const void *data, size_t n);
/* Queues the bytes of n parts, all or nothing; errors as above. */
must_check enum err stream_write_parts(struct stream *s, const struct iovec *parts, int n);
/* Bytes queued and not yet sent. */
size_t stream_pending(const struct stream *s);
int stream_fd(const struct stream *s);

/* Takes over fd, a new connection (non-blocking, close-on-exec). */
typedef void listener_fn(int fd, void *arg);
/* Whom a listener tells. */
struct listener_hook {
    listener_fn *fn;
    void *arg;
};
/* TCP on a numeric IPv4 host; port 0 picks one. reuse-address on. ERR_IO with errno kept. */
must_check enum err listener_open_tcp(struct loop *l, const char *host, uint16_t port,
                                      struct listener_hook hook, struct listener **out);
/* Unix socket; a stale socket file is removed (ERR_BUSY if somebody answers there); mode 0600.
 * The file goes with the listener. */
must_check enum err listener_open_unix(struct loop *l, const char *path,
                                       struct listener_hook hook, struct listener **out);
uint16_t listener_port(const struct listener *x);
void listener_close(struct listener *x);

#endif
