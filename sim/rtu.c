/* Frames and timing of Modbus RTU. Runs in the simulator; owns nothing. */
#include "sim/rtu.h"
#include <stdio.h>
#include <string.h>

enum { FIXED_GAP_ABOVE_BAUD = 19200, FIXED_GAP_US = 1750, TURNAROUND_MS_MAX = 1000 };

static bool standard_baud(int baud)
{
    static const int known[] = {RTU_BAUD_MIN, 600,   1200,  2400,  4800,
                                9600,         19200, 38400, 57600, RTU_BAUD_MAX};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i] == baud) {
            return true;
        }
    }
    return false;
}

enum err rtu_line_parse(struct rtu_line *line, const char *text)
{
    struct rtu_line l = *line;
    int data = 8, end = 0;
    int got = sscanf(text, "%6d%n,%1d%c%1d%n,%5d%n", &l.baud, &end, &data, &l.check, &l.stops,
                     &end, &l.turnaround_ms, &end);
    if (got < 1 || got == 2 || got == 3 || text[end]) {
        return ERR_UNKNOWN_KEY;
    }
    bool good = standard_baud(l.baud) && data == 8 && strchr("NEO", l.check) && l.check &&
                l.stops >= 1 && l.stops <= 2 && l.turnaround_ms >= 0 &&
                l.turnaround_ms <= TURNAROUND_MS_MAX;
    if (!good) {
        return ERR_RANGE;
    }
    *line = l;
    return ERR_OK;
}

mono_t rtu_chars(const struct rtu_line *line, int n)
{
    int bits = 1 + 8 + (line->check != 'N') + line->stops;
    return (mono_t){(int64_t)n * bits * 1000000 / line->baud};
}

mono_t rtu_gap(const struct rtu_line *line)
{
    if (line->baud > FIXED_GAP_ABOVE_BAUD) {
        return (mono_t){FIXED_GAP_US};
    }
    return (mono_t){rtu_chars(line, 7).us / 2};
}

uint16_t rtu_crc(const uint8_t *data, size_t n)
{
    unsigned crc = 0xffff;
    for (size_t i = 0; i < n; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1;
        }
    }
    return (uint16_t)crc;
}

bool rtu_whole(const uint8_t *frame, size_t n)
{
    if (n < RTU_LEN_MIN || n > RTU_LEN_MAX) {
        return false;
    }
    return rtu_crc(frame, n - 2) == (frame[n - 2] | frame[n - 1] << 8);
}

size_t rtu_seal(uint8_t *frame, size_t n)
{
    uint16_t crc = rtu_crc(frame, n);
    frame[n] = (uint8_t)crc;
    frame[n + 1] = (uint8_t)(crc >> 8);
    return n + 2;
}
