/* A line: one connection to a Modbus endpoint with one transaction in flight. It asks its owner
 * for the next request whenever it is free, so that nothing queues up; it connects, reconnects,
 * keeps the silences that the device wants, and never lets one line wait for another. Runs in
 * the field role; owns its wire and its timer. */
#ifndef KILNWATT_ADAPTERS_LINK_H
#define KILNWATT_ADAPTERS_LINK_H

#include "adapters/modbus_wire.h"
#include "controller/base/loop.h"

/* What the device behind the line wants; times in real milliseconds. */
struct link_manners {
    int connect_quiet_ms, min_gap_ms, connect_timeout_ms;
};

struct link_hooks {
    /* The next request and how long its answer may take (real ms); false = nothing now. */
    bool (*next)(void *arg, struct frame_ask *ask, int *timeout_ms);
    /* How the last request ended: ERR_OK, ERR_EXCEPTION, ERR_TIMEOUT, ERR_CLOSED, ERR_IO,
     * ERR_PROTOCOL. took_us: real microseconds. */
    void (*done)(void *arg, enum err e, const struct frame_answer *answer, int64_t took_us);
    /* Connecting failed, or an idle connection was lost. */
    void (*lost)(void *arg, enum err e);
};

enum link_state {
    LINK_DOWN,       /* not connected, waiting until it may connect again */
    LINK_CONNECTING, /* SYN is out */
    LINK_QUIET,      /* connected or answered; the device wants silence */
    LINK_IDLE,
    LINK_WAITING, /* a request is under way */
    LINK_STATES
};

struct link {
    enum link_state state;
    struct wire wire;
    struct link_manners manners;
    const struct link_hooks *hooks;
    void *arg;
    struct loop *loop;
    struct loop_timer *timer;
    struct loop_watch *watch;
    struct frame_ask ask;
    uint16_t local; /* our TCP port while connected */
    /* in lock-step: */
    bool known;          /* to the simulator, as a line of ours */
    bool held;           /* it holds the answer back */
    bool moved;          /* something is about to come, asked for or not */
    int64_t sent_us;     /* real */
    mono_t connect_at;   /* earliest next attempt */
    uint32_t rng;        /* for jitter, seeded */
    uint32_t failures;   /* connects in a row that failed */
    uint32_t connects;   /* that succeeded */
    int64_t call_us_max; /* longest of our own calls into the wire, real */
};

/* Takes memory: while booting. hooks must outlive the link. ERR_NOMEM, ERR_RANGE. */
must_check enum err link_open(struct link *k, struct loop *l, const char *host, int port,
                              const struct link_manners *manners);
/* Starts; `seed` makes the jitter repeatable. */
void link_start(struct link *k, const struct link_hooks *hooks, void *arg, uint32_t seed);
void link_close(struct link *k);
/* There may be something to send: asks the owner at once if the line is free. */
void link_kick(struct link *k);
/* For lock-step, where time stands while anything is under way: our port if this line waits for
 * something that will come, else 0. While it connects, UINT16_MAX: there is no port yet. */
uint16_t link_awaits(const struct link *k);
/* The simulator's word: it knows this line, holds its answer back or not; or something comes.
 */
void link_seen(struct link *k, bool held);
void link_moved(struct link *k);
/* Real milliseconds as a duration of process time. */
mono_t link_real_ms(const struct loop *l, int ms);
/* Uniform in [0.5, 1.5), from a seeded generator (xorshift32, Marsaglia 2003). */
double link_jitter(uint32_t *rng);

#endif
