/* The Chongqing tariff: prices by band, changes of band, basic charge. Figures from State Grid
 * Chongqing's prices of February 2025 and from the two-part rule (1.05 band, double price
 * beyond). */
#include "controller/base/civil.h"
#include "controller/books/tariff.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct doc_errors errors;

static struct tariff *load(struct arena *a, const char *path)
{
    struct tariff *t = NULL;
    memset(&errors, 0, sizeof errors);
    assert_int_equal(civil_zone_set("Asia/Shanghai"), ERR_OK);
    arena_init(a, (size_t)1 << 20);
    if (tariff_load(a, path, &t, &errors) != ERR_OK) {
        fail_msg("%s", errors.text[0]);
    }
    return t;
}

static wall_t at(const char *text)
{
    wall_t w = {0};
    assert_int_equal(civil_parse(text, &w), ERR_OK);
    return w;
}

static void near(double got, double want)
{
    if (!(fabs(got - want) < 1e-6)) {
        fail_msg("%.9g, but %.9g expected", got, want);
    }
}

static void test_bands(void **state)
{
    (void)state;
    struct arena a;
    const struct tariff *t = load(&a, "etc/tariffs/chongqing-10kv-2part.yaml");
    static const struct {
        const char *at, *band;
        double price;
    } cases[] = {
        {"2025-07-14T00:00:00", "valley", 0.379188},
        {"2025-07-14T07:59:59", "valley", 0.379188},
        {"2025-07-14T08:00:00", "flat",   0.762307},
        {"2025-07-14T11:00:00", "peak",   1.133067},
        {"2025-07-14T11:59:59", "peak",   1.133067},
        {"2025-07-14T12:00:00", "sharp",  1.330805},
        {"2025-07-14T13:59:59", "sharp",  1.330805},
        {"2025-07-14T14:00:00", "peak",   1.133067},
        {"2025-07-14T17:00:00", "flat",   0.762307},
        {"2025-07-14T20:00:00", "peak",   1.133067},
        {"2025-07-14T22:00:00", "flat",   0.762307},
        {"2025-07-14T23:59:59", "flat",   0.762307},
        {"2025-10-14T12:30:00", "peak",   1.133067}, /* no sharp hours in October */
        {"2025-12-31T12:30:00", "sharp",  1.330805},
        {"2025-02-01T12:30:00", "peak",   1.133067},
        {"2025-07-13T12:30:00", "sharp",  1.330805}, /* Sundays alike */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_string_equal(tariff_band_name(t, at(cases[i].at)), cases[i].band);
        double price = tariff_import_yuan_per_kwh(t, at(cases[i].at));
        assert_true(fabs(price - cases[i].price) < 2e-6);
    }
    assert_int_equal(t->status, TARIFF_HISTORICAL);
    near(tariff_export_yuan_per_kwh(t), 0.30);
    near(tariff_gas_yuan_per_kwh(t), 3.40 / (35.59 / 3.6));
    near(tariff_gas_kgco2_per_kwh(t), 0.199944);
    near(tariff_grid_kgco2_per_kwh(t), 0.5227);
    near(tariff_carbon_yuan_per_kg(t), 0.075);
    arena_fini(&a);
}

static void test_changes(void **state)
{
    (void)state;
    struct arena a;
    const struct tariff *t = load(&a, "etc/tariffs/chongqing-10kv-2part.yaml");
    static const struct {
        const char *from, *to;
    } cases[] = {
        {"2025-07-14T00:00:00", "2025-07-14T08:00:00"},
        {"2025-07-14T07:59:59", "2025-07-14T08:00:00"},
        {"2025-07-14T11:30:00", "2025-07-14T12:00:00"},
        {"2025-07-14T12:00:00", "2025-07-14T14:00:00"},
        {"2025-10-14T11:30:00", "2025-10-14T17:00:00"},
        {"2025-07-14T22:30:00", "2025-07-15T00:00:00"},
        {"2025-12-31T23:00:00", "2026-01-01T00:00:00"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(tariff_next_change(t, at(cases[i].from)).ms, at(cases[i].to).ms);
    }
    arena_fini(&a);
}

/* Contract 4200 kW at 40 yuan, free up to 4410 kW, beyond it 1.05 C p + 2 p (MD - 1.05 C). */
static void test_contract(void **state)
{
    (void)state;
    struct arena a;
    struct tariff *t = load(&a, "etc/tariffs/chongqing-10kv-2part.yaml");
    near(tariff_demand_free_kw(t), 4410);
    near(tariff_demand_over_yuan_per_kw(t), 80);
    near(tariff_demand_jump_yuan(t), 8400);
    near(tariff_demand_yuan(t, 0), 168000);
    near(tariff_demand_yuan(t, 4410), 168000);
    near(tariff_demand_yuan(t, 4510), 1.05 * 168000 + 8000);
    t->over_charges_band = false; /* the other reading of the rule */
    near(tariff_demand_yuan(t, 4510), 168000 + 8000);
    t->mode = DEMAND_ACTUAL;
    near(tariff_demand_yuan(t, 4510), 4510 * 40);
    near(tariff_demand_free_kw(t), 0);
    near(tariff_demand_over_yuan_per_kw(t), 40);
    near(tariff_demand_jump_yuan(t), 0);
    struct prices prices;
    tariff_prices(t, at("2025-07-14T00:00:00"), &prices);
    assert_true(prices.demand_spread);
    t->target_kw = 4000; /* what plans aim at; the charge stays that of the peak */
    near(tariff_demand_free_kw(t), 4000);
    near(tariff_demand_yuan(t, 4510), 4510 * 40);
    near(tariff_demand_yuan(t, 3500), 3500 * 40);
    tariff_prices(t, at("2025-07-14T00:00:00"), &prices);
    assert_true(!prices.demand_spread && prices.demand_free_kw == 4000);
    t->mode = DEMAND_CONTRACT;
    tariff_prices(t, at("2025-07-14T00:00:00"), &prices);
    assert_true(!prices.demand_spread);
    arena_fini(&a);
}

static void test_capacity(void **state)
{
    (void)state;
    struct arena a;
    const struct tariff *t = load(&a, "etc/tariffs/chongqing-10kv-capacity.yaml");
    near(tariff_demand_yuan(t, 100), 630 * 25);
    near(tariff_demand_yuan(t, 1000), 630 * 25);
    assert_true(isinf(tariff_demand_free_kw(t)));
    near(tariff_demand_over_yuan_per_kw(t), 0);
    arena_fini(&a);
}

/* Kinds of day: a Sunday row beats the one for all days. */
static void test_sunday(void **state)
{
    (void)state;
    struct tariff t = {
        .bands = 2,
        .band = {{"day", 1, 1},                 {"night", 0.5, 0.5}              },
        .rows = 2,
        .row = {{0, 0, 1440, 0xfff, DAYS_ALL}, {1, 600, 720, 0xfff, DAYS_SUNDAY}}
    };
    assert_int_equal(civil_zone_set("Asia/Shanghai"), ERR_OK);
    assert_string_equal(tariff_band_name(&t, at("2025-07-13T11:00:00")), "night");
    assert_string_equal(tariff_band_name(&t, at("2025-07-14T11:00:00")), "day");
    assert_int_equal(tariff_next_change(&t, at("2025-07-14T11:00:00")).ms,
                     at("2025-07-20T10:00:00").ms);
    t.row[1].days = DAYS_ALL;
    assert_int_equal(tariff_row_at(&t, 1, DAYS_WORKDAY, 600), TARIFF_TWO_ROWS);
    t.row[0].from_min = 10;
    assert_int_equal(tariff_row_at(&t, 1, DAYS_WORKDAY, 9), TARIFF_NO_ROW);
    t.rows = 1;
    t.row[0].from_min = 0; /* never another band */
    assert_int_equal(tariff_next_change(&t, at("2025-01-01T00:00:00")).ms,
                     at("2026-01-02T00:00:00").ms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bands),    cmocka_unit_test(test_changes),
        cmocka_unit_test(test_contract), cmocka_unit_test(test_capacity),
        cmocka_unit_test(test_sunday),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
