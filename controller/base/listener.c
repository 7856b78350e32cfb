/* Listening sockets, TCP and Unix. Runs in web and sim; a listener owns its descriptor and, for
 * a Unix socket, its file. */
#include "controller/base/log.h"
#include "controller/base/stream.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 128, RETRY_MS = 100 };

struct listener {
    struct loop_watch *watch;
    struct loop_timer *retry; /* runs while descriptors are short */
    int fd;
    bool tcp;
    uint16_t port;
    char path[sizeof((struct sockaddr_un *)0)->sun_path]; /* "" for TCP */
    struct listener_hook hook;
};

static void accept_again(void *arg)
{
    struct listener *x = arg;
    loop_watch_want(x->watch, LOOP_READ);
}

/* One connection per call: fn may close the listener, and the loop calls again for the next. */
static void accept_one(int fd, unsigned ready, void *arg)
{
    (void)ready;
    struct listener *x = arg;
    int conn = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (conn >= 0) {
        int one = 1;
        if (x->tcp) {
            (void)setsockopt(conn, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        }
        x->hook.fn(conn, x->hook.arg);
        return;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        log_line(LOG_WARN, "accept_paused", "port=%d errno=%d", x->port, errno);
        loop_watch_want(x->watch, 0);
        loop_timer_after(x->retry, MONO_MS(RETRY_MS));
    }
}

static void listener_free(struct listener *x)
{
    int saved = errno;
    loop_watch_close(x->watch);
    loop_timer_close(x->retry);
    if (x->fd >= 0) {
        (void)close(x->fd);
    }
    if (x->path[0] != '\0') {
        (void)unlink(x->path);
    }
    free(x);
    errno = saved;
}

/* Listens on the bound x->fd; frees x on error. */
static enum err listener_start(struct loop *l, struct listener *x, struct listener **out)
{
    if (listen(x->fd, BACKLOG) != 0) {
        listener_free(x);
        return ERR_IO;
    }
    enum err e = loop_timer_open(l, accept_again, x, &x->retry);
    if (e == ERR_OK) {
        struct loop_watch_spec watch = {
            .fd = x->fd, .want = LOOP_READ, .fn = accept_one, .arg = x};
        e = loop_watch_open(l, &watch, &x->watch);
    }
    if (e != ERR_OK) {
        listener_free(x);
        return e;
    }
    *out = x;
    return ERR_OK;
}

/* A listener with a socket of a family, not yet bound; NULL with errno kept. */
static struct listener *listener_new(int family, struct listener_hook hook)
{
    struct listener *x = calloc(1, sizeof *x);
    if (x == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    *x = (struct listener){.hook = hook, .tcp = family == AF_INET};
    x->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (x->fd < 0) {
        listener_free(x);
        return NULL;
    }
    return x;
}

enum err listener_open_tcp(struct loop *l, const char *host, uint16_t port,
                           struct listener_hook hook, struct listener **out)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, host, &at.sin_addr) != 1) {
        errno = EINVAL;
        return ERR_IO;
    }
    struct listener *x = listener_new(AF_INET, hook);
    if (x == NULL) {
        return ERR_IO;
    }
    int one = 1;
    socklen_t len = sizeof at;
    if (setsockopt(x->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(x->fd, (struct sockaddr *)&at, sizeof at) != 0 ||
        getsockname(x->fd, (struct sockaddr *)&at, &len) != 0) {
        listener_free(x);
        return ERR_IO;
    }
    x->port = ntohs(at.sin_port);
    return listener_start(l, x, out);
}

/* Removes the socket file of a process that has gone. ERR_BUSY if somebody answers. */
static enum err stale_remove(const struct sockaddr_un *at)
{
    struct stat st;
    if (lstat(at->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode)) {
        return ERR_OK; /* bind() will say what is wrong, if anything */
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return ERR_IO;
    }
    int refused =
        connect(fd, (const struct sockaddr *)at, sizeof *at) != 0 && errno == ECONNREFUSED;
    (void)close(fd);
    if (!refused) {
        errno = EADDRINUSE;
        return ERR_BUSY;
    }
    return unlink(at->sun_path) == 0 ? ERR_OK : ERR_IO;
}

enum err listener_open_unix(struct loop *l, const char *path, struct listener_hook hook,
                            struct listener **out)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof at.sun_path) {
        errno = ENAMETOOLONG;
        return ERR_IO;
    }
    memcpy(at.sun_path, path, len + 1);
    enum err e = stale_remove(&at);
    if (e != ERR_OK) {
        return e;
    }
    struct listener *x = listener_new(AF_UNIX, hook);
    if (x == NULL) {
        return ERR_IO;
    }
    /* The mode is set before bind(): on Linux the file is created with it, never open to
     * others. */
    if (fchmod(x->fd, 0600) != 0 || bind(x->fd, (struct sockaddr *)&at, sizeof at) != 0) {
        listener_free(x);
        return ERR_IO;
    }
    memcpy(x->path, path, len + 1);
    return listener_start(l, x, out);
}

uint16_t listener_port(const struct listener *x)
{
    return x->port;
}

void listener_close(struct listener *x)
{
    if (x != NULL) {
        listener_free(x);
    }
}
