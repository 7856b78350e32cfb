/* Tests of controller/base/stream and listener: bounds both ways, closing inside hooks,
 * addresses. */
#include "controller/base/stream.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { IN_MAX = 4096, OUT_MAX = 8192 };

struct bench {
    struct clock clock;
    struct loop *loop;
    struct stream *stream;
    int peer;
    int datas, gones;
    size_t want; /* take only complete records of this size */
    size_t taken;
    bool close_on_data;
    int accepted;
    struct listener *listener;
};

static void on_data(struct stream *s, void *arg)
{
    struct bench *b = arg;
    char buf[IN_MAX];
    b->datas++;
    if (b->close_on_data) {
        stream_close(s);
        assert_int_equal(stream_ready(s), 0); /* still safe to ask */
        assert_int_equal(stream_write(s, "x", 1), ERR_CLOSED);
        b->stream = NULL;
        return;
    }
    while (b->want > 0 && stream_ready(s) >= b->want) {
        b->taken += stream_take(s, buf, b->want);
    }
}

static void on_gone(struct stream *s, void *arg)
{
    struct bench *b = arg;
    b->gones++;
    assert_int_equal(stream_write(s, "x", 1), ERR_CLOSED);
    stream_close(s);
    b->stream = NULL;
}

static const struct stream_hooks hooks = {.on_data = on_data, .on_gone = on_gone};

static void bench_open(struct bench *b)
{
    int ends[2];
    memset(b, 0, sizeof *b);
    clock_init_live(&b->clock);
    assert_int_equal(loop_open(&b->loop, &b->clock), ERR_OK);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends),
                     0);
    struct stream_spec spec = {.in_max = IN_MAX, .out_max = OUT_MAX, .hooks = &hooks, .arg = b};
    assert_int_equal(stream_open(b->loop, ends[0], &spec, &b->stream), ERR_OK);
    assert_int_equal(stream_fd(b->stream), ends[0]);
    b->peer = ends[1];
}

static void bench_close(struct bench *b)
{
    stream_close(b->stream);
    loop_close(b->loop);
    (void)close(b->peer);
}

static void polls(struct bench *b, int n)
{
    for (int i = 0; i < n; i++) {
        loop_poll(b->loop);
    }
}

static void test_partial_records(void **state)
{
    (void)state;
    struct bench b;
    char two[4] = "";
    bench_open(&b);
    b.want = 10;
    assert_int_equal(write(b.peer, "01234", 5), 5);
    polls(&b, 3);
    assert_int_equal(b.datas, 1);
    assert_int_equal(b.taken, 0);
    assert_int_equal(stream_ready(b.stream), 5);
    assert_int_equal(stream_peek(b.stream, two, 2), 2);
    assert_string_equal(two, "01");
    assert_int_equal(write(b.peer, "5678901", 7), 7);
    polls(&b, 3);
    assert_int_equal(b.datas, 2);
    assert_int_equal(b.taken, 10);
    assert_int_equal(stream_ready(b.stream), 2);
    bench_close(&b);
}

static void test_reads_ahead_no_more_than_in_max(void **state)
{
    (void)state;
    struct bench b;
    char buf[IN_MAX + 1000] = "";
    bench_open(&b);
    assert_int_equal(write(b.peer, buf, sizeof buf), sizeof buf);
    polls(&b, 5);
    assert_int_equal(stream_ready(b.stream), IN_MAX);
    assert_int_equal(b.datas, 1); /* full is no reason to call again */
    assert_int_equal(stream_take(b.stream, buf, 1500), 1500);
    polls(&b, 5);
    assert_int_equal(stream_ready(b.stream), IN_MAX - 500);
    bench_close(&b);
}

static void test_out_max(void **state)
{
    (void)state;
    struct bench b;
    char buf[OUT_MAX + 1] = "";
    bench_open(&b);
    assert_int_equal(stream_write(b.stream, buf, OUT_MAX + 1), ERR_FULL);
    assert_int_equal(stream_pending(b.stream), 0);
    assert_int_equal(stream_write(b.stream, buf, OUT_MAX - 1), ERR_OK);
    assert_int_equal(stream_write(b.stream, buf, 1), ERR_OK);
    assert_int_equal(stream_write(b.stream, buf, 1), ERR_FULL);
    const struct iovec parts[2] = {
        {buf, 1       },
        {buf, SIZE_MAX}
    };
    polls(&b, 3);
    assert_int_equal(stream_pending(b.stream), 0);
    assert_int_equal(stream_write_parts(b.stream, parts, 2), ERR_FULL);
    assert_int_equal(stream_pending(b.stream), 0); /* all or nothing */
    assert_int_equal(read(b.peer, buf, sizeof buf), OUT_MAX);
    bench_close(&b);
}

static void test_close_inside_on_data(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    b.close_on_data = true;
    assert_int_equal(write(b.peer, "x", 1), 1);
    polls(&b, 3);
    assert_int_equal(b.datas, 1);
    assert_null(b.stream);
    char byte;
    assert_int_equal(read(b.peer, &byte, 1), 0); /* the descriptor is closed */
    bench_close(&b);
}

static void test_gone_once_after_the_last_data(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    b.want = 3;
    assert_int_equal(write(b.peer, "abc", 3), 3);
    (void)close(b.peer);
    b.peer = -1;
    polls(&b, 5);
    assert_int_equal(b.taken, 3);
    assert_int_equal(b.gones, 1);
    bench_close(&b);
}

static void test_peer_gone_while_writing(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    (void)close(b.peer);
    b.peer = -1;
    assert_int_equal(stream_write(b.stream, "hello", 5), ERR_OK);
    polls(&b, 5); /* no SIGPIPE */
    assert_int_equal(b.gones, 1);
    bench_close(&b);
}

static void test_close_sends_the_last_word(void **state)
{
    (void)state;
    struct bench b;
    char buf[8] = "";
    bench_open(&b);
    assert_int_equal(stream_write(b.stream, "bye", 3), ERR_OK);
    stream_close(b.stream);
    b.stream = NULL;
    assert_int_equal(read(b.peer, buf, sizeof buf), 3);
    assert_string_equal(buf, "bye");
    bench_close(&b);
}

static void on_accept(int fd, void *arg)
{
    struct bench *b = arg;
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    (void)close(fd);
    if (++b->accepted == 2) {
        listener_close(b->listener);
    }
}

static void test_listener_tcp(void **state)
{
    (void)state;
    struct bench b;
    struct listener_hook hook = {on_accept, &b};
    struct listener *second = NULL;
    bench_open(&b);
    assert_int_equal(listener_open_tcp(b.loop, "127.0.0.1", 0, hook, &b.listener), ERR_OK);
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(listener_port(b.listener))};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(
        listener_open_tcp(b.loop, "127.0.0.1", listener_port(b.listener), hook, &second),
        ERR_IO);
    assert_int_equal(errno, EADDRINUSE);
    assert_int_equal(listener_open_tcp(b.loop, "localhost", 0, hook, &second), ERR_IO);
    int conns[3];
    for (int i = 0; i < 3; i++) {
        conns[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(connect(conns[i], (struct sockaddr *)&at, sizeof at), 0);
    }
    polls(&b, 5);
    assert_int_equal(b.accepted, 2); /* closed inside */
    for (int i = 0; i < 3; i++) {
        (void)close(conns[i]);
    }
    bench_close(&b);
}

static void test_listener_unix(void **state)
{
    (void)state;
    struct bench b;
    struct listener_hook hook = {on_accept, &b};
    struct listener *second = NULL;
    struct stat st;
    char dir[] = "/tmp/kilnwatt-XXXXXX";
    char path[64];
    bench_open(&b);
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/s", dir);
    assert_int_equal(listener_open_unix(b.loop, path, hook, &b.listener), ERR_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(listener_open_unix(b.loop, path, hook, &second), ERR_BUSY);
    listener_close(b.listener);
    assert_int_equal(stat(path, &st), -1);

    /* A stale file of a process that was killed. */
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    (void)snprintf(at.sun_path, sizeof at.sun_path, "%.60s", path);
    int dead = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(dead, (struct sockaddr *)&at, sizeof at), 0);
    (void)close(dead);
    assert_int_equal(listener_open_unix(b.loop, path, hook, &b.listener), ERR_OK);
    listener_close(b.listener);

    /* A file that is no socket is not ours to remove. */
    int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    (void)close(file);
    assert_int_equal(listener_open_unix(b.loop, path, hook, &second), ERR_IO);
    assert_int_equal(stat(path, &st), 0);
    (void)unlink(path);
    (void)rmdir(dir);
    char long_path[200];
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    assert_int_equal(listener_open_unix(b.loop, long_path, hook, &second), ERR_IO);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_partial_records),
        cmocka_unit_test(test_reads_ahead_no_more_than_in_max),
        cmocka_unit_test(test_out_max),
        cmocka_unit_test(test_close_inside_on_data),
        cmocka_unit_test(test_gone_once_after_the_last_data),
        cmocka_unit_test(test_peer_gone_while_writing),
        cmocka_unit_test(test_close_sends_the_last_word),
        cmocka_unit_test(test_listener_tcp),
        cmocka_unit_test(test_listener_unix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
