/* What the files of the simulator's Modbus server share: listeners and set-up
 * (modbus_server.c), connections (modbus_conn.c), MBAP frames (modbus_mbap.c), RTU frames
 * (modbus_rtu.c), further wires and the faults of links (modbus_links.c). Private to them. */
#ifndef KILNWATT_SIM_MODBUS_SERVER_OWN_H
#define KILNWATT_SIM_MODBUS_SERVER_OWN_H

#include "sim/bus.h"
#include "sim/mangle.h"
#include "sim/modbus_server.h"

enum {
    ADU_LEN_MAX = 260,
    MBAP_LEN = 7,
    UNIT_IDS = 256,
    REPLY_LEN_MAX = ADU_LEN_MAX + MANGLE_JUNK_MAX
};

/* An answer that waits: late, or in pieces, or behind one of these. */
struct reply {
    struct reply *next;
    mono_t due;
    int piece; /* bytes at a time, 0 = all */
    mono_t gap;
    uint16_t len, sent;
    uint8_t data[REPLY_LEN_MAX];
};
struct conn {
    struct conn *next; /* in the free list or in its port's list */
    struct port *port;
    struct stream *stream;
    int64_t partial_us; /* real time since when a frame is unfinished; 0 = none is */
    struct reply *first, *last;
    /* lock-step: */
    uint16_t peer;                   /* the client's TCP port */
    bool known;                      /* of the controller */
    bool deaf;                       /* half open: what comes is swallowed */
    bool silent;                     /* its last request gets no answer */
    enum { STAY, SHUT, BREAK } ends; /* closed, reset when it asks */
    bool due, told;                  /* something waits for it; that has been said */
};
/* A link and the units behind it: a listener, or a serial bus. */
struct port {
    struct server *server;
    struct link link;
    const struct wire *wire; /* NULL: the park's own Modbus TCP */
    struct bus *bus;         /* of a serial wire */
    char host[64];
    int number;
    int device;                /* the first that wants this port, for messages */
    int clients_max;           /* 0 = any */
    struct listener *listener; /* NULL while refusing */
    struct conn *conns;
    int connections;
    int units;
    struct regs_unit **unit; /* [UNIT_IDS] by unit id, NULL = nobody */
};
struct server {
    struct loop *loop;
    const struct park *park;
    struct devices *devices;
    struct faults *faults;
    const struct profile *const *profile;
    uint64_t seed;
    int ports;
    struct port *port;
    struct conn *free_conns;
    struct reply *free_replies;
    struct loop_timer *pump, *sweep, *mend;
    struct server_stats stats;
    struct record *record; /* NULL: none */
    bool pumping;
};

/* ---- Set-up ---- */
must_check enum err port_listen(struct port *p);
/* The park's own port of a part; NULL if it is not laid out yet. */
struct port *port_of(const struct server *s, const struct part *pt);
/* Takes the wires into the list of ports, behind the park's own and their units. */
must_check enum err wires_take(struct server *s, struct arena *a, const struct server_of *of);
/* Opens the terminal of a serial wire; errors are told on stderr. */
must_check enum err wire_open_bus(struct port *p, struct arena *a);
/* Ends the link faults whose time is over; sets the timer for the next. */
void links_mend(void *server);
/* One line about what a port serves. */
void port_print(const struct port *p);

/* ---- Frames ---- */
/* All faults of the devices behind a unit, taken together. */
struct mangle unit_faults(const struct server *s, const struct regs_unit *u);
/* Lets a unit answer a PDU into rsp[PDU_LEN_MAX]; its length. */
size_t unit_answer(struct server *s, struct regs_unit *u, const uint8_t *pdu, size_t len,
                   uint8_t *rsp);
/* An answer on its way. */
struct said {
    size_t asked, len; /* bytes of request and answer */
    struct mangle fault;
    uint8_t adu[REPLY_LEN_MAX];
};
enum verdict { GO_ON, CLOSE, RESET };
/* Take one frame of a connection if it is complete. */
enum verdict mbap_take(struct conn *c, bool *took);
enum verdict rtu_take(struct conn *c, bool *took);
/* Answers a frame of a serial bus, whose port is `arg`. */
void rtu_on_bus(void *arg, const uint8_t *frame, size_t len, struct bus_answer *out);
/* Sends an answer as link and device let it pass. CLOSE: no room, the client is to be dropped.
 */
enum verdict conn_say(struct conn *c, struct said *what);

/* ---- Connections ---- */
/* Takes over an accepted descriptor. */
void conn_accept(struct port *p, int fd);
void conn_close(struct conn *c);
/* Closes with RST. */
void conn_reset(struct conn *c);
/* Closes, with RST or without; a connection known in lock-step only once it asks. */
void conn_end(struct conn *c, bool reset);
/* Sends what is due; starts the timer for the rest. */
void conn_pump(void *server);
/* Closes connections with a frame that stays unfinished. */
void conn_sweep(void *server);

#endif
