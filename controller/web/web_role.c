/* The web role: joins the HTTP server, the view and the message link. Owns the token and the
 * calls that wait. If it dies, park does not notice. */
#include "controller/web/web_role.h"
#include "controller/base/civil.h"
#include "controller/base/log.h"
#include "controller/base/proc.h"
#include "controller/web/routes.h"
#include "controller/web/token.h"
#include "controller/web/web.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { OUT_MAX = 1024 * 1024, EXPIRE_MS = 250 };

static void on_stop(struct web *w, const struct msg_head *head, const void *payload)
{
    (void)head;
    (void)payload;
    loop_stop(w->loop);
}

static void on_message(struct msg_link *k, const struct msg_head *head, const void *payload,
                       void *arg)
{
    static const struct {
        uint16_t type;
        void (*take)(struct web *w, const struct msg_head *head, const void *payload);
    } table[] = {
        {PROC_MSG_STOP,    on_stop        },
        {MSG_COMMAND_DONE, on_command_done},
        {MSG_HISTORY,      on_history     },
        {MSG_EVENTS,       on_events      },
    };
    struct web *w = arg;
    (void)k;
    if (view_take(&w->view, head->type, payload, head->len)) {
        if (head->type == MSG_IMAGE) {
            stream_tell(w);
        }
        return;
    }
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].type == head->type) {
            table[i].take(w, head, payload);
            return;
        }
    }
}

static void on_gone(struct msg_link *k, void *arg)
{
    struct web *w = arg;
    (void)k;
    loop_stop(w->loop);
}

static void on_expire(void *arg)
{
    pending_expire(arg);
}

/* There is no TLS in this version, so that nobody but this machine may listen in. */
static bool is_loopback(const char *host)
{
    struct in_addr at;
    return inet_pton(AF_INET, host, &at) == 1 && (ntohl(at.s_addr) >> 24) == 127;
}

static enum err listen_on(struct web *w)
{
    const struct park *p = w->park;
    if (!is_loopback(p->listen_host)) {
        log_line(
            LOG_ERROR, "listen_refused",
            "address=%s reason=\"not a loopback address, and this version has no TLS; give "
            "web: listen: 127.0.0.1:%d and put a TLS proxy in front\"",
            p->listen_host, p->listen_port);
        return ERR_DENIED;
    }
    struct http_at at = {p->listen_host, p->listen_port};
    enum err rc = http_open(w->loop, at, routes_handle, w, &w->http);
    if (rc != ERR_OK) {
        log_line(LOG_ERROR, "listen_failed", "address=%s:%d reason=\"%s\"", p->listen_host,
                 p->listen_port, rc == ERR_IO ? strerrordesc_np(errno) : err_text(rc));
    }
    return rc;
}

static enum err boot(struct web *w, struct proc_role *role, struct doc_errors *errors)
{
    enum err rc = park_load(&w->arena, role->park_file, &w->park, errors);
    rc = rc == ERR_OK ? civil_zone_set(w->park->zone) : rc;
    rc = rc == ERR_OK ? tariff_load(&w->arena, w->park->tariff, &w->tariff, errors) : rc;
    rc = rc == ERR_OK ? token_load(role->state_dir, w->token, sizeof w->token) : rc;
    rc = rc == ERR_OK ? view_init(&w->view, &w->arena, w->park, w->tariff, &role->clock) : rc;
    if (rc != ERR_OK) {
        return rc;
    }
    w->sent = arena_take(&w->arena, (size_t)w->park->points, sizeof *w->sent);
    if (w->sent == NULL) {
        return ERR_NOMEM;
    }
    rc = loop_open(&w->loop, &role->clock);
    rc = rc == ERR_OK ? listen_on(w) : rc;
    struct msg_spec link = {.self = ROLE_WEB,
                            .out_max = OUT_MAX,
                            .arena = &w->arena,
                            .in_max = MSG_LEN_MAX,
                            .on_msg = on_message,
                            .on_gone = on_gone,
                            .arg = w};
    rc = rc == ERR_OK ? msg_open(w->loop, role->fd, &link, &w->link) : rc;
    return rc == ERR_OK ? lock_role_open(&w->lock, role, w->loop, w->link, NULL) : rc;
}

static enum err run(struct web *w)
{
    struct loop_timer *expire = NULL;
    enum err rc = loop_timer_open(w->loop, on_expire, w, &expire);
    if (rc != ERR_OK) {
        return rc;
    }
    loop_timer_every(expire, MONO_S(EXPIRE_MS / 1000.0 * loop_clock(w->loop)->speed));
    log_line(LOG_INFO, "started", "url=http://%s:%d/", w->park->listen_host,
             http_port(w->http));
    loop_run(w->loop);
    loop_timer_close(expire);
    for (int i = 0; i < PENDING_MAX; i++) {
        pending_free(&w->pending[i]);
    }
    return ERR_OK;
}

int web_role_main(int argc, char **argv)
{
    static const size_t arena_max = 64u << 20;
    struct arena arena;
    struct proc_role role;
    struct doc_errors errors = {0};
    if (proc_role_init(&role, argc, argv) != ERR_OK) {
        return 2;
    }
    arena_init(&arena, arena_max);
    struct web *w = arena_take(&arena, 1, sizeof *w);
    if (w == NULL) {
        return 3;
    }
    arena_init(&w->arena, arena_max);
    enum err rc = boot(w, &role, &errors);
    for (int i = 0; i < errors.count && i < DOC_ERRORS_MAX; i++) {
        fprintf(stderr, "%s\n", errors.text[i]);
    }
    rc = rc == ERR_OK ? run(w) : rc;
    if (rc != ERR_OK) {
        log_line(LOG_ERROR, "boot_failed", "reason=\"%s\"", err_text(rc));
    }
    http_close(w->http);
    if (w->link != NULL) {
        msg_close(w->link);
    }
    if (w->loop != NULL) {
        lock_role_close(&w->lock);
        loop_close(w->loop);
    }
    arena_fini(&w->arena);
    arena_fini(&arena);
    return rc == ERR_OK ? 0 : 3;
}
