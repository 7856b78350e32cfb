/* Properties of the guards and of the governor, on random units, facts and limits. The seed is
 * printed; KILNWATT_SEED gives another. */
#include "controller/dispatch/governor.h"
#include "controller/dispatch/range.h"
#include "tests/support/bench_park.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ROUNDS = 2000, GUARDS_MAX = 16 };

static struct bench b;
static uint64_t state64;

/* splitmix64 */
static double uniform(double lo, double hi)
{
    uint64_t z = state64 += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return lo + (hi - lo) * (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

static int pick(int n)
{
    return (int)uniform(0, n);
}

static bool chance(double p)
{
    return uniform(0, 1) < p;
}

/* Any reading in and around its range, of any quality. */
static void random_readings(struct image *im, mono_t now)
{
    for (int i = 0; i < b.park->points; i++) {
        double lo = 0;
        double hi = 0;
        park_point_range(b.park, i, &lo, &hi);
        im->reading[i] = (struct reading){
            .value = chance(0.1)   ? lo
                     : chance(0.1) ? hi
                                   : uniform(lo - 0.1, hi + 0.1),
            .quality = chance(0.8) ? QUALITY_GOOD : (enum quality)pick(QUALITY_COUNT),
            .at = mono_sub(now, MONO_S(uniform(0, 30)))};
    }
}

static mono_t ago(mono_t now)
{
    return chance(0.3) ? (mono_t){0} : mono_sub(now, MONO_S(uniform(0, 4000)));
}

static void random_history(struct unit *u, mono_t now)
{
    double rated = u->dev->rating.rated_kw;
    u->on = chance(0.5);
    u->on_changed = ago(now);
    u->trimmed = ago(now);
    u->direction = pick(3) - 1;
    u->turns = pick(20);
    for (int i = 0; i < UNIT_TURNS_MAX; i++) {
        u->turned[i] = chance(0.3) ? mono_sub(now, MONO_S(uniform(0, 60))) : ago(now);
    }
    u->cmd_kw = chance(0.2) ? NAN : uniform(-rated, rated);
    u->last_kw = u->cmd_kw;
    u->slack_kw = chance(0.5) ? 0 : uniform(-rated, rated);
}

static struct range_facts random_facts(mono_t now)
{
    return (struct range_facts){.image = &b.core.frozen,
                                .now = now,
                                .pcc_known = chance(0.5),
                                .pv_blind_kw = chance(0.2) ? 0 : uniform(0, 6000),
                                .pv_rated_kw = chance(0.1) ? 0 : uniform(1, 6000)};
}

/* Each guard, in any order, on any interval, only narrows; where it says nothing the interval
 * stays. Every guard bites at least once, so that the test means something. */
static void test_guards_narrow(void **state)
{
    (void)state;
    int bites[GUARDS_MAX] = {0};
    assert_in_range(range_guards(), 1, GUARDS_MAX);
    for (int round = 0; round < ROUNDS; round++) {
        mono_t now = MONO_S(5000);
        int d = pick(b.park->devices);
        struct unit u;
        random_readings(&b.core.frozen, now);
        struct range_facts f = random_facts(now);
        unit_init(&u, &b.park->device[d]);
        random_history(&u, now);
        double rated = u.dev->rating.rated_kw;
        u.now_kw = uniform(-1.2, 1.2) * rated;
        u.lo_kw = uniform(-1.2, 1.2) * rated;
        u.hi_kw = chance(0.1) ? u.lo_kw : uniform(u.lo_kw, 1.2 * rated);
        for (int i = 0; i < 3 * range_guards(); i++) {
            double lo = u.lo_kw;
            double hi = u.hi_kw;
            int guard = pick(range_guards());
            range_guard_apply(guard, &u, d, &f);
            assert_true(u.lo_kw >= lo && u.hi_kw <= hi && u.lo_kw <= u.hi_kw);
            bites[guard] += u.lo_kw > lo || u.hi_kw < hi;
        }
    }
    for (int i = 0; i < range_guards(); i++) {
        if (bites[i] == 0) {
            fail_msg("guard %s never narrowed anything", range_guard_name(i));
        }
    }
}

/* Power in the end: a limit that does not bind leaves the power where it is. */
static double later_kw(const struct unit *u, double kw)
{
    bool limit = u->steer->style == STYLE_LIMIT;
    double slack_kw = 0.03 * u->dev->rating.rated_kw + 1;
    bool binds = isfinite(u->last_kw) && fabs(u->now_kw) > fabs(u->last_kw) - slack_kw;
    return u->lost || (limit && fabs(kw) > fabs(u->now_kw) && !binds) ? u->now_kw : kw;
}

/* Power on which one can count in two seconds: at most the unit's quick share from now. */
static double sure_kw(const struct unit *u, double kw)
{
    double quick = u->steer->quick_pu * u->dev->rating.rated_kw;
    return fmin(fmax(later_kw(u, kw), u->now_kw - quick), u->now_kw + quick);
}

/* ... where of what slow units take off the bus only half a second counts. */
static double early_kw(const struct unit *u, double kw)
{
    double moved = sure_kw(u, kw) - u->now_kw;
    return u->now_kw + moved * (u->steer->quick_pu < 1 && moved < 0 ? 0.25 : 1);
}

/* Best that an honest governor could reach: up > 0 as much as possible into the bus. */
static double reach_kw(const struct unit *u, int up)
{
    int order = up > 0 ? u->steer->import_order : u->steer->export_order;
    double base = sure_kw(u, u->base_kw);
    double end = sure_kw(u, up > 0 ? u->hi_kw : u->lo_kw);
    return order == 0 ? base : up > 0 ? fmax(base, end) : fmin(base, end);
}

static int random_park(struct unit *u, struct range_facts *f, mono_t now)
{
    int n = 0;
    for (int d = 0; d < b.park->devices; d++) {
        if (b.park->device[d].kind == KIND_METER || chance(0.4)) {
            continue;
        }
        struct unit *x = &u[n++];
        double rated = b.park->device[d].rating.rated_kw;
        unit_init(x, &b.park->device[d]);
        random_history(x, now);
        x->steered = x->steer->style != STYLE_NONE && chance(0.9);
        x->lost = chance(0.1);
        x->now_kw = x->dev->kind == KIND_BATTERY ? uniform(-rated, rated)
                    : x->steer->import_order > 0 ? -uniform(0, rated)
                                                 : uniform(0, rated);
        x->want_kw = x->dev->kind == KIND_BATTERY ? uniform(-rated, rated)
                     : x->steer->import_order > 0 ? -uniform(0, rated)
                                                  : uniform(0, rated);
        range_set(x, d, f);
    }
    return n;
}

/* Commands stay inside their ranges, and where the reachable power suffices the import that
 * follows from them lies inside the limits; above the ceiling only while quick units cover for
 * slow ones that are still on their way to the floor. */
static void test_governor(void **state)
{
    (void)state;
    int ceilings = 0;
    int floors = 0;
    int torn_rounds = 0;
    for (int round = 0; round < ROUNDS; round++) {
        static struct unit u[DEVICES_MAX];
        struct governor g;
        mono_t now = MONO_S(5000);
        random_readings(&b.core.frozen, now);
        struct range_facts f = random_facts(now);
        f.pcc_known = true;
        int n = random_park(u, &f, now);
        double pcc_kw = uniform(-3000, 6000);
        struct governor_limits limits = {.import_kw_max =
                                             chance(0.1) ? INFINITY : uniform(0, 6000),
                                         .import_kw_min = uniform(-500, 100),
                                         .margin_kw = 50};
        governor_init(&g);
        struct governor_in in = {.pcc_kw = pcc_kw, .limits = limits, .now = now};
        governor_run(&g, u, n, &in);
        double rest = pcc_kw;
        double least = 0;
        double most = 0;
        double import = 0;
        double early = 0;
        double later = 0;
        double switched = 0;
        for (int i = 0; i < n; i++) {
            if (!u[i].steered) {
                continue;
            }
            rest += u[i].now_kw;
            least -= reach_kw(&u[i], +1);
            most -= reach_kw(&u[i], -1);
            import -= sure_kw(&u[i], u[i].cmd_kw);
            early -= early_kw(&u[i], u[i].cmd_kw);
            later -= later_kw(&u[i], u[i].base_kw);
            switched = fmax(switched, u[i].steer->style == STYLE_SWITCH ? 160 : 0);
            assert_true(u[i].cmd_kw >= u[i].lo_kw && u[i].cmd_kw <= u[i].hi_kw);
            assert_true(fabs(u[i].slack_kw) < 1e5);
        }
        least += rest;
        most += rest;
        import += rest;
        early += rest;
        later += rest;
        double ceiling = fmax(limits.import_kw_max, limits.import_kw_min);
        if (least <= ceiling - 1 && most >= limits.import_kw_min + switched + 1) {
            ceilings += import > ceiling - 2 || rest > ceiling;
            floors += import < limits.import_kw_min + 2 || early < limits.import_kw_min + 2;
            /* too much later and too little now: slow means are not taken back at once */
            bool torn = (later > ceiling && import < limits.import_kw_min) ||
                        (later < limits.import_kw_min && import > ceiling);
            torn_rounds += torn;
            if (torn) {
                continue;
            }
            bool covers = early < limits.import_kw_min + 1;
            if ((import > ceiling + 1 && !covers) || import < limits.import_kw_min - 1) {
                fail_msg("round %d: import %.1f of %.1f..%.1f, reachable %.1f..%.1f", round,
                         import, limits.import_kw_min, ceiling, least, most);
            }
        }
    }
    assert_true(torn_rounds < ROUNDS / 50);
    assert_true(ceilings > ROUNDS / 50 && floors > ROUNDS / 50); /* both had to work */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_guards_narrow),
        cmocka_unit_test(test_governor),
    };
    const char *seed = getenv("KILNWATT_SEED");
    state64 = seed != NULL ? strtoull(seed, NULL, 10) : 20250715;
    print_message("seed %llu\n", (unsigned long long)state64);
    bench_open(&b, "etc/parks/ceramics.yaml", "2025-07-15T09:00:00+08:00");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    bench_close(&b);
    return failed;
}
