/* The governor on a handful of units: order of means, minimum powers, giving back, lost units.
 */
#include "controller/dispatch/governor.h"
#include "tests/support/bench_park.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct bench b;
static struct governor g;
static struct unit u[8];
static int n;
static mono_t now;

static void setup(void)
{
    bench_open(&b, "etc/parks/ceramics.yaml", "2025-07-15T09:00:00+08:00");
    governor_init(&g);
    n = 0;
    now = MONO_S(5000);
}

/* A steered unit that draws or gives now_kw, just as it was told. */
static struct unit *add(const char *name, double now_kw, double lo, double hi)
{
    struct unit *x = &u[n++];
    unit_init(x, &b.park->device[bench_device(&b, name)]);
    x->online = x->measured = x->steered = true;
    x->now_kw = x->want_kw = x->cmd_kw = x->last_kw = now_kw;
    x->lo_kw = lo;
    x->hi_kw = hi;
    return x;
}

static void run(double pcc_kw, double lo, double hi)
{
    struct governor_limits l = {
        .import_kw_max = hi, .import_kw_min = lo, .margin_kw = 50, .dip_kw_max = 400};
    now = mono_add(now, MONO_S(0.2));
    struct governor_in in = {.pcc_kw = pcc_kw, .limits = l, .now = now};
    governor_run(&g, u, n, &in);
}

static void test_nothing_to_do(void **state)
{
    (void)state;
    setup();
    struct unit *bess = add("bess1", 300, -1250, 1250);
    struct unit *pv = add("pv_a", 1000, 0, 2200);
    pv->want_kw = 2200;
    run(500, 40, 4000);
    assert_true(bess->cmd_kw == 300 && bess->slack_kw == 0);
    assert_true(fabs(pv->cmd_kw - 1000 - 0.08 * pv->dev->rating.rated_kw) < 1); /* ready */
    assert_true(pv->slack_kw == 0 && g.short_kw == 0);
    assert_true(g.rest_kw == 1800);
    bench_close(&b);
}

static void test_order_of_means(void **state)
{
    (void)state;
    setup();
    struct unit *bess = add("bess1", 0, -500, 500);
    struct unit *ev = add("ev1", -100, -120, 0);
    struct unit *ets = add("ets", -150, -2000, 0);
    struct unit *mill = add("mill1", -160, -160, 0);
    struct unit *kiln = add("k1", -560, -560, -515.2);
    struct unit *pv = add("pv_a", 1000, 0, 2200);
    run(4300, 40, 4000);
    assert_true(fabs(bess->cmd_kw - 300) < 1 && ev->cmd_kw == -100);
    run(4550, 40, 4000); /* as if the battery had not moved yet */
    assert_true(bess->cmd_kw == 500 && fabs(ev->cmd_kw + 64) < 37 && ets->cmd_kw > -150);
    run(5100, 40, 4000);
    assert_true(mill->cmd_kw == 0 && kiln->cmd_kw > -560);
    assert_true(pv->cmd_kw == 1000); /* no means against import */
    assert_true(g.short_kw > 100);
    /* against export: the battery, the core, vehicles that are there, the sun last */
    governor_init(&g);
    n = 0;
    bess = add("bess1", 0, -500, 500);
    ets = add("ets", -150, -2000, 0);
    pv = add("pv_a", 1000, 0, 2200);
    run(-300, 40, 4000);
    assert_true(fabs(bess->cmd_kw + 340) < 1 && pv->cmd_kw == 1000);
    run(-700, 40, 4000);
    assert_true(bess->cmd_kw == -500 && ets->cmd_kw < -350 && pv->cmd_kw < 1000);
    bench_close(&b);
}

/* The floor wins where both cannot be had. */
static void test_conflict(void **state)
{
    (void)state;
    setup();
    struct unit *bess = add("bess1", 0, -1250, 1250);
    run(30, 40, 20);
    assert_true(fabs(bess->cmd_kw + 10) < 1);
    bench_close(&b);
}

/* A roller kiln is trimmed inside its allowance, by its limit, and comes back. */
static void test_roller_kiln(void **state)
{
    (void)state;
    setup();
    struct unit *kiln = add("k1", -560, -560, -515.2);
    run(4500, 40, 4000);
    assert_true(kiln->cmd_kw <= -515.2 && kiln->cmd_kw > -560);
    assert_true(kiln->trimmed.us == now.us);
    mono_t first = kiln->trimmed;
    kiln->now_kw = kiln->cmd_kw;
    run(4500, 40, 4000);
    assert_true(kiln->trimmed.us == first.us);
    /* kept warm on a Sunday it draws less than its limit: nothing can be taken from it */
    n = 0;
    kiln = add("k1", -300, -560, -515.2);
    kiln->want_kw = kiln->cmd_kw = kiln->last_kw = -560;
    run(4500, 40, 4000);
    assert_true(g.short_kw > 499 && kiln->cmd_kw <= -515.2);
    bench_close(&b);
}

/* A heat pump inside its minimum run gives down to its least power and no further. */
static void test_heat_pump(void **state)
{
    (void)state;
    setup();
    struct unit *hp = add("hp1", -400, -400, -120);
    for (int i = 0; i < 100; i++) {
        run(4000 - 400 - hp->now_kw + 300, 40, 4000);
        hp->now_kw = fmax(hp->cmd_kw, hp->now_kw - 4);
    }
    assert_true(fabs(hp->cmd_kw + 120) < 21);
    assert_true(hp->cmd_kw <= -120);
    bench_close(&b);
}

/* 10 s of margin first, then at the kind's rate; without margin never. */
static void test_giving_back(void **state)
{
    (void)state;
    setup();
    struct unit *pv = add("pv_a", 1500, 0, 2200);
    pv->want_kw = 2200;
    run(-460, 40, 4000);
    assert_true(fabs(pv->cmd_kw - 1000) < 1);
    pv->now_kw = pv->cmd_kw;
    for (int i = 0; i < 500; i++) {
        run(44, 40, 4000); /* no margin */
        pv->now_kw = pv->cmd_kw;
    }
    assert_true(pv->cmd_kw < 1001);
    g.dip_kw = 0;
    double before = pv->cmd_kw;
    for (int i = 0; i < 50; i++) {
        run(500, 40, 4000);
        assert_true(pv->cmd_kw <= before);
    }
    double ten_s_ago = pv->cmd_kw;
    for (int i = 0; i < 50; i++) {
        run(500, 40, 4000);
        pv->now_kw = pv->cmd_kw;
    }
    assert_true(pv->cmd_kw > ten_s_ago + 150 && pv->cmd_kw <= ten_s_ago + 220);
    for (int i = 0; i < 1000; i++) {
        run(500, 40, 4000);
        pv->now_kw = pv->cmd_kw;
    }
    assert_true(pv->cmd_kw == 2200 && pv->slack_kw == 0);
    bench_close(&b);
}

/* Sun that was cut comes back when a battery could take it, and the battery does. */
static void test_storage_before_sun(void **state)
{
    (void)state;
    setup();
    struct unit *pv = add("pv_a", 1000, 0, 2200);
    struct unit *bess = add("bess1", 0, -1250, 1250);
    pv->want_kw = 2200;
    pv->slack_kw = -1200; /* cut where it stands */
    for (int i = 0; i < 49; i++) {
        run(60, 40, 4000);
        assert_true(pv->cmd_kw <= 1000.1 && bess->cmd_kw >= -0.1); /* not at once */
    }
    double sun_kw = 1100; /* of which 1000 were let through */
    for (int i = 0; i < 400; i++) {
        run(60 - (pv->now_kw - 1000) - bess->now_kw, 40, 4000);
        pv->now_kw = fmin(sun_kw, pv->cmd_kw);
        bess->now_kw = bess->cmd_kw;
    }
    assert_true(pv->now_kw == sun_kw && pv->slack_kw == 0);
    assert_true(fabs(bess->cmd_kw + 80) < 25);
    bench_close(&b);
}

/* A source's limit follows above what flows, by steps, and not where export is allowed. */
static void test_ready(void **state)
{
    (void)state;
    setup();
    struct unit *pv = add("pv_a", 1000, 0, 2200);
    pv->want_kw = 2200;
    run(2500, 40, 4000);
    double first = pv->cmd_kw;
    pv->now_kw = 1050;
    run(2450, 40, 4000);
    assert_true(pv->cmd_kw == first); /* near enough: nothing new on the wire */
    pv->now_kw = 1150;
    run(2350, 40, 4000);
    assert_true(pv->cmd_kw > first + 100 && pv->cmd_kw < 1400);
    pv->now_kw = 200;
    run(3300, 40, 4000);
    assert_true(pv->cmd_kw < 400);
    run(3300, -1000, 4000);
    assert_true(pv->cmd_kw == 2200);
    bench_close(&b);
}

/* What a battery can cover is covered by it alone: not even what rounding leaves pulls the
 * limit of a source down to what flows. */
static void test_no_rest_for_sun(void **state)
{
    (void)state;
    setup();
    struct unit *pv = add("pv_a", 1000, 0, 2200);
    struct unit *one = add("bess1", 0, -1250, 1250);
    struct unit *two = add("bess2", 0, -1250, 1250);
    pv->want_kw = 2200;
    for (int i = 0; i < 300; i++) {
        double sun_kw = 1000 + 30 * sin(i / 7.0);
        run(50.1 - sun_kw + 1000 - one->now_kw - two->now_kw, 40, 4000);
        pv->now_kw = sun_kw;
        one->now_kw = one->cmd_kw;
        two->now_kw = two->cmd_kw;
        assert_true(pv->slack_kw == 0 && pv->cmd_kw > sun_kw + 60);
    }
    bench_close(&b);
}

/* While sun is held back the battery goes on charging, unless import is far above its floor. */
static void test_battery_waits_for_sun(void **state)
{
    (void)state;
    setup();
    struct unit *pv = add("pv_a", 1000, 0, 2200);
    struct unit *bess = add("bess1", -1250, -1250, 1250);
    pv->want_kw = 2200;
    bess->want_kw = 600;
    pv->slack_kw = -100;
    for (int i = 0; i < 20; i++) {
        run(43, 40, 4000);
        assert_true(bess->cmd_kw == -1250);
    }
    run(400, 40, 4000);
    run(400, 40, 4000);
    assert_true(bess->cmd_kw > -1250 && bess->cmd_kw <= -1200); /* at 10 % per second */
    bench_close(&b);
}

/* A storage boiler that stays below what it was told is not counted on, nor its error taken for
 * a dip at each tick. */
static void test_stuck(void **state)
{
    (void)state;
    setup();
    struct unit *ets = add("ets", -1800, -2000, 0);
    struct unit *bess = add("bess1", 0, -1250, 1250);
    ets->cmd_kw = ets->want_kw = -1950;
    ets->stuck = true;
    run(-10, 40, 4000);
    assert_true(fabs(bess->cmd_kw + 50) < 1);
    bench_close(&b);
}

/* First tick: nothing was decided before, a limit is taken not to bind. */
static void test_first_tick(void **state)
{
    (void)state;
    setup();
    struct unit *pv = add("pv_a", 1000, 0, 2200);
    struct unit *bess = add("bess1", 0, 0, 0);
    pv->cmd_kw = pv->last_kw = NAN;
    bess->cmd_kw = bess->last_kw = NAN;
    pv->want_kw = 2200;
    assert_true(unit_effect_kw(pv, 2200) == 1000 && !unit_binds(pv));
    run(-60, 40, 4000);
    /* 100 kW, and as much again as is not there in half a second */
    assert_true(fabs(pv->cmd_kw - 825) < 1 && bess->cmd_kw == 0);
    bench_close(&b);
}

static void test_lost(void **state)
{
    (void)state;
    setup();
    struct unit *one = add("bess1", 0, -1250, 1250);
    struct unit *two = add("bess2", 0, -1250, 1250);
    one->lost = true;
    one->cmd_kw = -400;
    one->slack_kw = -400;
    run(-300, 40, 4000);
    assert_true(fabs(two->cmd_kw + 340) < 1); /* all of it */
    assert_true(one->cmd_kw == -400);         /* what it was asked for stands */
    bench_close(&b);
}

static void test_blind(void **state)
{
    (void)state;
    setup();
    struct unit *bess = add("bess1", 700, 0, 0);
    struct unit *pv = add("pv_a", 1000, 0, 220);
    struct unit *manual = add("bess2", 100, 100, 100);
    manual->steered = false;
    run(500, 40, 4000);
    bess->cmd_kw = 700;
    governor_blind(&g, u, n, mono_add(now, MONO_S(1)));
    assert_true(bess->cmd_kw == 0 && pv->cmd_kw == 220 && manual->cmd_kw == 100);
    bess->cmd_kw = bess->lo_kw = -600; /* charging ends within a minute, not at once */
    governor_blind(&g, u, n, mono_add(now, MONO_S(2)));
    assert_true(fabs(bess->cmd_kw + 587.5) < 0.1);
    bess->lo_kw = bess->cmd_kw;
    governor_blind(&g, u, n, mono_add(now, MONO_S(52)));
    assert_true(bess->cmd_kw == 0);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_to_do), cmocka_unit_test(test_order_of_means),
        cmocka_unit_test(test_conflict),      cmocka_unit_test(test_roller_kiln),
        cmocka_unit_test(test_heat_pump),     cmocka_unit_test(test_giving_back),
        cmocka_unit_test(test_first_tick),    cmocka_unit_test(test_lost),
        cmocka_unit_test(test_blind),         cmocka_unit_test(test_storage_before_sun),
        cmocka_unit_test(test_ready),         cmocka_unit_test(test_no_rest_for_sun),
        cmocka_unit_test(test_stuck),         cmocka_unit_test(test_battery_waits_for_sun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
