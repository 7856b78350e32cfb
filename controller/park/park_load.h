/* The parts of the park reader, which share the arena, the park under way and the list of
 * errors. Private to controller/park/park_load*.c; used while booting. */
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
 */
must_check enum err park_load_recipes(struct park_reader *r, const struct doc *list);
must_check enum err park_load_orders(struct park_reader *r, const struct doc *list);
/* Field table of the keys of a kind beyond the common ones; *n rows. */
const struct field *park_kind_keys(enum kind k, int *n);

#endif
