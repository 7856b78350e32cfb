/* What station_set.c and station_write.c share. */
#ifndef KILNWATT_ADAPTERS_STATION_OWN_H
#define KILNWATT_ADAPTERS_STATION_OWN_H

#include "adapters/station.h"

static inline const struct profile_point *point_of(const struct station *s,
                                                   const struct setpoint *sp)
{
    return &s->f->point[sp->pt];
}

static inline const char *name_of(const struct station *s, const struct setpoint *sp)
{
    return dict_kind(s->f->kind)->point[point_of(s, sp)->row].name;
}

/* Tells the outcome of a value once, whatever is tried with it later. */
void station_tell_once(const struct station *s, struct setpoint *sp,
                       enum write_outcome outcome);

#endif
