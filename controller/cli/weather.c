/* `kilnwatt weather`: a year of generated weather as a series file, for parks without a record
 * of their own. Runs alone; owns its output. */
#include "sim/weather.h"
#include "controller/base/civil.h"
#include "controller/cli/commands.h"
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
    "usage: kilnwatt weather [options] >FILE.csv\n"
    "\n"
    "Prints a year of weather that has the statistics of west Chongqing (29.40 N, 105.59 E): "
    "the\n"
    "days' light, their order, clouds within the day, temperature and wind. The same seed "
    "gives\n"
    "the same file. A park takes it with `weather: {series: FILE.csv, latitude_deg: 29.40,\n"
    "longitude_deg: 105.59, utc_offset_h: 8}`.\n"
    "\n"
    "  --seed N    of all random draws (1)\n"
    "  --year Y    of the time column, 1970 to 2200 (2025)\n"
    "  --step S    seconds of a row, a divisor of an hour from 60 on (3600)\n"
    "  --days N    stop after N days (the whole year)\n"
    "\n"
    "examples:\n"
    "  kilnwatt weather >chongqing.csv\n"
    "  kilnwatt weather --seed 7 --year 2026 --step 60 --days 31 >january.csv\n";

struct wish {
    long seed, year, step, days;
};

struct sums {
    double ghi, dni, dhi, degc, wind;
};

/* Options with whole numbers: what may stand there. */
struct bound {
    const char *name;
    int letter;
    long lo, hi;
    const char *right;
};
static const struct bound bounds[] = {
    {"--seed", 's', 0,    1000000000, "a whole number from 0 to 1000000000"          },
    {"--year", 'y', 1970, 2200,       "a year from 1970 to 2200"                     },
    {"--step", 't', 60,   3600,       "whole minutes that divide an hour, in seconds"},
    {"--days", 'd', 1,    366,        "1 to 366"                                     },
};

static bool take_number(const char *text, const struct bound *b, long *out)
{
    char *end;
    long v = strtol(text, &end, 10);
    bool minutes = b->letter != 't' || (v % 60 == 0 && v > 0 && 3600 % v == 0);
    if (end == text || *end || v < b->lo || v > b->hi || !minutes) {
        fprintf(stderr, "kilnwatt weather: %s: %s: %s would be right\n", b->name, text,
                b->right);
        return false;
    }
    *out = v;
    return true;
}

static int month_days(long year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* One minute of the day begun, added up. */
static void add_minute(struct weather *w, double unix_s, struct sums *sum)
{
    struct weather_now now = weather_at(w, unix_s + 30);
    struct sun_irradiance irr = sun_split(&now.sun, now.ghi_w_per_m2);
    sum->ghi += now.ghi_w_per_m2;
    sum->dni += irr.dni_w_per_m2;
    sum->dhi += irr.dhi_w_per_m2;
    sum->degc += now.degc;
    sum->wind += weather_wind_m_per_s(w, 60);
}

static void print_day(struct weather *w, const struct wish *wish, double midnight_s,
                      const char *date)
{
    for (long at = 0; at < 86400; at += wish->step) {
        struct sums sum = {0};
        double n = (double)wish->step / 60;
        for (long s = at; s < at + wish->step; s += 60) {
            add_minute(w, midnight_s + (double)s, &sum);
        }
        printf("%sT%02ld:%02ld:00+08:00,%.1f,%.1f,%.1f,%.1f,%.1f\n", date, at / 3600,
               at / 60 % 60, sum.ghi / n, sum.dni / n, sum.dhi / n, sum.degc / n, sum.wind / n);
    }
}

static enum err print_year(const struct wish *wish)
{
    struct weather_climate c = weather_chongqing();
    static const int offset_s = 8 * 3600;
    struct weather w;
    enum err e = weather_init(&w, &c, (uint64_t)wish->seed);
    char date[32];
    long left = wish->days;
    wall_t begin;
    snprintf(date, sizeof date, "%04ld-01-01T00:00:00Z", wish->year);
    e = e == ERR_OK ? civil_parse(date, &begin) : e;
    if (e != ERR_OK) {
        return e;
    }
    double midnight_s = (double)begin.ms / 1000 - offset_s;
    printf("time,ghi_w_per_m2,dni_w_per_m2,dhi_w_per_m2,outdoor_degc,wind_m_per_s\n");
    for (int month = 1; month <= 12; month++) {
        for (int day = 1; day <= month_days(wish->year, month) && left > 0; day++, left--) {
            weather_begin_day(&w, midnight_s, month, day);
            snprintf(date, sizeof date, "%04ld-%02d-%02d", wish->year, month, day);
            print_day(&w, wish, midnight_s, date);
            midnight_s += 86400;
        }
    }
    return fflush(stdout) == 0 && !ferror(stdout) ? ERR_OK : ERR_IO;
}

int weather_main(int argc, char **argv)
{
    static const struct option known[] = {
        {"help", no_argument,       NULL, 'h'},
        {"seed", required_argument, NULL, 's'},
        {"year", required_argument, NULL, 'y'},
        {"step", required_argument, NULL, 't'},
        {"days", required_argument, NULL, 'd'},
        {NULL,   0,                 NULL, 0  },
    };
    struct wish wish = {.seed = 1, .year = 2025, .step = 3600, .days = 366};
    int c;
    while ((c = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        if (c == 'h') {
            fputs(usage, stdout);
            return 0;
        }
        long *to[] = {&wish.seed, &wish.year, &wish.step, &wish.days};
        int k = 0;
        while (k < (int)(sizeof bounds / sizeof bounds[0]) && bounds[k].letter != c) {
            k++;
        }
        if (k == (int)(sizeof bounds / sizeof bounds[0]) ||
            !take_number(optarg, &bounds[k], to[k])) {
            return 2; /* getopt has named an option that is unknown */
        }
    }
    if (optind < argc) {
        fprintf(stderr, "kilnwatt weather: %s: no argument is wanted\n", argv[optind]);
        return 2;
    }
    enum err e = print_year(&wish);
    if (e != ERR_OK) {
        fprintf(stderr, "kilnwatt weather: %s\n", err_text(e));
        return 3;
    }
    return 0;
}
