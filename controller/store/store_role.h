/* Entry point of the store role, the only writer of history, events, journal and states. */
#ifndef KILNWATT_STORE_STORE_ROLE_H
#define KILNWATT_STORE_STORE_ROLE_H

/* argv: as parsed by proc_role_init(). Returns the exit status: 0, 2 wrong use, 3 could not
 * run. */
int store_role_main(int argc, char **argv);

#endif
