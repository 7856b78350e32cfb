/* The profile reader: what a right file gives, and that each kind of mistake is named with its
 * place. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/profile.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEVICE "device: {vendor: v, model: m, kinds: [meter, load], trust: 1, source: a book}\n"
#define PV "device: {vendor: v, model: m, kinds: [pv], trust: 1, source: a book}\n"
#define KW "  - {name: kw, fc: 3, addr: 0x10, type: f32, scale: 0.001, unit: kW}\n"

static struct arena arena;
static struct doc_errors errors;

static enum err load(const char *text, enum kind want, struct profile **out)
{
    char path[] = "/tmp/kilnwatt-profile-XXXXXX";
    FILE *f = fdopen(mkstemp(path), "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    memset(&errors, 0, sizeof(errors));
    enum err e = profile_load(&arena, path, want, out, &errors);
    unlink(path);
    return e;
}

static void right_file(void **state)
{
    struct profile *f;
    (void)state;
    assert_int_equal(load(DEVICE
                          "link: {word_order: low_first, max_read: 60}\nconst:\n"
                          "  - {fc: 3, addr: 1, text: AB, words: 2, identity: true}\n"
                          "  - {fc: 3, addr: 3, value: -1}\npoints:\n" KW
                          "  - {name: import_kwh, also: draw_kwh, fc: 3, addr: 20, type: u32,\n"
                          "     unit: kWh, poll: slow}\n"
                          "  - {name: v, fc: 3, addr: 30, unit: V}\n",
                          KIND_COUNT, &f),
                     ERR_OK);
    assert_int_equal(f->kind, KIND_METER);
    assert_int_equal(f->points, 3);
    assert_int_equal(f->words, WORDS_LOW_FIRST);
    assert_int_equal(f->max_read, 60);
    assert_int_equal(f->max_gap, 0);
    assert_int_equal(f->point[0].addr, 16);
    assert_int_equal(f->point[0].mask, UINT64_MAX);
    assert_int_equal(f->point[1].row, METER_IMPORT_KWH);
    assert_int_equal(f->consts, 3);
    assert_int_equal(f->fixed[0].value, 0x4142);
    assert_int_equal(f->fixed[1].value, 0);
    assert_int_equal(f->fixed[2].value, 0xFFFF);
    assert_int_equal(f->watchdog.class, WATCHDOG_F);
}

static void serves_another_kind(void **state)
{
    struct profile *f;
    const char *text = DEVICE
        "points:\n" KW "  - {name: import_kwh, also: draw_kwh, fc: 3, addr: 20, type: u32,\n"
        "     unit: kWh, poll: slow}\n"
        "  - {name: v, fc: 3, addr: 30, unit: V}\n";
    (void)state;
    assert_int_equal(load(text, KIND_LOAD, &f), ERR_OK);
    assert_int_equal(f->points, 2); /* a load has no voltage */
    assert_int_equal(f->point[1].row, LOAD_DRAW_KWH);
    assert_int_equal(load(text, KIND_PV, &f), ERR_CONFLICT);
}

static const struct {
    const char *text, *place, *says;
} wrong[] = {
    {"points:\n" KW,                                                                             ":1:",   "device"           },
    {"device: {vendor: v, model: m, kinds: [meter], trust: 1}\npoints:\n" KW,                    ":1:",   "source"           },
    {"device: {vendor: v, model: m, kinds: [metre], trust: 1, source: s}\npoints:\n" KW,
     ":1:39",                                                                                             "unknown kind"     },
    {DEVICE "points:\n  - {name: kw, fc: 3, addr: 1, adr: 1, unit: kW}\n",                       ":3:",   "adr"              },
    {DEVICE "points:\n  - {name: kwx, fc: 3, addr: 1, unit: kW}\n",                              ":3:5",  "kwx"              },
    {DEVICE "points:\n  - {name: kw, fc: 3, addr: 1, unit: W}\n",                                ":3:38", "is in kW"         },
    {DEVICE "points:\n  - {name: kw, fc: 3, addr: 65535, type: f32, unit: kW}\n",                ":3:5",
     "65535"                                                                                                                 },
    {DEVICE "points:\n  - {name: kw, fc: 3, addr: 70000, unit: kW}\n",                           ":3:29", "65535"            },
    {DEVICE "points:\n" KW "  - {name: kvar, fc: 3, addr: 17, unit: kvar}\n",                    ":4:5",
     "overlaps"                                                                                                              },
    {DEVICE "points:\n" KW "  - {name: kw, fc: 3, addr: 40, unit: kW}\n",                        ":4:5",  "twice"            },
    {DEVICE "const:\n  - {fc: 3, addr: 17, value: 1}\npoints:\n" KW,                             ":5:5",  "fixed content"    },
    {PV "points:\n  - {name: limit_pu, fc: 3, write_fc: 6, addr: 1, unit: pu}\n"
        "watchdog: {class: F}\n",                                                           ":3:5",  "range"            },
    {PV "points:\n  - {name: limit_pu, fc: 3, write_fc: 6, addr: 1, unit: pu, range: [0, 1]}\n",
     ":3:5",                                                                                              "watchdog"         },
    {PV "points:\n  - {name: kw, fc: 3, write_fc: 6, addr: 1, unit: kW, range: [0, 1]}\n",
     ":3:5",                                                                                              "cannot be written"},
    {PV "points:\n  - {name: limit_pu, fc: 3, write_fc: 6, addr: 1, unit: pu, range: [0, 1]}\n"
        "watchdog: {class: A, timeout_s: 60}\n",                                            ":4:",   "timeout_point"    },
    {PV "points:\n  - {name: limit_on, write_fc: 7, addr: 1, range: [0, 1]}\nwatchdog: {class: "
        "F}\n",                                                                             ":3:5",  "5, 6 or 16"       },
    {DEVICE "points:\n" KW "test:\n  - {point: kw, words: [1], value: 1}\n",                     ":5:5",  "words"            },
};

static void mistakes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct profile *f = NULL;
        assert_int_not_equal(load(wrong[i].text, KIND_COUNT, &f), ERR_OK);
        assert_null(f);
        assert_true(errors.count >= 1);
        if (strstr(errors.text[0], wrong[i].place) == NULL ||
            strstr(errors.text[0], wrong[i].says) == NULL) {
            fail_msg("case %zu: %s", i, errors.text[0]);
        }
    }
}

static int start(void **state)
{
    (void)state;
    arena_init(&arena, 64u << 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(right_file),
                                       cmocka_unit_test(serves_another_kind),
                                       cmocka_unit_test(mistakes)};
    return cmocka_run_group_tests(tests, start, end);
}
