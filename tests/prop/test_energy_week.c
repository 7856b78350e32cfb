/* A week of the small park with commands drawn at random: energy closes in each store to a
 * billionth of what went through it, and the devices' powers are what the PCC meter shows, in
 * each second. */
#include "sim/body.h"
#include "sim/plant_battery.h"
#include "sim/plant_tank.h"
#include "sim/setup.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DAYS = 7, COMMAND_S = 300 };
static const uint64_t seed = 20250714;

/* Power is set, machines are started and stopped, now and then one trips. */
static void command(struct setup *s, struct rng *draws)
{
    for (int i = 0; i < s->park->devices; i++) {
        const struct kind_def *k = dict_kind(s->park->device[i].kind);
        for (int row = 0; row < k->points; row++) {
            double lo, hi;
            if (k->point[row].writable && rng_uniform(draws) < 0.3) {
                park_point_range(s->park, park_point(s->park, i, row), &lo, &hi);
                world_command(s->world, i, row, rng_between(draws, lo, hi));
            }
        }
        if (rng_uniform(draws) < 0.01) {
            (void)world_trip(s->world, i, rng_between(draws, 1, 600));
        }
    }
}

static double not_metered_kw(const struct setup *s)
{
    double sum = world_get(s->world, s->park->pcc, P_KW) - world_loss_kw(s->world);
    for (int i = 0; i < s->park->devices; i++) {
        bool on_bus = dict_kind(s->park->device[i].kind)->on_bus;
        sum += on_bus ? world_get(s->world, i, P_KW) : 0;
    }
    return fabs(sum);
}

/* What the battery loses in a second besides its cells' and converter's loss: self-discharge of
 * what it held before, auxiliaries and cooling. */
static double beside_kwh(const struct plant_battery *b, double held_kwh)
{
    double leak_kw = b->par.self_discharge_pu_per_day * held_kwh / 24;
    return (leak_kw + b->par.aux_kw + b->cells.hvac_kw) / 3600;
}

static void a_week_closes(void **state)
{
    static const struct setup_ask ask = {.who = "test",
                                         .park = "etc/parks/small.yaml",
                                         .devices = "etc/devices",
                                         .start = "2025-07-14T00:00:00+08:00",
                                         .seed = 1,
                                         .dt_s = 1};
    static struct setup s;
    struct arena arena;
    struct rng draws;
    (void)state;
    print_message("seed %llu\n", (unsigned long long)seed);
    rng_init(&draws, seed, "test", "commands");
    arena_init(&arena, 256u << 20);
    assert_int_equal(setup_load(&s, &arena, &ask), 0);
    assert_int_equal(setup_build(&s, &arena, &ask), ERR_OK);
    const struct plant_battery *b = world_body(s.world, park_device(s.park, "bess1"))->plant;
    const struct plant_tank *t = world_body(s.world, s.park->tank)->plant;
    double b_begin_kwh = b->stored_kwh, b_loss_kwh = 0, t_begin_kwh = t->stored_kwh;
    for (int i = 0; i < DAYS * 86400; i++) {
        if (i % COMMAND_S == 0) {
            command(&s, &draws);
        }
        double held_kwh = b->stored_kwh;
        world_step(s.world);
        b_loss_kwh += b->loss_kw / 3600 + beside_kwh(b, held_kwh);
        assert_true(not_metered_kw(&s) < 1e-9);
    }
    double through_kwh = b->charge_kwh + b->discharge_kwh;
    double lack_kwh =
        b_begin_kwh + b->charge_kwh - b->discharge_kwh - b_loss_kwh - b->stored_kwh;
    print_message("battery: %.0f kWh through it, %.2e of them lack\n", through_kwh,
                  lack_kwh / through_kwh);
    assert_true(through_kwh > 1000 && fabs(lack_kwh) <= 1e-9 * through_kwh);
    lack_kwh = t_begin_kwh + t->in_kwh - t->served_kwh - t->loss_kwh - t->stored_kwh;
    print_message("tank: %.0f kWh through it, %.2e of them lack\n", t->in_kwh,
                  lack_kwh / t->in_kwh);
    assert_true(t->in_kwh > 1000 && fabs(lack_kwh) <= 1e-9 * t->in_kwh);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_week_closes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
