/* Leases: held, renewed, refreshed, reverted. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/lease.h"

static const struct lease_end reverts = {.keep = false, .revert = 0};
static const struct lease_end keeps = {.keep = true};

static mono_t at(double s)
{
    return MONO_S(s);
}

static void reverts_by_itself(void **state)
{
    struct lease l = {.state = LEASE_NONE};
    (void)state;
    assert_false(lease_due(&l, at(0)));
    lease_hold(&l, 50, at(0), at(5), 60);
    assert_true(lease_due(&l, at(0)));
    lease_written(&l, at(0.1));
    assert_false(lease_due(&l, at(4.9)));
    assert_false(lease_pass(&l, &reverts, at(4.999)));
    assert_int_equal(lease_next(&l).us, at(5).us);
    assert_true(lease_pass(&l, &reverts, at(5)));
    assert_int_equal(l.state, LEASE_REVERTED);
    assert_true(l.value == 0 && lease_due(&l, at(5)));
    assert_false(lease_pass(&l, &reverts, at(6))); /* once */
    lease_written(&l, at(5.1));
    assert_false(lease_due(&l, at(500)));
    lease_hold(&l, 0, at(600), at(5), 60); /* same value: nothing to write */
    assert_false(l.dirty);
}

static void renewed(void **state)
{
    struct lease l = {.state = LEASE_NONE};
    (void)state;
    for (int i = 0; i < 100; i++) {
        lease_hold(&l, 50, at(i), at(3), 0);
        assert_int_equal(l.dirty, i == 0);
        if (i == 0) {
            lease_written(&l, at(i));
        }
        assert_false(lease_pass(&l, &reverts, at(i + 0.9)));
    }
    lease_hold(&l, 51, at(100), at(3), 0);
    assert_true(l.dirty);
}

static void refreshed_at_a_third(void **state)
{
    struct lease l = {.state = LEASE_NONE};
    int writes = 0;
    (void)state;
    for (double t = 0; t < 119.5; t += 1) {
        lease_hold(&l, 50, at(t), at(5), 60);
        if (lease_due(&l, at(t))) {
            lease_written(&l, at(t));
            writes++;
        }
    }
    assert_int_equal(writes, 6); /* at 0, 20, 40, 60, 80, 100 s */
}

static void kept_and_given_up(void **state)
{
    struct lease l = {.state = LEASE_NONE};
    (void)state;
    lease_hold(&l, 1, at(0), at(5), 60);
    lease_written(&l, at(0));
    assert_false(lease_pass(&l, &keeps, at(5)));
    assert_int_equal(l.state, LEASE_NONE);
    assert_false(lease_due(&l, at(100)));
    lease_hold(&l, 7, at(100), at(5), 60);
    assert_true(lease_give_up(&l, &reverts, at(101)));
    assert_false(lease_give_up(&l, &reverts, at(101)));
    assert_true(l.value == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reverts_by_itself),
        cmocka_unit_test(renewed),
        cmocka_unit_test(refreshed_at_a_third),
        cmocka_unit_test(kept_and_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
