/* The wire over real sockets: every way in which a device can be wrong, and that no call waits.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/modbus_wire.h"
#include "controller/base/clock.h"
#include "tests/support/modbus_peer.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

static struct peer peer;
static int64_t worst_us;

/* Longest call seen; the machine is shared, so single slow calls say nothing, the count does.
 */
static int slow_calls, calls;
static void took(int64_t since)
{
    int64_t us = clock_real_us() - since;
    worst_us = us > worst_us ? us : worst_us;
    slow_calls += us > 1000;
    calls++;
}

static void wait_for(const struct wire *w, short what, int ms)
{
    struct pollfd p = {w->fd, what, 0};
    (void)poll(&p, 1, ms);
}

static void dial(struct wire *w, int device)
{
    assert_int_equal(wire_init(w, "127.0.0.1", peer.port[device]), ERR_OK);
    assert_int_equal(wire_connect(w), ERR_OK);
    wait_for(w, POLLOUT, 1000);
    assert_int_equal(wire_connected(w), ERR_OK);
}

/* One transaction with a deadline, as the line does it. */
static enum err ask(struct wire *w, const struct frame_ask *q, struct frame_answer *a, int ms)
{
    int64_t end = clock_real_us() + ms * 1000;
    int64_t start = clock_real_us();
    enum err e = wire_send(w, q);
    took(start);
    while (e == ERR_OK && clock_real_us() < end) {
        wait_for(w, POLLIN, (int)((end - clock_real_us()) / 1000 + 1));
        start = clock_real_us();
        e = wire_ready(w);
        e = e == ERR_OK ? wire_receive(w, q, a) : e;
        took(start);
        if (e != ERR_BUSY) {
            return e;
        }
        e = ERR_OK;
    }
    return e == ERR_OK ? ERR_TIMEOUT : e;
}

static const struct frame_ask read3 = {.unit = 1, .fc = 3, .addr = 100, .count = 3};
static const struct frame_ask write6 = {
    .unit = 1, .fc = 6, .addr = 7, .count = 1, .word = {4321}};
static const struct frame_ask write16 = {
    .unit = 1, .fc = 16, .addr = 20, .count = 2, .word = {0x1234, 0x5678}
};

static void good_device(void **state)
{
    struct wire w;
    struct frame_answer a;
    (void)state;
    peer.shared->way[0] = PEER_GOOD;
    peer.shared->reg[0][101] = 0xBEEF;
    dial(&w, 0);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(ask(&w, &read3, &a, 500), ERR_OK);
        assert_int_equal(a.words, 3);
        assert_int_equal(a.word[1], 0xBEEF);
    }
    assert_int_equal(ask(&w, &write6, &a, 500), ERR_OK);
    assert_int_equal(peer.shared->reg[0][7], 4321);
    assert_int_equal(ask(&w, &write16, &a, 500), ERR_OK);
    assert_int_equal(peer.shared->reg[0][21], 0x5678);
    wire_fini(&w);
}

static const struct {
    enum peer_way way;
    const struct frame_ask *ask;
    enum err want;
} wrong[] = {
    {PEER_SILENT,      &read3,   ERR_TIMEOUT  },
    {PEER_DRIP,        &read3,   ERR_TIMEOUT  },
    {PEER_LATE,        &read3,   ERR_TIMEOUT  },
    {PEER_UNIT,        &read3,   ERR_PROTOCOL },
    {PEER_UNIT,        &write6,  ERR_PROTOCOL },
    {PEER_TRANSACTION, &read3,   ERR_TIMEOUT  },
    {PEER_LENGTH,      &read3,   ERR_PROTOCOL },
    {PEER_LENGTH,      &write6,  ERR_PROTOCOL },
    {PEER_FUNCTION,    &read3,   ERR_PROTOCOL },
    {PEER_ECHO,        &write6,  ERR_PROTOCOL },
    {PEER_ECHO,        &write16, ERR_PROTOCOL },
    {PEER_COUNT,       &read3,   ERR_PROTOCOL },
    {PEER_CLOSE,       &read3,   ERR_CLOSED   },
    {PEER_BUSY,        &read3,   ERR_EXCEPTION},
    {PEER_BUSY,        &write16, ERR_EXCEPTION},
    {PEER_FOREIGN,     &read3,   ERR_OK       },
};

static void wrong_devices(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct wire w;
        struct frame_answer a = {.exception = 0};
        peer.shared->way[1] = wrong[i].way;
        dial(&w, 1);
        enum err e = ask(&w, wrong[i].ask, &a, 200);
        if (e != wrong[i].want) {
            fail_msg("case %zu: %s, not %s", i, err_name(e), err_name(wrong[i].want));
        }
        assert_int_equal(a.exception, wrong[i].want == ERR_EXCEPTION ? 6 : 0);
        wire_fini(&w);
    }
}

/* Two answers: never taken as two good answers to two questions. */
static void answers_twice(void **state)
{
    struct wire w;
    struct frame_answer a;
    (void)state;
    peer.shared->way[1] = PEER_TWICE;
    dial(&w, 1);
    enum err first = ask(&w, &read3, &a, 200);
    if (first == ERR_OK) { /* the second one came a moment later */
        wait_for(&w, POLLIN, 200);
        assert_int_equal(ask(&w, &read3, &a, 200), ERR_PROTOCOL);
    } else {
        assert_int_equal(first, ERR_PROTOCOL);
    }
    wire_fini(&w);
}

static void nobody_there(void **state)
{
    struct wire w;
    (void)state;
    assert_int_equal(wire_init(&w, "127.0.0.1", 1), ERR_OK);
    enum err e = wire_connect(&w);
    if (e == ERR_OK) {
        wait_for(&w, POLLOUT, 1000);
        e = wire_connected(&w);
    }
    assert_int_equal(e, ERR_IO);
    wire_fini(&w);
    assert_int_equal(wire_init(&w, "no-number", 502), ERR_RANGE);
}

/* select() inside libmodbus ends at 1024: such a descriptor is never handed to it. */
static void too_many_descriptors(void **state)
{
    struct wire w;
    int fd[WIRE_FD_MAX + 8], n = 0;
    (void)state;
    do {
        fd[n] = open("/dev/null", O_RDONLY);
        assert_true(fd[n] >= 0);
    } while (fd[n++] < WIRE_FD_MAX);
    assert_int_equal(wire_init(&w, "127.0.0.1", peer.port[0]), ERR_OK);
    assert_int_equal(wire_connect(&w), ERR_LIMIT);
    while (n > 0) {
        close(fd[--n]);
    }
    assert_int_equal(wire_connect(&w), ERR_OK);
    wire_fini(&w);
}

static void no_call_waits(void **state)
{
    (void)state;
    print_message("%d calls, longest %lld us, %d over 1 ms\n", calls, (long long)worst_us,
                  slow_calls);
    assert_true(slow_calls * 10 <= calls);
}

static int start(void **state)
{
    (void)state;
    peer_start(&peer, 2);
    return 0;
}

static int end(void **state)
{
    (void)state;
    peer_stop(&peer);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_device),          cmocka_unit_test(wrong_devices),
        cmocka_unit_test(answers_twice),        cmocka_unit_test(nobody_there),
        cmocka_unit_test(too_many_descriptors), cmocka_unit_test(no_call_waits),
    };
    return cmocka_run_group_tests(tests, start, end);
}
