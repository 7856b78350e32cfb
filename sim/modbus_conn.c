/* Connections of the simulator's Modbus server: frames in, answers out, in order, on time or
 * not. Runs in the simulator; connections and waiting answers come from pools of the boot
 * arena. */
#include "sim/modbus_server_own.h"
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void reply_free(struct server *s, struct reply *r)
{
    r->next = s->free_replies;
    s->free_replies = r;
}

void conn_close(struct conn *c)
{
    struct server *s = c->port->server;
    stream_close(c->stream);
    while (c->first) {
        struct reply *r = c->first;
        c->first = r->next;
        reply_free(s, r);
    }
    struct conn **at = &c->port->conns;
    while (*at != c) {
        at = &(*at)->next;
    }
    *at = c->next;
    c->port->connections--;
    s->stats.connections--;
    c->next = s->free_conns;
    s->free_conns = c;
}

void conn_reset(struct conn *c)
{
    struct linger hard = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(stream_fd(c->stream), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    conn_close(c);
}

/* asked: by its client, in lock-step; a known connection gets the end of an answer only then.
 */
static mono_t pump_conn(struct conn *c, mono_t now, bool asked, bool *dead)
{
    const mono_t never = {INT64_MAX};
    struct server *s = c->port->server;
    while (c->first) {
        struct reply *r = c->first;
        if (mono_before(now, r->due)) {
            return r->due;
        }
        size_t left = (size_t)r->len - r->sent;
        size_t n = r->piece && (size_t)r->piece < left ? (size_t)r->piece : left;
        if (c->known && !asked && r->sent + n == r->len) {
            c->due = true;
            return never;
        }
        if (stream_write(c->stream, r->data + r->sent, n) != ERR_OK) {
            *dead = true;
            return never;
        }
        r->sent = (uint16_t)(r->sent + n);
        if (r->sent < r->len) {
            r->due = mono_add(now, r->gap);
            continue;
        }
        c->first = r->next;
        c->last = c->first ? c->last : NULL;
        reply_free(s, r);
    }
    return never;
}

void conn_pump(void *server)
{
    struct server *s = server;
    mono_t now = loop_now(s->loop), next = {INT64_MAX};
    for (int i = 0; i < s->ports; i++) {
        struct conn *after;
        for (struct conn *c = s->port[i].conns; c; c = after) {
            after = c->next;
            bool dead = false;
            mono_t due = c->first ? pump_conn(c, now, false, &dead) : next;
            next = mono_before(due, next) ? due : next;
            if (dead) {
                conn_close(c);
            }
        }
    }
    s->pumping = next.us != INT64_MAX;
    if (s->pumping) {
        loop_timer_after(s->pump, mono_sub(next, now));
    }
}

/* Puts an answer in the queue behind those that wait. false: no room, the client is to be
 * dropped. */
static bool queue(struct conn *c, const struct said *what, mono_t due)
{
    struct server *s = c->port->server;
    struct reply *r = s->free_replies;
    if (!r) {
        return false;
    }
    s->free_replies = r->next;
    r->next = NULL;
    r->due = due;
    r->piece = what->fault.piece;
    r->gap = MONO_MS(what->fault.gap_ms);
    r->len = (uint16_t)what->len;
    r->sent = 0;
    memcpy(r->data, what->adu, what->len);
    if (c->last) {
        c->last->next = r;
    } else {
        c->first = r;
    }
    c->last = r;
    if (!s->pumping) {
        s->pumping = true;
        loop_timer_after(s->pump, MONO_MS(0));
    }
    return true;
}

static bool send_once(struct conn *c, const struct said *what, mono_t due)
{
    mono_t now = loop_now(c->port->server->loop);
    if (!c->first && !mono_before(now, due) && !what->fault.piece) {
        return stream_write(c->stream, what->adu, what->len) == ERR_OK;
    }
    return queue(c, what, due);
}

enum verdict conn_say(struct conn *c, struct said *what)
{
    struct link *l = &c->port->link;
    mono_t now = loop_now(c->port->server->loop), due;
    enum link_way way = link_carries(l, now, what->asked + what->len, &due);
    if (way == LINK_LOST) {
        c->silent = true;
        return GO_ON;
    }
    if (way == LINK_GARBLED) {
        link_garble(l, what->adu, what->len);
    }
    due = mono_add(due, MONO_MS(what->fault.late_ms));
    bool good = send_once(c, what, due) && (!what->fault.twice || send_once(c, what, due));
    return good ? GO_ON : CLOSE;
}

/* Nobody hears what comes. */
static void swallow(struct conn *c)
{
    uint8_t burst[ADU_LEN_MAX];
    c->silent = true;
    c->partial_us = 0;
    while (stream_take(c->stream, burst, sizeof burst) > 0) {
    }
}

static void on_data(struct stream *st, void *arg)
{
    struct conn *c = arg;
    bool took = true;
    if (c->deaf || c->port->link.on[LINK_MUTE]) {
        swallow(c);
        return;
    }
    while (took) {
        enum verdict v = c->port->wire ? rtu_take(c, &took) : mbap_take(c, &took);
        if (v == CLOSE) {
            conn_end(c, false);
            return;
        }
        if (v == RESET) {
            conn_end(c, true);
            return;
        }
        c->partial_us = took ? 0 : c->partial_us;
    }
    if (stream_ready(st) == 0) {
        c->partial_us = 0;
    } else if (!c->partial_us) {
        c->partial_us = clock_real_us();
    }
}

static void on_gone(struct stream *st, void *arg)
{
    (void)st;
    conn_close(arg);
}

static const struct stream_hooks hooks = {on_data, on_gone};

static uint16_t peer_port(int fd)
{
    struct sockaddr_in at = {.sin_port = 0};
    socklen_t len = sizeof at;
    return getpeername(fd, (struct sockaddr *)&at, &len) == 0 ? ntohs(at.sin_port) : 0;
}

void conn_accept(struct port *p, int fd)
{
    struct server *s = p->server;
    struct conn *c = s->free_conns;
    int most = link_clients_max(&p->link, p->clients_max);
    bool full = !c || most < 0 || (most && p->connections >= most);
    struct stream_spec spec = {.in_max = 16 * ADU_LEN_MAX,
                               .out_max = 64 * ADU_LEN_MAX,
                               .hooks = &hooks,
                               .arg = c,
                               .at_once = true};
    if (full || stream_open(s->loop, fd, &spec, &c->stream) != ERR_OK) {
        s->stats.refused++;
        close(fd);
        return;
    }
    s->free_conns = c->next;
    c->next = p->conns;
    p->conns = c;
    c->port = p;
    c->partial_us = 0;
    c->first = c->last = NULL;
    c->peer = peer_port(fd);
    c->known = c->silent = c->due = c->told = c->deaf = false;
    c->ends = STAY;
    p->connections++;
    s->stats.connections++;
}

void conn_sweep(void *server)
{
    struct server *s = server;
    int64_t now = clock_real_us();
    for (int i = 0; i < s->ports; i++) {
        struct conn *after;
        for (struct conn *c = s->port[i].conns; c; c = after) {
            after = c->next;
            if (c->partial_us && now - c->partial_us >= SERVER_UNFINISHED_S * 1000000) {
                s->stats.closed_slow++;
                conn_close(c);
            }
        }
    }
}

/* ---- Lock-step ---- */

void conn_end(struct conn *c, bool reset)
{
    if (c->known) {
        c->ends = reset ? BREAK : SHUT;
        c->due = true;
    } else if (reset) {
        conn_reset(c);
    } else {
        conn_close(c);
    }
}

static struct conn *conn_at(const struct server *s, int peer)
{
    for (int i = 0; i < s->ports; i++) {
        for (struct conn *c = s->port[i].conns; c; c = c->next) {
            if (c->peer == peer) {
                return c;
            }
        }
    }
    return NULL;
}

enum server_wait server_asked(struct server *s, int port)
{
    struct conn *c = conn_at(s, port);
    bool dead = false;
    if (!c) {
        return SERVER_UNKNOWN;
    }
    c->known = true;
    c->told = false;
    if (c->due && c->ends == STAY) {
        c->due = false;
        (void)pump_conn(c, loop_now(s->loop), true, &dead);
    }
    if (c->due || dead) {
        c->known = false; /* nothing keeps it any longer */
        conn_end(c, c->ends == BREAK);
        return SERVER_READY;
    }
    conn_pump(s);
    return c->first || c->silent ? SERVER_HOLDS : SERVER_READY;
}

int server_moved(struct server *s, uint16_t *port, int max)
{
    int n = 0;
    for (int i = 0; i < s->ports; i++) {
        for (struct conn *c = s->port[i].conns; c && n < max; c = c->next) {
            if (c->due && !c->told) {
                c->told = true;
                port[n++] = c->peer;
            }
        }
    }
    return n;
}

bool server_has_moved(const struct server *s)
{
    for (int i = 0; i < s->ports; i++) {
        for (const struct conn *c = s->port[i].conns; c; c = c->next) {
            if (c->due && !c->told) {
                return true;
            }
        }
    }
    return false;
}

void server_print_waiting(const struct server *s, FILE *to)
{
    for (int i = 0; i < s->ports; i++) {
        for (const struct conn *c = s->port[i].conns; c; c = c->next) {
            if (c->known && (c->first || c->silent || c->due)) {
                fprintf(to, "  holds an answer of %s back from port %u\n",
                        s->park->device[s->port[i].device].name, c->peer);
            }
        }
    }
}
