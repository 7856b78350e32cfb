/* The referee tested: a small right controller commands a park through a full day and is
 * accused of nothing; then the same controller with one defect at a time, and the referee names
 * it by the invariant that it breaks. The list is a table; at least 29 of the 30 and more must
 * be named (issue 4), and at present all are. */
#include "tests/support/bench_sim.h"
#include "tests/support/stub_control.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    enum stub_defect defect;
    const char *name, *breach;
} rows[] = {
    {STUB_SIGN,            "battery's sign is wrong",                "export_limit"   },
    {STUB_FLOOR,           "30 kW of export are held",               "export_limit"   },
    {STUB_SLOW,            "readings are ten seconds old",           "export_limit"   },
    {STUB_PV_FREE,         "PV is not limited",                      "export_limit"   },
    {STUB_IMPORT_IGNORED,  "import limit is ignored",                "import_limit"   },
    {STUB_IMPORT_LATE,     "import limit is held after 20 s",        "import_limit"   },
    {STUB_SOC_LOW,         "battery is emptied below its band",      "soc_low"        },
    {STUB_SOC_HIGH,        "battery is filled above its band",       "soc_high"       },
    {STUB_CLAMP,           "setpoint is not clamped",                "write_range"    },
    {STUB_NAN,             "NaN is written",                         "write_range"    },
    {STUB_RATE,            "roller kiln is trimmed at once",         "write_rate"     },
    {STUB_LEASE,           "watchdog is not fed",                    "lease_lapsed"   },
    {STUB_STORM,           "identical values in a storm",            "write_repeat"   },
    {STUB_WEAR,            "daily budget of a register is spent",    "write_wear"     },
    {STUB_EARLY,           "written before anything was read",       "write_unread"   },
    {STUB_RECONNECT,       "written after the link was lost",        "write_unread"   },
    {STUB_FOREIGN,         "written to another device",              "write_foreign"  },
    {STUB_PLAN,            "a stale plan is followed",               "plan_stale"     },
    {STUB_KILN_PAUSE,      "kiln is paused in its soak",             "kiln_pause"     },
    {STUB_KILN_LONG_PAUSE, "kiln is paused longer than it may be",   "kiln_pause"     },
    {STUB_KILN_STOP,       "firing is stopped",                      "kiln_command"   },
    {STUB_KILN_PROGRAM,    "firing gets another programme",          "kiln_command"   },
    {STUB_KILN_LATE,       "firing starts outside its window",       "firing_window"  },
    {STUB_CHATTER,         "battery chatters",                       "battery_turns"  },
    {STUB_FLIP,            "battery both ways within a second",      "battery_flip"   },
    {STUB_HP_SHORT_ON,     "heat pump on for ten minutes",           "minimum_on"     },
    {STUB_HP_SHORT_OFF,    "heat pump off for five minutes",         "minimum_off"    },
    {STUB_MILL_SHORT,      "mill runs for half an hour",             "minimum_on"     },
    {STUB_DR_IGNORED,      "DR event is ignored",                    "dr_cap"         },
    {STUB_DR_LATE,         "DR event is answered five minutes late", "dr_cap"         },
    {STUB_DR_EARLY,        "DR event is left at half time",          "dr_cap"         },
    {STUB_DR_LONG,         "DR event goes on",                       "dr_overrun"     },
    {STUB_DR_CAP,          "DR cap is 20 % too high",                "dr_cap"         },
    {STUB_BLIND_DISCHARGE, "battery discharges with a blind meter",  "blind_discharge"},
    {STUB_BLIND_PV,        "PV rises with a blind meter",            "blind_pv"       },
    {STUB_HAND,            "a person's setpoint is overridden",      "manual_override"},
};
enum { ROWS = sizeof rows / sizeof *rows, MISSED_MAX = 1, SEEDS = 5 };

struct rig {
    struct arena arena;
    struct setup set;
    struct stub stub;
};

/* Runs the day; rig_close() frees it. */
static struct rig *day(enum stub_defect defect, uint64_t seed)
{
    static struct rig r;
    memset(&r, 0, sizeof r);
    bench_sim_open(&r.arena, &r.set,
                   (struct setup_ask){.park = "tests/data/referee_park.yaml",
                                      .start = STUB_START,
                                      .seed = seed,
                                      .dt_s = 1});
    assert_int_equal(judge_wire_init(&r.set.judge, &r.arena, r.set.profile), ERR_OK);
    stub_init(&r.stub, &r.set, defect);
    for (int i = 0; i < STUB_SECONDS; i++) {
        setup_step(&r.set);
        stub_second(&r.stub);
    }
    judge_end(&r.set.judge);
    return &r;
}

static bool named(const struct judge *j, const char *breach)
{
    bool any = false;
    for (int i = 0; i < j->listed; i++) {
        any = any || strcmp(j->breach[i].name, breach) == 0;
    }
    return any;
}

static void tell(const struct judge *j)
{
    for (int i = 0; i < j->listed; i++) {
        const struct judge_breach *b = &j->breach[i];
        print_message("  %s %s after %.0f s: for %.1f s, %g, limit %g\n", b->name,
                      b->device ? b->device : "", wall_diff_s(j->started, b->at), b->for_s,
                      b->value, b->limit);
    }
}

static void right(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct rig *r = day(STUB_RIGHT, seed);
        const struct judge *j = &r->set.judge;
        tell(j);
        assert_int_equal(j->breaches, 0);
        /* and it has been a day on which there was something to do wrong */
        assert_int_equal(j->firings, 1);
        assert_true(j->curtailed_kwh > 1 && j->peak_kw > 300);
        arena_fini(&r->arena);
    }
}

static void wrong(void **state)
{
    (void)state;
    int missed = 0;
    for (int i = 0; i < ROWS; i++) {
        struct rig *r = day(rows[i].defect, 1);
        bool found = named(&r->set.judge, rows[i].breach);
        const char *invariant = judge_invariant(rows[i].breach);
        print_message("%-42s %-7s %-16s %s\n", rows[i].name, invariant, rows[i].breach,
                      found ? "named" : "MISSED");
        if (!found) {
            tell(&r->set.judge);
        }
        missed += !found;
        assert_true(invariant[0] != '\0');
        arena_fini(&r->arena);
    }
    assert_int_equal(ROWS, STUB_DEFECTS - 1);
    assert_true(ROWS >= 30 && missed <= MISSED_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right),
        cmocka_unit_test(wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
