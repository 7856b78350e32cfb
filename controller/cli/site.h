/* What run and demo share: reading a park before anything is started, its folder, the
 * simulator's control socket. Used by the command line only. */
#ifndef KILNWATT_CLI_SITE_H
#define KILNWATT_CLI_SITE_H

#include "controller/park/park.h"

/* Reads a park and prints its errors. 0, or the exit status to end with. */
int site_load(struct arena *a, const char *path, struct park **out);
/* `given`, or run/<park name>; makes the folder. 0, or 3 with a line on stderr. */
int site_state_dir(const struct park *p, const char *given, char *out, size_t cap);
/* Asks a simulator's control socket one line; the answer without "ok ". ERR_IO, ERR_PROTOCOL.
 */
must_check enum err site_ask(const char *socket_path, const char *question, char *answer,
                             size_t cap);
/* Connects to a simulator's control socket; -1 with errno. */
int site_connect(const char *socket_path);
/* Absolute path of this executable. */
void site_exe(char *out, size_t cap);

#endif
