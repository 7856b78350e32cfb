/* Tests of sim/link.c: every fault from its text to what it does to an exchange, and back. */
#include "sim/link.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DRAWS = 20000 };
static const bool nobody[LINK_UNITS];

static struct link link_of(enum link_kind kind)
{
    struct link l;
    link_init(&l, kind, 1, "127.0.0.1:502");
    return l;
}

static void put(struct link *l, const char *text)
{
    struct link_ask ask;
    assert_int_equal(link_ask_parse(text, &ask), ERR_OK);
    assert_true(link_set(l, &ask, nobody));
    assert_false(link_set(l, &ask, nobody)); /* nothing would change */
}

/* What so many exchanges of 100 bytes come to, one a second. */
struct counted {
    int unheard, broken, lost, garbled;
    double late_s, late_s_max;
};
static struct counted count(struct link *l)
{
    struct counted c = {0};
    for (int i = 0; i < DRAWS; i++) {
        mono_t now = MONO_S(i), due = {-1};
        enum link_way way = link_hears(l);
        c.unheard += way == LINK_LOST;
        c.broken += way == LINK_BREAKS;
        if (way != LINK_PASSES) {
            continue;
        }
        way = link_carries(l, now, 100, &due);
        assert_false(mono_before(due, now));
        double late = mono_s(mono_sub(due, now));
        c.lost += way == LINK_LOST;
        c.garbled += way == LINK_GARBLED;
        c.late_s += late / DRAWS;
        c.late_s_max = fmax(c.late_s_max, late);
    }
    return c;
}

static void a_good_link_does_nothing(void **state)
{
    (void)state;
    struct link l = link_of(LINK_TCP), before = l;
    struct counted c = count(&l);
    assert_int_equal(c.unheard + c.broken + c.lost + c.garbled, 0);
    assert_true(c.late_s_max == 0);
    assert_memory_equal(&l.rng, &before.rng, sizeof l.rng); /* nor draws */
    assert_int_equal(link_clients_max(&l, 3), 3);
    assert_int_equal(link_clear(&l, LINK_FAULTS), 0);
}

static void is_late(void **state)
{
    (void)state;
    struct link l = link_of(LINK_TCP);
    put(&l, "L1:200");
    struct counted c = count(&l);
    assert_true(c.late_s_max == 0.2 && fabs(c.late_s - 0.2) < 1e-6);
    put(&l, "latency:200,50"); /* a normal jitter leaves the mean, 4 sigma happen */
    c = count(&l);
    assert_true(fabs(c.late_s - 0.2) < 0.002);
    assert_true(c.late_s_max > 0.36 && c.late_s_max < 0.46);
    put(&l, "L1:200,50,2"); /* the mean of that tail is JITTER / (TAIL - 1) */
    c = count(&l);
    assert_true(fabs(c.late_s - 0.25) < 0.01);
    assert_true(c.late_s_max > 1.5);
    assert_int_equal(link_clear(&l, LINK_FAULTS), 1);
    assert_true(count(&l).late_s_max == 0);
}

static void loses(void **state)
{
    (void)state;
    struct link l = link_of(LINK_TCP);
    put(&l, "L2:20"); /* each way */
    struct counted c = count(&l);
    assert_true(abs(c.unheard - DRAWS / 5) < 250 && abs(c.lost - DRAWS * 4 / 25) < 250);
    assert_int_equal(link_clear(&l, LINK_FAULTS), 1);
    const char *all[] = {"L5", "L10"};
    for (int i = 0; i < 2; i++) {
        put(&l, all[i]);
        assert_int_equal(count(&l).unheard, DRAWS);
        assert_int_equal(link_clear(&l, LINK_FAULTS), 1);
    }
    put(&l, "L3");
    assert_int_equal(count(&l).broken, DRAWS);
    put(&l, "tcp_reset:10");
    assert_true(abs(count(&l).broken - DRAWS / 10) < 200);
}

static void collides(void **state)
{
    (void)state;
    struct link l = link_of(LINK_SERIAL);
    put(&l, "L8:30");
    struct counted c = count(&l);
    assert_true(abs(c.unheard - DRAWS * 15 / 100) < 250);
    assert_true(abs(c.garbled - DRAWS * 15 / 100) < 250);
    put(&l, "L8:100");
    c = count(&l);
    assert_int_equal(c.unheard + c.garbled, DRAWS);
    for (size_t n = 1; n < 64; n++) {
        uint8_t was[64] = {0}, data[64] = {0};
        link_garble(&l, data, n);
        assert_memory_not_equal(data, was, n);
        assert_memory_equal(data + n, was, sizeof was - n);
    }
}

/* Three clients ask at the same moment. */
static void carries_one_after_the_other(void **state)
{
    (void)state;
    const struct {
        const char *text;
        double each_s;
    } rows[] = {
        {"L7:1000", 0.1 },
        {"L11:40",  0.04},
        {"L11",     0.05}
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct link l = link_of(LINK_TCP);
        mono_t now = MONO_S(5), due;
        put(&l, rows[i].text);
        for (int k = 1; k <= 3; k++) {
            assert_int_equal(link_carries(&l, now, 100, &due), LINK_PASSES);
            assert_true(fabs(mono_s(due) - (5 + k * rows[i].each_s)) < 1e-6);
        }
        assert_int_equal(link_carries(&l, MONO_S(10), 100, &due), LINK_PASSES);
        assert_true(fabs(mono_s(due) - (10 + rows[i].each_s)) < 1e-6); /* idle since */
    }
}

static void limits_clients(void **state)
{
    (void)state;
    struct link l = link_of(LINK_TCP);
    put(&l, "L6");
    assert_int_equal(link_clients_max(&l, 0), 1);
    put(&l, "L6:4");
    assert_int_equal(link_clients_max(&l, 0), 4);
    assert_int_equal(link_clients_max(&l, 2), 2); /* the device's own limit stays */
    put(&l, "client_limit:0");
    assert_int_equal(link_clients_max(&l, 2), -1);
}

static void hits_single_units(void **state)
{
    (void)state;
    struct link l = link_of(LINK_RTU_TCP);
    struct link_ask ask;
    bool first[LINK_UNITS] = {[3] = true}, second[LINK_UNITS] = {[4] = true};
    assert_int_equal(link_ask_parse("M6", &ask), ERR_OK);
    assert_true(link_set(&l, &ask, first));
    assert_true(link_spoils_crc(&l, 3));
    assert_false(link_spoils_crc(&l, 4));
    assert_true(link_set(&l, &ask, second));
    assert_false(link_set(&l, &ask, second));
    assert_true(link_spoils_crc(&l, 3) && link_spoils_crc(&l, 4));
    assert_int_equal(link_ask_parse("answers_broadcast", &ask), ERR_OK);
    assert_true(link_set(&l, &ask, first));
    assert_true(l.broadcast[3] && !l.broadcast[4]);
    assert_int_equal(link_clear(&l, LINK_BAD_CRC), 1);
    assert_int_equal(link_clear(&l, LINK_BAD_CRC), 0);
    assert_true(l.broadcast[3] && !link_spoils_crc(&l, 3));
    assert_int_equal(link_clear(&l, LINK_FAULTS), 1);
    assert_false(l.broadcast[3]);
}

static void is_not_for_every_link(void **state)
{
    (void)state;
    const struct {
        const char *text;
        unsigned kinds;
    } rows[] = {
        {"L1:1",    7},
        {"L2:1",    7},
        {"L3",      3},
        {"L4",      3},
        {"L5",      3},
        {"L6",      3},
        {"L7:9",    3},
        {"L8:1",    6},
        {"L9:9600", 4},
        {"L10",     7},
        {"L11",     3},
        {"M6",      6},
        {"M12",     6}
    };
    assert_int_equal(sizeof rows / sizeof *rows, LINK_FAULTS);
    for (size_t i = 0; i < LINK_FAULTS; i++) {
        struct link_ask ask;
        assert_int_equal(link_ask_parse(rows[i].text, &ask), ERR_OK);
        assert_int_equal(ask.fault, i);
        assert_int_equal(link_fault_kinds(ask.fault), rows[i].kinds);
        assert_int_equal(link_fault_by_unit(ask.fault), rows[i].text[0] == 'M');
        for (int kind = 1; kind <= 4; kind *= 2) {
            struct link l = link_of((enum link_kind)kind);
            assert_int_equal(link_set(&l, &ask, nobody), (rows[i].kinds & (unsigned)kind) != 0);
        }
    }
}

static void refuses(void **state)
{
    (void)state;
    const struct {
        const char *text;
        enum err e;
    } rows[] = {
        {"L12",        ERR_UNKNOWN_KEY},
        {"",           ERR_UNKNOWN_KEY},
        {":5",         ERR_UNKNOWN_KEY},
        {"laten",      ERR_UNKNOWN_KEY},
        {"latency2",   ERR_UNKNOWN_KEY},
        {"L1",         ERR_MISSING    },
        {"L1:",        ERR_MISSING    },
        {"L1:x",       ERR_MISSING    },
        {"L1:nan",     ERR_RANGE      },
        {"L1:-1",      ERR_RANGE      },
        {"L1:60001",   ERR_RANGE      },
        {"L1:5x",      ERR_RANGE      },
        {"L1:5,6,7,8", ERR_RANGE      },
        {"L1:5,6,1",   ERR_RANGE      },
        {"L2:0",       ERR_RANGE      },
        {"L2:101",     ERR_RANGE      },
        {"L4:1",       ERR_RANGE      },
        {"L6:65",      ERR_RANGE      },
        {"L7",         ERR_MISSING    },
    };
    struct link_ask ask;
    char use[96];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(link_ask_parse(rows[i].text, &ask), rows[i].e);
    }
    assert_string_equal(link_fault_use(LINK_LATENCY, use, sizeof use),
                        "L1 latency:MS[,JITTER_MS[,TAIL]]");
    assert_string_equal(link_fault_use(LINK_RESET, use, sizeof use), "L3 tcp_reset[:PERCENT]");
    assert_string_equal(link_fault_use(LINK_SHORT, use, sizeof use), "L10 bus_short");
}

static void repeats_with_its_seed(void **state)
{
    (void)state;
    struct link a = link_of(LINK_TCP), b = link_of(LINK_TCP), other;
    link_init(&other, LINK_TCP, 2, "127.0.0.1:502");
    put(&a, "L2:50");
    put(&b, "L2:50");
    put(&other, "L2:50");
    int same = 0;
    for (int i = 0; i < 1000; i++) {
        enum link_way way = link_hears(&a);
        assert_int_equal(way, link_hears(&b));
        same += way == link_hears(&other);
    }
    assert_true(same > 400 && same < 600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_link_does_nothing),
        cmocka_unit_test(is_late),
        cmocka_unit_test(loses),
        cmocka_unit_test(collides),
        cmocka_unit_test(carries_one_after_the_other),
        cmocka_unit_test(limits_clients),
        cmocka_unit_test(hits_single_units),
        cmocka_unit_test(is_not_for_every_link),
        cmocka_unit_test(refuses),
        cmocka_unit_test(repeats_with_its_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
