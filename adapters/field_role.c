/* The field role: reads the park and its profiles, then carries readings to the park and
 * setpoints to the devices until it is told to stop; then it reverts every setpoint that is
 * lent. Owns the message link, the loop and the fieldbus. */
#include "adapters/field_role.h"
#include "adapters/field.h"
#include "controller/base/lock_role.h"
#include "controller/base/log.h"
#include "controller/base/proc.h"
#include <stdio.h>
#include <string.h>

enum {
    ARENA_MAX = 512 << 20,
    OUT_MAX = 8 << 20,
    LINKS_S = 5,
    STOP_REAL_MS = 2500, /* before the supervisor loses patience */
    SOURCES_FIRST_MS =
        1200, /* until the loads follow; an inverter ramps down in about a second */
    STOP_CHECK_REAL_MS = 10
};

struct field_role {
    struct proc_role proc;
    struct arena arena;
    struct loop *loop;
    struct park *park;
    struct fieldbus bus;
    struct msg_link *link;
    struct lock_role lock;
    struct lock_wire wire;
    struct loop_timer *links, *stop, *rest, *stop_check;
    uint64_t lost; /* messages that did not fit */
};

static void say(struct field_role *r, uint16_t type, const void *data, size_t len)
{
    enum err e = msg_send(r->link, msg_to(ROLE_PARK, type, 0, len), data);
    if (e != ERR_OK && r->lost++ % 1000 == 0) {
        log_line(LOG_WARN, "message_lost", "type=%u lost=%llu", type,
                 (unsigned long long)r->lost);
    }
}

static void on_readings(void *arg, const struct msg_reading *row, int n)
{
    say(arg, MSG_READINGS, row, sizeof(*row) * (size_t)n);
}

static void on_wrote(void *arg, const struct msg_write_result *row)
{
    say(arg, MSG_WRITES, row, sizeof(*row));
}

static void on_link(void *arg, const struct msg_link_state *row)
{
    say(arg, MSG_LINKS, row, sizeof(*row));
}

static const struct field_hooks hooks = {on_readings, on_wrote, on_link};

/* All devices' links, and how well this role keeps time. */
static void on_links(void *arg)
{
    struct field_role *r = arg;
    struct msg_link_state row[DEVICES_MAX];
    int64_t call_us = 0;
    for (int d = 0; d < r->park->devices; d++) {
        row[d] = field_link(&r->bus, d);
    }
    for (int i = 0; i < r->park->devices; i += MSG_ROWS_MAX) {
        int left = r->park->devices - i;
        int n = left < MSG_ROWS_MAX ? left : MSG_ROWS_MAX;
        say(r, MSG_LINKS, &row[i], sizeof(row[0]) * (size_t)n);
    }
    for (int i = 0; i < r->bus.lines; i++) {
        struct link *k = &r->bus.line[i].link;
        call_us = k->call_us_max > call_us ? k->call_us_max : call_us;
        k->call_us_max = 0;
    }
    log_line(LOG_DEBUG, "field", "loop_lag_us=%lld call_us=%lld missed=%llu",
             (long long)loop_lag_us(r->loop), (long long)call_us,
             (unsigned long long)loop_missed(r->loop));
}

/* ---- Ending ---- */

static void on_stopped(void *arg)
{
    struct field_role *r = arg;
    loop_stop(r->loop);
}

static void on_stop_check(void *arg)
{
    struct field_role *r = arg;
    if (field_settled(&r->bus)) {
        log_line(LOG_INFO, "reverted", "all=1");
        loop_stop(r->loop);
    }
}

static void on_rest(void *arg)
{
    struct field_role *r = arg;
    field_give_up(&r->bus, false);
    loop_timer_every(r->stop_check, link_real_ms(r->loop, STOP_CHECK_REAL_MS));
}

static void stop(struct field_role *r)
{
    field_give_up(&r->bus, true);
    loop_timer_after(r->stop, link_real_ms(r->loop, STOP_REAL_MS));
    loop_timer_after(r->rest, MONO_MS(SOURCES_FIRST_MS));
}

static void on_message(struct msg_link *k, const struct msg_head *head, const void *payload,
                       void *arg)
{
    struct field_role *r = arg;
    (void)k;
    if (head->type == PROC_MSG_STOP) {
        stop(r);
    } else if (head->type == MSG_SETPOINTS) {
        field_set(&r->bus, payload, (int)(head->len / sizeof(struct msg_setpoint)));
    }
}

static void on_gone(struct msg_link *k, void *arg)
{
    struct field_role *r = arg;
    (void)k;
    /* the supervisor is dead, nobody will renew anything */
    log_line(LOG_ERROR, "supervisor_gone", "%s", "");
    stop(r);
}

/* ---- Starting ---- */

/* `--devices DIR`, else etc/devices for etc/parks/x.yaml. */
static enum err devices_dir(const struct proc_role *p, char *out, size_t cap)
{
    for (int i = 0; i + 1 < p->argc; i++) {
        if (strcmp(p->argv[i], "--devices") == 0) {
            return snprintf(out, cap, "%s", p->argv[i + 1]) < (int)cap ? ERR_OK : ERR_RANGE;
        }
    }
    const char *slash = strrchr(p->park_file, '/');
    int folder = slash == NULL ? 1 : (int)(slash - p->park_file);
    const char *from = slash == NULL ? "." : p->park_file;
    return snprintf(out, cap, "%.*s/../devices", folder, from) < (int)cap ? ERR_OK : ERR_RANGE;
}

static enum err load(struct field_role *r, const struct profile ***profile)
{
    static const char file[] = "park";
    struct doc_errors *errors = arena_take(&r->arena, 1, sizeof(*errors));
    char dir[PATH_LEN + 16];
    if (errors == NULL) {
        return ERR_NOMEM;
    }
    enum err e = park_load(&r->arena, r->proc.park_file, &r->park, errors);
    e = e == ERR_OK ? devices_dir(&r->proc, dir, sizeof(dir)) : e;
    e = e == ERR_OK ? profile_load_park(&r->arena, r->park, dir, profile, errors) : e;
    for (int i = 0; i < errors->count && i < DOC_ERRORS_MAX; i++) {
        log_line(LOG_ERROR, file, "text=\"%s\"", errors->text[i]);
    }
    return e;
}

static enum err open_all(struct field_role *r)
{
    const struct profile **profile;
    enum err e = load(r, &profile);
    e = e == ERR_OK ? loop_open(&r->loop, &r->proc.clock) : e;
    e = e == ERR_OK ? loop_timer_open(r->loop, on_links, r, &r->links) : e;
    e = e == ERR_OK ? loop_timer_open(r->loop, on_stopped, r, &r->stop) : e;
    e = e == ERR_OK ? loop_timer_open(r->loop, on_rest, r, &r->rest) : e;
    e = e == ERR_OK ? loop_timer_open(r->loop, on_stop_check, r, &r->stop_check) : e;
    struct msg_spec link = {.self = ROLE_FIELD,
                            .out_max = OUT_MAX,
                            .arena = &r->arena,
                            .in_max = MSG_LEN_MAX,
                            .on_msg = on_message,
                            .on_gone = on_gone,
                            .arg = r};
    e = e == ERR_OK ? msg_open(r->loop, r->proc.fd, &link, &r->link) : e;
    if (e != ERR_OK) {
        return e;
    }
    struct field_setup setup = {r->loop, r->park, profile, &hooks, r};
    r->wire = (struct lock_wire){field_awaited, field_notice, &r->bus};
    e = field_open(&r->bus, &r->arena, &setup);
    return e == ERR_OK ? lock_role_open(&r->lock, &r->proc, r->loop, r->link, &r->wire) : e;
}

int field_role_main(int argc, char **argv)
{
    struct field_role r = {.lost = 0};
    if (proc_role_init(&r.proc, argc, argv) != ERR_OK) {
        return 2;
    }
    arena_init(&r.arena, (size_t)ARENA_MAX);
    enum err e = open_all(&r);
    if (e == ERR_OK) {
        log_line(LOG_INFO, "field_ready", "devices=%d lines=%d arena_bytes=%zu",
                 r.park->devices, r.bus.lines, r.arena.used);
        field_start(&r.bus);
        loop_timer_every(r.links, MONO_S(LINKS_S));
        loop_run(r.loop);
    } else {
        log_line(LOG_ERROR, "field_failed", "error=%s", err_name(e));
    }
    field_close(&r.bus);
    lock_role_close(&r.lock);
    if (r.link != NULL) {
        msg_close(r.link);
    }
    loop_close(r.loop);
    arena_fini(&r.arena);
    return e == ERR_OK ? 0 : 3;
}
