/* Internal to the park role: the core's host with its queues towards store, web and plan. */
#ifndef KILNWATT_DISPATCH_PARK_HOST_H
#define KILNWATT_DISPATCH_PARK_HOST_H

#include "controller/base/lock_role.h"
#include "controller/dispatch/ledger.h"
#include "controller/dispatch/manual.h"
#include "optimizer/plan_msg.h"

enum {
    HOST_FRAME_MAX = 3 * 1024 * 1024,
    HOST_WAITING_MAX = 16,
    HOST_RESTORE_REAL_US = 1500000 /* the store has this long to hand back the states */
};

/* A DR trigger that waits until its event is durable. */
struct host_waiting {
    uint32_t web_seq, store_seq; /* store_seq 0 = free */
    char id[MSG_NAME];
    int64_t since_us;
};

struct host {
    struct arena arena;
    struct loop *loop;
    struct msg_link *link;
    struct lock_role lock;
    const struct park *park;
    struct ledger ledger;
    struct core *core;
    struct problem *problem;
    struct msg_manual *manual; /* [park->devices], scratch */
    unsigned char *frame;
    double speed;
    uint64_t fast;
    bool links_changed;
    bool web_new; /* a new web role knows nothing yet */
    bool load_begun, load_done;
    int64_t load_asked;
    uint32_t seq;
    uint32_t plan_seq;     /* question under way, 0 = none */
    int64_t plan_asked_us; /* real */
    double plan_budget_s;  /* real */
    mono_t plan_next;
    wall_t plan_wall;
    uint32_t plan_pid; /* of the plan role as last told */
    struct host_waiting waiting[HOST_WAITING_MAX];
    struct proc_state proc;
    uint64_t store_dropped;
};

wall_t host_wall(const struct host *h);
/* Time stands while anybody works: no deadline by the machine's clock. */
static inline bool host_lockstep(const struct host *h)
{
    return loop_clock(h->loop)->granted;
}
/* Sends, or counts what was dropped. */
bool host_send(struct host *h, struct msg_head head, const void *data);
/* What is done once a second beside the core: status, image, samples, states, plans, deadlines.
 */
void host_second(struct host *h);
void host_from_store(struct host *h, const struct msg_head *head, const void *payload);
void host_command(struct host *h, uint32_t seq, const struct msg_command *m);
void host_plan_result(struct host *h, const struct msg_head *head, const void *payload);
void host_write_result(struct host *h, const struct msg_write_result *w);
void host_proc_state(struct host *h, const struct proc_state *s);
/* Asks for a plan when one is due, gives up on one that is late (host_plan.c). */
void host_plan_second(struct host *h);
/* Writes a state under a key; returns the seq of the acknowledgement, 0 if it could not be
 * sent. */
uint32_t host_keep(struct host *h, const char *key, const void *data, size_t len);

#endif
