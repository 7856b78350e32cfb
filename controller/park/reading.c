/* Names of the qualities of a reading. Pure; used in every role. */
#include "controller/park/reading.h"

const char *quality_name(enum quality q)
{
    static const char *const names[QUALITY_COUNT] = {"missing", "good",   "stale",
                                                     "bad",     "manual", "simulated"};
    return q >= 0 && q < QUALITY_COUNT ? names[q] : "unknown";
}
