/* libmodbus 3.1.6 behind a gate: it never waits, because nothing is received before all of it
 * is there. Runs in the field role. */
#include "adapters/modbus_wire.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <modbus.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Longest that a call into libmodbus could wait, were the gate wrong. */
enum { LIBRARY_WAIT_US = 500 };

enum err wire_init(struct wire *w, const char *host, int port)
{
    struct in_addr addr;
    *w = (struct wire){.fd = -1, .port = port};
    if (strlen(host) >= sizeof(w->host) || inet_pton(AF_INET, host, &addr) != 1) {
        return ERR_RANGE;
    }
    memcpy(w->host, host, strlen(host) + 1);
    w->modbus = modbus_new_tcp(host, port);
    if (w->modbus == NULL) {
        return ERR_NOMEM;
    }
    /* byte time-out 0: the response time-out then bounds the whole answer */
    (void)modbus_set_response_timeout(w->modbus, 0, LIBRARY_WAIT_US);
    (void)modbus_set_byte_timeout(w->modbus, 0, 0);
    (void)modbus_set_error_recovery(w->modbus, MODBUS_ERROR_RECOVERY_NONE);
    return ERR_OK;
}

uint16_t wire_port(const struct wire *w)
{
    struct sockaddr_in at = {.sin_port = 0};
    socklen_t len = sizeof(at);
    return getsockname(w->fd, (struct sockaddr *)&at, &len) == 0 ? ntohs(at.sin_port) : 0;
}

void wire_hangup(struct wire *w)
{
    if (w->fd >= 0) {
        close(w->fd);
        w->fd = -1;
        (void)modbus_set_socket(w->modbus, -1);
    }
    w->frame = 0;
}

void wire_fini(struct wire *w)
{
    if (w->modbus != NULL) {
        wire_hangup(w);
        modbus_free(w->modbus);
        w->modbus = NULL;
    }
}

/* The kernel reports the socket readable only from this many bytes on, so that a device that
 * drips its answer does not wake the loop for each byte. An end of the connection is reported
 * all the same. */
static void wake_at(const struct wire *w, int bytes)
{
    (void)setsockopt(w->fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof(bytes));
}

enum err wire_connect(struct wire *w)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)w->port)};
    int on = 1;
    must(w->fd < 0);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return ERR_IO;
    }
    if (fd >= WIRE_FD_MAX) {
        close(fd);
        return ERR_LIMIT;
    }
    (void)inet_pton(AF_INET, w->host, &to.sin_addr);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 && errno != EINPROGRESS) {
        close(fd);
        return ERR_IO;
    }
    w->fd = fd;
    w->frame = 0;
    return ERR_OK;
}

enum err wire_connected(struct wire *w)
{
    int failed = 0;
    socklen_t len = sizeof(failed);
    if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &failed, &len) != 0 || failed != 0) {
        errno = failed != 0 ? failed : errno;
        return ERR_IO;
    }
    (void)modbus_set_socket(w->modbus, w->fd);
    return ERR_OK;
}

enum err wire_send(struct wire *w, const struct frame_ask *ask)
{
    uint8_t raw[FRAME_LEN_MAX], stray;
    ssize_t n = recv(w->fd, &stray, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n > 0) {
        return ERR_PROTOCOL;
    }
    if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
        return ERR_IO;
    }
    size_t len = frame_build(ask, raw);
    w->frame = 0;
    wake_at(w, FRAME_LEN_MIN);
    return modbus_send_raw_request(w->modbus, raw, (int)len) < 0 ? ERR_IO : ERR_OK;
}

/* Takes a frame off and throws it away. */
static enum err drain(struct wire *w, const uint8_t *bytes, int len)
{
    uint8_t gone[FRAME_LEN_MAX];
    w->drained++;
    w->frame = 0;
    wake_at(w, FRAME_LEN_MIN);
    return recv(w->fd, gone, (size_t)len, MSG_DONTWAIT) == len && gone[0] == bytes[0]
               ? ERR_BUSY
               : ERR_PROTOCOL;
}

enum err wire_ready(struct wire *w)
{
    uint8_t bytes[FRAME_LEN_MAX + 1];
    ssize_t n = recv(w->fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);
    if (n == 0) {
        return ERR_CLOSED;
    }
    if (n < 0) {
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? ERR_BUSY
                                                                         : ERR_CLOSED;
    }
    int len = frame_length(bytes, (size_t)n);
    if (len < 0) {
        return ERR_PROTOCOL;
    }
    if (len == 0 || n < len) {
        wake_at(w, len == 0 ? FRAME_LEN_MIN : len);
        return ERR_BUSY;
    }
    if (frame_transaction(bytes) != 0) {
        return drain(w, bytes, len);
    }
    w->frame = len;
    return n == len ? ERR_OK : ERR_PROTOCOL; /* two answers to one question: which is it? */
}

enum err wire_receive(struct wire *w, const struct frame_ask *ask, struct frame_answer *out)
{
    uint8_t bytes[MODBUS_TCP_MAX_ADU_LENGTH];
    must(w->frame > 0);
    wake_at(w, 1);
    int n = modbus_receive_confirmation(w->modbus, bytes);
    if (n != w->frame) {
        return n < 0 ? ERR_IO : ERR_PROTOCOL;
    }
    w->frame = 0;
    return frame_check(ask, 0, bytes, (size_t)n, out);
}
