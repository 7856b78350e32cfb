/* The command line of `kilnwatt sim`. Runs once while booting; owns nothing but the struct. */
#ifndef KILNWATT_SIM_OPTIONS_H
#define KILNWATT_SIM_OPTIONS_H

#include "sim/wires.h"

enum { SIM_SERIES_MAX = 8, SIM_PATH_LEN = 512 };

struct sim_options {
    const char *park;
    double speed; /* 0 < speed <= 1000 */
    bool lockstep;
    uint64_t seed;
    const char *start;   /* ISO 8601, NULL = now */
    const char *control; /* path of the control socket, NULL = none */
    const char *report;  /* file, NULL = none */
    char devices[SIM_PATH_LEN];
    double hours; /* simulated; 0 = until stopped */
    bool quiet;
    int series_n;
    const char *series[SIM_SERIES_MAX];
    int wires;
    struct wire_ask wire[WIRES_MAX];
};

/* Returns -1 to go on, else the exit status: 0 after --help, 2 on wrong use (told on stderr).
 */
int sim_options_read(struct sim_options *o, int argc, char **argv);

#endif
