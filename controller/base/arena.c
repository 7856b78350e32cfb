/* The boot arena: chunks from malloc(), handed out in order, freed as a whole. Runs in every
 * role while it starts; owns the chunks. */
#include "controller/base/arena.h"
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 64 * 1024 };

struct arena_chunk {
    struct arena_chunk *next;
    size_t size, used; /* of data */
    alignas(max_align_t) unsigned char data[];
};

void arena_init(struct arena *a, size_t max)
{
    *a = (struct arena){.max = max};
}

void arena_fini(struct arena *a)
{
    struct arena_chunk *c = a->chunks;
    while (c != NULL) {
        struct arena_chunk *next = c->next;
        free(c);
        c = next;
    }
    *a = (struct arena){.max = a->max};
}

/* A chunk with room for n bytes in front of the list; NULL when the machine has none. */
static struct arena_chunk *chunk_with(struct arena *a, size_t n)
{
    if (a->chunks != NULL && a->chunks->size - a->chunks->used >= n) {
        return a->chunks;
    }
    size_t size = n > CHUNK_BYTES ? n : CHUNK_BYTES;
    if (size > SIZE_MAX - sizeof(struct arena_chunk)) {
        return NULL;
    }
    struct arena_chunk *c = calloc(1, sizeof *c + size);
    if (c == NULL) {
        return NULL;
    }
    c->size = size;
    /* A large object must not bury the room left in the chunk that is being filled. */
    if (a->chunks != NULL && n > CHUNK_BYTES) {
        c->next = a->chunks->next;
        a->chunks->next = c;
    } else {
        c->next = a->chunks;
        a->chunks = c;
    }
    return c;
}

void *arena_take(struct arena *a, size_t count, size_t size)
{
    size_t n = 0;
    size_t unit = alignof(max_align_t);
    if (__builtin_mul_overflow(count, size, &n) || n > a->max || n > SIZE_MAX - unit) {
        return NULL;
    }
    if (n > a->max - a->used) {
        return NULL;
    }
    size_t padded = n == 0 ? unit : (n + unit - 1) / unit * unit;
    struct arena_chunk *c = chunk_with(a, padded);
    if (c == NULL) {
        return NULL;
    }
    void *p = c->data + c->used;
    c->used += padded;
    a->used += n;
    return p;
}

char *arena_text(struct arena *a, const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = arena_take(a, n, 1);
    if (copy != NULL) {
        memcpy(copy, text, n);
    }
    return copy;
}
