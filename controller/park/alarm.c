/* A small table, searched linearly. */
#include "controller/park/alarm.h"
#include <stdio.h>
#include <string.h>

static int find(const struct alarms *a, const char *source, const char *what)
{
    for (int i = 0; i < a->n; i++) {
        if (strcmp(a->alarm[i].source, source) == 0 && strcmp(a->alarm[i].what, what) == 0) {
            return i;
        }
    }
    return -1;
}

static void remove_at(struct alarms *a, int i)
{
    memmove(&a->alarm[i], &a->alarm[i + 1], sizeof a->alarm[0] * (size_t)(a->n - i - 1));
    a->n--;
    a->changed = true;
}

static bool raise(struct alarms *a, const struct alarm_kind *kind)
{
    if (a->n >= ALARMS_MAX) {
        a->dropped++;
        return false;
    }
    struct msg_alarm *m = &a->alarm[a->n++];
    memset(m, 0, sizeof *m);
    m->severity = (uint32_t)kind->severity;
    snprintf(m->source, sizeof m->source, "%s", kind->source);
    snprintf(m->what, sizeof m->what, "%s", kind->what);
    return true;
}

bool alarm_set(struct alarms *a, bool on, const struct alarm_kind *kind, wall_t now)
{
    if (!on && a->n == 0) {
        return false;
    }
    int i = find(a, kind->source, kind->what);
    if (!on) {
        if (i < 0 || a->alarm[i].severity == SEVERITY_INFO) {
            return false;
        }
        if (a->alarm[i].acked != 0 || a->alarm[i].severity != SEVERITY_ALARM) {
            remove_at(a, i);
        } else {
            a->alarm[i].severity = SEVERITY_INFO;
            a->changed = true;
        }
        return true;
    }
    if (i >= 0 && a->alarm[i].severity == (uint32_t)kind->severity) {
        return false;
    }
    if (i < 0) {
        if (!raise(a, kind)) {
            return false;
        }
        i = a->n - 1;
    }
    a->alarm[i].severity = (uint32_t)kind->severity;
    a->alarm[i].since = now;
    a->alarm[i].acked = 0;
    snprintf(a->alarm[i].text, sizeof a->alarm[i].text, "%s", kind->text);
    a->changed = true;
    return true;
}

int alarm_ack(struct alarms *a, const char *id)
{
    int n = 0;
    for (int i = a->n - 1; i >= 0; i--) {
        char name[2 * MSG_NAME + 2];
        snprintf(name, sizeof name, "%s/%s", a->alarm[i].source, a->alarm[i].what);
        if ((id[0] != '\0' && strcmp(id, name) != 0) || a->alarm[i].acked != 0) {
            continue;
        }
        a->alarm[i].acked = 1;
        a->changed = true;
        n++;
        if (a->alarm[i].severity == SEVERITY_INFO) {
            remove_at(a, i);
        }
    }
    return n;
}
