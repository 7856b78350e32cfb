/* Tests of controller/base/civil: zones, gaps and overlaps, midnights, ISO 8601. */
#include "controller/base/civil.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static void zone(const char *name)
{
    assert_int_equal(civil_zone_set(name), ERR_OK);
}

static int64_t parse(const char *text)
{
    wall_t at = {-1};
    assert_int_equal(civil_parse(text, &at), ERR_OK);
    return at.ms;
}

static void shows(int64_t ms, const char *want)
{
    char text[32];
    civil_format((wall_t){ms}, text, sizeof text);
    assert_string_equal(text, want);
}

static void test_zone_names(void **state)
{
    (void)state;
    const char *const bad[] = {"",
                               "/etc/passwd",
                               "../../etc/passwd",
                               "Asia/../Asia/Shanghai",
                               "Mars/Olympus",
                               "Asia",
                               "zone.tab",
                               "Asia/Shang hai",
                               NULL};
    zone("UTC");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(civil_zone_set(bad[i]), ERR_NOT_FOUND);
    }
    shows(0, "1970-01-01T00:00:00+00:00"); /* still the old one */
}

static void test_shanghai(void **state)
{
    (void)state;
    zone("Asia/Shanghai");
    assert_int_equal(parse("2025-07-14T08:00:00"), 1752451200000);
    assert_int_equal(parse("2025-07-14T08:00:00+08:00"), 1752451200000);
    assert_int_equal(parse("2025-07-14T00:00Z"), 1752451200000);
    assert_int_equal(parse("2025-07-14"), 1752451200000 - 8 * 3600000);
    shows(1752451200000, "2025-07-14T08:00:00+08:00");
    struct civil c;
    civil_from_wall((wall_t){1752451200000}, &c);
    assert_int_equal(c.weekday, 1);
    assert_int_equal(c.yday, 195);
    assert_int_equal(c.offset_s, 28800);
    assert_int_equal(civil_to_wall(&c).ms, 1752451200000);
    civil_from_wall((wall_t){-1}, &c); /* before 1970, inside a second */
    assert_int_equal(c.second, 59);
}

static void test_berlin_gap(void **state)
{
    (void)state;
    zone("Europe/Berlin");
    int64_t change = parse("2025-03-30T01:00:00Z");
    assert_int_equal(parse("2025-03-30T01:59:59"), change - 1000);
    assert_int_equal(parse("2025-03-30T02:00:00"), change);
    assert_int_equal(parse("2025-03-30T02:30:00"), change);
    assert_int_equal(parse("2025-03-30T02:59:59"), change);
    assert_int_equal(parse("2025-03-30T03:00:00"), change);
    assert_int_equal(parse("2025-03-30T03:00:01"), change + 1000);
    /* The day has 23 hours. */
    wall_t midnight = civil_midnight((wall_t){change}, 0);
    shows(midnight.ms, "2025-03-30T00:00:00+01:00");
    assert_int_equal(civil_midnight((wall_t){change}, 1).ms - midnight.ms, 23 * 3600000);
}

static void test_berlin_overlap(void **state)
{
    (void)state;
    zone("Europe/Berlin");
    int64_t change = parse("2025-10-26T01:00:00Z");
    assert_int_equal(parse("2025-10-26T02:00:00"), change - 3600000); /* the first of two */
    assert_int_equal(parse("2025-10-26T02:59:59"), change - 1000);
    assert_int_equal(parse("2025-10-26T03:00:00"), change + 3600000);
    shows(change - 1000, "2025-10-26T02:59:59+02:00");
    shows(change, "2025-10-26T02:00:00+01:00");
    wall_t midnight = civil_midnight((wall_t){change}, 0);
    assert_int_equal(civil_midnight((wall_t){change}, 1).ms - midnight.ms, 25 * 3600000);
}

static void test_sydney(void **state)
{
    (void)state;
    zone("Australia/Sydney");
    int64_t gap = parse("2025-10-04T16:00:00Z");
    assert_int_equal(parse("2025-10-05T02:30:00"), gap);
    assert_int_equal(parse("2025-10-05T01:59:59"), gap - 1000);
    int64_t overlap = parse("2025-04-05T16:00:00Z");
    assert_int_equal(parse("2025-04-06T02:30:00"), overlap - 1800000);
    assert_int_equal(parse("2025-04-06T03:00:00"), overlap + 3600000);
    shows(overlap, "2025-04-06T02:00:00+10:00");
}

static void test_half_hour_and_midnight_gap(void **state)
{
    (void)state;
    zone("Australia/Lord_Howe"); /* shifts by half an hour */
    shows(parse("2025-10-05T02:15:00"), "2025-10-05T02:30:00+11:00");
    zone("America/Santiago"); /* its day begins at 01:00 */
    wall_t noon = {parse("2025-09-07T12:00:00")};
    shows(civil_midnight(noon, 0).ms, "2025-09-07T01:00:00-03:00");
    shows(civil_midnight(noon, 1).ms, "2025-09-08T00:00:00-03:00");
}

/* Beside the C library: seconds of many dates, and local times around every change of a zone
 * whose clocks changed a minute after midnight until 2011. */
static void test_beside_the_library(void **state)
{
    (void)state;
    zone("Etc/UTC");
    for (int64_t day = 0; day < 366 * 430; day += 29) {
        time_t t = (time_t)(day * 86400 + day % 86400);
        struct tm tm;
        struct civil c = {0};
        assert_non_null(gmtime_r(&t, &tm));
        c.year = tm.tm_year + 1900;
        c.month = tm.tm_mon + 1;
        c.day = tm.tm_mday;
        c.second = (int)(t % 86400);
        assert_int_equal(civil_to_wall(&c).ms, (int64_t)t * 1000);
    }
    zone("America/St_Johns");
    for (int64_t s = 1268000000; s < 1330000000; s += 1747) {
        time_t t = (time_t)s;
        struct tm tm;
        struct civil c;
        assert_non_null(localtime_r(&t, &tm));
        civil_from_wall((wall_t){s * 1000}, &c);
        assert_int_equal(c.offset_s, tm.tm_gmtoff);
        assert_int_equal(c.minute * 60 + c.second, tm.tm_min * 60 + tm.tm_sec);
        assert_int_equal(c.yday * 24 + c.hour, (tm.tm_yday + 1) * 24 + tm.tm_hour);
    }
}

static void test_midnights_by_calendar(void **state)
{
    (void)state;
    zone("Europe/Berlin");
    wall_t at = {parse("2024-02-28T13:00:00")};
    shows(civil_midnight(at, 1).ms, "2024-02-29T00:00:00+01:00");
    shows(civil_midnight(at, 2).ms, "2024-03-01T00:00:00+01:00");
    shows(civil_midnight(at, -28).ms, "2024-01-31T00:00:00+01:00");
    wall_t exact = {parse("2024-02-28")};
    assert_int_equal(civil_midnight(exact, 0).ms, exact.ms);
}

/* Every hour of two years goes there and back, except the second of two equal ones. */
static void test_round_trip(void **state)
{
    (void)state;
    static const char *const zones[] = {"Europe/Berlin", "Australia/Sydney", "Asia/Shanghai"};
    for (int z = 0; z < 3; z++) {
        zone(zones[z]);
        int64_t start = parse("2024-01-01T00:00:00Z");
        int twice = 0;
        for (int h = 0; h < 2 * 366 * 24; h++) {
            wall_t at = {start + h * 3600000LL};
            struct civil c;
            civil_from_wall(at, &c);
            int64_t back = civil_to_wall(&c).ms;
            twice += back != at.ms;
            assert_true(back == at.ms || back == at.ms - 3600000);
        }
        assert_int_equal(twice, z == 2 ? 0 : 2);
    }
}

static void test_texts_refused(void **state)
{
    (void)state;
    zone("UTC");
    wall_t at = {42};
    const char *const syntax[] = {"",
                                  "2025",
                                  "2025-7-14",
                                  "2025-07-14T",
                                  "2025-07-14T08",
                                  "2025-07-14T08:00:00+8",
                                  "2025-07-14T08:00:00 ",
                                  "14.07.2025",
                                  "2025-07-14T08:00:0x",
                                  "2025-07-14T08:00:00ZZ"};
    const char *const range[] = {"2025-02-29",
                                 "2025-13-01",
                                 "2025-00-01",
                                 "2025-01-00",
                                 "2025-04-31",
                                 "2025-01-01T24:00",
                                 "2025-01-01T23:60",
                                 "1969-12-31",
                                 "2100-02-29",
                                 "2025-01-01T00:00:00+19:00",
                                 "2025-01-01T00:00:00+08:60"};
    for (size_t i = 0; i < sizeof syntax / sizeof *syntax; i++) {
        assert_int_equal(civil_parse(syntax[i], &at), ERR_SYNTAX);
    }
    for (size_t i = 0; i < sizeof range / sizeof *range; i++) {
        assert_int_equal(civil_parse(range[i], &at), ERR_RANGE);
    }
    assert_int_equal(at.ms, 42);
    assert_int_equal(parse("2024-02-29"), 1709164800000);
    assert_int_equal(parse("2024-02-29 01:00"), 1709168400000);
    assert_int_equal(parse("2024-02-29T00:00:00-0130"), 1709170200000);
}

static void the_zone_tells_its_name(void **state)
{
    (void)state;
    char name[CIVIL_ZONE_LEN];
    assert_int_equal(civil_zone_set("Asia/Shanghai"), ERR_OK);
    civil_zone_name((wall_t){0}, name, sizeof name);
    assert_string_equal(name, "Asia/Shanghai");
    assert_int_equal(setenv("TZ", "XYZ-8", 1), 0);
    tzset();
    civil_zone_name((wall_t){1752422400000}, name, sizeof name);
    assert_string_equal(name, "Etc/GMT-8");
    assert_int_equal(unsetenv("TZ"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zone_names),
        cmocka_unit_test(test_shanghai),
        cmocka_unit_test(test_berlin_gap),
        cmocka_unit_test(test_berlin_overlap),
        cmocka_unit_test(test_sydney),
        cmocka_unit_test(test_half_hour_and_midnight_gap),
        cmocka_unit_test(test_beside_the_library),
        cmocka_unit_test(test_midnights_by_calendar),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_texts_refused),
        cmocka_unit_test(the_zone_tells_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
