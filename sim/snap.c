/* Three ways of one walk. */
#include "sim/snap.h"
#include "controller/base/err.h"
#include <string.h>

void snap_bytes(struct snap *s, void *p, size_t n)
{
    if (s->way != SNAP_COUNT && n > 0) {
        must(s->at + n <= s->size);
        if (s->way == SNAP_SAVE) {
            memcpy(s->data + s->at, p, n);
        } else {
            memcpy(p, s->data + s->at, n);
        }
    }
    s->at += n;
}
