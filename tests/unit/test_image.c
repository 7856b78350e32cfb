/* The live image: what it takes in, what it refuses, when a reading goes stale. */
#include "controller/base/civil.h"
#include "controller/park/image.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct doc_errors errors;

struct fixture {
    struct arena arena;
    struct park *park;
    struct image live, frozen;
};

static void setup(struct fixture *f)
{
    memset(&errors, 0, sizeof errors);
    arena_init(&f->arena, (size_t)16 << 20);
    assert_int_equal(park_load(&f->arena, "etc/parks/small.yaml", &f->park, &errors), ERR_OK);
    assert_int_equal(image_init(&f->live, &f->arena, f->park), ERR_OK);
    assert_int_equal(image_init(&f->frozen, &f->arena, f->park), ERR_OK);
}

static int point(const struct fixture *f, const char *name)
{
    int p = park_point_from_name(f->park, name);
    assert_true(p >= 0);
    return p;
}

static void put(struct fixture *f, const char *name, double value, double at_s)
{
    struct msg_reading r = {.point = (uint32_t)point(f, name),
                            .quality = QUALITY_GOOD,
                            .value = value,
                            .at = MONO_S(at_s)};
    image_update(&f->live, &r);
}

static enum quality quality(const struct fixture *f, const struct image *im, const char *name)
{
    return im->reading[point(f, name)].quality;
}

static void test_missing(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    assert_int_equal(image_pcc(&f.live)->quality, QUALITY_MISSING);
    assert_true(image_value(&f.live, f.park->pcc, P_KW, 42) == 42);
    put(&f, "pcc.kw", 100, 1);
    assert_true(image_value(&f.live, f.park->pcc, P_KW, 42) == 100);
    arena_fini(&f.arena);
}

static void test_bad(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    static const double bad[] = {NAN, INFINITY, -INFINITY, 2000,
                                 -2000}; /* 630 kW x 1.5 x 2 = 1890 */
    for (int i = 0; i < 5; i++) {
        put(&f, "pcc.kw", bad[i], 1);
        assert_int_equal(quality(&f, &f.live, "pcc.kw"), QUALITY_BAD);
        assert_true(image_value(&f.live, f.park->pcc, P_KW, 42) == 42);
    }
    put(&f, "pcc.kw", 1880, 1);
    assert_int_equal(quality(&f, &f.live, "pcc.kw"), QUALITY_GOOD);
    put(&f, "tank.demand_kw", NAN, 1);
    assert_int_equal(quality(&f, &f.live, "tank.demand_kw"), QUALITY_BAD);
    arena_fini(&f.arena);
}

static void test_order(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    put(&f, "pcc.kw", 10, 5);
    put(&f, "pcc.kw", 20, 4); /* older */
    assert_true(image_pcc(&f.live)->value == 10);
    put(&f, "pcc.kw", 30, 5);
    assert_true(image_pcc(&f.live)->value == 30);
    struct msg_reading foreign = {.point = (uint32_t)f.park->points, .quality = QUALITY_GOOD};
    image_update(&f.live, &foreign);
    struct msg_reading nonsense = {
        .point = 0, .quality = QUALITY_COUNT, .value = 7, .at = MONO_S(9)};
    image_update(&f.live, &nonsense);
    assert_true(image_pcc(&f.live)->value == 30);
    arena_fini(&f.arena);
}

/* pcc is polled every 0.2 s, pv1 every second; energies ten times as rarely. */
static void test_stale(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    put(&f, "pcc.kw", 10, 100);
    put(&f, "pv1.kw", 10, 100);
    put(&f, "pv1.yield_kwh", 10, 100);
    image_freeze(&f.live, &f.frozen, MONO_S(100.6));
    assert_int_equal(quality(&f, &f.frozen, "pcc.kw"), QUALITY_GOOD);
    image_freeze(&f.live, &f.frozen, MONO_S(100.61));
    assert_int_equal(quality(&f, &f.frozen, "pcc.kw"), QUALITY_STALE);
    assert_int_equal(quality(&f, &f.live, "pcc.kw"), QUALITY_GOOD); /* only the copy */
    assert_int_equal(quality(&f, &f.frozen, "pv1.kw"), QUALITY_GOOD);
    image_freeze(&f.live, &f.frozen, MONO_S(103.01));
    assert_int_equal(quality(&f, &f.frozen, "pv1.kw"), QUALITY_STALE);
    assert_int_equal(quality(&f, &f.frozen, "pv1.yield_kwh"), QUALITY_GOOD);
    image_freeze(&f.live, &f.frozen, MONO_S(130.01));
    assert_int_equal(quality(&f, &f.frozen, "pv1.yield_kwh"), QUALITY_STALE);
    assert_true(f.frozen.frozen_at.us == MONO_S(130.01).us);
    put(&f, "pcc.kw", 11, 130);
    image_freeze(&f.live, &f.frozen, MONO_S(130.01));
    assert_true(image_pcc(&f.frozen)->value == 11 && reading_usable(image_pcc(&f.frozen)));
    arena_fini(&f.arena);
}

static void test_quality_names(void **state)
{
    (void)state;
    assert_string_equal(quality_name(QUALITY_MISSING), "missing");
    assert_string_equal(quality_name(QUALITY_SIMULATED), "simulated");
    assert_string_equal(quality_name(QUALITY_COUNT), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing),       cmocka_unit_test(test_bad),
        cmocka_unit_test(test_order),         cmocka_unit_test(test_stale),
        cmocka_unit_test(test_quality_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
