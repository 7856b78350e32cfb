/* Tests of sim/pdu.c: each function code's answers byte by byte, and each of its exceptions. */
#include "sim/pdu.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* A space of eight registers and eight coils from address 100 on; writes to 107 are refused. */
struct box {
    uint16_t reg[8], coil[8];
};

static int box_read(void *unit, enum pdu_table t, int addr, int n, uint16_t *word)
{
    struct box *b = unit;
    if (addr < 100 || addr + n > 108) {
        return PDU_ILLEGAL_ADDRESS;
    }
    const uint16_t *from = t == TABLE_COIL || t == TABLE_DISCRETE ? b->coil : b->reg;
    memcpy(word, from + addr - 100, (size_t)n * sizeof *word);
    return PDU_OK;
}

static int box_write(void *unit, enum pdu_table t, int addr, int n, const uint16_t *word)
{
    struct box *b = unit;
    if (addr < 100 || addr + n > 107) {
        return PDU_ILLEGAL_ADDRESS;
    }
    memcpy((t == TABLE_COIL ? b->coil : b->reg) + addr - 100, word, (size_t)n * sizeof *word);
    return PDU_OK;
}

static const struct pdu_space space = {box_read, box_write};

struct row {
    const char *name;
    uint8_t req[16];
    size_t len;
    uint8_t rsp[16];
    size_t rsp_len;
};

static const struct row rows[] = {
    {"read 2 coils",                 {1, 0, 101, 0, 2},                 5,  {1, 1, 1},                      3},
    {"read inputs",                  {2, 0, 100, 0, 8},                 5,  {2, 1, 2},                      3},
    {"read 2 registers",             {3, 0, 100, 0, 2},                 5,  {3, 4, 0x12, 0x34, 0, 7},       6},
    {"read an input register",       {4, 0, 101, 0, 1},                 5,  {4, 2, 0, 7},                   4},
    {"coil on",                      {5, 0, 100, 0xff, 0},              5,  {5, 0, 100, 0xff, 0},           5},
    {"coil with another value",      {5, 0, 100, 1, 0},                 5,  {0x85, 3},                      2},
    {"one register",                 {6, 0, 102, 0xab, 0xcd},           5,  {6, 0, 102, 0xab, 0xcd},        5},
    {"a register that is not there", {6, 0, 107, 0, 1},                 5,  {0x86, 2},                      2},
    {"three coils",                  {15, 0, 100, 0, 3, 1, 5},          7,  {15, 0, 100, 0, 3},             5},
    {"coils, bad byte count",        {15, 0, 100, 0, 3, 2, 5},          7,  {0x8f, 3},                      2},
    {"two registers",                {16, 0, 100, 0, 2, 4, 0, 1, 0, 2}, 10, {16, 0, 100, 0, 2},             5},
    {"registers, bad byte count",    {16, 0, 100, 0, 2, 3, 0, 1, 0, 2}, 10, {0x90, 3},                      2},
    {"mask",                         {22, 0, 100, 0, 0xf0, 0, 0x05},    7,  {22, 0, 100, 0, 0xf0, 0, 0x05}, 7},
    {"write then read",
     {23, 0, 100, 0, 1, 0, 100, 0, 1, 2, 0x55, 0x66},
     12,                                                                    {23, 2, 0x55, 0x66},
     4                                                                                                       },
    {"nothing",                      {3, 0, 100, 0, 0},                 5,  {0x83, 3},                      2},
    {"126 registers",                {3, 0, 100, 0, 126},               5,  {0x83, 3},                      2},
    {"2001 bits",                    {1, 0, 0, 0x07, 0xd1},             5,  {0x81, 3},                      2},
    {"past the end",                 {3, 0xff, 0xff, 0, 2},             5,  {0x83, 2},                      2},
    {"outside",                      {3, 0, 99, 0, 2},                  5,  {0x83, 2},                      2},
    {"too short",                    {3, 0, 100, 0},                    4,  {0x83, 3},                      2},
    {"too long",                     {6, 0, 100, 0, 1, 0},              6,  {0x86, 3},                      2},
    {"unknown function",             {0x41},                            1,  {0xc1, 1},                      2},
    {"device identification",        {0x2b, 14, 1, 0},                  4,  {0xab, 1},                      2},
};

static void answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        struct box b = {
            {0x1234, 7},
            {0,      1}
        };
        uint8_t out[PDU_LEN_MAX];
        size_t n = pdu_answer(&space, &b, r->req, r->len, out);
        if (n != r->rsp_len || memcmp(out, r->rsp, n) != 0) {
            fail_msg("%s: %zu bytes, %02x %02x", r->name, n, out[0], out[1]);
        }
    }
}

static void writes_land(void **state)
{
    (void)state;
    struct box b = {
        {0x1234, 7},
        {0     }
    };
    uint8_t out[PDU_LEN_MAX];
    const uint8_t mask[] = {22, 0, 100, 0, 0xf0, 0, 0x05}; /* and 00f0, or 0005 */
    pdu_answer(&space, &b, mask, sizeof mask, out);
    assert_int_equal(b.reg[0], 0x0035);
    const uint8_t coils[] = {15, 0, 100, 0, 3, 1, 5};
    pdu_answer(&space, &b, coils, sizeof coils, out);
    assert_int_equal(b.coil[0], 1);
    assert_int_equal(b.coil[1], 0);
    assert_int_equal(b.coil[2], 1);
}

static void knows_writers(void **state)
{
    (void)state;
    for (int fc = 0; fc < 256; fc++) {
        int want = fc == 5 || fc == 6 || fc == 15 || fc == 16 || fc == 22;
        assert_int_equal(pdu_writes((uint8_t)fc) != 0, want);
    }
}

/* No request of any content makes an answer shorter than two bytes or longer than a PDU. */
/* From so many bytes of a request its length is known; fewer ask for more. */
static void tells_lengths(void **state)
{
    (void)state;
    const struct {
        uint8_t req[16];
        size_t have, len;
    } asks[] = {
        {{3},                             1,  5  },
        {{6, 0, 1},                       3,  5  },
        {{22},                            1,  7  },
        {{16, 0, 135, 0, 1},              5,  6  },
        {{16, 0, 135, 0, 1, 2},           6,  8  },
        {{15, 0, 0, 0, 9, 2, 0, 0},       8,  8  },
        {{23, 0, 0, 0, 1, 0, 0, 0, 1},    9,  10 },
        {{23, 0, 0, 0, 1, 0, 0, 0, 2, 4}, 10, 14 },
        {{16, 255, 255, 255, 255, 255},   6,  261},
        {{0x41, 0, 0},                    3,  0  },
        {{0},                             0,  0  },
    };
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
        assert_int_equal(pdu_request_len(asks[i].req, asks[i].have), asks[i].len);
    }
}

static void any_bytes(void **state)
{
    (void)state;
    uint64_t x = 88172645463325252u; /* xorshift64, seed fixed */
    struct box b = {{0}, {0}};
    for (int i = 0; i < 200000; i++) {
        uint8_t req[PDU_LEN_MAX], out[PDU_LEN_MAX];
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        size_t len = 1 + x % 20;
        for (size_t k = 0; k < len; k++) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            req[k] = (uint8_t)(k == 0 && x & 256 ? 1 + x % 23 : x);
        }
        size_t n = pdu_answer(&space, &b, req, len, out);
        assert_in_range(n, 2, PDU_LEN_MAX);
        assert_true((out[0] & 0x7f) == (req[0] & 0x7f));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),       cmocka_unit_test(writes_land),
        cmocka_unit_test(knows_writers), cmocka_unit_test(tells_lengths),
        cmocka_unit_test(any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
