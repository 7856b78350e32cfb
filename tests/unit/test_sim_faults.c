/* Tests of the simulator's faults: the table is whole, texts that are wrong are refused with a
 * reason, every fault can be injected once and cleared, what is shown is restored to the bit,
 * and faults end by themselves when their time is over. */
#include "sim/body.h"
#include "sim/fault_table.h"
#include "tests/support/bench_sim.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct rig {
    struct arena arena;
    struct setup set;
    char why[FAULT_WHY_LEN];
};

static void rig_open(struct rig *r, const char *park)
{
    memset(r, 0, sizeof *r);
    bench_sim_open(
        &r->arena, &r->set,
        (struct setup_ask){.park = park, .start = "2025-07-14T12:00:00+08:00", .dt_s = 0.5});
}

static void rig_run(struct rig *r, double s)
{
    double end = world_elapsed_s(r->set.world) + s - 0.05;
    while (world_elapsed_s(r->set.world) < end) {
        setup_step(&r->set);
    }
}

static int inject(struct rig *r, const char *device, const char *text)
{
    int d = park_device(r->set.park, device);
    assert_true(d >= 0);
    r->why[0] = 0;
    int n = faults_inject(&r->set.faults, d, text, INFINITY, r->why);
    assert_true((n == 0) == (r->why[0] != 0)); /* a refusal says why */
    return n;
}

static int clear(struct rig *r, const char *device, const char *text)
{
    return faults_clear(&r->set.faults, park_device(r->set.park, device), text, r->why);
}

static double shown(const struct rig *r, const char *point)
{
    const struct park *p = r->set.park;
    int n = park_point_from_name(p, point);
    assert_true(n >= 0);
    int d = p->point_device[n];
    return device_shown(&r->set.devices, d, n - p->device[d].first_point);
}

static void set(struct rig *r, const char *point, double v, enum err want)
{
    const struct park *p = r->set.park;
    int n = park_point_from_name(p, point), d = p->point_device[n];
    assert_int_equal(device_write(&r->set.devices, d, n - p->device[d].first_point, v), want);
}

static void table_is_whole(void **state)
{
    (void)state;
    for (int i = 0; i < FAULT_COUNT; i++) {
        const struct fault_def *d = &fault_table[i];
        char text[240];
        assert_non_null(d->name);
        assert_true(d->kinds != 0 && (d->trips & ~d->kinds) == 0);
        assert_true(strlen(d->effect) > 10);
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(fault_table[k].name, d->name);
            assert_true(!*d->id || strcmp(fault_table[k].id, d->id) != 0);
        }
        for (int k = 0; k < FAULT_ARGS && d->arg[k].name; k++) {
            assert_true(d->arg[k].lo < d->arg[k].hi);
            /* -1 stands for none where the argument may be left out */
            assert_true(isnan(d->arg[k].usual) || d->arg[k].usual == -1 ||
                        (d->arg[k].usual >= d->arg[k].lo && d->arg[k].usual <= d->arg[k].hi));
        }
        assert_true(!d->end || d->begin); /* an end undoes a beginning */
        faults_use(i, text, sizeof text);
        assert_true(strlen(text) < 79);
    }
    assert_string_equal(fault_table[FAULT_STRINGS_LOST].id, "P1");
    assert_string_equal(fault_table[FAULT_SETPOINT_STUCK].id, "P22");
    assert_string_equal(fault_table[FAULT_DEADLOCK].id, "D16");
    assert_string_equal(fault_table[FAULT_TORN].id, "M11");
}

static void refuses(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "etc/parks/small.yaml");
    faults_wire(&r.set.faults, NULL, NULL);
    const struct {
        const char *device, *text, *why;
    } rows[] = {
        {"pv1",   "silence",         "no fault"              },
        {"pv1",   "",                "no fault"              },
        {"pv1",   ":3",              "no fault"              },
        {"pv1",   "P99",             "no fault"              },
        {"pv1",   "late",            "must be given"         },
        {"pv1",   "late:",           "whole number from 1"   },
        {"pv1",   "late:5x",         "whole number from 1"   },
        {"pv1",   "late:0",          "whole number from 1"   },
        {"pv1",   "late:60001",      "whole number from 1"   },
        {"pv1",   "late:7.5",        "whole number from 1"   },
        {"pv1",   "late:5,6",        "one argument"          },
        {"pv1",   "silent:1",        "no argument"           },
        {"pv1",   "exception:12",    "whole number from 1"   },
        {"pv1",   "exception:2,9",   "no point of it"        },
        {"pv1",   "exception:2,3,4", "two arguments"         },
        {"works", "P3",              "of kind load"          },
        {"tank",  "writes_ignored",  "of kind tank"          },
        {"hp1",   "defrost",         "does not run"          },
        {"works", "load_step:0",     "0 kW"                  },
        {"pcc",   "counter_reset",   "nothing that it shows" },
        {"bess1", "wrong_scale:1",   "nothing that it shows" },
        {"pv1",   "eeprom_worn",     "memory that wears"     },
        {"bess1", "clock_jump",      "no watchdog of it runs"},
        {"works", "watchdog_dead",   "no watchdog"           },
        {"hp1",   "scale_factor",    "no point of it"        },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(inject(&r, rows[i].device, rows[i].text), 0);
        if (!strstr(r.why, rows[i].why)) {
            fail_msg("%s %s: %s", rows[i].device, rows[i].text, r.why);
        }
    }
    assert_int_equal(r.set.faults.active, 0);
    assert_int_equal(clear(&r, "pv1", NULL), 0);
    assert_int_equal(clear(&r, "pv1", "P3"), 0);
    assert_int_equal(faults_inject(&r.set.faults, 0, "silent", 0, r.why), 0);
    arena_fini(&r.arena);
}

/* In a study there is no wire. */
static void needs_a_wire(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "etc/parks/small.yaml");
    assert_int_equal(inject(&r, "pv1", "M2"), 0);
    assert_non_null(strstr(r.why, "wire"));
    assert_int_equal(inject(&r, "pv1", "P3"), 1);
    arena_fini(&r.arena);
}

/* Twice the same is refused, other arguments replace, each is cleared by id or name. */
static void once_by_id_or_name(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "etc/parks/small.yaml");
    faults_wire(&r.set.faults, NULL, NULL);
    assert_int_equal(inject(&r, "pv1", "late:700"), 1);
    assert_int_equal(inject(&r, "pv1", "m10:700"), 0);
    assert_int_equal(inject(&r, "pv1", "M10:800"), 1);
    assert_int_equal(inject(&r, "bess1", "silent"), 1); /* one device, two units */
    assert_int_equal(inject(&r, "pv1", "exception:4"), 1);
    assert_int_equal(inject(&r, "pv1", "exception:4,40155"), 1);
    assert_int_equal(r.set.faults.active, 3);
    assert_int_equal(clear(&r, "pv1", "late"), 1);
    assert_int_equal(clear(&r, "pv1", NULL), 1);
    assert_int_equal(clear(&r, "bess1", NULL), 1);
    assert_int_equal(r.set.faults.active, 0);
    arena_fini(&r.arena);
}

/* All that any device shows, and its plant's truth; NaN as a number of its own. */
static uint64_t print_of(const struct rig *r)
{
    uint64_t hash = 1469598103934665603u;
    for (int d = 0; d < r->set.park->devices; d++) {
        for (int k = 0; k < dict_kind(r->set.park->device[d].kind)->points; k++) {
            const double v[] = {device_shown(&r->set.devices, d, k),
                                world_get(r->set.world, d, k)};
            for (int i = 0; i < 2; i++) {
                uint64_t bits = 0;
                memcpy(&bits, &v[i], sizeof bits);
                hash = (hash ^ (isnan(v[i]) ? 7 : bits)) * 1099511628211u;
            }
        }
    }
    return hash;
}

/* Each fault on each device that it can hit, injected and cleared between two steps: nothing is
 * left of it, but of a reboot. */
static void clearing_restores(void **state)
{
    (void)state;
    struct rig r;
    int done[FAULT_COUNT] = {0};
    rig_open(&r, "etc/parks/ceramics.yaml");
    faults_wire(&r.set.faults, NULL, NULL);
    rig_run(&r, 30);
    uint64_t before = print_of(&r);
    for (int i = 0; i < FAULT_COUNT; i++) {
        char text[48];
        bool needs = isnan(fault_table[i].arg[0].usual);
        snprintf(text, sizeof text, needs ? "%s:5" : "%s", faults_name(i));
        for (int d = 0; i != FAULT_REBOOT && d < r.set.park->devices; d++) {
            int n = faults_inject(&r.set.faults, d, text, INFINITY, r.why);
            done[i] += n;
            assert_int_equal(faults_clear(&r.set.faults, d, NULL, r.why), n > 0);
            if (print_of(&r) != before) {
                fail_msg("%s leaves traces on %s", text, r.set.park->device[d].name);
            }
        }
    }
    /* those that need a device at work */
    for (int i = 0; i < FAULT_COUNT; i++) {
        bool waits = i == FAULT_DEFROST || i == FAULT_ELEMENT_BROKEN || i == FAULT_DOOR_OPEN ||
                     i == FAULT_CLOCK_JUMP || i == FAULT_REBOOT;
        if ((done[i] > 0) == waits) {
            fail_msg("%s affects %d", faults_name(i), done[i]);
        }
    }
    assert_int_equal(r.set.faults.active, 0);
    arena_fini(&r.arena);
}

static void ends_by_itself(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "etc/parks/small.yaml");
    int d = park_device(r.set.park, "works");
    rig_run(&r, 1);
    double before = shown(&r, "works.kw");
    assert_int_equal(faults_inject(&r.set.faults, d, "P17:90", 10, r.why), 1);
    rig_run(&r, 9.5);
    assert_true(fault_is(&r.set.faults.of[d], FAULT_LOAD_STEP));
    assert_true(world_body(r.set.world, d)->extra_kw == 90);
    rig_run(&r, 0.5);
    assert_int_equal(r.set.faults.active, 0);
    assert_true(world_body(r.set.world, d)->extra_kw == 0 && fabs(before) > 50);
    /* a reboot is over when the device is up again */
    assert_int_equal(inject(&r, "bess1", "reboot:5"), 1);
    assert_true(shown(&r, "bess1.soc_pu") == 0);
    rig_run(&r, 5);
    assert_true(shown(&r, "bess1.soc_pu") > 0.4);
    arena_fini(&r.arena);
}

/* What is shown is wrong, what is true is not. */
static void shown_is_not_true(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "etc/parks/small.yaml");
    rig_run(&r, 120);
    int d = park_device(r.set.park, "pcc");
    double kw = world_get(r.set.world, d, P_KW);
    assert_true(inject(&r, "pcc", "sign_flipped") >= 1);
    assert_true(shown(&r, "pcc.kw") == -kw);
    assert_true(inject(&r, "pcc", "wrong_scale") >= 1);
    assert_true(shown(&r, "pcc.kw") == -10 * kw);
    assert_true(inject(&r, "pcc", "counter_reset:7") >= 1);
    assert_true(shown(&r, "pcc.import_kwh") == 7);
    assert_true(world_get(r.set.world, d, P_KW) == kw);
    assert_int_equal(clear(&r, "pcc", "D12"), 1);
    assert_int_equal(clear(&r, "pcc", NULL), 2);
    assert_true(inject(&r, "pcc", "sentinel") > 4);
    assert_true(isnan(shown(&r, "pcc.kw")));
    assert_true(inject(&r, "bess1", "soc_jump:-0.2") == 1);
    assert_true(fabs(shown(&r, "bess1.soc_pu") - 0.3) < 1e-3);
    arena_fini(&r.arena);
}

static void writes_fail(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "etc/parks/small.yaml");
    double before = shown(&r, "bess1.set_kw");
    assert_true(inject(&r, "bess1", "local_mode") > 0);
    set(&r, "bess1.set_kw", 50, ERR_STATE);
    assert_int_equal(clear(&r, "bess1", NULL), 1);
    assert_true(inject(&r, "bess1", "writes_ignored") > 0);
    set(&r, "bess1.set_kw", 50, ERR_OK);
    rig_run(&r, 1);
    assert_true(shown(&r, "bess1.set_kw") == before);
    assert_int_equal(clear(&r, "bess1", NULL), 1);
    assert_true(inject(&r, "bess1", "writes_clamped:0.1") > 0);
    set(&r, "bess1.set_kw", -150, ERR_OK);
    assert_true(shown(&r, "bess1.set_kw") == -20);
    rig_run(&r, 1);
    assert_int_equal(clear(&r, "bess1", NULL), 1);
    assert_true(inject(&r, "bess1", "setpoint_stuck") > 0);
    set(&r, "bess1.set_kw", 80, ERR_OK);
    set(&r, "bess1.run", 1, ERR_OK);
    rig_run(&r, 12);
    assert_true(shown(&r, "bess1.set_kw") == 80);
    assert_true(shown(&r, "bess1.kw") < -19); /* still the value of before */
    assert_int_equal(clear(&r, "bess1", NULL), 1);
    rig_run(&r, 2);
    assert_true(fabs(shown(&r, "bess1.kw") - 80) < 1);
    arena_fini(&r.arena);
}

/* Racks that are cut off come back with what they hold; meanwhile the rest is emptied faster.
 */
static void racks_keep_energy(void **state)
{
    (void)state;
    struct rig r;
    double fell[2];
    rig_open(&r, "etc/parks/small.yaml");
    set(&r, "bess1.set_kw", 100, ERR_OK);
    set(&r, "bess1.run", 1, ERR_OK);
    rig_run(&r, 20);
    for (int i = 0; i < 2; i++) {
        double soc = shown(&r, "bess1.soc_pu");
        set(&r, "bess1.set_kw", 100, ERR_OK); /* feeds the watchdog */
        rig_run(&r, 10);
        fell[i] = soc - shown(&r, "bess1.soc_pu");
        assert_int_equal(i || inject(&r, "bess1", "P8:0.5"), 1);
    }
    assert_true(fabs(fell[1] / fell[0] - 2) < 0.01);
    assert_int_equal(clear(&r, "bess1", NULL), 1);
    assert_true(fabs(shown(&r, "bess1.soc_pu") - (0.5 + 0) + fell[0] * 2) < 0.01);
    arena_fini(&r.arena);
}

/* A device that renews its values every ten seconds: they stand still in between. */
static void renews_now_and_then(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "etc/parks/small.yaml");
    rig_run(&r, 5);
    double seen[3] = {shown(&r, "works.kw")};
    assert_true(inject(&r, "works", "freeze:10") > 0);
    rig_run(&r, 9);
    seen[1] = shown(&r, "works.kw");
    rig_run(&r, 2);
    seen[2] = shown(&r, "works.kw");
    assert_true(seen[0] == seen[1] && seen[1] != seen[2]);
    arena_fini(&r.arena);
}

/* Without the grid nothing on the bus has power, within one step after the second begins. */
static void outage_is_dark(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r, "etc/parks/ceramics.yaml");
    rig_run(&r, 60);
    assert_int_equal(inject(&r, "check", "grid_outage"), 0); /* not the meter at the PCC */
    assert_true(inject(&r, "pcc", "grid_outage") > 30);
    rig_run(&r, 2);
    for (int d = 0; d < r.set.park->devices; d++) {
        if (dict_kind(r.set.park->device[d].kind)->on_bus &&
            world_body(r.set.world, d)->kw != 0) {
            fail_msg("%s has power", r.set.park->device[d].name);
        }
    }
    assert_true(world_pcc_kw(r.set.world) == 0 && shown(&r, "pcc.v") == 0);
    assert_int_equal(clear(&r, "pcc", NULL), 1);
    rig_run(&r, 2);
    assert_true(world_pcc_kw(r.set.world) > 100);
    arena_fini(&r.arena);
}

/* Equal runs with the same faults are equal; faults of one device change nobody else's draws.
 */
static void repeats(void **state)
{
    (void)state;
    double kw[3];
    for (int i = 0; i < 3; i++) {
        struct rig r;
        rig_open(&r, "etc/parks/small.yaml");
        if (i < 2) {
            assert_int_equal(inject(&r, "pv1", "strings_lost:0.5"), 0); /* no light yet */
            rig_run(&r, 1);
            assert_int_equal(inject(&r, "pv1", "strings_lost:0.5"), 1);
        } else {
            rig_run(&r, 1);
        }
        rig_run(&r, 100);
        kw[i] = shown(&r, i < 2 ? "pv1.kw" : "works.kw");
        if (i == 1) {
            assert_true(kw[0] == kw[1]);
            kw[0] = shown(&r, "works.kw");
        }
        arena_fini(&r.arena);
    }
    assert_true(kw[0] == kw[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_whole),    cmocka_unit_test(refuses),
        cmocka_unit_test(needs_a_wire),      cmocka_unit_test(once_by_id_or_name),
        cmocka_unit_test(clearing_restores), cmocka_unit_test(ends_by_itself),
        cmocka_unit_test(shown_is_not_true), cmocka_unit_test(writes_fail),
        cmocka_unit_test(racks_keep_energy), cmocka_unit_test(renews_now_and_then),
        cmocka_unit_test(outage_is_dark),    cmocka_unit_test(repeats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
