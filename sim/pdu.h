/* Modbus PDUs: one request in, one answer out, over any register space. Pure; used by the
 * simulator's server. Function codes 1-6, 15, 16, 22, 23; every other one is exception 1.
 * Source: Modbus Application Protocol V1.1b3, section 6 and 7. */
#ifndef KILNWATT_SIM_PDU_H
#define KILNWATT_SIM_PDU_H

#include <stddef.h>
#include <stdint.h>

enum {
    PDU_LEN_MAX = 253,
    PDU_READ_REGS_MAX = 125,
    PDU_READ_BITS_MAX = 2000,
    PDU_WRITE_REGS_MAX = 123,
    PDU_WRITE_BITS_MAX = 1968,
    PDU_WORDS_MAX = 2000
};
enum pdu_exception {
    PDU_OK = 0,
    PDU_ILLEGAL_FUNCTION = 1,
    PDU_ILLEGAL_ADDRESS = 2,
    PDU_ILLEGAL_VALUE = 3,
    PDU_DEVICE_FAILURE = 4,
    PDU_BUSY = 6,
    PDU_GATEWAY_TARGET = 11
};
enum pdu_table { TABLE_COIL, TABLE_DISCRETE, TABLE_HOLDING, TABLE_INPUT, TABLE_COUNT };

/* A register space. Both return a pdu_exception; addr + n never passes 65536. Bits are words 0
 * or 1. */
struct pdu_space {
    /* Reads n items from addr on into word[n]. */
    int (*read)(void *unit, enum pdu_table t, int addr, int n, uint16_t *word);
    /* Writes n items; all or nothing. t is TABLE_COIL or TABLE_HOLDING. */
    int (*write)(void *unit, enum pdu_table t, int addr, int n, const uint16_t *word);
};

/* Answers req[len] (function code first, len 1..253) into rsp[PDU_LEN_MAX]; returns the
 * answer's length, at least 2. */
size_t pdu_answer(const struct pdu_space *space, void *unit, const uint8_t *req, size_t len,
                  uint8_t *rsp);
/* The two bytes of an exception answer. */
size_t pdu_exception(uint8_t fc, int code, uint8_t *rsp);
/* true for function codes that write (5, 6, 15, 16, 22). */
int pdu_writes(uint8_t fc);
/* Length of the request that begins with req[have], as far as can be told: more than `have`
 * while bytes are missing. 0 for a function code that nobody knows, or without a byte. */
size_t pdu_request_len(const uint8_t *req, size_t have);

#endif
