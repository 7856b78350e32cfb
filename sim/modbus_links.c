/* Further wires of the simulator's Modbus server, and the faults of all its links. Runs in the
 * simulator. */
#include "sim/modbus_server_own.h"
#include "sim/snap.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- Wires ---- */

/* Units show the same registers on the wire as on the park's own port. */
static void join_units(struct server *s, struct port *p)
{
    p->device = -1;
    for (int id = 0; id < WIRE_UNITS; id++) {
        struct wire_unit at = p->wire->unit[id];
        if (at.device >= 0) {
            const struct part *pt = &s->park->device[at.device].part[at.part];
            p->unit[id] = port_of(s, pt)->unit[pt->unit];
            p->units++;
            p->device = p->device < 0 ? at.device : p->device;
        }
    }
}

enum err wires_take(struct server *s, struct arena *a, const struct server_of *of)
{
    int own = s->ports;
    for (int i = 0; i < of->wires; i++) {
        const struct wire *w = &of->wire[i];
        struct port *p = &s->port[own + i];
        char name[80];
        struct regs_unit **unit = arena_take(a, UNIT_IDS, sizeof *unit);
        if (!unit) {
            return ERR_NOMEM;
        }
        *p = (struct port){.server = s, .wire = w, .number = w->port, .unit = unit};
        snprintf(p->host, sizeof p->host, "%s", w->host);
        join_units(s, p);
        /* by device, not by path or port: those change from run to run */
        snprintf(name, sizeof name, "%s/rtu%d", s->park->device[p->device].name, i);
        link_init(&p->link, w->serial ? LINK_SERIAL : LINK_RTU_TCP, s->seed, name);
    }
    s->ports = own + of->wires;
    return ERR_OK;
}

enum err wire_open_bus(struct port *p, struct arena *a)
{
    struct bus_spec spec = {p->wire->path, p->wire->line, rtu_on_bus, p};
    enum err e = bus_open(p->server->loop, a, &spec, &p->bus);
    if (e) {
        fprintf(stderr, "kilnwatt sim: --rtu %s: %s\n", p->wire->path,
                errno == EEXIST ? "there is a file of this name, and it is not a link"
                                : strerror(errno));
    }
    return e;
}

void port_print(const struct port *p)
{
    const struct wire *w = p->wire;
    char name[WIRE_PATH_LEN];
    if (w && w->serial) {
        printf("serial bus %s, %d baud 8%c%d, turnaround %d ms", w->path, w->line.baud,
               w->line.check, w->line.stops, w->line.turnaround_ms);
    } else if (w) {
        printf("RTU over TCP on %s", wire_name(w, name, sizeof name));
    } else {
        printf("listening on %s:%d", p->host, p->number);
    }
    printf(", %d unit%s, first device %s\n", p->units, p->units == 1 ? "" : "s",
           p->server->park->device[p->device].name);
}

/* ---- Faults ---- */

/* Units of the port that show the device; false if none does. */
static bool find_units(const struct port *p, int device, bool hit[LINK_UNITS])
{
    bool any = false;
    for (int id = 0; id < UNIT_IDS; id++) {
        const struct regs_unit *u = p->unit[id];
        hit[id] = false;
        for (int i = 0; u && i < u->bindings; i++) {
            hit[id] = hit[id] || u->binding[i].device == device;
        }
        any = any || hit[id];
    }
    return any;
}

/* What is put on or taken off a link at once, beyond what each exchange meets. */
static void obey(struct port *p, enum link_fault f, bool on)
{
    if (f == LINK_BAUD && p->bus) {
        bus_set_baud(p->bus, on ? (int)p->link.arg[LINK_BAUD][0] : 0);
    }
    int most = f == LINK_CLIENTS && on ? link_clients_max(&p->link, p->clients_max) : 0;
    for (struct conn *c = p->conns, *after; c; c = after) {
        after = c->next;
        c->deaf = f == LINK_HALF_OPEN ? on : c->deaf;
        if (most > 0 && p->connections > most) {
            conn_end(c, false); /* the list begins with the newest */
        }
    }
}

int server_link_set(struct server *s, int device, const struct link_ask *ask, int *fit)
{
    int n = 0;
    *fit = 0;
    for (int i = 0; i < s->ports; i++) {
        struct port *p = &s->port[i];
        bool hit[LINK_UNITS];
        if (!(link_fault_kinds(ask->fault) & (unsigned)p->link.kind) ||
            !find_units(p, device, hit)) {
            continue;
        }
        ++*fit;
        if (link_set(&p->link, ask, hit)) {
            obey(p, ask->fault, true);
            n++;
        }
    }
    links_mend(s); /* sets the timer */
    server_obey(s);
    return n;
}

/* Takes a fault off; 1, or 0 if it was not on. */
static int mend(struct port *p, enum link_fault f)
{
    if (p->link.on[f]) {
        obey(p, f, false);
    }
    return link_clear(&p->link, f);
}

void links_mend(void *server)
{
    struct server *s = server;
    mono_t now = loop_now(s->loop), next = {INT64_MAX};
    int ended = 0;
    for (int i = 0; i < s->ports * LINK_FAULTS; i++) {
        struct port *p = &s->port[i / LINK_FAULTS];
        enum link_fault f = (enum link_fault)(i % LINK_FAULTS);
        mono_t until = p->link.until[f];
        if (p->link.on[f] && !mono_before(now, until)) {
            ended += mend(p, f);
        } else if (p->link.on[f] && mono_before(until, next)) {
            next = until;
        }
    }
    if (ended) {
        server_obey(s);
    }
    if (next.us != INT64_MAX) {
        loop_timer_after(s->mend, mono_sub(next, now));
    }
}

int server_link_clear(struct server *s, int device, enum link_fault f)
{
    int n = 0;
    for (int i = 0; i < s->ports; i++) {
        bool hit[LINK_UNITS];
        bool all = f == LINK_FAULTS;
        int from = all ? 0 : (int)f, end = all ? (int)LINK_FAULTS : from + 1;
        for (int k = find_units(&s->port[i], device, hit) ? from : end; k < end; k++) {
            n += mend(&s->port[i], (enum link_fault)k);
        }
    }
    server_obey(s);
    return n;
}

bool server_link_faults(const struct server *s)
{
    for (int i = 0; i < s->ports; i++) {
        for (int f = 0; f < LINK_FAULTS; f++) {
            if (s->port[i].link.on[f]) {
                return true;
            }
        }
    }
    return false;
}

void server_snap(struct server *s, struct snap *snap)
{
    for (int i = 0; i < s->ports; i++) {
        struct port *p = &s->port[i];
        SNAP_RANGE(snap, &p->link, rng, on);
        for (int id = 0; id < UNIT_IDS; id++) {
            if (p->unit[id]) {
                regs_snap(p->unit[id], snap);
            }
        }
    }
}
