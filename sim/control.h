/* The simulator's control socket: one Unix socket, lines of text, each answered by `ok ...` or
 * `error ...`. For tests, operators at the plant and the controller that wants the simulator's
 * clock. Units are the dictionary's, seconds simulated.
 *
 *   clock                 text for clock_parse(), so that two processes share the time
 *   status                time, power at the PCC and sums, as key=value
 *   get DEVICE.POINT      one value, as it truly is
 *   set DEVICE.POINT V    as an operator at the device would
 *   dump                  `ok N`, then N lines: DEVICE.POINT VALUE HOST PORT UNIT FC ADDRESS
 *                         WORD... (hex), or DEVICE.POINT VALUE - where no register shows it
 *   faults [DEVICE]       `ok N`, then the table of faults, or those the device has now
 *   inject DEVICE|all FAULT[:ARGS] [for S]
 *                         a fault of the table by id or name; answers how many things are
 *                         affected
 *   inject trip DEVICE [S]
 *                         protection opens, for S seconds or until cleared
 *   inject load_step DEVICE KW
 *   inject cloud DEPTH S
 *   clear [DEVICE|all [FAULT]]
 *                         answers how many faults were removed
 *   campaign [off | PER_HOUR [SEED [FAULT...]]]
 *                         random faults from now on; answers how many have begun, and how often
 *                         nothing could be broken
 *   judge                 the referee's figures so far, JSON in one line
 *   record                in lock-step: SHA-256 of the recording so far
 *   snapshot FILE         the whole state into a file (sim/snapshot.h); the recording begins
 *                         anew
 *   restore FILE          in lock-step: goes on from there, time included
 *   stop                  ends the simulation in good order
 *   join idle held members busy stuck
 *                         in lock-step, see sim/lockstep.h
 *
 * Runs in the simulator; owns the socket and its sessions. */
#ifndef KILNWATT_SIM_CONTROL_H
#define KILNWATT_SIM_CONTROL_H

#include "controller/base/stream.h"
#include "sim/campaign.h"
#include "sim/judge.h"
#include "sim/lockstep.h"
#include "sim/modbus_server.h"
#include "sim/snapshot.h"

enum { CONTROL_SESSIONS_MAX = 16, CONTROL_OUT_MAX = 4 * 1024 * 1024 };

struct control;
struct control_of {
    struct loop *loop;
    const struct clock *clock;
    struct devices *devices;
    struct faults *faults;
    struct campaign *campaign;
    struct server *server;
    struct judge *judge;
    struct lockstep *lock; /* NULL: not in lock-step */
    const struct snapshot_of *snapshot;
};

/* Opens the socket at `path`. What `of` points at must outlive it. ERR_IO with errno. */
must_check enum err control_open(const struct control_of *of, struct arena *a, const char *path,
                                 struct control **out);
void control_close(struct control *c);

#endif
