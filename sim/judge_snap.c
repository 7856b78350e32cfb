/* The referee's books in a snapshot. Names are pointers: those of watches are found again when
 * it is built, those of breaches go through as text. Runs in the simulator. */
#include "sim/judge.h"
#include "sim/judge_wire.h"
#include "sim/snap.h"
#include <stdio.h>
#include <string.h>

struct breach_text {
    char name[NAME_LEN], device[NAME_LEN]; /* "": the park */
    wall_t at;
    double for_s, value, limit;
};

static void watch_snap(struct judge_watch *w, struct snap *s)
{
    SNAP_TAIL(s, w, on);
}

static void battery_snap(struct judge_battery *b, struct snap *s)
{
    watch_snap(&b->low, s);
    watch_snap(&b->high, s);
    SNAP_TAIL(s, b, direction);
}

static void breach_snap(const struct judge *j, struct judge_breach *b, struct snap *s)
{
    struct breach_text t;
    memset(&t, 0, sizeof t);
    if (b->name) {
        (void)snprintf(t.name, sizeof t.name, "%s", b->name);
        (void)snprintf(t.device, sizeof t.device, "%s", b->device ? b->device : "");
        t.at = b->at;
        t.for_s = b->for_s;
        t.value = b->value;
        t.limit = b->limit;
    }
    SNAP(s, t);
    if (s->way != SNAP_LOAD) {
        return;
    }
    int device = park_device(j->park, t.device);
    *b = (struct judge_breach){judge_breach_name(t.name),
                               device >= 0 ? j->park->device[device].name : NULL,
                               t.at,
                               t.for_s,
                               t.value,
                               t.limit};
}

void judge_snap(struct judge *j, struct snap *s)
{
    must(!j->wire); /* only studies have one, and they are not saved */
    SNAP_RANGE(s, j, started, import);
    watch_snap(&j->import, s);
    watch_snap(&j->export, s);
    SNAP_RANGE(s, j, relay_trips, batteries);
    for (int i = 0; i < j->batteries; i++) {
        battery_snap(&j->battery[i], s);
    }
    SNAP_RANGE(s, j, breaches, breach);
    for (int i = 0; i < JUDGE_BREACHES_MAX; i++) {
        breach_snap(j, &j->breach[i], s);
    }
    SNAP(s, j->firings);
    SNAP(s, j->firing);
    snap_bytes(s, j->fired, (size_t)j->park->devices * sizeof *j->fired);
    snap_bytes(s, j->order, (size_t)j->park->orders * sizeof *j->order);
    SNAP(s, j->next_midnight);
    SNAP(s, j->hash);
}
