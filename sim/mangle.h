/* What faults do to the answers of a unit on the wire: refusals, wrong heads, junk, and how an
 * answer is sent. Works on bytes alone, for any framing. Runs in the simulator; owns nothing.
 */
#ifndef KILNWATT_SIM_MANGLE_H
#define KILNWATT_SIM_MANGLE_H

#include "sim/fault_set.h"
#include <stddef.h>
#include <stdint.h>

enum { MANGLE_JUNK_MAX = 64 };

/* What is wrong with the answers of a unit: the faults of all devices behind it, taken
 * together, so that two equal ones count once. */
struct mangle {
    bool silent, reset, twice;
    int late_ms;
    int piece;  /* bytes at a time, 0 = all */
    int gap_ms; /* between pieces */
    bool wrong_transaction, wrong_unit, wrong_function;
    int count_off; /* error of the byte count */
    int junk;      /* bytes before each answer */
};
void mangle_add(struct mangle *m, const struct fault_set *s);

/* Exception that a request (function code first) is answered by instead of being done; 0 =
 * none. */
int mangle_refuses(struct fault_set *s, const uint8_t *pdu, size_t len);
/* Spoils an answer's function code or byte count in place. */
void mangle_pdu(const struct mangle *m, uint8_t *pdu, size_t len);
/* Spoils an answer's MBAP header [7] in place. */
void mangle_mbap(const struct mangle *m, uint8_t *head);
/* Bytes that come before an answer; returns how many. out[MANGLE_JUNK_MAX]. */
size_t mangle_junk(const struct mangle *m, struct rng *draws, uint8_t *out);

#endif
