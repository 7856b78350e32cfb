/* Requests and answers byte by byte, and that no bytes at all pass the check by accident. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/frame.h"
#include <string.h>

static const struct frame_ask read3 = {.unit = 17, .fc = 3, .addr = 0x6B, .count = 3};
/* The example of the Modbus specification, section 6.3, behind a TCP header. */
static const uint8_t good[] = {0, 0, 0, 0, 0, 9, 17, 3, 6, 0x02, 0x2B, 0, 0, 0, 0x64};

static void builds(void **state)
{
    uint8_t raw[FRAME_LEN_MAX];
    (void)state;
    assert_int_equal(frame_build(&read3, raw), 6);
    assert_memory_equal(raw, ((uint8_t[]){17, 3, 0, 0x6B, 0, 3}), 6);
    struct frame_ask coil = {.unit = 1, .fc = 5, .addr = 2, .count = 1, .word = {1}};
    assert_int_equal(frame_build(&coil, raw), 6);
    assert_memory_equal(raw, ((uint8_t[]){1, 5, 0, 2, 0xFF, 0}), 6);
    struct frame_ask many = {
        .unit = 1, .fc = 16, .addr = 1, .count = 2, .word = {10, 0x102}
    };
    assert_int_equal(frame_build(&many, raw), 11);
    assert_memory_equal(raw, ((uint8_t[]){1, 16, 0, 1, 0, 2, 4, 0, 10, 1, 2}), 11);
}

static void tells_length(void **state)
{
    (void)state;
    for (size_t n = 0; n < FRAME_LEN_MIN; n++) {
        assert_int_equal(frame_length(good, n), 0);
    }
    assert_int_equal(frame_length(good, sizeof(good)), (int)sizeof(good));
    uint8_t bad[sizeof(good)];
    const struct {
        int at;
        uint8_t to;
    } lies[] = {
        {2, 1 },
        {3, 1 },
        {4, 2 },
        {5, 2 },
        {5, 10},
        {7, 9 },
        {8, 8 }
    };
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        memcpy(bad, good, sizeof(good));
        bad[lies[i].at] = lies[i].to;
        assert_int_equal(frame_length(bad, sizeof(bad)), -1);
    }
}

static void takes_apart(void **state)
{
    struct frame_answer a;
    (void)state;
    assert_int_equal(frame_check(&read3, 0, good, sizeof(good), &a), ERR_OK);
    assert_int_equal(a.words, 3);
    assert_int_equal(a.word[0], 0x22B);
    assert_int_equal(a.word[2], 0x64);
    const uint8_t refusal[] = {0, 0, 0, 0, 0, 3, 17, 0x83, 2};
    assert_int_equal(frame_check(&read3, 0, refusal, sizeof(refusal), &a), ERR_EXCEPTION);
    assert_int_equal(a.exception, 2);
    const struct frame_ask bits = {.unit = 1, .fc = 2, .addr = 0, .count = 10};
    const uint8_t ten[] = {0, 0, 0, 0, 0, 5, 1, 2, 2, 0x81, 0x02};
    assert_int_equal(frame_check(&bits, 0, ten, sizeof(ten), &a), ERR_OK);
    assert_int_equal(a.word[0], 1);
    assert_int_equal(a.word[7], 1);
    assert_int_equal(a.word[8], 0);
    assert_int_equal(a.word[9], 1);
}

/* Any single changed byte but those of the data makes it another answer. */
static void each_byte_counts(void **state)
{
    struct frame_answer a;
    uint8_t bytes[sizeof(good)];
    (void)state;
    for (size_t at = 0; at < 9; at++) {
        for (int flip = 1; flip < 256; flip++) {
            memcpy(bytes, good, sizeof(good));
            bytes[at] = (uint8_t)(bytes[at] ^ flip);
            assert_int_not_equal(frame_check(&read3, 0, bytes, sizeof(bytes), &a), ERR_OK);
        }
    }
    const struct frame_ask w = {.unit = 1, .fc = 6, .addr = 7, .count = 1, .word = {0x1234}};
    const uint8_t echo[] = {0, 0, 0, 0, 0, 6, 1, 6, 0, 7, 0x12, 0x34};
    assert_int_equal(frame_check(&w, 0, echo, sizeof(echo), &a), ERR_OK);
    for (size_t at = 0; at < sizeof(echo); at++) {
        memcpy(bytes, echo, sizeof(echo));
        bytes[at] ^= 1;
        assert_int_equal(frame_check(&w, 0, bytes, sizeof(echo), &a), ERR_PROTOCOL);
    }
}

static void random_bytes(void **state)
{
    uint32_t x = 20251125;
    struct frame_answer a;
    (void)state;
    for (int i = 0; i < 200000; i++) {
        uint8_t bytes[FRAME_LEN_MAX];
        for (size_t k = 0; k < sizeof(bytes); k++) {
            x ^= x << 13;
            x ^= x >> 17;
            x ^= x << 5;
            bytes[k] = (uint8_t)(x >> 24);
        }
        memset(bytes, 0, i % 2 == 0 ? 4 : 0); /* half of them past the first check */
        size_t n = x % (FRAME_LEN_MAX + 1);
        int len = frame_length(bytes, n);
        assert_true(len >= -1 && len <= FRAME_LEN_MAX);
        assert_int_not_equal(frame_check(&read3, 0, bytes, n, &a), ERR_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds),       cmocka_unit_test(tells_length),
        cmocka_unit_test(takes_apart),  cmocka_unit_test(each_byte_counts),
        cmocka_unit_test(random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
