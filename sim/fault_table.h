/* The rows of the simulator's table of faults, and what a row does when it begins and ends. A
 * new fault is a row here, a number in sim/fault_set.h, and its effect where the broken thing
 * lies. Private to sim/fault*.c. */
#ifndef KILNWATT_SIM_FAULT_TABLE_H
#define KILNWATT_SIM_FAULT_TABLE_H

#include "sim/faults.h"

/* One argument; what is usual counts where none is given, NAN = it must be given. */
struct fault_param {
    const char *name, *unit; /* name NULL = the fault has no such argument */
    double lo, hi, usual;
    bool whole;
};
/* The layers: what a fault needs to have any effect. */
enum fault_layer {
    FAULT_OF_PLANT,   /* acts in the plant's own truth */
    FAULT_OF_DEVICE,  /* acts between plant and wire, in a study too */
    FAULT_OF_READING, /* ... and only on what the device shows: points that change are counted
                       */
    FAULT_OF_WIRE     /* acts on registers and frames */
};
struct fault_target {
    struct faults *all;
    struct fault_set *set;
    int device;
    enum fault_id id;
};
/* What happens at once; returns how many things are affected, or 0 with a reason. */
typedef int fault_begin_fn(const struct fault_target *t, const double *arg, const char **why);
/* Undoes it. */
typedef void fault_end_fn(const struct fault_target *t);

struct fault_def {
    const char *id, *name; /* id "": a row of the wire itself */
    enum fault_layer layer;
    uint32_t kinds; /* one bit per kind of device that it can hit */
    uint32_t trips; /* kinds that it keeps tripped while it is on */
    struct fault_param arg[FAULT_ARGS];
    const char *effect;
    fault_begin_fn *begin; /* NULL = affects one thing, by being on */
    fault_end_fn *end;     /* NULL = nothing to undo but its being on */
};

/* [FAULT_COUNT] */
extern const struct fault_def fault_table[];

/* sim/fault_acts.c: plant and firmware. */
fault_begin_fn fault_begin_light, fault_begin_cloud, fault_begin_cells, fault_begin_capacity,
    fault_begin_defrost, fault_begin_firing, fault_begin_load_step, fault_begin_grid,
    fault_begin_stuck, fault_begin_watchdog, fault_begin_reboot, fault_begin_writable,
    fault_begin_clamp, fault_begin_eeprom, fault_begin_freeze, fault_begin_counters,
    fault_begin_clock;
fault_end_fn fault_end_cloud, fault_end_capacity, fault_end_load_step, fault_end_stuck,
    fault_end_clock;
/* sim/fault_wire.c: those that look into profiles. */
fault_begin_fn fault_begin_served, fault_begin_exception, fault_begin_byte_count,
    fault_begin_scale_factor, fault_begin_torn;

#endif
