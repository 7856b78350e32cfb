/* Tests of controller/base/clock: speeds, bounds, and handing a clock to another process. */
#include "controller/base/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <time.h>
#include <unistd.h>

static void test_live(void **state)
{
    (void)state;
    struct clock c;
    clock_init_live(&c);
    int64_t now_ms = (int64_t)time(NULL) * 1000;
    assert_in_range(clock_wall(&c).ms - now_ms + 1000, 0, 3000);
    /* Every process of the machine has the same monotonic time. */
    int64_t before = clock_real_us();
    mono_t now = clock_mono(&c);
    assert_true(now.us >= before && now.us <= clock_real_us());
    assert_int_equal(clock_to_real_us(&c, MONO_MS(5)), 5000);
}

static void test_scaled_runs_faster(void **state)
{
    (void)state;
    struct clock c;
    assert_int_equal(clock_init_scaled(&c, 100.0, (wall_t){1752451200000}), ERR_OK);
    mono_t a = clock_mono(&c);
    int64_t real_a = clock_real_us();
    (void)usleep(20000);
    int64_t real_b = clock_real_us();
    mono_t b = clock_mono(&c);
    int64_t passed = mono_sub(b, a).us;
    assert_true(passed >= (real_b - real_a) * 100);
    assert_true(clock_wall(&c).ms >= 1752451200000 + passed / 1000);
    assert_int_equal(clock_to_real_us(&c, MONO_S(1)), 10000);
}

static void test_speed_bounds(void **state)
{
    (void)state;
    struct clock c = {.speed = 7};
    const double bad[] = {0.0, -1.0, 1000.5, NAN, INFINITY};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(clock_init_scaled(&c, bad[i], (wall_t){0}), ERR_RANGE);
        assert_true(c.speed == 7); /* untouched */
    }
    assert_int_equal(clock_init_scaled(&c, 1000.0, (wall_t){0}), ERR_OK);
    assert_int_equal(clock_to_real_us(&c, (mono_t){1}), 1);
    assert_int_equal(clock_to_real_us(&c, (mono_t){0}), 0);
    assert_int_equal(clock_to_real_us(&c, (mono_t){-5}), 0);
    assert_int_equal(clock_init_scaled(&c, 1e-9, (wall_t){0}), ERR_OK);
    assert_true(clock_to_real_us(&c, (mono_t){INT64_MAX}) == INT64_MAX);
}

static void test_text_form(void **state)
{
    (void)state;
    struct clock a;
    struct clock b;
    char text[96];
    assert_int_equal(clock_init_scaled(&a, 0.1 + 0.2, (wall_t){1752451200123}), ERR_OK);
    clock_format(&a, text, sizeof text);
    assert_int_equal(clock_parse(&b, text), ERR_OK);
    assert_true(a.speed == b.speed);
    assert_int_equal(a.anchor_real_us, b.anchor_real_us);
    assert_int_equal(a.anchor_wall.ms, b.anchor_wall.ms);
    assert_false(b.live);
    clock_init_live(&a);
    clock_format(&a, text, sizeof text);
    assert_string_equal(text, "live");
    assert_int_equal(clock_parse(&b, text), ERR_OK);
    assert_true(b.live);
}

static void test_text_refused(void **state)
{
    (void)state;
    struct clock c;
    const char *const bad[] = {
        "", "10", "10 5", "10 5 6x", "x 5 6", "10  5", "10 5 99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(clock_parse(&c, bad[i]), ERR_SYNTAX);
    }
    assert_int_equal(clock_parse(&c, "0 5 6"), ERR_RANGE);
    assert_int_equal(clock_parse(&c, "1001 5 6"), ERR_RANGE);
    assert_int_equal(clock_parse(&c, "nan 5 6"), ERR_RANGE);
}

static void test_granted(void **state)
{
    (void)state;
    struct clock a, b;
    char text[96];
    clock_init_granted(&a, (wall_t){1752451200123});
    assert_int_equal(clock_mono(&a).us, 0);
    assert_int_equal(clock_wall(&a).ms, 1752451200123);
    (void)usleep(2000);
    assert_int_equal(clock_mono(&a).us, 0); /* it stands */
    clock_grant(&a, MONO_MS(1500));
    assert_int_equal(clock_mono(&a).us, 1500000);
    assert_int_equal(clock_wall(&a).ms, 1752451201623);
    clock_format(&a, text, sizeof text);
    assert_string_equal(text, "lockstep 1500000 1752451200123");
    assert_int_equal(clock_parse(&b, text), ERR_OK);
    assert_true(b.granted && !b.live && b.speed == 1.0);
    assert_int_equal(clock_mono(&b).us, 1500000);
    assert_int_equal(clock_parse(&b, "lockstep"), ERR_SYNTAX);
    assert_int_equal(clock_parse(&b, "lockstep 5"), ERR_SYNTAX);
    assert_int_equal(clock_parse(&b, "lockstep 5 6x"), ERR_SYNTAX);
    assert_int_equal(clock_parse(&b, "lockstep -5 6"), ERR_RANGE);
    assert_int_equal(clock_mono(&b).us, 1500000); /* untouched */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_live),         cmocka_unit_test(test_scaled_runs_faster),
        cmocka_unit_test(test_speed_bounds), cmocka_unit_test(test_text_form),
        cmocka_unit_test(test_text_refused), cmocka_unit_test(test_granted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
