/* Logs: one line of key=value to stderr (journald), written by one call per line. At most 50
 * lines/s per process; what is dropped, for that or because stderr (log_pipe.h) has no room, is
 * counted in the next line. Used in every role. */
#ifndef KILNWATT_BASE_LOG_H
#define KILNWATT_BASE_LOG_H

#include "controller/base/clock.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* role: short word put into each line; c (may be NULL): whose wall time stamps the lines. The
 * pointers must outlive all logging. */
void log_setup(const char *role, const struct clock *c, enum log_level max);

/* event: one word ("link_down"); fmt gives further `key=value key="text"` pairs (none: "%s",
 * "", because gcc warns of an empty format). Control characters become blanks; errno is kept.
 */
void log_line(enum log_level level, const char *event, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
