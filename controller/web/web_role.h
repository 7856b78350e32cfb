/* Entry point of the web role: HTTP API, live stream and dashboard. It has no way to a device;
 * what it wants of park it asks by message. */
#ifndef KILNWATT_WEB_WEB_ROLE_H
#define KILNWATT_WEB_WEB_ROLE_H

/* argv: as parsed by proc_role_init(). Returns the exit status: 0, 2 wrong use, 3 could not
 * run. */
int web_role_main(int argc, char **argv);

#endif
