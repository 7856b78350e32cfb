/* The books: energy by band, the sliding maximum demand, days and months, restart, real load.
 */
#include "controller/base/civil.h"
#include "controller/books/bill.h"
#include "controller/forecast/series.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct doc_errors errors;

struct fixture {
    struct arena arena;
    struct tariff *tariff;
    struct bill bill;
};

static void setup(struct fixture *f)
{
    memset(&errors, 0, sizeof errors);
    assert_int_equal(civil_zone_set("Asia/Shanghai"), ERR_OK);
    arena_init(&f->arena, (size_t)16 << 20);
    assert_int_equal(
        tariff_load(&f->arena, "etc/tariffs/chongqing-10kv-2part.yaml", &f->tariff, &errors),
        ERR_OK);
    bill_init(&f->bill);
}

static wall_t at(const char *text)
{
    wall_t w = {0};
    assert_int_equal(civil_parse(text, &w), ERR_OK);
    return w;
}

static void near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-6 * fmax(1, fabs(want)))) {
        fail_msg("%.9g, but %.9g expected", got, want);
    }
}

/* Constant import from a time on for some seconds, in steps. Returns the end. */
static wall_t run(struct fixture *f, wall_t from, double seconds, double step_s,
                  double import_kw)
{
    struct bill_input in = {.import_kw = import_kw};
    wall_t now = from;
    for (double s = step_s; s <= seconds + 1e-9; s += step_s) {
        now = wall_add_s(from, s);
        bill_add(&f->bill, f->tariff, now, step_s, &in);
    }
    return now;
}

/* A whole day at 100 kW in July: 8 h valley, 8 flat, 6 peak, 2 sharp; steps of every length
 * agree. */
static void test_day(void **state)
{
    (void)state;
    static const double steps[] = {1, 7.5, 60, 900, 3600, 86400};
    for (int i = 0; i < 6; i++) {
        struct fixture f;
        setup(&f);
        (void)run(&f, at("2025-07-14"), 86400, steps[i], 100);
        const struct bill_period *d = &f.bill.day;
        near(d->import_kwh, 2400);
        near(d->import_band_kwh[0], 200);
        near(d->import_band_kwh[1], 600);
        near(d->import_band_kwh[2], 800);
        near(d->import_band_kwh[3], 800);
        double want = 0;
        for (int b = 0; b < 4; b++) {
            want += d->import_band_kwh[b] * f.tariff->band[b].yuan_per_kwh;
        }
        near(d->import_yuan, want);
        near(d->kgco2, 2400 * 0.5227);
        near(f.bill.month_peak_kw, 100);
        near(bill_month_yuan(&f.bill, f.tariff), want + 168000);
        arena_fini(&f.arena);
    }
}

/* 600 kW for 15 min across a quarter's edge: 300 kW in clock quarters, 600 kW on a sliding
 * meter. */
static void test_sliding(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    wall_t now = run(&f, at("2025-07-14T09:00"), 3600 + 7 * 60, 1, 0);
    now = run(&f, now, 15 * 60, 1, 600);
    near(f.bill.demand_kw, 600);
    now = run(&f, now, 10 * 60, 1, 0);
    near(f.bill.demand_kw, 200);
    (void)run(&f, now, 3600, 1, 0);
    near(f.bill.month_peak_kw, 600);
    near(f.bill.demand_kw, 0);
    arena_fini(&f.arena);
}

/* Before fifteen whole minutes there is no demand; a hole begins anew. */
static void test_hole(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    wall_t now = run(&f, at("2025-07-14T09:00"), 14 * 60, 1, 500);
    assert_true(isnan(f.bill.demand_kw));
    near(f.bill.month_peak_kw, 0);
    now = run(&f, wall_add_s(now, 3600), 14 * 60, 1, 500);
    assert_true(isnan(f.bill.demand_kw));
    (void)run(&f, now, 60, 1, 500);
    near(f.bill.demand_kw, 500);
    near(f.bill.day.import_kwh, 500 * 29 / 60.0);
    arena_fini(&f.arena);
}

/* A clock set back counts nothing twice; nonsense is ignored. */
static void test_nonsense(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    (void)run(&f, at("2025-07-14T09:00"), 600, 1, 60);
    near(f.bill.day.import_kwh, 10);
    (void)run(&f, at("2025-07-14T09:00"), 600, 1, 60);
    near(f.bill.day.import_kwh, 10);
    struct bill_input in = {.import_kw = 60};
    bill_add(&f.bill, f.tariff, at("2025-07-14T10:00"), NAN, &in);
    bill_add(&f.bill, f.tariff, at("2025-07-14T10:00"), -5, &in);
    bill_add(&f.bill, f.tariff, at("2025-07-20T10:00"), 86401, &in);
    near(f.bill.day.import_kwh, 10);
    arena_fini(&f.arena);
}

static void test_pages(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    (void)run(&f, at("2025-07-30T12:00"), 2 * 86400, 60, 100);
    near(f.bill.day.import_kwh, 1200);
    near(f.bill.last_day.import_kwh, 2400);
    near(f.bill.month.import_kwh, 1200);
    near(f.bill.last_month.import_kwh, 3600);
    near(f.bill.last_month.peak_kw, 100);
    near(f.bill.month_peak_kw, 100);
    assert_int_equal(f.bill.month.from.ms, at("2025-08-01").ms);
    assert_int_equal(f.bill.month.end.ms, at("2025-09-01").ms);
    (void)run(&f, at("2025-12-31T23:00"), 7200, 60, 50);
    assert_int_equal(f.bill.month.from.ms, at("2026-01-01").ms);
    near(f.bill.month_peak_kw, 50);
    arena_fini(&f.arena);
}

static void test_restore(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    wall_t now = run(&f, at("2025-07-14T09:00"), 1000, 1, 300);
    struct bill kept = f.bill, back;
    bill_init(&back);
    assert_int_equal(bill_restore(&back, &kept, sizeof kept - 1), ERR_VERSION);
    assert_int_equal(bill_restore(&back, &kept, sizeof kept), ERR_OK);
    assert_memory_equal(&back, &f.bill, sizeof back);
    kept.version = 99;
    assert_int_equal(bill_restore(&back, &kept, sizeof kept), ERR_VERSION);
    kept = f.bill;
    kept.demand.next = 15;
    assert_int_equal(bill_restore(&back, &kept, sizeof kept), ERR_VERSION);
    f.bill = back;
    (void)run(&f, now, 1000, 1, 300);
    near(f.bill.day.import_kwh, 300 * 2000 / 3600.0);
    near(f.bill.month_peak_kw, 300);
    arena_fini(&f.arena);
}

/* Fixed definitions: G = 100, X = 20, other 10, import 50, available 125, dumped 5. */
static void test_kpi(void **state)
{
    (void)state;
    struct kpi_energy e = {.import_kwh = 50,
                           .export_kwh = 20,
                           .renewable_kwh = 100,
                           .available_kwh = 125,
                           .other_kwh = 10,
                           .dumped_kwh = 5};
    struct kpi k = kpi_of(&e);
    near(k.self_consumption_pu, 0.8);
    near(k.useful_self_consumption_pu, 0.75);
    near(k.consumption_kwh, 140);
    near(k.self_sufficiency_pu, 80 / 140.0);
    near(k.curtailment_pu, 0.2);
    near(k.export_share_pu, 0.2);
    e = (struct kpi_energy){.import_kwh = 50};
    k = kpi_of(&e);
    assert_true(isnan(k.self_consumption_pu) && isnan(k.curtailment_pu));
    near(k.self_sufficiency_pu, 0);
    e = (struct kpi_energy){
        .export_kwh = 30, .renewable_kwh = 10, .other_kwh = 40}; /* CHP exports */
    near(kpi_of(&e).self_consumption_pu, 0);
}

static void test_status(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    struct bill_input in = {.import_kw = 100,
                            .export_kw = 0,
                            .pv_kw = 50,
                            .gas_m3_per_h = 10,
                            .wear_yuan_per_h = 3};
    bill_add(&f.bill, f.tariff, at("2025-07-14T09:00"), 3600, &in);
    struct msg_status s = {0};
    bill_status(&f.bill, &s);
    near(s.today_import_kwh, 100);
    near(s.today_pv_kwh, 50);
    near(s.today_yuan, 100 * 0.762307 + 34 + 3);
    near(s.today_kgco2, 100 * 0.5227 + 10 * 35.59 * 0.05554);
    near(s.self_consumption_pu, 1);
    arena_fini(&f.arena);
}

/* 60 days of a real load in quarters: the books agree with sums over the file. */
static void test_steel(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    assert_int_equal(civil_zone_set("Asia/Seoul"), ERR_OK);
    struct series_file *s = NULL;
    assert_int_equal(series_load(&f.arena, "tests/data/steel_works_load.csv", &s, &errors),
                     ERR_OK);
    assert_int_equal(s->rows, 60 * 96);
    double january = 0, peak = 0, yuan = 0;
    for (int row = 0; row < 31 * 96; row++) {
        wall_t start = wall_add_s(s->begin, row * 900.0);
        struct bill_input in = {.import_kw = series_at(s, 0, start)};
        bill_add(&f.bill, f.tariff, wall_add_s(start, 900), 900, &in);
        january += in.import_kw / 4;
        yuan += in.import_kw / 4 * tariff_import_yuan_per_kwh(f.tariff, start);
        peak = fmax(peak, in.import_kw);
    }
    near(f.bill.month.import_kwh, january);
    near(f.bill.month.import_yuan, yuan);
    near(f.bill.month_peak_kw, peak);
    arena_fini(&f.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_day),   cmocka_unit_test(test_sliding),
        cmocka_unit_test(test_hole),  cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_pages), cmocka_unit_test(test_restore),
        cmocka_unit_test(test_kpi),   cmocka_unit_test(test_status),
        cmocka_unit_test(test_steel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
