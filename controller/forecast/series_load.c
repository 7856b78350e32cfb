/* Reads a series file in two passes: the first counts the rows, the second takes the values.
 * Runs while a process boots; the only part of forecast that reads files. */
#include "controller/base/civil.h"
#include "controller/forecast/series.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINE_MAX_BYTES = 8192,
    CELL_LEN = 64,
    ROWS_MAX = 4000000,
    STEP_MS_MIN = 1000,
    STEP_MS_MAX = 3600000
};

/* Where the reader stands. */
struct reader {
    FILE *in;
    const char *path;
    struct doc_errors *errors;
    int line;
    char text[LINE_MAX_BYTES];
};

/* A cell: its text, cut at the comma, and the column of its first byte. */
struct cell {
    char text[CELL_LEN];
    int col;
};

static enum err complain(struct reader *r, int col, const char *key, const char *what)
{
    int line = r->line > 0 ? r->line : 1;
    struct doc at = {.kind = DOC_SCALAR,
                     .file = r->path,
                     .line = line,
                     .col = col,
                     .key = key,
                     .key_line = line,
                     .key_col = col,
                     .text = ""};
    doc_complain(r->errors, &at, "%s", what);
    return ERR_SYNTAX;
}

/* Next line without its end; false at the end of the file. Empty lines at the end count as the
 * end. */
static enum err next_line(struct reader *r, bool *more)
{
    *more = fgets(r->text, sizeof r->text, r->in) != NULL;
    if (!*more) {
        return ferror(r->in) != 0 ? complain(r, 1, NULL, "cannot be read") : ERR_OK;
    }
    r->line++;
    size_t n = strlen(r->text);
    if (n + 1 == sizeof r->text && r->text[n - 1] != '\n') {
        return complain(r, 1, NULL, "the line is too long; at most 8190 bytes would be right");
    }
    while (n > 0 && (r->text[n - 1] == '\n' || r->text[n - 1] == '\r')) {
        r->text[--n] = '\0';
    }
    *more = n > 0;
    return ERR_OK;
}

/* The cell at *at, which moves behind its comma, or to NULL after the last one. */
static enum err next_cell(struct reader *r, const char **at, struct cell *out)
{
    size_t n = strcspn(*at, ",");
    out->col = (int)(*at - r->text) + 1;
    if (n >= sizeof out->text) {
        return complain(r, out->col, NULL,
                        "the cell is too long; at most 63 bytes would be right");
    }
    memcpy(out->text, *at, n);
    out->text[n] = '\0';
    *at = (*at)[n] == ',' ? *at + n + 1 : NULL;
    return ERR_OK;
}

/* Header: `time` and at least one name more, none twice. */
static enum err read_header(struct reader *r, struct arena *a, struct series_file *f)
{
    bool more;
    struct cell c;
    enum err e = next_line(r, &more);
    const char *at = r->text;
    if (e == ERR_OK && strncmp(at, "\xef\xbb\xbf", 3) == 0) {
        at += 3;
    }
    e = e == ERR_OK ? next_cell(r, &at, &c) : e;
    if (e != ERR_OK) {
        return e;
    }
    if (!more || strcmp(c.text, "time") != 0 || at == NULL) {
        return complain(r, 1, NULL, "is no header; `time` and names of columns would be right");
    }
    f->name = arena_take(a, SERIES_COLUMNS_MAX, sizeof *f->name);
    if (f->name == NULL) {
        return ERR_NOMEM;
    }
    while (at != NULL) {
        e = next_cell(r, &at, &c);
        if (e != ERR_OK) {
            return e;
        }
        if (c.text[0] == '\0' || series_column(f, c.text) >= 0) {
            return complain(r, c.col, c.text[0] != '\0' ? c.text : NULL,
                            "the name is empty or there twice; another one would be right");
        }
        if (f->columns == SERIES_COLUMNS_MAX) {
            return complain(r, c.col, c.text,
                            "is one column too many; at most 96 would be right");
        }
        memcpy(f->name[f->columns++], c.text, sizeof c.text);
    }
    return ERR_OK;
}

/* "+08:00", "-0500" or "Z" at the end of a time; false if there is none. */
static bool offset_of(const char *text, int32_t *out)
{
    const char *t = strchr(text, 'T');
    t = t == NULL ? strchr(text, ' ') : t;
    const char *sign = t == NULL ? NULL : strpbrk(t, "+-Zz");
    if (sign == NULL) {
        return false;
    }
    int h = 0, m = 0;
    if (sign[0] != 'Z' && sign[0] != 'z') {
        size_t n = strlen(sign);
        if (n < 3) {
            return false;
        }
        h = (sign[1] - '0') * 10 + (sign[2] - '0');
        const char *min = sign[3] == ':' ? sign + 4 : sign + 3;
        m = strlen(min) >= 2 ? (min[0] - '0') * 10 + (min[1] - '0') : 0;
    }
    *out = (sign[0] == '-' ? -1 : 1) * (h * 3600 + m * 60);
    return true;
}

/* The row's time; the step comes from the first two rows and must then stay. */
static enum err read_time(struct reader *r, const struct cell *c, int row,
                          struct series_file *f)
{
    wall_t at;
    int32_t offset_s;
    if (!offset_of(c->text, &offset_s) || civil_parse(c->text, &at) != ERR_OK) {
        return complain(r, c->col, "time",
                        "is no time with an offset; 2025-07-14T08:00:00+08:00 would be right");
    }
    if (row == 0) {
        f->begin = at;
        f->offset_s = offset_s;
        return ERR_OK;
    }
    if (row == 1) {
        f->step_ms = at.ms - f->begin.ms;
        if (f->step_ms < STEP_MS_MIN || f->step_ms > STEP_MS_MAX) {
            return complain(
                r, c->col, "time",
                "does not follow the row before by 1 s to 1 h; that would be right");
        }
    }
    int64_t want = f->begin.ms + row * f->step_ms;
    if (at.ms != want) {
        char expected[32], what[120];
        civil_format((wall_t){want}, expected, sizeof expected);
        (void)snprintf(what, sizeof what,
                       "breaks the regular step; %s would be right (same instant)", expected);
        return complain(r, c->col, "time", what);
    }
    return ERR_OK;
}

static enum err read_value(struct reader *r, const struct cell *c, const char *name,
                           double *out)
{
    if (c->text[0] == '\0') {
        *out = NAN;
        return ERR_OK;
    }
    char *end = NULL;
    double value = strtod(c->text, &end);
    if (end == c->text || *end != '\0' || !isfinite(value)) {
        char what[CELL_LEN + 80];
        (void)snprintf(what, sizeof what,
                       "'%s' is no number; a number or an empty cell would be right", c->text);
        return complain(r, c->col, name, what);
    }
    *out = value;
    return ERR_OK;
}

static enum err read_row(struct reader *r, int row, struct series_file *f)
{
    const char *at = r->text;
    struct cell c;
    enum err e = next_cell(r, &at, &c);
    e = e == ERR_OK ? read_time(r, &c, row, f) : e;
    for (int i = 0; i < f->columns && e == ERR_OK; i++) {
        if (at == NULL) {
            return complain(r, (int)strlen(r->text) + 1, f->name[i],
                            "the row is too short; a cell for each column would be right");
        }
        e = next_cell(r, &at, &c);
        e = e == ERR_OK
                ? read_value(r, &c, f->name[i], &f->value[(int64_t)row * f->columns + i])
                : e;
    }
    if (e == ERR_OK && at != NULL) {
        return complain(r, (int)(at - r->text) + 1, NULL,
                        "the row is too long; one cell for each column would be right");
    }
    return e;
}

/* Rows after the header; leaves the reader behind the header. */
static enum err count_rows(struct reader *r, struct series_file *f)
{
    long behind_header = ftell(r->in);
    int header_line = r->line;
    bool more = true;
    while (more) {
        enum err e = next_line(r, &more);
        if (e != ERR_OK) {
            return e;
        }
        f->rows += more ? 1 : 0;
        if (f->rows > ROWS_MAX) {
            return complain(r, 1, NULL, "is one row too many; at most 4000000 would be right");
        }
    }
    if (f->rows < 2) {
        return complain(r, 1, NULL, "has too few rows; two at least would be right");
    }
    r->line = header_line;
    return behind_header >= 0 && fseek(r->in, behind_header, SEEK_SET) == 0 ? ERR_OK : ERR_IO;
}

static enum err read_rows(struct reader *r, struct series_file *f)
{
    for (int row = 0; row < f->rows; row++) {
        bool more;
        enum err e = next_line(r, &more);
        e = e == ERR_OK ? read_row(r, row, f) : e;
        if (e != ERR_OK) {
            return e;
        }
    }
    return ERR_OK;
}

enum err series_load(struct arena *a, const char *path, struct series_file **out,
                     struct doc_errors *errors)
{
    struct reader r = {.in = fopen(path, "re"), .path = path, .errors = errors};
    if (r.in == NULL) {
        (void)complain(&r, 1, NULL, "cannot be opened; a CSV series file would be right");
        return ERR_NOT_FOUND;
    }
    struct series_file *f = arena_take(a, 1, sizeof *f);
    enum err e = f == NULL ? ERR_NOMEM : read_header(&r, a, f);
    e = e == ERR_OK ? count_rows(&r, f) : e;
    if (e == ERR_OK) {
        f->value = arena_take(a, (size_t)f->rows * (size_t)f->columns, sizeof *f->value);
        e = f->value == NULL ? ERR_NOMEM : read_rows(&r, f);
    }
    (void)fclose(r.in);
    if (e == ERR_OK) {
        *out = f;
    }
    return e;
}
