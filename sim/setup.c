/* Reading and building a simulated park. Runs in the simulator and in studies. */
#include "sim/setup.h"
#include "controller/base/civil.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int complain(const struct doc_errors *errors, int status)
{
    for (int i = 0; i < errors->count && i < DOC_ERRORS_MAX; i++) {
        fprintf(stderr, "%s\n", errors->text[i]);
    }
    return status;
}

static int load_series(struct setup *s, struct arena *a, const struct setup_ask *ask)
{
    struct series_file *weather = NULL, *f;
    if (s->park->weather[0] &&
        series_load(a, s->park->weather, &weather, &s->errors) != ERR_OK) {
        return complain(&s->errors, 1);
    }
    if (env_init(&s->env, a, s->park, ask->seed, weather) != ERR_OK) {
        return 3;
    }
    for (int i = 0; i < ask->series_n; i++) {
        if (series_load(a, ask->series[i], &f, &s->errors) != ERR_OK) {
            return complain(&s->errors, 1);
        }
        if (env_add_series(&s->env, f) != ERR_OK) {
            fprintf(stderr, "%s: at most %d series files\n", ask->who, ENV_SERIES_MAX);
            return 2;
        }
    }
    return 0;
}

/* --start, or the present second. */
static int read_start(struct setup *s, const struct setup_ask *ask)
{
    struct clock live;
    if (!ask->start) {
        clock_init_live(&live);
        s->start = clock_wall(&live);
        s->start.ms -= s->start.ms % 1000;
        return 0;
    }
    if (civil_parse(ask->start, &s->start) != ERR_OK) {
        fprintf(stderr,
                "%s: --start \"%s\": a time such as 2025-07-14T05:00:00+08:00 "
                "would be right\n",
                ask->who, ask->start);
        return 2;
    }
    return 0;
}

/* Everything that is read from files. */
int setup_load(struct setup *s, struct arena *a, const struct setup_ask *ask)
{
    if (park_load(a, ask->park, &s->park, &s->errors) != ERR_OK) {
        return complain(&s->errors, 1);
    }
    if (civil_zone_set(s->park->zone) != ERR_OK) {
        fprintf(stderr, "%s: this machine has no time zone %s; install tzdata\n", ask->who,
                s->park->zone);
        return 3;
    }
    if (profile_load_park(a, s->park, ask->devices, &s->profile, &s->errors) != ERR_OK) {
        return complain(&s->errors, 1);
    }
    if (s->park->tariff[0] &&
        tariff_load(a, s->park->tariff, &s->tariff, &s->errors) != ERR_OK) {
        return complain(&s->errors, 1);
    }
    int status = load_series(s, a, ask);
    return status ? status : read_start(s, ask);
}

enum err setup_build(struct setup *s, struct arena *a, const struct setup_ask *ask)
{
    struct world_setup world = {.park = s->park,
                                .env = &s->env,
                                .faults = &s->faults,
                                .seed = ask->seed,
                                .dt_s = ask->dt_s,
                                .start = s->start};
    enum err e = faults_init(&s->faults, a, s->park, ask->seed);
    e = e == ERR_OK ? world_init(&s->world, a, &world) : e;
    for (int i = 0; e == ERR_OK && i < ask->begins; i++) {
        const struct setup_begin *b = &ask->begin[i];
        e = world_begin(s->world, b->device, b->row, b->value);
    }
    e = e == ERR_OK ? judge_init(&s->judge, a, s->world, s->tariff, ask->seed) : e;
    e = e == ERR_OK ? device_init(&s->devices, a, s->world, s->profile) : e;
    faults_join(&s->faults, s->world, &s->devices, s->profile);
    return e;
}

void setup_step(struct setup *s)
{
    device_step(&s->devices, world_dt_s(s->world));
    world_step(s->world);
    judge_step(&s->judge);
    faults_step(&s->faults, world_dt_s(s->world));
    (void)campaign_step(&s->campaign, &s->faults, world_dt_s(s->world));
    device_touch(&s->devices);
}

/* Profiles lie beside the parks unless told otherwise. */
void setup_find_devices(const char *park, char *out, size_t cap)
{
    const char *slash = strrchr(park, '/');
    int n = slash ? (int)(slash - park) : 1;
    snprintf(out, cap, "%.*s/../devices", n, slash ? park : ".");
    if (access(out, R_OK | X_OK) != 0) {
        snprintf(out, cap, "etc/devices");
    }
}
