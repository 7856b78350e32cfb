/* Local time of the park's zone from and to UTC, and ISO 8601 texts. Runs in park, books, web,
 * cli and sim; the zone itself lives in the C library (TZ), set once at boot. */
#include "controller/base/civil.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { DAY_S = 86400, YEAR_MIN = 1970, YEAR_MAX = 9999, OFFSET_S_MAX = 18 * 3600 };

/* ---- The zone ---- */

/* Local times of minutes as the C library gave them; 0 = none yet. Goes with the zone. */
enum { SEEN_MINUTES = 256, WHOLE_MINUTES_S = 100000000 /* March 1973 */ };
static struct seen_minute {
    int64_t minute; /* since 1970 */
    struct tm tm;
} seen_minutes[SEEN_MINUTES];

static const char zones[] = "/usr/share/zoneinfo/";

static bool zone_name_ok(const char *zone)
{
    if (zone == NULL || zone[0] == '\0' || zone[0] == '/' || zone[0] == '.' ||
        strstr(zone, "..")) {
        return false;
    }
    const char *known = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-";
    return strspn(zone, known) == strlen(zone);
}

enum err civil_zone_set(const char *zone)
{
    char path[PATH_MAX];
    struct stat st;
    if (!zone_name_ok(zone) ||
        snprintf(path, sizeof path, "%s%s", zones, zone) >= (int)sizeof path) {
        return ERR_NOT_FOUND;
    }
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
        return ERR_NOT_FOUND;
    }
    char magic[4] = "";
    FILE *f = fopen(path, "rbe");
    if (f == NULL) {
        return ERR_NOT_FOUND;
    }
    size_t n = fread(magic, 1, sizeof magic, f);
    (void)fclose(f);
    if (n != sizeof magic || memcmp(magic, "TZif", sizeof magic) != 0) {
        return ERR_NOT_FOUND;
    }
    /* The whole path, not the name: the name alone would be read as a POSIX rule ("CET-1"). */
    if (setenv("TZ", path, 1) != 0) {
        return ERR_NOMEM;
    }
    tzset();
    memset(seen_minutes, 0, sizeof seen_minutes);
    return ERR_OK;
}

void civil_zone_name(wall_t at, char *out, size_t cap)
{
    const char *set = getenv("TZ");
    const char *name = set != NULL ? strstr(set, zones) : NULL;
    struct civil c;
    if (name != NULL || (zone_name_ok(set) && strchr(set, '/') != NULL)) {
        (void)snprintf(out, cap, "%s", name != NULL ? name + sizeof zones - 1 : set);
        return;
    }
    civil_from_wall(at, &c);
    int hours = c.offset_s / 3600; /* POSIX counts westwards */
    (void)snprintf(out, cap, hours == 0 ? "Etc/GMT" : "Etc/GMT%+d", -hours);
}

/* ---- UTC to local ---- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

static void ask_library(int64_t utc_s, struct tm *out)
{
    time_t t = (time_t)utc_s;
    memset(out, 0, sizeof *out);
    /* NULL only for years beyond an int: no time of ours; midnight of 1970 is then shown. */
    (void)localtime_r(&t, out);
}

/* The C library reads the zone's rule as text for each time after its table's last entry, which
 * was half of a study. Since 1973 every zone's offset is whole minutes and changes on one: what
 * holds at a minute's beginning holds for it. */
static void local_of(int64_t utc_s, struct tm *out)
{
    if (utc_s < WHOLE_MINUTES_S) {
        ask_library(utc_s, out);
        return;
    }
    int64_t minute = utc_s / 60;
    struct seen_minute *m = &seen_minutes[minute % SEEN_MINUTES];
    if (m->minute != minute) {
        ask_library(minute * 60, &m->tm);
        m->minute = minute;
    }
    *out = m->tm;
    out->tm_sec += (int)(utc_s % 60);
}

void civil_from_wall(wall_t at, struct civil *out)
{
    struct tm tm;
    local_of(floor_div(at.ms, 1000), &tm);
    *out = (struct civil){.year = tm.tm_year + 1900,
                          .month = tm.tm_mon + 1,
                          .day = tm.tm_mday,
                          .hour = tm.tm_hour,
                          .minute = tm.tm_min,
                          .second = tm.tm_sec,
                          .weekday = tm.tm_wday,
                          .yday = tm.tm_yday + 1,
                          .offset_s = (int)tm.tm_gmtoff};
}

/* ---- Local to UTC ---- */

/* Seconds from 1970 of a civil time read as if it were UTC; fields may overflow into each
 * other. The count of days is Hinnant's days_from_civil ("chrono-Compatible Low-Level Date
 * Algorithms", 2013): years begin in March, eras have 400 of them. */
static int64_t as_utc_s(const struct civil *c)
{
    int64_t months = (int64_t)c->year * 12 + c->month - 3; /* since March of the year 0 */
    int64_t year = floor_div(months, 12), month = months - 12 * year;
    int64_t era = floor_div(year, 400), of_era = year - 400 * era;
    int64_t of_year = (153 * month + 2) / 5 + c->day - 1;
    int64_t days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    return (era * 146097 + days - 719468) * DAY_S + c->hour * 3600L + c->minute * 60L +
           c->second;
}

static int64_t offset_at(int64_t utc_s)
{
    struct tm tm;
    local_of(utc_s, &tm);
    return tm.tm_gmtoff;
}

/* Not mktime(): what it does in gaps and overlaps is its own affair. The offset in force a day
 * before and a day after are the only candidates, because no zone changes twice in two days. */
static int64_t utc_of_local_s(int64_t local_s)
{
    int64_t before = offset_at(local_s - DAY_S - OFFSET_S_MAX);
    int64_t after = offset_at(local_s + DAY_S + OFFSET_S_MAX);
    /* The larger offset gives the earlier moment: the first of two in an overlap. */
    int64_t early = local_s - (before > after ? before : after);
    int64_t late = local_s - (before > after ? after : before);
    if (early + offset_at(early) == local_s) {
        return early;
    }
    if (late + offset_at(late) == local_s) {
        return late;
    }
    /* A gap: find the first second after the change. At `early` it is still before, at `late`
     * after. */
    int64_t lo = early;
    int64_t hi = late;
    while (hi - lo > 1) {
        int64_t mid = lo + (hi - lo) / 2;
        if (offset_at(mid) == before) {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    return hi;
}

wall_t civil_to_wall(const struct civil *c)
{
    return (wall_t){utc_of_local_s(as_utc_s(c)) * 1000};
}

wall_t civil_midnight(wall_t at, int days)
{
    struct civil c;
    civil_from_wall(at, &c);
    struct civil midnight = {.year = c.year, .month = c.month, .day = c.day + days};
    return civil_to_wall(&midnight);
}

/* ---- Texts ---- */

/* n digits; moves *at behind them. */
static bool take_digits(const char **at, int n, int *out)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        char d = (*at)[i];
        if (d < '0' || d > '9') {
            return false;
        }
        v = v * 10 + (d - '0');
    }
    *at += n;
    *out = v;
    return true;
}

static bool take_char(const char **at, char want)
{
    if (**at != want) {
        return false;
    }
    (*at)++;
    return true;
}

static bool take_date(const char **at, struct civil *c)
{
    return take_digits(at, 4, &c->year) && take_char(at, '-') &&
           take_digits(at, 2, &c->month) && take_char(at, '-') && take_digits(at, 2, &c->day);
}

static bool take_clock(const char **at, struct civil *c)
{
    if (!take_digits(at, 2, &c->hour) || !take_char(at, ':') ||
        !take_digits(at, 2, &c->minute)) {
        return false;
    }
    return !take_char(at, ':') || take_digits(at, 2, &c->second);
}

/* "Z", "+08:00" or nothing; *has tells which. */
static bool take_offset(const char **at, bool *has, struct civil *offset)
{
    *has = true;
    if (take_char(at, 'Z')) {
        return true;
    }
    int sign = **at == '-' ? -1 : 1;
    if (!take_char(at, '+') && !take_char(at, '-')) {
        *has = false;
        return true;
    }
    if (!take_digits(at, 2, &offset->hour)) {
        return false;
    }
    (void)take_char(at, ':');
    if (!take_digits(at, 2, &offset->minute)) {
        return false;
    }
    offset->offset_s = sign * (offset->hour * 3600 + offset->minute * 60);
    return true;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

static bool civil_ok(const struct civil *c)
{
    return c->year >= YEAR_MIN && c->year <= YEAR_MAX && c->month >= 1 && c->month <= 12 &&
           c->day >= 1 && c->day <= days_in(c->year, c->month) && c->hour <= 23 &&
           c->minute <= 59 && c->second <= 59;
}

enum err civil_parse(const char *text, wall_t *out)
{
    struct civil c = {0};
    struct civil offset = {0};
    bool has_offset = false;
    const char *at = text;
    if (!take_date(&at, &c)) {
        return ERR_SYNTAX;
    }
    if (*at != '\0') {
        if (!take_char(&at, 'T') && !take_char(&at, ' ')) {
            return ERR_SYNTAX;
        }
        if (!take_clock(&at, &c) || !take_offset(&at, &has_offset, &offset) || *at != '\0') {
            return ERR_SYNTAX;
        }
    }
    if (!civil_ok(&c) || abs(offset.offset_s) > OFFSET_S_MAX || offset.minute > 59) {
        return ERR_RANGE;
    }
    if (has_offset) {
        *out = (wall_t){(as_utc_s(&c) - offset.offset_s) * 1000};
    } else {
        *out = civil_to_wall(&c);
    }
    return ERR_OK;
}

void civil_format(wall_t at, char *out, size_t cap)
{
    struct civil c;
    civil_from_wall(at, &c);
    int minutes = abs(c.offset_s) / 60;
    (void)snprintf(out, cap, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d", c.year, c.month, c.day,
                   c.hour, c.minute, c.second, c.offset_s < 0 ? '-' : '+', minutes / 60,
                   minutes % 60);
}
