/* A simulated park, from its files to plants that can be stepped: what the simulator and
 * studies start from. Runs while booting; everything lies in the caller's arena. */
#ifndef KILNWATT_SIM_SETUP_H
#define KILNWATT_SIM_SETUP_H

#include "sim/campaign.h"
#include "sim/device.h"
#include "sim/env.h"
#include "sim/faults.h"
#include "sim/judge.h"

/* Content of a store when the plants begin, instead of the model's own. */
enum { SETUP_BEGINS_MAX = 32 };
struct setup_begin {
    int device, row;
    double value;
};

struct setup_ask {
    const char *who;     /* command, for messages: "kilnwatt sim" */
    const char *park;    /* file */
    const char *devices; /* folder of the profiles */
    const char *start;   /* ISO 8601; NULL = the present second */
    const char *const *series;
    int series_n;
    uint64_t seed;
    double dt_s; /* step of the electrical side */
    int begins;
    struct setup_begin begin[SETUP_BEGINS_MAX];
};

struct setup {
    struct park *park;
    const struct profile **profile;
    struct tariff *tariff; /* NULL = the park names none */
    wall_t start;
    struct env env;
    struct world *world;
    struct devices devices;
    struct faults faults;
    struct campaign campaign;
    struct judge judge;
    struct doc_errors errors;
};

/* Reads all files; sets the process's zone. 0, or the exit status to end with after its lines
 * on stderr. */
int setup_load(struct setup *s, struct arena *a, const struct setup_ask *ask);
/* Builds the plants with their beginnings, their firmware and the referee. ERR_NOMEM, ERR_RANGE
 * ... */
must_check enum err setup_build(struct setup *s, struct arena *a, const struct setup_ask *ask);
/* One step: what was written acts, the plants move, the referee looks. */
void setup_step(struct setup *s);
/* Folder of the profiles for a park file: ../devices beside it, else etc/devices. */
void setup_find_devices(const char *park, char *out, size_t cap);

#endif
