/* A park's plants alone: see world_rig.h. */
#include "tests/support/world_rig.h"
#include "controller/base/civil.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

void world_rig_open(struct world_rig *r, const char *park, const char *start, double dt_s)
{
    struct doc_errors errors = {.count = 0};
    struct series_file *weather;
    struct world_setup setup = {.env = &r->env, .seed = 1, .dt_s = dt_s};
    memset(r, 0, sizeof *r);
    arena_init(&r->arena, 64u << 20);
    assert_int_equal(park_load(&r->arena, park, &r->park, &errors), ERR_OK);
    setup.park = r->park;
    assert_int_equal(civil_zone_set(r->park->zone), ERR_OK);
    assert_int_equal(civil_parse(start, &setup.start), ERR_OK);
    assert_int_equal(series_load(&r->arena, r->park->weather, &weather, &errors), ERR_OK);
    assert_int_equal(env_init(&r->env, &r->arena, r->park, 1, weather), ERR_OK);
    assert_int_equal(world_init(&r->world, &r->arena, &setup), ERR_OK);
}

void world_rig_close(struct world_rig *r)
{
    arena_fini(&r->arena);
}

double world_rig_get(const struct world_rig *r, const char *device, int row)
{
    return world_get(r->world, park_device(r->park, device), row);
}

void world_rig_run(struct world_rig *r, int s)
{
    double until_s = world_elapsed_s(r->world) + s - 1e-9;
    while (world_elapsed_s(r->world) < until_s) {
        world_step(r->world);
    }
}

void world_rig_rows(const struct world_rig *r, const char *device, bool writable)
{
    int d = park_device(r->park, device), settable = 0;
    const struct kind_def *k = dict_kind(r->park->device[d].kind);
    for (int row = 0; row < k->points; row++) {
        double lo, hi, v = world_get(r->world, d, row);
        park_point_range(r->park, park_point(r->park, d, row), &lo, &hi);
        settable += k->point[row].writable;
        assert_true(isnan(v) ? k->point[row].writable : v >= lo && v <= hi);
    }
    assert_int_equal(settable > 0, writable);
}
