/* Readers of the values that config files share: times of day, daily schedules, titles, paths,
 * names. Each complains with the node's place. Used while booting by park, books and `check`;
 * owns nothing. */
#ifndef KILNWATT_PARK_READ_H
#define KILNWATT_PARK_READ_H

#include "controller/park/park.h"

/* "HH:MM", "HH:MM+1d" (next day, up to +7d) or "24:00" to minutes after local midnight; the
 * result must lie in min..max. ERR_SYNTAX, ERR_RANGE. */
must_check enum err read_minutes(const struct doc *node, int min, int max, int *out,
                                 struct doc_errors *errors);
/* "HH:MM" or "HH:MM+Nd" of a minute count; cap >= 16. */
void read_minutes_format(int minutes, char *out, size_t cap);
/* List of `{days: all|workday|sunday, from: HH:MM, kw: N}`; at most SCHEDULE_MAX rows, `from`
 * rising within each kind of day, kw 0..kw_max. */
must_check enum err read_schedule(const struct doc *list, double kw_max, struct schedule *out,
                                  struct doc_errors *errors);
/* `{zh: …, en: …}`; both of 64 bytes. node NULL: both become the name. */
must_check enum err read_title(const struct doc *node, const char *name, char *zh, char *en,
                               struct doc_errors *errors);
/* true for [a-z][a-z0-9_]*; else complains. */
bool read_name_ok(const struct doc *node, const char *name, struct doc_errors *errors);
/* A path in a config file, relative to the folder of that file; out: PATH_LEN bytes. */
must_check enum err read_path(const struct doc *node, char *out, struct doc_errors *errors);
/* "127.0.0.1:8080". host: 64 bytes. */
must_check enum err read_listen(const struct doc *node, char *host, int *port,
                                struct doc_errors *errors);
/* true for a dotted IPv4 address. */
bool read_ipv4_ok(const char *host);
/* true if node is a list; else complains. */
bool read_is_list(const struct doc *node, struct doc_errors *errors);
/* true if node is a list of 1..max rows; else complains. */
bool read_has_rows(const struct doc *node, int max, struct doc_errors *errors);

#endif
