/* Boot arena: memory whose size depends on configuration, taken while starting and given back
 * as a whole. After boot `park` and `field` take nothing more. Owns its chunks. */
#ifndef KILNWATT_BASE_ARENA_H
#define KILNWATT_BASE_ARENA_H

#include "controller/base/err.h"
#include <stddef.h>

struct arena_chunk;
struct arena {
    struct arena_chunk *chunks;
    size_t used; /* bytes handed out so far */
    size_t max;  /* bound on used */
};

/* max: most bytes it may ever hand out. */
void arena_init(struct arena *a, size_t max);
void arena_fini(struct arena *a);
/* Zeroed, aligned for any type. NULL when the bound or the machine's memory is reached. */
void *arena_take(struct arena *a, size_t count, size_t size);
/* A copy of a text; NULL when full. */
char *arena_text(struct arena *a, const char *text);

#endif
