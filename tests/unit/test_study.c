/* Tests of sim/foresight.c and sim/study_trace.c on the parks that ship: what is foreseen comes
 * true to the bit whoever controls, the oracle's forecast says it, and a trace adds up to what
 * the referee counts. */
#include "controller/base/json.h"
#include "controller/dispatch/core.h"
#include "sim/body.h"
#include "sim/foresight.h"
#include "sim/study_trace.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { JSON_LEN = 1 << 20 };
#define CERAMICS "etc/parks/ceramics.yaml"
#define SMALL "etc/parks/small.yaml"
#define UTILITIES "tests/data/utilities_park.yaml"
#define SITE "tests/data/site_park.yaml"

static struct study study_of(const char *park, const char *start, double seconds)
{
    return (struct study){
        .ask =
            {.who = "test", .park = park, .devices = "etc/devices", .start = start, .seed = 3},
        .policy = STUDY_RULE,
        .seconds = seconds,
        .work = 500
    };
}

/* ---- Foresight ---- */

struct seer {
    const struct study *study;
    struct series_file *seen;
    double *sum; /* of each column, kW x s */
    int64_t seconds;
    int compared;
};

static int look_ahead(void *arg, struct setup *set, struct arena *a)
{
    struct seer *s = arg;
    struct setup_ask ask = s->study->ask;
    ask.dt_s = 1;
    assert_int_equal(foresight_make(&s->seen, a, set, &ask, s->study->seconds), ERR_OK);
    s->sum = arena_take(a, (size_t)s->seen->columns, sizeof *s->sum);
    assert_non_null(s->sum);
    return 0;
}

/* What a column's name says, by the plants' truth now. */
static double truth_kw(const struct world *w, const char *column)
{
    char name[SERIES_NAME_LEN];
    const char *dot = strchr(column, '.');
    if (strcmp(column, "heat.hot_water_kw") == 0) {
        return world_heat_demand_kw(w);
    }
    if (strcmp(dot, ".available_kw") == 0) {
        snprintf(name, sizeof name, "%.*s", (int)(dot - column), column);
        return world_body(w, park_device(world_park(w), name))->available_kw;
    }
    snprintf(name, sizeof name, "%.*s", (int)(strlen(dot + 1) - 3), dot + 1);
    const struct body *b = world_body(w, park_device(world_park(w), name));
    return b->device->kind == KIND_WASTE_HEAT ? b->heat_kw : -b->kw;
}

static void compare(void *arg, const struct study_view *v)
{
    struct seer *s = arg;
    bool end = ++s->seconds % FORESIGHT_STEP_S == 0;
    wall_t last = wall_add_s(world_wall(v->set->world), -1);
    for (int c = 0; c < s->seen->columns; c++) {
        s->sum[c] += truth_kw(v->set->world, s->seen->name[c]);
        if (end) {
            double foreseen = series_at(s->seen, c, last);
            assert_true(isfinite(foreseen));
            assert_true(foreseen == s->sum[c] / FORESIGHT_STEP_S);
            s->compared += foreseen != 0;
            s->sum[c] = 0;
        }
    }
}

/* In the morning; nobody, and then the rules. least: means of 5 min that are not 0. */
static void comes_true(const char *park, int least)
{
    static char json[JSON_LEN];
    struct study study = study_of(park, "2025-07-14T08:00:00+08:00", 1800);
    for (int p = STUDY_NONE; p <= STUDY_RULE; p++) {
        struct seer s = {.study = &study};
        struct study_watch watch = {.arg = &s, .loaded = look_ahead, .after = compare};
        struct study_outcome outcome;
        study.policy = (enum study_policy)p;
        study.watch = &watch;
        assert_int_equal(study_run(&study, json, sizeof json, &outcome), 0);
        assert_true(s.compared > least);
    }
}

/* All kinds of sources, loads and kilns; chillers, compressors and pumps; a building. */
static void foreseen_comes_true(void **state)
{
    (void)state;
    comes_true(CERAMICS, 60);
    comes_true(UTILITIES, 20);
    comes_true(SITE, 10);
}

static int ask_oracle(void *arg, const struct study_view *v)
{
    const struct forecast *f = &v->core->forecast;
    const struct park *p = v->set->park;
    int *asked = arg;
    wall_t at = v->set->start;
    assert_non_null(f->given);
    assert_true(series_end(f->given).ms >= at.ms + (600 + 30 * 3600) * 1000);
    for (int d = 0; d < p->devices; d++) {
        char column[SERIES_NAME_LEN];
        snprintf(column, sizeof column, "%s.available_kw", p->device[d].name);
        int c = series_column(f->given, column);
        for (int q = 0; c >= 0 && q < 120; q++) {
            wall_t then = wall_add_s(at, 900.0 * q);
            assert_true(forecast_kw(f, d, at, then, 900) ==
                        fmax(series_mean(f->given, c, then, 900), 0));
            *asked += 1;
        }
    }
    return 0;
}

static void oracle_is_told(void **state)
{
    (void)state;
    static char json[JSON_LEN];
    struct study study = study_of(SMALL, "2025-07-14T08:00:00+08:00", 600);
    int asked = 0;
    struct study_watch watch = {.arg = &asked, .built = ask_oracle};
    struct study_outcome outcome;
    study.policy = STUDY_ORACLE;
    study.watch = &watch;
    assert_int_equal(study_run(&study, json, sizeof json, &outcome), 0);
    assert_true(asked > 0 && outcome.plans >= 2 && outcome.failed == 0);
}

/* ---- Trace ---- */

static double kpi(const json_t *run, const char *key)
{
    return json_number_value(json_object_get(json_object_get(run, "kpi"), key));
}

static double kwh(const struct study_trace *t, enum trace_layer l)
{
    double sum = 0;
    for (int i = 0; i < t->points; i++) {
        sum += t->kw[l][i] * (study_trace_at_s(t, i + 1) - study_trace_at_s(t, i)) / 3600;
    }
    return sum;
}

static void near(double a, double b)
{
    assert_true(fabs(a - b) <= 1e-6 * fmax(1, fabs(b)));
}

/* What is drawn up equals what is drawn down, interval by interval. */
static void balanced(const struct study_trace *t)
{
    for (int i = 0; i < t->points; i++) {
        double sum = 0;
        for (int l = 0; l < TRACE_LAYERS; l++) {
            sum += trace_layer_gives((enum trace_layer)l) ? t->kw[l][i] : -t->kw[l][i];
        }
        assert_true(fabs(sum) < 1e-6);
        assert_true(t->line[TRACE_PCC_MIN][i] <= t->line[TRACE_PCC_MAX][i]);
    }
}

/* 25.5 min: the last interval is a short one. */
static void trace_adds_up(void **state)
{
    (void)state;
    static char json[JSON_LEN];
    static struct study_trace t;
    struct study study = study_of(CERAMICS, "2025-07-14T08:00:00+08:00", 1530);
    struct study_watch watch;
    struct study_outcome outcome;
    json_t *run = NULL;
    struct json_ask ask = {.where = "test"};
    study_trace_begin(&t, study.seconds, &watch);
    study.watch = &watch;
    assert_int_equal(study_run(&study, json, sizeof json, &outcome), 0);
    assert_int_equal(json_read(&ask, json, strlen(json), JSON_LEN, &run), ERR_OK);
    assert_int_equal(t.step_s, 60);
    assert_int_equal(t.points, 26);
    near(study_trace_at_s(&t, 26) - study_trace_at_s(&t, 25), 30);
    balanced(&t);
    near(kwh(&t, TRACE_IMPORT), kpi(run, "import_kwh"));
    near(kwh(&t, TRACE_PV), kpi(run, "pv_kwh"));
    near(t.line[TRACE_COST][t.points - 1], kpi(run, "cost_yuan"));
    assert_true(t.line[TRACE_COST][0] < t.line[TRACE_COST][t.points - 1]);
    assert_true(t.line[TRACE_PRICE][0] > 0);
    assert_true(t.stores >= 3 && t.stores_left_out == 0);
    for (int i = 0; i < t.stores; i++) {
        assert_true(t.store[i].soc_pu[t.points - 1] > 0 && t.store[i].soc_pu[0] <= 1);
    }
    json_decref(run);
}

static void intervals_fit(void **state)
{
    (void)state;
    static struct study_trace t;
    struct study_watch watch;
    static const struct {
        double days;
        int step_s;
    } rows[] = {
        {1,   60   },
        {2,   120  },
        {7,   600  },
        {31,  1800 },
        {366, 21600},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        study_trace_begin(&t, rows[i].days * 86400, &watch);
        assert_int_equal(t.step_s, rows[i].step_s);
        assert_true(rows[i].days * 86400 / t.step_s <= TRACE_POINTS_MAX);
    }
}

/* A defect: the core takes its plan for new for ever, and asks for no other. */
static void never_ages(void *arg, const struct study_view *view)
{
    (void)arg;
    if (view->core->plan->steps > 0) {
        view->core->plan_at = mono_add(view->core->plan_at, MONO_S(1));
        view->core->ticks = 0;
    }
}

/* INV-17 on the real core: who follows a plan for longer than 30 min is found out; who asks
 * again, or has given it up, is not. */
static void stale_plan_is_found_out(void **state)
{
    (void)state;
    static char json[JSON_LEN];
    struct study study = study_of(SMALL, "2025-07-14T10:00:00+08:00", 2400);
    struct study_watch watch = {.before = never_ages};
    study.policy = STUDY_MPC;
    for (int defect = 0; defect <= 1; defect++) {
        struct study_outcome out;
        study.watch = defect ? &watch : NULL;
        assert_int_equal(study_run(&study, json, sizeof json, &out), 0);
        assert_true(defect ? out.plans < 3 : out.plans >= 7);
        assert_int_equal(strstr(json, "plan_stale") != NULL, defect);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(foreseen_comes_true),     cmocka_unit_test(oracle_is_told),
        cmocka_unit_test(trace_adds_up),           cmocka_unit_test(intervals_fit),
        cmocka_unit_test(stale_plan_is_found_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
