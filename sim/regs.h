/* The register image of one Modbus unit: a device's profile read backwards. Reads serve the
 * plant as it stood after its last step; writes are handed to the device firmware
 * (sim/device.h), which latches them until the next step. Several devices may share a unit (one
 * PLC). Lives in the simulator; its arrays are in the boot arena. */
#ifndef KILNWATT_SIM_REGS_H
#define KILNWATT_SIM_REGS_H

#include "adapters/profile.h"
#include "sim/device.h"
#include "sim/faults.h"
#include "sim/pdu.h"

enum { REGS_BINDINGS_MAX = 16 };

struct snap;

/* One device (or part of one) that this unit shows. */
struct regs_binding {
    int device, part;
    const struct profile *f;
    int8_t sf[PROFILE_POINTS_MAX]; /* exponent in force for each point */
    uint16_t
        expected[PROFILE_POINTS_MAX]; /* steps of procedures that may come next, one bit each */
};
/* What a register holds. */
struct regs_cell {
    uint16_t addr;
    uint16_t word;  /* as served now */
    uint16_t last;  /* at the last refresh, for torn values */
    int8_t binding; /* index, -1: fixed */
    int8_t point;   /* of the binding's profile, -1: fixed */
    uint8_t at;     /* word within the point */
    bool bits;      /* shared by several bit points: composed from all of them */
};
struct regs_table {
    int n; /* cells, ascending by address */
    struct regs_cell *cell;
};
struct regs_unit {
    struct devices *devices;
    const struct faults *faults;
    int bindings;
    struct regs_binding binding[REGS_BINDINGS_MAX];
    struct regs_table table[TABLE_COUNT];
    uint64_t stamp; /* of the device values that the words show */
};

/* An empty unit. */
void regs_init(struct regs_unit *u, struct devices *d, const struct faults *f);
/* Adds a device's part. ERR_FULL beyond REGS_BINDINGS_MAX. */
must_check enum err regs_bind(struct regs_unit *u, int device, int part,
                              const struct profile *f);
/* Lays the tables out after all bindings; where two profiles claim one register the first one
 * has it. clashes: number of registers claimed twice. */
must_check enum err regs_build(struct regs_unit *u, struct arena *a, int *clashes);
/* Words as served, scale factors in force, procedures under way (snap.h; regs_build.c). */
void regs_snap(struct regs_unit *u, struct snap *s);
/* The space that the Modbus server answers from; its `unit` is a struct regs_unit. */
extern const struct pdu_space regs_space;
/* Words of a point as served now, without taking part in any fault. Returns how many, 0 if the
 * point cannot be read. word[4]. */
int regs_point_words(struct regs_unit *u, int binding, int point, uint16_t *word);

#endif
