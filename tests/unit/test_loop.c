/* Tests of controller/base/loop: timers on their grid, closing inside callbacks, watches,
 * signals. */
#include "controller/base/loop.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

struct bench {
    struct clock clock;
    struct loop *loop;
    struct loop_timer *timer, *other;
    struct loop_watch *watch;
    int fired;
    int limit;
    int64_t at_us[64];
    int slow_at; /* firing that takes slow_us */
    int64_t slow_us;
    unsigned ready;
};

static void bench_open(struct bench *b, double speed)
{
    memset(b, 0, sizeof *b);
    b->slow_at = -1;
    assert_int_equal(clock_init_scaled(&b->clock, speed, (wall_t){0}), ERR_OK);
    assert_int_equal(loop_open(&b->loop, &b->clock), ERR_OK);
}

static void on_timer(void *arg)
{
    struct bench *b = arg;
    b->at_us[b->fired] = loop_now(b->loop).us;
    if (b->fired == b->slow_at) {
        (void)usleep((useconds_t)b->slow_us);
    }
    if (++b->fired >= b->limit) {
        loop_stop(b->loop);
    }
}

static void test_once(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, 1.0);
    b.limit = 1;
    assert_int_equal(loop_timer_open(b.loop, on_timer, &b, &b.timer), ERR_OK);
    int64_t start = loop_now(b.loop).us;
    loop_timer_after(b.timer, MONO_MS(500));
    loop_timer_after(b.timer, MONO_MS(20)); /* restarts */
    loop_run(b.loop);
    assert_true(b.at_us[0] - start >= 20000);
    assert_true(b.at_us[0] - start < 400000);
    assert_true(loop_lag_us(b.loop) >= 0);
    assert_int_equal(loop_lag_us(b.loop), 0);
    loop_timer_after(b.timer, MONO_MS(0));
    loop_timer_stop(b.timer);
    loop_poll(b.loop);
    assert_int_equal(b.fired, 1);
    loop_close(b.loop); /* closes what is left */
}

static void test_grid(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, 10.0);
    b.limit = 20;
    assert_int_equal(loop_timer_open(b.loop, on_timer, &b, &b.timer), ERR_OK);
    int64_t before = loop_now(b.loop).us;
    loop_timer_every(b.timer, MONO_MS(100));
    int64_t after = loop_now(b.loop).us;
    loop_run(b.loop);
    uint64_t steps = 20 + loop_missed(b.loop);
    /* No drift: the last firing is at its grid point or late, never early. */
    assert_true(b.at_us[19] >= before + (int64_t)steps * 100000);
    assert_true(b.at_us[19] < after + (int64_t)(steps + 1) * 100000);
    for (int i = 0; i < 20; i++) {
        assert_true(b.at_us[i] >= before + (i + 1) * 100000);
    }
    loop_close(b.loop);
}

static void test_missed_points(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, 1.0);
    b.limit = 4;
    b.slow_at = 0;
    b.slow_us = 105000;
    assert_int_equal(loop_timer_open(b.loop, on_timer, &b, &b.timer), ERR_OK);
    int64_t anchor = loop_now(b.loop).us;
    loop_timer_every(b.timer, MONO_MS(20));
    loop_run(b.loop);
    /* The slow one began at 20 and ended after 125: 40 was fired late, 60, 80, 100, 120 never.
     */
    assert_true(loop_missed(b.loop) >= 4);
    uint64_t steps = 4 + loop_missed(b.loop);
    assert_true(b.at_us[3] >= anchor + (int64_t)steps * 20000);
    assert_true(loop_lag_us(b.loop) >= 80000);
    loop_close(b.loop);
}

static void on_timer_close(void *arg)
{
    struct bench *b = arg;
    b->fired++;
    loop_timer_close(b->timer);
    loop_timer_close(b->other); /* due in the same round */
    b->timer = NULL;
    b->other = NULL;
}

static void test_close_inside(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, 1.0);
    assert_int_equal(loop_timer_open(b.loop, on_timer_close, &b, &b.timer), ERR_OK);
    assert_int_equal(loop_timer_open(b.loop, on_timer_close, &b, &b.other), ERR_OK);
    loop_timer_every(b.timer, MONO_MS(1));
    loop_timer_every(b.other, MONO_MS(1));
    (void)usleep(5000);
    loop_poll(b.loop);
    loop_poll(b.loop);
    assert_int_equal(b.fired, 1);
    loop_close(b.loop);
}

static void on_watch(int fd, unsigned ready, void *arg)
{
    struct bench *b = arg;
    (void)fd;
    b->ready |= ready;
    b->fired++;
}

static void on_watch_close(int fd, unsigned ready, void *arg)
{
    on_watch(fd, ready, arg);
    struct bench *b = arg;
    loop_watch_close(b->watch);
}

static enum err watch_open(struct bench *b, int fd, unsigned want, loop_watch_fn *fn)
{
    struct loop_watch_spec spec = {.fd = fd, .want = want, .fn = fn, .arg = b};
    return loop_watch_open(b->loop, &spec, &b->watch);
}

static void test_watch(void **state)
{
    (void)state;
    struct bench b;
    int ends[2];
    char byte;
    bench_open(&b, 1.0);
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    assert_int_equal(watch_open(&b, ends[0], LOOP_READ, on_watch), ERR_OK);
    loop_poll(b.loop);
    assert_int_equal(b.fired, 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    loop_poll(b.loop);
    loop_poll(b.loop); /* level-triggered */
    assert_int_equal(b.fired, 2);
    assert_int_equal(b.ready, LOOP_READ);
    loop_watch_want(b.watch, 0);
    loop_poll(b.loop);
    assert_int_equal(b.fired, 2);
    loop_watch_want(b.watch, LOOP_READ);
    loop_poll(b.loop);
    assert_int_equal(b.fired, 3);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    loop_watch_close(b.watch);
    assert_int_equal(watch_open(&b, ends[1], 0, on_watch_close), ERR_OK);
    loop_poll(b.loop);
    assert_int_equal(b.fired, 3);
    loop_watch_want(b.watch, LOOP_WRITE | LOOP_READ);
    b.ready = 0;
    loop_poll(b.loop);
    loop_poll(b.loop);
    assert_int_equal(b.fired, 4); /* closed inside */
    assert_int_equal(b.ready, LOOP_WRITE);
    loop_close(b.loop);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void test_watch_refused(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, 1.0);
    assert_int_equal(watch_open(&b, 1000, LOOP_READ, on_watch), ERR_IO);
    assert_null(b.watch);
    loop_close(b.loop);
}

static void on_signal(int sig, void *arg)
{
    struct bench *b = arg;
    b->fired = sig;
    loop_stop(b->loop);
}

static void test_signal(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, 1.0);
    assert_int_equal(loop_signal(b.loop, SIGUSR1, on_signal, &b), ERR_OK);
    assert_int_equal(raise(SIGUSR1), 0);
    loop_run(b.loop);
    assert_int_equal(b.fired, SIGUSR1);
    loop_stop(b.loop); /* before it runs: it must return at once */
    loop_run(b.loop);
    loop_close(b.loop);
}

/* ---- A clock that stands until it is granted time ---- */

struct granted {
    struct clock clock;
    struct loop *loop;
    struct loop_timer *once, *every, *last;
    char seen[32];
    int n, idles;
};

static void on_once(void *arg)
{
    struct granted *g = arg;
    g->seen[g->n++] = 'o';
}

static void on_every(void *arg)
{
    struct granted *g = arg;
    g->seen[g->n++] = 'e';
}

static void on_last(void *arg)
{
    struct granted *g = arg;
    g->seen[g->n++] = 'l';
    loop_stop(g->loop);
}

/* Grants the time of the next timer, as a simulator would. */
static bool on_idle(void *arg)
{
    struct granted *g = arg;
    assert_true(mono_before(g->clock.now, loop_due(g->loop))); /* all that is due has fired */
    g->idles++;
    clock_grant(&g->clock, loop_due(g->loop));
    return true;
}

static void test_granted(void **state)
{
    (void)state;
    struct granted g = {.n = 0};
    clock_init_granted(&g.clock, (wall_t){0});
    assert_int_equal(loop_open(&g.loop, &g.clock), ERR_OK);
    assert_int_equal(loop_due(g.loop).us, INT64_MAX);
    assert_int_equal(loop_timer_open(g.loop, on_once, &g, &g.once), ERR_OK);
    assert_int_equal(loop_timer_open(g.loop, on_every, &g, &g.every), ERR_OK);
    assert_int_equal(loop_timer_open(g.loop, on_last, &g, &g.last), ERR_OK);
    loop_timer_every(g.every, MONO_S(600));
    loop_timer_after(g.last, MONO_S(3600));
    loop_timer_after(g.once, MONO_S(1200)); /* set after the grid's second point was not yet */
    assert_int_equal(loop_due(g.loop).us, MONO_S(600).us);
    int64_t began = clock_real_us();
    loop_on_idle(g.loop, on_idle, &g);
    loop_run(g.loop);
    assert_true(clock_real_us() - began < 5000000); /* an hour has passed */
    assert_string_equal(g.seen, "eoeeeel");
    assert_int_equal(g.clock.now.us, MONO_S(3600).us);
    assert_int_equal(g.idles, 6);
    assert_int_equal(loop_missed(g.loop), 0);
    loop_timer_stop(g.every);
    assert_int_equal(loop_due(g.loop).us, INT64_MAX);
    loop_close(g.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_once),          cmocka_unit_test(test_grid),
        cmocka_unit_test(test_missed_points), cmocka_unit_test(test_close_inside),
        cmocka_unit_test(test_watch),         cmocka_unit_test(test_watch_refused),
        cmocka_unit_test(test_signal),        cmocka_unit_test(test_granted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
