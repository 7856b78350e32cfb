/* Coalescing reads and scheduling them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/poll.h"

static struct profile_point row(int fc, int addr, enum reg_type t, enum poll_class c)
{
    return (struct profile_point){
        .read_fc = fc, .addr = addr, .type = t, .poll = c, .sf_addr = -1, .scale = 1};
}

static struct profile six(int gap, int most)
{
    struct profile f = {.max_read = most, .max_gap = gap, .points = 6};
    f.point[0] = row(3, 100, REG_F32, POLL_FAST);
    f.point[1] = row(3, 102, REG_U16, POLL_FAST);
    f.point[2] = row(3, 105, REG_U16, POLL_FAST);
    f.point[3] = row(4, 100, REG_U16, POLL_FAST);
    f.point[4] = row(3, 101, REG_U16, POLL_SLOW); /* inside a fast block */
    f.point[5] = row(3, 300, REG_U16, POLL_NORMAL);
    return f;
}

/* Registers read in all and requests made. */
static void count(const struct poll *p, int *blocks, int *registers)
{
    uint32_t points = 0;
    *blocks = p->n;
    *registers = 0;
    for (int i = 0; i < p->n; i++) {
        *registers += p->block[i].count;
        assert_int_equal(points & p->block[i].points, 0);
        points |= p->block[i].points;
    }
    assert_int_equal(points, 0x3F);
}

static void coalesces(void **state)
{
    struct poll p;
    int blocks, registers;
    (void)state;
    struct profile f = six(0, 125);
    poll_build(&p, &f, 1, MONO_S(0));
    count(&p, &blocks, &registers);
    assert_int_equal(blocks, 4); /* 100-102, 105, FC4 100, 300 */
    assert_int_equal(registers, 6);
    f = six(2, 125);
    poll_build(&p, &f, 1, MONO_S(0));
    count(&p, &blocks, &registers);
    assert_int_equal(blocks, 3); /* across 103-104 */
    f = six(2, 3);
    poll_build(&p, &f, 1, MONO_S(0));
    count(&p, &blocks, &registers);
    assert_int_equal(blocks, 4);
}

static void with_its_scale_factor(void **state)
{
    struct poll p;
    struct profile f = {.max_read = 125, .max_gap = 0, .points = 1};
    (void)state;
    f.point[0] = row(3, 40155, REG_U16, POLL_NORMAL);
    f.point[0].sf_addr = 40173;
    poll_build(&p, &f, 1, MONO_S(0));
    assert_int_equal(p.n, 1);
    assert_int_equal(p.block[0].addr, 40155);
    assert_int_equal(p.block[0].count, 19);
}

static void keeps_periods(void **state)
{
    struct poll p;
    int asked[8] = {0};
    struct profile f = six(0, 125);
    (void)state;
    poll_build(&p, &f, 0.2, MONO_S(0));
    for (int ms = 0; ms < 10000; ms += 10) {
        for (int b = poll_next(&p, MONO_MS(ms)); b >= 0; b = poll_next(&p, MONO_MS(ms))) {
            p.block[b].seen = true;
            assert_int_equal(poll_asked(&p, b, MONO_MS(ms)), 0); /* none goes by unasked */
            asked[b]++;
        }
        assert_true(poll_due(&p).us > MONO_MS(ms).us);
    }
    for (int b = 0; b < p.n; b++) {
        assert_int_equal(asked[b], p.block[b].poll == POLL_FAST ? 50 : 10);
    }
    assert_true(poll_complete(&p));
}

/* However late, one turn is pending, not a heap of them. */
static void never_queues(void **state)
{
    struct poll p;
    struct profile f = six(0, 125);
    int turns = 0;
    (void)state;
    poll_build(&p, &f, 0.2, MONO_S(0));
    for (int b = poll_next(&p, MONO_S(500)); b >= 0; b = poll_next(&p, MONO_S(500))) {
        int64_t period_us = p.block[b].period.us;
        assert_int_equal(poll_asked(&p, b, MONO_S(500)), 500 * 1000000LL / period_us);
        turns++;
    }
    assert_int_equal(turns, p.n);
}

static void splits_what_is_refused(void **state)
{
    struct poll p;
    struct profile f = six(2, 125);
    (void)state;
    poll_build(&p, &f, 1, MONO_S(0));
    int n = p.n;
    for (int i = 0; i < 12; i++) { /* refuse whatever holds point 2 */
        for (int b = 0; b < p.n; b++) {
            if (p.block[b].points >> 2 & 1) {
                poll_refused(&p, b, &f);
                break;
            }
        }
    }
    int blocks, registers;
    count(&p, &blocks, &registers);
    assert_true(blocks > n);
    for (int b = 0; b < p.n; b++) {
        bool only = p.block[b].points == 1u << 2;
        assert_int_equal(p.block[b].refused, only);
        assert_int_equal(p.block[b].seen, only);
        assert_int_equal(p.block[b].period.us, MONO_S(only                             ? 10
                                                      : p.block[b].poll == POLL_NORMAL ? 1
                                                                                       : 1)
                                                   .us);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coalesces),
        cmocka_unit_test(with_its_scale_factor),
        cmocka_unit_test(keeps_periods),
        cmocka_unit_test(never_queues),
        cmocka_unit_test(splits_what_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
