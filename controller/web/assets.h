/* The dashboard's files, embedded in the executable by etc/embed. Constant data; used in the
 * web role. */
#ifndef KILNWATT_WEB_ASSETS_H
#define KILNWATT_WEB_ASSETS_H

#include <stddef.h>

struct asset {
    const char *path; /* "/index.html"; NULL ends the table */
    const char *type; /* content type */
    const unsigned char *data;
    size_t len;
};
extern const struct asset assets_table[];

#endif
