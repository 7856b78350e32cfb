/* Faults of a scenario: the plain ones of the plants, and all of the table of faults. Runs in
 * scenarios. */
#include "sim/scenario_own.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The number after "name:"; NaN if there is none. */
static double argument(const char *fault)
{
    const char *colon = strchr(fault, ':');
    char *end = NULL;
    double v = colon ? strtod(colon + 1, &end) : NAN;
    return end != NULL && end != colon + 1 && *end == '\0' ? v : NAN;
}

static int trip(struct world *w, const struct scenario_event *e, const char **why)
{
    *why = "a device that can trip, and has not, would be right";
    return e->device >= 0 ? world_trip(w, e->device, e->for_s) : 0;
}

static int load_step(struct world *w, const struct scenario_event *e, const char **why)
{
    double kw = argument(e->fault);
    *why = "load_step:KW on a device of kind load would be right";
    return e->device >= 0 && isfinite(kw) ? world_load_step(w, e->device, kw) : 0;
}

static int cloud(struct world *w, const struct scenario_event *e, const char **why)
{
    double depth = argument(e->fault);
    bool sane = depth > 0 && depth <= 1 && isfinite(e->for_s) && e->for_s > 0;
    *why = "cloud:DEPTH in (0, 1] with for:, while PV sees light, would be right";
    return sane ? world_cloud(w, depth, e->for_s) : 0;
}

/* Any other row of the table of faults, by id or name. */
static int by_table(struct scenario_run *r, const struct scenario_event *e, const char **why)
{
    *why = r->why;
    if (r->view->core == NULL || e->device < 0) {
        *why = "a fault needs a device, and a controller that asks it";
        return 0;
    }
    return faults_inject(&r->view->set->faults, e->device, e->fault, INFINITY, r->why);
}

static const struct row {
    const char *name;
    int (*inject)(struct world *w, const struct scenario_event *e, const char **why);
} rows[] = {
    {"trip",      trip     },
    {"load_step", load_step},
    {"cloud",     cloud    },
};

int scenario_inject(struct scenario_run *r, const struct scenario_event *e, const char **why)
{
    size_t n = strcspn(e->fault, ":");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strlen(rows[i].name) == n && strncmp(rows[i].name, e->fault, n) == 0) {
            return rows[i].inject(r->view->set->world, e, why);
        }
    }
    return by_table(r, e, why);
}

int scenario_clear(struct scenario_run *r, const struct scenario_event *e)
{
    int n = 0;
    if (e->device >= 0) {
        n = world_clear(r->view->set->world, e->device);
        n += faults_clear(&r->view->set->faults, e->device, NULL, r->why);
    }
    return n;
}
