/* A station: one part of a device at one unit number of a line. It knows what to ask next
 * (identity, writes, reads), takes the answers apart, holds the leases of its setpoints, and is
 * trusted with writes only after its identity matched and every block was read once. No I/O of
 * its own: the line carries its requests. Runs in the field role; owns nothing but its own
 * memory. */
#ifndef KILNWATT_ADAPTERS_STATION_H
#define KILNWATT_ADAPTERS_STATION_H

#include "adapters/clamp.h"
#include "adapters/frame.h"
#include "adapters/lease.h"
#include "adapters/poll.h"
#include "controller/park/messages.h"

enum {
    STATION_SETPOINTS_MAX = 12,
    STATION_IDENTITY_MAX = 16, /* runs of identity registers */
    STATION_TRIES = 3          /* before a write is called failed, or a station offline */
};

struct setpoint {
    int pt;   /* profile point */
    bool arm; /* part of the device's own watchdog: written before every other setpoint */
    struct lease lease;
    struct lease_end end;
    struct clamp clamp;
    bool once;     /* a command, such as starting a firing: never repeated by itself */
    bool told;     /* the outcome of this value was reported */
    bool stubborn; /* the device keeps showing another value: no more tries for this one */
    int tries;
    mono_t next_try;
    int step;       /* of its procedure that is written next, -1 = none under way */
    bool verifying; /* written, not yet read back */
    bool written;   /* word[] stands in the device, as far as we know */
    bool whole;     /* the value written is the one wanted, not a step on the way */
    double out;     /* value being written */
    uint16_t word[4];
};

enum job_kind { JOB_NONE, JOB_IDENTITY, JOB_POLL, JOB_WRITE, JOB_VERIFY, JOB_BEAT };
struct job {
    enum job_kind kind;
    int index; /* identity run, block or setpoint */
};

struct identity_run {
    int first, count; /* rows of profile.fixed */
};

struct station_hooks {
    void (*readings)(void *arg, const struct msg_reading *row, int n);
    void (*wrote)(void *arg, const struct msg_write_result *row);
};

struct station {
    const struct park *park;
    const struct profile *f;
    const struct station_hooks *hooks;
    void *arg;
    int device, part;
    uint8_t unit;
    uint32_t rng;
    struct poll poll;
    struct identity_run run[STATION_IDENTITY_MAX];
    int runs, run_next;
    bool identified, online, ever_trusted, armed_failed;
    int fails; /* in a row */
    mono_t not_before;
    int sf[PROFILE_POINTS_MAX];
    uint16_t raw[PROFILE_POINTS_MAX][4]; /* as read last */
    struct setpoint set[STATION_SETPOINTS_MAX];
    int sets;
    mono_t beat_at;
    uint16_t beat;
    struct job job;
    uint32_t good, failed, timeouts, missed;
    double latency_us, period_us; /* smoothed */
    mono_t last_fast;
    uint32_t fast_points; /* of the block whose period is measured */
};

/* rng: seed of the back-off's jitter. ERR_RANGE when the profile and the park leave a setpoint
 * no value or there are more setpoints or identity runs than fit. */
must_check enum err station_init(struct station *s, const struct park *park,
                                 const struct profile *f, int device, int part);
/* The next request; urgent: only identity-checked writes, read-backs and heartbeats. false =
 * none. */
bool station_next(struct station *s, mono_t now, bool urgent, struct frame_ask *ask);
/* How the request ended. */
void station_done(struct station *s, mono_t now, enum err e, const struct frame_answer *answer,
                  int64_t took_us);
/* The line could not connect. */
void station_lost(struct station *s, mono_t now);
/* When it may next have something to ask; INT64_MAX us = never by itself. */
mono_t station_due(const struct station *s, mono_t now);
/* Identity matched and each block read once since it came online. */
bool station_trusted(const struct station *s);

/* ---- Setpoints (station_set.c) ---- */
/* Setpoints of the profile, among them those that arm the device's watchdog. */
must_check enum err station_write_init(struct station *s);
/* The setpoint of a dictionary row; NULL if this part has none. */
struct setpoint *station_setpoint(struct station *s, int row);
/* A setpoint from the park; row: dictionary row. Refusals are reported at once. */
void station_set(struct station *s, int row, const struct msg_setpoint *m, mono_t now);
/* Lets leases run out. */
void station_pass(struct station *s, mono_t now);
/* The device was out of reach and may have fallen back: what is held is to be written again. */
void station_write_lost(struct station *s);
/* Gives up every lease (the role ends). */
void station_give_up(struct station *s, mono_t now);
/* true when no revert value waits to be written. */
bool station_settled(const struct station *s);
/* ---- Writing (station_write.c) ---- */
/* A write, a read-back or a heartbeat that is due. */
bool station_write_next(struct station *s, mono_t now, struct frame_ask *ask);
void station_write_done(struct station *s, mono_t now, enum err e,
                        const struct frame_answer *answer);
/* A point was read: rates start from there, and a setpoint that the device lost is written
 * again. */
void station_write_seen(struct station *s, int pt, double value, mono_t now);
mono_t station_write_due(const struct station *s, mono_t now);

#endif
