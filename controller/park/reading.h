/* A reading: value, quality and time; never a sentinel number. Pure; used in every role. */
#ifndef KILNWATT_PARK_READING_H
#define KILNWATT_PARK_READING_H

#include "controller/base/clock.h"

enum quality {
    QUALITY_MISSING, /* never read, or the device has no such point */
    QUALITY_GOOD,
    QUALITY_STALE,     /* was good, older than three poll periods */
    QUALITY_BAD,       /* device says invalid, or outside what is physically possible */
    QUALITY_MANUAL,    /* entered by a person */
    QUALITY_SIMULATED, /* comes from a plant model inside this process (study) */
    QUALITY_COUNT
};

struct reading {
    double value; /* meaningful unless missing or bad */
    enum quality quality;
    mono_t at; /* when it was read, process time */
};

const char *quality_name(enum quality q);
/* true for good, manual, simulated. */
static inline bool reading_usable(const struct reading *r)
{
    return r->quality == QUALITY_GOOD || r->quality == QUALITY_MANUAL ||
           r->quality == QUALITY_SIMULATED;
}
/* The value if usable, else `otherwise`: every reader says what it does without one. */
static inline double reading_or(const struct reading *r, double otherwise)
{
    return reading_usable(r) ? r->value : otherwise;
}

#endif
