/* Devices in a person's hands: setpoints stay, starts are said once, time runs out, a restart
 * forgets nothing. */
#include "controller/dispatch/manual.h"
#include "tests/support/bench_park.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct bench b;

static const char *const ceramics = "etc/parks/ceramics.yaml";
static const char *const small = "etc/parks/small.yaml";
/* a workday at a flat price: the rules leave the batteries alone */
static const char *const flat_hour = "2025-07-15T09:00:00+08:00";

/* Set points of a person stay as they are; automatic is taken up again at once. */
static void test_manual(void **state)
{
    (void)state;
    bench_open(&b, small, flat_hour);
    char why[MSG_TEXT];
    int bess = bench_device(&b, "bess1");
    struct msg_command m = {.type = COMMAND_SET,
                            .point = (uint32_t)park_point(b.park, bess, BATTERY_SET_KW),
                            .value = -50};
    bench_run(&b, 30);
    b.core.replan = false;
    assert_int_equal(core_command(&b.core, &m, b.wall, why), ERR_OK);
    assert_true(b.core.replan);
    bench_run(&b, 30);
    assert_true(fabs(b.kw[bess] + 50) < 1);
    b.free_kw[bench_device(&b, "works")] = 800; /* the governor keeps its hands off it */
    bench_run(&b, 30);
    assert_true(fabs(b.kw[bess] + 50) < 1);
    m.value = 1000;
    assert_int_equal(core_command(&b.core, &m, b.wall, why), ERR_RANGE);
    assert_non_null(strstr(why, "-200 to 200"));
    m.point = (uint32_t)park_point(b.park, bess, BATTERY_SOC_PU);
    assert_int_equal(core_command(&b.core, &m, b.wall, why), ERR_RANGE);
    m = (struct msg_command){.type = COMMAND_AUTO, .device = (uint32_t)bess};
    assert_int_equal(core_command(&b.core, &m, b.wall, why), ERR_OK);
    bench_run(&b, 5);
    assert_true(b.kw[bess] > 100);
    m.device = 9999;
    assert_int_equal(core_command(&b.core, &m, b.wall, why), ERR_NOT_FOUND);
    m.type = COMMAND_TYPE_COUNT;
    assert_int_equal(core_command(&b.core, &m, b.wall, why), ERR_RANGE);
    bench_close(&b);
}

/* A start by hand is said once: repeated, it would start the kiln again after its firing. */
static void test_manual_start_is_said_once(void **state)
{
    (void)state;
    bench_open(&b, ceramics, "2025-07-20T09:00:00+08:00"); /* a Sunday: no orders */
    char why[MSG_TEXT];
    int k3 = bench_device(&b, "k3");
    struct msg_command m = {.type = COMMAND_SET,
                            .point = (uint32_t)park_point(b.park, k3, KILN_RUN),
                            .value = KILN_RUNNING};
    int said = 0;
    bench_run(&b, 30);
    for (int i = 0; i < 600; i++) {
        if (i == 0 || i == 300) {
            assert_int_equal(core_command(&b.core, &m, b.wall, why), ERR_OK);
        }
        bench_step(&b);
        said += isfinite(bench_said(&b, k3, KILN_RUN));
        assert_int_equal(said, i < 300 ? 1 : 2);
    }
    bench_close(&b);
}

/* A manual setpoint that is for an hour goes back to automatic after it. */
static void test_manual_expires(void **state)
{
    (void)state;
    bench_open(&b, small, flat_hour);
    char why[MSG_TEXT];
    int bess = bench_device(&b, "bess1");
    struct msg_command m = {.type = COMMAND_SET,
                            .point = (uint32_t)park_point(b.park, bess, BATTERY_SET_KW),
                            .value = -50,
                            .for_s = 60};
    assert_int_equal(core_command(&b.core, &m, b.wall, why), ERR_OK);
    bench_run(&b, 55);
    assert_true(b.core.unit[bess].manual && fabs(b.kw[bess] + 50) < 1);
    bench_run(&b, 10);
    assert_false(b.core.unit[bess].manual);
    assert_true(fabs(b.kw[bess]) < 1);
    bench_close(&b);
}

/* What the process before kept; the park file has lost one point and narrowed another since. */
static void test_restart(void **state)
{
    (void)state;
    bench_open(&b, ceramics, "2025-07-20T09:00:00+08:00"); /* a Sunday: no orders */
    struct msg_manual kept[16];
    int bess = bench_device(&b, "bess1"), k3 = bench_device(&b, "k3"), said = 0;
    char why[MSG_TEXT];
    struct msg_command m[] = {
        {.type = COMMAND_SET,
         .point = (uint32_t)park_point(b.park, bess, BATTERY_SET_KW),
         .value = -50,
         .for_s = 3600},
        {.type = COMMAND_SET,
         .point = (uint32_t)park_point(b.park,                k3,       KILN_RUN),
         .value = KILN_RUNNING},
    };
    bench_run(&b, 30);
    assert_int_equal(core_command(&b.core, &m[0], b.wall, why), ERR_OK);
    assert_int_equal(core_command(&b.core, &m[1], b.wall, why), ERR_OK);
    assert_true(b.core.manual_changed);
    assert_int_equal(manual_list(&b.core, kept), 2);
    bench_close(&b);

    kept[2] = kept[0];
    snprintf(kept[2].point, sizeof kept[2].point, "gone.set_kw");
    kept[3] = kept[0];
    snprintf(kept[3].point, sizeof kept[3].point, "bess2.set_kw");
    kept[3].value = 1e6;
    kept[4] = kept[0];
    memset(kept[4].point, 'x', sizeof kept[4].point);
    bench_open(&b, ceramics, "2025-07-20T09:30:00+08:00");
    manual_restore(&b.core, kept, 5, b.wall);
    for (int i = 0; i < 300; i++) {
        bench_step(&b);
        said += isfinite(bench_said(&b, k3, KILN_RUN));
    }
    assert_int_equal(said, 0); /* the kiln was started before */
    assert_true(b.core.unit[bess].manual && fabs(b.kw[bess] + 50) < 1);
    assert_true(b.core.unit[k3].manual);
    assert_false(b.core.unit[bench_device(&b, "bess2")].manual);
    bench_close(&b);

    bench_open(&b, ceramics, "2025-07-20T10:05:00+08:00");
    manual_restore(&b.core, kept, 2, b.wall);
    assert_false(b.core.unit[bess].manual); /* its hour is over */
    assert_true(b.core.unit[k3].manual);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_manual),
        cmocka_unit_test(test_manual_start_is_said_once),
        cmocka_unit_test(test_manual_expires),
        cmocka_unit_test(test_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
