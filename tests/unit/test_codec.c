/* Registers to values and back: types, word orders, scale factors, masks, maps, limits. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/profile.h"
#include <math.h>
#include <string.h>

static const struct rating rated = {.rated_kw = 200, .rated_heat_kw = 50};

static struct profile_point plain(enum reg_type t)
{
    return (struct profile_point){.type = t, .scale = 1, .sf_addr = -1, .mask = UINT64_MAX};
}

static double decoded(const struct profile_point *pt, const uint16_t *word, int sf)
{
    double x = NAN;
    assert_int_equal(profile_decode(pt, &rated, word, sf, &x), ERR_OK);
    return x;
}

static void types_and_orders(void **state)
{
    const struct {
        enum reg_type type;
        enum word_order order;
        uint16_t word[4];
        double value;
    } rows[] = {
        {REG_U16, WORDS_HIGH_FIRST, {0xFFFF},         65535             },
        {REG_I16, WORDS_HIGH_FIRST, {0xFFFF},         -1                },
        {REG_U32, WORDS_HIGH_FIRST, {1, 2},           65538             },
        {REG_U32, WORDS_LOW_FIRST,  {2, 1},           65538             },
        {REG_I32, WORDS_LOW_FIRST,  {0xFFFE, 0xFFFF}, -2                },
        {REG_U64, WORDS_HIGH_FIRST, {0, 1, 0, 5},     4294967301.0      },
        {REG_U64, WORDS_LOW_FIRST,  {5, 0, 1, 0},     4294967301.0      },
        {REG_F32, WORDS_HIGH_FIRST, {0x42F6, 0xE979}, 123.45600128173828},
        {REG_F32, WORDS_LOW_FIRST,  {0xE979, 0x42F6}, 123.45600128173828},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct profile_point pt = plain(rows[i].type);
        pt.words = rows[i].order;
        uint16_t back[4] = {0};
        assert_true(decoded(&pt, rows[i].word, 0) == rows[i].value);
        assert_int_equal(profile_encode(&pt, &rated, rows[i].value, 0, back), ERR_OK);
        assert_memory_equal(back, rows[i].word, 2 * (size_t)reg_words(rows[i].type));
    }
}

static void scales(void **state)
{
    struct profile_point pt = plain(REG_I16);
    (void)state;
    pt.scale = 0.001;
    pt.sf_addr = 1;
    assert_true(fabs(decoded(&pt, (uint16_t[]){1234}, 2) - 123.4) < 1e-9);
    assert_true(fabs(decoded(&pt, (uint16_t[]){1234}, -1) - 0.1234) < 1e-12);
    struct profile_point share = plain(REG_U16);
    share.scale = -0.01;
    share.by = BY_RATED_KW;
    share.offset = 1;
    assert_true(fabs(decoded(&share, (uint16_t[]){50}, 0) + 99) < 1e-9);
}

static void not_implemented(void **state)
{
    struct profile_point pt = plain(REG_I16);
    double x = 5;
    (void)state;
    pt.has_absent = true;
    pt.absent = 0x8000;
    assert_int_equal(profile_decode(&pt, &rated, (uint16_t[]){0x8000}, 0, &x), ERR_RANGE);
    pt = plain(REG_F32);
    assert_int_equal(profile_decode(&pt, &rated, (uint16_t[]){0x7FC0, 0}, 0, &x), ERR_RANGE);
    pt = plain(REG_I16);
    pt.sf_addr = 9; /* a scale factor that is none: 0x8000 */
    assert_int_equal(profile_decode(&pt, &rated, (uint16_t[]){1}, -32768, &x), ERR_RANGE);
    assert_true(x == 5);
}

static void maps_and_masks(void **state)
{
    struct profile_point pt = plain(REG_U16);
    double x = 0;
    uint16_t word[4] = {0x00F0};
    (void)state;
    pt.mask = 5;
    pt.maps = 4;
    pt.map[0] = (struct reg_map){0, 0};
    pt.map[1] = (struct reg_map){4, 2};
    pt.map[2] = (struct reg_map){1, 5};
    pt.map[3] = (struct reg_map){4, 3}; /* shown as on */
    assert_true(decoded(&pt, (uint16_t[]){0xFFF6}, 0) == 2);
    assert_int_equal(profile_decode(&pt, &rated, (uint16_t[]){5}, 0, &x), ERR_NOT_FOUND);
    assert_int_equal(profile_encode(&pt, &rated, 3, 0, word), ERR_OK);
    assert_int_equal(word[0], 0x00F4); /* the other bits stay */
    assert_int_equal(profile_encode(&pt, &rated, 7, 0, word), ERR_RANGE);
    struct profile_point bit = plain(REG_BIT);
    bit.bit = 3;
    assert_true(decoded(&bit, (uint16_t[]){8}, 0) == 1);
    assert_int_equal(profile_encode(&bit, &rated, 0, 0, word), ERR_OK);
    assert_int_equal(profile_encode(&bit, &rated, 1, 0, word), ERR_OK);
    assert_int_equal(word[0], 0x00FC);
    struct profile_point high = plain(REG_U16);
    high.mask = 0xFF00; /* a byte: rounded to its own step */
    high.scale = 1.0 / 256;
    word[0] = 0;
    assert_int_equal(profile_encode(&high, &rated, 49.6, 0, word), ERR_OK);
    assert_int_equal(word[0], 50 << 8);
}

static void refuses_what_does_not_fit(void **state)
{
    struct profile_point pt = plain(REG_I16);
    uint16_t word[4] = {0};
    (void)state;
    assert_int_equal(profile_encode(&pt, &rated, 32767.4, 0, word), ERR_OK);
    assert_int_equal(profile_encode(&pt, &rated, 32768, 0, word), ERR_RANGE);
    assert_int_equal(profile_encode(&pt, &rated, -32769, 0, word), ERR_RANGE);
    assert_int_equal(profile_encode(&pt, &rated, NAN, 0, word), ERR_RANGE);
    pt = plain(REG_F32);
    assert_int_equal(profile_encode(&pt, &rated, 1e39, 0, word), ERR_RANGE);
    pt = plain(REG_U16);
    pt.by = BY_RATED_KW;
    assert_int_equal(profile_encode(&pt, &(struct rating){.rated_kw = 0}, 1, 0, word),
                     ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_and_orders),          cmocka_unit_test(scales),
        cmocka_unit_test(not_implemented),           cmocka_unit_test(maps_and_masks),
        cmocka_unit_test(refuses_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
