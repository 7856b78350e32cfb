/* Of plans that cost the same, the even one. Where price and limits are the same for hours, an
 * LP's vertex lets a storage run at full power in some steps and stand in others, and the next
 * plan picks others: the park would see pulses. Here the energy of a storage, or of a job that
 * may pause as it likes, is poured over such a span's steps like water over the import: the
 * lowest peak. Pure. */
#ifndef KILNWATT_OPTIMIZER_LEVEL_H
#define KILNWATT_OPTIMIZER_LEVEL_H

#include "optimizer/plan.h"

/* Evens out storages and jobs on the grid's bus, span by span; a span that would cost more, by
 * the tally, stays as it is. pl: a checked plan for p, its cost stated; spare: overwritten.
 * Returns how many spans have changed. Bound, gap and status stay the caller's. Left alone is
 * what may not run at less than a given power, and any plan whose renewable energy is traced.
 */
int level_plan(const struct problem *p, struct plan *pl, struct plan *spare);

#endif
