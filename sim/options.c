/* The command line of `kilnwatt sim`: one table row per option. */
#include "sim/options.h"
#include "sim/faults.h"
#include "sim/link.h"
#include "sim/setup.h"
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: kilnwatt sim PARK.yaml [options]\n"
    "\n"
    "Plays a whole park over Modbus TCP and RTU: plants, device firmware, weather, loads, and "
    "a "
    "referee.\n"
    "\n"
    "  --speed N        N simulated seconds per second, above 0 up to 1000 (1), or lockstep: "
    "as\n"
    "                   fast as the controller on --control asks for time, the same on each "
    "run\n"
    "  --seed N         of all random draws (1)\n"
    "  --start TIME     ISO 8601, as in 2025-07-14T05:00:00+08:00 (now)\n"
    "  --series F.csv   recorded powers, weather or prices; may be repeated, the last one "
    "wins\n"
    "  --rtu PATH=DEVICE[:UNIT],...[@9600,8N1,10]\n"
    "                   puts devices on a serial bus too: a pseudo-terminal with PATH as its "
    "link,\n"
    "                   bits take their time, answers begin 10 ms after the request's gap\n"
    "  --rtu-tcp [HOST:]PORT=DEVICE[:UNIT],...\n"
    "                   and on RTU frames over TCP; both may be repeated, 16 in all\n"
    "  --control PATH   control socket: status, get, set, inject, clear, campaign, judge, ...\n"
    "  --devices DIR    device profiles (../devices beside the park file, else etc/devices)\n"
    "  --hours H        stop after H simulated hours (never)\n"
    "  --report FILE    the referee's figures as JSON, written at the end\n"
    "  --quiet          no list of what is served, no table at the end\n"
    "  --faults         print the table of faults that can be injected, and end\n"
    "\n"
    "Batteries, PV, wind, chargers and the grid connection advance in steps of 0.1 s up to "
    "x100,\n"
    "0.2 s up to x400, else 0.5 s; everything else once per simulated second.\n"
    "\n"
    "examples:\n"
    "  kilnwatt sim etc/parks/ceramics.yaml\n"
    "  kilnwatt sim etc/parks/small.yaml --speed 60 --start 2025-07-14T05:00:00+08:00 \\\n"
    "      --control run/sim.sock --hours 24 --report day.json\n"
    "  kilnwatt sim etc/parks/small.yaml --rtu run/bus1=pcc,bess1:2@19200,8E1\n"
    "  echo 'inject pv1 late:700 for 60' | nc -NU run/sim.sock\n"
    "  echo 'inject bess1 L1:200,50 for 60' | nc -NU run/sim.sock\n"
    "\n"
    "faults of links, by id or name; they hit the named device's port and buses, if these are\n"
    "T Modbus TCP, R RTU over TCP, S serial:\n";

static void print_links(void)
{
    for (int i = 0; i < LINK_FAULTS; i++) {
        char use[96];
        enum link_fault f = (enum link_fault)i;
        unsigned on = link_fault_kinds(f);
        printf("  %c%c%c %-34s %s\n", on & LINK_TCP ? 'T' : '-', on & LINK_RTU_TCP ? 'R' : '-',
               on & LINK_SERIAL ? 'S' : '-', link_fault_use(f, use, sizeof use),
               link_fault_what(f));
    }
}

enum option_kind { TEXT, NUMBER, COUNT };
static const struct row {
    const char *name;
    enum option_kind kind;
    size_t offset;
    double min, max; /* NUMBER; min itself is excluded */
} rows[] = {
    {"--speed",   NUMBER, offsetof(struct sim_options, speed),   0, 1000},
    {"--seed",    COUNT,  offsetof(struct sim_options, seed),    0, 0   },
    {"--start",   TEXT,   offsetof(struct sim_options, start),   0, 0   },
    {"--control", TEXT,   offsetof(struct sim_options, control), 0, 0   },
    {"--report",  TEXT,   offsetof(struct sim_options, report),  0, 0   },
    {"--hours",   NUMBER, offsetof(struct sim_options, hours),   0, 1e6 },
};

static int wrong(const char *what, const char *value, const char *right)
{
    fprintf(stderr, "kilnwatt sim: %s \"%s\": %s; see kilnwatt sim --help\n", what, value,
            right);
    return 2;
}

static int take(struct sim_options *o, const struct row *r, const char *value)
{
    char *field = (char *)o + r->offset, *end;
    if (r->kind == TEXT) {
        *(const char **)(void *)field = value;
        return -1;
    }
    if (r->kind == COUNT) {
        uint64_t v = strtoull(value, &end, 10);
        if (end == value || *end || *value == '-') {
            return wrong(r->name, value, "a whole number from 0 on would be right");
        }
        *(uint64_t *)(void *)field = v;
        return -1;
    }
    double v = strtod(value, &end);
    if (end == value || *end || !isfinite(v) || v <= r->min || v > r->max) {
        char right[80];
        snprintf(right, sizeof right, "a number above %g and at most %g would be right", r->min,
                 r->max);
        return wrong(r->name, value, right);
    }
    *(double *)(void *)field = v;
    return -1;
}

static int take_wire(struct sim_options *o, const char *name, const char *value)
{
    if (o->wires == WIRES_MAX) {
        return wrong(name, value, "at most 16 further wires");
    }
    o->wire[o->wires++] = (struct wire_ask){strcmp(name, "--rtu") == 0, value};
    return -1;
}

static int take_named(struct sim_options *o, const char *name, const char *value)
{
    if (strcmp(name, "--speed") == 0 && strcmp(value, "lockstep") == 0) {
        o->lockstep = true;
        o->speed = 1;
        return -1;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return take(o, &rows[i], value);
        }
    }
    if (strcmp(name, "--devices") == 0) {
        snprintf(o->devices, sizeof o->devices, "%s", value);
        return -1;
    }
    if (strcmp(name, "--rtu") == 0 || strcmp(name, "--rtu-tcp") == 0) {
        return take_wire(o, name, value);
    }
    if (strcmp(name, "--series") != 0) {
        return wrong("option", name, "no such option");
    }
    if (o->series_n == SIM_SERIES_MAX) {
        return wrong(name, value, "at most 8 series files");
    }
    o->series[o->series_n++] = value;
    return -1;
}

int sim_options_read(struct sim_options *o, int argc, char **argv)
{
    *o = (struct sim_options){.speed = 1, .seed = 1};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            printf("%s", usage);
            print_links();
            return 0;
        }
        if (strcmp(argv[i], "--faults") == 0) {
            faults_print(stdout);
            print_links();
            return 0;
        }
        if (strcmp(argv[i], "--quiet") == 0) {
            o->quiet = true;
        } else if (argv[i][0] != '-') {
            if (o->park) {
                return wrong("argument", argv[i], "one park file is enough");
            }
            o->park = argv[i];
        } else if (i + 1 == argc) {
            return wrong("option", argv[i], "its value is missing, or there is no such option");
        } else {
            int status = take_named(o, argv[i], argv[i + 1]);
            if (status >= 0) {
                return status;
            }
            i++;
        }
    }
    if (!o->park) {
        fprintf(stderr, "%s", usage);
        return 2;
    }
    if (o->lockstep && !o->control) {
        return wrong("--speed", "lockstep", "needs --control PATH, where time is asked for");
    }
    if (o->lockstep && o->wires) {
        return wrong("--speed", "lockstep", "goes with TCP alone, without --rtu and --rtu-tcp");
    }
    if (!o->devices[0]) {
        setup_find_devices(o->park, o->devices, sizeof o->devices);
    }
    return -1;
}
