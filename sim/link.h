/* Faults of the link between a client and the simulated devices, and what they do to each
 * exchange: late, lost, garbled, reset. A link is one listener or one serial bus with all units
 * behind it; a fault of a link hits all of them (M6 and M12: the named device's units). One
 * table says each fault's id, name, arguments and the kinds of link that can have it. Pure;
 * draws come from the link's own stream, so the same seed and the same requests give the same
 * faults. Runs in the simulator.
 *
 * Numbers as in the list of faults that the tests speak of: L1..L11 the link, M6 and M12 of the
 * protocol, which only RTU has. */
#ifndef KILNWATT_SIM_LINK_H
#define KILNWATT_SIM_LINK_H

#include "controller/base/clock.h"
#include "sim/rng.h"

enum { LINK_ARGS_MAX = 3, LINK_UNITS = 256 };
/* Bits of a mask. */
enum link_kind { LINK_TCP = 1, LINK_RTU_TCP = 2, LINK_SERIAL = 4 };

enum link_fault {
    LINK_LATENCY,
    LINK_LOSS,
    LINK_RESET,
    LINK_HALF_OPEN,
    LINK_MUTE,
    LINK_CLIENTS,
    LINK_THROTTLE,
    LINK_COLLISION,
    LINK_BAUD,
    LINK_SHORT,
    LINK_GATEWAY,
    LINK_BAD_CRC,
    LINK_BROADCAST,
    LINK_FAULTS
};

struct link {
    enum link_kind kind;
    struct rng rng;
    mono_t free_at; /* throttled or serialised: when what it carries now is through */
    bool on[LINK_FAULTS];
    double arg[LINK_FAULTS][LINK_ARGS_MAX];
    mono_t until[LINK_FAULTS];                       /* whoever has a timer ends it then */
    bool bad_crc[LINK_UNITS], broadcast[LINK_UNITS]; /* units that M6 and M12 hit */
};

/* A fault as a person asks for it. */
struct link_ask {
    enum link_fault fault;
    double arg[LINK_ARGS_MAX];
    mono_t until; /* process time; INT64_MAX = until cleared */
};

/* name: of the link, makes its draws its own. */
void link_init(struct link *l, enum link_kind kind, uint64_t seed, const char *name);
/* Reads "L1:200,50" or "latency:200,50". ERR_UNKNOWN_KEY: no such fault; ERR_MISSING,
 * ERR_RANGE: `out->fault` is set, its arguments are not. */
must_check enum err link_ask_parse(const char *text, struct link_ask *out);
/* How a fault is written, as in "L1 latency:MS[,JITTER_MS[,TAIL]]"; returns out. */
const char *link_fault_use(enum link_fault f, char *out, size_t cap);
/* One line about it. */
const char *link_fault_what(enum link_fault f);
/* Kinds of link that can have it, a mask. */
unsigned link_fault_kinds(enum link_fault f);
/* true if it hits single units of a link. */
bool link_fault_by_unit(enum link_fault f);
/* Puts a fault on a link; hit[LINK_UNITS]: units of the named device, only read by faults that
 * hit single units. false if the link is of another kind or has just this fault already. */
bool link_set(struct link *l, const struct link_ask *ask, const bool *hit);
/* Removes one fault, or all with LINK_FAULTS; returns how many there were. */
int link_clear(struct link *l, enum link_fault f);

/* ---- One exchange ---- */
enum link_way { LINK_PASSES, LINK_LOST, LINK_GARBLED, LINK_BREAKS };

/* Whether a request reaches the devices: LINK_PASSES, LINK_LOST, LINK_BREAKS (the connection is
 * reset). */
enum link_way link_hears(struct link *l);
/* Whether and when an answer reaches the client; bytes: of request and answer together.
 * LINK_PASSES, LINK_LOST, LINK_GARBLED (to be put through link_garble()). *due is not before
 * now. */
enum link_way link_carries(struct link *l, mono_t now, size_t bytes, mono_t *due);
/* What a collision leaves of n >= 1 bytes; at least one of them changes. */
void link_garble(struct link *l, uint8_t *data, size_t n);
/* Draws whether a unit's answer gets a wrong CRC. */
bool link_spoils_crc(struct link *l, int unit);
/* Connections that it takes at the most: `own` (0 = any number), or what L6 says; -1 = none. */
int link_clients_max(const struct link *l, int own);

#endif
