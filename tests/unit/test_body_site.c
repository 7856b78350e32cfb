/* Supercapacitors, capacitor bank and building as bodies in a park: what they do follows from
 * commands, reactive power and weather; energy closes; trips and the grid act. */
#include "sim/plant_building.h"
#include "sim/plant_capbank.h"
#include "tests/support/world_rig.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SITE "tests/data/site_park.yaml"
#define SUMMER "2025-07-14T13:00:00+08:00"
#define NIGHT "2025-01-15T02:00:00+08:00"

static void set(struct world_rig *r, const char *device, int row, double value)
{
    world_command(r->world, park_device(r->park, device), row, value);
}

static void rows_are_within_range(void **state)
{
    (void)state;
    static const char *const start[] = {SUMMER, NIGHT};
    for (int i = 0; i < 2; i++) {
        struct world_rig r;
        world_rig_open(&r, SITE, start[i], 0.5);
        world_rig_run(&r, 7200);
        world_rig_rows(&r, "scap1", true);
        world_rig_rows(&r, "caps1", false);
        world_rig_rows(&r, "office", false);
        world_rig_close(&r);
    }
}

/* 150 kW are there in the first step; 3 kWh are gone after a good minute; what went in and out
 * is less than what the store lost by its losses, which are small. */
static void supercapacitors_answer_at_once(void **state)
{
    (void)state;
    struct world_rig r;
    world_rig_open(&r, SITE, SUMMER, 0.1);
    set(&r, "scap1", BATTERY_RUN, 1);
    set(&r, "scap1", BATTERY_SET_KW, 150);
    world_step(r.world);
    double soc = world_rig_get(&r, "scap1", BATTERY_SOC_PU);
    assert_true(world_rig_get(&r, "scap1", P_KW) > 149.9);
    world_rig_run(&r, 20);
    double out_kwh = world_rig_get(&r, "scap1", BATTERY_DISCHARGE_KWH);
    double from_kwh = 3 * (soc - world_rig_get(&r, "scap1", BATTERY_SOC_PU));
    assert_true(fabs(out_kwh - 150 * 20.1 / 3600) < 1e-3);
    assert_true(out_kwh / from_kwh > 0.93 && out_kwh / from_kwh < sqrt(0.95) + 0.01);
    world_rig_run(&r, 40);
    assert_true(world_rig_get(&r, "scap1", P_KW) < 1); /* empty */
    assert_true(world_rig_get(&r, "scap1", BATTERY_SOC_PU) < 0.01);
    assert_int_equal((int)world_rig_get(&r, "scap1", BATTERY_STATE), RUN_LIMITED);
    set(&r, "scap1", BATTERY_SET_KW, -75);
    world_rig_run(&r, 30);
    assert_true(fabs(world_rig_get(&r, "scap1", P_KW) + 75) < 0.1);
    assert_int_equal(world_trip(r.world, park_device(r.park, "scap1"), 10), 1);
    world_rig_run(&r, 2);
    assert_true(world_rig_get(&r, "scap1", P_KW) == 0);
    assert_int_equal((int)world_rig_get(&r, "scap1", BATTERY_STATE), RUN_FAULT);
    world_rig_close(&r);
}

/* It begins where a scenario wants it, and nowhere beyond its range. */
static void supercapacitors_begin_full(void **state)
{
    (void)state;
    struct world_rig r;
    world_rig_open(&r, SITE, SUMMER, 0.5);
    int d = park_device(r.park, "scap1");
    assert_int_equal(world_begin(r.world, d, BATTERY_SOC_PU, 1), ERR_OK);
    assert_true(world_rig_get(&r, "scap1", BATTERY_SOC_PU) > 0.9999);
    assert_int_equal(world_begin(r.world, d, BATTERY_SOC_PU, 1.1), ERR_RANGE);
    world_rig_close(&r);
}

/* Steps come in one by one until the target is met at the meter, and leave when the load does.
 */
static void bank_mends_the_power_factor(void **state)
{
    (void)state;
    struct world_rig r;
    world_rig_open(&r, SITE, SUMMER, 0.5);
    int works = park_device(r.park, "works"), bank = park_device(r.park, "caps1");
    world_rig_run(&r, 5);
    double before = world_rig_get(&r, "pcc", METER_PF);
    world_rig_run(&r, 600);
    int on = (int)world_rig_get(&r, "caps1", BANK_STEPS_ON);
    double kvar = world_rig_get(&r, "caps1", BANK_KVAR);
    assert_true(before < 0.97);
    assert_true(world_rig_get(&r, "pcc", METER_PF) > 0.97);
    assert_true(fabs(world_rig_get(&r, "caps1", BANK_PF) - world_rig_get(&r, "pcc", METER_PF)) <
                0.01);
    assert_true(on >= 3 && kvar == 15 * on);
    assert_true(fabs(world_rig_get(&r, "caps1", P_KW) + 0.5e-3 * kvar) < 1e-9);
    assert_int_equal(world_trip(r.world, works, INFINITY), 1);
    world_rig_run(&r, 600);
    assert_true((int)world_rig_get(&r, "caps1", BANK_STEPS_ON) <= 1);
    assert_int_equal(world_clear(r.world, works), 1);
    world_rig_run(&r, 600);
    assert_true((int)world_rig_get(&r, "caps1", BANK_STEPS_ON) >= 3);
    assert_int_equal(world_trip(r.world, bank, INFINITY), 1);
    world_rig_run(&r, 2);
    assert_true(world_rig_get(&r, "caps1", BANK_KVAR) == 0);
    assert_int_equal((int)world_rig_get(&r, "caps1", BANK_STATE), RUN_FAULT);
    world_rig_close(&r);
}

/* Cooled in July and heated in January; what it draws is what is used in the rooms and the
 * cold or heat by its COP. */
static void building_keeps_its_rooms(void **state)
{
    (void)state;
    static const struct {
        const char *start;
        double lo_degc, hi_degc;
        int row;
    } seasons[] = {
        {SUMMER, 25.9, 26.1, BUILDING_COLD_KW},
        {NIGHT,  19.9, 20.1, BUILDING_HEAT_KW}
    };
    for (int i = 0; i < 2; i++) {
        struct world_rig r;
        world_rig_open(&r, SITE, seasons[i].start, 1);
        world_rig_run(&r, 4 * 3600);
        double room = world_rig_get(&r, "office", BUILDING_ROOM_DEGC);
        double kw = world_rig_get(&r, "office", seasons[i].row);
        assert_true(room > seasons[i].lo_degc && room < seasons[i].hi_degc);
        assert_true(kw > 5 && kw < 250);
        assert_int_equal((int)world_rig_get(&r, "office", BUILDING_STATE), RUN_ON);
        double used = -world_rig_get(&r, "office", P_KW) - kw / 3.2;
        assert_true(used > 0.8 * 8 && used < 1.2 * 60);
        assert_true(world_rig_get(&r, "office", BUILDING_DRAW_KWH) > 4 * 8);
        /* without power the rooms drift towards the outside, and come back */
        int d = park_device(r.park, "office");
        assert_int_equal(world_trip(r.world, d, 3 * 3600), 1);
        world_rig_run(&r, 3 * 3600 - 1);
        double drift = world_rig_get(&r, "office", BUILDING_ROOM_DEGC) - room;
        assert_true(world_rig_get(&r, "office", P_KW) == 0);
        assert_true(i == 0 ? drift > 0.3 : drift < -0.3);
        world_rig_run(&r, 4 * 3600);
        assert_true(fabs(world_rig_get(&r, "office", BUILDING_ROOM_DEGC) - room) < 6);
        world_rig_close(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_within_range),
        cmocka_unit_test(supercapacitors_answer_at_once),
        cmocka_unit_test(supercapacitors_begin_full),
        cmocka_unit_test(bank_mends_the_power_factor),
        cmocka_unit_test(building_keeps_its_rooms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
