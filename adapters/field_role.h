/* Entry point of the field role, which talks to the devices. */
#ifndef KILNWATT_ADAPTERS_FIELD_ROLE_H
#define KILNWATT_ADAPTERS_FIELD_ROLE_H

/* argv: as parsed by proc_role_init(); extra argument `--devices DIR` names the folder of the
 * profiles, by default `devices` beside the folder of the park file. Returns the exit status:
 * 0, 2 wrong use, 3 could not run. */
int field_role_main(int argc, char **argv);

#endif
