/* A park on the bench for tests of the pure core: a park file, its tariff, a core and a tiny
 * plant (batteries with lag, PV and wind with a ramp, loads, chargers, kilns, PCC) in virtual
 * time, ticks of 200 ms. Written apart from the simulator. What a test judges is `pcc_kw` and
 * `kw`, the plant's truth. */
#ifndef KILNWATT_TESTS_SUPPORT_BENCH_PARK_H
#define KILNWATT_TESTS_SUPPORT_BENCH_PARK_H

#include "controller/books/bill.h"
#include "controller/dispatch/core.h"

enum { BENCH_OUT_MAX = 1024 };

struct bench {
    struct arena arena;
    struct doc_errors errors;
    struct park *park;
    struct tariff *tariff;
    struct prices prices;
    struct bill bill; /* the books that the host keeps beside the core */
    uint64_t booked;  /* core ticks that are in the books */
    struct core core;
    mono_t now;
    wall_t wall;
    double pcc_kw;               /* truth: import positive */
    double kw[DEVICES_MAX];      /* truth, bus sign */
    double free_kw[DEVICES_MAX]; /* what sun, wind, process or vehicle offers, magnitude */
    double row[DEVICES_MAX][POINTS_PER_KIND_MAX]; /* what each point holds, but powers */
    double pv_ramp_pu_per_s;
    bool silent[DEVICES_MAX]; /* no readings, takes no setpoint */
    bool deaf[DEVICES_MAX];   /* answers, but ignores setpoints */
    int outs;                 /* setpoints of the last tick */
    struct msg_setpoint out[BENCH_OUT_MAX];
};

/* Loads the park file, starts the core at `when` (ISO 8601) with all devices online, loads at
 * their schedule, no sun, no vehicle, batteries half full, tank at 0.6. policy rule. */
void bench_open(struct bench *b, const char *park_file, const char *when);
void bench_close(struct bench *b);
/* A core that starts anew on the same plant, as after a kill; restored stays false. */
void bench_restart(struct bench *b);
/* One tick of 200 ms: plant, polls, core, setpoints to the devices. */
void bench_step(struct bench *b);
void bench_run(struct bench *b, double seconds);
/* Index of a device; fails the test if there is none. */
int bench_device(const struct bench *b, const char *name);
/* Answering and read, or not. */
void bench_link(struct bench *b, int device, bool on);
/* Sum of the true powers of a kind. */
double bench_sum_kw(const struct bench *b, enum kind k);
/* Offers of all devices of a kind: each gets its share of `kw` by rated power. */
void bench_offer(struct bench *b, enum kind k, double kw);
/* Sets a row of all devices of a kind. */
void bench_rows(struct bench *b, enum kind k, int row, double value);
/* Last setpoint of a point among those of the last tick, NaN if none. */
double bench_said(const struct bench *b, int device, int row);
/* Takes a number of kW off the loads, in file order; negative adds to the first. */
void bench_trip_load(struct bench *b, double kw);

#endif
