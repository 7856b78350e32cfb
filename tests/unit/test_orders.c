/* Production orders: expansion by day, firings, energies, restart. */
#include "controller/base/civil.h"
#include "controller/dispatch/orders.h"
#include "tests/support/bench_park.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct bench b;
static struct orders o;
static int k7;

static wall_t at(const char *text)
{
    wall_t t;
    assert_int_equal(civil_parse(text, &t), ERR_OK);
    return t;
}

static void setup(void)
{
    bench_open(&b, "etc/parks/ceramics.yaml", "2025-07-15T06:00:00+08:00"); /* a Tuesday */
    bench_run(&b, 2);
    orders_init(&o, b.park);
    orders_expand(&o, b.wall);
    k7 = bench_device(&b, "k7");
}

static struct order_run *run(const char *id)
{
    for (int i = 0; i < o.n; i++) {
        if (strcmp(o.run[i].m.id, id) == 0) {
            return &o.run[i];
        }
    }
    return NULL;
}

/* Puts a reading into the image that orders look at. */
static void see(int device, int row, double value)
{
    struct reading *r = &b.core.frozen.reading[park_point(b.park, device, row)];
    *r = (struct reading){value, QUALITY_GOOD, b.now};
}

static void test_expand(void **state)
{
    (void)state;
    setup();
    struct order_run *r = run("decal_k7_a@2025-07-15");
    assert_non_null(r);
    assert_int_equal(r->m.window_from.ms, at("2025-07-15T07:00:00+08:00").ms);
    assert_int_equal(r->m.window_to.ms, at("2025-07-15T11:00:00+08:00").ms);
    assert_int_equal(r->m.due.ms, at("2025-07-15T18:30:00+08:00").ms);
    assert_non_null(run("decal_k7_b@2025-07-16"));
    assert_null(run("decal_k7_a@2025-07-14"));     /* its window is closed */
    assert_non_null(run("charge_ev5@2025-07-14")); /* until 06:30 of today */
    int n = o.n;
    orders_expand(&o, b.wall); /* again: nothing new */
    assert_int_equal(o.n, n);
    orders_expand(&o, at("2025-07-20T06:00:00+08:00")); /* Sunday: old ones are gone */
    assert_null(run("decal_k7_a@2025-07-15"));
    assert_null(run("decal_k7_a@2025-07-20"));
    assert_non_null(run("decal_k7_a@2025-07-21"));
    orders_expand(&o, at("2025-10-01T06:00:00+08:00")); /* a holiday */
    assert_null(run("decal_k7_a@2025-10-01"));
    bench_close(&b);
}

/* Starts a firing of k7 the way the core does. */
static struct order_run *start(wall_t now)
{
    struct order_run *r = run("decal_k7_a@2025-07-15");
    r->m.planned = at("2025-07-15T08:00:00+08:00");
    r = orders_due(&o, &b.core.frozen, now, b.now);
    assert_non_null(r);
    assert_string_equal(r->m.id, "decal_k7_a@2025-07-15");
    orders_started(r, now, b.now);
    assert_int_equal(r->m.state, ORDER_STARTING);
    return r;
}

static void test_due(void **state)
{
    (void)state;
    setup();
    struct order_run *r = run("decal_k7_a@2025-07-15");
    wall_t eight = at("2025-07-15T08:00:00+08:00");
    r->m.planned = eight;
    assert_null(orders_due(&o, &b.core.frozen, at("2025-07-15T07:59:59+08:00"), b.now));
    see(k7, KILN_DEGC, 160); /* still hot */
    assert_null(orders_due(&o, &b.core.frozen, eight, b.now));
    see(k7, KILN_DEGC, 140);
    see(k7, KILN_STATE, KILN_FAULT);
    assert_null(orders_due(&o, &b.core.frozen, eight, b.now));
    see(k7, KILN_STATE, KILN_STOPPED);
    b.core.frozen.link[k7].online = 0;
    assert_null(orders_due(&o, &b.core.frozen, eight, b.now));
    b.core.frozen.link[k7].online = 1;
    assert_ptr_equal(orders_due(&o, &b.core.frozen, eight, b.now), r);
    /* never outside the window, and not without a time */
    assert_null(orders_due(&o, &b.core.frozen, at("2025-07-15T11:00:01+08:00"), b.now));
    r->m.planned.ms = at("2025-07-15T05:00:00+08:00").ms;
    assert_null(orders_due(&o, &b.core.frozen, at("2025-07-15T06:59:59+08:00"), b.now));
    r->m.planned.ms = 0;
    assert_null(orders_due(&o, &b.core.frozen, eight, b.now));
    bench_close(&b);
}

static void test_done(void **state)
{
    (void)state;
    setup();
    wall_t now = at("2025-07-15T08:00:00+08:00");
    struct order_run *r = start(now);
    assert_null(orders_due(&o, &b.core.frozen, now, b.now)); /* the kiln is taken */
    see(k7, KILN_STATE, KILN_RUNNING);
    see(k7, P_KW, -100);
    orders_observe(&o, &b.core.frozen, wall_add_s(now, 5));
    assert_int_equal(r->m.state, ORDER_RUNNING);
    for (int s = 0; s < 3600; s++) {
        orders_observe(&o, &b.core.frozen, wall_add_s(now, 6 + s));
    }
    assert_true(fabs(r->m.done_kwh - 100) < 1);
    see(k7, KILN_STATE, KILN_HOLDING); /* a pause is no end */
    orders_observe(&o, &b.core.frozen, wall_add_s(now, 4000));
    assert_int_equal(r->m.state, ORDER_RUNNING);
    /* a reading that is missing is no end either */
    b.core.frozen.reading[park_point(b.park, k7, KILN_STATE)].quality = QUALITY_STALE;
    orders_observe(&o, &b.core.frozen, wall_add_s(now, 5000));
    assert_int_equal(r->m.state, ORDER_RUNNING);
    see(k7, KILN_STATE, KILN_STOPPED);
    orders_observe(&o, &b.core.frozen, wall_add_s(now, 210 * 60)); /* 90 + 90 + 30 min */
    assert_int_equal(r->m.state, ORDER_DONE);
    assert_int_equal(r->m.ended.ms, wall_add_s(now, 210 * 60).ms);
    bench_close(&b);
}

static void test_failed(void **state)
{
    (void)state;
    setup();
    wall_t now = at("2025-07-15T08:00:00+08:00");
    struct order_run *r = start(now);
    see(k7, KILN_STATE, KILN_RUNNING);
    orders_observe(&o, &b.core.frozen, wall_add_s(now, 5));
    see(k7, KILN_STATE, KILN_STOPPED);
    orders_observe(&o, &b.core.frozen, wall_add_s(now, 150 * 60)); /* during the second rise */
    assert_int_equal(r->m.state, ORDER_FAILED);
    /* over is over */
    see(k7, KILN_STATE, KILN_RUNNING);
    orders_observe(&o, &b.core.frozen, wall_add_s(now, 151 * 60));
    assert_int_equal(r->m.state, ORDER_FAILED);
    bench_close(&b);
}

/* A kiln that does not take the start is asked five times, two minutes apart, then given up. */
static void test_start_not_taken(void **state)
{
    (void)state;
    setup();
    wall_t now = at("2025-07-15T08:00:00+08:00");
    struct order_run *r = start(now);
    int starts = 1;
    mono_t last = b.now;
    for (int s = 1; s < 3600 && r->m.state != ORDER_FAILED; s++) {
        mono_t mono = mono_add(b.now, MONO_S(s));
        orders_observe(&o, &b.core.frozen, wall_add_s(now, s));
        struct order_run *due = orders_due(&o, &b.core.frozen, wall_add_s(now, s), mono);
        if (due != NULL) {
            assert_ptr_equal(due, r);
            assert_true(mono_s(mono_sub(mono, last)) > 120);
            last = mono;
            orders_started(r, wall_add_s(now, s), mono);
            starts++;
        }
    }
    assert_int_equal(starts, 5);
    assert_int_equal(r->m.state, ORDER_FAILED);
    bench_close(&b);
}

static void test_missed(void **state)
{
    (void)state;
    setup();
    struct order_run *r = run("decal_k7_a@2025-07-15");
    struct order_run *m = run("charge_ev5@2025-07-14");
    orders_observe(&o, &b.core.frozen, at("2025-07-15T11:00:00+08:00"));
    assert_int_equal(r->m.state, ORDER_WAITING);
    assert_int_equal(m->m.state, ORDER_MISSED); /* nobody charged */
    orders_observe(&o, &b.core.frozen, at("2025-07-15T11:00:01+08:00"));
    assert_int_equal(r->m.state, ORDER_MISSED);
    assert_null(orders_due(&o, &b.core.frozen, at("2025-07-15T11:00:01+08:00"), b.now));
    bench_close(&b);
}

static void test_energy(void **state)
{
    (void)state;
    setup();
    int mill = bench_device(&b, "mill1");
    wall_t now = at("2025-07-15T08:00:00+08:00");
    struct order_run *r = orders_open(&o, mill, now);
    assert_non_null(r);
    assert_true(orders_left_kwh(r) == 1600);
    see(mill, MILL_DRAW_KWH, 50000); /* the counter's start does not count */
    orders_observe(&o, &b.core.frozen, now);
    assert_true(r->m.done_kwh == 0);
    see(mill, MILL_DRAW_KWH, 50400);
    orders_observe(&o, &b.core.frozen, now);
    assert_int_equal(r->m.state, ORDER_RUNNING);
    assert_true(orders_left_kwh(r) == 1200);
    see(mill, MILL_DRAW_KWH, 10); /* a new meter: its start does not count either */
    orders_observe(&o, &b.core.frozen, now);
    assert_true(orders_left_kwh(r) == 1200);
    see(mill, MILL_DRAW_KWH, 1210);
    orders_observe(&o, &b.core.frozen, now);
    assert_int_equal(r->m.state, ORDER_DONE);
    assert_null(orders_open(&o, mill, now));
    assert_true(orders_left_kwh(r) == 0);
    /* short of its energy at the end: missed; within 2 %: done */
    struct order_run *two = orders_open(&o, bench_device(&b, "mill2"), now);
    struct order_run *three = orders_open(&o, bench_device(&b, "mill3"), now);
    two->m.done_kwh = 1500;
    three->m.done_kwh = 1580;
    orders_observe(&o, &b.core.frozen, now);
    orders_observe(&o, &b.core.frozen, at("2025-07-16T00:00:00+08:00"));
    assert_int_equal(two->m.state, ORDER_MISSED);
    assert_int_equal(three->m.state, ORDER_DONE);
    bench_close(&b);
}

static void test_restore(void **state)
{
    (void)state;
    setup();
    wall_t now = at("2025-07-15T08:00:00+08:00");
    struct msg_order kept = start(now)->m;
    kept.state = ORDER_RUNNING;
    kept.done_kwh = 77;
    /* within its window */
    orders_init(&o, b.park);
    orders_expand(&o, at("2025-07-15T09:00:00+08:00"));
    orders_restore(&o, &kept);
    struct order_run *r = run(kept.id);
    assert_int_equal(r->m.state, ORDER_RUNNING);
    assert_true(r->m.done_kwh == 77 && r->m.started.ms == now.ms && !r->changed);
    assert_int_equal(r->m.window_to.ms, at("2025-07-15T11:00:00+08:00").ms);
    /* after its window, running or just being started; the file says which device it is */
    for (int s = ORDER_STARTING; s <= ORDER_RUNNING; s++) {
        kept.state = (uint16_t)s;
        kept.device = 60000;
        orders_init(&o, b.park);
        orders_expand(&o, at("2025-07-15T12:00:00+08:00"));
        assert_null(run(kept.id));
        orders_restore(&o, &kept);
        r = run(kept.id);
        assert_non_null(r);
        assert_int_equal(r->m.device, k7);
        assert_int_equal(r->m.state, s);
        assert_string_equal(b.park->order[r->order].id, "decal_k7_a");
    }
    see(k7, KILN_STATE, KILN_RUNNING);
    orders_observe(&o, &b.core.frozen, at("2025-07-15T12:00:00+08:00"));
    assert_int_equal(r->m.state, ORDER_RUNNING);
    /* what is over stays away; what is unknown is ignored */
    int n = o.n;
    kept.state = ORDER_DONE;
    snprintf(kept.id, sizeof kept.id, "decal_k8_a@2025-07-13");
    orders_restore(&o, &kept);
    kept.state = ORDER_RUNNING;
    snprintf(kept.id, sizeof kept.id, "nothing@2025-07-15");
    orders_restore(&o, &kept);
    snprintf(kept.id, sizeof kept.id, "decal_k7@2025-07-15"); /* a beginning is no name */
    orders_restore(&o, &kept);
    kept.state = ORDER_STATE_COUNT;
    snprintf(kept.id, sizeof kept.id, "decal_k7_b@2025-07-15");
    orders_restore(&o, &kept);
    assert_int_equal(o.n, n);
    assert_int_equal(run("decal_k7_b@2025-07-15")->m.state, ORDER_WAITING);
    bench_close(&b);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(order_state_name(ORDER_MISSED), "missed");
    assert_string_equal(order_state_name(ORDER_STATE_COUNT), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expand), cmocka_unit_test(test_due),
        cmocka_unit_test(test_done),   cmocka_unit_test(test_failed),
        cmocka_unit_test(test_missed), cmocka_unit_test(test_start_not_taken),
        cmocka_unit_test(test_energy), cmocka_unit_test(test_restore),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
