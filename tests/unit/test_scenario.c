/* Tests of what scenarios add to the simulator: moments and durations (sim/scenario_time.c),
 * stores that begin with another content (sim/body_begin.c), names of truths (sim/truth.c), and
 * a device that falls silent in a study's field (sim/study_field.c). */
#include "controller/base/civil.h"
#include "sim/body.h"
#include "sim/scenario_time.h"
#include "sim/study_field.h"
#include "sim/truth.h"
#include "tests/support/bench_sim.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct doc scalar(const char *text)
{
    return (struct doc){.kind = DOC_SCALAR, .file = "f", .line = 1, .col = 1, .text = text};
}

static void times(void **state)
{
    (void)state;
    static struct doc_errors errors;
    static const struct {
        const char *text;
        double s; /* below 0: refused */
    } durations[] =
        {
            {"90s",   90  },
            {"1h30m", 5400},
            {"1.5h",  5400},
            {"0s",    0   },
            {"10m5s", 605 },
            {"",      -1  },
            {"10",    -1  },
            {"5s10m", -1  },
            {"m",     -1  },
            {"-5s",   -1  }
    },
      moments[] = {{"+1h", 3600},    {"13:30", 5400}, {"12:00:10", 10}, {"11:59", -1},
                   {"+25h", -1},     {"24:00", -1},   {"1:2:3:4", -1},  {"noon", -1},
                   {"11:30", 84600}, {"+0s", 0}};
    assert_int_equal(civil_zone_set("Asia/Shanghai"), ERR_OK);
    struct scenario_span span = {.end_s = 84600};
    assert_int_equal(civil_parse("2025-07-14T12:00:00", &span.start), ERR_OK);
    for (size_t i = 0; i < sizeof durations / sizeof *durations; i++) {
        struct doc d = scalar(durations[i].text), m = scalar(moments[i].text);
        double s = -1;
        (void)!scenario_duration(&d, &s, &errors);
        assert_float_equal(s, durations[i].s, 1e-9);
        s = -1;
        (void)!scenario_moment(&m, &span, &s, &errors);
        assert_float_equal(s, moments[i].s, 1e-9);
    }
    assert_int_equal(errors.count, 5 + 5);
    char at[16];
    scenario_clock(span.start, 3725, at, sizeof at);
    assert_string_equal(at, "13:02:05");
    scenario_clock(span.start, 43205, at, sizeof at);
    assert_string_equal(at, "00:00:05+1d");
}

/* The small park with all that a study has but the core. */
struct rig {
    struct arena arena;
    struct setup set;
    struct study_field field;
    int online, offline, readings; /* of the PCC meter */
    double kw;
};

static void on_reading(void *arg, const struct msg_reading *m)
{
    struct rig *r = arg;
    if ((int)m->point == park_point(r->set.park, r->set.park->pcc, P_KW)) {
        r->readings++;
        r->kw = m->value;
    }
}

static void on_link(void *arg, const struct msg_link_state *l)
{
    struct rig *r = arg;
    r->online += l->device == r->set.park->pcc && l->online;
    r->offline += l->device == r->set.park->pcc && !l->online;
}

static struct rig *rig_open(int begins, const struct setup_begin *begin)
{
    static struct rig r;
    struct setup_ask ask = {.park = "etc/parks/small.yaml",
                            .start = "2025-07-13T11:00:00",
                            .dt_s = 1,
                            .begins = begins};
    memset(&r, 0, sizeof r);
    for (int i = 0; i < begins; i++) {
        ask.begin[i] = begin[i];
    }
    bench_sim_open(&r.arena, &r.set, ask);
    return &r;
}

static void begins(void **state)
{
    (void)state;
    struct rig *r = rig_open(0, NULL);
    int bess = park_device(r->set.park, "bess1"), tank = park_device(r->set.park, "tank");
    arena_fini(&r->arena);
    struct setup_begin begin[] = {
        {bess, BATTERY_SOC_PU, 0.25},
        {tank, TANK_SOC_PU,    0.9 }
    };
    r = rig_open(2, begin);
    assert_float_equal(world_get(r->set.world, bess, BATTERY_SOC_PU), 0.25, 1e-9);
    assert_float_equal(world_get(r->set.world, tank, TANK_SOC_PU), 0.9, 1e-9);
    /* what it begins with is not what it has gained */
    assert_float_equal(judge_carry(&r->set.judge).kwh, 0, 1e-6);
    assert_int_equal(world_begin(r->set.world, bess, BATTERY_SOC_PU, 1.5), ERR_RANGE);
    assert_int_equal(world_begin(r->set.world, bess, P_KW, 10), ERR_UNKNOWN_KEY);
    arena_fini(&r->arena);
}

static void truths(void **state)
{
    (void)state;
    struct rig *r = rig_open(0, NULL);
    const struct park *p = r->set.park;
    struct truth t;
    for (int i = 0; i < 100; i++) {
        setup_step(&r->set);
    }
    assert_int_equal(truth_find(p, "pcc.kw", &t), ERR_OK);
    assert_float_equal(truth_value(&r->set.judge, t), world_pcc_kw(r->set.world), 0);
    assert_false(truth_whole(p, t));
    assert_int_equal(truth_find(p, "pv1.state", &t), ERR_OK);
    assert_true(truth_whole(p, t));
    assert_int_equal(truth_find(p, "pcc.pf", &t), ERR_OK);
    assert_false(truth_whole(p, t));
    assert_int_equal(truth_find(p, "park.mean_15min_kw", &t), ERR_OK);
    assert_true(isnan(truth_value(&r->set.judge, t))); /* before 15 minutes are full */
    assert_int_equal(truth_find(p, "park.relay_trips", &t), ERR_OK);
    assert_true(truth_value(&r->set.judge, t) == 1); /* nobody holds back the noon sun */
    assert_int_equal(truth_find(p, "park.nothing", &t), ERR_NOT_FOUND);
    assert_int_equal(truth_find(p, "pcc.nothing", &t), ERR_NOT_FOUND);
    arena_fini(&r->arena);
}

static void second(struct rig *r, const struct study_hooks *hooks, int *t)
{
    setup_step(&r->set);
    study_field_read(&r->field, (mono_t){++*t * INT64_C(1000000)}, hooks);
}

static void silence(void **state)
{
    (void)state;
    struct rig *r = rig_open(0, NULL);
    struct study_hooks hooks = {on_reading, on_link, r};
    char why[FAULT_WHY_LEN];
    int t = 0, pcc = r->set.park->pcc;
    assert_int_equal(study_field_init(&r->field, &r->arena, &r->set, &hooks), ERR_OK);
    second(r, &hooks, &t);
    assert_true(r->readings == 1 && r->online == 1);
    assert_true(faults_inject(&r->set.faults, pcc, "silent", INFINITY, why) > 0);
    for (int i = 0; i < 10; i++) {
        second(r, &hooks, &t);
    }
    assert_true(r->readings == 1 && r->offline == 1); /* told once */
    assert_int_equal(faults_clear(&r->set.faults, pcc, NULL, why), 1);
    second(r, &hooks, &t);
    assert_true(r->readings == 2 && r->online == 2);
    double shown = r->kw;
    assert_true(faults_inject(&r->set.faults, pcc, "freeze", INFINITY, why) > 0);
    second(r, &hooks, &t);
    assert_true(r->readings == 3 && r->kw == shown && shown != world_pcc_kw(r->set.world));
    arena_fini(&r->arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times),
        cmocka_unit_test(begins),
        cmocka_unit_test(truths),
        cmocka_unit_test(silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
