/* Alarms of a scenario: those expected come in time and go in time, and no other alarm comes.
 * The one thing that is taken from the controller: what the operator was told. Runs in
 * scenarios. */
#include "sim/scenario_own.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool covers(const struct scenario_alarm *a, const char *id, double t_s)
{
    return strcmp(a->id, id) == 0 && t_s >= a->from_s && (isinf(a->over_s) || t_s <= a->over_s);
}

static bool expected(const struct scenario *s, const char *id, double t_s)
{
    bool any = s->campaign.node != NULL;
    for (int i = 0; i < s->alarms; i++) {
        any = any || covers(&s->alarm[i], id, t_s);
    }
    return any;
}

static void strange(struct scenario_run *r, const char *id, double t_s)
{
    for (int i = 0; i < r->stranges; i++) {
        if (strcmp(r->strange[i], id) == 0) {
            return;
        }
    }
    if (r->stranges < SCENARIO_STRANGE_MAX) {
        (void)snprintf(r->strange[r->stranges], SCENARIO_ALARM_ID, "%s", id);
        r->strange_s[r->stranges++] = t_s;
    }
}

void scenario_alarms(struct scenario_run *r, double t_s)
{
    struct scenario *s = r->s;
    bool stands[SCENARIO_ROWS_MAX] = {false};
    const struct alarms *all = &r->view->core->alarms;
    for (int i = 0; i < all->n; i++) {
        const struct msg_alarm *m = &all->alarm[i];
        char id[SCENARIO_ALARM_ID];
        (void)snprintf(id, sizeof id, "%s/%s", m->source, m->what);
        if (m->severity == SEVERITY_INFO) {
            continue; /* over, waits to be acknowledged */
        }
        for (int k = 0; k < s->alarms; k++) {
            stands[k] = stands[k] || (t_s >= s->alarm[k].from_s && !strcmp(s->alarm[k].id, id));
        }
        if (m->severity == SEVERITY_ALARM && !expected(s, id, t_s)) {
            strange(r, id, t_s);
        }
    }
    for (int k = 0; k < s->alarms; k++) {
        struct scenario_alarm *a = &s->alarm[k];
        a->raised_s = stands[k] && isnan(a->raised_s) ? t_s : a->raised_s;
        bool over = !stands[k] && !isnan(a->raised_s);
        a->cleared_s = stands[k] ? NAN : over && isnan(a->cleared_s) ? t_s : a->cleared_s;
    }
}

void scenario_alarms_end(struct scenario_run *r)
{
    for (int k = 0; k < r->s->alarms; k++) {
        const struct scenario_alarm *a = &r->s->alarm[k];
        bool in_time = a->raised_s <= a->from_s + a->within_s;
        bool over = isinf(a->over_s) || a->cleared_s <= a->over_s;
        struct scenario_verdict v = {.kind = "alarm",
                                     .text = a->id,
                                     .node = a->node,
                                     .ok = in_time && over,
                                     .at_s = a->raised_s,
                                     .value = NAN};
        scenario_say(r, &v, "%s",
                     isnan(a->raised_s) ? "was never raised"
                     : !in_time         ? "came too late"
                     : !over            ? "was not over in time"
                                        : "");
    }
    for (int i = 0; i < r->stranges; i++) {
        struct scenario_verdict v = {
            .kind = "alarm", .text = r->strange[i], .at_s = r->strange_s[i], .value = NAN};
        scenario_say(r, &v, "nobody expected it; a row under `alarms` would be right");
    }
}
