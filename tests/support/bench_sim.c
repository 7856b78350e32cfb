/* Loads and builds. */
#include "tests/support/bench_sim.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

void bench_sim_open(struct arena *a, struct setup *set, struct setup_ask ask)
{
    ask.who = "test";
    ask.devices = "etc/devices";
    ask.seed = ask.seed ? ask.seed : 1;
    arena_init(a, 256u << 20);
    assert_int_equal(setup_load(set, a, &ask), 0);
    assert_int_equal(setup_build(set, a, &ask), ERR_OK);
}
