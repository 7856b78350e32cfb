/* `kilnwatt check FILE...`: validates park, device profile, tariff and scenario files. */
#ifndef KILNWATT_CLI_CHECK_H
#define KILNWATT_CLI_CHECK_H

#include "controller/base/doc.h"

/* Exit status: 0 all files are right, 1 one is wrong, 2 wrong use, 3 a file could not be read.
 * argv[0] is the command's own name. */
int check_main(int argc, char **argv);

/* Called with one sentence per key that a valid file leaves at its default. */
typedef void check_say(void *to, const char *text);
/* Says the defaults of a park or tariff document; nothing for other documents. */
void check_defaults(const struct doc *root, check_say *say, void *to);

#endif
