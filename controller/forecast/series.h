/* Series files: CSV with a time column and one column per point or market series, the way in
 * which real or foreign data enter plan, study and sim. Read once into an arena, constant
 * afterwards. Pure after loading; used by sim, forecast, plan and study. */
#ifndef KILNWATT_FORECAST_SERIES_H
#define KILNWATT_FORECAST_SERIES_H

#include "controller/base/doc.h"

enum { SERIES_COLUMNS_MAX = 96, SERIES_NAME_LEN = 64 };

struct series_file {
    int columns, rows;
    int64_t step_ms;               /* 1 s .. 1 h */
    wall_t begin;                  /* start of the first interval */
    int32_t offset_s;              /* local - UTC as the first row writes it */
    char (*name)[SERIES_NAME_LEN]; /* [columns], without `time` */
    double *value;                 /* [rows * columns], row by row; NaN = missing */
};

/* Reads a file: header row, first column `time` (ISO 8601 with offset, start of the interval),
 * regular steps of 1 s to 1 h, at least two rows; a missing cell is empty. Complaints as
 * file:line:col: column: what is wrong. ERR_NOT_FOUND, ERR_SYNTAX, ERR_RANGE, ERR_NOMEM. */
must_check enum err series_load(struct arena *a, const char *path, struct series_file **out,
                                struct doc_errors *errors);
/* Index of a column, -1 if the file has none of that name. */
int series_column(const struct series_file *f, const char *name);
wall_t series_end(const struct series_file *f);
/* Value of the interval that holds `at`; NaN where missing or outside. */
double series_at(const struct series_file *f, int column, wall_t at);
/* Mean over [at, at + step_s), weighted by time, so that energy is kept whatever the steps. NaN
 * if less than half of it is known. step_s > 0. */
double series_mean(const struct series_file *f, int column, wall_t at, double step_s);
/* For a file of a typical year: the time in the file's own year with the same month, day and
 * local time (in the file's offset) as `at`; 29 February becomes 28 February. `at` itself where
 * the file covers it or is shorter than 364 days. */
wall_t series_typical(const struct series_file *f, wall_t at);

#endif
