/* What a scenario does to the park at its moments: faults, orders of people, calls of demand
 * response. Runs in scenarios. */
#include "sim/judge_wire.h"
#include "sim/scenario_own.h"
#include <math.h>
#include <stdio.h>

static const char who[] = "scenario"; /* in the journal */

static bool due(double at_s, double t_s)
{
    return t_s >= at_s - 1e-6;
}

static void event(struct scenario_run *r, int i, double t_s)
{
    const struct scenario_event *e = &r->s->event[i];
    const char *why = "there is nothing to clear";
    if (r->event_next[i] == 0 && due(e->at_s, t_s)) {
        r->event_next[i] = e->fault[0] && isfinite(e->for_s) ? 1 : 2;
        int n = e->fault[0] ? scenario_inject(r, e, &why) : scenario_clear(r, e);
        if (n == 0) {
            r->event_next[i] = 2;
            scenario_fail(r,
                          (struct scenario_verdict){.kind = "event",
                                                    .text = e->fault[0] ? e->fault : "clear",
                                                    .node = e->node,
                                                    .at_s = t_s},
                          why);
        }
    } else if (r->event_next[i] == 1 && due(e->at_s + e->for_s, t_s)) {
        r->event_next[i] = 2;
        (void)scenario_clear(r, e); /* a trip may have ended by itself */
    }
}

static void command(struct scenario_run *r, int i, double t_s)
{
    const struct scenario_command *c = &r->s->command[i];
    struct msg_command m = {.type = c->point >= 0 ? COMMAND_SET : COMMAND_AUTO,
                            .point = (uint32_t)c->point,
                            .device = (uint32_t)c->device,
                            .value = c->value,
                            .for_s = c->for_s};
    char why[MSG_TEXT] = "";
    if (r->command_done[i] || !due(c->at_s, t_s)) {
        return;
    }
    r->command_done[i] = true;
    (void)snprintf(m.actor, sizeof m.actor, "%s", who);
    wall_t wall = world_wall(r->view->set->world);
    if (core_command(r->view->core, &m, wall, why) != ERR_OK) {
        scenario_fail(r,
                      (struct scenario_verdict){
                          .kind = "command", .text = "set", .node = c->node, .at_s = t_s},
                      why);
        return;
    }
    for (int p = 0; c->point < 0 && p < r->view->set->park->points; p++) {
        if (r->view->set->park->point_device[p] == c->device) {
            judge_hand(&r->view->set->judge, p, NAN);
        }
    }
    if (c->point >= 0) {
        judge_hand(&r->view->set->judge, c->point, c->value);
    }
}

/* The person's time is over. */
static void command_over(const struct scenario_run *r, int i, double t_s)
{
    const struct scenario_command *c = &r->s->command[i];
    if (c->point >= 0 && c->for_s > 0 && fabs(t_s - c->at_s - c->for_s) < 0.5) {
        judge_hand(&r->view->set->judge, c->point, NAN);
    }
}

static void call(struct scenario_run *r, int i, double t_s)
{
    const struct scenario_dr *c = &r->s->call[i];
    struct msg_dr_event ask = {.direction = (uint32_t)c->direction, .kw = c->kw}, *made = NULL;
    char why[MSG_TEXT] = "";
    if (r->call_done[i] || !due(c->at_s, t_s)) {
        return;
    }
    r->call_done[i] = true;
    (void)snprintf(ask.id, sizeof ask.id, "%s", c->id);
    (void)snprintf(ask.actor, sizeof ask.actor, "%s", who);
    ask.start = wall_add_s(r->s->span.start, c->start_s);
    ask.end = wall_add_s(r->s->span.start, c->start_s + c->for_s);
    wall_t wall = world_wall(r->view->set->world);
    if (core_dr_trigger(r->view->core, &ask, wall, &made, why) != ERR_OK) {
        scenario_fail(r,
                      (struct scenario_verdict){
                          .kind = "dr", .text = c->id, .node = c->node, .at_s = t_s},
                      why);
        return;
    }
    dr_committed(&r->view->core->dr, made->id); /* there is no store to wait for */
}

/* The referee learns what was asked for when it begins: a shave is counted from the mean of the
 * quarter of an hour before, as the meter has it. control.md: 5 % of the depth, within a
 * minute.
 */
static void call_begins(const struct scenario_run *r, int i, double t_s)
{
    const struct scenario_dr *c = &r->s->call[i];
    struct judge *j = &r->view->set->judge;
    double mean = truth_mean_kw(j);
    struct judge_cap cap = {.start = wall_add_s(r->s->span.start, c->start_s),
                            .end = wall_add_s(r->s->span.start, c->start_s + c->for_s),
                            .kw = c->direction == DR_LIMIT ? c->kw : mean - c->kw,
                            .grace_s = 60};
    if (fabs(t_s - c->start_s) < 0.5) {
        cap.slack_kw = 0.05 * fmax(mean - cap.kw, 0);
        must(judge_ask_cap(j, &cap) == ERR_OK || r->s->calls > JUDGE_CAPS_MAX);
    }
}

void scenario_acts(struct scenario_run *r, double t_s)
{
    for (int i = 0; i < r->s->events; i++) {
        event(r, i, t_s);
    }
    for (int i = 0; i < r->s->commands; i++) {
        command(r, i, t_s);
        command_over(r, i, t_s);
    }
    for (int i = 0; i < r->s->calls; i++) {
        call(r, i, t_s);
        call_begins(r, i, t_s);
    }
}
