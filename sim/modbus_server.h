/* The simulator's Modbus server: one TCP listener per distinct host:port of the park's parts,
 * several units behind each, and the further wires of the command line (sim/wires.h). Between
 * clients and units stands a link that can fail (sim/link.h). It speaks strictly (a wrong
 * protocol id or length closes the connection), answers pipelined requests in order, closes who
 * leaves a frame unfinished for 5 s, drops who does not read, and can misbehave on purpose
 * (sim/faults.h). Own framing, not libmodbus: a simulator must be able to speak broken frames.
 * Runs in the simulator; owns listeners and connections. */
#ifndef KILNWATT_SIM_MODBUS_SERVER_H
#define KILNWATT_SIM_MODBUS_SERVER_H

#include "controller/base/stream.h"
#include "sim/link.h"
#include "sim/record.h"
#include "sim/regs.h"
#include "sim/wires.h"
#include <stdio.h>

enum {
    SERVER_CONNS_MAX = 2048,
    SERVER_REPLIES_MAX = 4096,
    SERVER_UNFINISHED_S = 5 /* real seconds */
};

struct server;
struct snap;
struct server_stats {
    uint64_t requests, exceptions, refused, closed_bad, closed_slow;
    uint64_t bad_frames; /* RTU: of wrong length or CRC, never answered */
    int connections;
};

/* What a server stands on; all of it must outlive the server. */
struct server_of {
    struct loop *loop;
    struct devices *devices;
    struct faults *faults;
    const struct profile *const *profile; /* as profile_load_park() gives them */
    bool recorded;                        /* keeps a recording, of lock-step runs */
    uint64_t seed;                        /* of the links' faults */
    int wires;
    const struct wire *wire; /* [wires] */
};

/* Opens all listeners. A port in use is reported on stderr with the device that wants it:
 * ERR_IO. */
must_check enum err server_open(const struct server_of *of, struct arena *a,
                                struct server **out);
void server_close(struct server *s);
/* Prints one line per listener and one per profile: what is served and what the kind has
 * beyond. */
void server_print(const struct server *s);
/* Opens or closes listeners as the faults of devices say (those of links see to it themselves)
 * and resets connections of devices that refuse or reset. */
void server_obey(struct server *s);
/* Puts a fault on the links of a device: its own port and what other wires it is on. Returns
 * how many links change; *fit: how many could have it. */
int server_link_set(struct server *s, int device, const struct link_ask *ask, int *fit);
/* Removes a fault, or with LINK_FAULTS all, from the links of a device; returns how many there
 * were. */
int server_link_clear(struct server *s, int device, enum link_fault f);
void server_stats(const struct server *s, struct server_stats *out);
/* Registers, and draws of the links; no connection and nothing that is under way (snap.h). */
void server_snap(struct server *s, struct snap *snap);
/* true if a link has a fault. */
bool server_link_faults(const struct server *s);
/* ---- Lock-step ---- */
/* How the connection of a client's TCP port stands; asking makes it known as one of the
 * controller's: from then on what it gets late, and a close, wait until it asks again. */
enum server_wait {
    SERVER_UNKNOWN, /* no such connection (yet) */
    SERVER_READY,   /* what was due has been sent */
    SERVER_HOLDS    /* its answer comes later, or never */
};
enum server_wait server_asked(struct server *s, int port);
/* Known connections on which something is due since the last call; writes their ports. */
int server_moved(struct server *s, uint16_t *port, int max);
bool server_has_moved(const struct server *s);
/* One line per known connection whose answer is held back. */
void server_print_waiting(const struct server *s, FILE *to);

/* The recording; NULL if none is kept. */
struct record *server_record(const struct server *s);
/* The unit and binding that show a device's part; false if none. */
bool server_unit_of(const struct server *s, int device, int part, struct regs_unit **unit,
                    int *binding);

#endif
