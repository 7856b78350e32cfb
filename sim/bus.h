/* A serial bus as a pseudo-terminal: what a client does to a serial port it does to the slave
 * end, to which `path` is a symbolic link. The bus keeps time: each byte takes its bits, a
 * frame ends with 3.5 characters of silence, a device waits its turnaround before it answers.
 * It is half duplex: what arrives from the end of a request to the end of its answer is lost,
 * and while the answer is on the wire spoils it too. A client whose speed is not the bus's
 * hears nothing, nor do the devices understand it (of parity a pseudo-terminal tells nothing).
 *
 * Time is process time: at xN a line is N times as fast on the machine's clock. Runs in the
 * simulator; owns the terminal and the link. */
#ifndef KILNWATT_SIM_BUS_H
#define KILNWATT_SIM_BUS_H

#include "controller/base/arena.h"
#include "controller/base/loop.h"
#include "sim/rtu.h"

/* What the devices say to a frame. */
struct bus_answer {
    size_t len;   /* 0: nothing */
    mono_t later; /* than its time */
    mono_t apart; /* gap between its bytes; 0 = none */
    uint8_t data[RTU_LEN_MAX];
};
/* A whole frame with a good CRC; fills what is answered. */
typedef void bus_frame_fn(void *arg, const uint8_t *frame, size_t len, struct bus_answer *out);
struct bus_spec {
    const char *path; /* of the link; must outlive the bus */
    struct rtu_line line;
    bus_frame_fn *fn;
    void *arg;
};
struct bus_stats {
    uint64_t spoilt;   /* frames of wrong length, CRC or speed */
    uint64_t collided; /* bursts that came while somebody else had the line */
};

struct bus;
/* ERR_IO with errno; EEXIST if something other than a symbolic link is at the path. ERR_NOMEM.
 */
must_check enum err bus_open(struct loop *l, struct arena *a, const struct bus_spec *spec,
                             struct bus **out);
void bus_close(struct bus *b);
/* The speed that the devices have, from the next frame on; 0 = the one of the specification. */
void bus_set_baud(struct bus *b, int baud);
const struct bus_stats *bus_stats(const struct bus *b);

#endif
