/* Civil (local) time, only for tariffs, calendars and screens. One zone per process, set at
 * boot. Used by park, books, web, cli, sim; owns the process's zone. */
#ifndef KILNWATT_BASE_CIVIL_H
#define KILNWATT_BASE_CIVIL_H

#include "controller/base/clock.h"

enum { CIVIL_ZONE_LEN = 64 };

struct civil {
    int year;     /* 2026 */
    int month;    /* 1..12 */
    int day;      /* 1..31 */
    int hour;     /* 0..23 */
    int minute;   /* 0..59 */
    int second;   /* 0..60 */
    int weekday;  /* 0 Sunday .. 6 Saturday */
    int yday;     /* 1..366 */
    int offset_s; /* local - UTC, seconds */
};

/* Sets the zone ("Asia/Shanghai"). ERR_NOT_FOUND if the system has no such zone. */
must_check enum err civil_zone_set(const char *zone);
/* Its name ("Asia/Shanghai"); where the process was given none, the zone of whole hours that
 * has the same offset at a time ("Etc/GMT-8"). out: CIVIL_ZONE_LEN bytes are enough. */
void civil_zone_name(wall_t at, char *out, size_t cap);
void civil_from_wall(wall_t at, struct civil *out);
/* Local civil date and time to UTC; a time inside a DST gap maps to after the gap, an ambiguous
 * one to its first occurrence. Only year..second are read. */
wall_t civil_to_wall(const struct civil *c);
/* Local midnight at or before `at`; `days` later (by calendar, DST-safe) if not zero. */
wall_t civil_midnight(wall_t at, int days);
/* "2025-07-14T08:00:00+08:00", also "Z", also without seconds, also a bare date (local
 * midnight). Without offset: local time. ERR_SYNTAX, ERR_RANGE. */
must_check enum err civil_parse(const char *text, wall_t *out);
/* ISO 8601 with offset, seconds; cap >= 26. */
void civil_format(wall_t at, char *out, size_t cap);

#endif
