/* Questions to the planner: when, with which budget, and what to do with the answer or without
 * one. */
#include "controller/dispatch/park_host.h"
#include <math.h>
#include <string.h>

/* WORK_LOCKSTEP: what a solve may cost where it is to be repeated to the bit, in the solver's
 * units (solve.h) */
enum { WORK_LOCKSTEP = 20000 };

/* Real seconds for a solve: two minutes of park time, 3.5 s at least, 15 s at most. */
static double budget_s(const struct host *h)
{
    return fmin(fmax(120 / h->speed, 3.5), 15);
}

static void ask(struct host *h)
{
    struct plan_request *q = (void *)h->frame;
    memset(q, 0, sizeof *q);
    enum err rc = core_question(h->core, REPLAN_HORIZON_H, h->problem);
    if (rc != ERR_OK) {
        core_plan_failed(h->core, err_text(rc));
        return;
    }
    q->seconds = host_lockstep(h) ? 0 : budget_s(h);
    q->work = host_lockstep(h) ? WORK_LOCKSTEP : 0;
    q->gap_pu = 0.002;
    q->policy = PLAN_POLICY_MILP;
    q->problem_bytes = problem_bytes(h->problem);
    unsigned char *at = h->frame + sizeof *q;
    size_t len = sizeof *q + q->problem_bytes;
    if (h->core->plan->steps > 0) {
        q->has_previous = 1;
        q->previous_bytes = plan_bytes(h->core->plan);
        len += q->previous_bytes;
    }
    if (len > HOST_FRAME_MAX) {
        core_plan_failed(h->core, "question too large");
        return;
    }
    memcpy(at, h->problem, q->problem_bytes);
    memcpy(at + q->problem_bytes, h->core->plan, q->previous_bytes);
    h->plan_seq = ++h->seq;
    h->plan_asked_us = clock_real_us();
    h->plan_budget_s = q->seconds;
    h->plan_wall = h->core->wall;
    if (!host_send(h, msg_to(ROLE_PLAN, PLAN_MSG_SOLVE, h->plan_seq, len), h->frame)) {
        h->plan_seq = 0;
        core_plan_failed(h->core, "the plan role takes no question");
    }
}

static void give_up(struct host *h, const char *why)
{
    uint32_t role = ROLE_PLAN;
    h->plan_seq = 0;
    core_plan_failed(h->core, why);
    host_send(h, msg_to(ROLE_SUPERVISOR, PROC_MSG_KILL, 0, sizeof role), &role);
}

void host_plan_second(struct host *h)
{
    mono_t now = loop_now(h->loop);
    struct core *c = h->core;
    if (c->policy == POLICY_RULE || !c->restored) {
        return;
    }
    if (h->plan_seq != 0) {
        double late_s = (double)(clock_real_us() - h->plan_asked_us) / 1e6;
        if (!host_lockstep(h) && late_s > 1.2 * h->plan_budget_s + 0.5) {
            give_up(h, "no answer before the deadline");
        }
        return;
    }
    if (replan_due(c, now, &h->plan_next)) {
        ask(h);
    }
}

void host_plan_result(struct host *h, const struct msg_head *head, const void *payload)
{
    const struct plan_result *r = payload;
    const struct plan *pl = (const void *)(r + 1);
    if (head->seq != h->plan_seq || h->plan_seq == 0 || head->len < sizeof *r) {
        return;
    }
    h->plan_seq = 0;
    if (r->err != ERR_OK) {
        core_plan_failed(h->core, r->why);
        return;
    }
    if (plan_received(pl, head->len - sizeof *r) != ERR_OK) {
        core_plan_failed(h->core, "the answer is damaged");
        return;
    }
    core_plan(h->core, pl, loop_now(h->loop), h->plan_wall);
    core_event(h->core, SEVERITY_INFO, "plan", "plan",
               "origin=%s gap_pu=%.4f yuan=%.0f seconds=%.2f",
               plan_origin_name((enum plan_origin)pl->origin), pl->gap_pu, pl->objective_yuan,
               pl->seconds);
    host_send(h, msg_to(ROLE_WEB, MSG_PLAN_NOW, 0, plan_bytes(pl)), pl);
    host_send(h, msg_to(ROLE_STORE, MSG_PLAN_PUT, 0, plan_bytes(pl)), pl);
    (void)host_keep(h, "plan", pl, plan_bytes(pl));
}

void host_proc_state(struct host *h, const struct proc_state *s)
{
    bool replaced = h->plan_pid != 0 && s->role[ROLE_PLAN].pid != h->plan_pid;
    if (replaced && h->plan_seq != 0) {
        h->plan_seq = 0;
        core_plan_failed(h->core, "the plan role was restarted");
        h->plan_next = loop_now(h->loop);
    }
    if (s->role[ROLE_WEB].pid != h->proc.role[ROLE_WEB].pid) {
        h->web_new = true;
        h->links_changed = true;
        h->core->alarms.changed = true;
        if (h->core->plan->steps > 0) {
            host_send(h, msg_to(ROLE_WEB, MSG_PLAN_NOW, 0, plan_bytes(h->core->plan)),
                      h->core->plan);
        }
    }
    h->plan_pid = s->role[ROLE_PLAN].pid;
    h->proc = *s;
}
