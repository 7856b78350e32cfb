/* Tests of sim/bus.c on a clock that stands until it is moved: to the microsecond when a byte
 * reaches the client, and what is silence, spoilt or lost. */
#include "sim/bus.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

/* A bus of one device, which answers every frame with `says`. */
struct rig {
    struct arena arena;
    struct clock clock;
    struct loop *loop;
    struct bus *bus;
    int client;
    int asked; /* frames that reached the device */
    struct bus_answer says;
    char dir[64], path[80];
};

/* 9600 8N1: a character is 1041.67 us; 8 of a request 8333, its gap 3645, turnaround 10 ms. */
static const uint8_t request[8] = {5, 3, 0, 122, 0, 1, 0xa4, 0x57};
enum { REQUEST_US = 8333, GAP_US = 3645, BEGINS_US = REQUEST_US + GAP_US + 10000 };

static void device(void *arg, const uint8_t *frame, size_t len, struct bus_answer *out)
{
    struct rig *r = arg;
    assert_int_equal(len, sizeof request);
    assert_memory_equal(frame, request, len);
    r->asked++;
    *out = r->says;
}

static int set_up(void **state)
{
    struct rig *r = calloc(1, sizeof *r);
    assert_non_null(r);
    arena_init(&r->arena, 1 << 16);
    clock_init_granted(&r->clock, (wall_t){0});
    assert_int_equal(loop_open(&r->loop, &r->clock), ERR_OK);
    snprintf(r->dir, sizeof r->dir, "/tmp/test_bus_XXXXXX");
    assert_non_null(mkdtemp(r->dir));
    snprintf(r->path, sizeof r->path, "%s/bus", r->dir);
    struct bus_spec spec = {
        r->path, {9600, 'N', 1, 10},
         device, r
    };
    assert_int_equal(bus_open(r->loop, &r->arena, &spec, &r->bus), ERR_OK);
    r->client = open(r->path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    assert_true(r->client >= 0);
    r->says.len = 20;
    for (uint8_t i = 0; i < 20; i++) {
        r->says.data[i] = i;
    }
    *state = r;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *r = *state;
    close(r->client);
    bus_close(r->bus);
    loop_close(r->loop);
    assert_int_equal(access(r->path, F_OK), -1); /* the link goes with the bus */
    rmdir(r->dir);
    arena_fini(&r->arena);
    free(r);
    return 0;
}

static void at(struct rig *r, int64_t us)
{
    clock_grant(&r->clock, (mono_t){us});
    loop_poll(r->loop);
}

/* The kernel may take a while to hand bytes over a terminal; the bus's clock stands. */
static void send(struct rig *r, const uint8_t *data, size_t n)
{
    assert_int_equal(write(r->client, data, n), n);
    for (int i = 0; i < 40; i++) {
        loop_poll(r->loop);
        poll(NULL, 0, 1);
    }
}

/* Bytes that have reached the client; they must be those of the answer from `from` on. */
static int hears(struct rig *r, int from)
{
    uint8_t got[64];
    struct pollfd p = {r->client, POLLIN, 0};
    int n = 0;
    while (poll(&p, 1, 20) > 0) {
        ssize_t more = read(r->client, got + n, sizeof got - (size_t)n);
        assert_true(more > 0);
        n += (int)more;
    }
    for (int i = 0; i < n; i++) {
        assert_int_equal(got[i], r->says.data[from + i]);
    }
    return n;
}

static void takes_its_time(void **state)
{
    struct rig *r = *state;
    at(r, 1000);
    send(r, request, sizeof request);
    at(r, 1000 + REQUEST_US + GAP_US - 5);
    assert_int_equal(r->asked, 0);
    at(r, 1000 + REQUEST_US + GAP_US + 5);
    assert_int_equal(r->asked, 1);
    at(r, 1000 + BEGINS_US + 16667 - 20); /* a FIFO of 16 characters */
    assert_int_equal(hears(r, 0), 0);
    at(r, 1000 + BEGINS_US + 16667 + 20);
    assert_int_equal(hears(r, 0), 16);
    at(r, 1000 + BEGINS_US + 20833 - 20);
    assert_int_equal(hears(r, 16), 0);
    at(r, 1000 + BEGINS_US + 20833 + 20);
    assert_int_equal(hears(r, 16), 4);
    /* the next request is on the wire no sooner than a gap later */
    int64_t sent = 1000 + BEGINS_US + 20833 + 100, begins = sent - 100 + GAP_US;
    at(r, sent);
    send(r, request, sizeof request);
    at(r, begins + REQUEST_US + GAP_US - 20);
    assert_int_equal(r->asked, 1);
    at(r, begins + REQUEST_US + GAP_US + 20);
    assert_int_equal(r->asked, 2);
}

static void joins_pieces_and_ends_at_gaps(void **state)
{
    struct rig *r = *state;
    at(r, 1000);
    send(r, request, 3);
    at(r, 1000 + 3 * 1042 + 3000); /* 3 ms of silence are less than 3.5 characters */
    send(r, request + 3, 5);
    at(r, 40000);
    assert_int_equal(r->asked, 1);
    at(r, 200000);
    assert_int_equal(hears(r, 0), 20);
    send(r, request, 3);
    at(r, 200000 + 3 * 1042 + 4000); /* 4 ms are more */
    send(r, request + 3, 5);
    at(r, 400000);
    assert_int_equal(r->asked, 1);
    assert_int_equal(bus_stats(r->bus)->spoilt, 2);
    send(r, request, sizeof request); /* two frames without a gap are none */
    send(r, request, sizeof request);
    at(r, 600000);
    assert_int_equal(r->asked, 1);
    assert_int_equal(bus_stats(r->bus)->spoilt, 3);
    assert_int_equal(hears(r, 0), 0);
}

static void is_half_duplex(void **state)
{
    struct rig *r = *state;
    at(r, 1000);
    send(r, request, sizeof request);
    at(r, 15000);
    assert_int_equal(r->asked, 1);
    send(r, request, sizeof request); /* before the answer begins: lost, the answer is well */
    assert_int_equal(bus_stats(r->bus)->collided, 1);
    at(r, 100000);
    assert_int_equal(hears(r, 0), 20);
    send(r, request, sizeof request);
    at(r, 100000 + BEGINS_US - 5000);
    at(r, 100000 + BEGINS_US + 17000);
    assert_int_equal(hears(r, 0), 16);
    send(r, request, sizeof request); /* into it: what is left is spoilt */
    send(r, request, 1);
    for (int i = 16; i < 20; i++) {
        r->says.data[i] = (uint8_t)~r->says.data[i];
    }
    at(r, 200000);
    assert_int_equal(hears(r, 16), 4);
    assert_int_equal(r->asked, 2);
    assert_int_equal(bus_stats(r->bus)->collided, 3);
}

static void understands_its_speed_alone(void **state)
{
    struct rig *r = *state;
    struct termios t;
    assert_int_equal(tcgetattr(r->client, &t), 0);
    assert_int_equal(cfgetospeed(&t), B9600); /* as a client finds it */
    cfsetspeed(&t, B19200);
    assert_int_equal(tcsetattr(r->client, TCSANOW, &t), 0);
    send(r, request, sizeof request);
    at(r, 100000);
    assert_int_equal(r->asked, 0);
    bus_set_baud(r->bus, 19200);
    send(r, request, sizeof request);
    at(r, 200000);
    assert_int_equal(r->asked, 1);
    assert_int_equal(hears(r, 0), 20);
    bus_set_baud(r->bus, 0);
    send(r, request, sizeof request);
    at(r, 300000);
    assert_int_equal(r->asked, 1);
}

static void may_be_late_and_drip(void **state)
{
    struct rig *r = *state;
    r->says.later = MONO_MS(500);
    r->says.apart = MONO_MS(400);
    r->says.len = 2;
    send(r, request, sizeof request);
    at(r, REQUEST_US + GAP_US + 20);
    at(r, BEGINS_US + 500000 + 1041 - 20);
    assert_int_equal(hears(r, 0), 0);
    at(r, BEGINS_US + 500000 + 1041 + 20);
    assert_int_equal(hears(r, 0), 1);
    at(r, BEGINS_US + 900000 + 2083 - 20);
    assert_int_equal(hears(r, 1), 0);
    at(r, BEGINS_US + 900000 + 2083 + 20);
    assert_int_equal(hears(r, 1), 1);
}

static void says_nothing(void **state)
{
    struct rig *r = *state;
    r->says.len = 0;
    send(r, request, sizeof request);
    at(r, 100000);
    assert_int_equal(r->asked, 1);
    assert_int_equal(hears(r, 0), 0);
    r->says.len = 1;
    send(r, request, sizeof request);
    at(r, 200000);
    assert_int_equal(hears(r, 0), 1);
}

static void keeps_files(void **state)
{
    struct rig *r = *state;
    struct bus *other = NULL;
    char file[96];
    struct bus_spec spec = {
        file, {9600, 'N', 1, 10},
         device, r
    };
    snprintf(file, sizeof file, "%s/file", r->dir);
    int fd = open(file, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(bus_open(r->loop, &r->arena, &spec, &other), ERR_IO);
    assert_int_equal(errno, EEXIST);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(symlink("/nowhere", file), 0); /* left behind by an earlier run */
    assert_int_equal(bus_open(r->loop, &r->arena, &spec, &other), ERR_OK);
    assert_int_equal(access(file, R_OK | W_OK), 0);
    bus_close(other);
    assert_int_equal(access(file, F_OK), -1);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(takes_its_time),       TEST(joins_pieces_and_ends_at_gaps),
        TEST(is_half_duplex),       TEST(understands_its_speed_alone),
        TEST(may_be_late_and_drip), TEST(says_nothing),
        TEST(keeps_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
