/* Scripted Modbus TCP devices for tests: a child process with one device per port, each with
 * its own way of being wrong. Registers lie in memory shared with the test. Written apart from
 * the controller's and the simulator's code. */
#ifndef KILNWATT_TESTS_SUPPORT_MODBUS_PEER_H
#define KILNWATT_TESTS_SUPPORT_MODBUS_PEER_H

#include <stdint.h>
#include <sys/types.h>

enum peer_way {
    PEER_GOOD,
    PEER_SILENT,      /* takes requests, never answers */
    PEER_DRIP,        /* one byte of the answer each 0.4 s */
    PEER_LATE,        /* answers after 0.7 s */
    PEER_UNIT,        /* another unit number */
    PEER_TRANSACTION, /* another transaction number */
    PEER_LENGTH,      /* a length that is not that of the data */
    PEER_FUNCTION,    /* another function code */
    PEER_ECHO,        /* another value in the echo of a write */
    PEER_COUNT,       /* another byte count, length to match */
    PEER_TWICE,       /* the answer twice */
    PEER_FOREIGN,     /* a frame of another transaction first, then the answer */
    PEER_CLOSE,       /* hangs up instead of answering */
    PEER_BUSY,        /* exception 6 */
    PEER_STUCK        /* takes writes, shows the old value */
};
enum { PEERS_MAX = 64, PEER_REGS = 65536 };

struct peer_shared {
    volatile int way[PEERS_MAX];
    volatile uint32_t requests[PEERS_MAX], writes[PEERS_MAX], connects[PEERS_MAX];
    volatile int last_write_addr[PEERS_MAX];
    volatile uint16_t reg[PEERS_MAX][PEER_REGS];
};
struct peer {
    pid_t pid;
    int n;
    int port[PEERS_MAX];
    struct peer_shared *shared;
};

/* Starts n devices on free loopback ports, all PEER_GOOD with registers 0. Aborts the test on
 * failure. */
void peer_start(struct peer *p, int n);
void peer_stop(struct peer *p);

#endif
