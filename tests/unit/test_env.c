/* The sun of the simulator's sky: what is kept for later seconds is what would be worked out
 * then, on a walk through time, after leaps, and backwards. */
#include "controller/base/civil.h"
#include "sim/env.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void same_sun(const struct env *e, const struct park *p)
{
    struct sun s = sun_at(p->latitude_deg, p->longitude_deg, (double)e->at.ms / 1000);
    assert_memory_equal(&s, &e->sun, sizeof s);
}

static void kept_suns_are_right(void **state)
{
    static const double leaps_s[] = {1, 2880, 2881, 86400, -720, 5762, 0.25};
    struct park park = {.latitude_deg = 29.4, .longitude_deg = 105.6, .tank = -1};
    struct arena a;
    struct env e;
    wall_t at = {1752458400000};
    (void)state;
    arena_init(&a, 1 << 20);
    assert_int_equal(civil_zone_set("Asia/Shanghai"), ERR_OK);
    assert_int_equal(env_init(&e, &a, &park, 1, NULL), ERR_OK);
    for (size_t i = 0; i < sizeof leaps_s / sizeof leaps_s[0]; i++) {
        at = wall_add_s(at, leaps_s[i]);
        for (int s = 0; s < 3000; s++) {
            env_step(&e, at, 1);
            same_sun(&e, &park);
            at = wall_add_s(at, 1);
        }
    }
    arena_fini(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kept_suns_are_right)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
