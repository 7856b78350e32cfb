/* Modbus PDUs. Runs in the simulator; owns nothing. One row per function code: how long its
 * request is, and what answers it. */
#include "sim/pdu.h"
#include <string.h>

struct call {
    const struct pdu_space *space;
    void *unit;
    const uint8_t *req;
    size_t len;
    uint8_t *rsp;
    size_t out; /* length of the answer */
};

static int get16(const uint8_t *p)
{
    return p[0] << 8 | p[1];
}

static void put16(uint8_t *p, int v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

/* Quantity first, then address: the order of the protocol's own state diagrams. */
static int check_span(int addr, int n, int n_max)
{
    if (n < 1 || n > n_max) {
        return PDU_ILLEGAL_VALUE;
    }
    return addr + n > 65536 ? PDU_ILLEGAL_ADDRESS : PDU_OK;
}

static int read_bits(struct call *c)
{
    int addr = get16(c->req + 1), n = get16(c->req + 3);
    uint16_t word[PDU_READ_BITS_MAX];
    int e = check_span(addr, n, PDU_READ_BITS_MAX);
    if (!e) {
        e = c->space->read(c->unit, c->req[0] == 1 ? TABLE_COIL : TABLE_DISCRETE, addr, n,
                           word);
    }
    if (e) {
        return e;
    }
    size_t bytes = (size_t)(n + 7) / 8;
    c->rsp[1] = (uint8_t)bytes;
    memset(c->rsp + 2, 0, bytes);
    for (int i = 0; i < n; i++) {
        if (word[i]) {
            c->rsp[2 + i / 8] = (uint8_t)(c->rsp[2 + i / 8] | 1 << i % 8);
        }
    }
    c->out = 2 + bytes;
    return PDU_OK;
}

static int read_words(struct call *c, enum pdu_table t, int addr, int n)
{
    uint16_t word[PDU_READ_REGS_MAX];
    int e = check_span(addr, n, PDU_READ_REGS_MAX);
    if (!e) {
        e = c->space->read(c->unit, t, addr, n, word);
    }
    if (e) {
        return e;
    }
    c->rsp[1] = (uint8_t)(2 * n);
    for (int i = 0; i < n; i++) {
        put16(c->rsp + 2 + 2 * i, word[i]);
    }
    c->out = 2 + 2 * (size_t)n;
    return PDU_OK;
}

static int read_regs(struct call *c)
{
    enum pdu_table t = c->req[0] == 3 ? TABLE_HOLDING : TABLE_INPUT;
    return read_words(c, t, get16(c->req + 1), get16(c->req + 3));
}

static int echo(struct call *c, size_t n)
{
    memcpy(c->rsp + 1, c->req + 1, n - 1);
    c->out = n;
    return PDU_OK;
}

static int write_coil(struct call *c)
{
    int v = get16(c->req + 3);
    if (v != 0 && v != 0xff00) {
        return PDU_ILLEGAL_VALUE;
    }
    uint16_t word = v != 0;
    int e = c->space->write(c->unit, TABLE_COIL, get16(c->req + 1), 1, &word);
    return e ? e : echo(c, 5);
}

static int write_reg(struct call *c)
{
    uint16_t word = (uint16_t)get16(c->req + 3);
    int e = c->space->write(c->unit, TABLE_HOLDING, get16(c->req + 1), 1, &word);
    return e ? e : echo(c, 5);
}

static int write_coils(struct call *c)
{
    int addr = get16(c->req + 1), n = get16(c->req + 3);
    size_t bytes = (size_t)(n + 7) / 8;
    int e = check_span(addr, n, PDU_WRITE_BITS_MAX);
    if (!e && (c->req[5] != bytes || c->len != 6 + bytes)) {
        e = PDU_ILLEGAL_VALUE;
    }
    if (e) {
        return e;
    }
    uint16_t word[PDU_WRITE_BITS_MAX];
    for (int i = 0; i < n; i++) {
        word[i] = (uint16_t)(c->req[6 + i / 8] >> i % 8 & 1);
    }
    e = c->space->write(c->unit, TABLE_COIL, addr, n, word);
    return e ? e : echo(c, 5);
}

/* Writes n registers whose bytes lie at data. */
static int put_regs(struct call *c, int addr, int n, const uint8_t *data)
{
    uint16_t word[PDU_WRITE_REGS_MAX];
    for (int i = 0; i < n; i++) {
        word[i] = (uint16_t)get16(data + 2 * i);
    }
    return c->space->write(c->unit, TABLE_HOLDING, addr, n, word);
}

static int write_regs(struct call *c)
{
    int addr = get16(c->req + 1), n = get16(c->req + 3);
    int e = check_span(addr, n, PDU_WRITE_REGS_MAX);
    if (!e && (c->req[5] != 2 * n || c->len != 6 + 2 * (size_t)n)) {
        e = PDU_ILLEGAL_VALUE;
    }
    if (!e) {
        e = put_regs(c, addr, n, c->req + 6);
    }
    return e ? e : echo(c, 5);
}

static int mask_reg(struct call *c)
{
    int addr = get16(c->req + 1), and_mask = get16(c->req + 3), or_mask = get16(c->req + 5);
    uint16_t word;
    int e = c->space->read(c->unit, TABLE_HOLDING, addr, 1, &word);
    if (!e) {
        word = (uint16_t)((word & and_mask) | (or_mask & ~and_mask));
        e = c->space->write(c->unit, TABLE_HOLDING, addr, 1, &word);
    }
    return e ? e : echo(c, 7);
}

static int read_write_regs(struct call *c)
{
    int from = get16(c->req + 1), wanted = get16(c->req + 3);
    int addr = get16(c->req + 5), n = get16(c->req + 7);
    int e = check_span(from, wanted, PDU_READ_REGS_MAX);
    if (!e) {
        e = check_span(addr, n, 121);
    }
    if (!e && (c->req[9] != 2 * n || c->len != 10 + 2 * (size_t)n)) {
        e = PDU_ILLEGAL_VALUE;
    }
    if (!e) {
        e = put_regs(c, addr, n, c->req + 10);
    }
    return e ? e : read_words(c, TABLE_HOLDING, from, wanted);
}

/* len: exact length of the request, or with `count` the least one. */
static const struct row {
    uint8_t fc;
    size_t len;
    size_t count; /* where the byte count of what follows it stands; 0 = nothing follows */
    int writes;
    int (*fn)(struct call *c);
} rows[] = {
    {1,  5,  0, 0, read_bits      },
    {2,  5,  0, 0, read_bits      },
    {3,  5,  0, 0, read_regs      },
    {4,  5,  0, 0, read_regs      },
    {5,  5,  0, 1, write_coil     },
    {6,  5,  0, 1, write_reg      },
    {15, 7,  5, 1, write_coils    },
    {16, 8,  5, 1, write_regs     },
    {22, 7,  0, 1, mask_reg       },
    {23, 12, 9, 0, read_write_regs},
};

static const struct row *find(uint8_t fc)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].fc == fc) {
            return &rows[i];
        }
    }
    return NULL;
}

size_t pdu_exception(uint8_t fc, int code, uint8_t *rsp)
{
    rsp[0] = (uint8_t)(fc | 0x80);
    rsp[1] = (uint8_t)code;
    return 2;
}

size_t pdu_answer(const struct pdu_space *space, void *unit, const uint8_t *req, size_t len,
                  uint8_t *rsp)
{
    const struct row *row = find(req[0]);
    if (!row) {
        return pdu_exception(req[0], PDU_ILLEGAL_FUNCTION, rsp);
    }
    if (row->count ? len < row->len : len != row->len) {
        return pdu_exception(req[0], PDU_ILLEGAL_VALUE, rsp);
    }
    struct call c = {space, unit, req, len, rsp, 0};
    rsp[0] = req[0];
    int e = row->fn(&c);
    return e ? pdu_exception(req[0], e, rsp) : c.out;
}

int pdu_writes(uint8_t fc)
{
    const struct row *row = find(fc);
    return row && row->writes;
}

size_t pdu_request_len(const uint8_t *req, size_t have)
{
    const struct row *row = have ? find(req[0]) : NULL;
    if (!row || !row->count) {
        return row ? row->len : 0;
    }
    return have > row->count ? row->count + 1 + req[row->count] : row->count + 1;
}
