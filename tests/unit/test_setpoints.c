/* Setpoints: changes beyond the dead band, renewals, commands given once. */
#include "controller/dispatch/setpoints.h"
#include "tests/support/bench_park.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct bench b;
static struct setpoints s;
static struct msg_setpoint out[16];
static int bess;

static void setup(void)
{
    bench_open(&b, "etc/parks/small.yaml", "2025-07-15T09:00:00+08:00");
    assert_int_equal(setpoints_init(&s, &b.arena, b.park), ERR_OK);
    bess = bench_device(&b, "bess1");
}

static void put(double kw)
{
    setpoints_put(&s, bess, BATTERY_SET_KW, kw, 15);
}

static int flush(double at_s)
{
    return setpoints_flush(&s, MONO_S(at_s), 7, out, 16);
}

static void test_dead_band(void **state)
{
    (void)state;
    setup();
    assert_int_equal(flush(10), 0);
    put(100);
    assert_int_equal(flush(10), 1);
    assert_int_equal(out[0].point, park_point(b.park, bess, BATTERY_SET_KW));
    assert_true(out[0].value == 100 && out[0].lease_ms == 15000 && out[0].cause == 7);
    put(100.5); /* of a range of 400: 0.125 % */
    assert_int_equal(flush(11), 0);
    put(101.5);
    assert_int_equal(flush(11.2), 1);
    assert_true(out[0].value == 101.5);
    put(500); /* to its range */
    assert_int_equal(flush(11.4), 1);
    assert_true(out[0].value == 200);
    bench_close(&b);
}

static void test_renewal(void **state)
{
    (void)state;
    setup();
    put(100);
    assert_int_equal(flush(10), 1);
    int said = 0;
    double last = 10;
    for (int i = 1; i <= 300; i++) {
        put(100.5);
        if (flush(10 + i * 0.2) == 1) {
            said++;
            assert_true(10 + i * 0.2 - last <= 15.0 / 3 + 0.21); /* a third of the lease */
            last = 10 + i * 0.2;
            assert_true(out[0].value == 100.5); /* the small change goes with it */
        }
    }
    assert_in_range(said, 11, 12);
    /* nobody wants it any more: not renewed, whatever happens */
    for (int i = 1; i <= 100; i++) {
        assert_int_equal(flush(70 + i), 0);
    }
    put(100.5);
    assert_int_equal(flush(171), 1);
    bench_close(&b);
}

static void test_once(void **state)
{
    (void)state;
    setup();
    setpoints_put(&s, bess, BATTERY_RUN, 1, 0);
    assert_int_equal(flush(10), 1);
    assert_int_equal(out[0].lease_ms, 60000);
    assert_int_equal(flush(100), 0);
    /* asked for at each tick: said every five seconds */
    int said = 0;
    for (int i = 1; i <= 100; i++) {
        setpoints_put(&s, bess, BATTERY_RUN, 1, 0);
        said += flush(100 + i * 0.2);
    }
    assert_in_range(said, 4, 5);
    bench_close(&b);
}

/* A command that is given once must not come again by itself later on. */
static void test_once_does_not_linger(void **state)
{
    (void)state;
    setup();
    setpoints_put(&s, bess, BATTERY_RUN, 1, 0);
    assert_int_equal(flush(10), 1);
    setpoints_put(&s, bess, BATTERY_RUN, 1, 0); /* within the five seconds: too early */
    assert_int_equal(flush(11), 0);
    setpoints_put(&s, bess, BATTERY_RUN, 0, 0); /* another value is another command */
    assert_int_equal(flush(12), 1);
    assert_true(out[0].value == 0);
    assert_int_equal(flush(30), 0);
    bench_close(&b);
}

static void test_forget(void **state)
{
    (void)state;
    setup();
    put(100);
    assert_int_equal(flush(10), 1);
    put(100);
    assert_int_equal(flush(10.2), 0);
    setpoints_forget(&s, bess);
    assert_int_equal(flush(10.4), 0);
    put(100);
    assert_int_equal(flush(10.6), 1); /* all is said again */
    bench_close(&b);
}

static void test_full(void **state)
{
    (void)state;
    setup();
    put(100);
    setpoints_put(&s, bess, BATTERY_RUN, 1, 0);
    setpoints_put(&s, bench_device(&b, "pv1"), PV_LIMIT_PU, 0.5, 60);
    assert_int_equal(setpoints_flush(&s, MONO_S(10), 1, out, 2), 2);
    assert_int_equal(setpoints_flush(&s, MONO_S(10.2), 1, out, 2), 1); /* nothing is lost */
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dead_band), cmocka_unit_test(test_renewal),
        cmocka_unit_test(test_once),      cmocka_unit_test(test_once_does_not_linger),
        cmocka_unit_test(test_forget),    cmocka_unit_test(test_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
