/* Query parameters with their checks: each function answers the call with a problem and returns
 * false when something is wrong. Runs in the web role. */
#ifndef KILNWATT_WEB_QUERY_H
#define KILNWATT_WEB_QUERY_H

#include "controller/web/web.h"

struct query_ask {
    struct http_call *call;
    const char *const *known; /* names of all parameters */
    int n;
};

/* Refuses parameters that are not known. */
bool query_names(struct query_ask *q);
/* A time (ISO 8601); *out stays as it is where the parameter is absent. */
bool query_time(struct query_ask *q, const char *key, wall_t *out);
/* An integer in lo..hi; as above. */
bool query_int(struct query_ask *q, const char *key, const int range[2], int *out);
/* A text of at most cap-1 bytes; as above. */
bool query_text(struct query_ask *q, const char *key, char *out, size_t cap);

#endif
