/* The parts of the park reader, which share the arena, the park under way and the list of
 * errors. For controller/park/park_load*.c, `check` and scenarios only; used while booting. */
#ifndef KILNWATT_PARK_PARK_LOAD_H
#define KILNWATT_PARK_PARK_LOAD_H

#include "controller/park/read.h"

struct park_reader {
    struct arena *arena;
    struct park *park;
    struct doc_errors *errors;
};

/* Reads the list `devices`; numbers their points. Complaints go to the reader's errors.
 * ERR_NOMEM, or ERR_SYNTAX when it added an error. */
must_check enum err park_load_devices(struct park_reader *r, const struct doc *list);
/* Checks that no two parts share host, port and unit, that `follows` names a device. */
void park_check_devices(struct park_reader *r, const struct doc *list);
/* The list `recipes` (may be NULL), then `orders` (may be NULL); devices must have been read.
 * Orders are added to those that are there: a scenario brings its own. */
must_check enum err park_load_recipes(struct park_reader *r, const struct doc *list);
must_check enum err park_load_orders(struct park_reader *r, const struct doc *list);
/* A device as its keys are read, before it is checked. */
struct device_raw {
    struct device d;
    char kind[NAME_LEN], profile[NAME_LEN], host[64];
    int port, unit, rank;
    const struct doc *title, *parts, *schedule;
    const struct doc *foreign; /* keys of other kinds end here */
};

/* Field tables, *n rows each: keys that all devices have and those of a kind beyond them (both
 * fill a struct device_raw), keys of a row of `parts` (same struct), and the keys of a section
 * that is a plain map: "park", "grid", "weather"; NULL for another section. */
const struct field *park_common_keys(int *n);
const struct field *park_kind_keys(enum kind k, int *n);
const struct field *park_part_keys(int *n);
const struct field *park_section_keys(const char *section, int *n);

#endif
