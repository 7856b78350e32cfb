/* Set-up of the simulator's Modbus server: which units stand behind which listener, and what of
 * each profile is served. Runs in the simulator. */
#include "sim/modbus_server.h"
#include "sim/modbus_server_own.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct part *part_of(const struct server *s, int device, int part)
{
    return &s->park->device[device].part[part];
}

static const struct profile *profile_of(const struct server *s, int device, int part)
{
    return s->profile[device * PARTS_MAX + part];
}

struct port *port_of(const struct server *s, const struct part *pt)
{
    for (int i = 0; i < s->ports; i++) {
        if (s->port[i].number == pt->port && strcmp(s->port[i].host, pt->host) == 0) {
            return &s->port[i];
        }
    }
    return NULL;
}

static enum err take_port(struct server *s, struct arena *a, int device, int part)
{
    const struct part *pt = part_of(s, device, part);
    struct port *p = &s->port[s->ports];
    struct regs_unit **unit = arena_take(a, UNIT_IDS, sizeof *unit);
    if (!unit) {
        return ERR_NOMEM;
    }
    *p = (struct port){.server = s, .number = pt->port, .device = device, .unit = unit};
    snprintf(p->host, sizeof p->host, "%s", pt->host);
    link_init(&p->link, LINK_TCP, s->seed, s->park->device[device].name);
    s->ports++;
    return ERR_OK;
}

static enum err take_part(struct server *s, struct arena *a, int device, int part)
{
    const struct part *pt = part_of(s, device, part);
    const struct profile *f = profile_of(s, device, part);
    if (!port_of(s, pt)) {
        enum err e = take_port(s, a, device, part);
        if (e) {
            return e;
        }
    }
    struct port *p = port_of(s, pt);
    if (!p->unit[pt->unit]) {
        struct regs_unit *u = arena_take(a, 1, sizeof *u);
        if (!u) {
            return ERR_NOMEM;
        }
        regs_init(u, s->devices, s->faults);
        p->unit[pt->unit] = u;
        p->units++;
    }
    if (f->max_clients && (!p->clients_max || f->max_clients < p->clients_max)) {
        p->clients_max = f->max_clients;
    }
    return regs_bind(p->unit[pt->unit], device, part, f);
}

static enum err build_units(struct server *s, struct arena *a)
{
    for (int i = 0; i < s->ports; i++) {
        for (int id = 0; id < UNIT_IDS; id++) {
            struct regs_unit *u = s->port[i].unit[id];
            int clashes = 0;
            enum err e = u ? regs_build(u, a, &clashes) : ERR_OK;
            if (e) {
                return e;
            }
            if (clashes) {
                fprintf(stderr,
                        "kilnwatt sim: %s:%d unit %d: %d registers are claimed by two devices; "
                        "the first in the park file has them\n",
                        s->port[i].host, s->port[i].number, id, clashes);
            }
        }
    }
    return ERR_OK;
}

static void on_accept(int fd, void *arg)
{
    conn_accept(arg, fd);
}

enum err port_listen(struct port *p)
{
    const struct server *s = p->server;
    struct listener_hook hook = {on_accept, p};
    enum err e = listener_open_tcp(s->loop, p->host, (uint16_t)p->number, hook, &p->listener);
    if (e) {
        fprintf(stderr, "kilnwatt sim: %s:%d for device %s: %s; %s\n", p->host, p->number,
                s->park->device[p->device].name, strerror(errno),
                errno == EADDRINUSE
                    ? "another simulator or device uses this port: stop it, or change "
                      "the port in the park file"
                    : "use an address of this machine");
    }
    return e;
}

static enum err take_pools(struct server *s, struct arena *a)
{
    struct conn *conn = arena_take(a, SERVER_CONNS_MAX, sizeof *conn);
    struct reply *reply = arena_take(a, SERVER_REPLIES_MAX, sizeof *reply);
    s->port = arena_take(a, (size_t)s->park->devices * PARTS_MAX + WIRES_MAX, sizeof *s->port);
    if (!conn || !reply || !s->port) {
        return ERR_NOMEM;
    }
    for (int i = 0; i < SERVER_CONNS_MAX; i++) {
        conn[i].next = s->free_conns;
        s->free_conns = &conn[i];
    }
    for (int i = 0; i < SERVER_REPLIES_MAX; i++) {
        reply[i].next = s->free_replies;
        s->free_replies = &reply[i];
    }
    return ERR_OK;
}

static enum err start(struct server *s, struct arena *a)
{
    for (int i = 0; i < s->ports; i++) {
        struct port *p = &s->port[i];
        enum err e = p->wire && p->wire->serial ? wire_open_bus(p, a) : port_listen(p);
        if (e) {
            return e;
        }
    }
    enum err e = loop_timer_open(s->loop, conn_pump, s, &s->pump);
    if (e == ERR_OK) {
        e = loop_timer_open(s->loop, conn_sweep, s, &s->sweep);
    }
    if (e == ERR_OK) {
        e = loop_timer_open(s->loop, links_mend, s, &s->mend);
    }
    if (e == ERR_OK) {
        loop_timer_every(s->sweep, MONO_S(0.5 * loop_clock(s->loop)->speed));
    }
    return e;
}

enum err server_open(const struct server_of *of, struct arena *a, struct server **out)
{
    struct server *s = arena_take(a, 1, sizeof *s);
    if (!s) {
        return ERR_NOMEM;
    }
    *s = (struct server){.loop = of->loop,
                         .park = of->devices->park,
                         .devices = of->devices,
                         .faults = of->faults,
                         .profile = of->profile,
                         .seed = of->seed};
    enum err e = take_pools(s, a);
    for (int i = 0; e == ERR_OK && i < s->park->devices; i++) {
        for (int k = 0; e == ERR_OK && k < s->park->device[i].parts; k++) {
            e = take_part(s, a, i, k);
        }
    }
    if (e == ERR_OK) {
        e = build_units(s, a);
    }
    if (e == ERR_OK) {
        e = wires_take(s, a, of);
    }
    if (e == ERR_OK && of->recorded) {
        e = record_open(&s->record, a, s->ports);
    }
    if (e == ERR_OK) {
        e = start(s, a);
    }
    if (e) {
        server_close(s);
        return e;
    }
    *out = s;
    return ERR_OK;
}

void server_close(struct server *s)
{
    for (int i = 0; i < s->ports; i++) {
        while (s->port[i].conns) {
            conn_close(s->port[i].conns);
        }
        if (s->port[i].listener) {
            listener_close(s->port[i].listener);
        }
        if (s->port[i].bus) {
            bus_close(s->port[i].bus);
        }
    }
    s->ports = 0;
    if (s->record) {
        record_close(s->record);
    }
    if (s->pump) {
        loop_timer_close(s->pump);
    }
    if (s->sweep) {
        loop_timer_close(s->sweep);
    }
    if (s->mend) {
        loop_timer_close(s->mend);
    }
}

/* true if a device behind this port has the fault. */
static bool port_has(const struct port *p, bool reset)
{
    const struct server *s = p->server;
    for (int id = 0; id < UNIT_IDS; id++) {
        const struct regs_unit *u = p->unit[id];
        for (int i = 0; u && i < u->bindings; i++) {
            const struct fault_set *f = &s->faults->of[u->binding[i].device];
            if (fault_is(f, reset ? FAULT_RESET : FAULT_REFUSE)) {
                return true;
            }
        }
    }
    return false;
}

void server_obey(struct server *s)
{
    for (int i = 0; i < s->ports; i++) {
        struct port *p = &s->port[i];
        bool refuse = port_has(p, false) || link_clients_max(&p->link, 0) < 0;
        if (refuse && p->listener) {
            listener_close(p->listener);
            p->listener = NULL;
        }
        if (!refuse && !p->listener && !p->bus && port_listen(p) != ERR_OK) {
            p->listener = NULL;
        }
        bool reset = refuse || port_has(p, true);
        for (struct conn *c = p->conns, *after; reset && c; c = after) {
            after = c->next;
            conn_end(c, true);
        }
    }
}

struct record *server_record(const struct server *s)
{
    return s->record;
}

void server_stats(const struct server *s, struct server_stats *out)
{
    *out = s->stats;
    for (int i = 0; i < s->ports; i++) {
        out->bad_frames += s->port[i].bus ? bus_stats(s->port[i].bus)->spoilt : 0;
    }
}

bool server_unit_of(const struct server *s, int device, int part, struct regs_unit **unit,
                    int *binding)
{
    const struct part *pt = part_of(s, device, part);
    const struct port *p = port_of(s, pt);
    struct regs_unit *u = p ? p->unit[pt->unit] : NULL;
    for (int i = 0; u && i < u->bindings; i++) {
        if (u->binding[i].device == device && u->binding[i].part == part) {
            *unit = u;
            *binding = i;
            return true;
        }
    }
    return false;
}

static bool maps_row(const struct profile *f, int row)
{
    for (int i = 0; i < f->points; i++) {
        if (f->point[i].row == row) {
            return true;
        }
    }
    return false;
}

static void print_profile(const struct server *s, int device, int part)
{
    const struct profile *f = profile_of(s, device, part);
    const struct kind_def *k = dict_kind(f->kind);
    printf("%-24s %-14s served:", f->name, k->name);
    for (int r = 0; r < k->points; r++) {
        if (maps_row(f, r) && device_serves(s->devices, device, r)) {
            printf(" %s", k->point[r].name);
        }
    }
    int unmapped = 0;
    for (int r = 0; r < k->points; r++) {
        if (!maps_row(f, r) || !device_serves(s->devices, device, r)) {
            printf("%s%s", unmapped++ ? " " : "; unmapped: ", k->point[r].name);
        }
    }
    printf("\n");
}

/* true if no part before this one has the same profile. */
static bool first_with_profile(const struct server *s, int device, int part)
{
    for (int i = 0; i <= device; i++) {
        int end = i == device ? part : s->park->device[i].parts;
        for (int k = 0; k < end; k++) {
            if (profile_of(s, i, k) == profile_of(s, device, part)) {
                return false;
            }
        }
    }
    return true;
}

void server_print(const struct server *s)
{
    for (int i = 0; i < s->park->devices; i++) {
        for (int k = 0; k < s->park->device[i].parts; k++) {
            if (first_with_profile(s, i, k)) {
                print_profile(s, i, k);
            }
        }
    }
    for (int i = 0; i < s->ports; i++) {
        port_print(&s->port[i]);
    }
}
