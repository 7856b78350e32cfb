/* `kilnwatt sim`: the whole park over Modbus TCP. */
#ifndef KILNWATT_SIM_SIM_MAIN_H
#define KILNWATT_SIM_SIM_MAIN_H

/* argv[0] is "sim". Returns the exit status: 0 done, 1 a file is wrong, 2 wrong use, 3 could
 * not run. */
int sim_main(int argc, char **argv);

#endif
