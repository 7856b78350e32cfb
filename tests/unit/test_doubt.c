/* A PCC meter that stands still while the devices move is doubted; one that rests with them is
 * not. */
#include "controller/dispatch/doubt.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct doubt d;
static struct unit u[3];
static mono_t now;

/* s seconds, five looks a second; true if it is doubted at the end. */
static bool look(double s, double pcc_kw)
{
    bool in_doubt = false;
    for (int i = 0; i < (int)(s * 5 + 0.5); i++) {
        now = mono_add(now, MONO_S(0.2));
        struct doubt_in in = {pcc_kw, u, 3, 20, now};
        in_doubt = doubt_pcc(&d, &in);
    }
    return in_doubt;
}

static int setup(void **state)
{
    (void)state;
    d = (struct doubt){.since = {0}};
    now = MONO_S(1000);
    for (int i = 0; i < 3; i++) {
        u[i] = (struct unit){.measured = true, .now_kw = -100};
    }
    return 0;
}

static void test_doubt_frozen(void **state)
{
    (void)state;
    assert_false(look(60, 250.5)); /* all rest */
    u[1].now_kw = -75;
    assert_true(look(1, 250.5));
    u[1].now_kw = -100;
    assert_false(look(1, 250.5)); /* where it was */
    u[1].now_kw = -300;
    assert_true(look(30, 250.5)); /* however long */
    assert_false(look(0.2, 250.4));
    assert_false(look(9, 250.4));
}

/* The first seconds belong to polls that were under way. */
static void test_doubt_late_polls(void **state)
{
    (void)state;
    assert_false(look(4, 100));
    u[0].now_kw = -400;
    assert_false(look(30, 100));
}

static void test_doubt_lost_device(void **state)
{
    (void)state;
    assert_false(look(20, 100));
    u[2].measured = false;
    assert_false(look(30, 100));
    u[0].now_kw = -150;
    assert_true(look(1, 100));
    assert_false(look(1, NAN)); /* not known at all is another matter */
}

static struct balance b;
static const struct device load = {.kind = KIND_LOAD, .rating = {.rated_kw = 500}};

static bool weigh(double s, double pcc_kw)
{
    bool odd = false;
    for (int i = 0; i < (int)(s * 5 + 0.5); i++) {
        now = mono_add(now, MONO_S(0.2));
        struct doubt_in in = {pcc_kw, u, 3, 20, now};
        odd = balance_pcc(&b, &in, 1000);
    }
    return odd;
}

static int setup_balance(void **state)
{
    balance_init(&b);
    (void)setup(state);
    for (int i = 0; i < 3; i++) {
        u[i].dev = &load;
    }
    return 0;
}

/* A sign or a scale that changes; loads without a meter and losses are no reason. */
static void test_balance(void **state)
{
    (void)state;
    assert_false(weigh(60, 310));
    assert_false(weigh(60, 900));
    assert_false(weigh(7, -310));
    assert_false(weigh(60, 310));
    assert_false(weigh(7.8, -310));
    assert_true(weigh(0.6, -310));
    assert_true(weigh(600, 31)); /* a tenth is no better */
    assert_true(weigh(2.8, 305));
    assert_false(weigh(0.6, 305));
}

/* It is a device that leaps, or one that cannot be read, or it was so from the start. */
static void test_balance_of_devices(void **state)
{
    (void)state;
    assert_false(weigh(60, 300));
    u[0].now_kw = -1000;
    assert_false(weigh(60, 300));
    u[0].measured = false;
    assert_false(weigh(60, 300));
    assert_false(weigh(60, -240)); /* it may give 500 kW, for all we know */
    assert_false(weigh(1, 300));
    assert_true(weigh(60, -400));
    balance_init(&b);
    u[0] = u[1];
    assert_false(weigh(60, -310));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_doubt_frozen, setup),
        cmocka_unit_test_setup(test_doubt_late_polls, setup),
        cmocka_unit_test_setup(test_doubt_lost_device, setup),
        cmocka_unit_test_setup(test_balance, setup_balance),
        cmocka_unit_test_setup(test_balance_of_devices, setup_balance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
