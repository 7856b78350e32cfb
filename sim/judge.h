/* The referee: looks at the plants' truth after every sub-step and counts what went wrong, what
 * was made, and what it cost. It never hears the controller's opinion. Lives in the simulator
 * and in studies; its arrays are in the boot arena. */
#ifndef KILNWATT_SIM_JUDGE_H
#define KILNWATT_SIM_JUDGE_H

#include "controller/books/tariff.h"
#include "sim/world.h"
#include <stdio.h>

struct snap;

enum {
    JUDGE_BREACHES_MAX = 160,
    JUDGE_SAME_MAX = 40,      /* of one invariant that are listed; all are counted */
    JUDGE_FIRINGS_MAX = 6144, /* a year of the reference park */
    JUDGE_FLIPS = 8,          /* reversals of a battery that are remembered */
    JUDGE_WINDOW_S = 900,     /* sliding demand */
    JUDGE_DAYS = 4,           /* days of each order that are followed at a time */
    JUDGE_INVARIANTS = 35     /* INV-01 to INV-34, by number */
};

/* A time during which something was beyond its limit. */
struct judge_watch {
    const char *name;
    const char *device; /* NULL = the park */
    double limit;
    double allowed_s; /* shorter excursions are counted, but are no breach (INV-01, INV-02) */
    bool on;
    wall_t since;
    double for_s; /* of the one under way */
    double worst; /* of the one under way */
    int count;    /* finished and under way */
    double longest_s, total_s, peak;
    wall_t longest_at; /* when the longest one began; 0 = there was none */
};
struct judge_breach {
    const char *name, *device;
    wall_t at;
    double for_s, value, limit;
};
struct judge_battery {
    int device;
    struct judge_watch low, high;
    int direction; /* +1 discharging, -1 charging, 0 not yet */
    int flips;
    double flip_s[JUDGE_FLIPS]; /* elapsed time of the last ones, a ring */
    int flips_10min_max;
    double gap_s_min; /* shortest time between two reversals */
    double discharge_kwh;
};
struct judge_firing {
    int device, order; /* order -1: nobody ordered it */
    wall_t start, end; /* end 0: under way */
    bool in_window, late, paused_wrong;
    double deviation_k, rate_error_k_per_h, paused_min, energy_kwh;
};
/* One day of one order. */
struct judge_case {
    wall_t midnight;                       /* 0 = free */
    double kwh;                            /* batch, charge: served within the window */
    bool begun;                            /* charge: its window has, and the next two hold */
    double left_asked_kwh, left_short_kwh; /* of all vehicles that were gone by then */
    int firing;                            /* index + 1, 0 = not started */
};
struct judge_order {
    struct judge_case day[JUDGE_DAYS];
    int done, late, missed;       /* late: done after it was due; missed: not at all by then */
    double asked_kwh, served_kwh; /* of closed cases */
};
/* What one period leaves to the next. */
struct judge_carry {
    double kwh;  /* stored at the beginning and no more, or owed by orders; < 0: gained */
    double yuan; /* kwh at the lowest import price of the day */
};

struct judge_wire;

struct judge {
    const struct world *world;
    const struct park *park;
    const struct tariff *tariff; /* NULL = no money */
    wall_t started;
    double seconds; /* judged */
    struct judge_watch import, export;
    int relay_trips, relay_trips_before; /* while judged; the world's before that */
    double export_kwh_worst;             /* of one event */
    double export_kwh_event;
    double window[JUDGE_WINDOW_S]; /* mean import of each second, a ring */
    double window_sum, second_sum;
    int64_t whole_s;
    double peak_kw, peak_sliding_kw;
    double import_kwh, export_kwh, pv_kwh, wind_kwh, chp_kwh, orc_kwh;
    double available_kwh, curtailed_kwh;
    double load_kwh; /* all that was drawn */
    double self_kwh; /* renewable energy used in the park */
    double gas_m3, energy_yuan, export_yuan, wear_yuan, om_yuan;
    double stock_kwh_begin; /* see judge_carry() */
    double tripped_kwh;     /* rigid load not served because it was tripped */
    int batteries;
    struct judge_battery *battery;
    int breaches;                 /* all */
    int broken[JUDGE_INVARIANTS]; /* of them, by invariant (judge_wire.h); 0: of none */
    int listed;
    struct judge_breach breach[JUDGE_BREACHES_MAX];
    int firings;
    struct judge_firing firing[JUDGE_FIRINGS_MAX];
    bool *fired;               /* [park->devices] kiln was running at the last look */
    struct judge_order *order; /* [park->orders] */
    wall_t next_midnight;
    struct judge_wire *wire; /* NULL = nobody tells it of writes (judge_wire.h) */
    uint64_t seed;
    uint64_t hash; /* of the truth, second by second */
};

/* tariff may be NULL. */
must_check enum err judge_init(struct judge *j, struct arena *a, const struct world *w,
                               const struct tariff *tariff, uint64_t seed);
/* After each world_step(). */
void judge_step(struct judge *j);
/* What has been found so far, one line of JSON in the form of a study's; returns its length,
 * below cap. Truncated JSON is never given: a text that does not fit gives "{}". */
size_t judge_json(struct judge *j, char *out, size_t cap);
/* The same as a table for people. */
void judge_print(const struct judge *j, FILE *to);
/* Energy in batteries, tank and storage boiler, less what vehicles on their plugs still want,
 * and what is in work (below), now; kWh of any kind. */
double judge_stock_kwh(const struct judge *j);
/* What the park's orders have had ahead of time, less what they are owed, kWh. A firing that
 * could still have been started later, and a batch whose window is open, has had what it drew;
 * a firing whose latest start has passed is owed what it still wants. So it makes no difference
 * whether an order of tomorrow was begun a minute before or after the look. */
double judge_work_kwh(const struct judge *j);
/* What the judged period leaves to the next, so that two of them compare. yuan 0 without a
 * tariff. */
struct judge_carry judge_carry(const struct judge *j);
/* Cost so far of energy, gas, wear, upkeep and carbon, with the share of the demand charge that
 * the judged time is of a month; what is carried over is not in it. Wear and upkeep alone
 * without a tariff. */
double judge_cost_yuan(const struct judge *j);
/* true if this device is where it may stay when nobody controls the park. */
bool judge_safe(const struct judge *j, int device);

/* Its state (judge_snap.c, snap.h). */
void judge_snap(struct judge *j, struct snap *s);

/* Parts of it, in files of their own: production orders (judge_orders.c). */
void judge_orders_second(struct judge *j);
void judge_breach_add(struct judge *j, const struct judge_breach *b);
/* One step of a watch. beyond: how far outside; <= 0 is inside. value: what is reported. */
void judge_watch(struct judge *j, struct judge_watch *w, double beyond, double value);
/* The run is over: what is beyond its limit now is a breach, if it has been for too long. Call
 * it once; judge_step() may follow. */
void judge_end(struct judge *j);

#endif
