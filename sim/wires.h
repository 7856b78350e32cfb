/* Further wires that a simulated park is put on beside its own TCP ports, as asked for on the
 * command line: serial buses on pseudo-terminals and RTU over TCP. Read once while booting.
 *
 *   --rtu     PATH=DEVICE[:UNIT][,DEVICE[:UNIT]...][@BAUD[,8N1[,TURNAROUND_MS]]]
 *   --rtu-tcp [HOST:]PORT=DEVICE[:UNIT][,DEVICE[:UNIT]...]
 *
 * A device keeps its unit numbers of the park file unless UNIT says otherwise; of a device of
 * several parts UNIT is the first one's, the others keep their distance to it. */
#ifndef KILNWATT_SIM_WIRES_H
#define KILNWATT_SIM_WIRES_H

#include "controller/park/park.h"
#include "sim/rtu.h"

enum { WIRES_MAX = 16, WIRE_UNITS = RTU_UNIT_MAX + 1, WIRE_PATH_LEN = 108 };

/* A device's part on a wire. */
struct wire_unit {
    int device, part; /* device -1: nobody has this number */
};
struct wire {
    bool serial;
    char path[WIRE_PATH_LEN]; /* serial */
    struct rtu_line line;     /* serial */
    char host[64];            /* RTU over TCP; numeric IPv4 */
    int port;                 /* RTU over TCP */
    struct wire_unit unit[WIRE_UNITS];
};

/* How a wire was asked for. */
struct wire_ask {
    bool serial;
    const char *text;
};

/* Reads one; what is wrong is told on stderr: ERR_SYNTAX, ERR_NOT_FOUND, ERR_CONFLICT. */
must_check enum err wire_read(struct wire *w, const struct park *park,
                              const struct wire_ask *ask);
/* The wire for people: its path, or host and port; returns out. */
const char *wire_name(const struct wire *w, char *out, size_t cap);

#endif
