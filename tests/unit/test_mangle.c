/* Tests of sim/mangle.c: what each fault of the protocol does to the bytes of an answer, and
 * that a device without faults is left alone. */
#include "sim/mangle.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* A set with one fault on. */
static struct fault_set one(enum fault_id id, double first, double second)
{
    struct fault_set s = {.active = 1};
    s.of[id] = (struct fault_state){
        .on = true, .arg = {first, second}
    };
    rng_init(&s.rng, 1, "meter", "faults");
    return s;
}

/* A unit with two devices behind it that have the same fault: it counts once. */
static struct mangle with(enum fault_id id, double first)
{
    struct mangle m = {0};
    struct fault_set s = one(id, first, 0);
    mangle_add(&m, &s);
    mangle_add(&m, &s);
    return m;
}

static void leaves_alone(void **state)
{
    (void)state;
    struct fault_set s = fault_none;
    struct mangle m = {0}, nothing = {0};
    uint8_t head[7] = {0, 255, 0, 0, 0, 5, 255}, pdu[] = {3, 2, 0x12, 0x34},
            junk[MANGLE_JUNK_MAX];
    mangle_add(&m, &s);
    assert_memory_equal(&m, &nothing, sizeof m);
    assert_int_equal(mangle_refuses(&s, pdu, sizeof pdu), 0);
    mangle_pdu(&m, pdu, sizeof pdu);
    mangle_mbap(&m, head);
    assert_memory_equal(pdu, ((uint8_t[]){3, 2, 0x12, 0x34}), 4);
    assert_memory_equal(head, ((uint8_t[]){0, 255, 0, 0, 0, 5, 255}), 7);
    assert_int_equal(mangle_junk(&m, &s.rng, junk), 0);
}

static void heads(void **state)
{
    (void)state;
    uint8_t head[7] = {0, 255, 0, 0, 0, 5, 255};
    struct mangle m = with(FAULT_WRONG_TRANSACTION, 0);
    mangle_mbap(&m, head);
    assert_memory_equal(head, ((uint8_t[]){1, 0, 0, 0, 0, 5, 255}), 7);
    m = with(FAULT_WRONG_UNIT, 0);
    mangle_mbap(&m, head);
    assert_int_equal(head[6], 0);
}

static void bodies(void **state)
{
    (void)state;
    uint8_t read[] = {3, 2, 0, 1}, write[] = {6, 0, 1, 0, 1};
    struct mangle m = with(FAULT_BYTE_COUNT, -3);
    mangle_pdu(&m, read, sizeof read);
    mangle_pdu(&m, write, sizeof write);
    assert_int_equal(read[1], 255); /* below 0 it wraps, as a byte does */
    assert_int_equal(write[1], 0);  /* has no count */
    m = with(FAULT_WRONG_FUNCTION, 0);
    const uint8_t fc[][2] = {
        {3,  4 },
        {4,  3 },
        {6,  1 },
        {16, 23}
    };
    for (size_t i = 0; i < sizeof fc / sizeof *fc; i++) {
        read[0] = fc[i][0];
        mangle_pdu(&m, read, sizeof read);
        assert_int_equal(read[0], fc[i][1]);
    }
}

static void refuses_one_register(void **state)
{
    (void)state;
    struct fault_set s = one(FAULT_EXCEPTION, 4, 100);
    const struct {
        uint8_t pdu[5];
        int code;
    } rows[] = {
        {{3, 0, 99, 0, 1},  0},
        {{3, 0, 99, 0, 2},  4},
        {{3, 0, 100, 0, 1}, 4},
        {{3, 0, 101, 0, 9}, 0},
        {{6, 0, 100, 0, 0}, 4},
        {{6, 0, 99, 0, 2},  0}, /* 2 is what is written */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(mangle_refuses(&s, rows[i].pdu, 5), rows[i].code);
    }
    assert_int_equal(mangle_refuses(&s, (uint8_t[]){3, 0}, 2), 0); /* no address to look at */
    s = one(FAULT_EXCEPTION, 2, -1);
    assert_int_equal(mangle_refuses(&s, (uint8_t[]){0x41}, 1), 2);
}

/* The share is kept, and the same draws come again. */
static void busy_by_chance(void **state)
{
    (void)state;
    int n[2] = {0};
    for (int run = 0; run < 2; run++) {
        struct fault_set s = one(FAULT_BUSY, 0.3, 0);
        for (int i = 0; i < 10000; i++) {
            n[run] += mangle_refuses(&s, (uint8_t[]){3, 0, 0, 0, 1}, 5) == 6;
        }
    }
    assert_int_equal(n[0], n[1]);
    assert_in_range(n[0], 2850, 3150);
}

static void ways_of_sending(void **state)
{
    (void)state;
    struct mangle m = {0};
    struct fault_set s = one(FAULT_SPLIT, 3, 100);
    uint8_t junk[2][MANGLE_JUNK_MAX];
    mangle_add(&m, &s);
    assert_true(m.piece == 3 && m.gap_ms == 100);
    s = one(FAULT_LATE, 700, 0);
    mangle_add(&m, &s);
    s = one(FAULT_LATE, 200, 0);
    mangle_add(&m, &s);
    assert_int_equal(m.late_ms, 700); /* the slowest device behind a unit counts */
    s = one(FAULT_DRIP, 0, 0);
    mangle_add(&m, &s);
    assert_true(m.piece == 1 && m.gap_ms == 400);
    for (int i = 0; i < 2; i++) {
        s = one(FAULT_JUNK, MANGLE_JUNK_MAX, 0);
        mangle_add(&m, &s);
        assert_int_equal(mangle_junk(&m, &s.rng, junk[i]), MANGLE_JUNK_MAX);
    }
    assert_memory_equal(junk[0], junk[1], MANGLE_JUNK_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_alone),   cmocka_unit_test(heads),
        cmocka_unit_test(bodies),         cmocka_unit_test(refuses_one_register),
        cmocka_unit_test(busy_by_chance), cmocka_unit_test(ways_of_sending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
