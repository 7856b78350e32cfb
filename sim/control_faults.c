/* Commands of the simulator's control socket that break things and mend them: inject, clear,
 * faults, campaign. Runs in the simulator. */
#include "sim/control_own.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static void say_count(struct session *s, int n, const char *why_none)
{
    if (n > 0) {
        control_say(s, "ok %d\n", n);
    } else {
        control_say(s, "error 0 affected: %s\n", why_none);
    }
}

/* ---- By hand, without a row in the table ---- */
static void inject_trip(struct session *s, int argc, char **argv)
{
    double for_s = INFINITY;
    int d = control_want_device(s, argv[2]);
    if (d < 0 || (argc > 3 && !control_want_number(s, argv[3], &for_s))) {
        return;
    }
    say_count(s, for_s > 0 ? world_trip(s->control->of.devices->world, d, for_s) : 0,
              "nothing there can trip, or it has tripped already");
}

static void inject_load_step(struct session *s, int argc, char **argv)
{
    double kw;
    int d = control_want_device(s, argv[2]);
    if (d < 0 || argc < 4 || !control_want_number(s, argv[3], &kw)) {
        if (d >= 0 && argc < 4) {
            control_say(s, "error use: inject load_step DEVICE KW\n");
        }
        return;
    }
    char text[48], why[FAULT_WHY_LEN];
    (void)snprintf(text, sizeof text, "load_step:%.12g", kw);
    int n = kw != 0 ? faults_inject(s->control->of.faults, d, text, INFINITY, why)
                    : faults_clear(s->control->of.faults, d, "load_step", why);
    say_count(s, n, why);
}

static void inject_cloud(struct session *s, int argc, char **argv)
{
    double depth, for_s;
    if (argc < 4) {
        control_say(s, "error use: inject cloud DEPTH SECONDS, as in inject cloud 0.8 60\n");
        return;
    }
    if (!control_want_number(s, argv[2], &depth) || !control_want_number(s, argv[3], &for_s)) {
        return;
    }
    bool sane = depth > 0 && depth <= 1 && for_s > 0;
    say_count(s, sane ? world_cloud(s->control->of.devices->world, depth, for_s) : 0,
              "depth is in (0, 1], seconds above 0, and PV must see light");
}

/* ---- By the table ---- */
/* Brings the words up to date, because a torn value shows the reading before. */
static void show_now(const struct control *c, int device)
{
    for (int k = 0; k < c->park->device[device].parts; k++) {
        struct regs_unit *u;
        int binding;
        uint16_t word[4];
        if (server_unit_of(c->of.server, device, k, &u, &binding)) {
            (void)regs_point_words(u, binding, 0, word);
        }
    }
}

/* First device that a word names and the one after the last; false after having said so. */
static bool want_devices(struct session *s, const char *word, int *first, int *end)
{
    bool all = strcmp(word, "all") == 0;
    *first = all ? 0 : control_want_device(s, word);
    *end = all ? s->control->park->devices : *first + 1;
    return *first >= 0;
}

/* Seconds after the word `for`; INFINITY if there is none. */
static bool want_duration(struct session *s, int argc, char **argv, double *for_s)
{
    *for_s = INFINITY;
    if (argc < 4) {
        return true;
    }
    if (argc != 5 || strcmp(argv[3], "for") != 0) {
        control_say(s, "error use: inject DEVICE|all FAULT[:ARGUMENTS] [for SECONDS]\n");
        return false;
    }
    return control_want_number(s, argv[4], for_s);
}

static void inject_fault(struct session *s, int argc, char **argv)
{
    struct control *c = s->control;
    char why[FAULT_WHY_LEN] = "";
    double for_s;
    int n = 0, first, end;
    if (!want_duration(s, argc, argv, &for_s) || !want_devices(s, argv[1], &first, &end)) {
        return;
    }
    struct control_devices of = {first, end};
    if (control_inject_link(s, &of, argv[2], for_s)) {
        return;
    }
    for (int d = first; d < end; d++) {
        show_now(c, d);
        n += faults_inject(c->of.faults, d, argv[2], for_s, why);
    }
    say_count(s, n, why);
}

void control_inject(struct session *s, int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*fn)(struct session *s, int argc, char **argv);
    } rows[] = {
        {"trip",      inject_trip     },
        {"load_step", inject_load_step},
        {"cloud",     inject_cloud    }
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(argv[1], rows[i].name) == 0) {
            rows[i].fn(s, argc, argv);
            return;
        }
    }
    inject_fault(s, argc, argv);
}

void control_clear(struct session *s, int argc, char **argv)
{
    struct control *c = s->control;
    char why[FAULT_WHY_LEN] = "";
    const char *only = argc > 2 ? argv[2] : NULL;
    int n = 0, first, end;
    if (!want_devices(s, argc > 1 ? argv[1] : "all", &first, &end)) {
        return;
    }
    struct control_devices of = {first, end};
    n = control_clear_link(s, &of, only);
    for (int d = first; d < end; d++) {
        n += faults_clear(c->of.faults, d, only, why);
        n += only ? 0 : world_clear(c->of.devices->world, d);
    }
    device_touch(c->of.devices);
    if (n == 0 && only) {
        control_say(s, "error 0 cleared: %s\n", why);
    } else {
        control_say(s, "ok %d\n", n);
    }
}

/* One line per fault that a device has now. */
static void list_active(struct session *s, int device)
{
    const struct fault_set *f = &s->control->of.faults->of[device];
    control_say(s, "ok %d\n", f->active);
    for (int i = 0; i < FAULT_COUNT; i++) {
        if (f->of[i].on) {
            control_say(s, "%s args=%.12g,%.12g left_s=%.1f\n", faults_name(i), f->of[i].arg[0],
                        f->of[i].arg[1], f->of[i].left_s);
        }
    }
}

void control_faults(struct session *s, int argc, char **argv)
{
    int d = argc > 1 ? control_want_device(s, argv[1]) : -1;
    if (argc > 1) {
        if (d >= 0) {
            list_active(s, d);
        }
        return;
    }
    control_say(s, "ok %d\n", FAULT_COUNT);
    for (int i = 0; i < FAULT_COUNT; i++) {
        char use[80], args[160], kinds[200];
        faults_use(i, use, sizeof use);
        faults_args(i, args, sizeof args);
        faults_kinds(i, kinds, sizeof kinds);
        control_say(s, "%s | %s | %s | %s\n", use, args, kinds, faults_effect(i));
    }
}

/* ---- At random ---- */
/* From 5 s to 5 min, as lost links and tripped breakers last. */
static const double campaign_least_s = 5, campaign_most_s = 300;

static bool want_campaign(struct session *s, int argc, char **argv, struct campaign_ask *ask)
{
    double seed = 1;
    char why[FAULT_WHY_LEN];
    if (!control_want_number(s, argv[1], &ask->per_hour) ||
        (argc > 2 && !control_want_number(s, argv[2], &seed))) {
        return false;
    }
    if (!(ask->per_hour > 0 && ask->per_hour <= 3600) || !(seed >= 0 && seed <= 1e9)) {
        control_say(s, "error from 0 to 3600 faults per hour and a seed from 0 to 1e9 would be "
                       "right, as in campaign 30 7 silent trip\n");
        return false;
    }
    ask->seed = (uint64_t)seed;
    for (int i = 3; i < argc; i++) {
        if (!faults_known(argv[i], why)) {
            control_say(s, "error %s\n", why);
            return false;
        }
        (void)snprintf(ask->fault[ask->faults++], CAMPAIGN_WORD, "%s", argv[i]);
    }
    return true;
}

void control_campaign(struct session *s, int argc, char **argv)
{
    struct campaign *c = s->control->of.campaign;
    struct campaign_ask ask = {.least_s = campaign_least_s, .most_s = campaign_most_s};
    if (argc > 1 && strcmp(argv[1], "off") == 0) {
        campaign_end(c);
    } else if (argc > 1) {
        if (!want_campaign(s, argc, argv, &ask)) {
            return;
        }
        campaign_begin(c, &ask);
    }
    control_say(s, "ok %d %d\n", c->begun, c->given_up);
}
