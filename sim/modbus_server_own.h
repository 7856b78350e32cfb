/* What the two files of the simulator's Modbus server share: listeners and set-up
 * (modbus_server.c), connections and frames (modbus_conn.c). Private to them. */
#ifndef KILNWATT_SIM_MODBUS_SERVER_OWN_H
#define KILNWATT_SIM_MODBUS_SERVER_OWN_H

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
    bool silent;                     /* its last request gets no answer */
    enum { STAY, SHUT, BREAK } ends; /* closed, reset when it asks */
    bool due, told;                  /* something waits for it; that has been said */
};
struct port {
    struct server *server;
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
    int ports;
    struct port *port;
    struct conn *free_conns;
    struct reply *free_replies;
    struct loop_timer *pump, *sweep;
    struct server_stats stats;
    struct record *record; /* NULL: none */
    bool pumping;
};

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
