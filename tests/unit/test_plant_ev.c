/* Vehicle chargers: taper, floor, sharing, answer time, queue, drawn days. */
#include "sim/plant_ev.h"
#include "tests/unit/test_plant_near.h"

static struct plant_ev station(int plugs, double plug_kw, double group_kw)
{
    struct plant_ev_params par = {.plugs = plugs,
                                  .plug_kw = plug_kw,
                                  .group_kw = group_kw,
                                  .floor_kw = 1.5,
                                  .lag_s = 1.3,
                                  .battery_kwh = 80,
                                  .full_pu = 1};
    struct plant_ev ev;
    assert_int_equal(plant_ev_init(&ev, &par), ERR_OK);
    return ev;
}

static void add(struct plant_ev *ev, double arrive_s, double depart_s, double kwh)
{
    struct plant_ev_session s = {arrive_s, depart_s, kwh};
    assert_int_equal(plant_ev_add(ev, &s), ERR_OK);
}

static void run(struct plant_ev *ev, double *now_s, double limit_kw, int s)
{
    for (int i = 0; i < s; i++) {
        struct plant_ev_in in = {.now_s = *now_s, .limit_kw = limit_kw};
        plant_ev_step(ev, &in, 1);
        *now_s += 1;
    }
}

static void one_session(void **state)
{
    (void)state;
    struct plant_ev ev = station(1, 120, 120);
    double now = 0;
    add(&ev, 100, 7300, 40); /* from half full */
    run(&ev, &now, 120, 100);
    assert_near(ev.kw, 0, 0);
    run(&ev, &now, 120, 3);
    assert_within(ev.kw, -120, -0.85 * 120); /* 90 % within 2 to 5 s */
    run(&ev, &now, 120, 10);
    assert_near(ev.kw, -120, 0.1);
    assert_near(ev.wanted_kwh + ev.session_kwh, 40, 1e-9);
    while (ev.wanted_kwh > 8) { /* SOC 0.9: half the power */
        run(&ev, &now, 120, 1);
    }
    assert_near(ev.kw, -60, 1);
    run(&ev, &now, 120, 3600);
    assert_near(ev.wanted_kwh, 0, 1e-9);
    assert_near(ev.kw, 0, 0);
    assert_int_equal(ev.connected, 1);
    run(&ev, &now, 120, 7300 - (int)now + 1);
    assert_int_equal(ev.connected, 0);
    assert_int_equal(ev.done, 1);
    assert_int_equal(ev.satisfied, 1);
    assert_near(ev.draw_kwh, 40, 1e-9);
}

static void floor_pauses_the_latest(void **state)
{
    (void)state;
    struct plant_ev ev = station(3, 40, 120);
    double now = 0;
    for (int i = 0; i < 3; i++) {
        add(&ev, 10 * i, 1e6, 60);
    }
    run(&ev, &now, 120, 60);
    assert_near(ev.kw, -120, 0.1);
    run(&ev, &now, 6, 60); /* 2 kW each */
    assert_near(ev.kw, -6, 0.01);
    assert_int_equal(ev.charging, 3);
    run(&ev, &now, 4, 60); /* 1.33 kW each is under the floor */
    assert_near(ev.kw, -4, 0.01);
    assert_int_equal(ev.charging, 2);
    assert_near(ev.plug[2].kw, 0, 0.01);
    run(&ev, &now, 1.4, 60);
    assert_near(ev.kw, 0, 0.01);
    assert_int_equal(ev.state, PLANT_LIMITED);
    run(&ev, &now, 120, 60);
    assert_near(ev.kw, -120, 0.1);
}

/* What those do not take who want little goes to the others. */
static void sharing_fills_the_limit(void **state)
{
    (void)state;
    struct plant_ev ev = station(3, 40, 120);
    double now = 0;
    add(&ev, 0, 1e6, 1.6); /* SOC 0.98: 4 kW at the beginning */
    add(&ev, 0, 1e6, 60);
    add(&ev, 0, 1e6, 60);
    run(&ev, &now, 60, 20);
    assert_near(ev.kw, -60, 0.05);
    assert_within(ev.plug[0].kw, 3, 4.01);
    assert_near(ev.plug[1].kw, ev.plug[2].kw, 1e-9);
}

static void queue_and_missed(void **state)
{
    (void)state;
    struct plant_ev ev = station(1, 40, 40);
    ev.par.full_pu = 0.8; /* no taper */
    double now = 0;
    add(&ev, 50, 500, 5); /* out of order */
    add(&ev, 0, 600, 5);
    add(&ev, 300, 2000, 5);
    run(&ev, &now, 40, 400);
    assert_int_equal(ev.connected, 1);
    assert_int_equal(ev.queued, 2);
    run(&ev, &now, 40, 400);
    assert_int_equal(ev.missed, 1); /* left at 500 without a plug */
    assert_int_equal(ev.done, 1);
    assert_int_equal(ev.connected, 1);
    run(&ev, &now, 40, 1300);
    assert_int_equal(ev.done, 2);
    assert_int_equal(ev.satisfied, 2);
    assert_near(ev.asked_kwh, 15, 1e-9);
    assert_near(ev.short_kwh, 5, 1e-9);
    struct plant_ev_session bad = {10, 5, 1};
    assert_int_equal(plant_ev_add(&ev, &bad), ERR_RANGE);
    for (int i = 0; i < PLANT_EV_QUEUE; i++) {
        add(&ev, 1e5 + i, 1e6, 1);
    }
    bad.depart_s = 20;
    assert_int_equal(plant_ev_add(&ev, &bad), ERR_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_session),
        cmocka_unit_test(floor_pauses_the_latest),
        cmocka_unit_test(sharing_fills_the_limit),
        cmocka_unit_test(queue_and_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
