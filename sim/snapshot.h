/* The whole state of a simulator in a file: plants, sky, firmware, registers, faults, referee.
 * A run that goes on from it is the run that was not interrupted, to the bit. Not in it: what
 * is under way on the wire, connections, the controller, and the recording, which begins anew
 * at both places. Runs in the simulator; owns nothing beyond a call.
 *
 * The file: a head that says what it is, by which build, of which park; the state as it lies in
 * memory; SHA-256 of both. Memory has the shape that one build gives it, so another build
 * refuses it, as does a park of which any file has changed. */
#ifndef KILNWATT_SIM_SNAPSHOT_H
#define KILNWATT_SIM_SNAPSHOT_H

#include "controller/base/clock.h"
#include "sim/setup.h"
#include "sim/sha256.h"

enum { SNAPSHOT_WHY_LEN = 320 };

struct server;
/* What tells one run from another. */
struct snapshot_id {
    uint8_t build[SHA256_BYTES]; /* of this executable */
    uint8_t park[SHA256_BYTES];  /* of all files that were read */
    uint64_t seed;
    double dt_s;
    int64_t start_ms;
};
struct snapshot_of {
    struct setup *set;
    struct server *server; /* NULL: there is no wire */
    struct snapshot_id id;
};

/* After setup_build(). ERR_IO if a file can no longer be read. */
must_check enum err snapshot_init(struct snapshot_of *of, struct setup *set,
                                  const struct setup_ask *ask, struct server *server);
/* Writes the file, whole or not at all. ERR_IO, ERR_NOMEM, ERR_STATE with the reason in why,
 * SNAPSHOT_WHY_LEN bytes. */
must_check enum err snapshot_save(const struct snapshot_of *of, const char *path, char *why);
/* Reads it into a simulator of the same park that is not further than the snapshot (not_before:
 * its time now). Nothing has changed if it fails: ERR_IO, ERR_NOMEM, ERR_SYNTAX (no snapshot,
 * or damaged), ERR_CONFLICT (of another build, park, seed, step, start), ERR_STATE. */
must_check enum err snapshot_load(const struct snapshot_of *of, const char *path,
                                  mono_t not_before, char *why);

#endif
