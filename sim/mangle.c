/* Faults of the protocol, byte by byte. Runs in the simulator. */
#include "sim/mangle.h"
#include "sim/pdu.h"

enum { DRIP_GAP_MS = 400 };

static int whole(const struct fault_set *s, enum fault_id id, int n)
{
    return (int)s->of[id].arg[n];
}

void mangle_add(struct mangle *m, const struct fault_set *s)
{
    if (!s->active) {
        return;
    }
    int late_ms = (int)fault_arg(s, FAULT_LATE, 0), junk = (int)fault_arg(s, FAULT_JUNK, 0);
    m->silent |= fault_is(s, FAULT_SILENT);
    m->reset |= fault_is(s, FAULT_RESET);
    m->twice |= fault_is(s, FAULT_DUPLICATE);
    m->late_ms = late_ms > m->late_ms ? late_ms : m->late_ms;
    m->wrong_transaction |= fault_is(s, FAULT_WRONG_TRANSACTION);
    m->wrong_unit |= fault_is(s, FAULT_WRONG_UNIT);
    m->wrong_function |= fault_is(s, FAULT_WRONG_FUNCTION);
    m->count_off = (int)fault_arg(s, FAULT_BYTE_COUNT, m->count_off);
    m->junk = junk > m->junk ? junk : m->junk;
    if (fault_is(s, FAULT_SPLIT)) {
        m->piece = whole(s, FAULT_SPLIT, 0);
        m->gap_ms = whole(s, FAULT_SPLIT, 1);
    }
    if (fault_is(s, FAULT_DRIP)) {
        m->piece = 1;
        m->gap_ms = DRIP_GAP_MS;
    }
}

/* true if a request touches this register. */
static bool touches(const uint8_t *pdu, size_t len, int reg)
{
    if (len < 5) {
        return false;
    }
    int addr = pdu[1] << 8 | pdu[2];
    bool many = pdu[0] != 5 && pdu[0] != 6 && pdu[0] != 22;
    int n = many ? pdu[3] << 8 | pdu[4] : 1;
    return reg >= addr && reg < addr + n;
}

int mangle_refuses(struct fault_set *s, const uint8_t *pdu, size_t len)
{
    if (fault_is(s, FAULT_EXCEPTION)) {
        int reg = whole(s, FAULT_EXCEPTION, 1);
        if (reg < 0 || touches(pdu, len, reg)) {
            return whole(s, FAULT_EXCEPTION, 0);
        }
    }
    if (fault_is(s, FAULT_BUSY) && rng_uniform(&s->rng) < fault_arg(s, FAULT_BUSY, 0)) {
        return PDU_BUSY;
    }
    return PDU_OK;
}

void mangle_pdu(const struct mangle *m, uint8_t *pdu, size_t len)
{
    bool reads = pdu[0] >= 1 && pdu[0] <= 4;
    if (reads && len > 1) {
        pdu[1] = (uint8_t)(pdu[1] + m->count_off);
    }
    if (m->wrong_function) {
        pdu[0] ^= 0x07; /* 3 and 4 change places, 6 becomes 1, 16 becomes 23 */
    }
}

void mangle_mbap(const struct mangle *m, uint8_t *head)
{
    if (m->wrong_transaction) {
        head[0] = (uint8_t)(head[0] + (head[1] == 0xff));
        head[1]++;
    }
    if (m->wrong_unit) {
        head[6]++;
    }
}

size_t mangle_junk(const struct mangle *m, struct rng *draws, uint8_t *out)
{
    for (int i = 0; i < m->junk; i++) {
        out[i] = (uint8_t)rng_u64(draws);
    }
    return (size_t)m->junk;
}
