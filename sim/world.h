/* The whole park as it really is: one body per device, the bus between them, the heat network,
 * the plant's own protection at the point of common coupling. Truth; nobody outside sim sees it
 * except through registers. Runs in the simulator; arrays in the boot arena.
 *
 * Steps: the electrical side that answers fast (batteries, PV, wind, chargers, PCC) advances by
 * dt_s, everything else once per second of simulated time. Loads and kilns change once a
 * second, as do clouds. */
#ifndef KILNWATT_SIM_WORLD_H
#define KILNWATT_SIM_WORLD_H

#include "controller/park/park.h"
#include <stdint.h>

struct env;
struct body;
struct faults;
struct fault_set;
struct snap;
struct world;

/* What the reverse-power relay does where export is forbidden: reverse power above this share
 * of import_kw_max for longer than this trips all PV and wind; they come back after the pause.
 */
#define RELAY_PU 0.05
#define RELAY_TRIP_S 2.0
#define RELAY_PAUSE_S 300.0

struct world_setup {
    const struct park *park;
    struct env *env;             /* set up */
    const struct faults *faults; /* initialised; NULL = nothing is ever wrong */
    uint64_t seed;
    double dt_s;  /* sub-step, a whole fraction of a second in [0.1, 1] */
    wall_t start; /* wall time of step 0 */
};

/* Draws are a function of seed, device names and step number alone. A device whose ratings
 * cannot be simulated is named on stderr: ERR_RANGE, ERR_INFEASIBLE, ERR_MISSING. */
must_check enum err world_init(struct world **out, struct arena *a,
                               const struct world_setup *setup);
/* Before the first step: the content of a store, in place of the model's own (soc_pu of a
 * battery, storage boiler or tank). ERR_UNKNOWN_KEY for another point, ERR_RANGE. */
must_check enum err world_begin(struct world *w, int device, int row, double value);
/* One sub-step. */
void world_step(struct world *w);
const struct park *world_park(const struct world *w);
double world_dt_s(const struct world *w);
/* End of the last step: simulated time since the start, and as wall time. */
double world_elapsed_s(const struct world *w);
wall_t world_wall(const struct world *w);
/* true if this was the last sub-step of a second. */
bool world_second(const struct world *w);

/* A dictionary point as it is now; NaN if this plant has no such point. */
double world_get(const struct world *w, int device, int row);
/* The same of several rows of a device: out[i] of row[i]. true if it has all of them. */
bool world_get_rows(const struct world *w, int device, const int *row, int n, double *out);
bool world_serves(const struct world *w, int device, int row);
/* A command takes effect at the next step. Kilns ignore commands that make no sense in their
 * state. */
void world_command(struct world *w, int device, int row, double value);

const struct body *world_body(const struct world *w, int device);
/* Import is positive. */
double world_pcc_kw(const struct world *w);
double world_loss_kw(const struct world *w);
double world_heat_demand_kw(const struct world *w);
/* Times that the reverse-power relay has opened. */
int world_relay_trips(const struct world *w);

/* State of the bus and of all bodies (snap.h). */
void world_snap(struct world *w, struct snap *s);

/* Faults of the plant itself; each returns how many things are affected. */
int world_trip(struct world *w, int device, double for_s);   /* INFINITY = until cleared */
int world_load_step(struct world *w, int device, double kw); /* added to a load; 0 removes it */
int world_cloud(struct world *w, double depth, double s);    /* PV plants that see light now */
/* The cloud leaves, with its edge. Returns how many there were. */
int world_cloud_over(struct world *w);
/* Removes trips and load steps of a device. */
int world_clear(struct world *w, int device);
/* true if nothing is wrong with any device. */
bool world_sound(const struct world *w);
/* What is wrong with a device; never NULL. */
const struct fault_set *world_faults(const struct world *w, int device);
/* Racks of this share of a battery's capacity are cut off; 0 brings them back. */
void world_cut(struct world *w, int device, double share);
/* Commands are accepted and shown from now on, but do not reach the actuator; `switches` says
 * which: `run` or the setpoints. Returns how many rows. */
int world_stick(struct world *w, int device, bool switches);
/* ... they act again, the last ones first of all. */
void world_unstick(struct world *w, int device, bool switches);

#endif
