/* Log lines to stderr, limited per second. Runs in every role; owns the one struct of the
 * program that outlives its calls: who this process is and how many lines it has written in
 * this second. */
#include "controller/base/log.h"
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1024, LINES_PER_S = 50 };

static struct {
    const char *role;
    const struct clock *clock;
    enum log_level max;
    bool ready;
    int64_t second_us; /* machine time when the present second began */
    int lines;         /* written in it */
    uint64_t dropped;  /* since the last line written: beyond the limit, or nobody took it */
} log_state;

static const char *const level_names[] = {"error", "warn", "info", "debug"};

void log_setup(const char *role, const struct clock *c, enum log_level max)
{
    log_state.role = role;
    log_state.clock = c;
    log_state.max = max;
    log_state.ready = true;
}

/* true if a line may be written now. */
static bool budget_take(void)
{
    int64_t now = clock_real_us();
    if (log_state.lines == 0 || now - log_state.second_us >= 1000000) {
        log_state.second_us = now;
        log_state.lines = 0;
    }
    if (log_state.lines >= LINES_PER_S) {
        log_state.dropped++;
        return false;
    }
    log_state.lines++;
    return true;
}

/* "2025-07-14T00:00:00.123Z": UTC, so that lines of all roles sort. */
static void stamp(char *out, size_t cap)
{
    struct clock live;
    const struct clock *c = log_state.clock;
    if (c == NULL) {
        clock_init_live(&live);
        c = &live;
    }
    wall_t now = clock_wall(c);
    int64_t ms = now.ms % 1000;
    time_t s = (time_t)(now.ms / 1000);
    struct tm tm = {0};
    (void)gmtime_r(&s, &tm);
    (void)snprintf(out, cap, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
                   tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                   (int)(ms < 0 ? ms + 1000 : ms));
}

/* Bytes that snprintf() really put down, of what it says it wanted to. */
static size_t put_down(int wanted, size_t cap)
{
    if (wanted < 0) {
        return 0;
    }
    return (size_t)wanted < cap ? (size_t)wanted : cap - 1;
}

/* A line is one line: what an input smuggled in becomes a blank. */
static void flatten(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char ch = (unsigned char)text[i];
        if (ch < 0x20 || ch == 0x7f) {
            text[i] = ' ';
        }
    }
}

void log_line(enum log_level level, const char *event, const char *fmt, ...)
{
    int saved = errno;
    enum log_level max = log_state.ready ? log_state.max : LOG_INFO;
    if (level > max || !budget_take()) {
        errno = saved;
        return;
    }
    char line[LINE_MAX_BYTES];
    char ts[48];
    size_t cap = sizeof line - 1; /* one byte stays for the newline */
    stamp(ts, sizeof ts);
    size_t len =
        put_down(snprintf(line, cap, "ts=%s level=%s role=%s event=%s", ts, level_names[level],
                          log_state.role ? log_state.role : "-", event),
                 cap);
    if (log_state.dropped > 0) {
        len += put_down(snprintf(line + len, cap - len, " dropped=%" PRIu64, log_state.dropped),
                        cap - len);
    }
    if (fmt[0] != '\0' && len + 2 < cap) {
        line[len++] = ' ';
        va_list args;
        va_start(args, fmt);
        len += put_down(vsnprintf(line + len, cap - len, fmt, args), cap - len);
        va_end(args);
    }
    flatten(line, len);
    line[len++] = '\n';
    /* A log that nobody can take is no reason to fail, nor to wait: see log_pipe.h. */
    if (write(STDERR_FILENO, line, len) == (ssize_t)len) {
        log_state.dropped = 0;
    } else {
        log_state.dropped++;
    }
    errno = saved;
}
