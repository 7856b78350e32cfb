/* The park role: joins the core to field, plan, store and web. Decides, owns no device.
 * Everything is allocated at boot; afterwards only messages move. */
#include "controller/dispatch/park_role.h"
#include "controller/base/civil.h"
#include "controller/base/log.h"
#include "controller/base/proc.h"
#include "controller/dispatch/park_host.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAST_MS = 200, SETPOINTS_MAX = 512 };

static void speak(struct host *h)
{
    struct msg_setpoint out[SETPOINTS_MAX];
    int n = core_tick(h->core, loop_now(h->loop), host_wall(h), out, SETPOINTS_MAX);
    if (n > 0) {
        host_send(h, msg_to(ROLE_FIELD, MSG_SETPOINTS, 0, (size_t)n * sizeof out[0]), out);
    }
}

static void on_fast(void *arg)
{
    struct host *h = arg;
    speak(h);
    h->fast++;
    if (h->fast % 5 == 0) {
        host_second(h);
    }
}

static void on_readings(struct host *h, const struct msg_head *head, const void *payload)
{
    const struct msg_reading *r = payload;
    size_t n = head->len / sizeof *r;
    for (size_t i = 0; i < n; i++) {
        core_reading(h->core, &r[i]);
    }
}

static void on_message(struct msg_link *k, const struct msg_head *head, const void *payload,
                       void *arg)
{
    struct host *h = arg;
    (void)k;
    switch (head->type) {
    case PROC_MSG_STOP:
        loop_stop(h->loop);
        break;
    case MSG_READINGS:
        on_readings(h, head, payload);
        break;
    case MSG_LINKS: {
        const struct msg_link_state *l = payload;
        for (size_t i = 0; i < head->len / sizeof *l; i++) {
            core_link(h->core, &l[i]);
        }
        h->links_changed = true;
        break;
    }
    case MSG_WRITES: {
        const struct msg_write_result *w = payload;
        for (size_t i = 0; i < head->len / sizeof *w; i++) {
            host_write_result(h, &w[i]);
        }
        break;
    }
    case MSG_STORED:
    case MSG_STATE:
    case MSG_STATE_END:
        host_from_store(h, head, payload);
        break;
    case MSG_COMMAND:
        if (head->len == sizeof(struct msg_command)) {
            host_command(h, head->seq, payload);
        }
        break;
    case PLAN_MSG_RESULT:
        host_plan_result(h, head, payload);
        break;
    case PROC_MSG_STATE:
        host_proc_state(h, payload);
        break;
    default:
        break;
    }
}

static void on_gone(struct msg_link *k, void *arg)
{
    struct host *h = arg;
    (void)k;
    loop_stop(h->loop);
}

static void parse_extra(struct host *h, int argc, char **argv)
{
    for (int i = 0; i + 1 < argc; i++) {
        if (strcmp(argv[i], "--policy") == 0) {
            h->core->policy = strcmp(argv[i + 1], "rule") == 0 ? POLICY_RULE : POLICY_PLAN;
        }
    }
}

static enum err boot(struct host *h, struct proc_role *role, struct doc_errors *errors)
{
    struct tariff *tariff = NULL;
    struct park *park = NULL;
    enum err rc = park_load(&h->arena, role->park_file, &park, errors);
    if (rc != ERR_OK) {
        return rc;
    }
    h->park = park;
    rc = civil_zone_set(park->zone);
    rc = rc == ERR_OK ? tariff_load(&h->arena, park->tariff, &tariff, errors) : rc;
    h->core = arena_take(&h->arena, 1, sizeof *h->core);
    h->problem = arena_take(&h->arena, 1, sizeof *h->problem);
    h->manual = arena_take(&h->arena, (size_t)h->park->devices, sizeof *h->manual);
    h->frame = arena_take(&h->arena, 1, HOST_FRAME_MAX);
    if (h->core == NULL || h->problem == NULL || h->manual == NULL || h->frame == NULL) {
        return ERR_NOMEM;
    }
    rc = rc == ERR_OK ? loop_open(&h->loop, &role->clock) : rc;
    if (rc == ERR_OK) {
        ledger_init(&h->ledger, tariff, host_wall(h));
        rc = core_init(h->core, &h->arena, park, &h->ledger.prices, NULL);
    }
    struct msg_spec link = {.self = ROLE_PARK,
                            .out_max = 8u << 20,
                            .arena = &h->arena,
                            .in_max = MSG_LEN_MAX,
                            .on_msg = on_message,
                            .on_gone = on_gone,
                            .arg = h};
    rc = rc == ERR_OK ? msg_open(h->loop, role->fd, &link, &h->link) : rc;
    return rc == ERR_OK ? lock_role_open(&h->lock, role, h->loop, h->link, NULL) : rc;
}

int park_role_main(int argc, char **argv)
{
    struct proc_role role;
    static const size_t arena_max = 64u << 20;
    struct doc_errors errors = {0};
    struct loop_timer *fast = NULL;
    struct host h = {0};
    if (proc_role_init(&role, argc, argv) != ERR_OK) {
        return 2;
    }
    arena_init(&h.arena, arena_max);
    enum err rc = boot(&h, &role, &errors);
    for (int i = 0; i < errors.count && i < DOC_ERRORS_MAX; i++) {
        fprintf(stderr, "%s\n", errors.text[i]);
    }
    rc = rc == ERR_OK ? loop_timer_open(h.loop, on_fast, &h, &fast) : rc;
    if (rc != ERR_OK) {
        log_line(LOG_ERROR, "boot_failed", "reason=\"%s\"", err_text(rc));
        return 3;
    }
    parse_extra(&h, role.argc, role.argv);
    h.speed = role.clock.speed;
    host_send(&h, msg_to(ROLE_STORE, MSG_STATE_LOAD, 0, 0), NULL);
    h.load_asked = clock_real_us();
    loop_timer_every(fast, MONO_MS(FAST_MS));
    log_line(LOG_INFO, "started", "devices=%d points=%d", h.park->devices, h.park->points);
    loop_run(h.loop);
    lock_role_close(&h.lock);
    msg_close(h.link);
    loop_close(h.loop);
    arena_fini(&h.arena);
    return 0;
}
