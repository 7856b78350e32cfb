/* Alarms that stand: raised and cleared by condition, acknowledged by people. Pure; owned by
 * the core. */
#ifndef KILNWATT_PARK_ALARM_H
#define KILNWATT_PARK_ALARM_H

#include "controller/park/messages.h"

enum { ALARMS_MAX = 256 };

struct alarms {
    int n;
    struct msg_alarm alarm[ALARMS_MAX];
    bool changed;     /* since the caller last looked */
    uint64_t dropped; /* raised while the table was full */
};

/* What an alarm is. It is named by source and what; text is kept from the raising. */
struct alarm_kind {
    enum severity severity;
    const char *source; /* a device's name, or a part of the controller */
    const char *what;   /* one word: "offline" */
    const char *text;   /* for people */
};

/* Raises (on = true) or clears an alarm. Returns true if this changed anything. A cleared alarm
 * goes away at once if it was acknowledged or is only a warning; an unacknowledged one stays
 * with severity INFO until acknowledged. */
bool alarm_set(struct alarms *a, bool on, const struct alarm_kind *kind, wall_t now);
/* Acknowledges "source/what", or all with "". Returns how many. */
int alarm_ack(struct alarms *a, const char *id);

#endif
