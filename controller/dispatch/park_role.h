/* Entry of the park role. */
#ifndef KILNWATT_DISPATCH_PARK_ROLE_H
#define KILNWATT_DISPATCH_PARK_ROLE_H

/* argv[0] is the role's name; returns the exit status. */
int park_role_main(int argc, char **argv);

#endif
