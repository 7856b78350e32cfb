/* A device's points read together are the points read one by one, whatever is wrong with it or
 * about to be written; each body of a world steps exactly once. */
#include "sim/body_lists.h"
#include "tests/support/bench_sim.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct rig {
    struct arena arena;
    struct setup set;
};

static void rig_open(struct rig *r, const char *park)
{
    memset(r, 0, sizeof *r);
    bench_sim_open(
        &r->arena, &r->set,
        (struct setup_ask){.park = park, .start = "2025-07-14T12:00:00+08:00", .dt_s = 1});
}

static void rig_run(struct rig *r, int s)
{
    for (int i = 0; i < s; i++) {
        setup_step(&r->set);
    }
}

/* Returns how many points show a number. */
static int compare(const struct rig *r)
{
    int numbers = 0;
    for (int d = 0; d < r->set.park->devices; d++) {
        int row[POINTS_PER_KIND_MAX], n = dict_kind(r->set.park->device[d].kind)->points;
        double together[POINTS_PER_KIND_MAX];
        for (int i = 0; i < n; i++) {
            row[i] = n - 1 - i; /* in any order */
        }
        device_show(&r->set.devices, d, row, n, together);
        for (int i = 0; i < n; i++) {
            double alone = device_shown(&r->set.devices, d, row[i]);
            assert_true(alone == together[i] || (isnan(alone) && isnan(together[i])));
            numbers += !isnan(alone);
        }
    }
    return numbers;
}

static void inject(struct rig *r, const char *device, const char *text)
{
    char why[FAULT_WHY_LEN] = "";
    int d = park_device(r->set.park, device);
    if (faults_inject(&r->set.faults, d, text, INFINITY, why) == 0) {
        fail_msg("%s: %s", text, why);
    }
}

static void shows_the_same(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "etc/parks/ceramics.yaml");
    rig_run(&r, 60);
    assert_true(compare(&r) > 300);
    int pv = park_device(r.set.park, "pv_a");
    double before = device_shown(&r.set.devices, pv, PV_LIMIT_PU);
    assert_int_equal(device_write(&r.set.devices, pv, PV_LIMIT_PU, 0.25), ERR_OK);
    compare(&r); /* latched: shown at once */
    assert_true(before != 0.25 && device_shown(&r.set.devices, pv, PV_LIMIT_PU) == 0.25);
    inject(&r, "line1", "wrong_scale:10");
    inject(&r, "k3", "freeze");
    inject(&r, "pv_b", "sentinel");
    compare(&r);
    rig_run(&r, 60);
    compare(&r);
    arena_fini(&r.arena);
}

static int times_in(const struct bodies *list, const struct body *b)
{
    int n = 0;
    for (int i = 0; i < list->n; i++) {
        n += list->of[i] == b;
        assert_true(i == 0 || list->of[i - 1]->index < list->of[i]->index);
    }
    return n;
}

static void each_body_steps_once(void **state)
{
    (void)state;
    struct rig r;
    struct body_lists lists;
    rig_open(&r, "etc/parks/ceramics.yaml");
    int n = r.set.park->devices, meters = 0;
    struct body *all = world_body(r.set.world, 0)->all;
    assert_int_equal(body_lists_init(&lists, &r.arena, all, n), ERR_OK);
    for (int i = 0; i < n; i++) {
        const struct body *b = &all[i];
        enum kind k = b->device->kind;
        int stepped = times_in(&lists.slow, b) + times_in(&lists.fast, b);
        assert_int_equal(stepped + times_in(&lists.meters, b) + (k == KIND_TANK), 1);
        assert_int_equal(times_in(&lists.on_bus, b), dict_kind(k)->on_bus);
        assert_int_equal(times_in(&lists.transformers, b), k == KIND_TRANSFORMER);
        meters += k == KIND_METER;
    }
    assert_true(meters == lists.meters.n && meters > 0 && lists.fast.n > 0);
    arena_fini(&r.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_the_same),
        cmocka_unit_test(each_body_steps_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
