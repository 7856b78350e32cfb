/* Values, means and typical years of a loaded series file. */
#include "controller/forecast/series.h"
#include <math.h>
#include <string.h>

static const int64_t day_ms = 86400000;

int series_column(const struct series_file *f, const char *name)
{
    for (int i = 0; i < f->columns; i++) {
        if (strcmp(f->name[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

wall_t series_end(const struct series_file *f)
{
    return (wall_t){f->begin.ms + f->rows * f->step_ms};
}

/* Row that holds a time, also beyond the file's ends. */
static int64_t row_of(const struct series_file *f, int64_t ms)
{
    int64_t off = ms - f->begin.ms;
    return off >= 0 ? off / f->step_ms : -((-off + f->step_ms - 1) / f->step_ms);
}

static double cell(const struct series_file *f, int column, int64_t row)
{
    if (row < 0 || row >= f->rows) {
        return NAN;
    }
    return f->value[row * f->columns + column];
}

double series_at(const struct series_file *f, int column, wall_t at)
{
    must(column >= 0 && column < f->columns);
    return cell(f, column, row_of(f, at.ms));
}

double series_mean(const struct series_file *f, int column, wall_t at, double step_s)
{
    must(column >= 0 && column < f->columns);
    must(step_s > 0);
    int64_t from = at.ms, to = at.ms + (int64_t)(step_s * 1000.0);
    int64_t first = row_of(f, from), last = row_of(f, to - 1);
    /* nothing is known beyond the file, so nothing is to be seen there */
    first = first < 0 ? 0 : first;
    last = last >= f->rows ? f->rows - 1 : last;
    double sum = 0, known = 0;
    for (int64_t row = first; row <= last; row++) {
        int64_t a = f->begin.ms + row * f->step_ms, b = a + f->step_ms;
        double overlap = (double)((b < to ? b : to) - (a > from ? a : from));
        double value = cell(f, column, row);
        if (!isnan(value) && overlap > 0) {
            sum += value * overlap;
            known += overlap;
        }
    }
    return known > 0 && known * 2 >= (double)(to - from) ? sum / known : NAN;
}

/* Days since 1970-01-01 of a date, and back (proleptic Gregorian; Howard Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms"). */
static int64_t days_from_date(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void date_from_days(int64_t z, int64_t *y, int *m, int *d)
{
    z += 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    *d = (int)(doy - (153 * mp + 2) / 5 + 1);
    *m = (int)(mp < 10 ? mp + 3 : mp - 9);
    *y = yoe + era * 400 + (*m <= 2);
}

/* Whole days before a local time, also before 1970. */
static int64_t floor_days(int64_t local_ms)
{
    return local_ms >= 0 ? local_ms / day_ms : -((-local_ms + day_ms - 1) / day_ms);
}

wall_t series_typical(const struct series_file *f, wall_t at)
{
    wall_t end = series_end(f);
    bool inside = at.ms >= f->begin.ms && at.ms < end.ms;
    if (inside || end.ms - f->begin.ms < 364 * day_ms) {
        return at;
    }
    int64_t offset_ms = (int64_t)f->offset_s * 1000, local = at.ms + offset_ms;
    int64_t days = floor_days(local), rest = local - days * day_ms, year, file_year;
    int month, day, ignored_month, ignored_day;
    date_from_days(days, &year, &month, &day);
    date_from_days(floor_days(f->begin.ms + offset_ms), &file_year, &ignored_month,
                   &ignored_day);
    day = month == 2 && day == 29 ? 28 : day;
    int64_t out = days_from_date(file_year, month, day) * day_ms + rest - offset_ms;
    if (out <
        f->begin.ms) { /* the file's year begins in summer: the rest of it is a year later */
        out = days_from_date(file_year + 1, month, day) * day_ms + rest - offset_ms;
    }
    return (wall_t){out < end.ms ? out : end.ms - 1};
}
