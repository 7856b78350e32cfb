/* Ball mill: batch hours, pauses, least run, inrush. */
#include "sim/plant_mill.h"
#include "tests/unit/test_plant_near.h"

static struct plant_mill mill(void)
{
    struct plant_mill_params par = plant_mill_defaults(160, 10);
    struct plant_mill m;
    assert_int_equal(plant_mill_init(&m, &par), ERR_OK);
    return m;
}

static void run(struct plant_mill *m, bool on, double h)
{
    struct plant_mill_in in = {.run = on};
    for (int i = 0; i < (int)(h * 360); i++) {
        plant_mill_step(m, &in, 10);
    }
}

static void batch_with_pauses(void **state)
{
    (void)state;
    struct plant_mill m = mill();
    run(&m, true, 3);
    run(&m, false, 2);
    assert_int_equal(m.state, PLANT_OFF);
    assert_near(m.batch_h, 3, 0.01);
    run(&m, true, 4);
    run(&m, false, 1);
    run(&m, true, 12); /* stays done although still asked */
    assert_int_equal(m.batches, 1);
    assert_int_equal(m.pauses, 2);
    assert_near(m.batch_h, 10, 1e-9);
    assert_near(m.draw_kwh, 1600, 2); /* and three inrushes */
    assert_near(m.kw, 0, 0);
    run(&m, false, 0.1);
    run(&m, true, 1);
    assert_near(m.batch_h, 1, 0.01); /* a new batch */
    assert_int_equal(m.pauses, 0);
}

static void least_run_and_inrush(void **state)
{
    (void)state;
    struct plant_mill m = mill();
    struct plant_mill_in in = {.run = true};
    plant_mill_step(&m, &in, 1);
    assert_near(m.kw, -240, 1e-9);
    for (int i = 0; i < 5; i++) {
        plant_mill_step(&m, &in, 1);
    }
    assert_near(m.kw, -160, 1e-9);
    assert_near(m.kvar, -160 * tan(acos(0.86)), 1e-9);
    in.run = false;
    plant_mill_step(&m, &in, 1);
    assert_int_equal(m.state, PLANT_ON); /* one hour at least */
    for (int i = 0; i < 3600; i++) {
        plant_mill_step(&m, &in, 1);
    }
    assert_int_equal(m.state, PLANT_OFF);
    assert_near(m.batch_h, 1, 0.001);
    in.run = true;
    plant_mill_step(&m, &in, 1);
    in.trip = true;
    plant_mill_step(&m, &in, 1);
    assert_int_equal(m.state, PLANT_FAULT);
    in.trip = false;
    plant_mill_step(&m, &in, 1);
    assert_int_equal(m.state, PLANT_ON); /* the batch goes on */
    m.par.pf = 0;
    assert_int_equal(plant_mill_init(&m, &m.par), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch_with_pauses),
        cmocka_unit_test(least_run_and_inrush),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
