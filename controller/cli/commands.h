/* Entry points of the sub-commands that live in this room; each gets argv[0] = its own name and
 * returns the exit status: 0 done, 1 the answer is no, 2 wrong use, 3 could not run. */
#ifndef KILNWATT_CLI_COMMANDS_H
#define KILNWATT_CLI_COMMANDS_H

int run_main(int argc, char **argv);
int demo_main(int argc, char **argv);
int study_main(int argc, char **argv);
int scenario_main(int argc, char **argv);
int plan_main(int argc, char **argv);
int weather_main(int argc, char **argv);
int status_main(int argc, char **argv);
int points_main(int argc, char **argv);
int dr_main(int argc, char **argv);
int set_main(int argc, char **argv);
int auto_main(int argc, char **argv);
int ack_main(int argc, char **argv);

#endif
