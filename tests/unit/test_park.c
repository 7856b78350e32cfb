/* Look-ups in a park built in memory. */
#include "controller/base/civil.h"
#include "controller/park/park.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { METER, PV, BATTERY, HEAT_PUMP, DEVICES };

struct fixture {
    struct park park;
    struct device device[DEVICES];
    int point_device[64];
    wall_t holiday;
};

static void setup(struct fixture *f)
{
    static const struct {
        const char *name;
        enum kind kind;
        double rated_kw;
    } rows[DEVICES] = {
        {"pcc",   KIND_METER,     800},
        {"pv1",   KIND_PV,        400},
        {"bess1", KIND_BATTERY,   200},
        {"hp1",   KIND_HEAT_PUMP, 60 },
    };
    memset(f, 0, sizeof *f);
    assert_int_equal(civil_zone_set("Asia/Shanghai"), ERR_OK);
    f->park =
        (struct park){.devices = DEVICES, .device = f->device, .point_device = f->point_device};
    for (int d = 0; d < DEVICES; d++) {
        struct device *dev = &f->device[d];
        (void)snprintf(dev->name, sizeof dev->name, "%s", rows[d].name);
        dev->kind = rows[d].kind;
        dev->rating.rated_kw = rows[d].rated_kw;
        dev->safe_value = NAN;
        dev->first_point = f->park.points;
        for (int i = 0; i < dict_kind(dev->kind)->points; i++) {
            f->point_device[f->park.points++] = d;
        }
    }
    assert_int_equal(civil_parse("2025-10-01", &f->holiday), ERR_OK);
    f->park.holiday = &f->holiday;
    f->park.holidays = 1;
}

static wall_t at(const char *text)
{
    wall_t w = {0};
    assert_int_equal(civil_parse(text, &w), ERR_OK);
    return w;
}

static void test_names(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    for (int p = 0; p < f.park.points; p++) {
        char name[80];
        park_point_name(&f.park, p, name, sizeof name);
        assert_int_equal(park_point_from_name(&f.park, name), p);
    }
    static const char *const bad[] = {"",         "bess1",       "bess1.",     ".kw",
                                      "bess2.kw", "bess1.watts", "bess1.kw.kw"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(park_point_from_name(&f.park, bad[i]), -1);
    }
    assert_int_equal(park_device(&f.park, "bess1"), BATTERY);
    assert_int_equal(park_device(&f.park, "bess"), -1);
}

static void test_ranges(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    double lo, hi;
    park_point_range(&f.park, park_point(&f.park, BATTERY, BATTERY_SET_KW), &lo, &hi);
    assert_true(lo == -200 && hi == 200);
    park_point_range(&f.park, park_point(&f.park, PV, PV_LIMIT_PU), &lo, &hi);
    assert_true(lo == 0 && hi == 1);
    assert_true(park_point_revert(&f.park, park_point(&f.park, PV, PV_LIMIT_PU)) == 1);
    assert_true(park_point_revert(&f.park, park_point(&f.park, HEAT_PUMP, HP_LIMIT_KW)) == 60);
    f.device[PV].safe_value = 0.15;
    assert_true(park_point_revert(&f.park, park_point(&f.park, PV, PV_LIMIT_PU)) == 0.15);
    assert_true(park_point_revert(&f.park, park_point(&f.park, PV, PV_LIMIT_TIMEOUT_S)) == 60);
    assert_true(park_point_rate(&f.park, park_point(&f.park, BATTERY, BATTERY_SET_KW)) == 0);
}

static void test_main_setpoints(void **state)
{
    (void)state;
    assert_int_equal(park_main_setpoint(KIND_PV), PV_LIMIT_PU);
    assert_int_equal(park_main_setpoint(KIND_BATTERY), BATTERY_SET_KW);
    assert_int_equal(park_main_setpoint(KIND_HEAT_PUMP), HP_LIMIT_KW);
    assert_int_equal(park_main_setpoint(KIND_STORAGE_BOILER), SB_SET_DRAW_KW);
    assert_int_equal(park_main_setpoint(KIND_GAS_BOILER), BOILER_SET_HEAT_KW);
    assert_int_equal(park_main_setpoint(KIND_CHARGER), CHARGER_LIMIT_KW);
    assert_int_equal(park_main_setpoint(KIND_MILL), MILL_RUN);
    assert_int_equal(park_main_setpoint(KIND_KILN), -1);
    assert_int_equal(park_main_setpoint(KIND_LOAD), -1);
}

static void test_days(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    assert_int_equal(park_days(&f.park, at("2025-07-12T12:00")), DAYS_WORKDAY); /* Saturday */
    assert_int_equal(park_days(&f.park, at("2025-07-13T00:00")), DAYS_SUNDAY);
    assert_int_equal(park_days(&f.park, at("2025-07-13T23:59:59")), DAYS_SUNDAY);
    assert_int_equal(park_days(&f.park, at("2025-07-14T00:00")), DAYS_WORKDAY);
    assert_int_equal(park_days(&f.park, at("2025-10-01T00:00")), DAYS_SUNDAY);
    assert_int_equal(park_days(&f.park, at("2025-10-01T23:59")), DAYS_SUNDAY);
    assert_int_equal(park_days(&f.park, at("2025-10-02T00:00")), DAYS_WORKDAY);
}

static void test_schedule(void **state)
{
    (void)state;
    struct fixture f;
    setup(&f);
    struct schedule s = {
        .n = 4,
        .row = {{DAYS_ALL, 60, 10},
                {DAYS_ALL, 480, 50},
                {DAYS_SUNDAY, 480, 20},
                {DAYS_WORKDAY, 720, 70}}
    };
    assert_true(schedule_kw(&f.park, &s, at("2025-07-14T00:59")) ==
                0); /* before the first row */
    assert_true(schedule_kw(&f.park, &s, at("2025-07-14T01:00")) == 10);
    assert_true(schedule_kw(&f.park, &s, at("2025-07-14T08:00")) == 50);
    assert_true(schedule_kw(&f.park, &s, at("2025-07-14T12:00")) == 70);
    assert_true(schedule_kw(&f.park, &s, at("2025-07-13T12:00")) == 20); /* its own row wins */
    assert_true(schedule_kw(&f.park, &(struct schedule){.n = 0}, at("2025-07-13T12:00")) == 0);
}

static void test_recipe(void **state)
{
    (void)state;
    struct recipe r = {
        .energy_kwh = 300, .powers = 2, .power = {{1, 100}, {2, 25}}
    };
    assert_true(recipe_peak_kw(&r) == 200);
    assert_true(recipe_hours(&r) == 3);
    double kwh = 0;
    for (int m = -10; m < 300; m++) {
        kwh += recipe_kw(&r, m) / 60;
    }
    assert_true(fabs(kwh - 300) < 1e-9);
    assert_true(recipe_kw(&r, -0.1) == 0 && recipe_kw(&r, 180) == 0);
    assert_true(recipe_kw(&r, 59.9) == 200 && recipe_kw(&r, 60) == 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),          cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_main_setpoints), cmocka_unit_test(test_days),
        cmocka_unit_test(test_schedule),       cmocka_unit_test(test_recipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
