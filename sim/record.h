/* The recording of a lock-step run, as its SHA-256: every request and answer on the wire with
 * its time, and the plants' truth each second. Two runs with one seed give the same number, on
 * any machine; one bit anywhere gives another. Each listener has a digest of its own, so that
 * the order in which lines are served at one moment does not count; the order on a line does.
 * Runs in the simulator. */
#ifndef KILNWATT_SIM_RECORD_H
#define KILNWATT_SIM_RECORD_H

#include "controller/base/arena.h"
#include "sim/world.h"
#include <stddef.h>

enum { RECORD_HEX = 65 };

struct record;
struct record_bytes {
    const uint8_t *data;
    size_t len;
};
/* lines: listeners that are recorded. ERR_NOMEM. */
must_check enum err record_open(struct record **out, struct arena *a, int lines);
void record_close(struct record *r);
/* Forgets everything: what comes from now on is the recording. */
void record_anew(struct record *r);
/* One exchange on a line; an answer of length 0 was not given. */
void record_exchange(struct record *r, int line, mono_t at, const struct record_bytes *asked,
                     const struct record_bytes *answered);
/* The truth of this second. */
void record_truth(struct record *r, const struct world *w);
/* Of all so far, in hexadecimal; goes on recording. */
void record_digest(const struct record *r, char out[RECORD_HEX]);

#endif
