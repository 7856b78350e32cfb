/* The pure core against the bench plant in virtual time: limits at the PCC, blind operation,
 * silent devices. Numbers from control.md. */
#include "tests/support/bench_park.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct bench b;

static const char *const ceramics = "etc/parks/ceramics.yaml";
static const char *const small = "etc/parks/small.yaml";
/* a workday at a flat price: the rules leave the batteries alone */
static const char *const flat_hour = "2025-07-15T09:00:00+08:00";

/* What happened after an event at the plant. */
struct episode {
    double until_s; /* last time outside the limit, s after the event */
    double kwh;     /* energy outside */
    double worst_kw;
    int swings; /* turning points of the PCC power with more than 5 % of the event in between */
};

/* Runs `seconds` and watches import - sign * limit. over: import must stay below, else above.
 */
static struct episode watch(double limit_kw, bool over, double seconds, double event_kw)
{
    struct episode e = {0};
    double turn_kw = b.pcc_kw;
    int heading = 0;
    for (int i = 1; i <= (int)(seconds * 5); i++) {
        bench_step(&b);
        double beyond = over ? b.pcc_kw - limit_kw : limit_kw - b.pcc_kw;
        if (beyond > 0) {
            e.until_s = i * 0.2;
            e.kwh += beyond * 0.2 / 3600;
            e.worst_kw = fmax(e.worst_kw, beyond);
        }
        double moved = b.pcc_kw - turn_kw;
        if (heading * moved > 0 || heading == 0) {
            turn_kw = b.pcc_kw;
            heading = moved > 0 ? 1 : moved < 0 ? -1 : heading;
        } else if (fabs(moved) > 0.05 * event_kw) {
            e.swings++;
            heading = -heading;
            turn_kw = b.pcc_kw;
        }
    }
    return e;
}

/* Sun for an import of about `import_kw`. */
static void sun_for_import(double import_kw)
{
    bench_run(&b, 30);
    double sun_kw = b.pcc_kw - import_kw;
    for (int i = 1; i <= 500; i++) { /* slowly, as it rises */
        bench_offer(&b, KIND_PV, sun_kw * i / 500);
        bench_step(&b);
    }
    bench_run(&b, 300);
    assert_true(fabs(b.pcc_kw - import_kw) < 60);
}

static void test_export_with_storage(void **state)
{
    (void)state;
    bench_open(&b, ceramics, flat_hour);
    sun_for_import(100);
    bench_trip_load(&b, 1000);
    struct episode e = watch(0, false, 120, 1000);
    print_message("storage: %.1f s, %.3f kWh, %.0f kW, %d swings\n", e.until_s, e.kwh,
                  e.worst_kw, e.swings);
    assert_true(e.worst_kw > 500); /* the event was one */
    assert_true(e.until_s <= 1.0 && e.swings <= 4);
    assert_true(bench_sum_kw(&b, KIND_PV) > 3000); /* stored, not curtailed */
    bench_close(&b);
}

static void test_export_pv_only(void **state)
{
    (void)state;
    bench_open(&b, ceramics, flat_hour);
    bench_rows(&b, KIND_BATTERY, BATTERY_SOC_PU, 0.9);
    bench_rows(&b, KIND_STORAGE_BOILER, SB_SOC_PU, 1);
    sun_for_import(100);
    bench_trip_load(&b, 1000);
    struct episode e = watch(0, false, 120, 1000);
    print_message("pv only: %.1f s, %.3f kWh, %.0f kW, %d swings\n", e.until_s, e.kwh,
                  e.worst_kw, e.swings);
    assert_true(e.worst_kw > 500);
    assert_true(e.until_s <= 2.0 && e.swings <= 4);
    bench_close(&b);
}

/* The load comes back: 10 s of margin first, then at most 10 % of rated power in 10 s. */
static void test_pv_recovers_slowly(void **state)
{
    (void)state;
    bench_open(&b, ceramics, flat_hour);
    bench_rows(&b, KIND_BATTERY, BATTERY_SOC_PU, 0.9);
    bench_rows(&b, KIND_STORAGE_BOILER, SB_SOC_PU, 1);
    sun_for_import(100);
    bench_trip_load(&b, 1500);
    bench_run(&b, 400);
    double offered = 0;
    double rated = 0;
    for (int d = 0; d < b.park->devices; d++) {
        bool pv = b.park->device[d].kind == KIND_PV;
        offered += pv ? b.free_kw[d] : 0;
        rated += pv ? b.park->device[d].rating.rated_kw : 0;
    }
    bench_trip_load(&b, -1500);
    double kw[61 * 5];
    kw[0] = bench_sum_kw(&b, KIND_PV);
    assert_true(kw[0] < offered - 1000);
    double before = kw[0];
    for (int i = 1; i < 61 * 5; i++) {
        bench_step(&b);
        kw[i] = bench_sum_kw(&b, KIND_PV);
        assert_true(i >= 50 || kw[i] <= before + 1);
        assert_true(i < 50 || kw[i] - kw[i - 50] <= 0.1 * rated + 1);
        assert_true(b.pcc_kw >= 0);
    }
    print_message("pv: %.0f -> %.0f of %.0f\n", before, kw[61 * 5 - 1], offered);
    assert_true(kw[61 * 5 - 1] > offered - 60); /* and it does come back */
    bench_close(&b);
}

/* Vehicles that are not there take no surplus. */
static void test_export_idle_chargers(void **state)
{
    (void)state;
    bench_open(&b, ceramics, flat_hour);
    bench_rows(&b, KIND_BATTERY, BATTERY_SOC_PU, 0.9);
    bench_rows(&b, KIND_STORAGE_BOILER, SB_SOC_PU, 1);
    bench_rows(&b, KIND_CHARGER, CHARGER_LIMIT_KW, 0);
    for (int d = 0; d < b.park->devices; d++) {
        if (b.park->device[d].kind == KIND_CHARGER) {
            b.core.unit[d].slack_kw = b.park->device[d].rating.rated_kw; /* held back before */
        }
    }
    sun_for_import(100);
    bench_trip_load(&b, 300);
    struct episode e = watch(0, false, 120, 300);
    assert_true(e.worst_kw > 100);
    assert_true(e.until_s <= 2.0);
    bench_close(&b);
}

static void test_import_limit(void **state)
{
    (void)state;
    bench_open(&b, small, flat_hour);
    bench_run(&b, 60);
    int works = bench_device(&b, "works");
    b.free_kw[works] = 730;
    struct episode e = watch(b.park->import_kw_max, true, 120, 300);
    print_message("import: %.1f s over by %.0f kW\n", e.until_s, e.worst_kw);
    assert_true(e.worst_kw > 50);
    assert_true(e.until_s <= 2.0 && e.swings <= 4);
    assert_true(b.kw[bench_device(&b, "bess1")] > 50);
    b.free_kw[works] = 300;
    bench_run(&b, 60);
    assert_true(fabs(b.kw[bench_device(&b, "bess1")]) < 2); /* no reason left */
    bench_close(&b);
}

static void test_pcc_lost(void **state)
{
    (void)state;
    bench_open(&b, small, flat_hour);
    int bess = bench_device(&b, "bess1");
    bench_offer(&b, KIND_PV, 390);
    b.free_kw[bench_device(&b, "works")] = 1150;
    bench_run(&b, 60);
    assert_true(b.kw[bess] > 100);
    b.free_kw[bench_device(&b, "works")] = 200;
    b.silent[b.park->pcc] = true;
    bench_run(&b, 2);
    assert_true(b.kw[bess] <= 0.5);
    bench_run(&b, 4); /* the works' meter is read once a second and the inverter ramps */
    assert_true(bench_sum_kw(&b, KIND_PV) <= 200);
    assert_int_equal(b.core.mode, MODE_FAILSAFE);
    assert_true(b.core.fallback == FALLBACK_RULE);
    /* only fresh data lead out of it */
    b.silent[b.park->pcc] = false;
    bench_run(&b, 1);
    assert_int_equal(b.core.mode, MODE_NORMAL);
    bench_close(&b);
}

static void test_pcc_lost_within_2s(void **state)
{
    (void)state;
    bench_open(&b, small, flat_hour);
    int works = bench_device(&b, "works");
    bench_offer(&b, KIND_PV, 390);
    bench_run(&b, 60);
    assert_true(bench_sum_kw(&b, KIND_PV) > 350);
    b.silent[b.park->pcc] = true;
    for (int i = 0; i < 300; i++) {
        bench_step(&b);
        if (i >= 9) {
            assert_true(bench_sum_kw(&b, KIND_PV) <= b.free_kw[works]);
            assert_true(b.kw[bench_device(&b, "bess1")] <= 0.5);
        }
    }
    /* with no load known there is no room for PV at all */
    b.silent[works] = true;
    bench_run(&b, 10);
    assert_true(bench_sum_kw(&b, KIND_PV) < 1);
    bench_close(&b);
}

/* A silent source is counted as gone, a silent load as going on; the limits hold all the same.
 */
static void test_silent_devices(void **state)
{
    (void)state;
    bench_open(&b, small, flat_hour);
    int bess = bench_device(&b, "bess1");
    int works = bench_device(&b, "works");
    int pv = bench_device(&b, "pv1");
    bench_offer(&b, KIND_PV, 100);
    bench_run(&b, 30);
    bench_link(&b, pv, false);
    bench_link(&b, works, false);
    bench_run(&b, 10);
    assert_true(b.core.unit[pv].now_kw == 0 && !b.core.unit[pv].measured);
    assert_true(b.core.unit[works].now_kw == -b.free_kw[works]);
    assert_true(!b.core.unit[pv].steered);
    for (int i = 0; i < b.outs; i++) {
        assert_int_not_equal(b.park->point_device[b.out[i].point], pv);
    }
    b.free_kw[works] = 840;
    struct episode e = watch(b.park->import_kw_max, true, 60, 300);
    assert_true(e.worst_kw > 50 && e.until_s <= 2.0);
    assert_true(b.kw[bess] > 50);
    bench_link(&b, pv, true);
    bench_run(&b, 0.2);
    assert_true(isfinite(bench_said(&b, pv, PV_LIMIT_PU))); /* told everything again */
    bench_close(&b);
}

/* A battery that answers but does not follow is not counted on. */
static void test_deaf_battery(void **state)
{
    (void)state;
    bench_open(&b, ceramics, flat_hour);
    int one = bench_device(&b, "bess1");
    int two = bench_device(&b, "bess2");
    sun_for_import(100);
    b.deaf[one] = true;
    bench_trip_load(&b, 1000);
    struct episode e = watch(0, false, 120, 1000);
    print_message("deaf: %.1f s\n", e.until_s);
    assert_true(e.until_s <= 7.0); /* 5 s to find out, 2 s for the others */
    assert_true(b.core.unit[one].lost && !b.core.unit[two].lost);
    assert_true(b.kw[two] < -700);
    bench_close(&b);
}

/* Before the kept states are back nothing is said; a device is written only once it was read.
 */
static void test_restart_is_mute_first(void **state)
{
    (void)state;
    bench_open(&b, small, flat_hour);
    bench_run(&b, 5);
    bench_restart(&b);
    for (int i = 0; i < 25; i++) {
        bench_step(&b);
        assert_int_equal(b.outs, 0);
    }
    b.core.restored = true;
    bench_step(&b);
    assert_true(b.outs > 0);
    bench_close(&b);
}

/* A load that swings about the guard must not make the battery hunt. */
static void test_battery_reversals(void **state)
{
    (void)state;
    bench_open(&b, small, "2025-07-15T12:30:00+08:00"); /* dear: the rule discharges */
    int bess = bench_device(&b, "bess1");
    int works = bench_device(&b, "works");
    bench_offer(&b, KIND_PV, 390);
    int turns = 0;
    int direction = 0;
    double exported_kwh = 0;
    bench_run(&b, 60);
    for (int i = 0; i < 600 * 5; i++) {
        b.free_kw[works] = (i / 40) % 2 == 0 ? 480 : 300; /* 8 s each */
        bench_step(&b);
        int d = b.kw[bess] > 4 ? 1 : b.kw[bess] < -4 ? -1 : direction;
        turns += direction != 0 && d != direction;
        direction = d;
        exported_kwh += fmax(-b.pcc_kw, 0) * 0.2 / 3600;
    }
    print_message("reversals in 10 min: %d, %.2f kWh exported\n", turns, exported_kwh);
    assert_in_range(turns, 1, 6);
    assert_true(exported_kwh < 75 * 0.025);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_export_with_storage),
        cmocka_unit_test(test_export_pv_only),
        cmocka_unit_test(test_pv_recovers_slowly),
        cmocka_unit_test(test_export_idle_chargers),
        cmocka_unit_test(test_import_limit),
        cmocka_unit_test(test_pcc_lost),
        cmocka_unit_test(test_pcc_lost_within_2s),
        cmocka_unit_test(test_silent_devices),
        cmocka_unit_test(test_deaf_battery),
        cmocka_unit_test(test_restart_is_mute_first),
        cmocka_unit_test(test_battery_reversals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
