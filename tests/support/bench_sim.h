/* A simulated park for tests, as studies have it: files, plants, firmware, referee. */
#ifndef KILNWATT_TESTS_SUPPORT_BENCH_SIM_H
#define KILNWATT_TESTS_SUPPORT_BENCH_SIM_H

#include "controller/base/arena.h"
#include "sim/setup.h"

/* Fails the test unless it can be built. Name, devices and a seed of 1 are filled in where the
 * question leaves them out; what is built lies in *a, which the caller closes. */
void bench_sim_open(struct arena *a, struct setup *set, struct setup_ask ask);

#endif
