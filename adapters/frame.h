/* Modbus requests and answers as seen from a client: what is asked, how long an answer must be,
 * and whether an answer belongs to what was asked. Pure; used in the field role. Source: Modbus
 * Application Protocol V1.1b3, Modbus Messaging on TCP/IP V1.0b. */
#ifndef KILNWATT_ADAPTERS_FRAME_H
#define KILNWATT_ADAPTERS_FRAME_H

#include "controller/base/err.h"
#include <stddef.h>
#include <stdint.h>

enum {
    FRAME_LEN_MAX = 260, /* of a whole TCP frame */
    FRAME_LEN_MIN = 9,   /* an exception; no frame is shorter */
    FRAME_READ_MAX = 125,
    FRAME_WRITE_MAX = 123
};

/* One request. fc 1..4 read `count` bits or registers; 5 and 6 write word[0]; 16 writes
 * word[count]. */
struct frame_ask {
    uint8_t unit, fc;
    uint16_t addr, count;
    uint16_t word[FRAME_WRITE_MAX];
};
/* What came back. Bits are words 0 or 1. */
struct frame_answer {
    int exception; /* exception code, 0 = none */
    int words;
    uint16_t word[FRAME_READ_MAX];
};

/* Unit and PDU of a request into raw[FRAME_LEN_MAX]; returns the length. The request must be
 * valid. */
size_t frame_build(const struct frame_ask *ask, uint8_t *raw);
/* Length of the frame that starts with these n bytes: 0 = more bytes are needed to tell, -1 =
 * no frame that a client may take (protocol, length and function do not agree). */
int frame_length(const uint8_t *bytes, size_t n);
/* Transaction number of a frame of at least two bytes. */
uint16_t frame_transaction(const uint8_t *bytes);
/* Takes an answer apart, len = frame_length(). transaction: the request's. ERR_PROTOCOL when
 * any of transaction, protocol, length, unit, function, byte count, echoed address or echoed
 * value is not what was asked for; ERR_EXCEPTION with out->exception set. */
must_check enum err frame_check(const struct frame_ask *ask, uint16_t transaction,
                                const uint8_t *bytes, size_t len, struct frame_answer *out);

#endif
