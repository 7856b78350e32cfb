/* Random faults: equal seeds break the same things, at the rate that was asked; what is spared
 * stays whole, and all is over when the last has lasted its time. */
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

static void rig_open(struct rig *r)
{
    memset(r, 0, sizeof *r);
    bench_sim_open(&r->arena, &r->set,
                   (struct setup_ask){.park = "etc/parks/ceramics.yaml",
                                      .start = "2025-07-14T12:00:00+08:00",
                                      .dt_s = 1});
}

/* A mark of the faults that were on, second by second. */
static uint64_t run(struct rig *r, int seconds)
{
    uint64_t mark = 1469598103934665603u;
    for (int i = 0; i < seconds; i++) {
        setup_step(&r->set);
        for (int d = 0; d < r->set.faults.devices; d++) {
            mark = (mark ^ (uint64_t)r->set.faults.of[d].active) * 1099511628211u;
        }
    }
    return mark;
}

static uint64_t campaign(const struct campaign_ask *ask, int *begun)
{
    struct rig r;
    rig_open(&r);
    campaign_begin(&r.set.campaign, ask);
    uint64_t mark = run(&r, 3600);
    *begun = r.set.campaign.begun;
    for (int i = 0; i < ask->spared; i++) {
        assert_int_equal(r.set.faults.of[ask->spare[i]].active, 0);
    }
    campaign_end(&r.set.campaign);
    (void)run(&r, (int)ask->most_s + 1);
    assert_int_equal(r.set.faults.active, 0);
    arena_fini(&r.arena);
    return mark;
}

static void test_campaign(void **state)
{
    (void)state;
    struct campaign_ask ask = {.per_hour = 100, .least_s = 5, .most_s = 120, .seed = 7};
    int begun, again;
    uint64_t first = campaign(&ask, &begun);
    assert_true(first == campaign(&ask, &again) && begun == again);
    assert_in_range(begun, 70, 130); /* 100 +- 3 standard deviations */
    ask.seed = 8;
    assert_true(first != campaign(&ask, &again));
}

static void test_campaign_of_some(void **state)
{
    (void)state;
    struct campaign_ask ask = {
        .per_hour = 400,
        .least_s = 1,
        .most_s = 1,
        .seed = 1,
        .faults = 1,
        .fault = {"silent"},
        .spared = 2,
        .spare = { 0,       5}
    };
    int begun;
    (void)campaign(&ask, &begun);
    assert_in_range(begun, 340, 460);
}

/* Nothing that the park has can break so: it is given up, and nothing stops. */
static void test_campaign_of_nothing(void **state)
{
    (void)state;
    struct campaign_ask ask = {.per_hour = 60,
                               .least_s = 1,
                               .most_s = 2,
                               .seed = 1,
                               .faults = 1,
                               .fault = {"no_such_fault"}};
    struct rig r;
    rig_open(&r);
    campaign_begin(&r.set.campaign, &ask);
    (void)run(&r, 600);
    assert_true(r.set.campaign.begun == 0 && r.set.campaign.given_up > 0);
    arena_fini(&r.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_campaign),
        cmocka_unit_test(test_campaign_of_some),
        cmocka_unit_test(test_campaign_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
