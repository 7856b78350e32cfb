/* Transformer of the grid connection: losses and temperature. */
#include "sim/plant_trafo.h"
#include "tests/unit/test_plant_near.h"

static void transformer(void **state)
{
    (void)state;
    struct plant_trafo_params par = plant_trafo_defaults(1600);
    struct plant_trafo t;
    assert_int_equal(plant_trafo_init(&t, &par, 25), ERR_OK);
    struct plant_trafo_in in = {.kw = 1280, .kvar = -960, .ambient_degc = 25};
    plant_trafo_step(&t, &in, 1);
    assert_near(t.load_pu, 1, 1e-12);
    assert_near(t.loss_kw, 13, 1e-12);
    assert_near(t.kw, -13, 1e-12);
    plant_trafo_step(&t, &in, 5400);
    assert_near(t.degc, 25 + 80 * (1 - exp(-5401.0 / 5400)), 1e-9);
    in.kw = 0;
    in.kvar = 800;
    plant_trafo_step(&t, &in, 1);
    assert_near(t.loss_kw, 2 + 11 * 0.25, 1e-12);
    par.kva = 0;
    assert_int_equal(plant_trafo_init(&t, &par, 25), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transformer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
