/* The numbers of a status as one table: it writes the status in JSON and the metrics. Pure
 * data; used in the web role. */
#ifndef KILNWATT_WEB_FIELDS_H
#define KILNWATT_WEB_FIELDS_H

#include <stddef.h>

enum field_as { AS_DOUBLE, AS_U32, AS_U64 };
struct status_field {
    const char *name; /* JSON key; the metric is kilnwatt_<name> */
    enum field_as as;
    size_t offset; /* in struct msg_status */
    const char *about;
};
extern const struct status_field status_fields[];
extern const int status_fields_count;

struct msg_status;
/* Value of a field. */
double status_field_value(const struct status_field *f, const struct msg_status *s);

#endif
