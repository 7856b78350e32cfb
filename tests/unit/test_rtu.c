/* Tests of sim/rtu.c: published frames, the time that they take, and how a line is written. */
#include "sim/rtu.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct rtu_line line_of(int baud, char check, int stops)
{
    return (struct rtu_line){baud, check, stops, 10};
}

/* 02 07 41 12: the example of Modbus over Serial Line V1.02, section 6.2.2. */
static void knows_the_crc(void **state)
{
    (void)state;
    uint8_t example[8] = {0x02, 0x07};
    assert_int_equal(rtu_seal(example, 2), 4);
    assert_int_equal(example[2], 0x41);
    assert_int_equal(example[3], 0x12);
    assert_true(rtu_whole(example, 4));
    for (int bit = 0; bit < 32; bit++) {
        example[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(rtu_whole(example, 4));
        example[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(rtu_crc((const uint8_t *)"123456789", 9), 0x4b37); /* CRC-16/MODBUS */
}

static void knows_a_frames_length(void **state)
{
    (void)state;
    uint8_t f[RTU_LEN_MAX + 2];
    memset(f, 0x55, sizeof f);
    assert_false(rtu_whole(f, rtu_seal(f, 1)));
    assert_true(rtu_whole(f, rtu_seal(f, 2)));
    assert_true(rtu_whole(f, rtu_seal(f, RTU_LEN_MAX - 2)));
    assert_false(rtu_whole(f, rtu_seal(f, RTU_LEN_MAX - 1)));
}

/* 20 registers at 9600 8N1: 8 + 45 characters, two gaps, 10 ms: 13.8 reads a second. */
static void takes_its_time(void **state)
{
    (void)state;
    struct rtu_line l = line_of(9600, 'N', 1);
    assert_int_equal(rtu_chars(&l, 96).us, 100000);
    assert_int_equal(rtu_gap(&l).us, 3645);
    int64_t us = rtu_chars(&l, 8 + 45).us + 2 * rtu_gap(&l).us + 10000;
    assert_true(us > 72000 && us < 73000);
    l = line_of(2400, 'E', 1);
    assert_int_equal(rtu_chars(&l, 24).us, 110000);
    l = line_of(9600, 'O', 2);
    assert_int_equal(rtu_chars(&l, 96).us, 120000);
    l = line_of(19200, 'N', 1);
    assert_int_equal(rtu_gap(&l).us, 1822);
    l = line_of(115200, 'N', 1);
    assert_int_equal(rtu_gap(&l).us, 1750);
}

static void reads_a_line(void **state)
{
    (void)state;
    const struct {
        const char *text;
        enum err e;
        struct rtu_line is;
    } rows[] = {
        {"9600",           ERR_OK,          {9600, 'N', 1, 10} },
        {"19200,8E1",      ERR_OK,          {19200, 'E', 1, 10}},
        {"115200,8O2,0",   ERR_OK,          {115200, 'O', 2, 0}},
        {"",               ERR_UNKNOWN_KEY, {0}                },
        {"fast",           ERR_UNKNOWN_KEY, {0}                },
        {"9600,",          ERR_UNKNOWN_KEY, {0}                },
        {"9600,8N",        ERR_UNKNOWN_KEY, {0}                },
        {"9600,8N1,",      ERR_UNKNOWN_KEY, {0}                },
        {"9600,8N1,10ms",  ERR_UNKNOWN_KEY, {0}                },
        {"9601",           ERR_RANGE,       {0}                },
        {"-9600",          ERR_RANGE,       {0}                },
        {"9600,7E1",       ERR_RANGE,       {0}                },
        {"9600,8M1",       ERR_RANGE,       {0}                },
        {"9600,8N3",       ERR_RANGE,       {0}                },
        {"9600,8N1,-1",    ERR_RANGE,       {0}                },
        {"9600,8N1,10000", ERR_RANGE,       {0}                },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rtu_line start = line_of(4800, 'N', 1), l = start;
        assert_int_equal(rtu_line_parse(&l, rows[i].text), rows[i].e);
        const struct rtu_line *want = rows[i].e ? &start : &rows[i].is;
        assert_int_equal(l.baud, want->baud);
        assert_int_equal(l.check, want->check);
        assert_int_equal(l.stops, want->stops);
        assert_int_equal(l.turnaround_ms, want->turnaround_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_crc),
        cmocka_unit_test(knows_a_frames_length),
        cmocka_unit_test(takes_its_time),
        cmocka_unit_test(reads_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
