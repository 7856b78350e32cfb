/* The child process behind modbus_peer.h: one poll() loop, plain sockets. */
#include "tests/support/modbus_peer.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CONNS_MAX = 128, OUT_MAX = 1024, ADU_MAX = 260 };

struct conn {
    int fd, device;
    uint8_t in[ADU_MAX * 2], out[OUT_MAX];
    size_t have, queued, sent;
    int64_t next_ms; /* when the next byte may go */
};
struct child {
    struct peer_shared *s;
    int n, listener[PEERS_MAX];
    struct conn conn[CONNS_MAX];
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static unsigned get16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static void put16(uint8_t *p, unsigned x)
{
    p[0] = (uint8_t)(x >> 8);
    p[1] = (uint8_t)x;
}

/* The right answer's PDU, function code first; returns its length. */
static size_t answer(struct peer_shared *s, int d, const uint8_t *pdu, uint8_t *out)
{
    unsigned fc = pdu[0], addr = get16(pdu + 1), n = get16(pdu + 3);
    out[0] = (uint8_t)fc;
    if (s->way[d] == PEER_BUSY) {
        out[0] = (uint8_t)(fc | 0x80);
        out[1] = 6;
        return 2;
    }
    if (fc == 3 || fc == 4) {
        out[1] = (uint8_t)(2 * n);
        for (unsigned i = 0; i < n; i++) {
            put16(out + 2 + 2 * i, s->reg[d][(addr + i) % PEER_REGS]);
        }
        return 2 + 2 * (size_t)n;
    }
    bool stuck = s->way[d] == PEER_STUCK;
    for (unsigned i = 0; !stuck && fc == 16 && i < n; i++) {
        s->reg[d][(addr + i) % PEER_REGS] = (uint16_t)get16(pdu + 6 + 2 * i);
    }
    if (!stuck && fc == 6) {
        s->reg[d][addr] = (uint16_t)n;
    }
    s->last_write_addr[d] = (int)addr;
    s->writes[d]++;
    memcpy(out + 1, pdu + 1, 4);
    return 5;
}

static void queue(struct conn *c, const uint8_t *bytes, size_t n)
{
    if (c->queued + n <= OUT_MAX) {
        memcpy(c->out + c->queued, bytes, n);
        c->queued += n;
    }
}

/* Spoils a right answer. */
static void spoil(struct conn *c, int way, uint8_t *adu, size_t *len)
{
    uint8_t other[ADU_MAX];
    switch (way) {
    case PEER_UNIT:
        adu[6]++;
        break;
    case PEER_TRANSACTION:
        put16(adu, get16(adu) + 1);
        break;
    case PEER_LENGTH:
        put16(adu + 4, get16(adu + 4) + 3);
        break;
    case PEER_FUNCTION:
        adu[7] ^= 7;
        break;
    case PEER_ECHO:
        adu[*len - 1]++;
        break;
    case PEER_COUNT:
        adu[8] = (uint8_t)(adu[8] + 2);
        put16(adu + 4, get16(adu + 4) + 2);
        memset(adu + *len, 0, 2);
        *len += 2;
        break;
    case PEER_TWICE:
        queue(c, adu, *len);
        break;
    case PEER_FOREIGN:
        memcpy(other, adu, *len);
        put16(other, 0x7777);
        queue(c, other, *len);
        break;
    default:
        break;
    }
}

static void hang_up(struct conn *c)
{
    close(c->fd);
    memset(c, 0, sizeof(*c));
    c->fd = -1;
}

static void take_request(struct child *h, struct conn *c)
{
    int d = c->device, way = h->s->way[d];
    size_t len = 6 + get16(c->in + 4);
    uint8_t adu[ADU_MAX + 8];
    h->s->requests[d]++;
    memcpy(adu, c->in, 7);
    size_t n = answer(h->s, d, c->in + 7, adu + 7);
    put16(adu + 4, (unsigned)n + 1);
    n += 7;
    c->have -= len;
    memmove(c->in, c->in + len, c->have);
    if (way == PEER_CLOSE) {
        hang_up(c);
        return;
    }
    if (way != PEER_SILENT) {
        spoil(c, way, adu, &n);
        queue(c, adu, n);
        c->next_ms = now_ms() + (way == PEER_LATE ? 700 : 0);
    }
}

static void feed(struct child *h, struct conn *c)
{
    ssize_t n = recv(c->fd, c->in + c->have, sizeof(c->in) - c->have, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        hang_up(c);
        return;
    }
    c->have += n > 0 ? (size_t)n : 0;
    while (c->fd >= 0 && c->have >= 12 && c->have >= 6 + get16(c->in + 4)) {
        take_request(h, c);
    }
}

static void flush(struct child *h, struct conn *c)
{
    bool drip = h->s->way[c->device] == PEER_DRIP;
    while (c->fd >= 0 && c->sent < c->queued && now_ms() >= c->next_ms) {
        size_t n = drip ? 1 : c->queued - c->sent;
        if (send(c->fd, c->out + c->sent, n, MSG_NOSIGNAL) < 0) {
            hang_up(c);
            return;
        }
        c->sent += n;
        c->next_ms = now_ms() + (drip ? 400 : 0);
    }
    if (c->sent == c->queued) {
        c->sent = c->queued = 0;
    }
}

static void take_connection(struct child *h, int d)
{
    int on = 1, fd = accept(h->listener[d], NULL, NULL);
    for (int i = 0; fd >= 0 && i < CONNS_MAX; i++) {
        if (h->conn[i].fd < 0) {
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
            h->conn[i].fd = fd;
            h->conn[i].device = d;
            h->s->connects[d]++;
            return;
        }
    }
}

static void round_trip(struct child *h)
{
    struct pollfd p[PEERS_MAX + CONNS_MAX];
    bool waiting = false;
    for (int i = 0; i < h->n; i++) {
        p[i] = (struct pollfd){h->listener[i], POLLIN, 0};
    }
    for (int i = 0; i < CONNS_MAX; i++) {
        p[h->n + i] = (struct pollfd){h->conn[i].fd, POLLIN, 0};
        waiting = waiting || (h->conn[i].fd >= 0 && h->conn[i].queued > 0);
    }
    poll(p, (nfds_t)h->n + CONNS_MAX, waiting ? 5 : 1000);
    for (int i = 0; i < h->n; i++) {
        if (p[i].revents) {
            take_connection(h, i);
        }
    }
    for (int i = 0; i < CONNS_MAX; i++) {
        struct conn *c = &h->conn[i];
        if (c->fd >= 0 && p[h->n + i].revents && p[h->n + i].fd == c->fd) {
            feed(h, c);
        }
        if (c->fd >= 0) {
            flush(h, c);
        }
    }
}

void peer_start(struct peer *p, int n)
{
    static struct child h;
    memset(p, 0, sizeof(*p));
    p->n = n;
    p->shared = mmap(NULL, sizeof(*p->shared), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memset(&h, 0, sizeof(h));
    h.s = p->shared;
    h.n = n;
    for (int i = 0; i < n; i++) {
        struct sockaddr_in a = {.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t len = sizeof(a);
        h.listener[i] = socket(AF_INET, SOCK_STREAM, 0);
        if (bind(h.listener[i], (struct sockaddr *)&a, len) != 0 ||
            listen(h.listener[i], 16) != 0 ||
            getsockname(h.listener[i], (struct sockaddr *)&a, &len) != 0) {
            abort();
        }
        p->port[i] = ntohs(a.sin_port);
    }
    for (int i = 0; i < CONNS_MAX; i++) {
        h.conn[i].fd = -1;
    }
    p->pid = fork();
    if (p->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
            round_trip(&h);
        }
    }
    for (int i = 0; i < n; i++) {
        close(h.listener[i]);
    }
}

void peer_stop(struct peer *p)
{
    kill(p->pid, SIGKILL);
    waitpid(p->pid, NULL, 0);
    munmap(p->shared, sizeof(*p->shared));
}
