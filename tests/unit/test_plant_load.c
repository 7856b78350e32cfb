/* Rigid load: the trace's energy, the noise's size and memory. */
#include "sim/plant_load.h"
#include "tests/unit/test_plant_near.h"

static void trace_is_exact_without_noise(void **state)
{
    (void)state;
    struct plant_load_params par = {.noise_pu = 0, .noise_s = 60, .pf = 0.9};
    struct rng r;
    rng_init(&r, 1, "load1", "noise");
    struct plant_load l;
    assert_int_equal(plant_load_init(&l, &par, &r), ERR_OK);
    double want = 0;
    for (int i = 0; i < 86400; i++) {
        struct plant_load_in in = {.trace_kw = 620 + i % 100};
        plant_load_step(&l, &in, 1);
        want += (620 + i % 100) / 3600.0;
        assert_near(l.kw, -in.trace_kw, 0);
    }
    assert_near(l.draw_kwh / want, 1, 1e-12);
    assert_near(l.kw / hypot(l.kw, l.kvar), -0.9, 1e-12);
}

static void noise(void **state)
{
    (void)state;
    struct plant_load_params par = {.noise_pu = 0.05, .noise_s = 100, .pf = 1};
    const double steps_s[] = {1, 50};
    for (int k = 0; k < 2; k++) {
        struct rng r;
        rng_init(&r, 1, "load1", "noise");
        struct plant_load l;
        assert_int_equal(plant_load_init(&l, &par, &r), ERR_OK);
        const int n = 400000;
        double sum = 0, square = 0, memory = 0, last = 0;
        for (int i = 0; i < n; i++) {
            struct plant_load_in in = {.trace_kw = 1000};
            plant_load_step(&l, &in, steps_s[k]);
            double x = -l.kw / 1000 - 1;
            sum += x;
            square += x * x;
            memory += x * last;
            last = x;
        }
        assert_near(sum / n, 0, 0.003);
        assert_near(sqrt(square / n), 0.05, 0.002);
        assert_near(memory / square, exp(-steps_s[k] / 100), 0.005);
    }
}

static void extra_and_trip(void **state)
{
    (void)state;
    struct plant_load_params par = {.noise_pu = 0, .noise_s = 60, .pf = 1};
    struct rng r;
    rng_init(&r, 1, "load1", "noise");
    struct plant_load l;
    assert_int_equal(plant_load_init(&l, &par, &r), ERR_OK);
    struct plant_load_in in = {.trace_kw = 100, .extra_kw = 50};
    plant_load_step(&l, &in, 1);
    assert_near(l.kw, -150, 0);
    in.trip = true;
    plant_load_step(&l, &in, 1);
    assert_near(l.kw, 0, 0);
    par.pf = 2;
    assert_int_equal(plant_load_init(&l, &par, &r), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trace_is_exact_without_noise),
        cmocka_unit_test(noise),
        cmocka_unit_test(extra_and_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
