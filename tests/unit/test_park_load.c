/* Reading park files: the two example parks as a whole, and the readers of single values. */
#include "controller/base/civil.h"
#include "controller/park/park_load.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct doc_errors errors;

static struct park *load(struct arena *a, const char *path)
{
    struct park *p = NULL;
    memset(&errors, 0, sizeof errors);
    arena_init(a, (size_t)64 << 20);
    enum err e = park_load(a, path, &p, &errors);
    if (e != ERR_OK) {
        fail_msg("%s", errors.text[0]);
    }
    return p;
}

static wall_t at(const char *text)
{
    wall_t w = {0};
    assert_int_equal(civil_parse(text, &w), ERR_OK);
    return w;
}

static double base_load_kw(const struct park *p, const char *when)
{
    double sum = 0;
    for (int d = 0; d < p->devices; d++) {
        sum += schedule_kw(p, &p->device[d].schedule, at(when));
    }
    return sum;
}

static void test_ceramics(void **state)
{
    (void)state;
    struct arena a;
    struct park *p = load(&a, "etc/parks/ceramics.yaml");
    assert_int_equal(p->devices, 60);
    assert_int_equal(p->orders, 28);
    assert_int_equal(p->recipes, 3);
    assert_int_equal(p->pcc, park_device(p, "pcc"));
    assert_int_equal(p->tank, park_device(p, "tank"));
    assert_int_equal(p->holidays, 13 + 13 + 13);
    assert_true(fabs(p->device[p->tank].rating.energy_kwh - 6978) < 1);
    assert_true(fabs(p->device[park_device(p, "hp1")].rating.rated_heat_kw - 1280) < 1e-9);
    assert_int_equal(p->device[park_device(p, "bess2")].parts, 2);
    assert_int_equal(p->device[park_device(p, "bess2")].rank, 1);
    assert_string_equal(p->device[park_device(p, "wh1")].follows, "k13");
    assert_string_equal(p->tariff, "etc/parks/../tariffs/chongqing-10kv-2part.yaml");
    arena_fini(&a);
}

/* Reference figures: 1660 at night, 2760 by day, 1010 on Sundays and holidays. */
static void test_ceramics_load(void **state)
{
    (void)state;
    struct arena a;
    struct park *p = load(&a, "etc/parks/ceramics.yaml");
    assert_true(base_load_kw(p, "2025-07-14T05:59:59") == 1660);
    assert_true(base_load_kw(p, "2025-07-14T06:00") == 2760);
    assert_true(base_load_kw(p, "2025-07-14T21:59") == 2760);
    assert_true(base_load_kw(p, "2025-07-14T22:00") == 1660);
    assert_true(base_load_kw(p, "2025-07-13T12:00") == 1010);
    assert_true(base_load_kw(p, "2025-10-01T12:00") == 1010);
    assert_true(schedule_kw(p, &p->heat_demand, at("2025-07-14T12:00")) == 1900);
    assert_true(schedule_kw(p, &p->heat_demand, at("2025-07-14T23:00")) == 1300);
    assert_true(schedule_kw(p, &p->heat_demand, at("2025-07-13T12:00")) == 700);
    arena_fini(&a);
}

static void test_ceramics_orders(void **state)
{
    (void)state;
    struct arena a;
    struct park *p = load(&a, "etc/parks/ceramics.yaml");
    double firing = 0, mill = 0, charge = 0;
    for (int i = 0; i < p->orders; i++) {
        const struct order *o = &p->order[i];
        double *sum = o->type == ORDER_FIRING  ? &firing
                      : o->type == ORDER_BATCH ? &mill
                                               : &charge;
        *sum += o->energy_kwh;
        assert_true(o->days == DAYS_WORKDAY);
        assert_true(o->to_min >= o->from_min);
    }
    assert_true(firing == 4 * 2600 + 8 * 330 + 2 * 1900);
    assert_true(mill == 6400);
    assert_true(charge == 3200);
    const struct order *glost = &p->order[0];
    assert_int_equal(glost->due_min, 34 * 60);
    assert_true(fabs(recipe_peak_kw(&p->recipe[glost->recipe]) - 360 * 2600.0 / 2880) < 1e-9);
    arena_fini(&a);
}

static void test_small(void **state)
{
    (void)state;
    struct arena a;
    struct park *p = load(&a, "etc/parks/small.yaml");
    assert_int_equal(p->devices, 6);
    assert_true(base_load_kw(p, "2025-07-14T12:00") == 420);
    assert_true(base_load_kw(p, "2025-07-14T02:00") == 120);
    assert_true(base_load_kw(p, "2025-07-13T12:00") == 60);
    assert_true(schedule_kw(p, &p->heat_demand, at("2025-07-13T06:59")) == 0);
    assert_true(schedule_kw(p, &p->heat_demand, at("2025-07-13T18:59")) == 90);
    assert_true(p->device[0].poll_s == 0.2);
    assert_int_equal(p->listen_port, 8080);
    arena_fini(&a);
}

static struct doc scalar(const char *text)
{
    return (struct doc){.kind = DOC_SCALAR, .file = "t", .line = 1, .col = 1, .text = text};
}

static void test_minutes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int minutes; /* -1: refused */
    } cases[] = {
        {"00:00",     0              },
        {"07:30",     450            },
        {"24:00",     1440           },
        {"10:00+1d",  2040           },
        {"23:59+7d",  7 * 1440 + 1439},
        {"24:01",     -1             },
        {"7:30",      -1             },
        {"07:60",     -1             },
        {"07:30+0d",  -1             },
        {"07:30+8d",  -1             },
        {"07:30+1",   -1             },
        {"07:30 +1d", -1             },
        {"",          -1             },
        {"noon",      -1             },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct doc d = scalar(cases[i].text);
        int got = -1;
        memset(&errors, 0, sizeof errors);
        enum err e = read_minutes(&d, 0, 20000, &got, &errors);
        assert_int_equal(e == ERR_OK, cases[i].minutes >= 0);
        assert_int_equal(got, cases[i].minutes);
        assert_int_equal(errors.count, cases[i].minutes < 0);
        if (e == ERR_OK) {
            char text[16];
            read_minutes_format(got, text, sizeof text);
            assert_string_equal(text, cases[i].text);
        }
    }
}

static void test_listen(void **state)
{
    (void)state;
    char host[64] = "";
    int port = 0;
    struct doc good = scalar("0.0.0.0:9000");
    assert_int_equal(read_listen(&good, host, &port, &errors), ERR_OK);
    assert_string_equal(host, "0.0.0.0");
    assert_int_equal(port, 9000);
    static const char *const bad[] = {
        "9000",          "host:80",   "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
        "127.0.0.1:80x", "127.0.0:80"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct doc d = scalar(bad[i]);
        assert_int_equal(read_listen(&d, host, &port, &errors), ERR_SYNTAX);
    }
    assert_int_equal(port, 9000);
}

/* The kinds' tables name no key twice, and none of the common keys. */
static void test_tables(void **state)
{
    (void)state;
    int n, common;
    const struct field *all = park_common_keys(&common);
    for (int k = 0; k < KIND_COUNT; k++) {
        const struct field *row = park_kind_keys((enum kind)k, &n);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                assert_string_not_equal(row[i].key, row[j].key);
            }
            for (int j = 0; j < common; j++) {
                assert_string_not_equal(row[i].key, all[j].key);
            }
            assert_true(row[i].type != FIELD_NUMBER || row[i].required ||
                        (row[i].otherwise >= row[i].min && row[i].otherwise <= row[i].max));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ceramics),        cmocka_unit_test(test_ceramics_load),
        cmocka_unit_test(test_ceramics_orders), cmocka_unit_test(test_small),
        cmocka_unit_test(test_minutes),         cmocka_unit_test(test_listen),
        cmocka_unit_test(test_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
