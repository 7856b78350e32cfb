/* Names of the roles. Used everywhere; owns nothing. */
#include "controller/base/role.h"
#include <stddef.h>
#include <string.h>

static const char *const names[ROLE_COUNT] = {
    [ROLE_SUPERVISOR] = "supervisor", [ROLE_PARK] = "park",
    [ROLE_FIELD] = "field",           [ROLE_PLAN] = "plan",
    [ROLE_STORE] = "store",           [ROLE_WEB] = "web",
};

const char *role_name(enum role r)
{
    unsigned index = (unsigned)r;
    return index < ROLE_COUNT ? names[index] : "unknown";
}

enum role role_from_name(const char *name)
{
    for (int i = 0; name != NULL && i < ROLE_COUNT; i++) {
        if (strcmp(names[i], name) == 0) {
            return (enum role)i;
        }
    }
    return ROLE_COUNT;
}
