/* SHA-256 (FIPS 180-4) by OpenSSL, behind one file: its headers define names of ours
 * (ERR_STATE), so this header includes nothing of ours. Used by the recording; the library owns
 * the memory. */
#ifndef KILNWATT_SIM_SHA256_H
#define KILNWATT_SIM_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32 };

struct sha256;
/* NULL: no memory. */
struct sha256 *sha256_open(void);
/* NULL is allowed. */
void sha256_close(struct sha256 *h);
/* Both return false when the library fails, which it does only without memory. */
__attribute__((warn_unused_result)) bool sha256_add(struct sha256 *h, const void *data,
                                                    size_t len);
/* Of all that has been added; the digest goes on. */
__attribute__((warn_unused_result)) bool sha256_so_far(const struct sha256 *h,
                                                       uint8_t out[SHA256_BYTES]);

#endif
