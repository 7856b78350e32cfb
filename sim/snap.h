/* Plain memory to a buffer and back: each part of the simulator says once what its state is,
 * and the same function counts, saves and restores it. Pointers never go through; what is found
 * again when the same park is built (parameters, names, who knows whom) need not. Pure; the
 * caller owns buffer and state. */
#ifndef KILNWATT_SIM_SNAP_H
#define KILNWATT_SIM_SNAP_H

#include <stddef.h>
#include <stdint.h>

enum snap_way { SNAP_COUNT, SNAP_SAVE, SNAP_LOAD };
struct snap {
    enum snap_way way;
    uint8_t *data; /* NULL while counting */
    size_t size, at;
};
/* n bytes at p. What is restored has the size that was counted: anything else is our own bug.
 */
void snap_bytes(struct snap *s, void *p, size_t n);

#define SNAP(s, x) snap_bytes(s, &(x), sizeof(x))
/* Members of *p from `first` up to, without, `end`; those from `first` to the last. */
#define SNAP_RANGE(s, p, first, end) \
    snap_bytes(s, &(p)->first, \
               offsetof(__typeof__(*(p)), end) - offsetof(__typeof__(*(p)), first))
#define SNAP_TAIL(s, p, first) \
    snap_bytes(s, &(p)->first, sizeof *(p)-offsetof(__typeof__(*(p)), first))

#endif
