/* Random streams: reproducible, independent of each other, of the right distribution. */
#include "sim/rng.h"
#include "tests/unit/test_plant_near.h"

static void same_name_same_numbers(void **state)
{
    (void)state;
    struct rng a, b;
    rng_init(&a, 42, "bess1", "noise");
    rng_init(&b, 42, "bess1", "noise");
    for (int i = 0; i < 1000; i++) {
        assert_true(rng_u64(&a) == rng_u64(&b));
    }
}

static void other_name_other_numbers(void **state)
{
    (void)state;
    const char *names[][2] = {
        {"pv1",  "noise"   },
        {"pv2",  "noise"   },
        {"pv1",  "cloud"   },
        {"pv1n", "oise"    },
        {"",     "pv1noise"}
    };
    uint64_t first[6];
    struct rng r;
    for (int i = 0; i < 5; i++) {
        rng_init(&r, 7, names[i][0], names[i][1]);
        first[i] = rng_u64(&r);
    }
    rng_init(&r, 8, "pv1", "noise");
    first[5] = rng_u64(&r);
    for (int i = 0; i < 6; i++) {
        for (int k = 0; k < i; k++) {
            assert_true(first[i] != first[k]);
        }
    }
}

/* The published algorithm from the state {1, 2, 3, 4}; first outputs as in its reference C
 * code. */
static void is_xoshiro256ss(void **state)
{
    (void)state;
    struct rng r = {
        .s = {1, 2, 3, 4}
    };
    const uint64_t want[] = {11520, 0, 1509978240, 1215971899390074240};
    for (int i = 0; i < 4; i++) {
        assert_true(rng_u64(&r) == want[i]);
    }
}

static void moments(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 1, "load", "noise");
    const int n = 200000;
    double su = 0, sn = 0, sn2 = 0, sn4 = 0, lag = 0, last = 0;
    for (int i = 0; i < n; i++) {
        double u = rng_uniform(&r), x = rng_normal(&r);
        assert_true(u >= 0 && u < 1);
        su += u;
        sn += x;
        sn2 += x * x;
        sn4 += x * x * x * x;
        lag += x * last;
        last = x;
    }
    assert_near(su / n, 0.5, 0.003);
    assert_near(sn / n, 0, 0.01);
    assert_near(sn2 / n, 1, 0.02);
    assert_near(sn4 / n, 3, 0.1);
    assert_near(lag / n, 0, 0.01);
    for (int i = 0; i < 1000; i++) {
        assert_within(rng_between(&r, -3, 5), -3, 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_name_same_numbers),
        cmocka_unit_test(other_name_other_numbers),
        cmocka_unit_test(is_xoshiro256ss),
        cmocka_unit_test(moments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
