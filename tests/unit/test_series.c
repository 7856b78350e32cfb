/* Series files: reading, means that keep energy, missing cells, typical years, errors with
 * places. */
#include "controller/base/civil.h"
#include "controller/forecast/series.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct doc_errors errors;

/* Loads a text as a file; the name in messages is cut off. */
static enum err load_text(struct arena *a, const char *text, struct series_file **out)
{
    char path[] = "/tmp/kilnwatt-series-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
    assert_int_equal(close(fd), 0);
    memset(&errors, 0, sizeof errors);
    arena_init(a, (size_t)16 << 20);
    enum err e = series_load(a, path, out, &errors);
    assert_int_equal(unlink(path), 0);
    size_t n = strlen(path);
    if (errors.count > 0 && strncmp(errors.text[0], path, n) == 0) {
        memmove(errors.text[0], errors.text[0] + n + 1, strlen(errors.text[0] + n + 1) + 1);
    }
    return e;
}

static wall_t at(const char *text)
{
    wall_t w = {0};
    assert_int_equal(civil_parse(text, &w), ERR_OK);
    return w;
}

static const char quarters[] = "time,load_kw,pv1.available_kw\r\n"
                               "2025-07-14T08:00:00+08:00,100,0\r\n"
                               "2025-07-14T08:15:00+08:00,200,\r\n"
                               "2025-07-14T08:30:00+08:00,300,40\r\n"
                               "2025-07-14T00:45:00Z,-4e2,60\r\n";

static void test_values(void **state)
{
    (void)state;
    struct arena a;
    struct series_file *f = NULL;
    assert_int_equal(load_text(&a, quarters, &f), ERR_OK);
    assert_int_equal(f->rows, 4);
    assert_int_equal(f->columns, 2);
    assert_int_equal(f->step_ms, 900000);
    assert_int_equal(f->offset_s, 28800);
    assert_int_equal(series_column(f, "load_kw"), 0);
    assert_int_equal(series_column(f, "pv1.available_kw"), 1);
    assert_int_equal(series_column(f, "time"), -1);
    assert_int_equal(series_end(f).ms, at("2025-07-14T09:00:00+08:00").ms);
    assert_true(series_at(f, 0, at("2025-07-14T08:14:59+08:00")) == 100);
    assert_true(series_at(f, 0, at("2025-07-14T08:15:00+08:00")) == 200);
    assert_true(series_at(f, 0, at("2025-07-14T08:59:59+08:00")) == -400);
    assert_true(isnan(series_at(f, 1, at("2025-07-14T08:15:00+08:00"))));
    assert_true(isnan(series_at(f, 0, at("2025-07-14T09:00:00+08:00"))));
    assert_true(isnan(series_at(f, 0, at("2025-07-14T07:59:59+08:00"))));
    arena_fini(&a);
}

static void test_means(void **state)
{
    (void)state;
    struct arena a;
    struct series_file *f = NULL;
    assert_int_equal(load_text(&a, quarters, &f), ERR_OK);
    wall_t t = at("2025-07-14T08:00:00+08:00");
    assert_true(series_mean(f, 0, t, 900) == 100);
    assert_true(series_mean(f, 0, t, 1800) == 150);
    assert_true(fabs(series_mean(f, 0, wall_add_s(t, 600), 600) - 150) < 1e-9);
    assert_true(series_mean(f, 0, t, 3600) == 50);
    assert_true(series_mean(f, 1, t, 3600) == 100 / 3.0); /* one of four is missing */
    assert_true(isnan(series_mean(f, 1, wall_add_s(t, 900), 900)));
    assert_true(series_mean(f, 1, wall_add_s(t, 900), 1800) == 40); /* just half is known */
    assert_true(isnan(series_mean(f, 0, wall_add_s(t, 3000), 3600)));
    assert_true(isnan(series_mean(f, 0, wall_add_s(t, -90000), 60)));
    assert_true(isnan(series_mean(f, 0, wall_add_s(t, 90000), 60)));
    double kwh = 0;
    for (int i = 0; i < 3600; i += 7) { /* uneven pieces add up to the whole */
        double s = i + 7 <= 3600 ? 7 : 3600 - i;
        kwh += series_mean(f, 0, wall_add_s(t, i), s) * s / 3600;
    }
    assert_true(fabs(kwh - 50) < 1e-9);
    arena_fini(&a);
}

static void test_errors(void **state)
{
    (void)state;
    static const struct {
        const char *text, *place;
    } cases[] = {
        {"",                                                                                 "1:1: "         },
        {"load_kw\n1\n2\n",                                                                  "1:1: "         },
        {"time\n2025-01-01T00:00:00Z\n",                                                     "1:1: "         },
        {"time,a,a\n",                                                                       "1:8: a: "      },
        {"time,a,\n",                                                                        "1:8: "         },
        {"time,a\n2025-01-01T00:00:00Z,1\n",                                                 "2:1: "         },
        {"time,a\n2025-01-01T00:00:00Z,1\n2025-01-01T01:00:00Z,x\n",                         "3:22: a: 'x'"  },
        {"time,a\n2025-01-01T00:00:00Z,1\n2025-01-01T01:00:00Z,nan\n",                       "3:22: a: 'nan'"},
        {"time,a\n2025-01-01T00:00:00Z,1\n2025-01-01T01:00:00Z\n",                           "3:21: a: "     },
        {"time,a\n2025-01-01T00:00:00Z,1\n2025-01-01T01:00:00Z,1,2\n",                       "3:24: "        },
        {"time,a\n2025-01-01T00:00:00Z,1\n2025-01-01T02:00:00Z,1\n",                         "3:1: time: "   },
        {"time,a\n2025-01-01T00:00:00Z,1\n2025-01-01T00:00:00Z,1\n",                         "3:1: time: "   },
        {"time,a\n2025-01-01T00:00:00,1\n2025-01-01T01:00:00,1\n",                           "2:1: time: "   },
        {"time,a\nyesterday,1\ntoday,2\n",                                                   "2:1: time: "   },
        {"time,a\n2025-01-01T00:00:00Z,1\n2025-01-01T00:30:00Z,1\n2025-01-01T01:15:00Z,1\n",
         "4:1: time: "                                                                                       },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena a;
        struct series_file *f = NULL;
        assert_int_not_equal(load_text(&a, cases[i].text, &f), ERR_OK);
        assert_null(f);
        assert_int_equal(errors.count, 1);
        if (strncmp(errors.text[0], cases[i].place, strlen(cases[i].place)) != 0) {
            fail_msg("case %zu: %s expected, but it said: %s", i, cases[i].place,
                     errors.text[0]);
        }
        arena_fini(&a);
    }
    struct arena a;
    struct series_file *f = NULL;
    arena_init(&a, 1000);
    memset(&errors, 0, sizeof errors);
    assert_int_equal(series_load(&a, "no-such-file.csv", &f, &errors), ERR_NOT_FOUND);
    assert_int_equal(errors.count, 1);
    assert_int_equal(series_load(&a, "etc/series/greensboro-tmy3.csv", &f, &errors), ERR_NOMEM);
    arena_fini(&a);
}

/* The weather file: 8760 hours at UTC-5. Its sum of global irradiance is 1566 kWh/m2 a year. */
static void test_typical(void **state)
{
    (void)state;
    struct arena a;
    struct series_file *f = NULL;
    arena_init(&a, (size_t)4 << 20);
    assert_int_equal(series_load(&a, "etc/series/greensboro-tmy3.csv", &f, &errors), ERR_OK);
    assert_int_equal(f->rows, 8760);
    int ghi = series_column(f, "ghi_w_per_m2");
    double kwh_per_m2 = 0;
    for (int h = 0; h < 8760; h++) {
        kwh_per_m2 += series_at(f, ghi, wall_add_s(f->begin, h * 3600.0)) / 1000;
    }
    assert_true(fabs(kwh_per_m2 - 1566.203) < 0.01);
    static const struct {
        const char *any, *in_file;
    } cases[] = {
        {"2025-07-14T12:00:00-05:00", "2025-07-14T12:00:00-05:00"},
        {"2031-07-14T12:34:56-05:00", "2025-07-14T12:34:56-05:00"},
        {"2024-02-29T06:00:00-05:00", "2025-02-28T06:00:00-05:00"},
        {"2024-12-31T23:59:59-05:00", "2025-12-31T23:59:59-05:00"},
        {"1971-01-01T00:00:00-05:00", "2025-01-01T00:00:00-05:00"},
        {"2026-01-01T00:00:00-05:00", "2025-01-01T00:00:00-05:00"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        wall_t got = series_typical(f, at(cases[i].any));
        assert_int_equal(got.ms, at(cases[i].in_file).ms);
        assert_true(isfinite(series_at(f, ghi, got)));
    }
    arena_fini(&a);
    struct series_file *g = NULL;
    assert_int_equal(load_text(&a, quarters, &g), ERR_OK);
    wall_t other = at("2031-01-01T00:00:00Z");
    assert_int_equal(series_typical(g, other).ms, other.ms); /* not a year */
    arena_fini(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_means),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_typical),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
