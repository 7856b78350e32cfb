/* A Modbus TCP client that costs little, so that a measurement of the simulator is not one of
 * its client: one request under way on each connection, all the time. Prints one line of JSON:
 * transactions, wrong answers, seconds by the clock, processor seconds of this client,
 * latencies in microseconds. Written apart from the code that it measures.
 *
 *     load SECONDS CONNECTIONS ADDRESS REGISTERS PORT...
 *
 * Connections go to the ports in turn, unit 1, function 3. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNS_MAX = 4000,
    ADU_MAX = 260,
    REQUEST_LEN = 12,
    TOOK_US_MAX = 1000000,
    AT_ONCE = 256
};

struct conn {
    int fd;
    uint16_t number; /* of the transaction under way */
    size_t have;
    uint8_t in[ADU_MAX];
    int64_t sent_us;
};
struct load {
    int conns, epoll;
    struct conn conn[CONNS_MAX];
    uint8_t request[REQUEST_LEN];
    size_t answer_len;
    uint64_t done, wrong;
    uint32_t took[TOOK_US_MAX]; /* transactions by microseconds; the last: all longer ones */
};

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void ask(struct load *l, struct conn *c)
{
    c->number++;
    c->have = 0;
    l->request[0] = (uint8_t)(c->number >> 8);
    l->request[1] = (uint8_t)c->number;
    c->sent_us = now_us();
    if (send(c->fd, l->request, REQUEST_LEN, MSG_NOSIGNAL) != REQUEST_LEN) {
        die("send");
    }
}

/* The number of the request, the awaited length, and no exception. */
static int right(const struct load *l, const struct conn *c)
{
    return c->have == l->answer_len && (c->in[0] << 8 | c->in[1]) == c->number &&
           c->in[7] == 3 && c->in[8] == l->answer_len - 9;
}

static void hear(struct load *l, struct conn *c)
{
    ssize_t n = recv(c->fd, c->in + c->have, sizeof c->in - c->have, 0);
    if (n <= 0) {
        die("recv");
    }
    c->have += (size_t)n;
    if (c->have < 9 || c->have < 6u + (size_t)(c->in[4] << 8 | c->in[5])) {
        return;
    }
    int64_t us = now_us() - c->sent_us;
    l->took[us < TOOK_US_MAX ? us : TOOK_US_MAX - 1]++;
    l->done++;
    l->wrong += !right(l, c);
    ask(l, c);
}

static void dial(struct load *l, int i, int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = &l->conn[i]};
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e) != 0) {
        die("connect");
    }
    l->conn[i].fd = fd;
}

/* Microseconds that this share of the transactions did not take longer than. */
static int quantile_us(const struct load *l, double share)
{
    uint64_t sum = 0;
    for (int us = 0; us < TOOK_US_MAX; us++) {
        sum += l->took[us];
        if ((double)sum >= share * (double)l->done) {
            return us;
        }
    }
    return TOOK_US_MAX;
}

static void run(struct load *l, double seconds)
{
    int64_t began = now_us(), end = began + (int64_t)(seconds * 1e6);
    for (int i = 0; i < l->conns; i++) {
        ask(l, &l->conn[i]);
    }
    while (now_us() < end) {
        struct epoll_event e[AT_ONCE];
        int n = epoll_wait(l->epoll, e, AT_ONCE, 1000);
        for (int i = 0; i < n; i++) {
            hear(l, e[i].data.ptr);
        }
    }
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                 (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    printf("{\"done\": %llu, \"wrong\": %llu, \"seconds\": %.3f, \"cpu_s\": %.3f, "
           "\"p50_us\": %d, \"p99_us\": %d}\n",
           (unsigned long long)l->done, (unsigned long long)l->wrong,
           (double)(now_us() - began) / 1e6, cpu, quantile_us(l, 0.5), quantile_us(l, 0.99));
}

int main(int argc, char **argv)
{
    static struct load l;
    if (argc < 6) {
        fprintf(stderr, "usage: load SECONDS CONNECTIONS ADDRESS REGISTERS PORT...\n");
        return 2;
    }
    long conns = strtol(argv[2], NULL, 10), addr = strtol(argv[3], NULL, 10);
    long count = strtol(argv[4], NULL, 10);
    if (conns < 1 || conns > CONNS_MAX || count < 1 || count > 125) {
        fprintf(stderr, "load: 1 to %d connections, 1 to 125 registers\n", CONNS_MAX);
        return 2;
    }
    uint8_t request[REQUEST_LEN] = {
        0, 0, 0, 0, 0, 6, 1, 3, (uint8_t)(addr >> 8), (uint8_t)addr, 0, (uint8_t)count};
    memcpy(l.request, request, sizeof request);
    l.answer_len = 9 + 2 * (size_t)count;
    l.epoll = epoll_create1(0);
    for (l.conns = 0; l.conns < conns; l.conns++) {
        dial(&l, l.conns, (int)strtol(argv[5 + l.conns % (argc - 5)], NULL, 10));
    }
    run(&l, strtod(argv[1], NULL));
    return l.wrong != 0;
}
