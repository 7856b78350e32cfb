/* Building requests and checking answers, byte by byte: libmodbus 3.1.6 accepts a wrong unit, a
 * lying length and a wrong echo. Pure; runs in the field role. */
#include "adapters/frame.h"
#include <string.h>

enum { AT_PROTOCOL = 2, AT_LENGTH = 4, AT_UNIT = 6, AT_FUNCTION = 7, AT_DATA = 8 };

static unsigned get16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static void put16(uint8_t *p, unsigned x)
{
    p[0] = (uint8_t)(x >> 8);
    p[1] = (uint8_t)x;
}

size_t frame_build(const struct frame_ask *ask, uint8_t *raw)
{
    raw[0] = ask->unit;
    raw[1] = ask->fc;
    put16(raw + 2, ask->addr);
    put16(raw + 4, ask->count);
    if (ask->fc <= 4) {
        must(ask->fc >= 1 && ask->count >= 1 && ask->count <= FRAME_READ_MAX);
        return 6;
    }
    if (ask->fc == 5 || ask->fc == 6) {
        put16(raw + 4, ask->fc == 6 ? ask->word[0] : ask->word[0] != 0 ? 0xFF00u : 0);
        return 6;
    }
    must(ask->fc == 16 && ask->count >= 1 && ask->count <= FRAME_WRITE_MAX);
    raw[6] = (uint8_t)(ask->count * 2);
    for (size_t i = 0; i < ask->count; i++) {
        put16(raw + 7 + 2 * i, ask->word[i]);
    }
    return 7 + 2 * (size_t)ask->count;
}

/* Length of an answer by its function and byte count; 0 = no function that we ask for. */
static int length_by_function(const uint8_t *bytes)
{
    int fc = bytes[AT_FUNCTION];
    if (fc & 0x80) {
        return FRAME_LEN_MIN;
    }
    if (fc >= 1 && fc <= 4) {
        return 9 + bytes[AT_DATA];
    }
    return fc == 5 || fc == 6 || fc == 16 ? 12 : 0;
}

int frame_length(const uint8_t *bytes, size_t n)
{
    if (n >= 4 && get16(bytes + AT_PROTOCOL) != 0) {
        return -1;
    }
    if (n < 6) {
        return 0;
    }
    int len = 6 + (int)get16(bytes + AT_LENGTH);
    if (len < FRAME_LEN_MIN || len > FRAME_LEN_MAX) {
        return -1;
    }
    if (n < FRAME_LEN_MIN) {
        return 0;
    }
    return length_by_function(bytes) == len ? len : -1;
}

uint16_t frame_transaction(const uint8_t *bytes)
{
    return (uint16_t)get16(bytes);
}

static enum err check_read(const struct frame_ask *ask, const uint8_t *bytes,
                           struct frame_answer *out)
{
    size_t bits = ask->fc <= 2;
    size_t want = bits ? (ask->count + 7u) / 8u : 2u * ask->count;
    if (bytes[AT_DATA] != want) {
        return ERR_PROTOCOL;
    }
    const uint8_t *data = bytes + AT_DATA + 1;
    for (size_t i = 0; i < ask->count; i++) {
        out->word[i] =
            (uint16_t)(bits ? (unsigned)data[i / 8] >> (i % 8) & 1u : get16(data + 2 * i));
    }
    out->words = ask->count;
    return ERR_OK;
}

static enum err check_write(const struct frame_ask *ask, const uint8_t *bytes)
{
    uint8_t raw[FRAME_LEN_MAX];
    frame_build(ask, raw);
    /* address and value, or address and count */
    return memcmp(raw + 2, bytes + AT_DATA, 4) == 0 ? ERR_OK : ERR_PROTOCOL;
}

enum err frame_check(const struct frame_ask *ask, uint16_t transaction, const uint8_t *bytes,
                     size_t len, struct frame_answer *out)
{
    if (len < FRAME_LEN_MIN || frame_length(bytes, len) != (int)len ||
        frame_transaction(bytes) != transaction || bytes[AT_UNIT] != ask->unit ||
        (bytes[AT_FUNCTION] & 0x7F) != ask->fc) {
        return ERR_PROTOCOL;
    }
    out->exception = 0;
    out->words = 0;
    if (bytes[AT_FUNCTION] & 0x80) {
        out->exception = bytes[AT_DATA];
        return bytes[AT_DATA] == 0 ? ERR_PROTOCOL : ERR_EXCEPTION;
    }
    return ask->fc <= 4 ? check_read(ask, bytes, out) : check_write(ask, bytes);
}
