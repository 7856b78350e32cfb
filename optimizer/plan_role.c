/* The plan role's loop: receive, solve behind the guard, answer with the question's number.
 * Owns its two message buffers, taken at start. */
#include "optimizer/plan_role.h"
#include "controller/base/arena.h"
#include "controller/base/log.h"
#include "controller/base/proc.h"
#include "optimizer/guard.h"
#include "optimizer/problem_json.h"
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

enum { NICE = 10 };

/* One answer frame: plan_result, then the plan. */
struct answer {
    struct plan_result result;
    struct plan plan;
};

static enum err refuse(struct plan_result *r, enum err e, const char *why)
{
    if (!r->why[0]) {
        snprintf(r->why, sizeof r->why, "%s", why);
    }
    r->err = (uint32_t)e;
    return e;
}

/* Checks the frame's parts before anything in them is used. */
static enum err unpack(const void *payload, size_t len, const struct problem **p,
                       const struct plan **previous)
{
    const struct plan_request *q = payload;
    if (len < sizeof *q || q->problem_bytes > len || q->previous_bytes > len ||
        q->problem_bytes % 8 || q->policy >= PLAN_POLICY_COUNT || !isfinite(q->seconds) ||
        !isfinite(q->work) || !(q->gap_pu >= 0 && q->gap_pu <= 1) ||
        len != sizeof *q + q->problem_bytes + q->previous_bytes) {
        return ERR_PROTOCOL;
    }
    const char *at = (const char *)payload + sizeof *q;
    *p = (const void *)at;
    enum err e = problem_received(*p, q->problem_bytes);
    if (e != ERR_OK || !q->has_previous) {
        return e;
    }
    const struct plan *old = (const void *)(at + q->problem_bytes);
    /* A previous plan of another version or shape is not worth an error. */
    *previous = plan_received(old, q->previous_bytes) == ERR_OK ? old : NULL;
    return ERR_OK;
}

void plan_role_answer(const void *payload, size_t len, struct plan_result *result,
                      struct plan *out)
{
    const struct plan_request *q = payload;
    const struct problem *p = NULL;
    const struct plan *previous = NULL;
    struct problem_fault fault = {""};
    enum guard_end end = GUARD_DONE;
    memset(result, 0, sizeof *result);
    enum err e = unpack(payload, len, &p, &previous);
    if (e != ERR_OK) {
        refuse(result, e, "malformed question");
        return;
    }
    struct solve_limits limits = {.seconds = q->seconds,
                                  .work = q->work,
                                  .gap_pu = q->gap_pu,
                                  .policy = (enum plan_policy)q->policy};
    e = guard_solve(&(struct guard_question){p, previous, &limits}, out, &fault, &end);
    if (e != ERR_OK) {
        snprintf(result->why, sizeof result->why, "%s", fault.text);
        refuse(result, e, err_text(e));
        return;
    }
    result->plan_bytes = (uint32_t)plan_bytes(out);
    if (end == GUARD_KILLED || end == GUARD_DIED) {
        log_line(LOG_WARN, "solver_lost", "how=%s", end == GUARD_KILLED ? "deadline" : "died");
    }
}

bool plan_role_keep(const char *state_dir, const void *payload)
{
    const struct problem *p =
        (const void *)((const char *)payload + sizeof(struct plan_request));
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/refused_question.json", state_dir);
    bool kept = n > 0 && n < (int)sizeof path && problem_json_save(p, path) == ERR_OK;
    log_line(LOG_WARN, "question_refused", "file=%s kept=%d", path, kept);
    return kept;
}

/* In lock-step: all that came has been dealt with. */
static enum err tell_idle(const struct proc_role *role, uint64_t taken)
{
    struct proc_idle idle = {.until = {INT64_MAX}, .taken = taken};
    struct msg_head head =
        msg_from(ROLE_PLAN, msg_to(ROLE_SUPERVISOR, PROC_MSG_IDLE, 0, sizeof idle));
    return role->clock.granted ? msg_send_blocking(role->fd, head, &idle) : ERR_OK;
}

static enum err answer_to(const struct proc_role *role, const struct msg_head *asked,
                          const void *in, struct answer *out)
{
    plan_role_answer(in, asked->len, &out->result, &out->plan);
    if (out->result.err == ERR_INFEASIBLE) {
        (void)plan_role_keep(role->state_dir, in);
    }
    size_t n = offsetof(struct answer, plan) + out->result.plan_bytes;
    struct msg_head head =
        msg_from(ROLE_PLAN, msg_to((enum role)asked->from, PLAN_MSG_RESULT, asked->seq, n));
    return msg_send_blocking(role->fd, head, out);
}

int plan_role_main(int argc, char **argv)
{
    struct proc_role role;
    struct arena arena;
    if (proc_role_init(&role, argc, argv) != ERR_OK) {
        return 2;
    }
    /* Solving never delays those who steer. */
    (void)setpriority(PRIO_PROCESS, 0, NICE);
    arena_init(&arena, MSG_LEN_MAX + sizeof(struct answer) + 4096);
    void *in = arena_take(&arena, 1, MSG_LEN_MAX);
    struct answer *out = arena_take(&arena, 1, sizeof *out);
    if (!in || !out) {
        arena_fini(&arena);
        return 3;
    }
    enum err e = tell_idle(&role, 0);
    for (uint64_t taken = 1; e == ERR_OK; taken++) {
        struct msg_head head;
        e = msg_recv_blocking(role.fd, &head, in, MSG_LEN_MAX);
        if (e != ERR_OK || head.type == PROC_MSG_STOP) {
            break;
        }
        if (head.type == PLAN_MSG_SOLVE) {
            e = answer_to(&role, &head, in, out);
        }
        e = e == ERR_OK ? tell_idle(&role, taken) : e;
    }
    arena_fini(&arena);
    return e == ERR_OK || e == ERR_CLOSED ? 0 : 3;
}
