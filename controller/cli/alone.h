/* That a controller is the only one of its park: two that steer the same devices would fight.
 * Used by `kilnwatt run` before anything is started; the claim is a lock that ends with the
 * process. */
#ifndef KILNWATT_CLI_ALONE_H
#define KILNWATT_CLI_ALONE_H

#include "controller/park/park.h"

/* Claims the state folder (a lock on `lock` in it; its descriptor stays open until the process
 * ends and is not inherited) and sees that nobody listens on the park's web address. Returns 0,
 * or 3 with a line on stderr. */
int alone_claim(const struct park *p, const char *state_dir);

#endif
