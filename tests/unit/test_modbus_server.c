/* The simulator's Modbus TCP server in one process with its clients: frames whole, in pieces,
 * several at once, and broken ones; many connections; clients that do not read; faults. */
#include "controller/base/civil.h"
#include "sim/modbus_server.h"
#include "sim/setup.h"
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { REQUEST_LEN = 12, MANY = 200, ROUNDS = 20 };

struct rig {
    struct arena arena;
    struct setup set;
    struct clock clock;
    struct loop *loop;
    struct server *server;
    int bess, port;
};
static struct rig rig;

/* A port that nobody has at this moment. */
static int free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    close(fd);
    return ntohs(at.sin_port);
}

static void obey(void *arg)
{
    server_obey(((struct rig *)arg)->server);
}

static int open_rig(void **state)
{
    static const struct setup_ask ask = {.who = "test",
                                         .park = "etc/parks/small.yaml",
                                         .devices = "etc/devices",
                                         .start = "2025-07-14T12:00:00+08:00",
                                         .seed = 1,
                                         .dt_s = 0.1};
    struct rig *r = &rig;
    (void)state;
    memset(r, 0, sizeof *r);
    arena_init(&r->arena, 256u << 20);
    assert_int_equal(setup_load(&r->set, &r->arena, &ask), 0);
    assert_int_equal(setup_build(&r->set, &r->arena, &ask), ERR_OK);
    for (int i = 0; i < r->set.park->devices; i++) {
        struct device *d = &r->set.park->device[i];
        int port = free_port(); /* its parts share it */
        for (int k = 0; k < d->parts; k++) {
            d->part[k].port = port;
        }
    }
    r->bess = park_device(r->set.park, "bess1");
    r->port = r->set.park->device[r->bess].part[0].port;
    clock_init_live(&r->clock);
    assert_int_equal(loop_open(&r->loop, &r->clock), ERR_OK);
    struct server_of of = {.loop = r->loop,
                           .devices = &r->set.devices,
                           .faults = &r->set.faults,
                           .profile = r->set.profile,
                           .seed = 1};
    assert_int_equal(server_open(&of, &r->arena, &r->server), ERR_OK);
    faults_wire(&r->set.faults, obey, r);
    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    server_close(rig.server);
    loop_close(rig.loop);
    arena_fini(&rig.arena);
    return 0;
}

static struct server_stats stats(void)
{
    struct server_stats s;
    server_stats(rig.server, &s);
    return s;
}

static void turn(int times)
{
    for (int i = 0; i < times; i++) {
        loop_poll(rig.loop);
    }
}

static int dial(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)rig.port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int before = stats().connections, fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    for (int i = 0; stats().connections == before && i < 1000000; i++) {
        turn(1);
    }
    assert_int_equal(stats().connections, before + 1);
    return fd;
}

static void hang_up(int fd)
{
    int before = stats().connections;
    close(fd);
    for (int i = 0; stats().connections == before && i < 1000000; i++) {
        turn(1);
    }
    assert_int_equal(stats().connections, before - 1);
}

/* Takes n bytes, or fewer if the other side closes, or if nothing comes for ms. */
static size_t take(int fd, uint8_t *out, size_t n, int ms)
{
    size_t have = 0;
    int64_t end = clock_real_us() + ms * 1000;
    while (have < n && clock_real_us() < end) {
        turn(1);
        ssize_t got = recv(fd, out + have, n - have, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN)) {
            break;
        }
        have += got > 0 ? (size_t)got : 0;
    }
    return have;
}

static bool closed(int fd)
{
    uint8_t byte;
    int64_t end = clock_real_us() + 5000000;
    while (clock_real_us() < end) {
        turn(1);
        ssize_t got = recv(fd, &byte, 1, MSG_DONTWAIT);
        if (got == 0) {
            return true;
        }
        assert_true(got < 0 && errno == EAGAIN); /* without a reply */
    }
    return false;
}

static void say(int fd, const void *data, size_t n)
{
    assert_int_equal(send(fd, data, n, MSG_NOSIGNAL), (ssize_t)n);
}

/* A request of five bytes after the unit number, as most have. */
struct request {
    int tid, unit, fc, addr, count;
};

static void put(uint8_t *out, const struct request *q)
{
    const int word[] = {q->tid, 0, 6, q->unit << 8 | q->fc, q->addr, q->count};
    for (int i = 0; i < 6; i++) {
        out[2 * i] = (uint8_t)(word[i] >> 8);
        out[2 * i + 1] = (uint8_t)word[i];
    }
}

static void ask(int fd, const struct request *q)
{
    uint8_t out[REQUEST_LEN];
    put(out, q);
    say(fd, out, sizeof out);
}

/* The next answer is the exception `code` of q, or with 0 what q reads. */
static void expect(int fd, const struct request *q, int code)
{
    uint8_t in[260];
    size_t n = code ? 9 : 9 + 2 * (size_t)q->count;
    assert_int_equal(take(fd, in, n, 5000), n);
    assert_int_equal(in[0] << 8 | in[1], q->tid);
    assert_int_equal(in[2] | in[3], 0);
    assert_int_equal(in[4] << 8 | in[5], n - 6);
    assert_int_equal(in[6], q->unit);
    assert_int_equal(in[7], code ? q->fc | 0x80 : q->fc);
    assert_int_equal(in[8], code ? code : 2 * q->count);
}

static void answers_and_refuses(void **state)
{
    static const struct {
        struct request q;
        int code;
    } rows[] = {
        {{0, 1, 3, 122, 2},     0 },
        {{65535, 1, 3, 122, 1}, 0 },
        {{7, 2, 3, 40000, 4},   0 }, /* its battery management, behind the same port */
        {{1, 1, 3, 9000, 1},    2 },
        {{2, 1, 3, 122, 0},     3 },
        {{3, 1, 3, 122, 126},   3 },
        {{4, 1, 0x41, 0, 0},    1 },
        {{5, 1, 6, 122, 5},     2 }, /* read only */
        {{6, 77, 3, 122, 1},    11}
    };
    (void)state;
    int fd = dial();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ask(fd, &rows[i].q);
        expect(fd, &rows[i].q, rows[i].code);
    }
    hang_up(fd);
}

/* One illegal and three legal requests in one segment; then one in twelve pieces. */
static void in_one_segment_and_in_pieces(void **state)
{
    (void)state;
    uint8_t all[4 * REQUEST_LEN];
    struct request q[4];
    int fd = dial();
    for (int i = 0; i < 4; i++) {
        q[i] = (struct request){10 + i, 1, 3, i == 0 ? 9000 : 122, 1};
        put(all + i * REQUEST_LEN, &q[i]);
    }
    say(fd, all, sizeof all);
    for (int i = 0; i < 4; i++) {
        expect(fd, &q[i], i == 0 ? 2 : 0);
    }
    for (int i = 0; i < REQUEST_LEN; i++) {
        say(fd, all + REQUEST_LEN + i, 1);
        turn(3);
    }
    expect(fd, &q[1], 0);
    hang_up(fd);
}

static void closes_on_what_is_no_modbus(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct request q = {1, 1, 3, 122, 1};
        uint8_t out[REQUEST_LEN];
        uint64_t before = stats().closed_bad;
        int fd = dial();
        put(out, &q);
        out[2] = i == 0;         /* protocol */
        out[4] = i == 1 ? 1 : 0; /* length 262 */
        out[5] = i == 2   ? 1    /* no function code */
                 : i == 3 ? 255  /* beyond any PDU */
                          : out[5];
        say(fd, out, sizeof out);
        assert_true(closed(fd));
        assert_int_equal(stats().closed_bad, before + 1);
        close(fd);
    }
}

static void writes_reach_the_plant(void **state)
{
    (void)state;
    int fd = dial();
    struct request start = {1, 1, 6, 650, 1}, power = {2, 1, 6, 135, 0x10000 - 1000};
    uint8_t in[REQUEST_LEN], out[REQUEST_LEN];
    for (int i = 0; i < 2; i++) {
        const struct request *q = i ? &power : &start;
        ask(fd, q);
        put(out, q);
        assert_int_equal(take(fd, in, sizeof in, 5000), sizeof in);
        assert_memory_equal(in, out, sizeof in); /* an echo */
    }
    for (int i = 0; i < 120; i++) {
        setup_step(&rig.set);
    }
    assert_true(fabs(world_get(rig.set.world, rig.bess, P_KW) + 100) < 1);
    hang_up(fd);
}

/* Each of many connections asks many times, all at once; nothing is lost or mixed up. */
static void many_connections(void **state)
{
    static int fd[MANY];
    (void)state;
    for (int i = 0; i < MANY; i++) {
        fd[i] = dial();
    }
    uint64_t before = stats().requests;
    for (int k = 0; k < ROUNDS; k++) {
        for (int i = 0; i < MANY; i++) {
            ask(fd[i], &(struct request){i + k, 1, 3, 122 + (i & 1), 1});
        }
        for (int i = 0; i < MANY; i++) {
            expect(fd[i], &(struct request){i + k, 1, 3, 122 + (i & 1), 1}, 0);
        }
    }
    assert_int_equal(stats().requests - before, MANY * ROUNDS);
    for (int i = 0; i < MANY; i++) {
        hang_up(fd[i]);
    }
}

/* A client that asks and asks and never reads is dropped, and the others are served. */
static void who_does_not_read_is_dropped(void **state)
{
    (void)state;
    int deaf = dial(), other = dial(), size = 4096;
    struct request wide = {1, 2, 3, 40000, 120}, one = {2, 1, 3, 122, 1};
    uint8_t out[REQUEST_LEN];
    put(out, &wide);
    (void)setsockopt(deaf, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    for (int64_t end = clock_real_us() + 20000000;
         stats().connections == 2 && clock_real_us() < end;) {
        (void)!send(deaf, out, sizeof out, MSG_NOSIGNAL | MSG_DONTWAIT);
        turn(1);
    }
    assert_int_equal(stats().connections, 1);
    ask(other, &one);
    expect(other, &one, 0);
    close(deaf);
    hang_up(other);
}

/* Faults of the protocol, of the device and of the link; afterwards all is as before. */
static void faults_act_and_end(void **state)
{
    static const char *const faults[] = {"M10:60", "M8:3,5", "M9", "silent"};
    struct request q = {258, 1, 3, 122, 1};
    char why[FAULT_WHY_LEN];
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        int fd = dial();
        uint8_t in[32];
        assert_true(faults_inject(&rig.set.faults, rig.bess, faults[i], INFINITY, why) > 0);
        int64_t since = clock_real_us();
        ask(fd, &q);
        if (i == 3) {
            assert_int_equal(take(fd, in, 1, 100), 0);
        } else {
            expect(fd, &q, 0);
            assert_true(i != 0 || clock_real_us() - since >= 60000);
            assert_true(i != 1 || clock_real_us() - since >= 15000); /* 4 pieces, 3 gaps */
        }
        if (i == 2) {
            expect(fd, &q, 0); /* once more */
        }
        assert_true(faults_clear(&rig.set.faults, rig.bess, NULL, why) > 0);
        ask(fd, &q);
        expect(fd, &q, 0);
        hang_up(fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_and_refuses),
        cmocka_unit_test(in_one_segment_and_in_pieces),
        cmocka_unit_test(closes_on_what_is_no_modbus),
        cmocka_unit_test(writes_reach_the_plant),
        cmocka_unit_test(many_connections),
        cmocka_unit_test(who_does_not_read_is_dropped),
        cmocka_unit_test(faults_act_and_end),
    };
    return cmocka_run_group_tests(tests, open_rig, close_rig);
}
