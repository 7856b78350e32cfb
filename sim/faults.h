/* Faults by name: what can be wrong with a simulated device, and making it so. The table
 * (sim/fault_table.c) has one row per fault: id and name, arguments with their ranges, the
 * kinds of devices that it can hit, what it does. The effects themselves lie where the thing
 * lies that is broken: plant_*.c and body_*.c (P), device*.c and regs.c (D), mangle.c and
 * modbus_conn.c (M).
 *
 * An injection says how many things it affects (devices or points); one that
 * affects nothing is refused with a reason, so that no test passes because of a fault that
 * never was. Clearing restores what was, except that a device that has rebooted has forgotten
 * its commands.
 *
 * Runs in the simulator and in studies; there the faults of the wire affect nothing. Draws come
 * from a stream per device, so that equal runs have equal faults. Owns one set per device in
 * the boot arena. */
#ifndef KILNWATT_SIM_FAULTS_H
#define KILNWATT_SIM_FAULTS_H

#include "adapters/profile.h"
#include "sim/fault_set.h"
#include <stdio.h>

enum { FAULT_WHY_LEN = 160 };

struct world;
struct devices;
struct snap;
struct faults {
    int devices;
    struct fault_set *of; /* [devices] */
    const struct park *park;
    struct world *world; /* NULL until joined */
    struct devices *firmware;
    const struct profile *const *profile;
    int active;                 /* faults that are on, of all devices */
    bool wired;                 /* there is a wire that its faults can hit */
    void (*changed)(void *arg); /* called after each change; may be NULL */
    void *arg;
};

/* No faults. Before the world, whose bodies look into their sets. */
must_check enum err faults_init(struct faults *f, struct arena *a, const struct park *p,
                                uint64_t seed);
/* What the faults act on; profile as profile_load_park() gives them. Before the first
 * injection. */
void faults_join(struct faults *f, struct world *w, struct devices *d,
                 const struct profile *const *profile);
/* Registers are served over a wire; `changed` is told when listeners may have to open or close.
 */
void faults_wire(struct faults *f, void (*changed)(void *arg), void *arg);

/* Injects what `text` names on a device: an id or a name, with arguments after a colon: "P3",
 * "inverter_trip", "wrong_scale:10", "M8:3,50". for_s: simulated seconds until it clears
 * itself, > 0, INFINITY = never. The same fault with other arguments replaces the one that is
 * on. Returns how many things are affected; 0 if none, and then why[FAULT_WHY_LEN] says why in
 * a sentence. */
int faults_inject(struct faults *f, int device, const char *text, double for_s, char *why);
/* Clears the fault that `text` names (arguments do not count), or all if it is NULL. Returns
 * how many there were; 0 with a reason in why[FAULT_WHY_LEN] if none. */
int faults_clear(struct faults *f, int device, const char *text, char *why);
/* true if no answer of a device with these faults comes in time (1 s). Where there is no wire,
 * as in a study, the faults that have this effect are the only ones of the wire that can be
 * injected. */
bool faults_silence(const struct fault_set *s);
/* The same of a device; inline because a study asks it for each point that it reads. */
static inline bool faults_mute(const struct faults *f, int device)
{
    return f->active && faults_silence(&f->of[device]);
}
/* Simulated time goes on: faults that have lasted long enough clear themselves. */
void faults_step(struct faults *f, double dt_s);

/* true if the text names a fault of the table with arguments in range; else a reason. */
bool faults_known(const char *text, char *why);
/* What is on and what it draws (snap.h); whoever restores it sees to the
 * listeners. */
void faults_snap(struct faults *f, struct snap *s);

/* Rows of the table as text, for help: "P4 inverter_derated[:LIMIT_PU]". n is below
 * FAULT_COUNT. */
void faults_use(int n, char *out, size_t cap);
/* ... kinds that it can hit, as "pv battery" or "any". */
void faults_kinds(int n, char *out, size_t cap);
/* The whole table with ranges, usual values and effects. */
void faults_print(FILE *to);
/* The n-th row's name, effect, and argument text ("limit_pu 0..0.99 pu (0.5)"), "" if it has
 * none. */
const char *faults_name(int n);
const char *faults_effect(int n);
void faults_args(int n, char *out, size_t cap);

#endif
