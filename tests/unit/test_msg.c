/* Tests of controller/base/msg: frames whole and in pieces, refused ones, bounds, the blocking
 * end. */
#include "controller/base/msg.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct bench {
    struct clock clock;
    struct loop *loop;
    struct arena arena;
    struct msg_link *link;
    int peer;
    int frames, gones;
    struct msg_head last;
    uint32_t sum;
    bool close_on_msg;
};

static void on_msg(struct msg_link *k, const struct msg_head *head, const void *payload,
                   void *arg)
{
    struct bench *b = arg;
    const unsigned char *bytes = payload;
    b->frames++;
    b->last = *head;
    b->sum = 0;
    assert_int_equal((uintptr_t)payload % alignof(max_align_t), 0);
    for (uint32_t i = 0; i < head->len; i++) {
        b->sum = b->sum * 31 + bytes[i];
    }
    if (b->close_on_msg) {
        msg_close(k);
        b->link = NULL;
    }
}

static void on_gone(struct msg_link *k, void *arg)
{
    struct bench *b = arg;
    b->gones++;
    assert_int_equal(msg_send(k, msg_to(ROLE_WEB, 20, 0, 0), NULL), ERR_CLOSED);
    msg_close(k);
    b->link = NULL;
}

static void bench_open_for(struct bench *b, size_t out_max, size_t in_max)
{
    int ends[2];
    memset(b, 0, sizeof *b);
    clock_init_live(&b->clock);
    assert_int_equal(loop_open(&b->loop, &b->clock), ERR_OK);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    arena_init(&b->arena, MSG_LEN_MAX + 4096);
    struct msg_spec spec = {.self = ROLE_PARK,
                            .out_max = out_max,
                            .arena = &b->arena,
                            .in_max = in_max,
                            .on_msg = on_msg,
                            .on_gone = on_gone,
                            .arg = b};
    assert_int_equal(msg_open(b->loop, ends[0], &spec, &b->link), ERR_OK);
    b->peer = ends[1];
}

static void bench_open(struct bench *b, size_t out_max)
{
    bench_open_for(b, out_max, MSG_LEN_MAX);
}

static void bench_close(struct bench *b)
{
    msg_close(b->link);
    loop_close(b->loop);
    arena_fini(&b->arena);
    if (b->peer >= 0) {
        (void)close(b->peer);
    }
}

static void polls(struct bench *b, int n)
{
    for (int i = 0; i < n; i++) {
        loop_poll(b->loop);
    }
}

static uint32_t sum_of(const unsigned char *bytes, size_t n)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum = sum * 31 + bytes[i];
    }
    return sum;
}

static void test_byte_by_byte(void **state)
{
    (void)state;
    struct bench b;
    unsigned char wire[sizeof(struct msg_head) + 5];
    struct msg_head h = {.version = MSG_VERSION,
                         .type = 33,
                         .from = ROLE_FIELD,
                         .to = ROLE_PARK,
                         .flags = 7,
                         .seq = 99,
                         .len = 5};
    memcpy(wire, &h, sizeof h);
    memcpy(wire + sizeof h, "hello", 5);
    bench_open(&b, 1000);
    for (size_t i = 0; i < sizeof wire; i++) {
        assert_int_equal(b.frames, 0);
        assert_int_equal(write(b.peer, wire + i, 1), 1);
        polls(&b, 2);
    }
    assert_int_equal(b.frames, 1);
    assert_memory_equal(&b.last, &h, sizeof h);
    assert_int_equal(b.sum, sum_of((const unsigned char *)"hello", 5));
    bench_close(&b);
}

static void test_many_at_once(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, 1000);
    for (uint32_t i = 0; i < 50; i++) {
        assert_int_equal(
            msg_send_blocking(b.peer, msg_from(ROLE_FIELD, msg_to(ROLE_PARK, 20, i, i % 4)),
                              "abc"),
            ERR_OK);
    }
    polls(&b, 5);
    assert_int_equal(b.frames, 50);
    assert_int_equal(b.last.seq, 49);
    bench_close(&b);
}

/* A writer in another process: a socket holds less than a large frame. */
static pid_t write_elsewhere(struct bench *b, const unsigned char *bytes, size_t n)
{
    pid_t pid = fork();
    if (pid == 0) {
        _exit(msg_send_blocking(b->peer, msg_from(ROLE_PLAN, msg_to(ROLE_PARK, 64, 1, n)),
                                bytes) == ERR_OK
                  ? 0
                  : 1);
    }
    return pid;
}

static void test_largest(void **state)
{
    (void)state;
    struct bench b;
    int status = -1;
    unsigned char *bytes = malloc(MSG_LEN_MAX + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < MSG_LEN_MAX; i++) {
        bytes[i] = (unsigned char)(i * 7 + i / 1000);
    }
    bench_open(&b, MSG_LEN_MAX + 16);
    pid_t pid = write_elsewhere(&b, bytes, MSG_LEN_MAX);
    for (int i = 0; i < 20000 && b.frames == 0; i++) {
        loop_poll(b.loop);
        (void)usleep(100);
    }
    assert_int_equal(b.frames, 1);
    assert_int_equal(b.last.len, MSG_LEN_MAX);
    assert_int_equal(b.sum, sum_of(bytes, MSG_LEN_MAX));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(msg_send(b.link, msg_to(ROLE_WEB, 20, 0, MSG_LEN_MAX + 1), bytes),
                     ERR_RANGE);
    assert_int_equal(
        msg_send_blocking(b.peer, msg_from(ROLE_WEB, msg_to(ROLE_PARK, 20, 0, MSG_LEN_MAX + 1)),
                          bytes),
        ERR_RANGE);
    assert_int_equal(msg_send(b.link, msg_to(ROLE_WEB, 20, 0, MSG_LEN_MAX), bytes), ERR_OK);
    free(bytes);
    bench_close(&b);
}

static void test_bad_heads(void **state)
{
    (void)state;
    const struct msg_head good = msg_from(ROLE_FIELD, msg_to(ROLE_PARK, 20, 0, 0));
    struct msg_head bad[] = {good, good, good, good};
    bad[0].version++;
    bad[1].len = MSG_LEN_MAX + 1;
    bad[2].from = ROLE_COUNT;
    bad[3].to = ROLE_COUNT;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct bench b;
        bench_open(&b, 1000);
        assert_int_equal(
            msg_send_blocking(b.peer, msg_from(ROLE_FIELD, msg_to(ROLE_PARK, 20, 0, 1)), "x"),
            ERR_OK);
        assert_int_equal(write(b.peer, &bad[i], sizeof bad[i]), sizeof bad[i]);
        polls(&b, 5);
        assert_int_equal(b.frames, 1); /* what came before is delivered */
        assert_int_equal(b.gones, 1);
        bench_close(&b);
    }
}

/* A link that takes at most 10 bytes. */
static void test_larger_than_the_buffer(void **state)
{
    (void)state;
    struct bench b;
    bench_open_for(&b, 1000, 10);
    struct msg_head head = msg_from(ROLE_FIELD, msg_to(ROLE_PARK, 20, 0, 10));
    assert_int_equal(msg_send_blocking(b.peer, head, "0123456789"), ERR_OK);
    head.len = 11;
    assert_int_equal(msg_send_blocking(b.peer, head, "0123456789a"), ERR_OK);
    polls(&b, 3);
    assert_int_equal(b.frames, 1);
    assert_int_equal(b.last.len, 10);
    assert_int_equal(b.gones, 1);
    bench_close(&b);
}

static void test_arena_too_small(void **state)
{
    (void)state;
    struct bench b;
    int ends[2];
    bench_open(&b, 1000);
    struct msg_link *second = NULL;
    struct msg_spec spec = {.self = ROLE_PARK,
                            .out_max = 1000,
                            .arena = &b.arena,
                            .in_max = 8192,
                            .on_msg = on_msg,
                            .on_gone = on_gone,
                            .arg = &b};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(msg_open(b.loop, ends[0], &spec, &second), ERR_NOMEM);
    assert_null(second);
    assert_int_equal(close(ends[0]), 0); /* still ours */
    (void)close(ends[1]);
    bench_close(&b);
}

static void test_full_queue_drops_and_counts(void **state)
{
    (void)state;
    struct bench b;
    struct msg_head h;
    char buf[100] = "";
    bench_open(&b, 2 * (16 + 100));
    assert_int_equal(msg_send(b.link, msg_to(ROLE_WEB, 20, 1, 100), buf), ERR_OK);
    assert_int_equal(msg_send(b.link, msg_to(ROLE_WEB, 20, 2, 101 - 1), buf), ERR_OK);
    assert_int_equal(msg_send(b.link, msg_to(ROLE_WEB, 20, 3, 0), NULL), ERR_FULL);
    assert_int_equal(msg_dropped(b.link), 1);
    polls(&b, 3);
    assert_int_equal(msg_send(b.link, msg_to(ROLE_WEB, 20, 4, 100), buf), ERR_OK);
    polls(&b, 3);
    const uint32_t seqs[] = {1, 2, 4};
    for (int i = 0; i < 3; i++) { /* no half frame between them */
        assert_int_equal(msg_recv_blocking(b.peer, &h, buf, sizeof buf), ERR_OK);
        assert_int_equal(h.seq, seqs[i]);
        assert_int_equal(h.from, ROLE_PARK);
        assert_int_equal(h.to, ROLE_WEB);
    }
    bench_close(&b);
}

static void test_close_inside(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, 1000);
    b.close_on_msg = true;
    assert_int_equal(
        msg_send_blocking(b.peer, msg_from(ROLE_FIELD, msg_to(ROLE_PARK, 20, 0, 1)), "x"),
        ERR_OK);
    assert_int_equal(
        msg_send_blocking(b.peer, msg_from(ROLE_FIELD, msg_to(ROLE_PARK, 20, 0, 1)), "x"),
        ERR_OK);
    polls(&b, 3);
    assert_int_equal(b.frames, 1);
    bench_close(&b);
}

static void test_blocking_end(void **state)
{
    (void)state;
    struct bench b;
    struct msg_head h = {.seq = 5};
    char buf[8] = "";
    bench_open(&b, 1000);
    assert_int_equal(msg_send(b.link, msg_to(ROLE_PLAN, 70, 1, 9), "123456789"), ERR_OK);
    assert_int_equal(msg_send(b.link, msg_to(ROLE_PLAN, 71, 2, 8), "12345678"), ERR_OK);
    polls(&b, 2);
    assert_int_equal(msg_recv_blocking(b.peer, &h, buf, sizeof buf), ERR_RANGE); /* cap + 1 */
    assert_int_equal(h.seq, 5);                                                  /* untouched */
    assert_int_equal(msg_recv_blocking(b.peer, &h, buf, sizeof buf), ERR_OK); /* cap; in step */
    assert_int_equal(h.type, 71);
    assert_memory_equal(buf, "12345678", 8);
    const struct msg_head bad = {.version = 77, .to = ROLE_PLAN};
    assert_int_equal(msg_forward(b.link, &bad, NULL), ERR_OK);
    polls(&b, 2);
    assert_int_equal(msg_recv_blocking(b.peer, &h, buf, sizeof buf), ERR_PROTOCOL);
    msg_close(b.link);
    b.link = NULL;
    assert_int_equal(msg_recv_blocking(b.peer, &h, buf, sizeof buf), ERR_CLOSED);
    assert_int_equal(
        msg_send_blocking(b.peer, msg_from(ROLE_PLAN, msg_to(ROLE_PARK, 70, 1, 1)), "x"),
        ERR_CLOSED);
    bench_close(&b);
}

static void test_peer_ends_inside_a_frame(void **state)
{
    (void)state;
    struct bench b;
    const struct msg_head h = {.version = MSG_VERSION, .to = ROLE_PARK, .len = 10};
    bench_open(&b, 1000);
    assert_int_equal(write(b.peer, &h, sizeof h), sizeof h);
    (void)close(b.peer);
    b.peer = -1;
    polls(&b, 4);
    assert_int_equal(b.frames, 0);
    assert_int_equal(b.gones, 1);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_byte_by_byte),
        cmocka_unit_test(test_many_at_once),
        cmocka_unit_test(test_largest),
        cmocka_unit_test(test_bad_heads),
        cmocka_unit_test(test_larger_than_the_buffer),
        cmocka_unit_test(test_arena_too_small),
        cmocka_unit_test(test_full_queue_drops_and_counts),
        cmocka_unit_test(test_close_inside),
        cmocka_unit_test(test_blocking_end),
        cmocka_unit_test(test_peer_ends_inside_a_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
