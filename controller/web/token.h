/* The operator's token: made at the first start, kept in the state directory, shown to nobody.
 * Runs in the web role; owns nothing. */
#ifndef KILNWATT_WEB_TOKEN_H
#define KILNWATT_WEB_TOKEN_H

#include "controller/base/err.h"
#include <stddef.h>

/* Reads dir/token, or makes it (256 random bits in hexadecimal, mode 0600). out: 65 bytes.
 * ERR_SYNTAX: the file holds something else; ERR_IO. */
must_check enum err token_load(const char *dir, char *out, size_t cap);

#endif
