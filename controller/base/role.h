/* The five roles and their supervisor: names and numbers. Used everywhere; owns nothing. */
#ifndef KILNWATT_BASE_ROLE_H
#define KILNWATT_BASE_ROLE_H

enum role {
    ROLE_SUPERVISOR,
    ROLE_PARK,
    ROLE_FIELD,
    ROLE_PLAN,
    ROLE_STORE,
    ROLE_WEB,
    ROLE_COUNT
};

/* "park" ...; never NULL. */
const char *role_name(enum role r);
/* ROLE_COUNT if unknown. */
enum role role_from_name(const char *name);

#endif
