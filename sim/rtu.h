/* Modbus RTU: frames and the time that they take on a serial line. Pure; used by the
 * simulator's serial and RTU-over-TCP wires. Source: Modbus over Serial Line V1.02, sections
 * 2.5.1 (frame, gaps), 6.2.2 (CRC). */
#ifndef KILNWATT_SIM_RTU_H
#define KILNWATT_SIM_RTU_H

#include "controller/base/clock.h"

enum {
    RTU_LEN_MIN = 4, /* unit, function, CRC */
    RTU_LEN_MAX = 256,
    RTU_UNIT_MAX = 247,
    RTU_BAUD_MIN = 300,
    RTU_BAUD_MAX = 115200
};

/* How a line is set. */
struct rtu_line {
    int baud;          /* bits/s, a standard one of RTU_BAUD_MIN..RTU_BAUD_MAX */
    char check;        /* parity: 'N', 'E' or 'O' */
    int stops;         /* stop bits, 1 or 2 */
    int turnaround_ms; /* from the gap behind a request to the answer's first bit */
};

/* Reads "9600", "9600,8N1" or "9600,8N1,10" (turnaround in ms, 0..1000) over what the line
 * already holds. ERR_RANGE, ERR_UNKNOWN_KEY; the line is then as it was. */
must_check enum err rtu_line_parse(struct rtu_line *line, const char *text);
/* Time of n characters: a start bit, eight data bits, parity, stop bits each. */
mono_t rtu_chars(const struct rtu_line *line, int n);
/* Silence that ends a frame: 3.5 characters, 1.75 ms above 19 200 baud. */
mono_t rtu_gap(const struct rtu_line *line);
/* CRC-16 (polynomial 0xA001 reflected, start 0xFFFF) of data[n]; sent low byte first. */
uint16_t rtu_crc(const uint8_t *data, size_t n);
/* true if the last two of n bytes are the CRC of those before, and n is a frame's length. */
bool rtu_whole(const uint8_t *frame, size_t n);
/* Puts the CRC behind n bytes; returns the new length. */
size_t rtu_seal(uint8_t *frame, size_t n);

#endif
