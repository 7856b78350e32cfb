/* Tests of sim/regs.c and sim/device.c with shipped profiles: registers decode to the plant's
 * values, holes and halves are refused, procedures need their steps, watchdogs of the classes
 * do their thing. */
#include "controller/base/civil.h"
#include "sim/env.h"
#include "sim/regs.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct rig {
    struct arena arena;
    struct doc_errors errors;
    struct park *park;
    const struct profile **profile;
    struct env env;
    struct world *world;
    struct devices devices;
    struct faults faults;
    struct regs_unit unit;
};

static void rig_open(struct rig *r, const char *park, const char *device, int part)
{
    wall_t at;
    int clashes;
    memset(r, 0, sizeof *r);
    arena_init(&r->arena, 128u << 20);
    assert_int_equal(park_load(&r->arena, park, &r->park, &r->errors), ERR_OK);
    assert_int_equal(civil_zone_set(r->park->zone), ERR_OK);
    assert_int_equal(civil_parse("2025-07-14T12:00:00+08:00", &at), ERR_OK);
    assert_int_equal(
        profile_load_park(&r->arena, r->park, "etc/devices", &r->profile, &r->errors), ERR_OK);
    assert_int_equal(env_init(&r->env, &r->arena, r->park, 1, NULL), ERR_OK);
    assert_int_equal(faults_init(&r->faults, &r->arena, r->park, 1), ERR_OK);
    struct world_setup setup = {.park = r->park,
                                .env = &r->env,
                                .faults = &r->faults,
                                .seed = 1,
                                .dt_s = 0.1,
                                .start = at};
    assert_int_equal(world_init(&r->world, &r->arena, &setup), ERR_OK);
    assert_int_equal(device_init(&r->devices, &r->arena, r->world, r->profile), ERR_OK);
    faults_join(&r->faults, r->world, &r->devices, r->profile);
    int d = park_device(r->park, device);
    regs_init(&r->unit, &r->devices, &r->faults);
    assert_int_equal(regs_bind(&r->unit, d, part, r->profile[d * PARTS_MAX + part]), ERR_OK);
    assert_int_equal(regs_build(&r->unit, &r->arena, &clashes), ERR_OK);
    assert_int_equal(clashes, 0);
}

static void rig_run(struct rig *r, double s)
{
    for (double end = world_elapsed_s(r->world) + s - 0.05; world_elapsed_s(r->world) < end;) {
        device_step(&r->devices, 0.1);
        world_step(r->world);
        device_touch(&r->devices);
    }
}

static int rd(struct rig *r, int addr, int n, uint16_t *word)
{
    return regs_space.read(&r->unit, TABLE_HOLDING, addr, n, word);
}

static int wr(struct rig *r, int addr, int n, const uint16_t *word)
{
    return regs_space.write(&r->unit, TABLE_HOLDING, addr, n, word);
}

static int wr1(struct rig *r, int addr, uint16_t word)
{
    return wr(r, addr, 1, &word);
}

static double val(const struct rig *r, int row)
{
    return device_value(&r->devices, r->unit.binding[0].device, row);
}

/* Each readable point of each device of both parks decodes to the plant's value within half a
 * digit. */
static void every_point_decodes(void **state)
{
    (void)state;
    const char *parks[] = {"etc/parks/small.yaml", "etc/parks/ceramics.yaml",
                           "tests/data/site_park.yaml"};
    int points = 0;
    for (int k = 0; k < 3; k++) {
        struct rig r;
        rig_open(&r, parks[k], "pcc", 0);
        rig_run(&r, 30);
        for (int d = 0; d < r.park->devices * PARTS_MAX; d++) {
            if (!r.profile[d] || d % PARTS_MAX >= r.park->device[d / PARTS_MAX].parts) {
                continue;
            }
            struct regs_unit u;
            int clashes;
            regs_init(&u, &r.devices, &r.faults);
            assert_int_equal(regs_bind(&u, d / PARTS_MAX, d % PARTS_MAX, r.profile[d]), ERR_OK);
            assert_int_equal(regs_build(&u, &r.arena, &clashes), ERR_OK);
            const struct profile *f = r.profile[d];
            const struct rating *rating = &r.park->device[d / PARTS_MAX].rating;
            for (int i = 0; i < f->points; i++) {
                uint16_t word[4];
                double truth = device_value(&r.devices, d / PARTS_MAX, f->point[i].row), v;
                int n = regs_point_words(&u, 0, i, word);
                if (n == 0 || isnan(truth) || f->point[i].maps) {
                    continue;
                }
                int sf = u.binding[0].sf[i];
                double by = f->point[i].by == BY_RATED_KW        ? rating->rated_kw
                            : f->point[i].by == BY_RATED_HEAT_KW ? rating->rated_heat_kw
                                                                 : 1;
                double lsb = fabs(f->point[i].scale * by) * pow(10, sf);
                lsb = f->point[i].type == REG_F32 ? fabs(truth) * 1e-6 + 1e-30 : lsb;
                if (~f->point[i].mask && f->point[i].type != REG_BIT) {
                    lsb *= (double)(f->point[i].mask & -f->point[i].mask); /* its lowest bit */
                }
                assert_int_equal(profile_decode(&f->point[i], rating, word, sf, &v), ERR_OK);
                if (!(fabs(v - truth) <= 0.5000001 * lsb + 1e-12)) {
                    fail_msg("%s %s row %d: shows %g, is %g",
                             r.park->device[d / PARTS_MAX].name, f->name, f->point[i].row, v,
                             truth);
                }
                points++;
            }
        }
        arena_fini(&r.arena);
    }
    assert_true(points > 250);
}

static void refuses_by_exception(void **state)
{
    (void)state;
    struct rig r;
    uint16_t w[8];
    const uint16_t two[2] = {0, 1};
    rig_open(&r, "etc/parks/small.yaml", "bess1", 0);
    rig_run(&r, 1);
    assert_int_equal(rd(&r, 122, 2, w), PDU_OK);
    assert_int_equal(rd(&r, 145, 1, w), PDU_OK);              /* half of charge_kwh */
    assert_int_equal(rd(&r, 123, 3, w), PDU_ILLEGAL_ADDRESS); /* a hole */
    assert_int_equal(rd(&r, 9000, 1, w), PDU_ILLEGAL_ADDRESS);
    assert_int_equal(wr1(&r, 122, 1), PDU_ILLEGAL_ADDRESS);     /* read-only */
    assert_int_equal(wr(&r, 135, 2, two), PDU_ILLEGAL_ADDRESS); /* 136 is nobody's */
    assert_int_equal(wr1(&r, 650, 7), PDU_ILLEGAL_VALUE);       /* no step has this content */
    assert_int_equal(r.devices.latched, 0);                     /* all or nothing */
    arena_fini(&r.arena);
    rig_open(&r, "etc/parks/ceramics.yaml", "ets", 0);
    const struct profile *f = r.unit.binding[0].f;
    for (int i = 0; i < f->points; i++) {
        const struct profile_point *pt = &f->point[i];
        if (pt->write_fc == 16 && reg_words(pt->type) == 2) {
            assert_int_equal(wr1(&r, pt->addr, 0), PDU_ILLEGAL_VALUE); /* half of a value */
            assert_int_equal(wr1(&r, pt->addr + 1, 0), PDU_ILLEGAL_VALUE);
        }
    }
    arena_fini(&r.arena);
}

static void writes_latch(void **state)
{
    (void)state;
    struct rig r;
    uint16_t w;
    rig_open(&r, "etc/parks/small.yaml", "bess1", 0);
    assert_int_equal(wr1(&r, 650, 1), PDU_OK);
    assert_int_equal(wr1(&r, 135, 500), PDU_OK);
    assert_int_equal(rd(&r, 135, 1, &w), PDU_OK);
    assert_int_equal(w, 500); /* the register at once, the plant at its next step */
    assert_true(world_get(r.world, r.unit.binding[0].device, BATTERY_SET_KW) == 0);
    rig_run(&r, 13);
    assert_true(fabs(val(&r, P_KW) - 50) < 1);
    assert_int_equal(wr1(&r, 135, 32000), PDU_OK);
    rig_run(&r, 1);
    assert_true(val(&r, BATTERY_SET_KW) == 200); /* clamped to its rating */
    arena_fini(&r.arena);
}

/* Class C: any frame keeps the setpoint; silence ends it. */
static void class_c(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "etc/parks/small.yaml", "bess1", 0);
    int d = r.unit.binding[0].device;
    assert_int_equal(wr1(&r, 135, 500), PDU_OK);
    for (int i = 0; i < 10; i++) {
        rig_run(&r, 12);
        device_frame(&r.devices, d);
    }
    assert_true(val(&r, BATTERY_SET_KW) == 50);
    rig_run(&r, 14);
    assert_true(val(&r, BATTERY_SET_KW) == 50);
    rig_run(&r, 2);
    assert_true(val(&r, BATTERY_SET_KW) == 0);
    assert_int_equal(r.devices.of[d].reversions, 1);
    arena_fini(&r.arena);
}

/* Class A: reads do not help; a new write moves the end; the time register rules. */
static void class_a(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "etc/parks/small.yaml", "pv1", 0);
    assert_int_equal(wr1(&r, 40157, 100), PDU_OK);
    assert_int_equal(wr1(&r, 40159, 1), PDU_OK);
    assert_int_equal(wr1(&r, 40155, 3000), PDU_OK);
    rig_run(&r, 90);
    assert_int_equal(wr1(&r, 40155, 4000), PDU_OK);
    rig_run(&r, 1);
    for (int i = 0; i < 98; i++) {
        device_frame(&r.devices, r.unit.binding[0].device);
        rig_run(&r, 1);
        assert_true(fabs(val(&r, PV_LIMIT_PU) - 0.4) < 1e-9);
    }
    rig_run(&r, 3);
    assert_true(val(&r, PV_LIMIT_PU) == 1);
    arena_fini(&r.arena);
}

/* SunSpec 704: a limit of 5 % falls to what was set beforehand, in force only if that was said;
 * the time is a long value. */
static void falls_back_to_what_was_set(void **state)
{
    (void)state;
    static const uint16_t minute[] = {0, 60};
    for (int enabled = 0; enabled <= 1; enabled++) {
        struct rig r;
        rig_open(&r, "tests/data/site_park.yaml", "pv1", 0);
        assert_int_equal(wr(&r, 40243, 2, minute), PDU_OK);
        assert_int_equal(wr1(&r, 40243, 60), PDU_ILLEGAL_VALUE); /* half of it */
        assert_int_equal(wr1(&r, 40241, 3000), PDU_OK);
        assert_int_equal(wr1(&r, 40242, (uint16_t)enabled), PDU_OK);
        assert_int_equal(wr1(&r, 40240, 500), PDU_OK);
        assert_int_equal(wr1(&r, 40239, 1), PDU_OK);
        rig_run(&r, 59);
        assert_true(fabs(val(&r, PV_LIMIT_PU) - 0.05) < 1e-9);
        rig_run(&r, 2);
        assert_true(fabs(val(&r, PV_LIMIT_PU) - 0.3) < 1e-9);
        assert_true(val(&r, PV_LIMIT_ON) == enabled);
        assert_true(fabs(val(&r, PV_FALLBACK_PU) - 0.3) < 1e-9);
        arena_fini(&r.arena);
    }
}

/* Class B: only the heartbeat register feeds. */
static void class_b(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "etc/parks/ceramics.yaml", "mill1", 0);
    assert_int_equal(wr1(&r, 200, 1), PDU_OK);
    for (int i = 0; i < 5; i++) {
        rig_run(&r, 50);
        assert_int_equal(wr1(&r, 3, (uint16_t)i), PDU_OK);
    }
    assert_true(val(&r, MILL_RUN) == 1);
    for (int i = 0; i < 62; i++) {
        device_frame(&r.devices, r.unit.binding[0].device);
        rig_run(&r, 1);
    }
    assert_true(val(&r, MILL_RUN) == 0);
    arena_fini(&r.arena);
}

/* Classes D and E, which no shipped profile has: neither frames nor heartbeats feed; the
 * setpoint is written again (D), or its time, which it carries, runs out (E). */
static void class_d_and_e(void **state)
{
    (void)state;
    static const enum watchdog classes[] = {WATCHDOG_D, WATCHDOG_E};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        struct rig r;
        rig_open(&r, "etc/parks/ceramics.yaml", "mill1", 0);
        int d = r.unit.binding[0].device;
        struct profile own = *r.unit.binding[0].f;
        own.watchdog.class = classes[i];
        r.devices.of[d].dog = r.unit.binding[0].f = &own;
        for (int k = 0; k < 3; k++) {
            assert_int_equal(wr1(&r, 200, 1), PDU_OK);
            rig_run(&r, 50);
            assert_true(val(&r, MILL_RUN) == 1);
        }
        device_frame(&r.devices, d);
        device_beat(&r.devices, d);
        rig_run(&r, 9);
        assert_true(val(&r, MILL_RUN) == 1);
        rig_run(&r, 3);
        assert_true(val(&r, MILL_RUN) == 0);
        arena_fini(&r.arena);
    }
}

/* Class F stays for ever. */
static void class_f(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "etc/parks/ceramics.yaml", "pv_a", 0);
    int d = r.unit.binding[0].device;
    assert_true(r.unit.binding[0].f->watchdog.class == WATCHDOG_F);
    assert_int_equal(device_write(&r.devices, d, PV_LIMIT_PU, 0.25), ERR_OK);
    rig_run(&r, 400);
    assert_true(val(&r, PV_LIMIT_PU) == 0.25);
    arena_fini(&r.arena);
}

static void freeze_keeps(void **state)
{
    (void)state;
    struct rig r;
    uint16_t before[2], after[2];
    rig_open(&r, "etc/parks/small.yaml", "bess1", 0);
    assert_int_equal(wr1(&r, 650, 1), PDU_OK);
    assert_int_equal(rd(&r, 122, 1, before), PDU_OK);
    char why[FAULT_WHY_LEN];
    assert_true(faults_inject(&r.faults, r.unit.binding[0].device, "freeze", INFINITY, why) >
                0);
    assert_int_equal(wr1(&r, 135, 1000), PDU_OK);
    rig_run(&r, 13);
    assert_int_equal(rd(&r, 122, 1, after), PDU_OK);
    assert_int_equal(before[0], after[0]);
    assert_true(val(&r, P_KW) > 90); /* the write acted all the same */
    arena_fini(&r.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_point_decodes),
        cmocka_unit_test(refuses_by_exception),
        cmocka_unit_test(writes_latch),
        cmocka_unit_test(class_a),
        cmocka_unit_test(falls_back_to_what_was_set),
        cmocka_unit_test(class_b),
        cmocka_unit_test(class_c),
        cmocka_unit_test(class_d_and_e),
        cmocka_unit_test(class_f),
        cmocka_unit_test(freeze_keeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
