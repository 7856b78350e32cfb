/* A page for a browser in one file: a template among the dashboard's files with their contents
 * and the numbers put in, so that it needs neither another file nor a network. Used by the
 * command line only. */
#ifndef KILNWATT_CLI_PAGE_H
#define KILNWATT_CLI_PAGE_H

#include "controller/base/json.h"

struct page_ask {
    const char *name; /* of the template: "/plan.html" */
    const char *path; /* of the file to be written */
    size_t flags;     /* of jansson, for the numbers */
};
/* A line `@FILE` of the template stands for that file, `@data` for the numbers. data is given
 * up to the call, which may be NULL: ERR_NOMEM. ERR_IO. */
must_check enum err page_write(const struct page_ask *ask, json_t *data);

#endif
