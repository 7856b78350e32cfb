/* The poll schedule of one part of a device: its points coalesced into as few reads as the
 * profile allows, each with its own period, and which of them is due. Pure; used in the field
 * role. */
#ifndef KILNWATT_ADAPTERS_POLL_H
#define KILNWATT_ADAPTERS_POLL_H

#include "adapters/profile.h"

/* One read. */
struct poll_block {
    uint8_t fc;
    uint16_t addr, count;
    enum poll_class poll;
    uint32_t points; /* bit i = profile point i lies in it */
    mono_t period, due;
    mono_t read_at; /* last good read */
    bool seen;      /* read once without error, or refused for good */
    bool refused;   /* the device knows none of its registers */
};
struct poll {
    int n;
    struct poll_block block[PROFILE_POINTS_MAX];
};

/* fast_s: period of fast points (the park file's poll_s); normal ones are read every fast_s but
 * at most once a second, slow ones ten times as seldom. All are due at `now`. */
void poll_build(struct poll *p, const struct profile *f, double fast_s, mono_t now);
/* The block that has been due for longest, in its own periods; -1 = none is due. */
int poll_next(const struct poll *p, mono_t now);
/* When the next block is due. */
mono_t poll_due(const struct poll *p);
/* The block was asked for: its next turn is the next point of its grid after now, however late
 * it was, so that never more than one turn is pending. Returns how many turns went by unasked.
 */
uint32_t poll_asked(struct poll *p, int block, mono_t now);
/* The device refused a read as an illegal address: the block is cut in two, or, when it has but
 * one point, marked as refused and asked for no more than ten times as seldom. */
void poll_refused(struct poll *p, int block, const struct profile *f);
/* true when every block has been read once. */
bool poll_complete(const struct poll *p);

#endif
